"""The pages of numbers and charts, and their files: as a browser gets them."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import re

import httpx
import pytest

from survey import clock
from survey.accounts.rules import RoleKind
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.tables import Survey
from survey.db.transaction import write_transaction
from survey.insight.counting import count_survey, store_figures
from survey.insight.pictures import KINDS
from survey.insight.service import ask_for_charts, count_again, draw_charts, find_chart, list_charts
from survey.insight.tables import Chart, SurveyFigures
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.responses.service import flag_responses
from survey.responses.tables import DayCount, Response
from survey.statements.delays import note_delay
from tests.conftest import STRANGERS, estrange, seat
from tests.voices import DOCTOR, NOISE, PARKING, Person, analyse, parsed, record, words_in, words_of

NUMBERS = "/desk/surveys/community-needs/numbers"
CHARTS = "/desk/surveys/community-needs/charts"

FIELDS = ["health", "home", "safety", "environment", "transport", "information", "neighbours"]


def _answers(number: int) -> dict[str, str]:
    """Ratings that differ from person to person, and health that is important and bad."""
    more = {f"importance_{field}": str(2 + (number + place) % 3) for place, field in enumerate(FIELDS)}
    more |= {f"satisfaction_{field}": str(2 + (number + 2 * place) % 3) for place, field in enumerate(FIELDS)}
    more |= {"importance_health": "5", "satisfaction_health": "1" if number % 2 else "3"}
    return more | {"aware_library": "yes" if number % 3 == 0 else "no"}


def _town() -> list[Person]:
    """120 people: 80 from abroad in two subdistricts, 40 from the mainland."""
    abroad = [
        Person(need=f"{DOCTOR}, {n}" if n < 60 else f"{PARKING}, {n}", change=f"{NOISE}, {n}" if n % 4 == 0 else "", page="ko" if n < 50 else "en",
               area="wangjing" if n < 50 else "donghu", more=_answers(n))
        for n in range(80)
    ]  # fmt: skip
    here = [
        Person(need=f"{DOCTOR}, {n}" if n < 92 else f"{PARKING}, {n}", page="zh-Hans", more={**_answers(n), "origin": "mainland"})
        for n in range(80, 120)
    ]
    return [*abroad, *here]


@pytest.fixture
async def town(desk: httpx.AsyncClient) -> SurveyView:
    """Counted, and nothing drawn: charts take a third of a second each."""
    survey = await find_survey("community-needs")
    receipts = await record(survey, _town())
    async with write_transaction(Response):
        await flag_responses([receipt.response_id for receipt in receipts[:20]], "speeding")
    await analyse(survey)
    await count_again(survey.id)
    return survey


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts in English alone, and no picture of a picture."""
    monkeypatch.setattr("survey.insight.service.DESK_LANGUAGES", ("en",))
    monkeypatch.setattr("survey.insight.charts.frame.has_cjk_font", lambda: False)


def _panel(response: httpx.Response, name: str) -> str:
    [panel] = parsed(response).xpath(f"//*[@id='{name}']")
    return words_of(panel)


async def test_page_before_anything_was_counted_says_so(desk: httpx.AsyncClient) -> None:
    response = await desk.get(NUMBERS)

    assert "Nothing has been counted yet." in words_in(response)
    assert parsed(response).xpath("//main//form//button/text()") == ["Count and draw"]


async def test_survey_without_answers_has_six_empty_panels(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await store_figures(survey.id, await count_survey(survey.id))

    response = await desk.get(NUMBERS)

    for panel, words in {
        "who": "No answers yet.", "why": "Nobody has come yet.", "what": "No theme is named by ten people yet",
        "validity": "Not assessed:", "requests": "No theme is named there by ten people yet.", "actions": "will stand here once a plan has been made",
    }.items():  # fmt: skip
        assert words in _panel(response, panel), panel


@pytest.mark.usefixtures("quickly")
async def test_pages_of_a_town(desk: httpx.AsyncClient, town: SurveyView) -> None:
    """One town for all that needs charts: its findings, its panels, the charts' pages and their files."""
    await draw_charts(town.id)

    response = await desk.get(NUMBERS)

    charts = await list_charts(town.id, "en")
    assert list(charts) == ["themes", "groups", "importance", "services", "likert", "coverage"]
    findings = parsed(response).xpath("//*[@id='findings']//li")
    # 72 of 120 wrote of doctors; 60 of 80 from abroad and 12 of 40 from here; health is rated 5, and 1 or 3
    assert [words_of(one.xpath("./a")[0]) for one in findings] == [
        "58% of those who wrote name “Doctors who speak our language”",
        "“Doctors who speak our language”: 75% (from outside mainland China), 25% (from mainland China)",
        "Important and least satisfying: “Health and seeing a doctor”",
    ]
    assert all("people ·" in words_of(one) for one in findings)
    assert parsed(response).xpath("//h1/text()") == [charts["themes"].title]
    assert "Counted on" in words_in(response)
    assert "of 120 answers." in words_in(response)

    assert "Korean 50 · 42%" in _panel(response, "who")
    assert "Mainland China 40 · 33%" in _panel(response, "who")
    assert "Health and medical care 70 · 58%" in _panel(response, "why")
    assert "Without a channel fewer than 10 fewer than 10 120" in _panel(response, "why")
    assert "What should change first?" in _panel(response, "requests")
    assert "Construction noise 20 · 100%*" in _panel(response, "requests")
    validity = _panel(response, "validity")
    for words in (
        "At least 10 people from outside mainland China answered in 2 of 23 subdistricts with figures of 2010.",
        "An open link has no response rate; shown are counts.",
        "Not assessed: whether those who did not answer differ",
        "alpha", "do not rank languages by their means",
        "80 people; the weights leave the information of", "20 answers were filled in very fast",
        "The three largest themes are the same in the same order, with and without the flagged answers.",
        "Doctors who speak our language 70 · 58% 50 · 50%",
    ):  # fmt: skip
        assert words in validity, words


    # 50 from abroad in Wangjing all need a doctor, 10 of 30 in Donghu do, with which areas without answers are joined:
    # (12,901 · 1 + 26,601 · 1/3) / 39,502
    assert _weighted_rows(response)[0] == ["Doctors who speak our language", "75%", "55%"]

    await _look_at_chart(desk, town)
    await _look_at_csv(desk)
    await _look_for_margins(desk)


async def _look_at_chart(desk: httpx.AsyncClient, town: SurveyView) -> None:
    """A page with its table and files."""
    chart = await find_chart(town.id, "groups", "en")
    assert chart is not None
    page = await desk.get(f"{NUMBERS}/groups")

    assert parsed(page).xpath("//h1/text()") == [chart.title]
    assert parsed(page).xpath("//figure//img/@alt") == [chart.description]
    assert parsed(page).xpath("//figcaption/a/@href") == [f"{CHARTS}/groups.{form}" for form in ("png", "svg", "csv")]
    rows = [[words_of(cell) for cell in row.xpath("./th | ./td")] for row in parsed(page).xpath("//main//tbody/tr")]
    assert rows[0] == ["Doctors who speak our language", "75%", "25%", "+50", "+32", "+64", "yes"]
    assert (await desk.get(f"{CHARTS}/groups.svg")).text == chart.svg
    assert (await desk.get(f"{CHARTS}/groups.png")).status_code == 503  # no font


async def _look_at_csv(desk: httpx.AsyncClient) -> None:
    """The table, its notes and no formula."""
    row = await Chart.select(Chart.id, Chart.rows).where(Chart.kind == "themes").first()
    assert row is not None
    await Chart.update({Chart.rows: row["rows"].replace('"Doctors', '"=cmd|Doctors')}).where(Chart.id == row["id"])
    response = await desk.get(f"{CHARTS}/themes.csv")

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="community-needs-themes.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[1] == ["Theme", "State", "People", "Share", "Interval from", "Interval to"]
    # 72 people as 70 of 120; Wilson of 7/12 in 120
    assert rows[2] == ["'=cmd|Doctors who speak our language", "proposed", "70", "0.583", "0.494", "0.668"]
    notes = [row[0] for row in rows[rows.index([]) + 1 :]]
    assert notes[0].startswith("Source: What does your neighbourhood need? · 120 people · ")
    assert any("no probability sample" in note for note in notes)
    assert any("rounded to 5" in note for note in notes)
    assert notes[-1].startswith("[c]: hidden")


async def _look_for_margins(desk: httpx.AsyncClient) -> None:
    """No page or file of an open survey claims one."""
    for address in [NUMBERS, *(f"{NUMBERS}/{kind}" for kind in KINDS), *(f"{CHARTS}/{kind}.{form}" for kind in KINDS for form in ("svg", "csv"))]:
        text = (await desk.get(address)).text
        assert "±" not in text, address
        assert "margin of error" not in re.sub(r"no\s+(<[^>]+>)*margin of error can be given", "", text), address


async def test_new_answers_and_old_ones_are_told(desk: httpx.AsyncClient, town: SurveyView) -> None:
    await record(town, [Person() for _ in range(12)])
    newer = await desk.get(NUMBERS)
    long_ago = clock.today() - dt.timedelta(days=200)
    await DayCount.update({DayCount.day: long_ago}, force=True)
    await store_figures(town.id, await count_survey(town.id))

    old = await desk.get(NUMBERS)

    assert "12 answers came since." in words_in(newer)
    assert "These answers are old" not in words_in(newer)
    assert "These answers are old: the last one came more than 180 days ago." in words_in(old)


@pytest.mark.parametrize(
    ("state", "words"),
    [(JobState.WAITING, "The numbers are being counted and drawn waiting for a worker"), (JobState.FAILED, "The last count failed")],
)
async def test_page_tells_that_the_worker_is_at_it_or_failed(desk: httpx.AsyncClient, state: JobState, words: str) -> None:
    survey = await find_survey("community-needs")
    await ask_for_charts(survey.id)
    await Job.update({Job.state: state}, force=True)

    for address in (NUMBERS, f"{NUMBERS}/themes"):
        assert words in words_in(await desk.get(address))


async def test_committee_has_it_counted_again(desk: httpx.AsyncClient) -> None:
    response = await desk.post(NUMBERS)

    assert (response.status_code, response.headers["location"]) == (303, NUMBERS)
    assert [row["kind"] for row in await Job.select(Job.kind)] == ["draw_charts"]


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_have_nothing_counted(desk: httpx.AsyncClient, stranger: str) -> None:
    estrange(desk, stranger)

    await desk.post(NUMBERS)

    assert await Job.count() == 0


@pytest.mark.parametrize(
    ("role", "sees", "counts"),
    [(RoleKind.SOCIAL_WORKER, 200, 404), (RoleKind.AUDITOR, 200, 404), (RoleKind.SUBDISTRICT, 200, 303), (RoleKind.PARTNER, 404, 404), (RoleKind.TRANSLATOR, 404, 404), (RoleKind.VOLUNTEER, 404, 404)],
)
async def test_roles_that_read_themes_read_numbers_and_those_that_decide_have_them_counted(
    client: httpx.AsyncClient, role: RoleKind, sees: int, counts: int
) -> None:
    await seat(client, "somebody", role)

    replies = [await client.get(NUMBERS), await client.get(f"{NUMBERS}/themes"), await client.post(NUMBERS)]

    assert [reply.status_code for reply in replies] == [sees, sees, counts]


@pytest.mark.parametrize("file", ["themes.exe", "nothing.svg", "themes", ".svg", "waves.csv", "themes.svg.csv"])
async def test_unknown_file_is_a_designed_page(desk: httpx.AsyncClient, file: str) -> None:
    response = await desk.get(f"{CHARTS}/{file}")

    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]


async def test_unknown_chart_is_not_found_and_one_that_is_not_drawn_says_when_it_will_be(desk: httpx.AsyncClient) -> None:
    assert (await desk.get(f"{NUMBERS}/nothing")).status_code == 404
    for kind in KINDS:
        assert "It is drawn as soon as enough people have answered" in words_in(await desk.get(f"{NUMBERS}/{kind}"))


async def test_probability_sample_tells_its_margin(desk: httpx.AsyncClient, town: SurveyView) -> None:
    await Survey.update({Survey.sample_kind: "probability"}).where(Survey.id == town.id)

    response = await desk.get(NUMBERS)

    # z √(1/4 / 120) = 8.9 points
    assert "± 8.9 points at most, at 95% confidence" in _panel(response, "validity")
    assert _weighted_rows(response)[0] == ["Doctors who speak our language", "75%", "55%"]  # counted while the survey was open

    await count_again(town.id)
    counted = await desk.get(NUMBERS)
    await Survey.update({Survey.sample_kind: "open"}).where(Survey.id == town.id)
    opened = await desk.get(NUMBERS)

    [name, _, weighted] = _weighted_rows(counted)[0]
    estimate, low, high = (int(number) for number in re.fullmatch(r"(\d+)% (\d+)% to (\d+)%", weighted).groups())  # type: ignore[union-attr]  # else it fails
    # Σ (W² p q / n) is all from Donghu, 26,601 of 39,502 residents, where 10 of 30 said so: 0.67 · √(2/9 / 30) = 5.8 points
    assert (name, estimate) == ("Doctors who speak our language", 55)
    assert low == pytest.approx(55 - 11.4, abs=2.5)
    # in a resample of a hundred Donghu is the larger of the two, and areas without answers join Wangjing instead: a longer upper end
    assert high == pytest.approx(55 + 12.5, abs=3.5)
    assert "Intervals of weighted shares are confidence intervals (95%)" in _panel(counted, "validity")
    assert "finite population correction for 39,502 registered residents" in _panel(counted, "validity")
    assert _weighted_rows(opened)[0][2] == "55%"
    assert "Intervals of weighted shares" not in _panel(opened, "validity")


def _weighted_rows(response: httpx.Response) -> list[list[str]]:
    rows = parsed(response).xpath("//*[@id='validity']//table[thead//th[text()='Unweighted']]//tbody/tr")
    return [[words_of(cell) for cell in row.xpath("./th | ./td")] for row in rows]


async def test_questions_left_out_are_told_by_language(desk: httpx.AsyncClient, town: SurveyView) -> None:
    """50 read Korean. All wrote their need, 13 (each fourth) what to change: 37 of 100 left out. All said whether they know the library, 17
    do and did not say whether they used it; nobody speaks of 5 other services, belonging and taking part; all fill in 14 scales:
    17 + 250 + 50 + 50 of 17 + 300 + 700 + 50 + 50.
    """
    page = await desk.get(NUMBERS)

    rows = parsed(page).xpath("//*[@id='validity']//table[thead//th[text()='Left out most']]//tbody/tr")
    told = {words_of(row.xpath("./th")[0]): [words_of(cell) for cell in row.xpath("./td")] for row in rows}
    assert list(told) == ["English", "Korean", "Chinese, simplified"]
    assert "Complaints about staff are not among them." in _panel(page, "validity")
    assert told["Korean"] == ["50", "33%", "37%", "0%", "Did you know that there is a community health centre (社区卫生服务中心) near you? (100%)"]


async def test_question_that_nobody_can_tell_of_and_questions_of_one_label_are_named_in_full(desk: httpx.AsyncClient) -> None:
    """40 people, of whom 12 leave out how important health is; how many left out a choice of several nobody can tell."""
    survey = await find_survey("community-needs")
    more = {**_answers(0), "participation": "not_now", "belonging": "3"}
    less = {key: value for key, value in more.items() if key != "importance_health"}
    aware = {f"aware_{name}": "no" for name in ("health_centre", "service_station", "library", "sports_rooms", "classes_events", "registration")}
    await record(survey, [Person(need=DOCTOR, change=NOISE, more={**(less if n < 12 else more), **aware}) for n in range(40)])
    figures = await count_survey(survey.id)
    figures.left_out.not_assessed["participation"] = "nothing_fits"
    await store_figures(survey.id, figures)

    validity = _panel(await desk.get(NUMBERS), "validity")

    assert "English 40 1% 0% 0% What matters to you · Health and seeing a doctor (25%)" in validity
    assert "Not assessed: “How would you like to take part?”: several may be ticked and no choice says that nothing fits" in validity


@pytest.mark.parametrize(("seconds", "words"), [
    ([3.0] * 19 + [100.0], "From an answer to the inbox: at most 3 seconds for 95% of 20 batches of answers; 95% within 60 seconds (last 30 days)."),
    ([3.0] * 18 + [None] * 2, "From an answer to the inbox: more than an hour, or not known, for more than 5% of 20 batches of answers; 90% within 60 seconds"),
    ([3.0] * 9, "Not assessed: the time from an answer to the inbox: fewer than 10 batches"),
    ([], "Not assessed: the time from an answer to the inbox: fewer than 10 batches"),
])  # fmt: skip
async def test_time_to_the_inbox_is_told_of_ten_batches(desk: httpx.AsyncClient, seconds: list[float | None], words: str) -> None:
    survey = await find_survey("community-needs")
    await store_figures(survey.id, await count_survey(survey.id))
    for one in seconds:
        await note_delay(survey.id, one)

    assert words in _panel(await desk.get(NUMBERS), "validity")


COUNT = re.compile(r"(?<![\d.,:])([1-9])(?=\s*(?:people|answers|·))|\bn ([1-9])\b")
"""A number of people below ten: before the word or the share, or after n."""


@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize("size", [17, 53])
async def test_no_page_chart_or_file_tells_of_fewer_than_ten(desk: httpx.AsyncClient, size: int) -> None:
    """Small towns of every mixture: each seventh person speaks Japanese and lives apart, each fifth is from the mainland."""
    survey = await find_survey("community-needs")
    people = [
        dataclasses.replace(
            person, page="ja" if n % 7 == 0 else person.page, area="maizidian" if n % 7 == 0 else person.area,
            more={**person.more, "origin": "mainland" if n % 5 == 0 else "hk_mo_tw" if n % 11 == 0 else "another_country"},
        )
        for n, person in enumerate(_town()[:size])
    ]  # fmt: skip
    await record(survey, people)
    await analyse(survey)
    await draw_charts(survey.id)

    charts = await list_charts(survey.id, "en")
    for address in [NUMBERS, *(f"{NUMBERS}/{kind}" for kind in charts)]:
        page = await desk.get(address)
        assert COUNT.findall(words_in(page)) == [], address
        cells = [words_of(cell) for cell in parsed(page).xpath("//main//section//td[@class='n']")]  # a chart's table is looked at below
        assert [cell for cell in cells if re.fullmatch(r"[1-9]( · .*)?", cell)] == [], address
    for kind in charts:
        svg = (await desk.get(f"{CHARTS}/{kind}.svg")).text
        words = re.findall(r">([^<>]+)</t(?:ext|span)>", svg)
        assert [word for word in words if COUNT.search(word) and not re.match(r"\d · \D", word)] == [], kind  # `1 · Health` numbers a point
        table = charts[kind].table
        assert table is not None
        for row in table.rows:
            for column, value in zip(table.columns, row, strict=True):
                assert column.kind != "people" or value is None or (isinstance(value, int) and value >= 10 and value % 5 == 0), (kind, row)


async def test_figures_go_with_their_survey(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await store_figures(survey.id, await count_survey(survey.id))
    await store_figures(survey.id, await count_survey(survey.id))

    assert await SurveyFigures.count() == 1
