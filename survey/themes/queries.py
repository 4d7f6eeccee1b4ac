"""Reading themes and runs."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from analysis.themes.results import HOT
from survey import clock
from survey.db.columns import from_json
from survey.db.search import Group
from survey.errors import NotFound
from survey.themes.rules import DEFAULT_DAYS, days_waited
from survey.themes.schemas import Groups
from survey.themes.states import Event, EventKind, RefuseLink, ThemeState, Undo, effective, read_act, undone_ids
from survey.themes.tables import (
    AnalysisRun,
    Assignment,
    EventTheme,
    ReviewEvent,
    ReviewLimit,
    SetAside,
    Theme,
    Unsorted,
)


class Reasons(msgspec.Struct, frozen=True):
    """The words for which statements are in a theme: those that the lexicon knows, and those that were learnt."""

    lexicon: list[str] = []
    learnt: list[str] = []


class ThemeView(msgspec.Struct, frozen=True):
    """A theme as it stands: figures of the newest run, state and names as people decided. `quotes` are statement ids;
    `public_quotes` those of people who allowed it when the analysis ran (ask again before printing).
    """

    id: int
    public_id: str
    survey_id: int
    key: str
    category: str
    state: ThemeState
    names: dict[str, str]
    people: int
    statements: int
    languages: dict[str, int]
    keywords: dict[str, list[str]]
    quotes: list[int]
    public_quotes: list[int]
    stability: float | None
    people_unflagged: int = 0
    is_pinned: bool = False
    became: list[str] = []
    parent: str = ""
    reasons: dict[str, Reasons] = {}
    words: dict[str, list[str]] = {}
    border: list[tuple[int, str]] = []
    is_settling: bool = False
    reason: str = ""
    """Why it was accepted or dismissed."""
    proposed_at: dt.datetime | None = None
    groups: Groups | None = None

    def waits(self, today: dt.date) -> int | None:
        """For how many days it has waited to be decided, in Beijing's days from the one on which it was first proposed."""
        if self.state != ThemeState.PROPOSED or self.proposed_at is None:
            return None
        return days_waited(self.proposed_at.astimezone(clock.BEIJING).date(), today)

    @property
    def is_rest(self) -> bool:
        """A category's own theme: what it holds are needs of too few people to be told one by one."""
        return "." not in self.key

    @property
    def is_hot(self) -> bool:
        """Many people write of one concrete place or thing."""
        return f".{HOT}." in self.key

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names.get("zh-Hans") or next(iter(self.names.values()), self.key)


class RunView(msgspec.Struct, frozen=True):
    """Figures of one run: people, statements, unsorted (statements), and more. `state` as AnalysisRun says."""

    id: int
    finished_at: dt.datetime
    figures: dict[str, Any]
    state: str = "applied"
    newest_statement: int = 0


async def list_themes(survey_id: int) -> list[ThemeView]:
    """Those that stand, most people first; not those that became others."""
    rows = await _standing(survey_id).order_by(Theme.people, ascending=False).order_by(Theme.key)
    return [_view(row) for row in rows]


def _standing(survey_id: int) -> Any:
    return Theme.select().where((Theme.survey == survey_id) & (Theme.state != ThemeState.ENDED))


class Progress(msgspec.Struct, frozen=True):
    """How far the review of a survey's themes is. Heaps of smaller needs are no themes of their own and do not count."""

    themes: int
    reasoned: int
    """Accepted or dismissed, with a reason."""
    overdue: int
    """Not decided in `days` since they were proposed."""
    days: int

    @property
    def share(self) -> float | None:
        return self.reasoned / self.themes if self.themes else None


async def review_days(survey_id: int) -> int:
    """In how many days a theme of the survey is to be decided."""
    row = await ReviewLimit.select(ReviewLimit.days).where(ReviewLimit.survey == survey_id).order_by(ReviewLimit.id, ascending=False).first()
    return row["days"] if row else DEFAULT_DAYS


async def review_progress(survey_id: int, themes: Iterable[ThemeView] | None = None) -> Progress:
    """`themes` are those of the survey that stand, where they were read already."""
    days, today = await review_days(survey_id), clock.today()
    told = [theme for theme in (await list_themes(survey_id) if themes is None else themes) if not theme.is_rest]
    return Progress(
        themes=len(told), days=days,
        reasoned=sum(theme.state != ThemeState.PROPOSED and bool(theme.reason) for theme in told),
        overdue=sum((theme.waits(today) or 0) > days for theme in told),
    )  # fmt: skip


async def all_themes(survey_id: int) -> list[ThemeView]:
    """With those that became others, by key."""
    return [_view(row) for row in await Theme.select().where(Theme.survey == survey_id).order_by(Theme.key)]


async def find_theme(public_id: str) -> ThemeView:
    row = await Theme.select().where(Theme.public_id == public_id).first()
    if row is None:
        raise NotFound("There is no such theme.")
    return _view(row)


async def themes_by_key(survey_id: int, keys: Iterable[str]) -> dict[str, ThemeView]:
    wanted = sorted(set(keys))
    rows = await Theme.select().where((Theme.survey == survey_id) & Theme.key.is_in(wanted)) if wanted else []
    return {row["key"]: _view(row) for row in rows}


async def themes_by_id(ids: list[int]) -> dict[int, ThemeView]:
    """Themes by the ids asked for. One that was merged is answered with the theme that it is now."""
    rows = await Theme.select().where(Theme.id.is_in(ids)) if ids else []
    found = {row["id"]: _view(row) for row in rows}
    while merged := {key: view for key, view in found.items() if view.state == ThemeState.ENDED and len(view.became) == 1}:
        for key, view in merged.items():
            into = await themes_by_key(view.survey_id, view.became)
            if view.became[0] not in into:
                return found
            found[key] = into[view.became[0]]
    return found


async def standing_after(theme: ThemeView) -> list[ThemeView]:
    """The themes that a theme is now: itself, or those that it became, step by step."""
    found: list[ThemeView] = []
    open_, seen = [theme], {theme.key}
    while open_:
        one = open_.pop(0)
        if one.state != ThemeState.ENDED:
            found.append(one)
            continue
        following = await themes_by_key(theme.survey_id, [key for key in one.became if key not in seen])
        seen |= set(following)
        open_ += [following[key] for key in one.became if key in following]
    return found


async def statements_by_theme(survey_id: int) -> dict[int, list[int]]:
    """Ids of the statements that belong to each theme of a survey, in order; a theme without any is not there. For the worker."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = await (
        Assignment.select(Assignment.statement, Assignment.theme)
        .where(Assignment.theme.survey == survey_id)
        .order_by(Assignment.statement)
    )
    for row in rows:
        found[row["theme"]].append(row["statement"])
    return dict(found)


async def base_by_theme(survey_id: int) -> dict[int, list[int]]:
    """Ids of the statements that the model gave to each theme, whatever people did since. For the worker."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for table, more in ((Assignment, Assignment.author == "model"), (SetAside, None)):
        here = table.theme.survey == survey_id
        for row in await table.select(table.statement, table.theme).where(here & more if more is not None else here):
            found[row["theme"]].append(row["statement"])
    return dict(found)


class ThemeCount(msgspec.Struct, frozen=True):
    people: int
    unflagged: int
    statements: int
    languages: dict[str, int]


async def count_theme(theme_id: int) -> ThemeCount:
    """Count a theme's people, each in the language of their first statement in it, by the database. For the worker."""
    rows = await Assignment.raw(  # the tables of lower features by their names: a join of a million rows in Python takes minutes
        'SELECT s."language" AS "language", COUNT(*) AS "people", '
        """SUM(CASE WHEN r."flags" = '' THEN 1 ELSE 0 END) AS "unflagged", SUM(f."total") AS "statements" """
        'FROM (SELECT MIN(a."statement") AS "first", COUNT(*) AS "total" FROM "assignment" a '
        'JOIN "statement" t ON t."id" = a."statement" WHERE a."theme" = {} GROUP BY t."response") f '
        'JOIN "statement" s ON s."id" = f."first" JOIN "response" r ON r."id" = s."response" GROUP BY s."language"',
        theme_id,
    )
    languages = {row["language"]: int(row["people"]) for row in rows}
    return ThemeCount(
        sum(languages.values()), sum(int(row["unflagged"]) for row in rows), sum(int(row["statements"]) for row in rows), languages
    )


async def unplaced_statements(survey_id: int) -> list[tuple[int, str]]:
    """Statements with their language that are in no theme and not among the unsorted: said anew since the run. For the worker."""
    rows = await Assignment.raw(
        'SELECT s."id" AS "id", s."language" AS "language" FROM "statement" s WHERE s."survey" = {} AND s."audience" = \'\' '
        'AND NOT EXISTS (SELECT 1 FROM "assignment" a WHERE a."statement" = s."id") '
        'AND NOT EXISTS (SELECT 1 FROM "unsorted" u WHERE u."statement" = s."id") ORDER BY s."id"',
        survey_id,
    )
    return [(row["id"], row["language"]) for row in rows]


async def survey_totals(survey_id: int) -> dict[str, Any]:
    """People, statements and unsorted ones of a survey, counted by the database. For the worker."""
    people = await Assignment.raw('SELECT COUNT(DISTINCT "response") AS "n" FROM "statement" WHERE "survey" = {} AND "audience" = \'\'', survey_id)
    rows = await Assignment.raw(
        'SELECT "language", COUNT(*) AS "n" FROM "statement" WHERE "survey" = {} AND "audience" = \'\' GROUP BY "language" ORDER BY "language"', survey_id
    )
    left = await Assignment.raw(
        'SELECT "language", COUNT(*) AS "n" FROM "unsorted" WHERE "survey" = {} GROUP BY "language"', survey_id
    )
    unsorted = {row["language"]: int(row["n"]) for row in left}
    return {
        "people": int(people[0]["n"]),
        "statements": sum(int(row["n"]) for row in rows),
        "unsorted": sum(unsorted.values()),
        "languages": {row["language"]: {"statements": int(row["n"]), "unsorted": unsorted.get(row["language"], 0)} for row in rows},
    }


PAGE = 50


class Page(msgspec.Struct, frozen=True):
    """Statement ids in order, and the one after which the next page begins; None where this is the last."""

    ids: list[int]
    next: int | None


async def theme_page(theme_id: int, after: int = 0) -> Page:
    """Up to 50 statements of a theme, oldest first."""
    rows = await (
        Assignment.select(Assignment.statement)
        .where((Assignment.theme == theme_id) & (Assignment.statement > after))
        .order_by(Assignment.statement)
        .limit(PAGE + 1)
    )
    return _page([row["statement"] for row in rows])


async def sample_of_theme(theme: ThemeView, most: int) -> list[int]:
    """At most so many statements of a theme, spread over all of them."""
    step = max(1, theme.statements // most)
    rows = await Assignment.raw(
        'SELECT "statement" FROM "assignment" WHERE "theme" = {} AND "statement" % {} = 0 ORDER BY "statement" LIMIT {}',
        theme.id, step, most,
    )  # fmt: skip
    return [row["statement"] for row in rows]


async def unsorted_page(survey_id: int, after: int = 0, language: str = "") -> Page:
    """Up to 50 statements that are in no theme, oldest first."""
    here = (Unsorted.survey == survey_id) & (Unsorted.statement > after)
    if language:
        here = here & (Unsorted.language == language)
    rows = await Unsorted.select(Unsorted.statement).where(here).order_by(Unsorted.statement).limit(PAGE + 1)
    return _page([row["statement"] for row in rows])


def _page(ids: list[int]) -> Page:
    return Page(ids[:PAGE], ids[PAGE - 1] if len(ids) > PAGE else None)


async def themes_of(statements: list[int]) -> dict[int, list[int]]:
    """For each statement the ids of its themes, the surest first."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    if statements:
        rows = await (
            Assignment.select(Assignment.statement, Assignment.theme)
            .where(Assignment.statement.is_in(statements))
            .order_by(Assignment.score, ascending=False)
            .order_by(Assignment.theme)
        )
        for row in rows:
            found[row["statement"]].append(row["theme"])
    return dict(found)


async def themes_of_responses(survey_id: int, after: str, upto: str) -> list[dict[str, Any]]:
    """What the responses with ids in `(after, upto]` wrote, for the worker: response, question, and theme or None, a row for
    each theme of each statement.
    """
    rows: list[dict[str, Any]] = await Assignment.raw(
        'SELECT s."response", s."question", a."theme" FROM "response" r '
        'JOIN "statement" s ON s."response" = r."id" AND s."audience" = \'\' LEFT JOIN "assignment" a ON a."statement" = s."id" '
        'WHERE r."survey" = {} AND r."id" > {} AND r."id" <= {}',
        survey_id, after, upto,
    )  # fmt: skip
    return rows


async def newest_run(survey_id: int) -> RunView | None:
    row = await AnalysisRun.select().where(AnalysisRun.survey == survey_id).order_by(AnalysisRun.id, ascending=False).first()
    if row is None:
        return None
    return RunView(
        id=row["id"], finished_at=row["finished_at"], figures=from_json(row["figures"]), state=row["state"],
        newest_statement=row["newest_statement"],
    )  # fmt: skip


def _events() -> Any:
    return ReviewEvent.select(*ReviewEvent.all_columns(), ReviewEvent.account.name.as_alias("by"))


def _event(row: dict[str, Any]) -> Event:
    return Event(
        id=row["id"], key=row["theme_key"], act=read_act(EventKind(row["kind"]), row["data"]), by=row["by"] or "",
        role=row["role"], at=row["at"], why=row["why"], area=row["area"],
    )  # fmt: skip


async def list_events(survey_id: int) -> list[Event]:
    """All acts on the themes of a survey, oldest first, for replay."""
    return [_event(row) for row in await _events().where(ReviewEvent.survey == survey_id).order_by(ReviewEvent.id)]


async def newest_event(survey_id: int) -> int:
    """The number of the newest act: what a form carries, so that it is known what its writer had seen."""
    row = await (
        ReviewEvent.select(ReviewEvent.id).where(ReviewEvent.survey == survey_id).order_by(ReviewEvent.id, ascending=False).first()
    )
    return row["id"] if row else 0


class PastEvent(msgspec.Struct, frozen=True):
    event: Event
    is_undone: bool


async def theme_history(survey_id: int, key: str, *, before: int = 0, limit: int = 30) -> list[PastEvent]:
    """The acts that speak of a theme, newest first; of a page of them those before the number given."""
    here = (EventTheme.survey == survey_id) & (EventTheme.theme_key == key)
    wanted = here & (EventTheme.event < before) if before else here
    ids = await EventTheme.select(EventTheme.event).where(wanted).order_by(EventTheme.event, ascending=False).limit(limit)
    if not ids:
        return []
    rows = await _events().where(ReviewEvent.id.is_in([row["event"] for row in ids])).order_by(ReviewEvent.id, ascending=False)
    undos = await (
        EventTheme.select(EventTheme.event.id.as_alias("id"), EventTheme.event.data.as_alias("data"))
        .where(here & (EventTheme.event.kind == EventKind.UNDO))
        .order_by(EventTheme.event)
    )
    undone = undone_ids([Event(id=row["id"], key=key, act=read_act(EventKind.UNDO, row["data"])) for row in undos])
    return [PastEvent(_event(row), row["id"] in undone) for row in rows]


class EventPage(msgspec.Struct, frozen=True):
    events: list[PastEvent]
    next: int | None


async def list_survey_events(survey_id: int, *, before: int = 0) -> EventPage:
    """The acts on all themes of a survey, newest first, fifty at a time."""
    here = ReviewEvent.survey == survey_id
    wanted = here & (ReviewEvent.id < before) if before else here
    rows = await _events().where(wanted).order_by(ReviewEvent.id, ascending=False).limit(PAGE + 1)
    undos = await ReviewEvent.select(ReviewEvent.id, ReviewEvent.data).where(here & (ReviewEvent.kind == EventKind.UNDO)).order_by(ReviewEvent.id)
    undone = undone_ids([Event(id=row["id"], key="", act=read_act(EventKind.UNDO, row["data"])) for row in undos])
    return EventPage(
        [PastEvent(_event(row), row["id"] in undone) for row in rows[:PAGE]], rows[PAGE - 1]["id"] if len(rows) > PAGE else None
    )


async def refused_links(survey_id: int) -> set[frozenset[str]]:
    """Pairs of themes of which people said that they are two."""
    events = [event for event in await list_events(survey_id) if isinstance(event.act, RefuseLink | Undo)]
    return {frozenset((e.key, e.act.other)) for e in effective(events) if isinstance(e.act, RefuseLink)}


async def events_by_id(ids: Iterable[int]) -> dict[int, Event]:
    wanted = sorted(set(ids))
    rows = await _events().where(ReviewEvent.id.is_in(wanted)) if wanted else []
    return {row["id"]: _event(row) for row in rows}


def in_theme(theme: ThemeView) -> Group:
    """The statements of a theme, for a search."""
    return Group(Assignment._meta.tablename, "theme", theme.id, theme.statements)  # noqa: SLF001 -- piccolo's own attribute


def in_no_theme() -> Group:
    """The statements that belong to no theme, for a search."""
    return Group(Assignment._meta.tablename, is_absent=True)  # noqa: SLF001 -- piccolo's own attribute


async def themes_of_statements(ids: list[int]) -> dict[int, list[ThemeView]]:
    """The themes of each of these statements that nobody dismissed, the surest first."""
    if not ids:
        return {}
    rows = await (
        Assignment.select(Assignment.statement, Assignment.theme)
        .where(Assignment.statement.is_in(ids))
        .order_by(Assignment.score, ascending=False)
    )
    themes = await themes_by_id(sorted({row["theme"] for row in rows}))
    found: dict[int, list[ThemeView]] = {}
    for row in rows:
        if themes[row["theme"]].state != ThemeState.DISMISSED:
            found.setdefault(row["statement"], []).append(themes[row["theme"]])
    return found


def _view(row: dict[str, Any]) -> ThemeView:
    return ThemeView(
        id=row["id"],
        public_id=row["public_id"],
        survey_id=row["survey"],
        key=row["key"],
        category=row["category"],
        state=ThemeState(row["state"]),
        names=from_json(row["names"], dict[str, str]),
        people=row["people"],
        statements=row["statements"],
        languages=from_json(row["languages"], dict[str, int]),
        keywords=from_json(row["keywords"], dict[str, list[str]]),
        quotes=from_json(row["quotes"], list[int]),
        public_quotes=from_json(row["public_quotes"], list[int]),
        stability=row["stability"],
        people_unflagged=row["people_unflagged"],
        is_pinned=bool(row["is_pinned"]),
        became=from_json(row["became"], list[str]),
        parent=row["parent"],
        reasons=from_json(row["reasons"], dict[str, Reasons]),
        words=from_json(row["words"], dict[str, list[str]]),
        border=from_json(row["border"], list[tuple[int, str]]),
        is_settling=bool(row["is_settling"]),
        reason=row["reason"],
        proposed_at=row["proposed_at"],
        groups=from_json(row["groups"], Groups) if row["groups"] else None,
    )
