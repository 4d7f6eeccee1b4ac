"""What a page of themes says when an act cannot be done as it was asked."""

from __future__ import annotations

from collections.abc import Iterable

from survey.errors import Conflict, InputInvalid


class ActInvalid(InputInvalid):
    """An act that means nothing; pages say why by its `code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ActsClash(Conflict):
    """Somebody else acted on the same theme or statements since the writer looked: `events` are the numbers of those acts. `can_go_on`: it can be done all the same."""

    def __init__(self, events: Iterable[int], *, can_go_on: bool = True) -> None:
        super().__init__("Somebody else acted on this theme in the meantime.")
        self.events = list(events)
        self.can_go_on = can_go_on


class CannotUndo(Conflict):
    """Later acts build on this one; `events` are their numbers."""

    def __init__(self, events: Iterable[int]) -> None:
        super().__init__("Later acts build on this one. Undo them first.")
        self.events = list(events)


class CannotNow(Conflict):
    """An undo that cannot be done as things stand; pages say why by its `code`: `newer`, `busy`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NothingLeft(Conflict):
    """The statements are no longer where the writer saw them: withdrawn, or moved by somebody else."""

    def __init__(self) -> None:
        super().__init__("These statements are no longer here.")
