"""Bringing the assignments in line with what people decided, and the figures of the themes with the assignments.

What the model said is kept beside what stands (SetAside), so that where a statement stands follows from the model's words and the
log of acts alone: whatever is done, undone or run again in between. Works on the statements that it is given and on nothing else,
inside the caller's `write_transaction(Theme)`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.lexicon.load import load_lexicon
from analysis.lexicon.match import Hit
from analysis.themes.constraints import obey
from analysis.themes.decisions import Constraints, Split, what_holds
from analysis.themes.describe import keywords_of
from analysis.themes.features import comparable_rows
from analysis.themes.likeness import most_alike
from analysis.themes.quotes import CANDIDATES, choose_quotes
from analysis.themes.results import Members
from analysis.themes.results import Statement as Said
from survey.db.bulk import insert_rows
from survey.db.columns import from_json, to_json, to_json_in_order
from survey.jobs.kinds import SETTLE_THEMES, about_survey
from survey.jobs.service import enqueue
from survey.responses.queries import flagged_among, quotable_among
from survey.statements.queries import hold_statements, statements_by_id
from survey.themes.decisions import decisions_of
from survey.themes.queries import list_events
from survey.themes.states import Decided, Event, replay, whither
from survey.themes.tables import AnalysisRun, Assignment, SetAside, Theme, Unsorted

AT_ONCE = 2000
"""Statements that are settled in one transaction; of more, a worker settles so many at a time."""

LEAST_QUOTES = 3
ENOUGH_QUOTES = 6

Scores = Mapping[str, float]
"""Theme keys with how surely a statement is in them."""


@dataclass(frozen=True)
class Ground:
    """What stands in a survey while an act is done."""

    survey_id: int
    events: list[Event]
    decided: dict[str, Decided]
    held: Constraints
    ids: dict[str, int]

    @property
    def keys(self) -> dict[int, str]:
        return {row_id: key for key, row_id in self.ids.items()}


async def read_ground(survey_id: int, *further: Event) -> Ground:
    """Read the log (and what is about to be added to it) and the themes that there are."""
    events = [*await list_events(survey_id), *further]
    rows = await Theme.select(Theme.id, Theme.key).where(Theme.survey == survey_id)
    return Ground(
        survey_id, events, replay(events), what_holds(decisions_of(events)), {row["key"]: row["id"] for row in rows}
    )


@dataclass(frozen=True)
class Standing:
    """A statement in a theme. `author` as Assignment says."""

    score: float
    author: str


async def stand(base: Mapping[int, Scores], held: Constraints) -> dict[int, dict[str, Standing]]:
    """Where statements stand, given what the model says of each (`base`) and what people decided. Each for itself."""
    ids = sorted(base)
    splits = [change for change in held.structure if isinstance(change, Split)]
    is_split = bool(splits) and any(key in held.redirects for scores in base.values() for key in scores)
    named = {int(str(name)) for split in splits for part in split.parts for name in part.examples} if is_split else set()
    examples = sorted(named - set(ids))
    rows = [*ids, *examples]
    found: defaultdict[str, Members] = defaultdict(Members)
    for row, statement in enumerate(ids):
        for key, score in base[statement].items():
            found[key].rows.append(row)
            found[key].scores.append(score)
    said, hits, n_concepts = await _read(rows) if is_split else ([], [], 0)
    concerned = set(rows)
    near = replace(
        held,
        inside={name: keys for name, keys in held.inside.items() if name in concerned},
        outside={name: keys for name, keys in held.outside.items() if name in concerned},
        pinned=set(), must_link=[], cannot_link=[],
    )  # fmt: skip
    obeyed = obey(
        found, near, {name: row for row, name in enumerate(rows)},
        lambda asked, choices: most_alike(asked, choices, said, hits, n_concepts) if said else [0] * len(asked),
    )  # fmt: skip
    standing: dict[int, dict[str, Standing]] = {statement: {} for statement in ids}
    for key, members in obeyed.found.items():
        for row, score in zip(members.rows, members.scores, strict=True):
            if row >= len(ids):
                continue
            said_before = base[rows[row]].get(key)
            is_persons = obeyed.leading.get(row) == key
            author = "person" if is_persons else "model" if said_before == score else "act"
            standing[rows[row]][key] = Standing(score, author)
    return standing


async def _read(ids: Sequence[int]) -> tuple[list[Said], list[list[Hit]], int]:
    views = await statements_by_id(list(ids))
    said = [Said(views[key].text, views[key].language, key) if key in views else Said("", "und", key) for key in ids]
    hits = [_hits(views[key].needs) if key in views else [] for key in ids]
    return said, hits, len(load_lexicon().concepts)


def _hits(needs: str) -> list[Hit]:
    """What the lexicon heard in a statement, as it is stored with it: a web process does not look for it again."""
    index = load_lexicon().index
    return [Hit(index[need], "", 1.0) for need in needs.split() if need in index]


async def base_of(statements: Collection[int], keys: Mapping[int, str]) -> dict[int, dict[str, float]]:
    """What the model says of these statements."""
    base: dict[int, dict[str, float]] = {statement: {} for statement in statements}
    wanted = list(statements)
    if not wanted:
        return base
    kept = await Assignment.select(Assignment.statement, Assignment.theme, Assignment.score).where(
        Assignment.statement.is_in(wanted) & (Assignment.author == "model")
    )
    aside = await SetAside.select(SetAside.statement, SetAside.theme, SetAside.score).where(SetAside.statement.is_in(wanted))
    for row in [*kept, *aside]:
        base[row["statement"]][keys[row["theme"]]] = row["score"]
    return base


async def settle(ground: Ground, statements: Collection[int], base: Mapping[int, Scores] | None = None) -> set[str]:
    """Let these statements stand where they belong, count anew what that touches, and return the themes touched.

    `base` replaces what the model said of them. At most AT_ONCE statements a call.
    """
    here = await hold_statements(sorted(statements))  # an act may speak of answers that were withdrawn since
    if not here:
        return set()
    base = await base_of(here, ground.keys) if base is None else {key: base[key] for key in here}
    target = await stand(base, ground.held)
    await _write_aside(ground, base, target)
    change = await _write_assignments(ground, target)
    if not change.is_any:
        return set()
    await _count(ground, change)
    return {ground.keys[theme] for theme in change.themes}


async def _write_aside(ground: Ground, base: Mapping[int, Scores], target: Mapping[int, Mapping[str, Standing]]) -> None:
    wanted = {
        (statement, ground.ids[key]): score
        for statement, scores in base.items()
        for key, score in scores.items()
        if target[statement].get(key, Standing(0, "")).author != "model"
    }
    rows = await SetAside.select().where(SetAside.statement.is_in(list(base)))
    there = {(row["statement"], row["theme"]): row for row in rows}
    gone = [row["id"] for place, row in there.items() if wanted.get(place) != row["score"]]
    if gone:
        await SetAside.delete().where(SetAside.id.is_in(gone))
    fresh = [(*place, score) for place, score in wanted.items() if place not in there or there[place]["score"] != score]
    await insert_rows(SetAside, ("statement", "theme", "score"), sorted(fresh))


@dataclass
class _Change:
    """Where the statements stood, where they stand, and which themes that touches."""

    before: dict[int, set[int]]
    after: dict[int, set[int]]
    themes: set[int] = field(default_factory=set)
    is_any: bool = False


async def _write_assignments(ground: Ground, target: Mapping[int, Mapping[str, Standing]]) -> _Change:
    rows = await Assignment.select().where(Assignment.statement.is_in(list(target)))
    there = {(row["statement"], row["theme"]): row for row in rows}
    wanted = {(statement, ground.ids[key]): standing for statement, found in target.items() for key, standing in found.items()}
    stale = [
        place for place, row in there.items()
        if place not in wanted or (wanted[place].score, wanted[place].author) != (row["score"], row["author"])
    ]  # fmt: skip
    if stale:
        await Assignment.delete().where(Assignment.id.is_in([there[place]["id"] for place in stale]))
    fresh = sorted(place for place in wanted if place not in there or place in set(stale))
    await insert_rows(
        Assignment, ("statement", "theme", "score", "author"),
        [(*place, wanted[place].score, wanted[place].author) for place in fresh],
    )  # fmt: skip
    change = _Change({s: set() for s in target}, {s: set() for s in target}, is_any=bool(stale or fresh))
    for statement, theme in there:
        change.before[statement].add(theme)
    for statement, theme in wanted:
        change.after[statement].add(theme)
    for statement in target:
        change.themes |= change.before[statement] ^ change.after[statement]
    return change


async def _count(ground: Ground, change: _Change) -> None:
    """Add to each theme what these statements' people changed; nobody else is counted."""
    moved = sorted(statement for statement in change.before if change.before[statement] != change.after[statement])
    views = await statements_by_id(moved)
    responses = sorted({view.response for view in views.values()})
    if change.themes and responses:
        others = await (
            Assignment.select(
                Assignment.statement, Assignment.theme, Assignment.statement.response.as_alias("response"),
                Assignment.statement.language.as_alias("language"),
            )
            .where(Assignment.statement.response.is_in(responses) & Assignment.theme.is_in(sorted(change.themes)))
        )  # fmt: skip
        own = set(moved)
        still = [(row["theme"], row["statement"], row["response"], row["language"]) for row in others if row["statement"] not in own]
        sides = []
        for side in (change.before, change.after):
            told = [(theme, s, views[s].response, views[s].language) for s in moved if s in views for theme in side[s]]
            sides.append(_people(still + told))
        await _add_counts(ground, change, sides[0], sides[1], await flagged_among(responses))
    await _count_unsorted(ground, change, moved, {s: view.language for s, view in views.items()})


def _people(rows: Iterable[tuple[int, int, str, str]]) -> dict[int, dict[str, str]]:
    """For each theme its people, each with the language of their first statement in it."""
    first: dict[tuple[int, str], tuple[int, str]] = {}
    for theme, statement, response, language in rows:
        place = theme, response
        if place not in first or statement < first[place][0]:
            first[place] = statement, language
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for (theme, response), (_, language) in first.items():
        found[theme][response] = language
    return found


async def _add_counts(
    ground: Ground, change: _Change, before: Mapping[int, Mapping[str, str]], after: Mapping[int, Mapping[str, str]],
    flagged: set[str],
) -> None:  # fmt: skip
    rows = await Theme.select().where(Theme.id.is_in(sorted(change.themes)))
    for row in rows:
        theme = row["id"]
        were, are = before.get(theme, {}), after.get(theme, {})
        languages: Counter[str] = Counter(from_json(row["languages"], dict[str, int]))
        languages.update(are.values())
        languages.subtract(were.values())
        left = {s for s in change.before if theme in change.before[s] and theme not in change.after[s]}
        came = sum(theme in change.after[s] and theme not in change.before[s] for s in change.after)
        await Theme.update(
            {
                Theme.people: row["people"] + len(are) - len(were),
                Theme.people_unflagged: row["people_unflagged"] + len(set(are) - flagged) - len(set(were) - flagged),
                Theme.statements: row["statements"] + came - len(left),
                Theme.languages: to_json_in_order(most_first(languages)),
                Theme.quotes: _without(row["quotes"], left),
                Theme.public_quotes: _without(row["public_quotes"], left),
            }
        ).where(Theme.id == theme)
    await _describe(ground, sorted(change.themes))


def _without(quotes: str, left: set[int]) -> str:
    found: list[int] = from_json(quotes)
    return to_json([key for key in found if key not in left])


def most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(((key, n) for key, n in counts.items() if n > 0), key=lambda item: (-item[1], item[0])))


async def _describe(ground: Ground, themes: list[int]) -> None:
    """Give quotes to themes that have too few of them left, and words to those that people made."""
    rows = await Theme.select(Theme.id, Theme.key, Theme.statements, Theme.quotes).where(Theme.id.is_in(themes))
    for row in rows:
        quotes: list[int] = from_json(row["quotes"])
        is_made = row["key"] in ground.decided and ground.decided[row["key"]].is_made
        if len(quotes) >= min(LEAST_QUOTES, row["statements"]) and not (is_made and len(quotes) < ENOUGH_QUOTES):
            continue
        await describe_again(row["id"], with_words=is_made)


async def describe_again(theme: int, *, with_words: bool) -> None:
    """Choose a theme's quotes anew among its surest statements."""
    rows = await (
        Assignment.select(Assignment.statement, Assignment.score)
        .where(Assignment.theme == theme)
        .order_by(Assignment.score, ascending=False)
        .order_by(Assignment.statement)
        .limit(CANDIDATES)
    )
    scores = {row["statement"]: row["score"] for row in rows}
    views = await statements_by_id(list(scores))
    ids = [key for key in scores if key in views]
    texts, languages = [views[key].text for key in ids], [views[key].language for key in ids]
    likeness = comparable_rows(texts, languages, [_hits(views[key].needs) for key in ids], len(load_lexicon().concepts))

    def chosen(places: list[int]) -> list[int]:
        found = choose_quotes(
            likeness[places], [scores[ids[i]] for i in places], [views[ids[i]].response for i in places],
            [languages[i] for i in places], [len(texts[i]) for i in places],
        )  # fmt: skip
        return [ids[places[i]] for i in found]

    allowed = await quotable_among([views[key].response for key in ids])
    public = [place for place, key in enumerate(ids) if views[key].response in allowed]
    changes: dict[Any, Any] = {
        Theme.quotes: to_json(chosen(list(range(len(ids)))) if ids else []),
        Theme.public_quotes: to_json(chosen(public) if public else []),
    }
    if with_words:
        changes[Theme.keywords] = to_json_in_order(keywords_of(texts, languages))
    await Theme.update(changes).where(Theme.id == theme)


async def _count_unsorted(ground: Ground, change: _Change, moved: Sequence[int], languages: Mapping[int, str]) -> None:
    lost = sorted(s for s in moved if not change.before[s] and change.after[s])
    fresh = sorted(s for s in moved if change.before[s] and not change.after[s] and s in languages)
    placed = 0
    if lost:
        placed = len(await Unsorted.delete().where(Unsorted.statement.is_in(lost)).returning(Unsorted.id))
    await insert_rows(Unsorted, ("survey", "statement", "language"), [(ground.survey_id, s, languages[s]) for s in fresh])
    if placed or fresh:
        delta = Counter(languages[s] for s in fresh)
        delta.subtract(languages[s] for s in lost if s in languages)
        await add_to_run(ground.survey_id, len(fresh) - placed, delta)


async def add_to_run(survey_id: int, unsorted: int, by_language: Mapping[str, int]) -> None:
    """Keep the share of unsorted statements, told with the newest run, as it is now."""
    row = await (
        AnalysisRun.select(AnalysisRun.id, AnalysisRun.figures)
        .where(AnalysisRun.survey == survey_id)
        .order_by(AnalysisRun.id, ascending=False)
        .first()
    )
    if row is None:
        return
    figures: dict[str, Any] = from_json(row["figures"])
    figures["unsorted"] = max(0, figures.get("unsorted", 0) + unsorted)
    for tag, number in by_language.items():
        told = figures.setdefault("languages", {}).setdefault(tag, {"statements": 0, "unsorted": 0})
        told["unsorted"] = max(0, told["unsorted"] + number)
    await AnalysisRun.update({AnalysisRun.figures: to_json(figures)}).where(AnalysisRun.id == row["id"])


async def statements_touched(themes: Collection[int], *, after: int = 0, limit: int = AT_ONCE + 1) -> list[int]:
    """Statements that are in these themes, or were before people's acts, in order."""
    if not themes:
        return []
    found: set[int] = set()
    for table in (Assignment, SetAside):
        rows = await (
            table.select(table.statement)
            .where(table.theme.is_in(sorted(themes)) & (table.statement > after))
            .order_by(table.statement)
            .limit(limit)
        )
        found |= {row["statement"] for row in rows}
    return sorted(found)[:limit]


async def settle_themes(ground: Ground, keys: set[str]) -> None:
    """Settle all statements of these themes, or leave them to a worker where they are many."""
    themes = sorted(ground.ids[key] for key in keys if key in ground.ids)
    statements = await statements_touched(themes)
    if len(statements) <= AT_ONCE:
        await settle(ground, statements)
        return
    await Theme.update({Theme.is_settling: True}).where(Theme.id.is_in(themes))
    await enqueue(kind=SETTLE_THEMES, subject=about_survey(ground.survey_id))


async def settle_after_withdrawals(survey_id: int) -> None:
    """Where an example of a split was withdrawn, what is like it belongs elsewhere now. In the caller's transaction."""
    ground = await read_ground(survey_id)
    splits = [change for change in ground.held.structure if isinstance(change, Split)]
    examples = [{int(str(s)) for part in split.parts for s in part.examples} for split in splits]
    here = await hold_statements(sorted(set().union(*examples)))
    lost = {part.theme for split, own in zip(splits, examples, strict=True) if own - here for part in split.parts}
    await settle_themes(ground, {now for key in lost for now in whither(ground.decided, key)})
