"""Guidance indicators at the desk: set, read beside their own past, few, a body's own, and never a league table."""

from __future__ import annotations

import asyncio
import csv
import io

import httpx
import msgspec
import pytest

from survey import clock
from survey.accounts.queries import area_ids
from survey.accounts.rules import Actor, RoleKind
from survey.accounts.tables import Role
from survey.audit.tables import AuditEvent
from survey.db.transaction import write_transaction
from survey.errors import Conflict, NotFound
from survey.insight.indicator_figures import Direction, Target
from survey.insight.indicators import (
    IndicatorDraft,
    IndicatorInvalid,
    IndicatorView,
    TooManyIndicators,
    create_indicator,
    edit_indicator,
    find_indicator,
    list_indicators,
    move,
    read_indicators,
    set_active,
)
from survey.insight.tables import Indicator
from tests.conftest import STRANGERS, estrange
from tests.insight.test_compare_routes import HERE, THERE, counted
from tests.pages import PageClient

ACTOR = Actor(account_id=1, name="chen", role=RoleKind.COMMITTEE, area_id=None, session_id=0)
DRAFT = IndicatorDraft(
    names={"zh-Hans": "知道图书室", "en": "Know the library"}, purpose="看宣传有没有用", caveat="只有看到链接的人回答", answers=["yes"], percent="50",
    direction="at_least",
)  # fmt: skip
FORM = {"survey": "here", "question": "aware_library", "answers": "yes", "name_zh-Hans": "知道图书室", "name_en": "Know the library", "purpose": "p", "caveat": "c", "percent": "50", "direction": "at_least"}


async def add(draft: IndicatorDraft = DRAFT, *, slug: str = "here", question: str = "aware_library", most: int = 12, actor: Actor = ACTOR) -> str:
    return await create_indicator(draft, slug=slug, question=question, most=most, actor=actor)


async def _targets(public_id: str) -> list[Target | None]:
    return [view.target for view in (await find_indicator(public_id, ACTOR)).targets]


# The service, on both engines


async def test_indicator_is_kept_with_the_history_of_its_target(database: object) -> None:
    await counted("here", HERE)
    made = await add()
    for percent, direction in (("60", "at_least"), ("60", "at_least"), ("60", "at_most"), ("", "at_least")):
        draft = msgspec.structs.replace(DRAFT, percent=percent, direction=direction, purpose="另一个目的")
        await edit_indicator(made, draft, seen=(await find_indicator(made, ACTOR)).revision, actor=ACTOR)

    found = await find_indicator(made, ACTOR)
    assert (found.names, found.purpose, found.caveat, found.answers, found.question) == (DRAFT.names, "另一个目的", DRAFT.caveat, ["yes"], "aware_library")
    assert await _targets(made) == [None, Target(60, Direction.AT_MOST), Target(60, Direction.AT_LEAST), Target(50, Direction.AT_LEAST)]
    assert (found.target, found.targets[1].name, found.targets[1].set_at <= clock.now()) == (None, "chen", True)
    acts = [row["action"] for row in await AuditEvent.select().where(AuditEvent.subject == f"indicator:{made}").order_by(AuditEvent.id)]
    assert acts == ["indicator.created", *["indicator.edited"] * 4]
    with pytest.raises(Conflict):
        await edit_indicator(made, DRAFT, seen=1, actor=ACTOR)


async def test_thirteenth_is_refused_however_fast_it_comes_and_a_retired_one_makes_room(database: object) -> None:
    await counted("here", HERE)
    ids = [await add(most=3) for _ in range(2)]
    found = await asyncio.gather(*[add(most=3) for _ in range(4)], return_exceptions=True)

    assert sorted(type(one).__name__ for one in found) == ["TooManyIndicators"] * 3 + ["str"]
    await set_active(ids[0], is_active=False, most=3, actor=ACTOR)
    last = await add(most=3)
    with pytest.raises(TooManyIndicators):
        await set_active(ids[0], is_active=True, most=3, actor=ACTOR)
    await set_active(last, is_active=False, most=3, actor=ACTOR)
    await set_active(ids[0], is_active=True, most=3, actor=ACTOR)
    first = (await list_indicators(ACTOR))[0]
    assert (first.public_id, first.is_active, first.target) == (ids[0], True, Target(50, Direction.AT_LEAST))


async def test_order_is_by_hand(database: object) -> None:
    await counted("here", HERE)
    a, b, c = [await add() for _ in range(3)]
    await set_active(b, is_active=False, most=12, actor=ACTOR)
    for one, steps in ((c, -1), (c, -1), (a, 1), (b, 1), (c, 7)):
        await move(one, steps, actor=ACTOR)

    assert [one.public_id for one in await list_indicators(ACTOR) if one.is_active] == [c, a]


async def test_past_is_of_surveys_of_the_same_area_that_ask_the_same(database: object) -> None:
    """40 of 100, then 60 of 100: 20 points more, 6 to 33, beyond chance; the interval of the newest, 50.2 to 69.1, is above the target of 50."""
    areas = await area_ids()
    own = msgspec.structs.replace(ACTOR, area_id=areas["wangjing"])
    await counted("first", THERE, area="wangjing")
    await counted("elsewhere", THERE, area="sanlitun")
    await counted("around", THERE, area="chaoyang")
    await counted("here", HERE, area="wangjing")
    await add(actor=own)
    await add(msgspec.structs.replace(DRAFT, answers=["4", "5"]), question="belonging", actor=own)

    [library, belonging], retired = await read_indicators(own)

    assert [(one.survey.slug, one.value.shown.people, one.value.shown.base) for one in library.past] == [("first", 40, 100), ("here", 60, 100)]
    assert (library.standing, library.change is not None and library.change.is_marked, retired) == ("reached", True, [])
    assert [one.value.shown.people for one in belonging.past] == [50, None]  # 7 of 100 said otherwise
    assert (belonging.standing, belonging.change) == (None, None)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"names": {"zh-Hans": " ", "en": "x" * 121}}, {"name_zh-Hans": "needed", "name_en": "too_long"}),
        ({"purpose": "", "caveat": "x" * 501}, {"purpose": "needed", "caveat": "too_long"}),
        ({"answers": []}, {"answers": "needed"}),
        ({"answers": ["yes", "no"]}, {"answers": "all"}),
        ({"answers": ["maybe"]}, {"answers": "unknown"}),
        *[({"percent": text}, {"percent": "percent"}) for text in ("0", "101", "-5", "5.5", "٥٠", "1e1", "x" * 4000)],
        ({"direction": "sideways"}, {"percent": "percent"}),
    ],
)
async def test_what_is_no_indicator_is_refused_field_by_field(client: httpx.AsyncClient, changes: dict[str, object], problems: dict[str, str]) -> None:
    await counted("here", HERE)

    with pytest.raises(IndicatorInvalid) as refused:
        await add(msgspec.structs.replace(DRAFT, **changes))

    assert (refused.value.problems, await list_indicators(ACTOR)) == (problems, [])


@pytest.mark.parametrize(("slug", "question"), [("theirs", "aware_library"), ("here", "need_most"), ("here", "origin"), ("none", "aware_library")])
async def test_indicator_comes_from_a_counted_question_of_a_survey_of_ones_own_area(client: httpx.AsyncClient, slug: str, question: str) -> None:
    await counted("here", HERE)
    await counted("theirs", HERE, area="wangjing")

    with pytest.raises(NotFound):
        await add(slug=slug, question=question)


# The pages


@pytest.fixture
async def pages(desk: httpx.AsyncClient) -> PageClient:
    await counted("first", THERE)
    await counted("here", HERE)
    return PageClient(desk)


async def test_page_tells_each_indicator_with_all_that_it_must_say(pages: PageClient) -> None:
    assert (await pages.get("/desk/indicators")).h1 == "No guidance indicators yet"
    await add()

    page = await pages.get("/desk/indicators?done=created")

    assert page.h1 == "1 of our 1 targets is reached"
    assert page.words("//section//div[@class='figure']") == [
        "60% of 100 people who answered 50% to 69%", "at least 50% own target reached", "+6 to +33 points since the value before beyond chance",
    ]  # fmt: skip
    assert page.words("//section//dl//dd") == [
        "看宣传有没有用",
        "People who answered “Yes” ÷ people who answered the question “Did you know that your community has a library or reading room?”",
        "What does your neighbourhood need?", "只有看到链接的人回答",
    ]  # fmt: skip
    assert [words.split(" ")[0] for words in page.words("//section//tbody//td[1]")] == ["60%", "40%"]
    assert "They are not ranked, not compared with other areas, and no marks for anybody on the staff." in page.text
    assert "±" not in page.text


async def test_adding_goes_by_survey_and_question_and_keeps_what_was_typed(pages: PageClient) -> None:
    page = await pages.get("/desk/indicators/new")
    assert [one.get("value") for one in page.all("//select/option")] == ["here", "first", "community-needs"]
    page = await pages.get("/desk/indicators/new?survey=here")
    assert [one.get("value") for one in page.all("//select/option")] == ["aware_library", "belonging"]
    page = await pages.get("/desk/indicators/new?survey=here&question=belonging")
    assert page.all("//input[@name='answers'][@checked]/@value") == ["4", "5"]

    wrong = await pages.post("/desk/indicators/new", {**FORM, "purpose": "", "percent": "abc"}, status=422)

    assert wrong.words("//div[@role='alert']//li") == ["Purpose: This is needed.", "Own target, in percent: Please write a whole number from 1 to 100, or leave it empty."]
    assert (wrong.all("//input[@name='name_en']/@value"), wrong.all("//input[@name='percent']/@value")) == (["Know the library"], ["abc"])
    reply = await pages.http.post("/desk/indicators/new", data=FORM)
    assert (reply.status_code, reply.headers["location"]) == (303, "/desk/indicators?done=created")
    assert [one.names["zh-Hans"] for one in await list_indicators(ACTOR)] == ["知道图书室"]


async def test_changes_are_made_and_undone_at_the_desk(pages: PageClient) -> None:
    first, second = [await add() for _ in range(2)]

    async def act(path: str, **data: str) -> int:
        return (await pages.http.post(f"/desk/indicators/{path}", data=data)).status_code

    assert [await act(f"{second}/move", to="up"), await act(f"{second}/move", to="sideways")] == [303, 422]
    assert [one.public_id for one in await list_indicators(ACTOR)] == [second, first]
    assert [await act(f"{first}/state", change="retire"), await act(f"{first}/state", change="burn")] == [303, 422]
    page = await pages.get("/desk/indicators?done=retire")
    assert page.words("//section[h2='Retired']//button") == ["Bring back"]
    assert await act(f"{first}/state", change="bring_back") == 303
    assert all(one.is_active for one in await list_indicators(ACTOR))
    assert await act(f"{first}/edit", **{**FORM, "percent": "70", "seen": "1"}) == 303
    assert (await find_indicator(first, ACTOR)).target == Target(70, Direction.AT_LEAST)
    late = await pages.post(f"/desk/indicators/{first}/edit", {**FORM, "percent": "80", "seen": "1"}, status=409)
    assert "Somebody else changed this indicator in the meantime" in late.text
    assert (late.all("//input[@name='percent']/@value"), late.all("//input[@name='seen']/@value")) == (["80"], ["2"])
    assert await _targets(first) == [Target(70, Direction.AT_LEAST), Target(50, Direction.AT_LEAST)]


async def test_thirteenth_is_told_to_retire_one_and_loses_no_word(pages: PageClient) -> None:
    ids = [await add() for _ in range(12)]

    page = await pages.post("/desk/indicators/new", FORM, status=409)

    assert page.words("//div[@role='alert']/h2") == ["There are 12 indicators already"]
    assert page.all("//input[@name='name_en']/@value") == ["Know the library"]
    await set_active(ids[0], is_active=False, most=12, actor=ACTOR)
    await add()
    full = await pages.post(f"/desk/indicators/{ids[0]}/state", {"change": "bring_back"}, status=409)
    assert "Retire one first." in full.text
    assert len(await list_indicators(ACTOR)) == 13
    assert full.words("//a[@href='/desk/indicators/new']") == []


async def test_file_has_every_value_with_its_n_and_no_other_body(pages: PageClient) -> None:
    await counted("theirs", THERE, area="wangjing")
    await add()

    reply = await pages.http.get("/desk/indicators/table.csv")

    rows = [row for row in csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))) if len(row) == 12]
    assert [row[0] for row in rows] == ["Indicator", "Know the library", "Know the library"]
    assert [row[5:6] + row[7:] for row in rows[1:]] == [
        ["at least 50%", "March 1, 2026 to March 21, 2026", "100", "0.4", "0.309", "0.498"],
        ["at least 50%", "March 1, 2026 to March 21, 2026", "100", "0.6", "0.502", "0.691"],
    ]  # fmt: skip
    assert "rank" not in " ".join(rows[0]).casefold()
    assert "not compared with other areas" in reply.text


async def test_indicators_of_another_area_do_not_exist_not_even_for_the_district(pages: PageClient) -> None:
    """The district covers Wangjing, and still sees no target that Wangjing set for itself: it would be a league table."""
    areas = await area_ids()
    await counted("wangjings", HERE, area="wangjing")
    made = await add(slug="wangjings", actor=msgspec.structs.replace(ACTOR, area_id=areas["wangjing"]))

    for area, is_there in (("wangjing", True), ("sanlitun", False), ("chaoyang", False), (None, False)):
        async with write_transaction(Role):
            await Role.update({Role.area: areas[area] if area else None}).where(Role.kind == "committee")
        page = await pages.get("/desk/indicators")
        reply = await pages.http.get(f"/desk/indicators/{made}/edit")
        assert ("Know the library" in page.text, reply.status_code) == (is_there, 200 if is_there else 404)
        if not is_there:
            reply = await pages.http.post(f"/desk/indicators/{made}/state", data={"change": "retire"})
            assert reply.status_code == 404
    assert await Indicator.exists().where(Indicator.is_active == True)  # noqa: E712 -- piccolo's condition


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_change_nothing(pages: PageClient, stranger: str) -> None:
    made = await add()
    before = await _everything()
    estrange(pages.http, stranger)

    for path, data in (("new", FORM), (f"{made}/edit", {**FORM, "seen": "1", "percent": "99"}), (f"{made}/state", {"change": "retire"}), (f"{made}/move", {"to": "up"})):
        assert (await pages.http.post(f"/desk/indicators/{path}", data=data)).status_code in {303, 403}

    assert await _everything() == before


async def _everything() -> list[IndicatorView]:
    return await list_indicators(ACTOR)
