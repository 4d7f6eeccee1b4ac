"""What a run would change, kept until people take it, refuse it, or a newer run replaces it.

Only what differs is stored. A statement whose place would not change in anybody's eyes is brought up to date at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from analysis.themes.decisions import Split
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
from survey.themes.queries import all_themes, newest_run
from survey.themes.recording import add_run, record_event
from survey.themes.results import RunResult
from survey.themes.settling import AT_ONCE, Ground, add_to_run, base_of, read_ground, settle, stand
from survey.themes.states import Event, RejectRun, TakeRun, ThemeState
from survey.themes.tables import AnalysisRun, Assignment, Difference, Theme, ThemeDifference, Unsorted

MODEL, SEEN = "model", "seen"
WAITING, TAKING, CLOSED = "waiting", "taking", "closed"
EXAMPLES = 5


class ThemeChange(msgspec.Struct, frozen=True):
    """What a difference means for one theme; `key` names it, `names` are those that a new one would have."""

    key: str
    is_new: bool
    is_gone: bool
    comes: int
    goes: int
    names: dict[str, str]
    people: int


class DifferenceView(msgspec.Struct, frozen=True):
    """A difference that waits: how many statements would move, how many of them near what people decided, and theme by theme."""

    run: int
    state: str
    statements: int
    near: int
    themes: list[ThemeChange]

    @property
    def new(self) -> list[ThemeChange]:
        return [theme for theme in self.themes if theme.is_new]

    @property
    def gone(self) -> list[ThemeChange]:
        return [theme for theme in self.themes if theme.is_gone]


class Example(msgspec.Struct, frozen=True):
    """A statement that would move: the themes that it would leave, and those that it would come into."""

    statement: int
    leaves: list[str]
    enters: list[str]
    is_near: bool


async def keep_difference(
    survey_id: int, result: RunResult, here: set[int], settings: dict[str, Any]
) -> None:
    """Place what is new, keep what differs. In the caller's transaction."""
    before = await newest_run(survey_id)
    newest = before.newest_statement if before else 0
    ground = await read_ground(survey_id)
    run_id = await add_run(survey_id, settings, await _figures(survey_id, result, here), max(here, default=0), WAITING)
    parts = {part.theme for change in ground.held.structure if isinstance(change, Split) for part in change.parts}
    proposed = {
        s: {m.theme: m.score for m in found if m.theme not in parts} for s, found in result.proposed.items() if s in here
    }
    fresh = sorted(s for s in proposed if s > newest)
    await _place_new(ground, result, proposed, fresh)
    wanted = ground.decided
    near = _near(ground, result)
    comes: Counter[str] = Counter()
    goes: Counter[str] = Counter()
    moved = 0
    for part in _chunks(sorted(proposed)):
        moved += await _compare(ground, run_id, part, proposed, near, comes, goes)
    themes = await all_themes(survey_id)
    there = {theme.key: theme for theme in themes}
    gone = {
        t.key for t in themes
        if t.state == ThemeState.PROPOSED and t.key not in wanted and t.key not in result.themes and t.statements == goes[t.key]
    }  # fmt: skip
    new = {key for key in result.themes if key not in there}
    rows = []
    for key in sorted({*result.themes, *gone}):
        values = result.themes.get(key)
        rows.append((run_id, key, key in new, key in gone, comes[key], goes[key], to_json(values) if values else "{}"))
    await insert_rows(ThemeDifference, ("run", "theme_key", "is_new", "is_gone", "comes", "goes", "data"), rows)
    if not moved and not gone and not new:
        await _finish(ground, run_id, None)


async def _figures(survey_id: int, result: RunResult, here: set[int]) -> dict[str, Any]:
    """Totals of the run; what is unsorted stays as people see it, and is brought up to date as statements are placed."""
    figures = result.totals(here)
    rows = await Unsorted.select(Unsorted.language, Unsorted.statement).where(Unsorted.survey == survey_id)
    left = Counter(row["language"] for row in rows)
    figures["unsorted"] = left.total()
    for tag, told in figures["languages"].items():
        told["unsorted"] = left.get(tag, 0)
    return figures


async def _place_new(
    ground: Ground, result: RunResult, proposed: Mapping[int, Mapping[str, float]], fresh: Sequence[int]
) -> None:
    """Statements that nobody has seen yet go to their themes at once; those of a theme that is only proposed wait in the unsorted."""
    languages = {view.id: view.language for view in result.views}
    for part in _chunks(fresh):
        assigned = {row["statement"] for row in await Assignment.select(Assignment.statement).where(Assignment.statement.is_in(list(part)))}
        waiting = {row["statement"] for row in await Unsorted.select(Unsorted.statement).where(Unsorted.statement.is_in(list(part)))}
        new = [s for s in part if s not in assigned and s not in waiting]
        await insert_rows(Unsorted, ("survey", "statement", "language"), [(ground.survey_id, s, languages[s]) for s in new])
        if new:
            await add_to_run(ground.survey_id, len(new), Counter(languages[s] for s in new))
        placed = [s for s in part if s not in assigned]
        await settle(ground, placed, {s: {key: n for key, n in proposed[s].items() if key in ground.ids} for s in placed})


def _near(ground: Ground, result: RunResult) -> set[int]:
    """Statements that copy one about which a person decided, or stand in the same answer."""
    examples = {s for change in ground.held.structure if isinstance(change, Split) for part in change.parts for s in part.examples}
    decided = {*ground.held.inside, *ground.held.outside, *examples}
    if not decided:
        return set()
    originals = {result.copy_of[s] for s in decided if s in result.copy_of}
    responses = {view.response for view in result.views if view.id in decided}
    return {v.id for v in result.views if result.copy_of[v.id] in originals or v.response in responses}


async def _compare(
    ground: Ground, run_id: int, part: Sequence[int], proposed: Mapping[int, Mapping[str, float]], near: set[int],
    comes: Counter[str], goes: Counter[str],
) -> int:  # fmt: skip
    """Keep what differs of these statements; what makes no difference to anybody is stored at once. Return how many would move."""
    base = await base_of(part, ground.keys)
    differing = [s for s in part if base[s].keys() != proposed[s].keys()]
    if not differing:
        return 0
    now, then = await stand({s: base[s] for s in differing}, ground.held), await stand({s: proposed[s] for s in differing}, ground.held)
    rows: list[tuple[Any, ...]] = []
    unseen, moved = [], 0
    for s in differing:
        if now[s].keys() == then[s].keys() and proposed[s].keys() <= ground.ids.keys():
            unseen.append(s)
            continue
        moved += 1
        for layer, were, are in (
            (MODEL, base[s], proposed[s]), (SEEN, {k: v.score for k, v in now[s].items()}, {k: v.score for k, v in then[s].items()}),
        ):  # fmt: skip
            rows += [(run_id, s, layer, key, None, s in near) for key in sorted(were.keys() - are.keys())]
            rows += [(run_id, s, layer, key, are[key], s in near) for key in sorted(are.keys() - were.keys())]
        goes.update(now[s].keys() - then[s].keys())
        comes.update(then[s].keys() - now[s].keys())
    await insert_rows(Difference, ("run", "statement", "layer", "theme_key", "score", "is_near"), rows)
    await settle(ground, unseen, {s: proposed[s] for s in unseen})
    return moved


async def drop_waiting(survey_id: int) -> None:
    """A newer run replaces what waits of an older one."""
    runs = await AnalysisRun.select(AnalysisRun.id).where(
        (AnalysisRun.survey == survey_id) & AnalysisRun.state.is_in([WAITING, TAKING])
    )
    for row in runs:
        await _forget(row["id"])


async def _forget(run_id: int) -> None:
    await Difference.delete().where(Difference.run == run_id)
    await ThemeDifference.delete().where(ThemeDifference.run == run_id)
    await AnalysisRun.update({AnalysisRun.state: CLOSED}).where(AnalysisRun.id == run_id)


async def find_difference(survey_id: int) -> DifferenceView | None:
    """The difference that waits for people, if there is one."""
    run = await newest_run(survey_id)
    if run is None or run.state not in {WAITING, TAKING}:
        return None
    rows = await (
        ThemeDifference.select()
        .where((ThemeDifference.run == run.id) & _matters())
        .order_by(ThemeDifference.comes, ascending=False)
        .order_by(ThemeDifference.theme_key)
    )
    if not rows and run.state == WAITING:
        return None
    return DifferenceView(
        run=run.id, state=run.state, statements=await _count(run.id), near=await _count(run.id, is_near=True),
        themes=[_change(row) for row in rows],
    )  # fmt: skip


def _matters() -> Any:
    return (
        (ThemeDifference.comes > 0) | (ThemeDifference.goes > 0)
        | (ThemeDifference.is_new == True) | (ThemeDifference.is_gone == True)  # noqa: E712 -- piccolo's conditions
    )  # fmt: skip


def _change(row: Mapping[str, Any]) -> ThemeChange:
    data: dict[str, Any] = from_json(row["data"])
    return ThemeChange(
        row["theme_key"], bool(row["is_new"]), bool(row["is_gone"]), row["comes"], row["goes"], data.get("names", {}),
        data.get("people", 0),
    )  # fmt: skip


async def _count(run_id: int, *, is_near: bool = False) -> int:
    rows = await Difference.raw(
        'SELECT COUNT(DISTINCT "statement") AS "n", COUNT(DISTINCT CASE WHEN "is_near" THEN "statement" END) AS "near" '
        """FROM "difference" WHERE "run" = {} AND "layer" = 'seen'""",
        run_id,
    )
    return int(rows[0]["near" if is_near else "n"])


async def _count_of(run_id: int, key: str) -> int:
    """Statements that come into the theme or leave it; without a key, of all themes."""
    if not key:
        return await _count(run_id)
    total = await Difference.count().where(
        (Difference.run == run_id) & (Difference.layer == SEEN) & (Difference.theme_key == key)
    )
    return int(total)


async def examples_of(run_id: int, key: str = "", *, limit: int = EXAMPLES) -> list[Example]:
    """Some of the statements that would move, those near people's decisions first; of one theme, if it is given."""
    here = (Difference.run == run_id) & (Difference.layer == SEEN)
    wanted = here & (Difference.theme_key == key) if key else here
    rows = await (
        Difference.select(Difference.statement, Difference.is_near)
        .where(wanted)
        .order_by(Difference.is_near, ascending=False)
        .order_by(Difference.statement)
        .limit(8 * limit)
    )
    ids = list(dict.fromkeys(row["statement"] for row in rows))[:limit]
    if not ids:
        return []
    found = await Difference.select().where(here & Difference.statement.is_in(ids)).order_by(Difference.theme_key)
    return [
        Example(
            s, [row["theme_key"] for row in found if row["statement"] == s and row["score"] is None],
            [row["theme_key"] for row in found if row["statement"] == s and row["score"] is not None],
            any(row["is_near"] for row in found if row["statement"] == s),
        )
        for s in ids
    ]  # fmt: skip


async def take(survey_id: int, run_id: int, key: str = "", *, actor: Actor, why: str = "") -> None:
    """Take what a run proposes: for one theme, or all of it. Where it moves many statements a worker does it."""
    async with write_transaction(Theme):
        await _begin(survey_id, run_id, actor)
        statements = await statements_of(run_id, key, limit=AT_ONCE + 1)
        event = Event(0, key, TakeRun(run_id, await _count_of(run_id, key)), actor.name, actor.role, clock.now(), why)
        await record_event(survey_id, event, actor)
        await record_act(actor=actor.name, role=actor.role, action="theme.take_run", subject=f"run:{run_id}")
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))
        if len(statements) <= AT_ONCE:
            await take_some(survey_id, run_id, key, statements)
            await finish_taking(survey_id, run_id, key)
            return
        run = await newest_run(survey_id)
        assert run is not None
        await AnalysisRun.update(
            {AnalysisRun.state: TAKING, AnalysisRun.figures: to_json({**run.figures, "taking": key})}
        ).where(AnalysisRun.id == run_id)
        await enqueue(kind=SETTLE_THEMES, subject=about_survey(survey_id))


async def reject(survey_id: int, run_id: int, key: str = "", *, actor: Actor, why: str = "") -> None:
    """Leave everything, or one theme, as it is. The next run may propose it again."""
    async with write_transaction(Theme):
        await _begin(survey_id, run_id, actor)
        event = Event(0, key, RejectRun(run_id, await _count_of(run_id, key)), actor.name, actor.role, clock.now(), why)
        await record_event(survey_id, event, actor)
        await record_act(actor=actor.name, role=actor.role, action="theme.reject_run", subject=f"run:{run_id}")
        if not key:
            await _forget(run_id)
            return
        for part in _chunks(await statements_of(run_id, key)):
            await Difference.delete().where((Difference.run == run_id) & Difference.statement.is_in(list(part)))
        await ThemeDifference.delete().where((ThemeDifference.run == run_id) & (ThemeDifference.theme_key == key))
        await recount_difference(run_id)


async def _begin(survey_id: int, run_id: int, actor: Actor) -> None:
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot decide on themes.")
    run = await newest_run(survey_id)
    if run is None or run.id != run_id or run.state != WAITING:
        raise Conflict("This difference was dealt with already, or a newer analysis took its place.")


async def statements_of(run_id: int, key: str, *, after: int = 0, limit: int | None = None) -> list[int]:
    """Statements of the difference in order: those that come into the theme or leave it, or all."""
    here = (Difference.run == run_id) & (Difference.layer == SEEN) & (Difference.statement > after)
    if key:
        here = here & (Difference.theme_key == key)
    query = Difference.select(Difference.statement).where(here).group_by(Difference.statement).order_by(Difference.statement)
    return [row["statement"] for row in await (query.limit(limit) if limit else query)]


async def take_some(survey_id: int, run_id: int, key: str, statements: Collection[int]) -> None:
    """Let the model's new word count for these statements. In the caller's transaction."""
    ground = await read_ground(survey_id)
    rows = await Difference.select().where(
        (Difference.run == run_id) & (Difference.layer == MODEL) & Difference.statement.is_in(list(statements))
    ) if statements else []  # fmt: skip
    wanted = {row["theme_key"] for row in rows if row["score"] is not None} | ({key} if key else set())
    await _make_themes(ground, run_id, wanted)
    base = await base_of(statements, ground.keys)
    for row in rows:
        if row["score"] is None:
            base[row["statement"]].pop(row["theme_key"], None)
        else:
            base[row["statement"]][row["theme_key"]] = row["score"]
    await settle(ground, statements, base)
    if statements:
        await Difference.delete().where((Difference.run == run_id) & Difference.statement.is_in(list(statements)))


async def take_part(survey_id: int, run_id: int) -> int:
    """Take the next statements of a run that a job is at; return how many there were."""
    async with write_transaction(Theme):
        run = await newest_run(survey_id)
        if run is None or run.id != run_id or run.state != TAKING:
            return 0
        part = await statements_of(run_id, run.figures["taking"], limit=AT_ONCE)
        await take_some(survey_id, run_id, run.figures["taking"], part)
        return len(part)


async def take_the_rest(survey_id: int, run_id: int) -> None:
    """End what `take_part` did, unless somebody stopped it."""
    async with write_transaction(Theme):
        run = await newest_run(survey_id)
        if run is not None and run.id == run_id and run.state == TAKING:
            await finish_taking(survey_id, run_id, run.figures["taking"])


async def stop_taking(survey_id: int, *, actor: Actor) -> None:
    """Let what a job has not taken yet wait for people again; what it took stays."""
    async with write_transaction(Theme):
        run = await newest_run(survey_id)
        if run is None or run.state != TAKING:
            return
        await AnalysisRun.update({AnalysisRun.state: WAITING}).where(AnalysisRun.id == run.id)
        await recount_difference(run.id)
        await record_act(actor=actor.name, role=actor.role, action="theme.stop_run", subject=f"run:{run.id}")


async def _make_themes(ground: Ground, run_id: int, keys: Iterable[str]) -> None:
    """Make the proposals that are taken; their sizes come with their statements."""
    missing = sorted(set(keys) - ground.ids.keys())
    if not missing:
        return
    rows = await ThemeDifference.select().where((ThemeDifference.run == run_id) & ThemeDifference.theme_key.is_in(missing))
    for row in rows:
        if row["data"] == "{}":
            continue
        values: dict[str, Any] = {**from_json(row["data"]), "people": 0, "statements": 0, "languages": "{}"}
        names = to_json(values.pop("names"))
        made = await Theme.insert(
            Theme(
                public_id=new_public_id(), survey=ground.survey_id, key=row["theme_key"], state=ThemeState.PROPOSED, names=names,
                run=run_id, **values,
            )
        ).returning(Theme.id)  # fmt: skip
        ground.ids[row["theme_key"]] = made[0]["id"]


async def finish_taking(survey_id: int, run_id: int, key: str = "") -> None:
    """Bring words and quotes of the taken themes up to date, and take away what is no more. In the caller's transaction."""
    ground = await read_ground(survey_id)
    await _make_new(ground, run_id, key)
    await _finish(ground, run_id, key or None)
    if key:
        await AnalysisRun.update({AnalysisRun.state: WAITING}).where(AnalysisRun.id == run_id)
        await recount_difference(run_id)


async def _make_new(ground: Ground, run_id: int, key: str) -> None:
    new = (ThemeDifference.run == run_id) & (ThemeDifference.is_new == True)  # noqa: E712 -- piccolo's condition
    rows = await ThemeDifference.select(ThemeDifference.theme_key).where(new & (ThemeDifference.theme_key == key) if key else new)
    await _make_themes(ground, run_id, [row["theme_key"] for row in rows])


async def _finish(ground: Ground, run_id: int, key: str | None) -> None:
    here = ThemeDifference.run == run_id
    rows = await ThemeDifference.select().where(here & (ThemeDifference.theme_key == key) if key else here)
    themes = {theme.key: theme for theme in await all_themes(ground.survey_id)}
    for row in rows:
        theme = themes.get(row["theme_key"])
        if theme is None:
            continue
        if row["is_gone"]:
            if not await Assignment.exists().where(Assignment.theme == theme.id) and theme.key not in ground.decided:
                await Theme.delete().where(Theme.id == theme.id)
            continue
        data: dict[str, Any] = from_json(row["data"])
        told: dict[Any, Any] = {name: data[name] for name in ("keywords", "reasons", "words", "border", "stability")}
        for name in ("quotes", "public_quotes"):
            told[name] = to_json(await _still_there(theme.id, from_json(data[name])))
        told["run"] = run_id
        await Theme.update(told).where(Theme.id == theme.id)
    if key is None:
        await _forget(run_id)
    else:
        await ThemeDifference.delete().where(here & (ThemeDifference.theme_key == key))


async def _still_there(theme: int, quotes: list[int]) -> list[int]:
    """Quotes that stand in the theme; a person may have moved one in the meantime."""
    rows = await Assignment.select(Assignment.statement).where((Assignment.theme == theme) & Assignment.statement.is_in(quotes)) if quotes else []
    there = {row["statement"] for row in rows}
    return [key for key in quotes if key in there]


async def recount_difference(run_id: int) -> None:
    """Say anew for each theme how many statements would come and go; where nothing is left the difference is done with."""
    rows = await Difference.raw(
        'SELECT "theme_key", SUM(CASE WHEN "score" IS NULL THEN 0 ELSE 1 END) AS "comes", '
        'SUM(CASE WHEN "score" IS NULL THEN 1 ELSE 0 END) AS "goes" '
        """FROM "difference" WHERE "run" = {} AND "layer" = 'seen' GROUP BY "theme_key" """,
        run_id,
    )
    counts = {row["theme_key"]: (int(row["comes"]), int(row["goes"])) for row in rows}
    for row in await ThemeDifference.select().where(ThemeDifference.run == run_id):
        comes, goes = counts.get(row["theme_key"], (0, 0))
        await ThemeDifference.update({ThemeDifference.comes: comes, ThemeDifference.goes: goes}).where(ThemeDifference.id == row["id"])
    if not counts and not await ThemeDifference.exists().where((ThemeDifference.run == run_id) & _matters()):
        await _forget(run_id)


def _chunks(items: Sequence[int]) -> Iterable[Sequence[int]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
