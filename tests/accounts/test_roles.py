"""Where each role's work begins, and the page for those who answer for residents. Who reaches what: test_matrix.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from survey.accounts.rules import RoleKind
from survey.authoring.queries import find_survey
from survey.authoring.states import SurveyState
from survey.outreach.tables import InvitationBatch
from survey.settings import Settings
from tests.conftest import PASSWORD, add_account, app_of, bundled_survey, running, seat, sign_in
from tests.outreach.conftest import invited_survey
from tests.pages import PageClient

HELPERS = [RoleKind.VOLUNTEER]
"""Their work begins where they answer for residents."""

STAFF = [RoleKind.SOCIAL_WORKER, RoleKind.COMMITTEE, RoleKind.ADMINISTRATOR]


@pytest.fixture
async def http(sqlite_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app_of(sqlite_settings)) as found:
        await bundled_survey()
        yield found


@pytest.mark.parametrize("role", HELPERS)
@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/desk/surveys/community-needs/state", {"change": "close"}),
        ("/desk/surveys/by-code/invitations", {"name": "B", "size": "3", "channel": "", "expires_on": "2999-01-01"}),
    ],
)
async def test_changes_of_helpers_have_no_effect(
    http: httpx.AsyncClient, role: RoleKind, address: str, fields: dict[str, str]
):
    await invited_survey("by-code")
    await seat(http, "vera", role)

    response = await PageClient(http).send(address, fields)

    assert response.status_code == 404
    assert (await find_survey("community-needs")).state == SurveyState.OPEN
    assert await InvitationBatch.count() == 0


@pytest.mark.parametrize("role", [*HELPERS, *STAFF])
@pytest.mark.parametrize("wanted", ["", "/desk", "/desk/plans", "/desk/assist", "/desk/assist/community-needs", "https://a.example/desk/assist"])
async def test_signing_in_leads_each_role_where_it_may_be(http: httpx.AsyncClient, role: RoleKind, wanted: str):
    await add_account("vera", role)

    response = await PageClient(http).send("/login", {"name": "vera", "password": PASSWORD, "next": wanted})

    is_their_page = wanted.startswith("/desk/assist")
    if role in HELPERS:
        expected = wanted if is_their_page else "/desk/assist"
    else:
        expected = "/desk" if wanted.startswith("https") or not wanted else wanted
    assert (response.status_code, response.headers["location"]) == (303, expected)
    again = await PageClient(http).get("/")
    [door] = [link for link in again.links() if link in {"/login", "/desk"}]
    assert (await http.get(door)).headers["location"] == ("/desk/assist" if role in HELPERS else "/desk")


@pytest.mark.parametrize("role", HELPERS)
async def test_the_page_for_helpers_lists_open_surveys_and_leads_to_each(http: httpx.AsyncClient, role: RoleKind):
    await invited_survey("by-code")
    await invited_survey("draft", is_open=False)
    await seat(http, "vera", role)

    page = await PageClient(http).get("/desk/assist")

    assert page.h1 == "Answer for a resident"
    assert [link for link in page.links() if link.startswith("/desk/assist/")] == [
        "/desk/assist/by-code", "/desk/assist/community-needs",
    ]  # fmt: skip
    assert page.text.count("ask the resident for the code") == 1
    assert {"/desk", "/desk/plans"} & set(page.links()) == set()
    assert page.words("//nav//*[@aria-current]") == ["Answer for a resident"] * 2  # in the menu of a phone, and beside the page


async def test_the_page_for_helpers_says_when_nothing_is_open(sqlite_settings: Settings):
    async with running(app_of(sqlite_settings)) as http:
        await seat(http, "vera", RoleKind.VOLUNTEER)

        page = await PageClient(http).get("/desk/assist")

    assert page.words("//*[@class='empty']") == ["No survey is open at the moment."]


async def test_committee_finds_the_page_in_its_menu(http: httpx.AsyncClient):
    await seat(http, "chen", RoleKind.COMMITTEE)

    page = await PageClient(http).get("/desk")

    assert "/desk/assist" in page.links()


async def test_a_shut_page_leads_a_helper_back_to_theirs(http: httpx.AsyncClient):
    await seat(http, "vera", RoleKind.VOLUNTEER)

    page = await PageClient(http).get("/desk/plans", status=404)

    assert (page.h1, page.links()[-1]) == ("Nothing is here", "/desk/assist")


async def test_a_visitor_is_sent_to_the_door_and_back_to_the_page_for_helpers(http: httpx.AsyncClient):
    await add_account("vera", RoleKind.VOLUNTEER)
    away = await http.get("/desk/assist")

    await sign_in(http, "vera")

    assert (away.status_code, away.headers["location"]) == (303, "/login?next=/desk/assist")
    assert (await http.get("/desk/assist")).status_code == 200
