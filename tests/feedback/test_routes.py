"""With a receipt code: one's own answer, and the three steps to withdraw it."""

from __future__ import annotations

from typing import Any

import pytest

from survey import clock
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey, open_survey
from survey.authoring.text_form import text_form
from survey.i18n.languages import languages
from survey.i18n.speech import speech
from survey.responses.queries import choice_counts, count_complete, count_responses
from tests.pages import Page, PageClient

ANSWERS = {
    "subdistrict": "wangjing",
    "time_in_beijing": "2_to_5_years",
    "origin": "prefer_not_to_say",
    "need_most": "<b>Ein Arzt</b> & أحتاج إلى طبيب\n\n🏥",
    "importance_health": 5,
    "participation": ["events", "teach"],
}


async def answer(
    pages: PageClient, answers: dict[str, Any] | None = None, *, client_id: str = "a-phone-0123456789", slug: str = "community-needs",
    language: str = "de",
) -> str:  # fmt: skip
    """Send an answer; return its receipt's code."""
    response = await pages.http.post(
        f"/api/v1/surveys/{slug}/responses",
        json={"client_id": client_id, "language": language, "answers": ANSWERS if answers is None else answers},
    )
    assert response.status_code == 201, response.text
    return str(response.json()["receipt"])


async def look_up(pages: PageClient, code: str, *, language: str = "de", status: int = 200) -> Page:
    return await pages.submit(await pages.get(f"/receipt?lang={language}"), {"code": code}, status=status)


async def count() -> int:
    return await count_responses((await find_survey("community-needs")).id)


def say(language: str, message: str) -> str:
    return speech("resident", language).gettext(message)


def shown(page: Page) -> list[tuple[str, str]]:
    texts = ["".join(found.itertext()) for found in page.all("//*[@class='typed']")]
    return list(zip(page.words("//main/h2"), texts, strict=True))


def as_asked(language: str, texts: dict[str, str]) -> list[tuple[str, str]]:
    """Questions in the words of a language, with these texts."""
    return [(question.label[language], texts[question.id]) for question in bundled_form().questions() if question.id in texts]


def choice_text(question_id: str, value: str, language: str) -> str:
    question = next(question for question in bundled_form().questions() if question.id == question_id)
    return next(choice.label[language] for choice in question.choices if choice.value == value)


@pytest.mark.parametrize("language", list(languages()))
async def test_code_is_asked_for_in_the_visitors_language(pages: PageClient, language: str):
    page = await pages.get("/receipt", wish=language)

    assert (page.language, page.h1) == (language, say(language, "See your answer"))
    assert [a.get("hreflang") for a in page.all("//header//li/a")] == list(languages())
    assert page.fields() == [("_language", language), ("code", "")]
    assert page.form().get("method") == "post"  # a code never stands in an address (ASVS 14.2.1)


@pytest.mark.parametrize("language", list(languages()))
async def test_own_answer_is_shown_in_the_pages_language(pages: PageClient, language: str):
    code = await answer(pages)

    page = await look_up(pages, code, language=language)

    assert (page.language, page.h1) == (language, say(language, "Your answer"))
    assert bundled_form().title[language] in page.text
    assert speech("resident", language).date(clock.today()) in page.text
    assert shown(page) == as_asked(
        language,
        {
            "subdistrict": choice_text("subdistrict", "wangjing", language),
            "time_in_beijing": choice_text("time_in_beijing", "2_to_5_years", language),
            "origin": say(language, "I prefer not to say"),
            "need_most": str(ANSWERS["need_most"]),
            "importance_health": "5",
            "participation": "\n".join(choice_text("participation", value, language) for value in ("events", "teach")),
        },
    )
    assert code not in "".join(page.links())


async def test_own_answer_is_nobody_elses(pages: PageClient):
    code = await answer(pages)
    await answer(pages, {**ANSWERS, "need_most": "what a neighbour wrote"}, client_id="another-phone-0123")

    page = await look_up(pages, code)

    assert "what a neighbour wrote" not in page.html
    assert ("Ein Arzt" in page.html, len(shown(page))) == (True, 6)


@pytest.mark.parametrize(
    "typed",
    [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "), lambda code: f"  {code} ",
     lambda code: code.replace("0", "O").replace("1", "l"), lambda code: "".join(chr(ord(c) + 0xFEE0) for c in code)],
    ids=["small", "without-hyphens", "spaces", "around", "lookalikes", "full-width"],
)  # fmt: skip
async def test_code_is_read_however_it_was_typed(pages: PageClient, typed: Any):
    code = await answer(pages)

    assert (await look_up(pages, typed(code))).h1 == say("de", "Your answer")


@pytest.mark.parametrize("code", ["", "ABCD", "0000-0000-0000-0000-0000-0000-0000", "'; DROP TABLE response --", "x" * 5000])
async def test_wrong_code_shows_nothing_and_stays_in_its_field(pages: PageClient, code: str):
    await answer(pages)

    page = await look_up(pages, code, language="ar", status=404)

    assert page.words("//*[@role='alert']/h2") == [say("ar", "No answer belongs to this code")]
    assert dict(page.fields()) == {"_language": "ar", "code": code}
    assert "Ein Arzt" not in page.html


async def test_code_of_another_answer_with_one_letter_changed_is_wrong(pages: PageClient):
    code = await answer(pages)
    changed = code[:-1] + ("0" if code[-1] != "0" else "2")

    page = await look_up(pages, changed, status=404)

    assert "Ein Arzt" not in page.html


async def test_code_in_an_address_is_not_looked_at(pages: PageClient):
    code = await answer(pages)

    page = await pages.get(f"/receipt?code={code}&step=withdraw")

    assert dict(page.fields())["code"] == ""
    assert await count() == 1


@pytest.mark.parametrize("language", ["zh-Hans", "ko", "ar"])
async def test_withdrawal_takes_three_steps(pages: PageClient, language: str):
    code = await answer(pages)
    own = await look_up(pages, code, language=language)

    sure = await pages.submit(own, button=("step", "ask"))
    still_there = await count()
    gone = await pages.submit(sure, button=("step", "withdraw"))

    survey = await find_survey("community-needs")
    assert (sure.language, sure.h1) == (language, say(language, "Withdraw your answer?"))
    assert still_there == 1
    assert (gone.language, gone.h1) == (language, say(language, "Your answer has been withdrawn"))
    assert code not in gone.html
    assert (await count(), await count_complete(survey.id)) == (0, 0)
    assert await choice_counts(survey.id, ["participation"]) == {"participation": {}}


async def test_withdrawal_that_was_thought_over_keeps_the_answer(pages: PageClient):
    own = await look_up(pages, await answer(pages))
    sure = await pages.submit(own, button=("step", "ask"))

    kept = await pages.submit(sure, button=("step", ""))

    assert shown(kept) == shown(own)
    assert await count() == 1


async def test_withdrawal_leaves_the_answers_of_others(pages: PageClient):
    code = await answer(pages)
    other = await answer(pages, client_id="another-phone-0123")

    await pages.post("/receipt", {"code": code, "step": "withdraw"})

    assert (await look_up(pages, other)).h1 == say("de", "Your answer")
    survey = await find_survey("community-needs")
    assert (await count(), await choice_counts(survey.id, ["participation"])) == (
        1, {"participation": {"events": 1, "teach": 1}}
    )  # fmt: skip


async def test_withdrawn_answer_is_shown_no_more_and_withdrawn_once(pages: PageClient):
    code = await answer(pages)
    await pages.post("/receipt", {"code": code, "step": "withdraw"})

    page = await pages.post("/receipt", {"code": code, "step": "withdraw", "_language": "ko"}, status=404)

    assert page.words("//*[@role='alert']/h2") == [say("ko", "No answer belongs to this code")]
    assert "Ein Arzt" not in (await look_up(pages, code, status=404)).html
    assert await count() == 0


async def test_withdrawal_with_a_wrong_code_withdraws_nothing(pages: PageClient):
    await answer(pages)

    await pages.post("/receipt", {"code": "0000-0000", "step": "withdraw"}, status=404)
    await pages.post("/receipt", {"code": "0000-0000", "step": "ask"}, status=404)

    assert await count() == 1


async def test_withdrawal_works_after_the_survey_closed(pages: PageClient):
    code = await answer(pages)
    await close_survey("community-needs", actor="test", role="administrator")

    await pages.post("/receipt", {"code": code, "step": "withdraw"})

    assert await count() == 0


async def test_answer_to_a_survey_in_fewer_languages_keeps_the_language_of_its_parts(pages: PageClient):
    """A Korean page around a survey in English: the page is Korean, the survey's words are marked as English."""
    await create_survey(slug="short", form=text_form("A town meeting"))
    await open_survey("short", actor="test", role="administrator")
    code = await answer(pages, {"text": "more benches"}, slug="short", language="en")

    page = await look_up(pages, code, language="ko")

    assert page.language == "ko"
    assert [(h2.text, h2.get("lang"), h2.get("dir")) for h2 in page.all("//main/h2")] == [("What do you need?", "en", "ltr")]
    assert page.words("//bdi[@lang='en']") == ["A town meeting"]
    assert shown(page) == [("What do you need?", "more benches")]


async def test_answer_without_an_answer_says_so(pages: PageClient):
    await create_survey(slug="short", form=text_form("A town meeting"))
    await open_survey("short", actor="test", role="administrator")
    code = await answer(pages, {}, slug="short", language="en")

    page = await look_up(pages, code, language="ja")

    assert page.words("//*[@class='empty']") == [say("ja", "You sent it without answering any question.")]
