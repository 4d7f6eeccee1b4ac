"""What a run would change, as pages show it. Not here: finding it out (comparing), and answering it (answering)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from survey.db.columns import from_json, to_json
from survey.themes.queries import newest_run
from survey.themes.settling import AT_ONCE
from survey.themes.states import DifferenceState
from survey.themes.tables import AnalysisRun, Difference, ThemeDifference

MODEL, SEEN = "model", "seen"
APPLIED, WAITING, TAKING, CLOSED = "applied", "waiting", "taking", "closed"
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


async def find_difference(survey_id: int) -> DifferenceView | None:
    """The difference that waits for people, if there is one."""
    run = await newest_run(survey_id)
    if run is None or run.state not in {WAITING, TAKING}:
        return None
    rows = await (
        ThemeDifference.select()
        .where((ThemeDifference.run == run.id) & matters())
        .order_by(ThemeDifference.comes, ascending=False)
        .order_by(ThemeDifference.theme_key)
    )
    if not rows and run.state == WAITING:
        return None
    return DifferenceView(
        run=run.id, state=run.state, statements=await _count(run.id), near=await _count(run.id, is_near=True),
        themes=[_change(row) for row in rows],
    )  # fmt: skip


def matters() -> Any:
    """A theme that waits for people, and of which the run would change something."""
    changes = (ThemeDifference.comes > 0) | (ThemeDifference.goes > 0) | (ThemeDifference.is_gone == True)  # noqa: E712 -- piccolo's condition
    return (ThemeDifference.state == DifferenceState.WAITING) & changes


def _change(row: Mapping[str, Any]) -> ThemeChange:
    data: dict[str, Any] = from_json(row["data"])
    return ThemeChange(
        row["theme_key"], bool(row["is_new"]), bool(row["is_gone"]), row["comes"], row["goes"], data.get("names", {}),
        data.get("people", 0),
    )  # fmt: skip


async def _count(run_id: int, *, is_near: bool = False) -> int:
    rows = await Difference.raw(
        'SELECT COUNT(DISTINCT "statement") AS "n", COUNT(DISTINCT CASE WHEN "is_near" THEN "statement" END) AS "near" '
        """FROM "difference" WHERE "run" = {} AND "state" = 'waiting' AND "layer" = 'seen'""",
        run_id,
    )
    return int(rows[0]["near" if is_near else "n"])


async def count_of(run_id: int, key: str) -> int:
    """Statements that wait to come into the theme or to leave it; without a key, of all themes."""
    if not key:
        return await _count(run_id)
    return int(await Difference.count().where(seen_rows(run_id) & (Difference.theme_key == key)))


def seen_rows(run_id: int, state: DifferenceState = DifferenceState.WAITING) -> Any:
    return (Difference.run == run_id) & (Difference.state == state) & (Difference.layer == SEEN)


async def examples_of(run_id: int, key: str = "", *, limit: int = EXAMPLES) -> list[Example]:
    """Some of the statements that would move, those near people's decisions first; of one theme, if it is given."""
    here = seen_rows(run_id)
    rows = await (
        Difference.select(Difference.statement, Difference.is_near)
        .where(here & (Difference.theme_key == key) if key else here)
        .order_by(Difference.is_near, ascending=False)
        .order_by(Difference.statement)
        .limit(8 * limit)
    )
    return await _examples(here, list(dict.fromkeys(row["statement"] for row in rows))[:limit])


async def rejected_by(run_id: int, event: int, *, limit: int = EXAMPLES) -> list[Example]:
    """Some of the statements that the run would move, and that an act refused to move."""
    here = seen_rows(run_id, DifferenceState.REJECTED) & (Difference.event == event)
    query = Difference.select(Difference.statement).where(here).group_by(Difference.statement).order_by(Difference.statement)
    return await _examples(here, [row["statement"] for row in await query.limit(limit)])


async def refusals_of(run_id: int, *, limit: int = 20) -> list[int]:
    """The acts that refused what this run would change, the newest first."""
    rows = await (
        Difference.select(Difference.event)
        .where(seen_rows(run_id, DifferenceState.REJECTED))
        .group_by(Difference.event)
        .order_by(Difference.event, ascending=False)
        .limit(limit)
    )
    return [row["event"] for row in rows]


async def new_themes(run_id: int) -> list[ThemeChange]:
    """Themes that a run would make, refused ones among them."""
    rows = await ThemeDifference.select().where((ThemeDifference.run == run_id) & (ThemeDifference.is_new == True))  # noqa: E712 -- piccolo's condition
    return [_change(row) for row in rows]


async def _examples(here: Any, ids: Sequence[int]) -> list[Example]:
    if not ids:
        return []
    found = await Difference.select().where(here & Difference.statement.is_in(list(ids))).order_by(Difference.theme_key)
    return [
        Example(
            s, [row["theme_key"] for row in found if row["statement"] == s and row["score"] is None],
            [row["theme_key"] for row in found if row["statement"] == s and row["score"] is not None],
            any(row["is_near"] for row in found if row["statement"] == s),
        )
        for s in ids
    ]  # fmt: skip


async def recount_difference(run_id: int) -> None:
    """Say anew of each theme how many statements would come and go, and how many are rejected; where nothing waits, the run is
    done with. In the caller's transaction.
    """
    rows = await Difference.raw(
        'SELECT "theme_key", SUM(CASE WHEN "score" IS NULL THEN 0 ELSE 1 END) AS "comes", '
        'SUM(CASE WHEN "score" IS NULL THEN 1 ELSE 0 END) AS "goes" '
        """FROM "difference" WHERE "run" = {} AND "state" = 'waiting' AND "layer" = 'seen' GROUP BY "theme_key" """,
        run_id,
    )
    counts = {row["theme_key"]: (int(row["comes"]), int(row["goes"])) for row in rows}
    waiting = (ThemeDifference.run == run_id) & (ThemeDifference.state == DifferenceState.WAITING)
    for row in await ThemeDifference.select(ThemeDifference.id, ThemeDifference.theme_key).where(waiting):
        comes, goes = counts.get(row["theme_key"], (0, 0))
        await ThemeDifference.update({ThemeDifference.comes: comes, ThemeDifference.goes: goes}).where(ThemeDifference.id == row["id"])
    refused = await Difference.raw(
        'SELECT COUNT(DISTINCT "statement") AS "n" FROM "difference" '
        """WHERE "run" = {} AND "state" = 'rejected' AND "layer" = 'seen'""",
        run_id,
    )
    is_left = bool(counts) or await ThemeDifference.exists().where((ThemeDifference.run == run_id) & matters())
    [run] = await AnalysisRun.select(AnalysisRun.figures, AnalysisRun.state).where(AnalysisRun.id == run_id)
    if run["state"] == APPLIED:
        return
    figures = {**from_json(run["figures"]), "rejected": int(refused[0]["n"])}
    figures.pop("work", None)
    await AnalysisRun.update(
        {AnalysisRun.state: WAITING if is_left else CLOSED, AnalysisRun.figures: to_json(figures)}
    ).where(AnalysisRun.id == run_id)


def chunks(items: Sequence[int]) -> Iterable[Sequence[int]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
