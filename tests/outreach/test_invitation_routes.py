"""From a card to the survey: a code is exchanged for a pass and leaves the address; what does not work has words of its own."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

import httpx
import pytest
from msgspec.structs import replace

from survey import clock
from survey.authoring.queries import SurveyView
from survey.authoring.service import close_survey
from survey.codes import hash_code
from survey.outreach.invitations import find_invitation
from survey.outreach.rules import read_pass
from survey.outreach.states import InvitationState
from survey.responses.service import Recorder
from survey.settings import Settings
from survey.web.pages import environment, words
from tests.conftest import SECRET
from tests.outreach.conftest import CLOSED_HOUSE, codes_of, invited_survey
from tests.pages import PageClient
from tests.responses.conftest import submission

MADE_UP = "7KQM-3FZD-A2C4-9XYZ"


@pytest.fixture
async def survey(client: httpx.AsyncClient) -> SurveyView:
    return await invited_survey()


@pytest.fixture
async def code(survey: SurveyView) -> str:
    return (await codes_of(survey, 1))[0]


async def _state(code: str) -> InvitationState:
    found = await find_invitation(code)
    assert found is not None
    return found.state


async def _use(survey: SurveyView, code: str) -> None:
    await Recorder(SECRET).record([replace(await submission(CLOSED_HOUSE), invitation=hash_code(code))])
    assert await _state(code) == InvitationState.USED


def _pass(response: httpx.Response, survey: SurveyView) -> str | None:
    [line] = response.headers.get_list("set-cookie")
    name, _, rest = line.partition("=")
    value, *attributes = [part.strip() for part in rest.split(";")]
    assert name == "invitation"
    assert {part.lower() for part in attributes} == {"httponly", "samesite=lax", "path=/", "max-age=86400"}
    return read_pass(SECRET, survey.public_id, value, clock.now())


async def test_link_on_a_card_gives_a_pass_and_leads_to_the_survey_without_the_code(
    pages: PageClient, survey: SurveyView, code: str
) -> None:
    response = await pages.http.get(f"/i/{code}")

    assert (response.status_code, response.headers["location"]) == (303, f"/s/{CLOSED_HOUSE}")
    assert _pass(response, survey) == hash_code(code)
    assert response.headers["cache-control"] == "no-store"
    assert code not in str(response.headers)
    assert await _state(code) == InvitationState.OPENED


async def test_cookie_is_bound_to_the_host_behind_tls(
    survey: SurveyView, code: str, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "has_secure_cookies", property(lambda _: True))

    response = await client.get(f"/i/{code}")

    [line] = response.headers.get_list("set-cookie")
    assert line.startswith("__Host-invitation=")
    assert {"secure", "path=/"} <= {part.strip().lower() for part in line.split(";")}
    assert "domain" not in line.lower()


@pytest.mark.parametrize(("asked", "target"), [("?lang=ko", "?lang=ko"), ("?lang=tlh", ""), ("?lang=", "")])
async def test_language_of_a_link_goes_on_to_the_survey(pages: PageClient, code: str, asked: str, target: str) -> None:
    response = await pages.http.get(f"/i/{code}{asked}")

    assert response.headers["location"] == f"/s/{CLOSED_HOUSE}{target}"


async def test_opening_a_link_again_and_from_a_preview_uses_nothing_up(pages: PageClient, code: str) -> None:
    answers = [await pages.http.get(f"/i/{code}", headers={"user-agent": "WhatsApp/2 preview"}) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {303}
    assert await _state(code) == InvitationState.OPENED


async def test_next_code_on_the_same_phone_replaces_the_first(pages: PageClient, survey: SurveyView) -> None:
    """A family with one phone: each their own code, and none shuts the others out."""
    first, second = await codes_of(survey, 2)

    await pages.http.get(f"/i/{first}")
    response = await pages.http.get(f"/i/{second}")

    assert response.headers["location"] == f"/s/{CLOSED_HOUSE}"
    assert _pass(response, survey) == hash_code(second)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("write", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code.replace('-', '')} "])
async def test_typed_code_leads_to_the_survey_in_the_pages_language(
    pages: PageClient, survey: SurveyView, code: str, language: str, write
) -> None:
    page = await pages.get(f"/i?lang={language}")

    response = await pages.send("/i", [*[pair for pair in page.fields() if pair[0] != "code"], ("code", write(code))])

    assert page.language == language
    assert page.fields() == [("_language", language), ("code", "")]
    assert (response.status_code, response.headers["location"]) == (303, f"/s/{CLOSED_HOUSE}?lang={language}")
    assert _pass(response, survey) == hash_code(code)


@pytest.mark.parametrize("typed", ["", " ", MADE_UP, "望京", "<script>", "x" * 300, "\x00"])
async def test_wrong_code_is_told_and_can_be_typed_again(pages: PageClient, code: str, typed: str) -> None:
    page = await pages.post("/i", [("_language", "en"), ("code", typed)], status=404)

    assert page.h1 == "No invitation has this code"
    assert "ask whoever gave you the code" in page.text
    assert page.fields()[1] == ("code", typed.strip().replace("\x00", "")[:80])
    assert page.cookies == []
    assert await _state(code) == InvitationState.UNUSED


async def test_wrong_link_is_told_in_the_browsers_language(pages: PageClient) -> None:
    page = await pages.get(f"/i/{MADE_UP}", status=404, wish="fr-CH, fr;q=0.9")

    assert (page.language, page.cookies) == ("fr", [])
    assert dict(page.fields())["code"] == MADE_UP


async def test_used_code_leads_to_the_receipt_and_gives_no_pass(pages: PageClient, survey: SurveyView, code: str) -> None:
    await _use(survey, code)

    page = await pages.get(f"/i/{code}?lang=en", status=410)

    assert page.h1 == "This code has been used"
    assert {"/receipt?lang=en", "/i?lang=en"} <= set(page.links())
    assert [line for line in page.cookies if not line.startswith("lang=")] == []
    assert code not in page.html


async def test_expired_code_names_its_last_day(
    pages: PageClient, survey: SurveyView, monkeypatch: pytest.MonkeyPatch
) -> None:
    [code] = await codes_of(survey, 1, days=0)
    monkeypatch.setattr(clock, "today", lambda: dt.date(2030, 1, 1))

    page = await pages.get(f"/i/{code}?lang=en", status=410)

    assert page.h1 == "This code has expired"
    assert "It could be used until" in page.text
    assert [line for line in page.cookies if not line.startswith("lang=")] == []
    assert await _state(code) == InvitationState.UNUSED


async def test_code_of_a_closed_survey_says_that_it_is_closed(pages: PageClient, survey: SurveyView, code: str) -> None:
    await close_survey(CLOSED_HOUSE, actor="ada", role="administrator")

    page = await pages.get(f"/i/{code}?lang=en", status=410)

    assert page.h1 == "This survey is closed"
    assert "12345" in page.text
    assert await _state(code) == InvitationState.UNUSED


async def test_code_of_a_draft_says_that_it_is_too_early(pages: PageClient) -> None:
    [code] = await codes_of(await invited_survey("draft", is_open=False), 1)

    page = await pages.get(f"/i/{code}?lang=en", status=404)

    assert "has not been opened yet" in page.text
    assert "Your code stays good until then." in page.text
    assert await _state(code) == InvitationState.UNUSED


async def test_code_typed_on_another_site_is_refused(pages: PageClient, code: str) -> None:
    response = await pages.send("/i", [("code", code)], headers={"sec-fetch-site": "cross-site"})

    assert response.status_code == 403
    assert await _state(code) == InvitationState.UNUSED


@pytest.mark.parametrize("address", ["/i/' OR 1=1", "/i/" + "x" * 3000, "/i/" + quote("望京 西园"), "/i/%F0%9F%8F%A0"])
async def test_strange_addresses_are_wrong_codes(pages: PageClient, address: str) -> None:
    await pages.get(address, status=404)


async def test_pages_draw_what_a_survey_that_needs_a_code_says(client: httpx.AsyncClient) -> None:
    """The words for who comes without a code, as the survey's own address uses them."""
    page = environment().get_template("resident/invitation.html").render(
        **words("resident", "en"), page_style="", path="/i", settings=None, problem="needed", code="", language_links={},
    )  # fmt: skip

    assert "<h1>This survey needs an invitation code</h1>" in page
    assert 'action="/i"' in page
