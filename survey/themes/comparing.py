"""What a run would change: found out when it ends, and kept until people take it, refuse it, or a newer run replaces it.

Only what differs is kept. A statement whose place would not change in anybody's eyes is brought up to date at once, unless people
took or refused something about it before: then it is theirs. What they refused is not proposed again as long as it is the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from analysis.themes.decisions import Split
from analysis.themes.results import FormerTheme
from survey.db.bulk import insert_rows
from survey.db.columns import from_json, to_json
from survey.themes.differences import MODEL, SEEN, WAITING, chunks, recount_difference
from survey.themes.queries import all_themes, newest_run
from survey.themes.recording import add_run
from survey.themes.results import RunResult
from survey.themes.settling import Ground, Standing, add_to_run, base_of, read_ground, settle, stand
from survey.themes.states import DifferenceState, ThemeState, acted_on
from survey.themes.tables import Assignment, Difference, ThemeDifference, Unsorted

Place = tuple[str, bool]
"""A theme, and whether the statement comes into it (else it leaves)."""


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
    await _place_new(ground, result, proposed, sorted(s for s in proposed if s > newest))
    run = _Run(ground, run_id, proposed, _near(ground, result), Counter(), Counter())
    for part in chunks(sorted(proposed)):
        await _compare(run, part)
    await _keep_themes(run, result)
    await recount_difference(run_id)


class _Run(NamedTuple):
    """A run while it is compared. `leaving` counts all statements that would leave a theme, `waiting` those not yet refused."""

    ground: Ground
    id: int
    proposed: Mapping[int, Mapping[str, float]]
    near: set[int]
    leaving: Counter[str]
    waiting: Counter[str]


async def _keep_themes(run: _Run, result: RunResult) -> None:
    ground = run.ground
    themes = await all_themes(ground.survey_id)
    there = {theme.key for theme in themes}
    acted = acted_on(ground.events)
    memory = await _refused_to_go(ground.survey_id)
    gone = {
        t.key for t in themes
        if t.state == ThemeState.PROPOSED and t.key not in acted and t.key not in result.themes
        and t.statements == run.leaving[t.key] == run.waiting[t.key]
    }  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for key in sorted({*result.themes, *gone}):
        values = result.themes.get(key)
        event = memory.get(key) if key in gone and not run.leaving[key] else None
        rows.append((
            run.id, key, key not in there, key in gone, 0, 0, to_json(values) if values else "{}",
            DifferenceState.REJECTED if event else DifferenceState.WAITING, event,
        ))  # fmt: skip
    columns = ("run", "theme_key", "is_new", "is_gone", "comes", "goes", "data", "state", "event")
    await insert_rows(ThemeDifference, columns, rows)


async def _refused_to_go(survey_id: int) -> dict[str, int]:
    """Empty themes that people refused to let go, with the act that refused it."""
    rows = await ThemeDifference.select(ThemeDifference.theme_key, ThemeDifference.event).where(
        (ThemeDifference.run.survey == survey_id) & (ThemeDifference.state == DifferenceState.REJECTED)
        & (ThemeDifference.is_gone == True)  # noqa: E712 -- piccolo's condition
    )  # fmt: skip
    return {row["theme_key"]: row["event"] for row in rows}


async def refused_themes(survey_id: int) -> list[FormerTheme]:
    """New themes that people refused. The next run is told of them, so that it proposes them under the same keys."""
    rows = await (
        ThemeDifference.select(ThemeDifference.theme_key, ThemeDifference.data)
        .where(
            (ThemeDifference.run.survey == survey_id) & (ThemeDifference.state == DifferenceState.REJECTED)
            & (ThemeDifference.is_new == True)  # noqa: E712 -- piccolo's condition
        )
        .order_by(ThemeDifference.id)
    )  # fmt: skip
    names: dict[str, dict[str, str]] = {row["theme_key"]: from_json(row["data"])["names"] for row in rows}
    members: defaultdict[str, list[int]] = defaultdict(list)
    if names:
        found = await Difference.select(Difference.theme_key, Difference.statement).where(
            (Difference.run.survey == survey_id) & (Difference.state == DifferenceState.REJECTED) & (Difference.layer == MODEL)
            & Difference.score.is_not_null() & Difference.theme_key.is_in(sorted(names))
        )  # fmt: skip
        for row in found:
            members[row["theme_key"]].append(row["statement"])
    return [FormerTheme(key, told, members[key]) for key, told in names.items() if members[key]]


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
    for part in chunks(fresh):
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


async def _compare(run: _Run, part: Sequence[int]) -> None:
    """Keep what differs of these statements; what makes no difference to anybody is stored at once."""
    ground = run.ground
    base = await base_of(part, ground.keys)
    proposed = {s: run.proposed[s] for s in part}
    differing = [s for s in part if base[s].keys() != proposed[s].keys()]
    if not differing:
        return
    now, then = await stand({s: base[s] for s in differing}, ground.held), await stand({s: proposed[s] for s in differing}, ground.held)
    answered = await _answered(differing)
    rows: list[tuple[Any, ...]] = []
    unseen: list[int] = []
    again: defaultdict[int, list[int]] = defaultdict(list)
    for s in differing:
        seen = _moves(now[s], then[s])
        if not seen:
            unseen += [s] if s not in answered and proposed[s].keys() <= ground.ids.keys() else []
            continue
        event = answered.get(s, {}).get(frozenset(seen))
        if event:
            again[event].append(s)
        run.leaving.update(key for key, comes in seen if not comes)
        run.waiting.update(key for key, comes in seen if not comes and not event)
        rows += _rows(run, s, event, base[s], then[s], seen)
    columns = ("run", "statement", "layer", "theme_key", "score", "before", "is_near", "state", "event")
    await insert_rows(Difference, columns, rows)
    for event, statements in again.items():  # what is remembered goes with the newest run that says it
        await Difference.delete().where(
            (Difference.event == event) & (Difference.run != run.id) & Difference.statement.is_in(statements)
        )
    await settle(ground, unseen, {s: proposed[s] for s in unseen})


def _moves(now: Mapping[str, Standing], then: Mapping[str, Standing]) -> list[Place]:
    return [(key, key in then) for key in sorted(now.keys() ^ then.keys())]


def _rows(
    run: _Run, s: int, event: int | None, base: Mapping[str, float], then: Mapping[str, Standing], seen: Sequence[Place]
) -> list[tuple[Any, ...]]:
    said, is_near = run.proposed[s], s in run.near
    state = DifferenceState.REJECTED if event else DifferenceState.WAITING
    return [
        *((run.id, s, MODEL, key, said.get(key), base.get(key), is_near, state, event) for key in sorted(base.keys() | said.keys())),
        *((run.id, s, SEEN, key, then[key].score if comes else None, None, is_near, state, event) for key, comes in seen),
    ]


async def _answered(statements: Sequence[int]) -> dict[int, dict[frozenset[Place], int]]:
    """Statements about which people took or refused something; for each, the moves that they refused and the act that did."""
    rows = await Difference.select(
        Difference.statement, Difference.event, Difference.layer, Difference.state, Difference.theme_key, Difference.score
    ).where(Difference.statement.is_in(list(statements)) & (Difference.state != DifferenceState.WAITING))
    moves: defaultdict[tuple[int, int], set[Place]] = defaultdict(set)
    for row in rows:
        if row["state"] == DifferenceState.REJECTED and row["layer"] == SEEN:
            moves[row["statement"], row["event"]].add((row["theme_key"], row["score"] is not None))
    found: dict[int, dict[frozenset[Place], int]] = {row["statement"]: {} for row in rows}
    for (statement, event), places in sorted(moves.items()):
        found[statement][frozenset(places)] = event
    return found
