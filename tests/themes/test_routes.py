"""The theme board, a theme's page and the unsorted statements, as a committee member's browser gets them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from survey.authoring.queries import SurveyView, find_survey
from survey.jobs import service as jobs
from survey.jobs.kinds import ANALYSE, about_survey
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.jobs.worker import RunningJob, run_next
from survey.themes.tables import ReviewEvent, Theme
from tests.conftest import STRANGERS, bundled_survey, estrange
from tests.voices import (
    DOCTOR,
    GIBBERISH,
    NOISE,
    PARKING,
    Person,
    analyse,
    parsed,
    record,
    themes_by_key,
    words_in,
    words_of,
)

BOARD = "/desk/surveys/community-needs/themes"
UNSORTED = "/desk/surveys/community-needs/unsorted"
ANALYSIS = "/desk/surveys/community-needs/analysis"
DOCTORS, PLACES_TO_PARK = "health.doctor_language", "transport_parking.parking_space"


async def _page_of(survey: SurveyView, key: str) -> str:
    return f"/desk/themes/{(await themes_by_key(survey))[key].public_id}"


def _rows(response: httpx.Response, table: int = 0) -> list[list[str]]:
    found = parsed(response).xpath("//main//table")
    return [[words_of(cell) for cell in row.xpath("./td")] for row in found[table].xpath("./tbody/tr")]


def _alert(response: httpx.Response) -> str:
    return " ".join(words_of(found) for found in parsed(response).xpath("//main//*[@role='alert']"))


async def _stored(survey: SurveyView) -> tuple[list[dict[str, Any]], int, int]:
    themes = await Theme.select().where(Theme.survey == survey.id).order_by(Theme.id)
    return themes, await ReviewEvent.count(), await Job.count().where(Job.kind == ANALYSE)


async def test_board_before_the_first_run_says_so_and_offers_it(desk: httpx.AsyncClient) -> None:
    response = await desk.get(BOARD)

    page = parsed(response)
    assert response.status_code == 200
    assert page.xpath("//main//h1/text()") == ["Need themes"]
    assert "The answers have not been analysed yet." in words_in(response)
    assert page.xpath(f"//form[@action='{ANALYSIS}']/button/text()") == ["Run the analysis"]
    assert page.xpath("//main//table") == []


async def test_board_of_a_run_without_themes_leads_to_the_unsorted(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, [Person(need=GIBBERISH) for _ in range(3)])
    await analyse(survey)

    response = await desk.get(BOARD)

    assert "The analysis found no theme." in words_in(response)
    assert parsed(response).xpath(f"//a[@href='{UNSORTED}']/text()") == ["unsorted"]


async def test_board_with_one_theme_shows_its_numbers_and_the_finding(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, [*(Person(need=DOCTOR) for _ in range(12)), *(Person(need=GIBBERISH) for _ in range(4))])
    await analyse(survey)

    response = await desk.get(BOARD)

    [row] = _rows(response)
    assert row[0].startswith("Doctors who speak our language")
    assert row[1:] == ["Health and medical care", "", "12 · 75%", "to review"]
    assert parsed(response).xpath("//main//h1/text()") == ["75% of those who wrote name “Doctors who speak our language”"]
    figures = [words_of(found) for found in parsed(response).xpath("//*[@class='figure']")]
    assert figures == ["16 people wrote", "16 statements", "1 themes", "0 accepted", "25% unsorted"]


async def test_board_with_several_themes_lists_the_rest_apart(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    response = await desk.get(BOARD)

    assert [row[0].split(" doctor")[0] for row in _rows(response)] == ["Doctors who speak our language", "Too few parking spaces 停车"]
    assert _rows(response, 1) == [["Environment and noise: other needs", "", "fewer than 10", "to review"]]


async def test_board_tells_no_number_of_fewer_than_ten_anywhere_in_its_html(
    desk: httpx.AsyncClient, analysed: SurveyView
) -> None:
    """Nine of 24 need a place to park: neither 9 nor 38 %, and no bar from which either could be measured."""
    response = await desk.get(BOARD)

    row = next(row for row in parsed(response).xpath("//main//tr") if "Too few parking spaces" in words_of(row))
    cells = [words_of(cell) for cell in row.xpath("./td")]
    assert cells[2:] == ["", "fewer than 10", "to review"]
    assert row.xpath(".//*[local-name()='rect']") == []
    assert re.findall(r"37\.5|38\s?%", response.text) == []
    assert len(parsed(response).xpath("//main//*[local-name()='rect']")) == 1  # the doctors' bar is the only one


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("people", ["parking", "doctors", "noise"]),
        ("name", ["noise", "doctors", "parking"]),
        ("category", ["noise", "doctors", "parking"]),
        ("state", ["noise", "parking", "doctors"]),
        ("", ["parking", "doctors", "noise"]),
        ("'; DROP TABLE theme", ["parking", "doctors", "noise"]),
    ],
)
async def test_board_sorts(desk: httpx.AsyncClient, sort: str, expected: list[str]) -> None:
    survey = await find_survey("community-needs")
    await record(
        survey,
        [
            *(Person(need=PARKING) for _ in range(14)),
            *(Person(need=DOCTOR) for _ in range(12)),
            *(Person(need=NOISE) for _ in range(11)),
        ],
    )
    await analyse(survey)
    await desk.post(await _page_of(survey, "environment_noise.construction_noise"), data={"decision": "accept"})
    await desk.post(await _page_of(survey, DOCTORS), data={"decision": "rename", "name_en": "Doctors"})

    response = await desk.get(BOARD, params={"sort": sort} if sort else {})

    short = {"Too few": "parking", "Doctors": "doctors", "Constru": "noise"}
    assert [short[row[0][:7]] for row in _rows(response)] == expected
    assert parsed(response).xpath("//th/a[@aria-current='true']/@href") == [f"?sort={sort or 'people'}"] * (sort in {"", "people", "name", "category", "state"})


async def test_board_speaks_chinese_unless_told_otherwise(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    del desk.cookies["desk_language"]

    response = await desk.get(BOARD)

    assert parsed(response).get("lang") == "zh-Hans"
    assert [row[0].split(" ")[0] for row in _rows(response)] == ["会说我们语言的医生", "停车位不足"]


async def test_board_of_an_unknown_survey_is_a_designed_page(desk: httpx.AsyncClient) -> None:
    response = await desk.get("/desk/surveys/no-such/themes")

    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]


async def test_run_is_queued_once_and_the_board_shows_it_waiting(desk: httpx.AsyncClient) -> None:
    first, second = await desk.post(ANALYSIS), await desk.post(ANALYSIS)

    response = await desk.get(BOARD)
    page = parsed(response)
    assert (first.status_code, first.headers["location"], second.status_code) == (303, BOARD, 303)
    assert await Job.count().where(Job.kind == ANALYSE) == 1
    assert "The analysis is running waiting for a worker" in words_in(response)
    assert page.xpath("//progress/@value") == ["0"]
    assert page.xpath("//meta[@http-equiv='refresh']/@content") == ["2"]
    assert page.xpath(f"//form[@action='{ANALYSIS}']") == []


async def test_running_run_shows_how_far_it_is(desk: httpx.AsyncClient) -> None:
    await desk.post(ANALYSIS)
    job = await jobs.claim("worker", [ANALYSE])
    assert job is not None
    await jobs.report(job["id"], 37, 100, "known needs")

    response = await desk.get(BOARD)

    page = parsed(response)
    assert (page.xpath("//progress/@value"), page.xpath("//progress/@max")) == (["37"], ["100"])
    assert "recognising known needs" in words_in(response)


async def test_cancel_stops_a_waiting_run(desk: httpx.AsyncClient) -> None:
    await desk.post(ANALYSIS)
    [job] = parsed(await desk.get(BOARD)).xpath("//input[@name='job']/@value")

    response = await desk.post(f"{ANALYSIS}/cancel", data={"job": job})

    after = await desk.get(BOARD)
    assert (response.status_code, response.headers["location"]) == (303, BOARD)
    assert [row["state"] for row in await Job.select().where(Job.kind == ANALYSE)] == ["cancelled"]
    assert parsed(after).xpath(f"//form[@action='{ANALYSIS}']/button/text()") == ["Run the analysis"]
    assert await jobs.claim("worker", [ANALYSE]) is None


async def test_cancel_stops_a_running_run_at_its_next_report(desk: httpx.AsyncClient) -> None:
    await desk.post(ANALYSIS)
    went_on = []

    async def work(job: RunningJob) -> None:
        await job.report(1, 100, "statements")
        [public_id] = parsed(await desk.get(BOARD)).xpath("//input[@name='job']/@value")
        await desk.post(f"{ANALYSIS}/cancel", data={"job": public_id})
        await job.report(2, 100, "themes")
        went_on.append(job)

    await run_next("worker", {ANALYSE: work})

    after = await desk.get(BOARD)
    assert went_on == []
    assert [row["state"] for row in await Job.select().where(Job.kind == ANALYSE)] == ["cancelled"]
    assert parsed(after).xpath("//progress") == []
    assert _alert(after) == ""


async def test_failed_run_says_that_nothing_changed_and_can_be_started_again(
    desk: httpx.AsyncClient, analysed: SurveyView
) -> None:
    before = _rows(await desk.get(BOARD))
    await desk.post(ANALYSIS)

    async def fail(_: RunningJob) -> None:
        raise RuntimeError("a secret detail: /srv/keys")

    await run_next("worker", {ANALYSE: fail})

    response = await desk.get(BOARD)
    job = await jobs.newest_job(kind=ANALYSE, subject=about_survey(analysed.id))
    assert job is not None
    assert job["state"] == JobState.FAILED
    assert _alert(response).startswith("The last analysis failed Nothing was changed.")
    assert "secret detail" not in response.text
    assert _rows(response) == before
    assert parsed(response).xpath(f"//form[@action='{ANALYSIS}']/button/text()") == ["Run the analysis again"]


async def test_theme_page_shows_what_people_wrote_and_how_many(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    response = await desk.get(await _page_of(analysed, DOCTORS))

    page = parsed(response)
    assert page.xpath("//main//h1/text()") == ["Doctors who speak our language"]
    assert "Health and medical care · 12 people, 50%" in words_in(response)
    quotes = page.xpath("//*[@class='quote']/p[@lang]")
    assert {(quote.text, quote.get("lang"), quote.get("dir")) for quote in quotes} == {(DOCTOR, "en", "auto")}
    assert "English 12" in [words_of(found) for found in page.xpath("//li")]
    assert "Nobody has decided anything yet." in words_in(response)


async def test_theme_page_of_nine_people_tells_no_number(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    response = await desk.get(await _page_of(analysed, PLACES_TO_PARK))

    assert "Transport and parking · fewer than 10 people" in words_in(response)
    assert "People by the language that they wrote in" not in response.text
    assert re.findall(r"38\s?%|37\.5|9 people", response.text) == []


async def test_theme_page_counts_languages_of_few_people_together(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(
        survey,
        [
            *(Person(need=DOCTOR) for _ in range(20)),
            *(Person(need="의사가 필요해요", page="ko") for _ in range(4)),
            *(Person(need="小区需要医生", page="zh-Hans") for _ in range(7)),
        ],
    )
    await analyse(survey)

    response = await desk.get(await _page_of(survey, DOCTORS))

    found = [words_of(item) for item in parsed(response).xpath("//li")]
    assert [line for line in found if re.search(r"\d", line)] == ["English 20", "2 others, counted together 11"]


async def test_theme_page_escapes_what_people_wrote(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    wild = 'A doctor <script>alert("x")</script> & <b>more</b>'
    await record(survey, [Person(need=wild), Person(need=wild)])
    await analyse(survey)

    response = await desk.get(await _page_of(survey, DOCTORS))

    page = parsed(response)
    assert [quote.text for quote in page.xpath("//*[@class='quote']/p[@lang]")] == [wild, wild]
    assert page.xpath("//script") == []


async def test_theme_page_of_nobody_is_a_designed_page(desk: httpx.AsyncClient) -> None:
    response = await desk.get("/desk/themes/abcdefghij0123456789")

    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]


@pytest.mark.parametrize(
    ("decision", "state", "said"),
    [
        ("accept", "accepted", "The theme is accepted. It can go into a plan now."),
        ("dismiss", "dismissed", "The theme is dismissed. You can bring it back at any time."),
        ("reopen", "to review", "The theme is back for review."),
    ],
)
async def test_decision_changes_the_state_and_says_so(
    desk: httpx.AsyncClient, analysed: SurveyView, decision: str, state: str, said: str
) -> None:
    page = await _page_of(analysed, DOCTORS)
    await desk.post(page, data={"decision": "dismiss" if decision != "dismiss" else "accept"})

    response = await desk.post(page, data={"decision": decision})

    shown = await desk.get(response.headers["location"])
    assert (response.status_code, response.headers["location"]) == (303, f"{page}?done={decision}")
    assert parsed(shown).xpath("//*[@class='said']/text()") == [said]
    assert words_of(parsed(shown).xpath("//*[contains(@class, 'tag')]")[0]) == state
    [newest, _] = [words_of(item) for item in parsed(shown).xpath("//h2[text()='History']/following-sibling::ul/li")]
    assert re.fullmatch(r".+ · chen · (accepted|dismissed|back to review)", newest)


async def test_dismissed_theme_leaves_the_table_and_can_be_found_below(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page = await _page_of(analysed, DOCTORS)
    await desk.post(page, data={"decision": "dismiss"})

    response = await desk.get(BOARD)

    assert [row[0][:7] for row in _rows(response)] == ["Too few"]
    assert words_of(parsed(response).xpath("//main//details")[0]) == "1 dismissed theme Doctors who speak our language"
    assert parsed(response).xpath("//main//details//a/@href") == [page]
    assert parsed(response).xpath("//main//h1/text()") == ["Need themes"]


async def test_rename_is_shown_everywhere_with_its_history(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page = await _page_of(analysed, DOCTORS)

    response = await desk.post(page, data={"decision": "rename", "name_zh-Hans": "外语看病", "name_en": " See a <doctor> "})

    shown = await desk.get(response.headers["location"])
    assert parsed(shown).xpath("//main//h1/text()") == ["See a <doctor>"]
    assert "See a <doctor>" in words_in(await desk.get(BOARD))
    [event] = [words_of(item) for item in parsed(shown).xpath("//h2[text()='History']/following-sibling::ul/li")]
    who, changes = event.split(" · renamed: ")
    assert who.endswith(" · chen")
    assert set(changes.split("; ")) == {"会说我们语言的医生 → 外语看病", "Doctors who speak our language → See a <doctor>"}


@pytest.mark.parametrize(("chinese", "english"), [("", "  "), ("好名字", "x" * 81)])
async def test_rename_that_cannot_be_used_keeps_what_was_typed(
    desk: httpx.AsyncClient, analysed: SurveyView, chinese: str, english: str
) -> None:
    before = await _stored(analysed)

    response = await desk.post(
        await _page_of(analysed, DOCTORS), data={"decision": "rename", "name_zh-Hans": chinese, "name_en": english}
    )

    page = parsed(response)
    assert response.status_code == 422
    assert _alert(response) == "A name takes 1 to 80 characters."
    assert page.xpath("//input[@name='name_zh-Hans']/@value") == [chinese]
    assert page.xpath("//input[@name='name_en']/@value") == [english.strip()]
    assert await _stored(analysed) == before


@pytest.mark.parametrize("decision", ["", "delete", "ACCEPT"])
async def test_decision_that_is_not_known_changes_nothing(
    desk: httpx.AsyncClient, analysed: SurveyView, decision: str
) -> None:
    before = await _stored(analysed)

    response = await desk.post(await _page_of(analysed, DOCTORS), data={"decision": decision})

    assert response.status_code == 422
    assert parsed(response).xpath("//h1/text()") == ["This cannot be used"]
    assert await _stored(analysed) == before


async def test_theme_whose_people_are_gone_says_so(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page = await _page_of(analysed, DOCTORS)
    await desk.post(page, data={"decision": "accept"})
    await Theme.update({Theme.people: 0, Theme.statements: 0, Theme.quotes: "[]", Theme.languages: "{}"}).where(Theme.key == DOCTORS)

    response = await desk.get(page)

    assert "Nobody speaks of this theme at the moment." in words_in(response)
    assert "fewer than 10 people" in words_in(response)


async def test_unsorted_before_the_first_run_says_so(desk: httpx.AsyncClient) -> None:
    response = await desk.get(UNSORTED)

    assert "The answers have not been analysed yet." in words_in(response)


async def test_unsorted_where_everything_is_sorted_says_so(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, [Person(need=DOCTOR), Person(need=DOCTOR)])
    await analyse(survey)

    response = await desk.get(UNSORTED)

    assert "Every statement belongs to a theme." in words_in(response)


async def test_unsorted_shows_each_statement_in_the_original(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(
        survey, [Person(need=DOCTOR), Person(need=DOCTOR), Person(need=GIBBERISH), Person(need="무엇이든 좋아요", page="ko")]
    )
    await analyse(survey)

    response = await desk.get(UNSORTED)

    quotes = parsed(response).xpath("//*[@class='quote']/p[@lang]")
    assert sorted((quote.text, quote.get("lang")) for quote in quotes) == [(GIBBERISH, "en"), ("무엇이든 좋아요", "ko")]
    assert "2 statements belong to no theme" in words_in(response)


async def test_unsorted_says_how_many_of_many_are_shown(desk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.themes.service.UNSORTED_SAMPLE", 2)
    survey = await find_survey("community-needs")
    await record(survey, [Person(need=f"{GIBBERISH} {letter * 5}") for letter in "abc"])
    await analyse(survey)

    response = await desk.get(UNSORTED)

    assert len(parsed(response).xpath("//*[@class='quote']")) == 2
    assert "3 statements belong to no theme: they ask for nothing, or the analysis was not sure. The first 2 are shown." in words_in(response)


@pytest.mark.parametrize("path", [BOARD, UNSORTED, "theme"])
async def test_pages_are_for_who_is_signed_in(desk: httpx.AsyncClient, analysed: SurveyView, path: str) -> None:
    address = await _page_of(analysed, DOCTORS) if path == "theme" else path
    desk.cookies.delete("session")

    response = await desk.get(address)

    assert response.status_code == 303
    assert response.headers["location"].startswith("/login?next=")
    assert DOCTOR not in response.text


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_changes_by_strangers_have_no_effect(desk: httpx.AsyncClient, analysed: SurveyView, stranger: str) -> None:
    theme = await _page_of(analysed, DOCTORS)
    before = await _stored(analysed)
    estrange(desk, stranger)

    replies = [
        await desk.post(theme, data={"decision": "accept"}),
        await desk.post(ANALYSIS),
        await desk.post(f"{ANALYSIS}/cancel", data={"job": "x"}),
    ]

    assert [reply.status_code for reply in replies] == [303 if stranger == "signed out" else 403] * 3
    assert await _stored(analysed) == before


async def test_cancel_takes_only_the_run_of_its_own_survey(desk: httpx.AsyncClient) -> None:
    await bundled_survey("second")
    await desk.post(ANALYSIS)
    [waiting] = await Job.select().where(Job.kind == ANALYSE)

    await desk.post("/desk/surveys/second/analysis/cancel", data={"job": waiting["public_id"]})

    assert [row["state"] for row in await Job.select().where(Job.kind == ANALYSE)] == ["waiting"]
