"""Counts that may be shown, and charts as the worker draws and keeps them; on both engines."""

import datetime as dt
import re

import pytest

from analysis.statistics.disclosure import Pooled
from survey import clock
from survey.accounts.rules import RoleKind
from survey.accounts.service import create_account
from survey.authoring.queries import SurveyView
from survey.insight.service import draw_charts, find_chart, shown_outside, survey_overview, themes_version
from survey.insight.tables import Chart
from survey.responses.service import withdraw
from survey.settings import Settings
from survey.themes.runs import recount_themes
from survey.themes.service import decide
from survey.themes.states import EventKind
from tests.conftest import bundled_survey
from tests.insight.conftest import NEIGHBOURS
from tests.voices import DOCTOR, PARKING, Person, actor_named, analyse, record, themes_by_key

UNKNOWN = "Area not known"
DOCTORS, PLACES_TO_PARK = "health.doctor_language", "transport_parking.parking_space"


def _people(number: int, *, page: str = "en", area: str = "wangjing", days_ago: int = 0) -> list[Person]:
    return [Person(page=page, area=area, days_ago=days_ago) for _ in range(number)]


async def _decide(survey: SurveyView, key: str, kind: str, **names: str) -> None:
    theme = (await themes_by_key(survey))[key]
    await decide(theme, EventKind(kind), actor=await actor_named("chen"), names=names, why="known")


@pytest.fixture
def english_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of when a chart is drawn: each takes a third of a second."""
    monkeypatch.setattr("survey.insight.service.DESK_LANGUAGES", ("en",))


async def _ids() -> list[int]:
    return [row["id"] for row in await Chart.select(Chart.id).order_by(Chart.id)]


async def test_overview_of_a_survey_without_answers_is_empty(database: Settings) -> None:
    survey = await bundled_survey()

    overview = await survey_overview(survey.id, "en", UNKNOWN)

    assert (overview.total, overview.dates, overview.days) == (0, None, [])
    assert overview.languages == overview.areas == Pooled({}, [], 0)


async def test_overview_counts_by_language_subdistrict_and_day(database: Settings) -> None:
    survey, today = await bundled_survey(), clock.today()
    await record(survey, _people(12, page="ko") + _people(15, page="en", area="shuangjing", days_ago=1))

    overview = await survey_overview(survey.id, "en", UNKNOWN)

    yesterday = today - dt.timedelta(days=1)
    assert overview.total == 27
    assert overview.dates == (yesterday, today)
    assert overview.languages == Pooled({"en": 15, "ko": 12}, [], 0)
    assert overview.areas == Pooled({"Shuangjing Subdistrict": 15, "Wangjing Subdistrict": 12}, [], 0)
    assert overview.days == [(yesterday, yesterday, 15), (today, today, 12)]


async def test_overview_counts_small_groups_together_and_hides_none_by_subtraction(database: Settings) -> None:
    """Four alone would follow from the total, so the next group joins them."""
    survey, today = await bundled_survey(), clock.today()
    await record(
        survey,
        _people(20, page="en")
        + _people(11, page="ko", area="donghu", days_ago=1)
        + _people(4, page="ja", area="maizidian", days_ago=2),
    )

    overview = await survey_overview(survey.id, "en", UNKNOWN)

    assert overview.languages == Pooled({"en": 20}, ["ja", "ko"], 15)
    assert overview.areas == Pooled({"Wangjing Subdistrict": 20}, ["Maizidian Subdistrict", "Donghu Subdistrict"], 15)
    two_days_ago, yesterday = today - dt.timedelta(days=2), today - dt.timedelta(days=1)
    assert overview.days == [(two_days_ago, yesterday, 15), (today, today, 20)]


async def test_overview_names_areas_in_the_language_and_the_unknown_one(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, _people(12) + _people(10, area="elsewhere"))

    overview = await survey_overview(survey.id, "zh-Hans", "不详")

    assert overview.areas == Pooled({"望京街道": 12, "不详": 10}, [], 0)


async def test_overview_of_fewer_than_ten_shows_no_group(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, _people(5, page="ko") + _people(4, page="ja", area="donghu"))

    overview = await survey_overview(survey.id, "en", UNKNOWN)

    assert overview.languages.is_hidden
    assert overview.areas.is_hidden
    assert (overview.languages.shown, overview.areas.shown, overview.days) == ({}, {}, [])


async def test_overview_leaves_out_other_surveys(database: Settings) -> None:
    mine, other = await bundled_survey("mine"), await bundled_survey("other")
    await record(mine, _people(11))
    await record(other, _people(30, page="ko", area="donghu"))

    overview = await survey_overview(mine.id, "en", UNKNOWN)

    assert (overview.total, overview.languages.shown, overview.areas.shown) == (11, {"en": 11}, {"Wangjing Subdistrict": 11})


@pytest.mark.parametrize(("people", "shown"), [(0, None), (9, None), (10, 10), (12, 10), (13, 15), (600, 600)])
def test_counts_leave_the_house_rounded_to_five_and_never_below_ten(people: int, shown: int | None) -> None:
    assert shown_outside(people) == shown


async def test_draw_charts_stores_one_in_each_language_of_the_desk(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    await analyse(survey)

    await draw_charts(survey.id)

    english, chinese = await find_chart(survey.id, "themes", "en"), await find_chart(survey.id, "themes", "zh-Hans")
    assert english is not None
    assert chinese is not None
    # 22 of 31 people, as it may be told outside: 20 of 30.
    assert english.title == "67% of those who wrote name “Doctors who speak our language”"
    assert english.description == "Bar chart of people by theme: Doctors who speak our language 20 (67%)"
    assert "会说我们语言的医生" in chinese.title
    assert english.data_version == chinese.data_version == await themes_version(survey.id)
    assert await Chart.count() == 2


@pytest.mark.usefixtures("english_only")
async def test_draw_charts_tells_no_unrounded_number_and_nothing_below_ten(database: Settings) -> None:
    """The picture goes into documents, whose tables are rounded."""
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    await analyse(survey)

    await draw_charts(survey.id)

    chart = await find_chart(survey.id, "themes", "en")
    assert chart is not None
    texts = " ".join([chart.description, *re.findall(r">([^<>]+)</t(?:ext|span)>", chart.svg), *re.findall(r'aria-label="([^"]+)"', chart.svg)])
    assert "Too few parking spaces" not in texts
    assert re.findall(r"\b(22|31|9)\b(?! people)", texts) == []
    assert "· 30 people ·" in texts


@pytest.mark.usefixtures("english_only")
async def test_draw_charts_draws_only_what_is_out_of_date(database: Settings) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    await analyse(survey)
    await draw_charts(survey.id)
    first = await _ids()

    await draw_charts(survey.id)
    unchanged = await _ids()
    await _decide(survey, DOCTORS, "rename", en="Doctors for us")
    await draw_charts(survey.id)

    chart = await find_chart(survey.id, "themes", "en")
    assert unchanged == first
    assert set(await _ids()).isdisjoint(first)
    assert chart is not None
    assert chart.title == "67% of those who wrote name “Doctors for us”"


@pytest.mark.usefixtures("english_only")
async def test_draw_charts_marks_accepted_themes_and_leaves_dismissed_ones_out(database: Settings) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    survey = await bundled_survey()
    await record(survey, [*(Person(need=DOCTOR) for _ in range(20)), *(Person(need=PARKING) for _ in range(10))])
    await analyse(survey)
    await _decide(survey, DOCTORS, "dismiss")
    await _decide(survey, PLACES_TO_PARK, "accept")

    await draw_charts(survey.id)

    chart = await find_chart(survey.id, "themes", "en")
    assert chart is not None
    assert chart.description == "Bar chart of people by theme: Too few parking spaces 10 (33%)"
    assert chart.table is not None
    assert [row[:3] for row in chart.table.rows] == [["Too few parking spaces", "accepted", 10]]
    assert "proposed" not in chart.svg


@pytest.mark.usefixtures("english_only")
async def test_draw_charts_takes_away_a_chart_that_may_not_be_shown_any_more(database: Settings) -> None:
    """Ten people, of whom one withdraws: the old picture would still tell of them."""
    survey = await bundled_survey()
    receipts = await record(survey, [*(Person(need=DOCTOR) for _ in range(10)), *(Person() for _ in range(5))])
    await analyse(survey)
    await draw_charts(survey.id)
    before = await Chart.count()
    await withdraw(receipts[0].code)
    await recount_themes(survey.id)

    await draw_charts(survey.id)

    assert (before, await Chart.count()) == (1, 0)


async def test_draw_charts_before_the_first_run_draws_nothing(database: Settings) -> None:
    survey = await bundled_survey()

    await draw_charts(survey.id)

    assert await Chart.count() == 0


@pytest.mark.usefixtures("english_only")
async def test_draw_charts_draws_the_missing_png_once_a_font_is_there(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    await analyse(survey)
    with monkeypatch.context() as patch:
        patch.setattr("survey.insight.charts.frame.has_cjk_font", lambda: False)
        await draw_charts(survey.id)
    without = await find_chart(survey.id, "themes", "en")

    await draw_charts(survey.id)

    chart = await find_chart(survey.id, "themes", "en")
    assert without is not None
    assert without.png is None
    assert chart is not None
    assert chart.png is not None
    assert chart.svg == without.svg


@pytest.mark.usefixtures("english_only")
async def test_find_chart_of_another_kind_or_survey_is_none(database: Settings) -> None:
    survey, other = await bundled_survey("mine"), await bundled_survey("other")
    await record(survey, NEIGHBOURS)
    await analyse(survey)
    await draw_charts(survey.id)

    assert await find_chart(other.id, "themes", "en") is None
    assert await find_chart(survey.id, "waves", "en") is None
    assert await find_chart(survey.id, "themes", "ko") is None
