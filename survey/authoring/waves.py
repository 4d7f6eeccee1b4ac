"""Waves: the same survey once more. Starting the next one, taking it back while nobody has answered it, and telling what there is.

The number of the present wave stands in the survey's own row, which intake reads and holds (FOR SHARE) until its batch is
committed: starting a wave waits for the batches that are being written, and those that come after read the new number
(docs/decisions/0016-waves.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import msgspec

from survey import clock
from survey.audit.service import record_act
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.states import SurveyState
from survey.authoring.tables import Survey, Wave
from survey.db.columns import from_json, to_json
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid
from survey.i18n.speech import speech

FIRST = 1
USUAL_MINIMUM, USUAL_RISE = 30, 5
SMALLEST_MINIMUM = 10
"""The threshold below which numbers of people are not told, of analysis.statistics.disclosure, which lies above us."""
LARGEST_MINIMUM, LARGEST_RISE = 100_000, 50
LONGEST_NAME = 60

HasAnswers = Callable[[int], Awaitable[bool]]
"""Whether anybody answered in the wave of this number: answers lie above us. Asked inside the transaction."""


class WaveDraft(msgspec.Struct, frozen=True):
    """What somebody wants of the next wave; see tables.Wave. `rise` is in points."""

    channels: list[int] = []
    minimum: int = USUAL_MINIMUM
    rise: int = USUAL_RISE
    names: dict[str, str] = {}


class WaveView(msgspec.Struct, frozen=True):
    """`ended_on` is the day on which the next one started, or on which the survey closed; None while it goes on.

    The first wave starts when the survey opens: by nobody, aimed at all channels, and without an alert, as nothing went before.
    """

    number: int
    started_on: dt.date | None
    ended_on: dt.date | None
    started_by: str = ""
    names: dict[str, str] = {}
    channels: list[int] = []
    minimum: int = USUAL_MINIMUM
    rise: int = USUAL_RISE

    def label(self, language: str) -> str:
        """`Wave 2`, with its name where it has one."""
        number = speech("desk", language).gettext("Wave %(number)s", number=self.number)
        name = self.names.get(language) or next(iter(self.names.values()), "")
        return f"{number} · {name}" if name else number


def draft_problems(draft: WaveDraft, channels: Collection[int]) -> dict[str, str]:
    """What is wrong, by field: a code for the page. `channels` are those of the survey that are in use."""
    problems = {}
    if not set(draft.channels) <= set(channels):
        problems["channels"] = "unknown"
    if not SMALLEST_MINIMUM <= draft.minimum <= LARGEST_MINIMUM:
        problems["minimum"] = "range"
    if not 1 <= draft.rise <= LARGEST_RISE:
        problems["rise"] = "range"
    problems |= {f"name_{tag}": "too_long" for tag, name in draft.names.items() if len(name) > LONGEST_NAME}
    return problems


async def list_waves(survey: SurveyView) -> list[WaveView]:
    """All that there are, the first one first. Of a draft there is none yet."""
    if survey.state == SurveyState.DRAFT:
        return []
    rows = await Wave.select().where(Wave.survey == survey.id).order_by(Wave.number)
    starts = [row["started_on"] for row in rows]
    last = survey.closed_on if survey.state == SurveyState.CLOSED else None
    first, *later = [*starts, last]
    return [
        WaveView(number=FIRST, started_on=survey.opened_on, ended_on=first),
        *(_view(row, ended_on) for row, ended_on in zip(rows, later, strict=True)),
    ]


async def find_wave(survey: SurveyView, number: int) -> WaveView | None:
    return next((wave for wave in await list_waves(survey) if wave.number == number), None)


async def start_wave(
    survey: SurveyView, draft: WaveDraft, *, channels: Collection[int], has_answers: HasAnswers, actor: str, role: str, on: dt.date | None = None
) -> int:
    """Begin the wave after `survey.wave` and return its number. Of two who do so at once, one does.

    `on` is another day than today, for what is told afterwards. Raises Conflict for a draft, where the wave has moved on, and
    where the present one has no answers: a wave after it could be compared with nothing.
    """
    problems = draft_problems(draft, channels)
    if problems:
        raise InputInvalid(f"A wave cannot start like this: {', '.join(sorted(problems))}.")
    if survey.state == SurveyState.DRAFT:
        raise Conflict(f"{survey.slug} has not been opened. Its first wave begins when it opens.")
    number = survey.wave + 1
    async with write_transaction(Survey):
        await _move(survey, number)
        if not await has_answers(survey.wave):
            raise Conflict(f"Nobody has answered wave {survey.wave} of {survey.slug} yet.")
        await Wave.insert(
            Wave(
                survey=survey.id, number=number, started_on=on or clock.today(), started_by=actor, names=to_json(draft.names),
                channels=to_json(sorted(draft.channels)), minimum=draft.minimum, rise=draft.rise,
            )
        )  # fmt: skip
        await record_act(
            actor=actor, role=role, action="wave.started", subject=f"survey:{survey.id}",
            data={"wave": number, "channels": sorted(draft.channels), "minimum": draft.minimum, "rise": draft.rise},
        )  # fmt: skip
    return number


async def take_back_wave(survey: SurveyView, number: int, *, has_answers: HasAnswers, actor: str, role: str) -> None:
    """Go back to the wave before, as long as nobody has answered in this one. Raises Conflict for any wave but the last."""
    if number != survey.wave or number == FIRST:
        raise Conflict(f"Wave {number} of {survey.slug} is not the last one any more.")
    async with write_transaction(Survey):
        await _move(survey, number - 1)
        if await has_answers(number):
            raise Conflict(f"Somebody has answered wave {number} of {survey.slug}. It cannot be taken back any more.")
        await Wave.delete().where((Wave.survey == survey.id) & (Wave.number == number))
        await record_act(actor=actor, role=role, action="wave.taken_back", subject=f"survey:{survey.id}", data={"wave": number})


async def _move(survey: SurveyView, number: int) -> None:
    """First in the transaction: on PostgreSQL it waits for the batches that hold the survey's row, and later ones wait for it."""
    moved = await Survey.update({Survey.wave: number}).where((Survey.id == survey.id) & (Survey.wave == survey.wave)).returning(Survey.id)
    if not moved:
        now = await find_survey(survey.slug)
        raise Conflict(f"Somebody else was faster: {survey.slug} is in wave {now.wave} now.")


def _view(row: dict[str, Any], ended_on: dt.date | None) -> WaveView:
    return WaveView(
        number=row["number"], started_on=row["started_on"], ended_on=ended_on, started_by=row["started_by"],
        names=from_json(row["names"]), channels=from_json(row["channels"]), minimum=row["minimum"], rise=row["rise"],
    )  # fmt: skip
