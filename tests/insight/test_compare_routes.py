"""The page of two surveys: who reaches it, what it says and hides, its file, and that units are refused."""

from __future__ import annotations

import csv
import datetime as dt
import io

import httpx
import msgspec
import pytest

from survey.accounts.queries import area_ids
from survey.accounts.tables import Role
from survey.authoring.queries import SurveyView
from survey.authoring.service import bundled_form, create_survey, open_survey
from survey.authoring.tables import Survey
from survey.db.transaction import write_transaction
from survey.insight.counting import store_figures
from survey.insight.schemas import Choices, Figures
from survey.questionnaire.form import Question
from survey.questionnaire.sameness import fingerprint
from tests.pages import PageClient

DAYS = dt.date(2026, 3, 1), dt.date(2026, 3, 21)


async def counted(slug: str, totals: dict[str, dict[str, int]], *, area: str | None = None, answers: int = 200, more: Question | None = None) -> SurveyView:
    """An open survey with the bundled questions named in `totals`, and one of its own, and what the worker would have counted of it."""
    form = bundled_form()
    questions = [question for question in form.questions() if question.id in totals] + ([more] if more else [])
    form = msgspec.structs.replace(form, sections=[msgspec.structs.replace(form.sections[0], questions=questions)])
    view = await create_survey(slug=slug, form=form, area_id=(await area_ids())[area] if area else None)
    await open_survey(slug, actor="test", role="administrator")
    prints = {question.id: fingerprint(question) for question in questions}
    figures = Figures(answers=answers, dates=DAYS, choices=Choices(total=totals, by_wave={"0": totals}), wave_questions={"0": prints})
    await store_figures(view.id, figures)
    return view


OWN = Question(id="our_square", type="select_one", label=dict.fromkeys(bundled_form().languages, "The new square?"), choices=bundled_form().sections[2].questions[0].choices)
HERE = {"aware_library": {"yes": 60, "no": 40}, "belonging": {"1": 7, "5": 93}, "need_most": {}}
THERE = {"aware_library": {"yes": 40, "no": 60}, "belonging": {"1": 50, "5": 50}}


@pytest.fixture
async def pages(desk: httpx.AsyncClient) -> PageClient:
    await counted("here", HERE)
    await counted("there", THERE, more=OWN)
    return PageClient(desk)


async def test_page_tells_shares_difference_and_what_is_not_compared(pages: PageClient) -> None:
    page = await pages.get("/desk/surveys/here/compare?with=there")

    assert page.h1 == "Beyond chance, 1 of 1 answers differs between the two surveys"
    assert page.words("//table//tbody/tr/td") == ["Yes", "60%", "40%", "+20 beyond chance +6 to +33 points"]
    assert page.words("//table//tbody/tr/th") == ["Did you know that your community has a library or reading room? core 100 people in A, 100 in B"]
    assert page.words("//details[@class='question']/summary") == [
        "1 question: only this survey asks them", "1 question: only the other survey asks them", "1 question: too few people are behind an answer",
    ]  # fmt: skip
    assert "nothing is ranked" in page.text
    assert "±" not in page.text
    assert "no margin of error can be given" in page.text


async def test_file_has_the_same_figures_with_source_dates_and_hidden_ones(pages: PageClient) -> None:
    reply = await pages.http.get("/desk/surveys/here/compare/table.csv?with=there")

    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert reply.headers["content-disposition"] == 'attachment; filename="here-there.csv"'
    assert [row for row in rows if len(row) == 11][1:] == [
        ["Did you know that your community has a library or reading room?", "core", "Yes", "0.6", "100", "0.4", "100", "0.2", "0.061", "0.328", "yes"]
    ]
    text = " ".join(row[0] for row in rows if len(row) == 1)
    assert text.count("200 people · March 1, 2026 to March 21, 2026") == 2
    assert "Not compared because only the other survey asks them: The new square?" in text
    assert "±" not in reply.text


async def test_choosing_offers_other_surveys_and_says_where_there_is_none(pages: PageClient) -> None:
    page = await pages.get("/desk/surveys/here/compare")

    assert page.h1 == "Compare with another survey"
    assert [one.get("value") for one in page.all("//select[@name='with']/option")] == ["there", "community-needs"]
    async with write_transaction(Survey):
        await Survey.update({Survey.respondent_kind: "unit"}).where(Survey.slug.is_in(["there", "community-needs"]))
    assert "There is no other survey to compare with." in (await pages.get("/desk/surveys/here/compare")).text


@pytest.mark.parametrize(("one", "other"), [("here", "there"), ("there", "here")])
async def test_units_and_residents_are_refused_on_page_and_in_file(pages: PageClient, one: str, other: str) -> None:
    async with write_transaction(Survey):
        await Survey.update({Survey.respondent_kind: "unit"}).where(Survey.slug == "there")

    page = await pages.get(f"/desk/surveys/{one}/compare?with={other}", status=409)

    assert "Residents and units are never set beside each other" in page.text
    assert page.words("//table") == []
    assert (await pages.http.get(f"/desk/surveys/{one}/compare/table.csv?with={other}")).status_code == 422


async def test_what_cannot_be_compared_yet_is_said(pages: PageClient) -> None:
    await counted("few", HERE, answers=9)

    assert "has not been counted yet" in (await pages.get("/desk/surveys/here/compare?with=community-needs")).text
    assert "Fewer than 10 people answered" in (await pages.get("/desk/surveys/here/compare?with=few")).text
    assert "This is the same survey" in (await pages.get("/desk/surveys/here/compare?with=here", status=422)).text
    for wanted in ("", "here", "few", "community-needs"):
        assert (await pages.http.get(f"/desk/surveys/here/compare/table.csv?with={wanted}")).status_code == 422


async def test_both_surveys_must_be_reached(pages: PageClient) -> None:
    """A committee of Wangjing compares its own survey with none of Sanlitun's, and cannot tell that there is one."""
    await counted("ours", HERE, area="wangjing")
    await counted("theirs", THERE, area="sanlitun")
    async with write_transaction(Role):
        await Role.update({Role.area: (await area_ids())["wangjing"]}).where(Role.kind == "committee")

    for address in ("/desk/surveys/ours/compare?with={}", "/desk/surveys/ours/compare/table.csv?with={}", "/desk/surveys/{}/compare?with=ours"):
        out, none = [await pages.http.get(address.format(slug)) for slug in ("theirs", "nobodys")]
        assert (out.status_code, out.text.replace("theirs", "")) == (404, none.text.replace("nobodys", ""))
    assert "theirs" not in (await pages.get("/desk/surveys/ours/compare")).text


async def test_survey_says_which_questions_are_core_and_which_its_own(pages: PageClient) -> None:
    page = await pages.get("/desk/surveys/there")

    assert page.words("//section[@id='core']/h2") == ["2 core questions, 1 of its own"]
    assert len(page.words("//section[@id='core']/details[1]//li")) == 2
    assert page.words("//section[@id='core']/details[2]//li") == ["The new square?"]
