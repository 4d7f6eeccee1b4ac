"""The receipt's page: correcting an answer, its copy as a file, and the code as letters and as a square."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import httpx
import pytest
import structlog.testing
import zxingcpp
from PIL import Image, ImageDraw

from survey import clock
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey, open_survey
from survey.feedback.documents import OwnCopy, as_json, as_text, readable
from survey.i18n.speech import speech
from survey.responses.corrections import correct
from survey.responses.queries import count_complete, count_responses, find_own_answer
from survey.responses.service import withdraw
from tests.every_type import every_type
from tests.pages import Page, PageClient, check_headers
from tests.responses.visits import SENT, WHO, code_on, open_form, say

LANGUAGES = ["ko", "ar"]
TYPED = "밤에 <b>시끄러워요</b> & أحتاج\r\n\r\n🏥"
STORED = TYPED.replace("\r\n", "\n")


async def sent(pages: PageClient, language: str = "ko", **answers: Any) -> tuple[str, Page]:
    """Answer the survey's form as a resident does; return the code and the receipt."""
    fill = {**SENT, "need_most": TYPED, "participation": ["events", "teach"], **answers}
    receipt = await pages.submit(await open_form(pages, language), fill)
    return code_on(receipt), receipt


async def look_up(pages: PageClient, code: str, language: str = "ko") -> Page:
    return await pages.submit(await pages.get(f"/receipt?lang={language}"), {"code": code})


async def correcting(pages: PageClient, code: str, language: str = "ko") -> Page:
    return await pages.submit(await look_up(pages, code, language), button=("step", "correct"))


async def answers_of(code: str) -> dict[str, Any]:
    own = await find_own_answer(code)
    assert own is not None
    return own.answers


async def close() -> None:
    await close_survey("community-needs", actor="test", role="administrator")


def buttons(page: Page) -> list[str]:
    return [str(value) for value in page.root.xpath("//main//button[@name='step']/@value")]


# Correcting


@pytest.mark.parametrize("language", LANGUAGES)
async def test_correction_page_is_filled_in_with_what_is_stored(pages: PageClient, language: str):
    code, _ = await sent(pages, language, origin="prefer_not_to_say", importance_health="4")

    page = await correcting(pages, code, language)

    assert (page.language, page.h1) == (language, say(language, "Correct my answer"))
    assert sorted(page.answers("survey-form")) == sorted(
        [
            *{**WHO, "origin": "prefer_not_to_say"}.items(),
            ("need_most", TYPED), ("participation", "events"), ("participation", "teach"), ("importance_health", "4"),
        ]
    )  # fmt: skip
    hidden = dict(page.fields("survey-form"))
    assert (hidden["_code"], hidden["_revision"], hidden["_language"]) == (code, "0", language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_correction_is_stored_and_keeps_the_code(pages: PageClient, language: str):
    code, _ = await sent(pages, language)
    before = await answers_of(code)
    page = await correcting(pages, code, language)

    done = await pages.submit(page, {"subdistrict": "donghu", "need_most": "공원"}, form_id="survey-form")

    survey = await find_survey("community-needs")
    assert (done.language, done.h1) == (language, say(language, "Your answer has been corrected"))
    assert code_on(done) == code
    assert bundled_form().closing[language] in done.text
    assert await answers_of(code) == {**before, "subdistrict": "donghu", "need_most": "공원"}
    assert (await count_responses(survey.id), await count_complete(survey.id)) == (1, 1)


async def test_correction_sent_twice_by_a_double_tap_is_one(pages: PageClient):
    code, _ = await sent(pages)
    page = await correcting(pages, code)

    for _turn in range(2):
        done = await pages.submit(page, {"need_most": "공원"}, form_id="survey-form")
        assert done.h1 == say("ko", "Your answer has been corrected")

    own = await find_own_answer(code)
    assert own is not None
    assert (own.revision, own.answers["need_most"]) == (1, "공원")


async def test_mistake_in_a_correction_keeps_what_was_typed_and_stores_nothing(pages: PageClient):
    code, _ = await sent(pages, "ar")
    before = await answers_of(code)
    page = await correcting(pages, code, "ar")

    again = await pages.submit(page, {"subdistrict": "", "need_most": "حديقة"}, form_id="survey-form", status=422)

    assert [target for target, _ in again.errors()] == ["#q-subdistrict"]
    assert ("need_most", "حديقة") in again.answers("survey-form")
    assert await answers_of(code) == before
    await pages.submit(again, {"subdistrict": "donghu"}, form_id="survey-form")
    assert (await answers_of(code))["need_most"] == "حديقة"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_two_tabs_the_second_is_told_and_may_send_again(pages: PageClient, language: str):
    code, _ = await sent(pages, language)
    first, second = await correcting(pages, code, language), await correcting(pages, code, language)
    await pages.submit(first, {"need_most": "from one tab"}, form_id="survey-form")

    told = await pages.submit(second, {"need_most": "from the other"}, form_id="survey-form", status=409)
    kept = await answers_of(code)
    await pages.submit(told, form_id="survey-form")

    notice = say(language, "Your answer was corrected in the meantime, perhaps in another window.")
    assert told.words("//*[@role='alert']//strong") == [notice]
    assert ("need_most", "from the other") in told.answers("survey-form")
    assert kept["need_most"] == "from one tab"
    assert (await answers_of(code))["need_most"] == "from the other"


async def test_language_switch_while_correcting_keeps_every_answer(pages: PageClient):
    code, _ = await sent(pages, "ko")
    page = await correcting(pages, code, "ko")

    switched = await pages.submit(page, {"need_most": "공원"}, form_id="survey-form", button=("_switch", "ar"))

    assert (switched.language, switched.root.get("dir")) == ("ar", "rtl")
    assert sorted(switched.answers("survey-form")) == sorted(
        [("need_most", "공원"), *[pair for pair in page.answers("survey-form") if pair[0] != "need_most"]]
    )
    assert (await answers_of(code))["need_most"] == STORED
    await pages.submit(switched, form_id="survey-form")
    own = await find_own_answer(code)
    assert own is not None
    assert (own.answers["need_most"], own.language) == ("공원", "ar")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_closed_survey_offers_no_correction(pages: PageClient, language: str):
    code, _ = await sent(pages, language)
    await close()

    own = await look_up(pages, code, language)
    forced = await pages.post("/receipt", {"code": code, "step": "correct", "_language": language})

    assert buttons(own) == buttons(forced) == ["text", "json", "ask"]
    assert say(language, "The survey is closed, so the answer can no longer be corrected.") in own.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_correction_after_the_close_shows_what_was_typed_and_changes_nothing(pages: PageClient, language: str):
    code, _ = await sent(pages, language)
    before = await answers_of(code)
    page = await correcting(pages, code, language)
    await close()

    late = await pages.submit(page, {"need_most": "too late"}, form_id="survey-form", status=410)

    assert late.words("//*[@role='alert']//strong") == [
        say(language, "The survey closed before your correction arrived.")
    ]
    assert "".join(late.all("//*[@class='typed']")[0].itertext()) == "too late"
    assert await answers_of(code) == before


async def test_correction_of_a_withdrawn_answer_brings_nothing_back(pages: PageClient):
    code, _ = await sent(pages)
    page = await correcting(pages, code)
    await withdraw(code)

    await pages.submit(page, {"need_most": "공원"}, form_id="survey-form", status=404)

    assert await count_responses((await find_survey("community-needs")).id) == 0


@pytest.mark.parametrize("revision", ["", "x", "-1", "٣", "9" * 400, "7"])
async def test_revision_that_no_page_had_is_shown_again_and_stores_nothing(pages: PageClient, revision: str):
    code, _ = await sent(pages)
    page = await correcting(pages, code)

    again = await pages.submit(page, {"_revision": revision, "need_most": "공원"}, form_id="survey-form", status=409)

    assert dict(again.fields("survey-form"))["_revision"] == "0"
    assert (await answers_of(code))["need_most"] == STORED


async def test_fields_that_are_no_questions_are_left_out(pages: PageClient):
    code, _ = await sent(pages)
    page = await correcting(pages, code)

    await pages.post("/receipt", [*page.fields("survey-form"), ("code", "x"), ("step", "withdraw"), ("made_up", "x")])

    assert (await answers_of(code))["need_most"] == STORED
    assert await count_responses((await find_survey("community-needs")).id) == 1


async def test_answer_to_a_demonstration_says_so_on_every_step(pages: PageClient):
    await create_survey(slug="demo", form=bundled_form(), is_fictional=True)
    await open_survey("demo", actor="test", role="administrator")
    receipt = await pages.submit(await pages.get("/s/demo?lang=ko"), SENT)
    own = await look_up(pages, code_on(receipt))
    page = await pages.submit(own, button=("step", "correct"))
    done = await pages.submit(page, {"need_most": "공원"}, form_id="survey-form")

    banner = [say("ko", "Demonstration: every answer shown here is fictional.")]
    assert [seen.words("//*[@class='fiction']") for seen in (own, page, done)] == [banner] * 3


# Copies


async def download(pages: PageClient, code: str, step: str, language: str = "ko") -> httpx.Response:
    return await pages.send("/receipt", {"code": code, "step": step, "_language": language})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_copy_as_text_holds_questions_and_answers_in_the_pages_language(pages: PageClient, language: str):
    code, _ = await sent(pages, language)

    response = await download(pages, code, "text", language)

    form = bundled_form()
    labels = {question.id: question.label[language] for question in form.questions()}
    choices = {(q.id, c.value): c.label[language] for q in form.questions() for c in q.choices}
    expected = {
        **{key: choices[key, value] for key, value in WHO.items()},
        "need_most": STORED,
        "participation": f"{choices['participation', 'events']}\n{choices['participation', 'teach']}",
    }
    parts = [f"{labels[key]}\n{expected[key]}" for key in labels if key in expected]
    head = f"{form.title[language]}\n{speech('resident', language).date(clock.today())}"
    assert response.text == "\n\n".join([head, *parts]) + "\n"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_copy_as_data_holds_what_is_stored(pages: PageClient):
    code, _ = await sent(pages, "ar")

    response = await download(pages, code, "json", "ar")

    copy = json.loads(response.content)
    assert (copy["survey"], copy["received_on"], copy["language"]) == (
        bundled_form().title["ar"], clock.today().isoformat(), "ar",
    )  # fmt: skip
    assert {item["question"]: item["answer"] for item in copy["answers"]} == await answers_of(code)
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("step", "ending"), [("text", "txt"), ("json", "json")])
async def test_copy_is_a_file_that_nobody_keeps_and_that_holds_no_code(pages: PageClient, step: str, ending: str):
    code, _ = await sent(pages)

    response = await download(pages, code, step)

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-disposition"] == f'attachment; filename="linsheng-{clock.today()}.{ending}"'
    assert code not in response.text
    assert code not in str(response.headers)
    check_headers(response)


@pytest.mark.parametrize("step", ["text", "json", "correct", "ask"])
async def test_wrong_code_gets_no_copy_and_no_page_of_an_answer(pages: PageClient, step: str):
    await sent(pages)

    page = await pages.post("/receipt", {"code": "0000-0000", "step": step, "_language": "ko"}, status=404)

    assert page.words("//*[@role='alert']/h2") == [say("ko", "No answer belongs to this code")]


EVERY_ANSWER = {
    "kind": "culture", "place": "other", "place_other": "tea house", "visits": 12, "reasons": ["language", "other"], "reasons_other": "x",
    "services.library.importance": 4, "services.library.satisfaction": "dont_know", "order": ["theatre", "library"], "staff": 5,
    "walk": 2.5, "since": "2021-03-04", "need": "yes", "may_use_health": "yes", "health": "prefer_not_to_say",
}  # fmt: skip
READ = {
    "ko": {
        "kind": "문화", "place": "기타", "visits": "12", "reasons": "언어\n기타", "services.library.satisfaction": "잘 모르겠습니다",
        "order": "1. 소극장\n2. 도서관", "walk": "2.5", "since": "2021년 3월 4일", "health": "답하지 않겠습니다",
        "may_use_health": "예, 의료 서비스를 계획하는 데에만 써 주십시오",
    },
    "ar": {
        "kind": "الثقافة", "place": "غير ذلك", "visits": "12", "reasons": "اللغة\nغير ذلك", "services.library.satisfaction": "لا أعرف",
        "order": "1. المسرح الصغير\n2. المكتبة", "walk": "2.5", "since": "4 مارس 2021", "health": "أفضّل عدم الإجابة",
        "may_use_health": "نعم، لتخطيط الخدمات الطبية فقط",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_answer_has_words(language: str):
    found = {item.question: item.text for item in readable(every_type(), EVERY_ANSWER, language)}

    assert list(found) == list(EVERY_ANSWER)
    assert {name: found[name] for name in READ[language]} == READ[language]
    assert (found["place_other"], found["need"], found["services.library.importance"], found["staff"]) == ("tea house", "yes", "4", "5")


def test_copies_of_an_empty_answer_are_files_too():
    copy = OwnCopy(survey="A town meeting", received_on=dt.date(2026, 3, 1), language="en", answers=[])

    assert as_text(copy).decode() == "A town meeting\nMarch 1, 2026\n"
    assert json.loads(as_json(copy)) == {
        "survey": "A town meeting", "received_on": "2026-03-01", "language": "en", "answers": [],
    }  # fmt: skip


# Withdrawing, and where a code may stand


@pytest.mark.parametrize("language", LANGUAGES)
async def test_withdrawal_takes_three_taps_from_the_receipt(pages: PageClient, language: str):
    code, receipt = await sent(pages, language)
    taps = [None, ("step", "ask"), ("step", "withdraw")]

    page = receipt
    for tap in taps:
        page = await pages.submit(page, button=tap)

    assert page.h1 == say(language, "Your answer has been withdrawn")
    assert await count_responses((await find_survey("community-needs")).id) == 0
    assert await find_own_answer(code) is None


async def test_code_stands_in_no_address_no_redirect_no_cookie_and_no_log(pages: PageClient):
    with structlog.testing.capture_logs() as logs:
        code, receipt = await sent(pages)
        own = await pages.submit(receipt)
        page = await pages.submit(own, button=("step", "correct"))
        done = await pages.submit(page, {"need_most": "공원"}, form_id="survey-form")
        bad = await pages.submit(page, {"subdistrict": ""}, form_id="survey-form", status=422)
        sure = await pages.submit(done, button=("step", "ask"))
        gone = await pages.submit(sure, button=("step", "withdraw"))
        await pages.get("/receipt/nothing-here", status=404)

    letters = code.replace("-", "")
    for seen in (receipt, own, page, done, bad, sure, gone):
        places = [
            str(seen.response.url),
            str(seen.response.headers),
            *seen.links(),
            *seen.root.xpath("//@action | //@src"),
        ]
        assert [place for place in places if code in place or letters in place] == []
        assert seen.response.headers["cache-control"] == "no-store"
        assert seen.response.history == []
    assert (code in repr(logs), letters in repr(logs)) == (False, False)


@pytest.mark.parametrize("step", ["withdraw", "correct", "json", "_revision"])
async def test_another_sites_page_can_do_nothing_with_a_code(pages: PageClient, step: str):
    code, _ = await sent(pages)
    before = await answers_of(code)
    fields = {**WHO, "_code": code, "_revision": "0"} if step == "_revision" else {"code": code, "step": step}

    response = await pages.send("/receipt", fields, headers={"sec-fetch-site": "cross-site"})

    assert response.status_code == 403
    assert TYPED[:2] not in response.text
    assert await answers_of(code) == before


# The receipt


@pytest.mark.parametrize("language", LANGUAGES)
async def test_square_on_the_receipt_holds_the_codes_letters_and_no_address(pages: PageClient, language: str):
    code, receipt = await sent(pages, language)

    [square] = receipt.all("//*[local-name()='svg']")
    [path] = square.xpath("./*[local-name()='path']/@d")
    size = int(square.get("viewbox", square.get("viewBox")).split()[2])
    image = Image.new("L", (size * 6, size * 6), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)", path):
        ImageDraw.Draw(image).rectangle((int(x) * 6, int(y) * 6, (int(x) + int(width)) * 6 - 1, int(y) * 6 + 5), fill=0)

    assert [found.text for found in zxingcpp.read_barcodes(image)] == [code.replace("-", "")]
    assert square.get("aria-label") == say(language, "The same code for a camera")


async def test_what_the_camera_read_opens_the_answer(pages: PageClient):
    code, _ = await sent(pages)

    page = await look_up(pages, code.replace("-", ""))

    assert page.h1 == say("ko", "Your answer")


async def test_receipt_of_a_correction_that_changed_nothing_is_no_repeat_to_worry_about(pages: PageClient):
    code, _ = await sent(pages)

    done = await pages.submit(await correcting(pages, code), form_id="survey-form")

    assert done.h1 == say("ko", "Your answer has been corrected")
    assert say("ko", "You sent it before; it counts once.") not in done.text


async def test_receipt_leads_to_the_answer_with_one_tap_also_after_another_phone_corrected_it(pages: PageClient):
    code, receipt = await sent(pages)
    await correct(code, raw={**WHO, "need_most": "공원"}, language="ko", revision=0)

    own = await pages.submit(receipt)

    assert "공원" in own.text
    assert buttons(own) == ["correct", "text", "json", "ask"]
