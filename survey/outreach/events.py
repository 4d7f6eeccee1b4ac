"""Meetings: planned at the desk, told to residents, and how many may come. Counters alone: nobody is registered."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from typing import Any

import msgspec

from survey import clock
from survey.accounts.queries import area_and_above
from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.authoring.queries import find_survey_by_id
from survey.db.bulk import addition, write_rows
from survey.db.columns import from_json, to_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, LinshengError, NotAllowed, NotFound
from survey.i18n.languages import interface_language, is_spoken, languages
from survey.outreach.tables import Event, EventCount

CHINESE = "zh-Hans"
LONGEST = 120
NEXT = 3

COMING, INTERPRETER = "coming", "interpreter"

Wish = str | None
"""What a browser is counted for: None is not coming, "" is coming, a tag is coming and needing an interpreter for it."""


class Wording(msgspec.Struct, frozen=True):
    """A text and the language that it is in: the reader's, or Chinese."""

    text: str
    language: str


class EventDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting as somebody typed it. Texts by language tag; `starts_at` is None where no moment could be read."""

    survey_id: int | None
    area_id: int | None
    names: dict[str, str]
    places: dict[str, str]
    starts_at: dt.datetime | None
    languages_spoken: list[str]


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting for a reader of one language."""

    id: int
    public_id: str
    survey_id: int | None
    area_id: int | None
    names: dict[str, str]
    places: dict[str, str]
    name: Wording
    place: Wording
    starts_at: dt.datetime
    languages_spoken: list[str]
    is_cancelled: bool

    @property
    def other_languages(self) -> list[str]:
        """Those for which somebody may need an interpreter there."""
        return [tag for tag in languages() if tag not in self.languages_spoken]

    @property
    def version(self) -> str:
        """Another one when anything has been changed."""
        content = [self.survey_id, self.area_id, self.names, self.places, self.starts_at.timestamp(), self.languages_spoken]
        return hashlib.sha256(to_json(content).encode()).hexdigest()[:16]


class EventCounts(msgspec.Struct):
    coming: int = 0
    interpreters: dict[str, int] = {}


class DraftProblem(msgspec.Struct, frozen=True):
    """`field` as the desk's form names it; `code`: needed, too_long, past."""

    field: str
    code: str


class EventInvalid(InputInvalid):
    """What was typed is no meeting yet."""

    def __init__(self, problems: list[DraftProblem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = problems


class EventOver(LinshengError):
    """The meeting has begun, or was cancelled."""

    status = 410


# Reading


async def next_events(survey_id: int, area_id: int | None, language: str, now: dt.datetime) -> list[EventView]:
    """The next meetings for somebody who answered this survey and lives in this area: its own, and those for everybody.

    A meeting of a district is for its communities too. Who did not say where they live is taken to live in the survey's area.
    """
    if area_id is None:
        area_id = (await find_survey_by_id(survey_id)).area_id
    areas = await area_and_above(area_id) if area_id is not None else []
    here = Event.area.is_null() if not areas else Event.area.is_null() | Event.area.is_in(areas)
    rows = await (
        Event.select()
        .where((Event.starts_at > now) & (Event.is_cancelled == False))  # noqa: E712 -- piccolo's condition
        .where((Event.survey.is_null() | (Event.survey == survey_id)) & here)
        .order_by(Event.starts_at, Event.id)
        .limit(NEXT)
    )
    return [_view(row, language) for row in rows]


async def coming_events(language: str, now: dt.datetime) -> list[EventView]:
    """Every meeting that lies ahead, the next first; the cancelled ones too, for those who meant to come."""
    rows = await Event.select().where(Event.starts_at > now).order_by(Event.starts_at, Event.id)
    return [_view(row, language) for row in rows]


async def past_events(language: str, now: dt.datetime) -> list[EventView]:
    """Newest first."""
    query = Event.select().where(Event.starts_at <= now)
    rows = await query.order_by(Event.starts_at, ascending=False).order_by(Event.id, ascending=False)
    return [_view(row, language) for row in rows]


async def find_event(public_id: str, language: str) -> EventView:
    """Raise NotFound for an unknown one."""
    row = await Event.select().where(Event.public_id == public_id).first()
    if row is None:
        raise NotFound("There is no such meeting.")
    return _view(row, language)


async def event_counts(event_ids: list[int]) -> dict[int, EventCounts]:
    """How many may come to each, and need an interpreter."""
    found = {event_id: EventCounts(interpreters={}) for event_id in event_ids}
    if not event_ids:
        return found
    for row in await EventCount.select().where(EventCount.event.is_in(event_ids) & (EventCount.total > 0)):
        if row["kind"] == COMING:
            found[row["event"]].coming = row["total"]
        else:
            found[row["event"]].interpreters[row["language"]] = row["total"]
    return found


def _view(row: dict[str, Any], language: str) -> EventView:
    names: dict[str, str] = from_json(row["names"], dict[str, str])
    places: dict[str, str] = from_json(row["place"], dict[str, str])
    return EventView(
        id=row["id"], public_id=row["public_id"], survey_id=row["survey"], area_id=row["area"], names=names, places=places,
        name=_wording(names, language), place=_wording(places, language), starts_at=row["starts_at"],
        languages_spoken=from_json(row["languages_spoken"], list[str]), is_cancelled=bool(row["is_cancelled"]),
    )  # fmt: skip


def _wording(texts: dict[str, str], language: str) -> Wording:
    for tag in (language, interface_language(language)):
        if texts.get(tag):
            return Wording(texts[tag], tag)
    return Wording(texts[CHINESE], CHINESE)


# Counting


async def count_coming(public_id: str, *, before: Wish, wish: Wish, now: dt.datetime) -> None:
    """Count a browser for what it wishes now instead of what it was counted for before.

    `before` is what the browser says of itself. One that lies can make a number wrong, as one that forgets can: these are
    numbers for setting out chairs, and not worth knowing who anybody is. No number falls below nobody.
    Raises NotFound, EventOver, and InputInvalid for an interpreter that nobody can ask for there.
    """
    async with write_transaction(EventCount):
        event = await find_event(public_id, CHINESE)
        if event.is_cancelled or event.starts_at <= now:
            raise EventOver("This meeting was cancelled, or has begun.")
        if wish and wish not in event.other_languages:
            raise InputInvalid("At this meeting no interpreter for that language can be asked for.")
        steps: Counter[tuple[str, str]] = Counter()
        for step, said in ((-1, before), (1, wish)):
            if said is not None:
                steps[COMING, ""] += step
            if said and said in languages():
                steps[INTERPRETER, said] += step
        more = {(event.id, *key): step for key, step in steps.items() if step > 0}
        await write_rows(addition(EventCount, ("event", "kind", "language"), more))
        for kind, language in (key for key, step in steps.items() if step < 0):
            await EventCount.update({EventCount.total: EventCount.total - 1}).where(
                (EventCount.event == event.id) & (EventCount.kind == kind)
                & (EventCount.language == language) & (EventCount.total > 0)
            )  # fmt: skip


# Planning


async def create_event(draft: EventDraft, *, actor: Actor, now: dt.datetime) -> EventView:
    """Raise EventInvalid with every problem. The same of the same hour and place is that one: a button is tapped twice."""
    _require_review(actor)
    _require(draft, now)
    public_id = new_public_id()
    async with write_transaction(Event):
        values = _columns(draft)
        at_this_hour = await Event.select().where((Event.starts_at == draft.starts_at) & (Event.is_cancelled == False))  # noqa: E712 -- piccolo's condition
        same = next((row for row in at_this_hour if all(row[name] == value for name, value in values.items())), None)
        if same is not None:
            return await find_event(same["public_id"], CHINESE)
        await Event.insert(Event(public_id=public_id, is_cancelled=False, **_columns(draft)))
        await record_act(actor=actor.name, role=actor.role, action="event.create", subject=f"event:{public_id}")
    return await find_event(public_id, CHINESE)


async def edit_event(public_id: str, draft: EventDraft, *, seen: str, actor: Actor, now: dt.datetime) -> None:
    """Change a meeting that still is as `seen` (its version). Raises EventInvalid, and Conflict where somebody was faster."""
    _require_review(actor)
    async with write_transaction(Event):
        event = await find_event(public_id, CHINESE)
        _require(draft, now, known=event.starts_at)
        if event.version != seen:
            raise Conflict("Somebody else has just changed this meeting.")
        await Event.update({Event._meta.get_column_by_name(name): value for name, value in _columns(draft).items()}).where(  # noqa: SLF001 -- piccolo's own attribute
            Event.id == event.id
        )
        await record_act(actor=actor.name, role=actor.role, action="event.edit", subject=f"event:{public_id}")


async def cancel_event(public_id: str, *, actor: Actor, is_cancelled: bool = True) -> None:
    """Cancel a meeting, or take that back. What residents said is kept: they may hear that it takes place after all."""
    _require_review(actor)
    async with write_transaction(Event):
        event = await find_event(public_id, CHINESE)
        if event.is_cancelled != is_cancelled:
            await Event.update({Event.is_cancelled: is_cancelled}).where(Event.id == event.id)
            action = "event.cancel" if is_cancelled else "event.restore"
            await record_act(actor=actor.name, role=actor.role, action=action, subject=f"event:{public_id}")


def _require_review(actor: Actor) -> None:
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot plan meetings.")


def _columns(draft: EventDraft) -> dict[str, Any]:
    return {
        "survey": draft.survey_id,
        "area": draft.area_id,
        "names": to_json({tag: text for tag, text in draft.names.items() if text}),
        "place": to_json({tag: text for tag, text in draft.places.items() if text}),
        "starts_at": draft.starts_at,
        "languages_spoken": to_json(draft.languages_spoken),
    }


def _require(draft: EventDraft, now: dt.datetime, known: dt.datetime | None = None) -> None:
    """`known` is the moment that a meeting had before: what is past may be corrected, but nothing moves into the past."""
    problems = [DraftProblem(f"{kind}_{CHINESE}", "needed")
                for kind, texts in (("name", draft.names), ("place", draft.places)) if not texts.get(CHINESE)]  # fmt: skip
    problems += [
        DraftProblem(f"{kind}_{tag}", "too_long")
        for kind, texts in (("name", draft.names), ("place", draft.places))
        for tag, text in texts.items()
        if len(text) > LONGEST
    ]
    if draft.starts_at is None:
        problems.append(DraftProblem("day", "needed"))
    elif draft.starts_at <= now and draft.starts_at != known:
        problems.append(DraftProblem("day", "past"))
    if not draft.languages_spoken:
        problems.append(DraftProblem("languages", "needed"))
    if problems:
        raise EventInvalid(problems)
    assert all(is_spoken(tag) for tag in [*draft.names, *draft.places, *draft.languages_spoken]), "the form offers no others"


def moment_of(day: str, time: str) -> dt.datetime | None:
    """The moment of a day and an hour in Beijing as a form sends them, or None."""
    try:
        return dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(time), tzinfo=clock.BEIJING)
    except ValueError:
        return None
