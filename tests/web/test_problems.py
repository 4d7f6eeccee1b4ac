"""From errors to pages and JSON: designed, in the visitor's language, without a detail of ours; and to the log."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import pytest
import structlog
from litestar import Litestar

from survey.authoring.tables import Survey
from survey.i18n.languages import languages
from survey.i18n.speech import speech
from survey.responses.tables import AnswerDocument
from tests.conftest import add_people, sign_in
from tests.pages import Page, PageClient, check_headers

SURVEY = "/s/community-needs"
INSIDE = ("Traceback", "sqlite", "no such table", "OperationalError", "survey/", ".py", "File ")
ANSWER = {
    "_client": "a-phone-0123456789", "_language": "ko", "subdistrict": "wangjing", "time_in_beijing": "2_to_5_years",
    "origin": "another_country", "need_most": "canary-of-a-resident", "_age": "yes", "_agree": "yes",
}  # fmt: skip


@pytest.fixture
def log(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What the app writes to its log, through its own processors."""
    out = io.BytesIO()
    logger = structlog.wrap_logger(structlog.BytesLogger(out), processors=structlog.get_config()["processors"])
    monkeypatch.setattr("survey.web.problems.log", logger)
    return out


def lines(log: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def say(language: str, message: str) -> str:
    return speech("resident", language).gettext(message)


async def break_the_database() -> None:
    """Take a table away that every page of a survey reads: a failure as real as any."""
    await Survey.raw("ALTER TABLE survey RENAME TO taken_away")


def check_nothing_of_ours_is_shown(page: Page) -> None:
    assert [word for word in INSIDE if word.casefold() in page.html.casefold()] == []


# Addresses that do not exist


@pytest.mark.parametrize("language", list(languages()))
async def test_unknown_address_is_a_page_in_the_visitors_language(pages: PageClient, language: str):
    page = await pages.get("/nothing/here", wish=language, status=404)

    assert (page.language, page.h1) == (language, say(language, "Nothing is here"))
    assert page.all("//main//a")[-1].get("href") == f"/?lang={language}"


@pytest.mark.parametrize(("query", "heading"), [("", "找不到这个页面"), ("?lang=en", "Nothing is here")])
async def test_unknown_address_of_the_desk_speaks_the_desks_language(pages: PageClient, query: str, heading: str):
    page = await pages.get(f"/desk/nothing{query}", wish="ko", status=404)

    assert (page.h1, page.links()[-1]) == (heading, "/desk")


async def test_unknown_address_is_not_repeated_on_the_page(pages: PageClient):
    page = await pages.get("/%3Cscript%3Ealert(1)%3C/script%3E?lang=<b>", status=404)

    assert "alert(1)" not in page.html


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "image/avif,*/*;q=0.5",
     "application/json;q=0.5, text/html", "image/png", ";;,=;q=x"],
)  # fmt: skip
async def test_browser_gets_a_page(client: httpx.AsyncClient, accept: str):
    response = await client.get("/nothing", headers={"accept": accept})

    assert PageClient.read(response, 404).h1 == "Nothing is here"


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/plain;q=0.5", "text/html;q=0.1, application/json"])
async def test_program_gets_json(client: httpx.AsyncClient, accept: str):
    response = await client.get("/nothing", headers={"accept": accept})

    assert (response.status_code, response.headers["content-type"]) == (404, "application/json")
    assert response.json() == {"status": 404, "detail": "Nothing is here."}


@pytest.mark.parametrize("address", ["/", SURVEY, "/login", "/receipt", "/health/live"])
async def test_other_method_is_refused_with_those_that_work(client: httpx.AsyncClient, address: str):
    response = await client.request("PUT", address, headers={"accept-language": "fr"})

    page = PageClient.read(response, 405)
    assert (page.language, page.h1) == ("fr", say("fr", "This does not work here"))
    allowed = {method.strip() for method in response.headers["allow"].split(",")}
    assert ("GET" in allowed, "PUT" in allowed) == (True, False)


# Failures


@pytest.mark.parametrize("language", ["zh-Hans", "ko", "ar", "en"])
async def test_failure_is_a_designed_page_without_details(pages: PageClient, log: io.BytesIO, language: str):
    await break_the_database()

    page = await pages.get(f"{SURVEY}?lang={language}", status=500)

    assert (page.language, page.h1) == (language, say(language, "Something went wrong"))
    assert say(language, "The fault is on our side and has been recorded. Please go back and try again in a few minutes; "
                         "what you typed is still in the form.") in page.text  # fmt: skip
    check_nothing_of_ours_is_shown(page)


async def test_failure_at_the_desk_is_a_page_of_the_desk(pages: PageClient, log: io.BytesIO):
    await add_people()
    await sign_in(pages.http, "chen")
    await break_the_database()

    page = await pages.get("/desk", status=500)

    assert (page.language, page.h1) == ("zh-Hans", speech("desk", "zh-Hans").gettext("Something went wrong"))
    check_nothing_of_ours_is_shown(page)


async def test_failure_of_the_interface_is_json_without_details(client: httpx.AsyncClient, log: io.BytesIO):
    await break_the_database()

    response = await client.post(
        "/api/v1/surveys/community-needs/responses", json={"client_id": "a" * 16, "language": "ko", "answers": {}}
    )

    check_headers(response)
    assert (response.status_code, response.json()) == (
        500, {"status": 500, "detail": "Something failed on our side. It has been logged."}
    )  # fmt: skip


async def test_failure_is_logged_with_its_cause(pages: PageClient, log: io.BytesIO):
    """Pitfall L5: by default nothing is logged outside debug mode."""
    await break_the_database()

    await pages.get(f"{SURVEY}?lang=ko", status=500)

    [line] = lines(log)
    assert (line["level"], line["method"], line["path"]) == ("error", "GET", SURVEY)
    assert "no such table: survey" in line["exception"]
    assert "find_survey" in line["exception"]


async def test_failure_while_an_answer_is_stored_puts_none_of_it_into_the_log(pages: PageClient, log: io.BytesIO):
    """A canary: what residents wrote belongs in the database only."""
    await AnswerDocument.raw("ALTER TABLE answer_document RENAME TO taken_away")

    page = await pages.post(SURVEY, ANSWER, status=500)

    check_nothing_of_ours_is_shown(page)
    [line] = lines(log)
    assert "answer_document" in line["exception"]
    assert [word for word in ("canary", "wangjing", "a-phone-0123456789") if word in json.dumps(line)] == []


@pytest.mark.parametrize(
    ("address", "told", "broken"),
    [("/i/7KQM-3FZD-A2C4-9XYZ", "/i/…", "survey.outreach.invitation_routes.find_invitation"),
     ("/welcome/a-token-that-opens", "/welcome/…", "survey.accounts.service.find_link")],
)  # fmt: skip
async def test_failure_is_logged_without_what_opens_something(
    pages: PageClient, log: io.BytesIO, monkeypatch: pytest.MonkeyPatch, address: str, told: str, broken: str
):
    async def fail(_: str) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(broken, fail)

    await pages.get(address, status=500)

    [line] = lines(log)
    assert line["path"] == told
    assert address.rpartition("/")[2] not in json.dumps(line)


async def test_failure_cannot_write_lines_of_its_own_into_the_log(pages: PageClient, log: io.BytesIO):
    """GHSA-674p-xv2x-rf3g: a line break in an address began a new entry."""
    await break_the_database()

    await pages.get('/s/x%0d%0a{"level":"info","event":"all is well"}', status=500)

    assert [line["event"] for line in lines(log)] == ["request failed"]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/nothing", 404), ("PUT", "/", 405), ("POST", SURVEY, 422), ("GET", "/desk", 303), ("GET", f"{SURVEY}?lang=xx", 404)],
)
async def test_mistakes_of_visitors_are_not_logged_as_failures(
    client: httpx.AsyncClient, log: io.BytesIO, method: str, address: str, status: int
):
    response = await client.request(method, address)

    assert (response.status_code, log.getvalue()) == (status, b"")


async def test_service_recovers_from_a_failure(pages: PageClient, log: io.BytesIO):
    await break_the_database()
    await pages.post(SURVEY, ANSWER, status=500)
    await Survey.raw("ALTER TABLE taken_away RENAME TO survey")

    page = await pages.post(SURVEY, ANSWER)

    assert page.h1 == say("ko", "Thank you, your answer has arrived")


async def test_phone_that_vanishes_in_the_middle_of_its_post_is_logged_and_harms_nobody(
    pages: PageClient, log: io.BytesIO
):
    app: Litestar = pages.http._transport.app  # type: ignore[attr-defined]  # httpx has no public way to it
    sent: list[dict[str, Any]] = []
    events = iter([{"type": "http.request", "body": b"_language=ko&need", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(events)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": SURVEY, "raw_path": SURVEY.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 5),
        "headers": [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"90000")],
    }  # fmt: skip
    await app(scope, receive, send)  # type: ignore[arg-type]

    assert sent[0]["status"] == 500
    assert [line["event"] for line in lines(log)] == ["request failed"]
    assert (await pages.post(SURVEY, ANSWER)).h1 == say("ko", "Thank you, your answer has arrived")
