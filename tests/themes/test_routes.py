"""The theme board, a theme's page and the unsorted statements, as a committee member's browser gets them."""

from __future__ import annotations

import re

import httpx
import pytest

from survey.authoring.queries import SurveyView, find_survey
from survey.db.transaction import write_transaction
from survey.jobs import service as jobs
from survey.jobs.kinds import ANALYSE, about_survey
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.jobs.worker import RunningJob, run_next
from survey.responses.service import flag_responses
from survey.responses.tables import Response
from tests.conftest import STRANGERS, bundled_survey, estrange
from tests.themes.board import (
    ANALYSIS,
    BOARD,
    DIFFERENCE,
    DOCTORS,
    LINKS,
    PLACES_TO_PARK,
    UNSORTED,
    WORDS,
    alert,
    card,
    cards,
    page_of,
    rows,
    stored,
)
from tests.voices import (
    DOCTOR,
    GIBBERISH,
    NOISE,
    PARKING,
    Person,
    analyse,
    parsed,
    record,
    words_in,
    words_of,
)


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
    assert parsed(response).xpath(f"//a[@href='{UNSORTED}']/text()") == ["unsorted", "3 unsorted statements"]


async def test_board_with_one_theme_shows_its_numbers_its_reason_and_the_finding(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, [*(Person(need=DOCTOR) for _ in range(12)), *(Person(need=GIBBERISH) for _ in range(4))])
    await analyse(survey)

    response = await desk.get(BOARD)

    told = words_of(card(response, "Doctors who speak our language"))
    assert "12 people · 75%" in told
    assert "Health and medical care · recognised by the lexicon · English 100%" in told
    assert "because doctor" in told
    assert DOCTOR in told
    assert parsed(response).xpath("//main//h1/text()") == ["75% of those who wrote name “Doctors who speak our language”"]
    figures = [words_of(found) for found in parsed(response).xpath("//*[@class='figure']")]
    assert figures == ["16 people wrote", "16 statements", "1 themes", "0 accepted", "0% decided with a reason", "25% unsorted"]


async def test_board_shows_proposed_and_accepted_side_by_side_and_the_rest_apart(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    await desk.post(await page_of(analysed, PLACES_TO_PARK), data={"decision": "accept"})

    response = await desk.get(BOARD)

    assert cards(response, "review") == ["Doctors who speak our language"]
    assert cards(response, "accepted") == ["Too few parking spaces"]
    assert rows(response) == [["Environment and noise: other needs", "", "fewer than 10", "to review"]]


async def test_board_tells_no_number_of_fewer_than_ten_anywhere_in_its_html(
    desk: httpx.AsyncClient, analysed: SurveyView
) -> None:
    """Nine of 24 need a place to park: neither 9 nor 38 %, and no bar from which either could be measured."""
    response = await desk.get(BOARD)

    assert "1 theme of fewer than 10 people Too few parking spaces" in words_in(response)
    assert re.findall(r"37\.5|38\s?%|9 people", response.text) == []
    assert len(parsed(response).xpath("//main//*[local-name()='rect']")) == 1  # the doctors' bar is the only one


async def test_board_tells_numbers_without_marked_answers_only_where_ten_or_none_differ(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    receipts = await record(survey, [Person(need=f"{need} {3 * chr(97 + n)}") for need, total in ((DOCTOR, 30), (PARKING, 25), (NOISE, 20)) for n in range(total)])
    async with write_transaction(Response):
        await flag_responses([receipt.response_id for receipt in [*receipts[:11], *receipts[30:35]]], "speeding")
    await analyse(survey)

    plain, response = await desk.get(BOARD), await desk.get(BOARD, params={"without": "flagged"})

    assert "people without marked answers" not in words_in(plain)
    assert "19 people without marked answers" in words_of(card(response, "Doctors who speak our language"))
    assert "nearly the same without marked answers" in words_of(card(response, "Too few parking spaces"))
    assert "the same without marked answers" in words_of(card(response, "Construction noise"))
    assert "the largest themes stand in another order" in words_in(response)
    assert re.findall(r"\b20 people without|\b5 people", response.text) == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("people", ["parking", "doctors", "noise"]),
        ("name", ["noise", "doctors", "parking"]),
        ("category", ["noise", "doctors", "parking"]),
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

    response = await desk.get(BOARD, params={"sort": sort} if sort else {})

    short = {"Too few": "parking", "Doctors": "doctors", "Constru": "noise"}
    assert [short[name[:7]] for name in cards(response)] == expected
    assert parsed(response).xpath("//nav/a[@aria-current='true']/@href") == [f"?sort={sort if sort in {'name', 'category'} else 'people'}"]


async def test_board_speaks_chinese_unless_told_otherwise(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    del desk.cookies["desk_language"]

    response = await desk.get(BOARD)

    assert parsed(response).get("lang") == "zh-Hans"
    assert cards(response) == ["会说我们语言的医生", "停车位不足"]


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
    assert alert(after) == ""


async def test_failed_run_says_that_nothing_changed_and_can_be_started_again(
    desk: httpx.AsyncClient, analysed: SurveyView
) -> None:
    before = cards(await desk.get(BOARD))
    await desk.post(ANALYSIS)

    async def fail(_: RunningJob) -> None:
        raise RuntimeError("a secret detail: /srv/keys")

    await run_next("worker", {ANALYSE: fail})

    response = await desk.get(BOARD)
    job = await jobs.newest_job(kind=ANALYSE, subject=about_survey(analysed.id))
    assert job is not None
    assert job["state"] == JobState.FAILED
    assert alert(response).startswith("The last analysis failed Nothing was changed.")
    assert "secret detail" not in response.text
    assert cards(response) == before
    assert parsed(response).xpath(f"//form[@action='{ANALYSIS}']/button/text()") == ["Run the analysis again"]


@pytest.mark.parametrize("path", [BOARD, UNSORTED, "theme"])
async def test_pages_are_for_who_is_signed_in(desk: httpx.AsyncClient, analysed: SurveyView, path: str) -> None:
    address = await page_of(analysed, DOCTORS) if path == "theme" else path
    desk.cookies.delete("session")

    response = await desk.get(address)

    assert response.status_code == 303
    assert response.headers["location"].startswith("/login?next=")
    assert DOCTOR not in response.text


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_changes_by_strangers_have_no_effect(desk: httpx.AsyncClient, analysed: SurveyView, stranger: str) -> None:
    theme = await page_of(analysed, DOCTORS)
    before = await stored(analysed)
    estrange(desk, stranger)

    posts = [
        (theme, {"decision": "accept"}), (f"{theme}/statements", {"act": "forbid", "statement": "1"}), (f"{theme}/split", {}),
        (UNSORTED, {"act": "new", "new_en": "A", "statement": "1"}), (WORDS, {"word": "x|en|y"}), (LINKS, {"answer": "two"}),
        (DIFFERENCE, {"answer": "take", "run": "1"}), (f"{BOARD}/history", {"event": "1"}), (ANALYSIS, {}), (f"{ANALYSIS}/cancel", {"job": "x"}),
        ("/desk/surveys/community-needs/settling/cancel", {"job": "x"}), ("/desk/surveys/community-needs/reviews/limit", {"days": "7"}),
    ]  # fmt: skip
    replies = [await desk.post(address, data=fields) for address, fields in posts]

    assert {reply.status_code for reply in replies} == {303 if stranger == "signed out" else 403}
    assert {reply.headers.get("location", "/login").split("?")[0] for reply in replies} == {"/login"}
    assert await stored(analysed) == before


async def test_cancel_takes_only_the_run_of_its_own_survey(desk: httpx.AsyncClient) -> None:
    await bundled_survey("second")
    await desk.post(ANALYSIS)
    [waiting] = await Job.select().where(Job.kind == ANALYSE)

    await desk.post("/desk/surveys/second/analysis/cancel", data={"job": waiting["public_id"]})

    assert [row["state"] for row in await Job.select().where(Job.kind == ANALYSE)] == ["waiting"]
