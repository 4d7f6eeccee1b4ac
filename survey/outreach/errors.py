"""What a channel's form can have wrong."""

from __future__ import annotations

from survey.errors import InputInvalid


class ChannelInvalid(InputInvalid):
    """`problems` names the fields and what is wrong with each: `missing`, `long`, `unknown`, `form`, `taken`."""

    def __init__(self, problems: dict[str, str]) -> None:
        listed = ", ".join(f"{field} ({problem})" for field, problem in problems.items())
        super().__init__(f"This channel cannot be kept as it is: {listed}.")
        self.problems = problems
