"""Reading themes and runs."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import msgspec

from analysis.themes.results import HOT
from survey.db.columns import from_json
from survey.errors import NotFound
from survey.themes.states import EventKind, ThemeState
from survey.themes.tables import AnalysisRun, Assignment, ReviewEvent, Theme


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

    @property
    def is_rest(self) -> bool:
        """A category's own theme: what it holds are needs of too few people to be told one by one."""
        return self.key == self.category

    @property
    def is_hot(self) -> bool:
        """Many people write of one concrete place or thing."""
        return f".{HOT}." in self.key

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names.get("zh-Hans") or next(iter(self.names.values()), self.key)


class RunView(msgspec.Struct, frozen=True):
    """Figures of one run: people, statements, unsorted (statements), categories' names and more."""

    id: int
    finished_at: dt.datetime
    figures: dict[str, Any]


class EventView(msgspec.Struct, frozen=True):
    kind: EventKind
    data: dict[str, Any]
    by: str
    role: str
    at: dt.datetime


async def list_themes(survey_id: int) -> list[ThemeView]:
    """Most people first."""
    rows = await Theme.select().where(Theme.survey == survey_id).order_by(Theme.people, ascending=False).order_by(Theme.key)
    return [_view(row) for row in rows]


async def find_theme(public_id: str) -> ThemeView:
    row = await Theme.select().where(Theme.public_id == public_id).first()
    if row is None:
        raise NotFound("There is no such theme.")
    return _view(row)


async def themes_by_id(ids: list[int]) -> dict[int, ThemeView]:
    rows = await Theme.select().where(Theme.id.is_in(ids)) if ids else []
    return {row["id"]: _view(row) for row in rows}


async def statements_by_theme(survey_id: int) -> dict[int, list[int]]:
    """Ids of the statements that belong to each theme of a survey, in order; a theme without any is not there."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = await (
        Assignment.select(Assignment.statement, Assignment.theme)
        .where(Assignment.theme.survey == survey_id)
        .order_by(Assignment.statement)
    )
    for row in rows:
        found[row["theme"]].append(row["statement"])
    return dict(found)


async def themes_of_responses(survey_id: int, after: str, upto: str) -> list[dict[str, Any]]:
    """What the responses with ids in `(after, upto]` wrote, for the worker: response, question, and theme or None, a row for
    each theme of each statement.
    """
    rows: list[dict[str, Any]] = await Assignment.raw(
        'SELECT s."response", s."question", a."theme" FROM "response" r '
        'JOIN "statement" s ON s."response" = r."id" LEFT JOIN "assignment" a ON a."statement" = s."id" '
        'WHERE r."survey" = {} AND r."id" > {} AND r."id" <= {}',
        survey_id, after, upto,
    )  # fmt: skip
    return rows


async def newest_run(survey_id: int) -> RunView | None:
    row = await AnalysisRun.select().where(AnalysisRun.survey == survey_id).order_by(AnalysisRun.id, ascending=False).first()
    return RunView(id=row["id"], finished_at=row["finished_at"], figures=from_json(row["figures"])) if row else None


async def theme_history(survey_id: int, key: str) -> list[EventView]:
    """Newest first."""
    rows = await (
        ReviewEvent.select(*ReviewEvent.all_columns(), ReviewEvent.account.name.as_alias("by"))
        .where((ReviewEvent.survey == survey_id) & (ReviewEvent.theme_key == key))
        .order_by(ReviewEvent.id, ascending=False)
    )
    return [
        EventView(kind=EventKind(row["kind"]), data=from_json(row["data"]), by=row["by"] or "", role=row["role"], at=row["at"])
        for row in rows
    ]


async def list_events(survey_id: int) -> list[tuple[str, EventKind, dict[str, Any]]]:
    """Oldest first, for replay."""
    rows = await ReviewEvent.select().where(ReviewEvent.survey == survey_id).order_by(ReviewEvent.id)
    return [(row["theme_key"], EventKind(row["kind"]), from_json(row["data"])) for row in rows]


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
    )
