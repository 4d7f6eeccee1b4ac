"""Plans at the desk, as a committee member's browser gets them."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import httpx
import pytest
from docx import Document

from survey.authoring.queries import SurveyView, find_survey
from survey.fonts import APT_LINE
from survey.insight.service import draw_charts
from survey.plans.documents import FORMATS
from survey.plans.queries import PlanView, list_items, list_plans
from survey.plans.service import create_plan
from survey.plans.tables import Plan, PlanItem
from tests.conftest import STRANGERS, estrange
from tests.plans.conftest import DOCTORS, DRILLING, PLACES_TO_PARK, reviewed
from tests.voices import actor_named, parsed, themes_by_key, words_in, words_of

NEW = "/desk/surveys/community-needs/plans/new"


@pytest.fixture
async def survey(desk: httpx.AsyncClient) -> SurveyView:
    """Two accepted themes, of 23 and of 9 people, and one that nobody decided about."""
    view = await find_survey("community-needs")
    await reviewed(view, await actor_named("chen"), DOCTORS, PLACES_TO_PARK)
    return view


@pytest.fixture
async def plan(survey: SurveyView) -> PlanView:
    themes = await themes_by_key(survey)
    return await create_plan(
        survey_id=survey.id, title="Plan 2026", themes=[themes[DOCTORS], themes[PLACES_TO_PARK]], actor=await actor_named("chen")
    )


async def _ids(survey: SurveyView) -> dict[str, str]:
    return {key: theme.public_id for key, theme in (await themes_by_key(survey)).items()}


async def _item(plan: PlanView, index: int = 0) -> str:
    return (await list_items(plan.id))[index].public_id


async def _stored() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return await Plan.select().order_by(Plan.id), await PlanItem.select().order_by(PlanItem.id)


def _address(plan: PlanView, rest: str = "") -> str:
    return f"/desk/plans/{plan.public_id}{rest}"


def _fields(response: httpx.Response, item: str) -> dict[str, str]:
    [form] = parsed(response).xpath(f"//form[@id='item-{item}']")
    found = {control.get("name"): control.get("value", "") for control in form.xpath(".//input")}
    return found | {control.get("name"): (control.text or "").removeprefix("\n") for control in form.xpath(".//textarea")}


WORDS = {"goal": "An interpreter", "lead": "Health office", "deadline": "2027-01-31", "measure": "Ten <languages>"}


async def test_plans_without_any_say_how_one_is_made(desk: httpx.AsyncClient) -> None:
    response = await desk.get("/desk/plans")

    assert "There is no plan yet. Accept themes of a survey, then take them into a plan." in words_in(response)
    assert parsed(response).xpath("//main//table") == []


@pytest.mark.parametrize("count", [1, 3])
async def test_plans_are_listed_newest_first(desk: httpx.AsyncClient, survey: SurveyView, count: int) -> None:
    ids = await _ids(survey)
    for number in range(count):
        chosen = [ids[DOCTORS], ids[PLACES_TO_PARK]][: number % 2 + 1]
        await desk.post(NEW, data={"title": f"Plan <{number}>", "theme": chosen})

    response = await desk.get("/desk/plans")

    rows = [[words_of(cell) for cell in row.xpath("./th | ./td")][:3] for row in parsed(response).xpath("//main//tbody/tr")]
    title = "What does your neighbourhood need?"
    assert [row[1:] for row in rows] == [[title, str(number % 2 + 1)] for number in reversed(range(count))]
    assert parsed(response).xpath("//main//tbody//a/text()") == [f"Plan <{number}>" for number in reversed(range(count))]
    assert words_of(parsed(response).xpath("//h1")[0]) == ("1 plan" if count == 1 else f"{count} plans")
    links = parsed(response).xpath("//main//tbody//a/@href")
    assert links == [f"/desk/plans/{plan.public_id}" for plan in await list_plans()]


async def test_new_plan_offers_accepted_themes_alone(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    ids = await _ids(survey)

    response = await desk.get(NEW, params={"theme": ids[PLACES_TO_PARK]})

    boxes = parsed(response).xpath("//input[@name='theme']")
    assert {(box.get("value"), box.get("checked") is not None) for box in boxes} == {
        (ids[DOCTORS], False),
        (ids[PLACES_TO_PARK], True),
    }
    assert "Construction noise" not in response.text


async def test_new_plan_without_accepted_themes_leads_to_the_review(desk: httpx.AsyncClient) -> None:
    response = await desk.get(NEW)

    assert "No theme of this survey is accepted yet." in words_in(response)
    assert parsed(response).xpath("//main//form") == []
    assert "/desk/surveys/community-needs/themes" in parsed(response).xpath("//main//a/@href")


async def test_plan_is_made_of_the_chosen_themes(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    ids = await _ids(survey)

    response = await desk.post(NEW, data={"title": "Plan 2026", "theme": [ids[DOCTORS], ids[PLACES_TO_PARK]]})

    [plan] = await list_plans()
    page = await desk.get(response.headers["location"])
    assert (response.status_code, response.headers["location"]) == (303, _address(plan))
    assert parsed(page).xpath("//h1/text()") == ["Plan 2026"]
    assert [words_of(head) for head in parsed(page).xpath("//main//form/h2")] == [
        "1. Doctors who speak our language",
        "2. Too few parking spaces",
    ]
    assert "about 25 people · 56% · 2 quotes may be printed" in words_in(page)


@pytest.mark.parametrize(("title", "themes"), [("", [DOCTORS]), ("Plan <2026>", []), ("x" * 121, [DOCTORS]), ("Plan", [DRILLING]), ("Plan", ["no-such"])])
async def test_plan_that_lacks_something_keeps_what_was_typed(
    desk: httpx.AsyncClient, survey: SurveyView, title: str, themes: list[str]
) -> None:
    ids = await _ids(survey)
    chosen = [ids.get(key, key) for key in themes]

    response = await desk.post(NEW, data={"title": title, "theme": chosen})

    page = parsed(response)
    assert response.status_code == 422
    assert words_of(page.xpath("//*[@role='alert']/h2")[0]) == "Something is missing"
    assert page.xpath("//input[@name='title']/@value") == [title]
    assert page.xpath("//input[@name='theme' and @checked]/@value") == [ids[DOCTORS]] * (DOCTORS in themes)
    assert await _stored() == ([], [])


async def test_themes_are_added_to_a_plan_that_is_there(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    ids = await _ids(survey)
    await desk.post(NEW, data={"title": "Plan 2026", "theme": ids[DOCTORS]})
    [plan] = await list_plans()
    offered = parsed(await desk.get(NEW)).xpath("//select[@name='plan']/option/@value")

    response = await desk.post(NEW, data={"plan": plan.public_id, "title": "", "theme": [ids[DOCTORS], ids[PLACES_TO_PARK]]})

    assert offered == ["", plan.public_id]
    assert response.headers["location"] == _address(plan)
    assert await list_plans() == [plan]
    assert len(await list_items(plan.id)) == 2


async def test_adding_to_a_plan_that_does_not_exist_is_not_found(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    response = await desk.post(NEW, data={"plan": "no-such", "theme": (await _ids(survey))[DOCTORS]})

    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]
    assert await _stored() == ([], [])


async def test_item_is_saved_and_says_so(desk: httpx.AsyncClient, plan: PlanView) -> None:
    item = await _item(plan)

    response = await desk.post(_address(plan, f"/items/{item}"), data={**WORDS, "revision": "1"})

    page = await desk.get(response.headers["location"])
    assert response.headers["location"] == _address(plan, f"?saved={item}#item-{item}")
    assert _fields(page, item) == {**WORDS, "revision": "2"}
    assert words_of(parsed(page).xpath(f"//form[@id='item-{item}']//*[@role='status']")[0]) == "Saved."
    assert _fields(page, await _item(plan, 1)) == {"goal": "", "lead": "", "deadline": "", "measure": "", "revision": "1"}


@pytest.mark.parametrize(
    "wrong",
    [{"deadline": "31.1.2027"}, {"deadline": "2027-02-30"}, {"goal": "x" * 2001}, {"lead": "x" * 201}, {"revision": "one"}],
)
async def test_item_that_cannot_be_stored_keeps_what_was_typed(
    desk: httpx.AsyncClient, plan: PlanView, wrong: dict[str, str]
) -> None:
    item, before = await _item(plan), await _stored()
    typed = {**WORDS, "revision": "1", **wrong}

    response = await desk.post(_address(plan, f"/items/{item}"), data=typed)

    alerts = [words_of(found) for found in parsed(response).xpath("//*[@role='alert']")]
    assert response.status_code == 422
    assert alerts == ["A field is too long, or the date cannot be read."]
    assert _fields(response, item) == {**typed, "revision": "1"}
    assert await _stored() == before


async def test_conflict_of_two_editors_keeps_the_words_of_the_second(desk: httpx.AsyncClient, plan: PlanView) -> None:
    item = await _item(plan)
    await desk.post(_address(plan, f"/items/{item}"), data={**WORDS, "goal": "The first one's goal", "revision": "1"})
    mine = {**WORDS, "goal": "The second one's goal", "revision": "1"}

    response = await desk.post(_address(plan, f"/items/{item}"), data=mine)
    again = await desk.post(_address(plan, f"/items/{item}"), data=_fields(response, item))

    [alert] = [words_of(found) for found in parsed(response).xpath("//*[@role='alert']")]
    assert response.status_code == 409
    assert alert.startswith("Somebody else changed this item in the meantime")
    assert "Now stored: The first one's goal · Health office · Ten <languages> Save again" in alert
    assert _fields(response, item) == {**mine, "revision": "2"}
    assert again.status_code == 303
    assert (await list_items(plan.id))[0].goal == "The second one's goal"


async def test_revision_beyond_any_number_is_a_conflict(desk: httpx.AsyncClient, plan: PlanView) -> None:
    item, before = await _item(plan), await _stored()

    response = await desk.post(_address(plan, f"/items/{item}"), data={**WORDS, "revision": "9" * 30})

    assert response.status_code == 409
    assert await _stored() == before


async def test_item_is_removed(desk: httpx.AsyncClient, plan: PlanView) -> None:
    item, other = await _item(plan), await _item(plan, 1)

    response = await desk.post(_address(plan, f"/items/{item}"), data={"step": "remove", "revision": "1"})
    again = await desk.post(_address(plan, f"/items/{item}"), data={"step": "remove", "revision": "1"})

    page = await desk.get(response.headers["location"])
    assert [words_of(head) for head in parsed(page).xpath("//main//form/h2")] == ["1. Too few parking spaces"]
    assert [found.public_id for found in await list_items(plan.id)] == [other]
    assert again.status_code == 404


async def test_plan_without_items_leads_to_the_themes(desk: httpx.AsyncClient, plan: PlanView) -> None:
    await PlanItem.delete(force=True)

    response = await desk.get(_address(plan))

    assert "This plan has no items yet." in words_in(response)
    assert NEW in parsed(response).xpath("//main//a/@href")


async def test_item_of_another_plan_is_not_found(desk: httpx.AsyncClient, survey: SurveyView, plan: PlanView) -> None:
    await desk.post(NEW, data={"title": "Another", "theme": (await _ids(survey))[DOCTORS]})
    [other, _] = await list_plans()
    before = await _stored()

    response = await desk.post(_address(other, f"/items/{await _item(plan)}"), data={**WORDS, "revision": "1"})

    assert response.status_code == 404
    assert await _stored() == before


async def test_plan_of_nine_people_tells_no_number_anywhere(desk: httpx.AsyncClient, plan: PlanView) -> None:
    """9 of 44: in the page, and in what is taken away."""
    page = await desk.get(_address(plan))
    files = {kind: (await desk.get(_address(plan, f"/document/{kind}"))).content for kind in FORMATS}

    document = Document(io.BytesIO(files["docx"]))
    texts = [*(paragraph.text for paragraph in document.paragraphs), *(cell.text for row in document.tables[0].rows for cell in row.cells)]
    assert "fewer than 10 people · 0 quotes may be printed" in words_in(page)
    assert "fewer than 10 people name this need." in texts
    for text in [words_in(page), *texts, files["csv"].decode()]:
        assert re.findall(r"\b9 people\b|about (9|23|44)\b|2[01]\s?%|52\s?%", text) == []
    [doctors, parking] = json.loads(files["json"])["entries"]
    assert (doctors["people"], parking["people"], parking["share"]) == (25, None, None)


@pytest.mark.parametrize("format_", FORMATS)
async def test_document_is_handed_out_twice_alike(desk: httpx.AsyncClient, plan: PlanView, format_: str) -> None:
    first, second = [await desk.get(_address(plan, f"/document/{format_}")) for _ in range(2)]

    assert first.status_code == 200
    assert first.headers["content-type"] == FORMATS[format_] + "; charset=utf-8" * (format_ == "csv")
    assert first.headers["content-disposition"] == f'attachment; filename="plan-{plan.public_id}.{format_}"'
    assert first.content == second.content
    assert first.content[:2] == {"docx": b"PK", "xlsx": b"PK", "csv": b"\xef\xbb", "json": b"{\n"}[format_]


async def test_document_is_in_the_desks_language(desk: httpx.AsyncClient, plan: PlanView) -> None:
    english = (await desk.get(_address(plan, "/document/csv"))).text
    desk.cookies.delete("desk_language")

    chinese = (await desk.get(_address(plan, "/document/csv"))).text

    assert "Doctors who speak our language,about 25,56%" in english
    assert "会说我们语言的医生,约25,56%" in chinese.replace("约 25", "约25")


async def test_document_holds_the_words_and_the_quotes(desk: httpx.AsyncClient, plan: PlanView) -> None:
    await desk.post(_address(plan, f"/items/{await _item(plan)}"), data={**WORDS, "revision": "1"})

    content = (await desk.get(_address(plan, "/document/docx"))).content

    texts = [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]
    for line in ("Goal: An interpreter", "Lead: Health office", "Deadline: January 31, 2027", "Measure of success: Ten <languages>"):
        assert line in texts
    assert len([text for text in texts if text.startswith("“We need a doctor who speaks English, says number ")]) == 2


async def test_document_with_control_characters_from_the_form_is_written(desk: httpx.AsyncClient, plan: PlanView) -> None:
    await desk.post(_address(plan, f"/items/{await _item(plan)}"), data={**WORDS, "goal": "An\x0b inter\x01preter\x00", "revision": "1"})

    for kind in FORMATS:
        response = await desk.get(_address(plan, f"/document/{kind}"))
        assert response.status_code == 200, kind

    content = (await desk.get(_address(plan, "/document/docx"))).content
    assert "Goal: An interpreter" in [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


async def test_document_holds_the_chart_once_it_is_drawn(desk: httpx.AsyncClient, plan: PlanView) -> None:
    before = (await desk.get(_address(plan, "/document/docx"))).content
    await draw_charts(plan.survey_id)

    after = (await desk.get(_address(plan, "/document/docx"))).content

    assert len(Document(io.BytesIO(before)).inline_shapes) == 0
    assert len(Document(io.BytesIO(after)).inline_shapes) == 1


@pytest.mark.parametrize("format_", ["pdf", "exe", "DOCX", "docx%00"])
async def test_document_of_another_format_is_not_found(desk: httpx.AsyncClient, plan: PlanView, format_: str) -> None:
    response = await desk.get(_address(plan, f"/document/{format_}"))

    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]


@pytest.mark.parametrize("has_font", [True, False])
async def test_plan_names_the_packages_where_the_server_has_no_font(
    desk: httpx.AsyncClient, plan: PlanView, monkeypatch: pytest.MonkeyPatch, *, has_font: bool
) -> None:
    monkeypatch.setattr("survey.plans.routes.has_cjk_font", lambda: has_font)

    response = await desk.get(_address(plan))

    assert parsed(response).xpath("//main//code/text()") == [APT_LINE] * (not has_font)


async def test_unknown_plan_is_a_designed_page(desk: httpx.AsyncClient) -> None:
    for path in ("/desk/plans/no-such", "/desk/plans/no-such/document/docx", "/desk/surveys/no-such/plans/new"):
        response = await desk.get(path)
        assert response.status_code == 404
        assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]


async def test_pages_and_documents_are_for_who_is_signed_in(desk: httpx.AsyncClient, plan: PlanView) -> None:
    desk.cookies.delete("session")

    for path in ("/desk/plans", NEW, _address(plan), *(_address(plan, f"/document/{kind}") for kind in FORMATS)):
        response = await desk.get(path)

        assert (response.status_code, response.headers["location"].split("?")[0]) == (303, "/login"), path
        assert b"Plan 2026" not in response.content


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_changes_by_strangers_have_no_effect(
    desk: httpx.AsyncClient, survey: SurveyView, plan: PlanView, stranger: str
) -> None:
    item, before = await _item(plan), await _stored()
    estrange(desk, stranger)

    replies = [
        await desk.post(NEW, data={"title": "Plan", "theme": (await _ids(survey))[DOCTORS]}),
        await desk.post(_address(plan, f"/items/{item}"), data={**WORDS, "revision": "1"}),
        await desk.post(_address(plan, f"/items/{item}"), data={"step": "remove"}),
    ]

    assert [reply.status_code for reply in replies] == [303 if stranger == "signed out" else 403] * 3
    assert await _stored() == before
