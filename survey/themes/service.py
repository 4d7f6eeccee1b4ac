"""What people do with themes. Each act is an event, and shows at once. The model proposes; what a person decided stays decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.lexicon.load import load_lexicon
from analysis.themes import decisions
from analysis.themes.decisions import what_holds
from analysis.themes.results import DISCOVERED, category_of
from survey import clock
from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.db.bulk import update_rows
from survey.db.columns import from_json, to_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, NotAllowed, NotFound
from survey.i18n.languages import languages
from survey.jobs.kinds import DRAW_CHARTS, about_survey
from survey.jobs.service import enqueue
from survey.themes.answering import check_undo, follow, work_of
from survey.themes.differences import TAKING
from survey.themes.errors import ActInvalid, ActsClash, CannotUndo, NothingLeft
from survey.themes.queries import ThemeView, all_themes, list_events, newest_run
from survey.themes.recording import record_event
from survey.themes.rules import MAX_NAME, MAX_WHY
from survey.themes.schemas import Groups
from survey.themes.settling import Ground, read_ground, settle, settle_themes, stand
from survey.themes.states import (
    Accept,
    Act,
    Decided,
    Dismiss,
    Event,
    EventKind,
    Forbid,
    Merge,
    Move,
    NewPart,
    NewTheme,
    Pin,
    RefuseLink,
    RejectRun,
    Rename,
    Reopen,
    SetCategory,
    Split,
    TakeRun,
    Undo,
    Unpin,
    clashes,
    obstacles,
    undone_ids,
    whence,
    whither,
)
from survey.themes.tables import Assignment, Theme, Unsorted

MOST_AT_ONCE = 500
"""Statements in one act by hand."""
MOST_PARTS = 6

_NEXT = 2**62
"""The number that an act has while it is being looked at, beside those that are stored."""

SIMPLE: dict[EventKind, Act] = {
    EventKind.ACCEPT: Accept(), EventKind.DISMISS: Dismiss(), EventKind.REOPEN: Reopen(), EventKind.PIN: Pin(),
    EventKind.UNPIN: Unpin(),
}  # fmt: skip


async def decide(
    theme: ThemeView, kind: EventKind, *, actor: Actor, names: Mapping[str, str] | None = None, why: str = "",
    seen: int | None = None, anyway: bool = False,
) -> int:  # fmt: skip
    """Accept, dismiss, reopen, pin, unpin or rename a theme. Raises ActInvalid for an unusable name; else as `act`."""
    if kind == EventKind.RENAME:
        cleaned = _names(names or {})
        told: Act = Rename(cleaned, {language: theme.names.get(language, "") for language in cleaned})
    else:
        told = SIMPLE[kind]
    return await act(theme.survey_id, theme.key, told, actor=actor, why=why, seen=seen, anyway=anyway)


async def set_category(
    theme: ThemeView, category: str, *, actor: Actor, why: str = "", seen: int | None = None, anyway: bool = False
) -> int:
    """Raises ActInvalid for a category that the lexicon does not have."""
    if category not in load_lexicon().categories:
        raise ActInvalid("category", "This category is not known.")
    return await act(
        theme.survey_id, theme.key, SetCategory(category, theme.category), actor=actor, why=why, seen=seen, anyway=anyway
    )


async def merge(
    theme: ThemeView, into: ThemeView, *, actor: Actor, why: str = "", seen: int | None = None, anyway: bool = False
) -> int:
    if theme.survey_id != into.survey_id or theme.key == into.key:
        raise ActInvalid("target", "A theme is merged into another one of the same survey.")
    return await act(theme.survey_id, theme.key, Merge(into.key), actor=actor, why=why, seen=seen, anyway=anyway)


async def split(
    theme: ThemeView, parts: Sequence[tuple[Mapping[str, str], Sequence[int]]], *, actor: Actor, why: str = "",
    seen: int | None = None, anyway: bool = False,
) -> int:  # fmt: skip
    """Make several themes of one: each part is given by its names and by statements that are its examples."""
    if not 2 <= len(parts) <= MOST_PARTS:
        raise ActInvalid("parts", "A theme is split into 2 to 6 parts.")
    chosen = [statement for _, examples in parts for statement in examples]
    if any(not examples for _, examples in parts) or len(set(chosen)) < len(chosen):
        raise ActInvalid("examples", "Each part needs an example, and no statement is an example of two parts.")
    made = [NewPart(_new_key(theme.category), _names(names), sorted(examples)) for names, examples in parts]
    return await act(theme.survey_id, theme.key, Split(made), actor=actor, why=why, seen=seen, anyway=anyway)


async def move(
    survey_id: int, statements: Sequence[int], *, out_of: ThemeView | None, to: ThemeView | None = None,
    names: Mapping[str, str] | None = None, category: str = "", actor: Actor, why: str = "", seen: int | None = None,
    anyway: bool = False,
) -> int:  # fmt: skip
    """Put statements of a theme (None: unsorted ones) into the theme `to`, or into a new one that gets these names."""
    if to is None:
        place = category or (out_of.category if out_of else DISCOVERED)
        if place != DISCOVERED and place not in load_lexicon().categories:
            raise ActInvalid("category", "This category is not known.")
        made: NewTheme | None = NewTheme(_names(names or {}), place, out_of.key if out_of else "")
        key = _new_key(place)
    else:
        if to.survey_id != survey_id or (out_of and out_of.key == to.key):
            raise ActInvalid("target", "Statements are moved to another theme of the same survey.")
        made, key = None, to.key
    told = Move(_ids(statements), key, [out_of.key] if out_of else [], made)
    return await act(survey_id, out_of.key if out_of else key, told, actor=actor, why=why, seen=seen, anyway=anyway)


async def forbid(
    theme: ThemeView, statements: Sequence[int], *, actor: Actor, why: str = "", seen: int | None = None, anyway: bool = False
) -> int:
    """Say of statements that they do not belong to the theme."""
    told = Forbid(_ids(statements), [theme.key])
    return await act(theme.survey_id, theme.key, told, actor=actor, why=why, seen=seen, anyway=anyway)


async def refuse_link(theme: ThemeView, other: ThemeView, *, actor: Actor, why: str = "") -> int:
    """Say that themes of two languages are not one; it is not proposed again."""
    return await act(theme.survey_id, theme.key, RefuseLink(other.key), actor=actor, why=why)


async def undo(survey_id: int, event: int, *, actor: Actor, why: str = "") -> int:
    """Raises CannotUndo where later acts build on it, Conflict where it was undone already."""
    return await act(survey_id, "", Undo(event), actor=actor, why=why)


async def cancel_settling(survey_id: int, *, actor: Actor) -> None:
    """Stop the newest act that a worker is at, by undoing it: the worker brings back what it had moved."""
    run = await newest_run(survey_id)
    if run is not None and run.state == TAKING:
        await undo(survey_id, _newest_of_chain(await list_events(survey_id), work_of(run)), actor=actor)
        return
    settling = {row["key"] for row in await Theme.select(Theme.key).where((Theme.survey == survey_id) & (Theme.is_settling == True))}  # noqa: E712 -- piccolo's condition
    events = await list_events(survey_id)
    undone = undone_ids(events)
    for event in reversed(events):
        is_at_work = settling & event.keys and (event.ends or isinstance(event.act, Undo))
        if is_at_work and event.id not in undone:
            await undo(survey_id, event.id, actor=actor)
            return


async def act(
    survey_id: int, key: str, told: Act, *, actor: Actor, why: str = "", seen: int | None = None, anyway: bool = False
) -> int:
    """Record an act and show it at once; return its number.

    `seen` is the newest act that the writer knew of: raises ActsClash where somebody did something since that this act does not
    go together with, unless it is to be done `anyway`.
    """
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot decide on themes.")
    reason = " ".join(why.split())
    if len(reason) > MAX_WHY:
        raise ActInvalid("why", "A reason takes at most 500 characters.")
    if isinstance(told, Dismiss) and not reason:
        raise ActInvalid("no_reason", "A theme is dismissed for a reason.")
    async with write_transaction(Theme):
        ground = await read_ground(survey_id)
        event = Event(_NEXT, key, told, actor.name, actor.role, clock.now(), reason)
        if seen is not None and not anyway:
            found = clashes(event, ground.events, after=seen)
            if found:
                raise ActsClash([one.id for one in found], can_go_on=_can_still(ground, event))
        event = await _as_things_stand(ground, event)
        number = await record_event(survey_id, event, actor)
        await show(survey_id, event)
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))
        await record_act(
            actor=actor.name, role=actor.role, action=f"theme.{event.kind}", subject=f"theme:{event.key}"[:120]
        )
    return number


async def show(survey_id: int, event: Event) -> None:
    """Let themes and statements follow the newest event: at once, or by a worker where there are many statements."""
    ground = await read_ground(survey_id)
    undone = _undone(ground.events, event)
    keys = {*event.keys, *undone.keys}
    touched = {*keys, *(now for key in keys for now in whither(ground.decided, key))}
    for theme in undone.born | event.born:
        if theme not in ground.ids:
            ground.ids[theme] = await _add_theme(survey_id, theme, ground.decided[theme])
    await show_verdicts(ground, touched)
    match undone.act:
        case Move(statements=statements) | Forbid(statements=statements):
            await settle(ground, statements)
        case Merge() | Split():
            await settle_themes(ground, touched)
        case TakeRun() | RejectRun():
            await follow(ground, undone.id)


def _undone(events: Sequence[Event], event: Event) -> Event:
    """The act itself; of an undo, the act at the end of the chain."""
    by_id = {one.id: one for one in events}
    while isinstance(event.act, Undo):
        event = by_id[event.act.event]
    return event


def _newest_of_chain(events: Sequence[Event], number: int) -> int:
    """The act itself, or the newest undo that was done to it, and to that, and so on."""
    for event in events:
        if isinstance(event.act, Undo) and event.act.event == number:
            number = event.id
    return number


async def show_verdicts(ground: Ground, keys: set[str]) -> None:
    """Write to the themes what people decided about them."""
    if not keys:
        return
    rows = await Theme.select(Theme.id, Theme.key, Theme.names).where(
        (Theme.survey == ground.survey_id) & Theme.key.is_in(sorted(keys))
    )
    for row in rows:
        key = row["key"]
        verdict = ground.decided.get(key, Decided(names={}))
        names = {**_models_names(ground.events, key, from_json(row["names"], dict[str, str])), **verdict.names}
        await Theme.update(
            {
                Theme.state: verdict.state, Theme.names: to_json(names), Theme.category: verdict.category or category_of(key),
                Theme.is_pinned: verdict.is_pinned, Theme.reason: verdict.reason, Theme.became: to_json(list(verdict.became)), Theme.parent: verdict.parent,
            }
        ).where(Theme.id == row["id"])  # fmt: skip


def _models_names(events: Sequence[Event], key: str, names: dict[str, str]) -> dict[str, str]:
    """The names without those that people gave: in their place those that stood there before the first of them."""
    found = dict(names)
    asked: set[str] = set()
    for event in events:
        if event.key == key and isinstance(event.act, Rename):
            for language in set(event.act.names) - asked:
                asked.add(language)
                before = event.act.before.get(language, "")
                found.pop(language, None)
                if before:
                    found[language] = before
    return found


async def _add_theme(survey_id: int, key: str, decided: Decided) -> int:
    """A theme that an act made. What is made of another theme has waited as long as that one."""
    whole = await Theme.select(Theme.proposed_at).where((Theme.survey == survey_id) & (Theme.key == decided.parent)).first()
    since = whole["proposed_at"] if whole else None
    rows = await Theme.insert(
        Theme(
            public_id=new_public_id(), survey=survey_id, key=key, category=decided.category or category_of(key),
            state=decided.state, names=to_json(decided.names), people=0, statements=0, languages="{}", keywords="{}",
            quotes="[]", public_quotes="[]", run=None, parent=decided.parent, proposed_at=since or clock.now(), reason=decided.reason,
        )
    ).returning(Theme.id)  # fmt: skip
    return int(rows[0]["id"])


def _can_still(ground: Ground, event: Event) -> bool:
    """Whether the act means something to what its themes became since."""
    return all(len(whither(ground.decided, key)) == 1 for key in _needed(event))


def _needed(event: Event) -> list[str]:
    """Themes that must stand for the act."""
    match event.act:
        case Move(to=to, made=made):
            return [] if made else [to]
        case Forbid() | Undo() | TakeRun() | RejectRun():
            return []
        case Merge(into=into):
            return [event.key, into]
        case RefuseLink(other=other):
            return [event.key, other]
    return [event.key]


async def _as_things_stand(ground: Ground, event: Event) -> Event:
    """The act in terms of the themes that stand. Raises where it cannot be done."""

    def now(key: str) -> str:
        found = whither(ground.decided, key)
        if len(found) != 1 or found[0] not in ground.ids:
            raise Conflict("This theme became several others. Choose one of them.")
        return found[0]

    match event.act:
        case Undo(event=number):
            return await _checked_undo(ground, event, number)
        case Move():
            return await _checked_move(ground, event, event.act, now)
        case Forbid(statements=statements, of=of):
            left = await _still_in(ground, statements, of)
            return _with(event, event.key, Forbid(left, _with_ancestors(ground, of)))
        case Merge(into=into):
            theme, target = now(event.key), now(into)
            if theme == target:
                raise Conflict("The two themes are one already.")
            return _with(event, theme, Merge(target))
        case Split(parts=parts):
            theme = now(event.key)
            examples = {statement for part in parts for statement in part.examples}
            if examples - set(await _still_in(ground, sorted(examples), [theme])):
                raise NothingLeft
            return _with(event, theme, Split(parts, await _placed(ground, theme, parts)))
        case RefuseLink(other=other):
            return _with(event, now(event.key), RefuseLink(now(other)))
        case TakeRun() | RejectRun():
            return event
    return _with(event, now(event.key), event.act)


def _with(event: Event, key: str, told: Act) -> Event:
    return Event(event.id, key, told, event.by, event.role, event.at, event.why, event.area)


async def _checked_undo(ground: Ground, event: Event, number: int) -> Event:
    events = ground.events
    target = next((one for one in events if one.id == number), None)
    if target is None:
        raise NotFound("There is no such act.")
    if number in undone_ids(events):
        raise Conflict("This is undone already.")
    later = [one.id for one in obstacles(events, number)]
    undone = _undone(events, target)
    if isinstance(undone.act, TakeRun | RejectRun):
        later += await check_undo(ground, undone.id, again=undone.id in undone_ids(events))
    if later:
        raise CannotUndo(sorted({*later}))
    return _with(event, target.key, Undo(number))


async def _checked_move(ground: Ground, event: Event, told: Move, now: Any) -> Event:
    to = told.to if told.made else now(told.to)
    if told.out_of:
        left = await _still_in(ground, told.statements, told.out_of)
        out_of = [key for key in _with_ancestors(ground, told.out_of) if key != to]
        return _with(event, event.key, Move(left, to, out_of, told.made))
    rows = await Unsorted.select(Unsorted.statement).where(
        (Unsorted.survey == ground.survey_id) & Unsorted.statement.is_in(told.statements)
    )
    if not rows:
        raise NothingLeft
    return _with(event, to, Move(sorted(row["statement"] for row in rows), to, [], told.made))


def _with_ancestors(ground: Ground, keys: Sequence[str]) -> list[str]:
    """The themes that these are now, and all that were merged into them, so that a merge undone later brings nothing back."""
    current = [now for key in keys for now in whither(ground.decided, key)]
    return list(dict.fromkeys(old for key in current for old in whence(ground.decided, key)))


async def _still_in(ground: Ground, statements: Sequence[int], keys: Sequence[str]) -> list[int]:
    themes = [ground.ids[now] for key in keys for now in whither(ground.decided, key) if now in ground.ids]
    rows = await Assignment.select(Assignment.statement).where(
        Assignment.statement.is_in(list(statements)) & Assignment.theme.is_in(themes)
    )
    if not rows:
        raise NothingLeft
    return sorted({row["statement"] for row in rows})


async def _placed(ground: Ground, theme: str, parts: Sequence[NewPart]) -> dict[int, str]:
    """The part of each statement that a person had put into the theme: the one whose examples it is most like."""
    own = {int(str(statement)): {theme: 1.0} for statement, keys in ground.held.inside.items() if keys == frozenset({theme})}
    held = what_holds([decisions.Split(theme, [decisions.Part(part.key, part.names, part.examples) for part in parts])])
    return {statement: next(iter(found)) for statement, found in (await stand(own, held)).items()}


def _names(given: Mapping[str, str]) -> dict[str, str]:
    cleaned = {language: " ".join(name.split()) for language, name in given.items() if name.strip()}
    if not cleaned or any(len(name) > MAX_NAME for name in cleaned.values()) or set(cleaned) - set(languages()):
        raise ActInvalid("name", "A name takes 1 to 80 characters.")
    return cleaned


def _ids(statements: Sequence[int]) -> list[int]:
    found = sorted(set(statements))
    if not found:
        raise ActInvalid("statements", "Choose at least one statement.")
    if len(found) > MOST_AT_ONCE:
        raise ActInvalid("too_many", "At most 500 statements are moved at once.")
    return found


def _new_key(category: str) -> str:
    """A key of a theme that people make. It begins with its category, so that what is moved there teaches the model."""
    return f"{category}.own-{new_public_id()[:10]}"


async def keep_groups(survey_id: int, groups: Mapping[int, Groups]) -> None:
    """Keep with each theme what foreign and Chinese residents say of it; of a theme that is not named nothing is known."""
    async with write_transaction(Theme):
        rows = await Theme.select(Theme.id, Theme.groups).where(Theme.survey == survey_id)
        told = {row["id"]: to_json(groups[row["id"]]) if row["id"] in groups else "" for row in rows}
        await update_rows(Theme, ("id",), ("groups",), [(row["id"], told[row["id"]]) for row in rows if told[row["id"]] != row["groups"]])


async def theme_names(survey_id: int) -> dict[str, dict[str, str]]:
    """The names of all themes by key, those that became others among them: what stories are told with."""
    return {theme.key: theme.names for theme in await all_themes(survey_id)}


def category_names(language: str) -> dict[str, str]:
    return {key: names.get(language, key) for key, names in load_lexicon().categories.items()}


