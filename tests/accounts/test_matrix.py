"""Role by route by area: who reaches what, and that what is out of reach looks like what does not exist."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import msgspec
import pytest

from survey import clock
from survey.accounts.queries import area_ids
from survey.accounts.rules import RIGHTS, Right, RoleKind
from survey.accounts.service import account_id
from survey.accounts.tables import Account, Role
from survey.app import create_app
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.service import bundled_form, create_survey, open_survey
from survey.authoring.states import Access
from survey.db.transaction import write_transaction
from survey.insight.tables import Chart
from survey.outreach.queries import list_channel_views
from survey.outreach.rules import ChannelKind
from survey.outreach.service import add_channel
from survey.outreach.tables import Channel
from survey.plans.queries import find_plan, list_items
from survey.plans.service import create_plan
from survey.responses.intake import entrance_to
from survey.responses.service import Recorder
from survey.settings import Settings
from survey.statements.service import prepare_statements
from survey.statements.tables import Statement
from survey.themes.agenda import load_agenda
from survey.themes.meetings import MeetingDraft, candidates, convene
from survey.themes.queries import find_theme
from survey.themes.service import decide
from survey.themes.states import EventKind
from survey.themes.tables import Theme
from tests.conftest import SECRET, app_of, running, seat
from tests.contracts.test_routes import OPEN_AT_THE_DESK, Route, routes
from tests.insight.test_facilities import facility
from tests.insight.test_indicators import add
from tests.outreach.conftest import batch_of, meeting
from tests.voices import DOCTOR, actor_named

HOME = "wangjing"
PLACES = {"the same area": "wangjing", "the area around it": "chaoyang", "all areas": None, "a part of another": "sanlitun"}
REACHED = {"the same area", "the area around it", "all areas"}
OF_THE_WHOLE = {"accounts.log": {"the area around it", "all areas"}}
"""Where a role has to cover every area that there is."""
OF_THE_BODY = {
    name: {"the same area"} for name in ("insight.indicator_form", "insight.edit_indicator", "insight.indicator_state", "insight.move_indicator")
}
"""What a body sets for itself: not even those above it read it, or bodies would be compared."""

RIGHT_OF = {
    "administer": {"insight.change_state", "insight.change_access"},
    "assist": {"responses.assist", "responses.assisted", "responses.assisted_answer"},
    "themes": {
        "insight.desk", "insight.survey", "insight.qr", "insight.channels", "insight.chart_file", "insight.numbers", "insight.chart",
        "insight.invitations", "insight.response_rate", "themes.board", "themes.unsorted", "themes.theme", "plans.list",
        "plans.plan", "plans.document", "outreach.events", "insight.facilities", "insight.facility", "themes.review", "themes.reviews", "themes.meeting", "themes.minutes",
        "themes.directory", "themes.mapping", "insight.waves",
        "insight.compare", "insight.compare_file", "insight.indicators", "insight.indicators_file",
        "themes.statements", "themes.difference", "themes.history", "themes.words",
    },
    "comment": {"themes.comment", "themes.vote"},
    "totals": {"insight.partner", "outreach.partner_posters", "outreach.partner_poster", "outreach.partner_qr"},
    "audit": {"accounts.log"},
    "answers": {"inbox.all", "inbox.survey", "inbox.statement"},
    "conduct": {"inbox.conduct"},
    "render": {"inbox.renderings", "inbox.send_rendering", "inbox.write_rendering"},
    "": {"accounts.roles", "accounts.choose_role"},
}  # fmt: skip
"""What a route takes, told a second time and by hand; every other route of the desk takes the right to decide."""

OF_NO_SURVEY = {
    "insight.desk", "responses.assist", "plans.list", "outreach.events", "outreach.new_event", "outreach.create_event",
    "accounts.roles", "accounts.choose_role", "inbox.all", "inbox.renderings", "inbox.send_rendering", "insight.partner",
    "inbox.conduct", "outreach.partner_posters", "outreach.partner_poster", "outreach.partner_qr",
    "insight.facilities", "insight.new_facility",
    "insight.indicators", "insight.indicators_file", "insight.new_indicator", "insight.create_indicator",
    "insight.create_facility", "insight.facility_import", "insight.import_counts", "insight.facility_template",
}  # fmt: skip
"""They show what one reaches of everything."""


def _desk_routes() -> list[Route]:
    found = routes(create_app(Settings(database="sqlite:///:memory:", secret=SECRET)))
    return [route for route in found if route.path.startswith(("/desk", "/partner")) and route.name not in OPEN_AT_THE_DESK]


DESK = _desk_routes()


class World(NamedTuple):
    http: httpx.AsyncClient
    found: dict[str, str]
    """What stands in a path for each parameter; for a public id, by the part of the path before it."""

    def address(self, route: Route, *, known: bool = True) -> str:
        def filled(match: re.Match[str]) -> str:
            before, name = match.groups()
            if not known and name in {"slug", "public_id", "code", "short"}:
                return f"{before}/unknown"
            return f"{before}/{self.found[before if name == 'public_id' else name]}"

        return re.sub(r"(\w+)/\{(\w+):\w+\}", filled, route.path)


@pytest.fixture
async def world(sqlite_settings: Settings) -> AsyncIterator[World]:
    """A survey of one subdistrict with everything that a survey can have."""
    async with running(app_of(sqlite_settings)) as http:
        areas = await area_ids()
        await create_survey(slug="ours", form=bundled_form(), area_id=areas[HOME], access=Access.INVITATION)
        await open_survey("ours", actor="test", role="administrator")
        survey = await find_survey("ours")
        await add_channel(survey_id=survey.id, code="shop", name="Shop", kind=ChannelKind.SHOP)
        batch = await batch_of(survey)
        await seat(http, "chen")
        [way] = await list_channel_views(survey.id)
        async with write_transaction(Channel):  # of whoever signs in: only the role is in question
            await Channel.update({Channel.partner: await account_id("chen")}).where(Channel.id == way.id)
        theme, plan = await _theme_and_plan(survey)
        [item] = await list_items((await find_plan(plan)).id)
        async with write_transaction(Chart):
            await Chart.insert(
                Chart(survey=survey.id, kind="themes", language="en", data_version="", title="", description="", svg="<svg/>", png=b"png")
            )
        event = await meeting(survey_id=survey.id)
        library = await facility(area=HOME)
        indicator = await add(slug="ours", actor=msgspec.structs.replace(await actor_named("chen"), area_id=areas[HOME]))
        review, on_agenda = await _review(survey)
        yield World(
            http,
            {"slug": "ours", "code": "shop", "short": way.short, "tag": "en", "format_": "docx", "themes": theme, "plans": plan,
             "statements": await _statement(survey), "events": event.public_id, "invitations": batch.public_id,
             "item_id": item.public_id, "reviews": review, "agenda_id": on_agenda,
             "kind": "themes", "file": "themes.svg", "facilities": library.public_id, "indicators": indicator},
        )  # fmt: skip


async def _theme_and_plan(survey: SurveyView) -> tuple[str, str]:
    actor = await actor_named("chen")
    figures = {"people": 12, "statements": 12, "languages": "{}", "keywords": "{}", "quotes": "[]", "public_quotes": "[]"}
    async with write_transaction(Theme):
        await Theme.insert(
            Theme(public_id="a-theme", survey=survey.id, key="health", category="health", state="proposed", names='{"zh-Hans":"看病"}', **figures)
        )
    await decide(await find_theme("a-theme"), EventKind.ACCEPT, actor=actor)
    plan = await create_plan(survey_id=survey.id, title="Plan", themes=[await find_theme("a-theme")], actor=actor)
    return "a-theme", plan.public_id


async def _statement(survey: SurveyView) -> str:
    """What somebody in the survey's own area wrote."""
    entrance = await entrance_to(survey.slug)
    submission = entrance.submission(
        client_id="in-the-survey-s-area", language="en", answers={"need_most": DOCTOR, "subdistrict": HOME}, channel=None, source="import"
    )
    await Recorder(SECRET).record_all_or_nothing([submission])
    await prepare_statements(survey.id)
    row = await Statement.select(Statement.public_id).first()
    assert row is not None
    return str(row["public_id"])
async def _review(survey: SurveyView) -> tuple[str, str]:
    """A meeting with one theme on its agenda: what stands for it in a path, and what for the theme."""
    [chair] = [person.role_id for person in await candidates(survey)]
    draft = MeetingDraft(starts_at=clock.now(), place="Room 2", members=[chair], present=[chair], chair=chair, guests=[])
    review = await convene(survey, draft, [await find_theme("a-theme")], actor=await actor_named("chen"))
    [found] = await load_agenda(review)
    return review.public_id, found.item.public_id


async def _act_as(kind: RoleKind, area: str | None) -> None:
    """Change the role that the signed-in browser acts in: from its next request on."""
    account = await Account.select(Account.id).where(Account.name == "chen").first()
    assert account is not None
    async with write_transaction(Role):
        await Role.update({Role.kind: kind, Role.area: (await area_ids())[area] if area else None}).where(Role.account == account["id"])


def _right(route: Route) -> str:
    return next((right for right, names in RIGHT_OF.items() if route.name in names), Right.REVIEW)


async def _answer(http: httpx.AsyncClient, method: str, address: str) -> tuple[int, str]:
    response = await http.request(method, address)
    return response.status_code, response.text.replace(address, "…")  # the way back to this page in another language


@pytest.mark.parametrize("kind", list(RoleKind))
async def test_who_reaches_what(world: World, kind: RoleKind):
    wrong = []
    for place, area in PLACES.items():
        await _act_as(kind, area)
        for route in sorted(DESK, key=lambda route: route.method != "GET"):
            right = _right(route)
            has_right = (not right or right in RIGHTS[kind]) and (route.name != "inbox.write_rendering" or Right.ANSWERS in RIGHTS[kind])
            may_enter = has_right and (route.name in OF_NO_SURVEY or place in (OF_THE_WHOLE | OF_THE_BODY).get(route.name, REACHED))
            status, body = await _answer(world.http, route.method, world.address(route))
            if may_enter != (status not in {404, 403}):
                wrong.append((place, route.name, status))
            if not may_enter and (status, body) != await _answer(world.http, route.method, world.address(route, known=False)):
                wrong.append((place, route.name, "differs from what does not exist"))
    assert sorted(wrong, key=str) == []
    assert len(DESK) >= 35


async def test_a_district_is_read_in_part(world: World):
    """A committee member of one subdistrict helps with the district's survey, and sees nothing that is made of everybody's."""
    areas = await area_ids()
    await create_survey(slug="districts", form=bundled_form(), area_id=areas["chaoyang"])
    await open_survey("districts", actor="test", role="administrator")
    await _act_as(RoleKind.COMMITTEE, "sanlitun")

    assert (await world.http.get("/desk/assist/districts")).status_code == 200
    assert (await world.http.get("/desk/assist/ours")).status_code == 404
    assert (await world.http.get("/desk/surveys/districts")).status_code == 404
    page = (await world.http.get("/desk")).text
    assert "/desk/surveys/ours" not in page
    assert '"/desk/surveys/districts"' not in page
    assert "/desk/surveys/districts/inbox" in page


@pytest.mark.parametrize(("kind", "area", "is_listed"), [(RoleKind.COMMITTEE, "sanlitun", False), (RoleKind.COMMITTEE, "chaoyang", True)])
async def test_lists_hold_what_is_reached(world: World, kind: RoleKind, area: str, is_listed: bool):
    await _act_as(kind, area)

    listed = {address: (await world.http.get(address)).text for address in ("/desk", "/desk/plans", "/desk/events", "/desk/assist")}

    assert ("/desk/surveys/ours" in listed["/desk"]) is is_listed
    assert (world.found["plans"] in listed["/desk/plans"]) is is_listed
    assert (world.found["events"] in listed["/desk/events"]) is is_listed
    assert ("/desk/assist/ours" in listed["/desk/assist"]) is is_listed


async def test_json_tells_no_more_than_the_page(world: World):
    await _act_as(RoleKind.COMMITTEE, "sanlitun")

    there = await world.http.get(f"/desk/themes/{world.found['themes']}", headers={"accept": "application/json"})
    nowhere = await world.http.get("/desk/themes/unknown", headers={"accept": "application/json"})

    assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text)


async def test_one_acts_in_one_role_at_a_time(world: World):
    account = await Account.select(Account.id).where(Account.name == "chen").first()
    assert account is not None
    async with write_transaction(Role):
        added = await Role.insert(Role(account=account["id"], kind=RoleKind.AUDITOR, area=None)).returning(Role.id)
    before = (await world.http.get("/desk")).text

    answer = await world.http.post("/desk/role", data={"role": str(added[0]["id"])})

    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/role?done=1")
    assert "committee member" in before
    assert "Act in another role" in before
    page = (await world.http.get("/desk/role?done=1")).text
    assert "chen · auditor" in page
    assert (await world.http.get("/desk/events/new")).status_code == 404


@pytest.mark.parametrize("role", ["", "x", "999999", "1" * 20, "²"])
async def test_nobody_acts_in_a_role_that_is_not_theirs(world: World, role: str):
    answer = await world.http.post("/desk/role", data={"role": role})

    assert answer.status_code in {404, 422}
    assert "committee member" in (await world.http.get("/desk")).text
