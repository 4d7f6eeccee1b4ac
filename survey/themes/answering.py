"""People's answers to what a run would change: taking it, refusing it, and undoing either, at once or by a worker.

The log of acts says what is wanted, and the rows of the difference follow it: whoever stops in between goes on from the log.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from survey import clock
from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.db.bulk import insert_rows
from survey.db.columns import from_json, to_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, NotAllowed
from survey.jobs.kinds import DRAW_CHARTS, SETTLE_THEMES, about_survey
from survey.jobs.service import enqueue
from survey.themes.differences import CLOSED, MODEL, SEEN, TAKING, WAITING, count_of, recount_difference
from survey.themes.errors import ActInvalid, CannotNow
from survey.themes.queries import RunView, newest_run
from survey.themes.recording import record_event
from survey.themes.rules import MAX_WHY
from survey.themes.settling import AT_ONCE, Ground, base_of, read_ground, settle
from survey.themes.states import DifferenceState, Event, RejectRun, TakeRun, ThemeState, acted_on, effective
from survey.themes.tables import AnalysisRun, Assignment, Difference, SetAside, Theme, ThemeDifference

_TOLD = ("keywords", "reasons", "words", "border", "stability", "quotes", "public_quotes", "run")
"""Columns of a theme that come from the run that was taken last."""


async def take(survey_id: int, run_id: int, key: str = "", *, actor: Actor, why: str = "") -> int:
    """Take what a run proposes: for one theme, or all of it. Where it moves many statements a worker does it."""
    return await _answer(survey_id, TakeRun(run_id, 0), key, actor, why)


async def reject(survey_id: int, run_id: int, key: str = "", *, actor: Actor, why: str = "") -> int:
    """Leave everything, or one theme, as it is. What stays the same is not proposed again."""
    return await _answer(survey_id, RejectRun(run_id, 0), key, actor, why)


async def _answer(survey_id: int, told: TakeRun | RejectRun, key: str, actor: Actor, why: str) -> int:
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot decide on themes.")
    reason = " ".join(why.split())
    if len(reason) > MAX_WHY:
        raise ActInvalid("why", "A reason takes at most 500 characters.")
    async with write_transaction(Theme):
        run = await newest_run(survey_id)
        if run is None or run.id != told.run or run.state != WAITING:
            raise Conflict("This difference was dealt with already, or a newer analysis took its place.")
        counted = type(told)(run.id, await count_of(run.id, key))
        event = Event(0, key, counted, actor.name, actor.role, clock.now(), reason)
        number = await record_event(survey_id, event, actor)
        await record_act(actor=actor.name, role=actor.role, action=f"theme.{event.kind}", subject=f"run:{run.id}")
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))
        await follow(await read_ground(survey_id), number)
    return number


@dataclass(frozen=True)
class _Answer:
    """An act of taking or refusing. `counts`: it was not undone."""

    event: Event
    counts: bool
    newest: int
    """The newest run, whose difference people see."""

    @property
    def run(self) -> int:
        assert isinstance(self.event.act, TakeRun | RejectRun)
        return self.event.act.run

    @property
    def is_taking(self) -> bool:
        return isinstance(self.event.act, TakeRun)

    @property
    def state(self) -> DifferenceState:
        """Of rows that this act dealt with."""
        return DifferenceState.TAKEN if self.is_taking else DifferenceState.REJECTED


async def _read(ground: Ground, number: int) -> tuple[_Answer, RunView]:
    run = await newest_run(ground.survey_id)
    assert run is not None
    event = next(event for event in ground.events if event.id == number)
    return _Answer(event, any(one.id == number for one in effective(ground.events)), run.id), run


async def follow(ground: Ground, number: int) -> None:
    """Bring the difference in line with an act that was done, undone or done again. In the caller's transaction."""
    answer, run = await _read(ground, number)
    statements = await _left(answer, AT_ONCE + 1)
    if len(statements) <= AT_ONCE:
        await _bring(ground, answer, statements)
        await _end(ground, answer)
        return
    figures = to_json({**run.figures, "work": number})
    await AnalysisRun.update({AnalysisRun.state: TAKING, AnalysisRun.figures: figures}).where(AnalysisRun.id == run.id)
    await enqueue(kind=SETTLE_THEMES, subject=about_survey(ground.survey_id))


async def go_on(survey_id: int) -> int:
    """For the worker: follow the act that is being worked on for some more statements; return how many, 0 where all is done."""
    async with write_transaction(Theme):
        run = await newest_run(survey_id)
        if run is None or run.state != TAKING:
            return 0
        ground = await read_ground(survey_id)
        answer, _ = await _read(ground, work_of(run))
        part = await _left(answer, AT_ONCE)
        await _bring(ground, answer, part)
        if not part:
            await _end(ground, answer)
        return len(part)


def work_of(run: RunView) -> int:
    """The number of the act that a worker is following."""
    return int(run.figures["work"])


async def drop_waiting(survey_id: int) -> None:
    """A newer run replaces what waits of an older one. What an undo gives back is given back first."""
    run = await newest_run(survey_id)
    if run is not None and run.state == TAKING:
        ground = await read_ground(survey_id)
        answer, _ = await _read(ground, work_of(run))
        if not answer.counts:
            while part := await _left(answer, AT_ONCE):
                await _bring(ground, answer, part)
        await _end(ground, answer)
    await _delete(survey_id, DifferenceState.WAITING)
    await AnalysisRun.update({AnalysisRun.state: CLOSED}).where(
        (AnalysisRun.survey == survey_id) & AnalysisRun.state.is_in([WAITING, TAKING])
    )


async def forget_answers(survey_id: int) -> None:
    """A run that is applied as it is leaves nothing of what was taken or refused before."""
    await _delete(survey_id, *DifferenceState)


async def _delete(survey_id: int, *states: DifferenceState) -> None:
    runs = AnalysisRun.select(AnalysisRun.id).where(AnalysisRun.survey == survey_id)
    for table in (Difference, ThemeDifference):
        await table.delete().where(table.run.is_in(runs) & table.state.is_in(list(states)))


async def check_undo(ground: Ground, number: int, *, again: bool) -> list[int]:
    """The acts that stand on this one, so that what it took cannot be given back: they are about a theme that came with it, or
    took later what is about the same statements.

    `again`: its undoing is undone. Raises CannotNow or ActInvalid where it cannot be done, whatever is undone first.
    """
    answer, run = await _read(ground, number)
    if run.state == TAKING and work_of(run) != number:
        raise CannotNow("busy", "A worker is still at another act like this one.")
    if not answer.is_taking:
        return []
    if again:
        if answer.run != run.id:
            raise CannotNow("newer", "A newer analysis took the place of this one.")
        return []
    if not await ThemeDifference.exists().where(ThemeDifference.event == number) and run.state != TAKING:
        raise ActInvalid("run", "What was taken before such acts could be undone stays.")
    later = [event for event in effective(ground.events) if event.id > number]
    made = await _made(answer)
    found = {event.id for event in later if made & event.keys}
    if any(isinstance(event.act, TakeRun) for event in later):
        rows = await Difference.raw(
            'SELECT DISTINCT l."event" AS "event" FROM "difference" e JOIN "difference" l ON l."statement" = e."statement" '
            """WHERE e."event" = {} AND e."state" = 'taken' AND e."layer" = 'model' """
            """AND l."state" = 'taken' AND l."layer" = 'model' AND l."event" > {}""",
            number, number,
        )  # fmt: skip
        found |= {row["event"] for row in rows}
    return sorted(found)


async def _left(answer: _Answer, limit: int) -> list[int]:
    """Statements whose rows do not follow the act yet, in order."""
    here: Any = Difference.layer == SEEN
    if not answer.counts:
        here = here & (Difference.event == answer.event.id) & (Difference.state == answer.state)
    else:
        here = here & (Difference.state == DifferenceState.WAITING) & _wanted(Difference, answer)
    rows = Difference.select(Difference.statement).where(here).group_by(Difference.statement).order_by(Difference.statement)
    return [row["statement"] for row in await rows.limit(limit)]


def _wanted(table: type[Difference | ThemeDifference], answer: _Answer) -> Any:
    """The waiting rows that the act is about: of its own run, or what a newer run brought again of it."""
    if answer.run != answer.newest:
        return table.event == answer.event.id
    return (table.run == answer.run) & (table.theme_key == answer.event.key) if answer.event.key else table.run == answer.run


async def _bring(ground: Ground, answer: _Answer, statements: Collection[int]) -> None:
    """Let the rows of these statements follow the act. At most AT_ONCE statements a call."""
    if not statements:
        return
    these = Difference.statement.is_in(list(statements))
    dealt: dict[Any, Any] = {Difference.state: answer.state, Difference.event: answer.event.id}
    if answer.counts:
        waiting = these & (Difference.run == answer.newest) & (Difference.state == DifferenceState.WAITING)
        if answer.is_taking:
            await _take_some(ground, answer, statements, await Difference.select().where(waiting & (Difference.layer == MODEL)))
        await Difference.update(dealt).where(waiting)
        return
    mine = these & (Difference.event == answer.event.id) & (Difference.state == answer.state)
    if answer.is_taking:
        await _give_back(ground, answer, await Difference.select().where(mine & (Difference.layer == MODEL)))
        if answer.run != answer.newest:  # it was compared with what stands no more
            await Difference.delete().where(
                these & (Difference.run == answer.newest) & (Difference.state == DifferenceState.WAITING)
            )
        await Difference.update({Difference.state: DifferenceState.WAITING}).where(mine)
        return
    await Difference.delete().where(mine & (Difference.run != answer.newest))
    await Difference.update({Difference.state: DifferenceState.WAITING}).where(mine)


async def _take_some(
    ground: Ground, answer: _Answer, statements: Collection[int], rows: list[dict[str, Any]]
) -> None:
    """Let the model's new word count, and keep its former one."""
    await _make_themes(ground, answer, {row["theme_key"] for row in rows if row["score"] is not None})
    said: defaultdict[int, dict[str, float]] = defaultdict(dict)
    noted: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row["score"] is not None and row["theme_key"] in ground.ids:
            said[row["statement"]][row["theme_key"]] = row["score"]
        if row["before"] is not None:
            noted[row["statement"]][row["theme_key"]] = row["before"]
    base = await base_of(statements, ground.keys)
    moved = [s for s in statements if base[s] != noted[s]]  # an undo in between changed it
    if moved:
        near = {row["statement"]: row["is_near"] for row in rows}
        await Difference.delete().where(
            (Difference.run == answer.newest) & (Difference.layer == MODEL) & Difference.statement.is_in(moved)
        )
        await insert_rows(
            Difference, ("run", "statement", "layer", "theme_key", "score", "before", "is_near"),
            [
                (answer.newest, s, MODEL, key, said[s].get(key), base[s].get(key), near.get(s, False))
                for s in moved for key in sorted(base[s].keys() | said[s].keys())
            ],
        )  # fmt: skip
    await settle(ground, statements, {s: said[s] for s in statements})


async def _give_back(ground: Ground, answer: _Answer, rows: list[dict[str, Any]]) -> None:
    """Let the model's former word count again."""
    await _bring_themes_back(ground, answer)
    base: dict[int, dict[str, float]] = {row["statement"]: {} for row in rows}
    for row in rows:
        if row["before"] is not None and row["theme_key"] in ground.ids:
            base[row["statement"]][row["theme_key"]] = row["before"]
    await settle(ground, base, base)


async def _end(ground: Ground, answer: _Answer) -> None:
    """What is about themes and not about statements."""
    mine = ThemeDifference.event == answer.event.id
    waiting = (ThemeDifference.state == DifferenceState.WAITING) & _wanted(ThemeDifference, answer)
    if answer.is_taking and answer.counts:
        for row in await ThemeDifference.select().where(waiting):
            await _take_theme(ground, answer, row)
    elif answer.is_taking:
        await _bring_themes_back(ground, answer)
        for row in await ThemeDifference.select().where(mine & (ThemeDifference.state == DifferenceState.TAKEN)):
            await _give_words_back(ground, answer, row)
        await _end_made(ground, await _made(answer))
    elif answer.counts:
        values: dict[Any, Any] = {ThemeDifference.state: DifferenceState.REJECTED, ThemeDifference.event: answer.event.id}
        await ThemeDifference.update(values).where(waiting)
    else:
        refused = mine & (ThemeDifference.state == DifferenceState.REJECTED)
        await ThemeDifference.delete().where(refused & (ThemeDifference.run != answer.newest))
        await ThemeDifference.update({ThemeDifference.state: DifferenceState.WAITING}).where(refused)
    await recount_difference(answer.newest)


# Themes that come and go with a run


async def _make_themes(ground: Ground, answer: _Answer, keys: Iterable[str]) -> None:
    """Make the proposals that are taken; their sizes come with their statements. Taken again, one has its address again."""
    missing = sorted(set(keys) - ground.ids.keys())
    if not missing:
        return
    here = (ThemeDifference.run == answer.newest) & ThemeDifference.theme_key.is_in(missing)
    for row in await ThemeDifference.select().where(here):
        if row["data"] == "{}":
            continue
        data: dict[str, Any] = from_json(row["data"])
        data.setdefault("public_id", new_public_id())
        await ThemeDifference.update({ThemeDifference.data: to_json(data)}).where(ThemeDifference.id == row["id"])
        values: dict[str, Any] = {**data, "people": 0, "statements": 0, "languages": "{}", "names": to_json(data["names"])}
        made = await Theme.insert(
            Theme(survey=ground.survey_id, key=row["theme_key"], state=ThemeState.PROPOSED, run=answer.newest, proposed_at=clock.now(), **values)
        ).returning(Theme.id)
        ground.ids[row["theme_key"]] = made[0]["id"]


async def _made(answer: _Answer) -> set[str]:
    """Themes that are there because of this act: new ones that it took, or into which its statements come."""
    rows = await ThemeDifference.select(ThemeDifference.theme_key, ThemeDifference.state, ThemeDifference.event).where(
        (ThemeDifference.run == answer.run) & (ThemeDifference.is_new == True)  # noqa: E712 -- piccolo's condition
    )
    own = {row["theme_key"] for row in rows if row["event"] == answer.event.id}
    others = {row["theme_key"] for row in rows if row["event"] != answer.event.id and row["state"] == DifferenceState.TAKEN}
    asked = sorted({row["theme_key"] for row in rows} - own - others)
    if not asked:
        return own
    found = await (
        Difference.select(Difference.theme_key)
        .where((Difference.event == answer.event.id) & (Difference.layer == MODEL) & Difference.score.is_not_null() & Difference.theme_key.is_in(asked))
        .group_by(Difference.theme_key)
    )  # fmt: skip
    return own | {row["theme_key"] for row in found}


async def _end_made(ground: Ground, keys: Collection[str]) -> None:
    for key in sorted(set(keys) & ground.ids.keys()):
        if await _is_nobodys(ground, key):
            await Theme.delete().where(Theme.id == ground.ids.pop(key))


async def _is_nobodys(ground: Ground, key: str) -> bool:
    """Whether nothing is in the theme, and nobody ever did anything with it."""
    theme = ground.ids[key]
    is_used = await Assignment.exists().where(Assignment.theme == theme) or await SetAside.exists().where(SetAside.theme == theme)
    return not is_used and key not in acted_on(ground.events)


async def _take_theme(ground: Ground, answer: _Answer, row: Mapping[str, Any]) -> None:
    """Bring words and quotes of a theme up to date, or take it away; keep what was there before."""
    theme = await Theme.select().where((Theme.survey == ground.survey_id) & (Theme.key == row["theme_key"])).first()
    before: dict[str, Any] = {}
    if theme is not None and row["is_gone"]:
        if await _is_nobodys(ground, row["theme_key"]):
            before = {"row": theme}
            await Theme.delete().where(Theme.id == ground.ids.pop(row["theme_key"]))
    elif theme is not None:
        before = {} if row["is_new"] else {name: theme[name] for name in _TOLD}
        data: dict[str, Any] = from_json(row["data"])
        await _tell(theme["id"], {**{name: data[name] for name in _TOLD if name != "run"}, "run": answer.run})
    values: dict[Any, Any] = {
        ThemeDifference.state: DifferenceState.TAKEN, ThemeDifference.event: answer.event.id, ThemeDifference.before: to_json(before),
    }  # fmt: skip
    await ThemeDifference.update(values).where(ThemeDifference.id == row["id"])


async def _give_words_back(ground: Ground, answer: _Answer, row: Mapping[str, Any]) -> None:
    """The words and quotes that the theme had, unless another run gave it new ones since."""
    before: dict[str, Any] = from_json(row["before"])
    theme = await Theme.select(Theme.id, Theme.run).where((Theme.survey == ground.survey_id) & (Theme.key == row["theme_key"])).first()
    if theme is not None and theme["run"] == answer.run and "keywords" in before:
        await _tell(theme["id"], before)
    await ThemeDifference.update({ThemeDifference.state: DifferenceState.WAITING}).where(ThemeDifference.id == row["id"])


async def _tell(theme: int, values: Mapping[str, Any]) -> None:
    told = dict(values)
    for name in ("quotes", "public_quotes"):
        told[name] = to_json(await _still_there(theme, from_json(told[name])))
    await Theme.update({getattr(Theme, name): value for name, value in told.items()}).where(Theme.id == theme)


async def _still_there(theme: int, quotes: list[int]) -> list[int]:
    """Quotes that stand in the theme; a person may have moved one in the meantime."""
    rows = await Assignment.select(Assignment.statement).where((Assignment.theme == theme) & Assignment.statement.is_in(quotes)) if quotes else []
    there = {row["statement"] for row in rows}
    return [key for key in quotes if key in there]


async def _bring_themes_back(ground: Ground, answer: _Answer) -> None:
    """Themes that went with the run, with the addresses that they had."""
    rows = await ThemeDifference.select(ThemeDifference.theme_key, ThemeDifference.before).where(
        (ThemeDifference.event == answer.event.id) & (ThemeDifference.is_gone == True)  # noqa: E712 -- piccolo's condition
    )
    for row in rows:
        before: dict[str, Any] = from_json(row["before"])
        if "row" in before and row["theme_key"] not in ground.ids:
            values = before["row"]
            at = values["proposed_at"]
            await Theme.insert(Theme(**{**values, "proposed_at": dt.datetime.fromisoformat(at) if at else None}))
            ground.ids[row["theme_key"]] = values["id"]
