"""A page of the inbox: statements with their readings, places, flags and themes. Nothing here grows with the number of answers."""

from __future__ import annotations

import datetime as dt

import msgspec

from survey.accounts.queries import area_names
from survey.accounts.rules import RoleKind
from survey.authoring.queries import SurveyView, survey_title
from survey.db.search import Group
from survey.inbox.rules import PAGE, InboxState, Shown, shown_place
from survey.responses.queries import counts_by_place, flags_by_response
from survey.statements.queries import FullStatement, full_statements
from survey.statements.readings import ReadingView, readings
from survey.statements.rules import audiences_for
from survey.statements.search import Reach, Wanted, search_statements
from survey.statements.states import PersonalData, Reading, RenderingState
from survey.themes.queries import ThemeView, in_no_theme, in_theme, themes_of_statements

MOST_NEW = 100
"""New statements are counted no further."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """As chosen on the page; everything may be left open."""

    words: str = ""
    language: str = ""
    area: int | None = None
    channel: int | None = None
    wave: int | None = None
    theme: ThemeView | None = None
    state: InboxState | None = None

    @property
    def is_open(self) -> bool:
        return self == Filters()


class InboxItem(msgspec.Struct, frozen=True):
    """A statement as the inbox shows it. `area` is None where it is unknown or not told; `day` is a day, or the first of a month."""

    statement: FullStatement
    reading: ReadingView
    survey: SurveyView
    survey_title: str
    area: str | None
    day: dt.date | None
    has_day: bool
    flags: list[str]
    themes: list[ThemeView]
    is_whole: bool
    """Who reads it reaches the whole survey, and so the pages of its themes too."""

    @property
    def is_new(self) -> bool:
        return self.statement.reading == Reading.NEW

    @property
    def has_mask(self) -> bool:
        return self.statement.personal_data == PersonalData.UNREVIEWED


class InboxPage(msgspec.Struct, frozen=True):
    items: list[InboxItem]
    has_more: bool


async def inbox_page(
    filters: Filters, surveys: list[tuple[SurveyView, frozenset[int] | None]], *, language: str, after: int | None
) -> InboxPage:
    """The newest statements that are asked for, from behind the statement `after` on."""
    reach: Reach = {view.id: areas for view, areas in surveys}
    ids = await search_statements(_wanted(filters), reach, limit=PAGE + 1, after=after, group=_group(filters))
    items = await _items(ids[:PAGE], surveys, language)
    return InboxPage(items, has_more=len(ids) > PAGE)


async def one_item(
    statement: FullStatement, survey: SurveyView, areas: frozenset[int] | None, *, language: str
) -> InboxItem | None:
    found = await _items([statement.id], [(survey, areas)], language)
    return found[0] if found else None


async def complaints_page(
    role: RoleKind, surveys: list[tuple[SurveyView, frozenset[int] | None]], *, language: str, is_new_only: bool, after: int | None
) -> InboxPage:
    """The newest complaints about staff that somebody in this role may read."""
    wanted = Wanted(audiences=tuple(audiences_for(role)), reading=Reading.NEW if is_new_only else None)
    ids = await search_statements(wanted, {view.id: areas for view, areas in surveys}, limit=PAGE + 1, after=after)
    return InboxPage(await _items(ids[:PAGE], surveys, language), has_more=len(ids) > PAGE)


async def count_new(surveys: list[tuple[SurveyView, frozenset[int] | None]]) -> int:
    """How many are new, at most MOST_NEW."""
    reach: Reach = {view.id: areas for view, areas in surveys}
    return len(await search_statements(Wanted(reading=Reading.NEW), reach, limit=MOST_NEW))


async def _items(
    ids: list[int], surveys: list[tuple[SurveyView, frozenset[int] | None]], language: str
) -> list[InboxItem]:
    views, whole = {view.id: view for view, _ in surveys}, {view.id for view, areas in surveys if areas is None}
    statements = await full_statements(ids)
    shown = await readings(ids, language)
    flags = await flags_by_response([one.response for one in statements])
    names = await area_names(language)
    themes = await themes_of_statements(ids)
    titles = {key: await survey_title(views[key], language) for key in {one.survey_id for one in statements}}
    places: dict[tuple[int, int, str], int] = {}
    for key in titles:
        there = {(one.area, one.language) for one in statements if one.survey_id == key and one.area}
        for (area, tongue), people in (await counts_by_place(key, there)).items():
            places[key, area, tongue] = people
    items = []
    for one in statements:
        if one.id not in shown:
            continue  # withdrawn between two looks
        place = shown_place(places.get((one.survey_id, one.area, one.language), 0), has_area=one.area in names)
        items.append(
            InboxItem(
                statement=one, reading=shown[one.id], survey=views[one.survey_id], survey_title=titles[one.survey_id],
                area=names[one.area] if place.has_area else None, day=_day(one.received_on, place), has_day=place.has_day,
                flags=flags.get(one.response, []), themes=themes.get(one.id, []),
                is_whole=one.survey_id in whole,
            )
        )  # fmt: skip
    return items


def _day(day: dt.date | None, place: Shown) -> dt.date | None:
    return day if day is None or place.has_day else day.replace(day=1)


def _wanted(filters: Filters) -> Wanted:
    state = filters.state
    rendering: tuple[RenderingState, ...] = ()
    if state == InboxState.NEEDS_RENDERING:
        rendering = (RenderingState.MISSING,)
    elif state == InboxState.TO_ACCEPT:
        rendering = (RenderingState.MACHINE, RenderingState.PROPOSED)
    return Wanted(
        words=filters.words, language=filters.language, area=filters.area, channel=filters.channel, wave=filters.wave,
        reading=Reading(state) if state in {InboxState.NEW, InboxState.READ} else None,
        rendering=rendering, personal_data=PersonalData.UNREVIEWED if state == InboxState.PERSONAL_DATA else None,
        is_flagged=state == InboxState.FLAGGED,
    )  # fmt: skip


def _group(filters: Filters) -> Group | None:
    if filters.theme is not None:
        return in_theme(filters.theme)
    return in_no_theme() if filters.state == InboxState.UNSORTED else None
