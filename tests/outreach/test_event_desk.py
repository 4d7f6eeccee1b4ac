"""Planning meetings at the desk, as a committee member's browser does it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest

from survey import clock
from survey.accounts.queries import area_ids
from survey.authoring.queries import find_survey
from survey.outreach.events import CHINESE, EventView, cancel_event, coming_events, count_coming, find_event
from survey.outreach.tables import Event
from tests.conftest import STRANGERS, estrange
from tests.outreach.conftest import CHEN, meeting, soon
from tests.pages import Page, PageClient, _sent
from tests.voices import parsed, words_in, words_of

LIST, NEW = "/desk/events", "/desk/events/new"
TYPED = {
    "name_zh-Hans": "邻里 见面会", "name_ko": "이웃 모임", "place_zh-Hans": "社区服务站", "day": "2031-03-06", "time": "19:30",
    "languages": ["zh-Hans", "ko"],
}  # fmt: skip


async def come(event: EventView, people: int, interpreter: str = "") -> None:
    for _ in range(people):
        await count_coming(event.public_id, before=None, wish=interpreter, now=clock.now())


def rows(page: Page, table: int = 0) -> list[list[str]]:
    body = page.all("//main//tbody")[table]
    return [[words_of(cell) for cell in row.xpath("./th | ./td")] for row in body.xpath("./tr")]


@pytest.fixture
def office(desk: httpx.AsyncClient) -> PageClient:
    return PageClient(desk)


async def stored() -> list[dict[str, Any]]:
    return await Event.select().order_by(Event.id)


# The list


async def test_desk_without_meetings_says_how_one_is_planned(office: PageClient) -> None:
    page = await office.get(LIST)

    assert page.words("//*[@class='empty']") == ["No meeting is planned. Talking face to face is what residents remember."]
    assert NEW in page.links()
    assert page.words("//nav//a[@aria-current='page']") == ["Meetings"] * 2  # in the menu of a phone, and beside the page


@pytest.mark.parametrize("number", [1, 3])
async def test_desk_lists_meetings_ahead_and_past(office: PageClient, number: int) -> None:
    for n in range(number):
        await meeting(name=f"将来{n}", starts_at=soon(number - n))
        await meeting(name=f"过去{n}", starts_at=soon(-1 - n))

    page = await office.get(LIST)

    assert [row[0] for row in rows(page)] == [f"将来{n}" for n in reversed(range(number))]
    assert [row[0] for row in rows(page, 1)] == [f"过去{n}" for n in range(number)]
    assert [row[3:] for row in rows(page)] == [["all areas all surveys", "0"]] * number


async def test_desk_tells_numbers_from_ten_and_where_and_whom_a_meeting_is_for(office: PageClient) -> None:
    survey, areas = await find_survey("community-needs"), await area_ids()
    many = await meeting(name="多", starts_at=soon(1), survey_id=survey.id, area_id=areas["wangjing"])
    await come(many, 10)
    await come(await meeting(name="少", starts_at=soon(2)), 9)

    page = await office.get(LIST)

    assert [row[3:] for row in rows(page)] == [
        ["Wangjing Subdistrict What does your neighbourhood need?", "10"], ["all areas all surveys", "fewer than 10"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("when", "cab"), ("name", "abc"), ("place", "bca"), ("coming", "bca"), ("nonsense", "cab"), ("", "cab")],
)
async def test_desk_sorts_meetings_without_telling_small_numbers(office: PageClient, sort: str, expected: str) -> None:
    """c comes first of a and c, though fewer come there: below ten all are alike, and the earlier stands first."""
    await come(await meeting(name="a", places={CHINESE: "3"}, starts_at=soon(2)), 9)
    await come(await meeting(name="b", places={CHINESE: "1"}, starts_at=soon(3)), 12)
    await come(await meeting(name="c", places={CHINESE: "2"}, starts_at=soon(1)), 1)

    page = await office.get(f"{LIST}?sort={sort}")

    assert "".join(row[0] for row in rows(page)) == expected


async def test_desk_speaks_chinese(office: PageClient) -> None:
    event = await meeting()
    office.http.cookies.set("desk_language", "zh-Hans")

    for address, heading in ((LIST, "即将举行 1 场活动"), (NEW, "安排活动"), (f"{LIST}/{event.public_id}", "邻里见面会")):
        page = await office.get(address)
        assert (page.language, page.h1) == ("zh-Hans", heading)
    refused = await office.post(NEW, {"day": "soon"}, status=422)
    assert len(refused.errors()) == 4


# Planning one


async def test_new_meeting_is_stored_as_it_was_typed(office: PageClient) -> None:
    survey, areas = await find_survey("community-needs"), await area_ids()
    form = await office.get(NEW)
    assert [value for name, value in _main(form) if name == "languages"] == ["zh-Hans"]

    response = await office.send(NEW, _pairs({**TYPED, "survey": str(survey.id), "area": str(areas["wangjing"])}))

    [event] = await coming_events("ko", clock.now())
    assert (response.status_code, response.headers["location"]) == (303, f"{LIST}/{event.public_id}?done=created")
    assert (event.names, event.places) == ({"zh-Hans": "邻里 见面会", "ko": "이웃 모임"}, {"zh-Hans": "社区服务站"})
    assert event.starts_at == dt.datetime(2031, 3, 6, 19, 30, tzinfo=clock.BEIJING)
    assert (event.survey_id, event.area_id, event.languages_spoken) == (survey.id, areas["wangjing"], ["zh-Hans", "ko"])
    page = await office.get(response.headers["location"])
    assert "Planned. Residents see it from now on." in page.text


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"name_zh-Hans": " "}, [("#name_zh-Hans", ": This is needed.")]),
        ({"place_zh-Hans": ""}, [("#place_zh-Hans", ": This is needed.")]),
        ({"day": "soon"}, [("#day", ": This is needed.")]),
        ({"time": ""}, [("#day", ": This is needed.")]),
        ({"day": "2020-01-01"}, [("#day", ": This moment is over already.")]),
        ({"languages": []}, [("#languages", ": This is needed.")]),
        ({"languages": ["xx"]}, [("#languages", ": This is needed.")]),
        ({"name_ko": "가" * 121}, [("#name_ko", ": At most 120 characters.")]),
    ],
)
async def test_meeting_that_lacks_something_keeps_what_was_typed(
    office: PageClient, changes: dict[str, Any], summary: list[tuple[str, str]]
) -> None:
    typed = {**TYPED, **changes}

    page = await office.post(NEW, _pairs(typed), status=422)

    assert page.errors() == summary
    kept = _main(page)
    for name in ("name_zh-Hans", "name_ko", "place_zh-Hans", "day", "time"):
        assert dict(kept)[name] == typed[name].strip()
    assert [value for name, value in kept if name == "languages"] == [tag for tag in typed["languages"] if tag != "xx"]
    assert await stored() == []


@pytest.mark.parametrize("field", ["survey", "area"])
@pytest.mark.parametrize("value", ["999999", "x", "1 OR 1=1"])
async def test_survey_or_area_that_is_not_offered_is_not_found(office: PageClient, field: str, value: str) -> None:
    response = await office.send(NEW, _pairs({**TYPED, field: value}))

    assert response.status_code == 404
    assert await stored() == []


async def test_meeting_is_changed(office: PageClient) -> None:
    event = await meeting()
    page = await office.get(f"{LIST}/{event.public_id}")
    fields = [(name, value) for name, value in _main(page) if name not in {"name_en", "time"}]

    response = await office.send(f"{LIST}/{event.public_id}", [*fields, ("name_en", "Tea <at> six"), ("time", "18:00")])

    now = await find_event(event.public_id, "en")
    assert (response.status_code, now.name.text) == (303, "Tea <at> six")
    assert now.starts_at.astimezone(clock.BEIJING).time() == dt.time(18, 0)
    assert (now.places, now.languages_spoken) == (event.places, event.languages_spoken)
    assert "Tea &lt;at&gt; six" in (await office.get(response.headers["location"])).html


async def test_meeting_that_somebody_else_changed_keeps_what_was_typed_and_can_be_saved_again(office: PageClient) -> None:
    event = await meeting(name="旧")
    mine = [(name, value) for name, value in _main(await office.get(f"{LIST}/{event.public_id}")) if name != "name_zh-Hans"]
    theirs = [*mine, ("name_zh-Hans", "他们的")]
    await office.send(f"{LIST}/{event.public_id}", theirs)

    page = await office.post(f"{LIST}/{event.public_id}", [*mine, ("name_zh-Hans", "我的")], status=409)
    stored_before = (await find_event(event.public_id, CHINESE)).name.text
    again = await office.send(f"{LIST}/{event.public_id}", _main(page))

    assert stored_before == "他们的"
    assert "他们的" in page.words("//*[@role='alert']")[0]
    assert dict(_main(page))["name_zh-Hans"] == "我的"
    assert again.status_code == 303
    assert (await find_event(event.public_id, CHINESE)).name.text == "我的"


async def test_meeting_tells_who_comes_and_which_interpreters_are_needed(office: PageClient) -> None:
    event = await meeting()
    await come(event, 10, "ko")
    await come(event, 3, "ja")
    await come(event, 2)

    page = await office.get(f"{LIST}/{event.public_id}")

    assert page.words("//*[@class='figure']") == [
        "15may come", "fewer than 10need an interpreter for: Japanese", "10need an interpreter for: Korean",
    ]  # fmt: skip


# Cancelling


async def test_cancelling_asks_first_and_can_be_undone(office: PageClient) -> None:
    event = await meeting()
    address = f"{LIST}/{event.public_id}/cancel"

    question = await office.post(address, {"step": "ask"})
    after_question = [row["is_cancelled"] for row in await stored()]
    yes = await office.send(address, {"step": "cancel"})
    cancelled = await office.get(yes.headers["location"])
    listed = await office.get(LIST)
    back = await office.send(address, {"step": "restore"})
    restored = await office.get(back.headers["location"])

    assert (question.h1, question.words("//form//button[@name]")) == ("Cancel this meeting?", ["Yes, cancel it"])
    assert [bool(value) for value in after_question] == [False]
    assert "This meeting is cancelled." in cancelled.text
    assert rows(listed)[0][0] == "Neighbours' evening cancelled"
    assert "It takes place after all." in restored.text
    assert [bool(row["is_cancelled"]) for row in await stored()] == [False]


async def test_past_meeting_offers_no_cancelling(office: PageClient) -> None:
    event = await meeting(starts_at=soon(-2))

    page = await office.get(f"{LIST}/{event.public_id}")

    assert "Cancel the meeting …" not in page.text


@pytest.mark.parametrize("address", [f"{LIST}/unknown", f"{LIST}/unknown/cancel"])
async def test_unknown_meeting_is_not_found(office: PageClient, address: str) -> None:
    assert (await office.send(address, {"step": "cancel"})).status_code == 404
    assert (await office.http.get(address.removesuffix("/cancel"))).status_code == 404


# Strangers


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_plan_change_and_cancel_nothing(desk: httpx.AsyncClient, stranger: str) -> None:
    event = await meeting()
    before = await stored()
    estrange(desk, stranger)

    for address, body in (
        (NEW, TYPED),
        (f"{LIST}/{event.public_id}", {**TYPED, "seen": event.version}),
        (f"{LIST}/{event.public_id}/cancel", {"step": "cancel"}),
    ):
        response = await desk.post(address, data=body)
        assert response.status_code == (303 if stranger == "signed out" else 403)
        assert response.headers.get("location", "/login").startswith("/login")

    assert await stored() == before


async def test_cancelled_before_and_seen_by_residents(office: PageClient) -> None:
    event = await meeting()
    await cancel_event(event.public_id, actor=CHEN)

    response = await office.http.get("/events?lang=en")

    assert "No meeting is planned at the moment." in words_in(response)
    assert parsed(response).xpath("//article") == []


def _pairs(fields: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]


def _main(page: Page) -> list[tuple[str, str]]:
    """The fields of the meeting's own form, as a browser would send them."""
    [form] = page.all("//main//form[.//input[@name='day']]")
    return [pair for control in form.xpath(".//input | .//select") for pair in _sent(control)]
