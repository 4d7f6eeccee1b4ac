"""The page that answers a sent form: a receipt once and again, another answer, a withdrawn one, a closed survey."""

from __future__ import annotations

import asyncio

import pytest

from survey import clock
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey, open_survey
from survey.i18n.speech import speech
from survey.outreach.service import add_channel
from survey.responses.intake import LOOK_AGAIN_SECONDS
from survey.responses.queries import choice_counts, count_complete
from survey.responses.rules import CLIENT_ID
from survey.responses.tables import Response
from tests.pages import PageClient
from tests.responses.visits import (
    SENT,
    SURVEY,
    TAGS,
    WHO,
    WRITTEN,
    code_on,
    count_of,
    hidden_in,
    open_form,
    say,
    stored,
)

# The receipt


@pytest.mark.parametrize("language", TAGS)
async def test_receipt_is_the_answer_to_the_post_itself(pages: PageClient, language: str):
    page = await pages.submit(await open_form(pages, language, "&c=poster-7"), {**SENT, "need_most": "👩‍⚕️"})

    code = code_on(page)
    assert page.response.history == []
    assert page.response.headers["cache-control"] == "no-store"
    assert (page.language, page.h1) == (language, say(language, "Thank you, your answer has arrived"))
    assert bundled_form().closing[language] in page.text
    assert page.words("//*[@class='numbers']//bdi") == ["110", "119", "120", "122", "12345"]
    assert page.all("//main//a")[-1].get("href") == f"{SURVEY}?lang={language}&c=poster-7"
    assert not [href for href in page.links() if code in href]
    assert [(row["language"], row["received_on"]) for row in await stored()] == [(language, clock.today())]


async def test_reload_of_the_receipt_gives_the_same_receipt_and_counts_once(pages: PageClient):
    form = await open_form(pages)
    first = await pages.submit(form, {**SENT, "need_most": "a doctor", "participation": ["teach", "events"]})

    second = await pages.submit(form, {**SENT, "need_most": "a doctor", "participation": ["events", "teach"]})

    assert code_on(second) == code_on(first)
    note = say("en", "You sent it before; it counts once.")
    assert (note in first.text, note in second.text) == (False, True)
    assert await count_of() == 1
    survey = await find_survey("community-needs")
    assert await count_complete(survey.id) == 1
    assert await choice_counts(survey.id, ["origin"]) == {"origin": {"another_country": 1}}


async def test_reload_in_another_language_gives_the_same_receipt(pages: PageClient):
    form = await open_form(pages, "en")
    first = await pages.submit(form, SENT)
    fields = [(name, "ko" if name == "_language" else value) for name, value in form.fields() if name not in SENT]

    second = await pages.post(SURVEY, [*fields, *SENT.items()])

    assert (second.language, code_on(second)) == ("ko", code_on(first))
    assert await count_of() == 1


async def test_another_answer_under_the_same_id_is_kept_on_the_page_under_a_new_id(pages: PageClient):
    form = await open_form(pages, "ja")
    first = await pages.submit(form, {**SENT, "need_most": "医者"})

    again = await pages.submit(form, {**SENT, "need_most": "駐車場", "participation": ["teach"]}, status=409)

    assert sorted(again.answers()) == sorted([*WHO.items(), ("need_most", "駐車場"), ("participation", "teach")])
    assert hidden_in(again)["_client"] != hidden_in(form)["_client"]
    assert again.words("//*[@role='alert']//strong") == [
        say("ja", "An answer was already sent from this page, and it is kept.")
    ]
    assert code_on(first) not in again.html
    assert [row["answers"]["need_most"] for row in await stored()] == ["医者"]


async def test_another_answer_sent_on_under_its_new_id_is_a_second_answer(pages: PageClient):
    form = await open_form(pages)
    first = await pages.submit(form, {**SENT, "need_most": "a doctor"})
    again = await pages.submit(form, {**SENT, "need_most": "parking"}, status=409)

    second = await pages.submit(again)

    assert code_on(second) != code_on(first)
    assert sorted(row["answers"]["need_most"] for row in await stored()) == ["a doctor", "parking"]


async def test_withdrawn_answer_does_not_come_back(pages: PageClient):
    form = await open_form(pages, "es")
    code = code_on(await pages.submit(form, {**SENT, "need_most": "un médico"}))
    await pages.post("/receipt", {"code": code, "step": "withdraw", "_language": "es"})

    same = await pages.submit(form, {**SENT, "need_most": "un médico"}, status=410)
    other = await pages.submit(form, {**SENT, "need_most": "otra cosa"}, status=410)

    assert {same.h1, other.h1} == {say("es", "This answer was withdrawn")}
    assert (await count_of(), await stored()) == (0, [])


@pytest.mark.parametrize("client_id", ["", "short", "x" * 65, "has spaces in it ..", "../../etc/passwd-abcdef"])
async def test_answer_whose_id_got_lost_is_stored_under_a_new_one(pages: PageClient, client_id: str):
    page = await pages.post(SURVEY, [("_client", client_id), ("_language", "ko"), *SENT.items()])

    assert page.h1 == say("ko", "Thank you, your answer has arrived")
    assert await count_of() == 1
    [row] = await Response.select(Response.client_id)
    assert CLIENT_ID.fullmatch(row["client_id"])
    assert row["client_id"] != client_id


# Ways by which a survey reaches people


async def test_channel_of_a_poster_is_counted(pages: PageClient):
    await add_channel(survey_id=(await find_survey("community-needs")).id, code="poster-7", name="Gate 7")

    await pages.submit(await open_form(pages, "en", "&c=poster-7"), SENT)
    await pages.submit(await open_form(pages, "en", "&c=made-up"), SENT)
    await pages.submit(await open_form(pages, "en"), SENT)

    assert sorted(str(row["channel"]) for row in await stored()) == ["None", "None", "poster-7"]


# Closed, draft and open again


@pytest.mark.parametrize("language", ["zh-Hans", "ko", "ar"])
async def test_closed_survey_says_so_in_the_visitors_language(pages: PageClient, language: str):
    await close_survey("community-needs", actor="test", role="administrator")

    page = await pages.get(f"{SURVEY}?lang={language}", status=410)

    assert (page.language, page.h1) == (language, say(language, "This survey is closed"))
    assert speech("resident", language).date(clock.today()) in page.text
    assert page.all("//form") == []
    assert page.words("//*[@class='typed']") == []


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
async def test_answer_after_the_close_is_shown_back(pages: PageClient, text: str):
    form = await open_form(pages, "ar")
    await close_survey("community-needs", actor="test", role="administrator")

    page = await pages.submit(form, {**SENT, "need_most": text, "change_first": "مواقف"}, status=410)

    label = {question.id: question.label["ar"] for question in bundled_form().questions()}
    assert page.language == "ar"
    assert page.words("//main/h2") == [label["need_most"], label["change_first"]]
    assert ["".join(shown.itertext()) for shown in page.all("//*[@class='typed']")] == [
        text.replace("\r\n", "\n"), "مواقف"
    ]  # fmt: skip
    assert say("ar", "Your answers were not sent.") in page.text
    assert await count_of() == 0


async def test_close_is_felt_at_once_by_a_process_that_knew_the_survey_as_open(pages: PageClient):
    await pages.submit(await open_form(pages), SENT)
    form = await open_form(pages)
    await close_survey("community-needs", actor="test", role="administrator")

    page = await pages.submit(form, {**SENT, "need_most": "a doctor"}, status=410)

    assert page.words("//*[@class='typed']") == ["a doctor"]
    assert await count_of() == 1


async def test_language_switch_after_the_close_shows_what_was_typed(pages: PageClient):
    form = await open_form(pages)
    await close_survey("community-needs", actor="test", role="administrator")

    page = await pages.submit(form, {"need_most": "a doctor"}, button=("_switch", "ko"), status=410)

    assert page.words("//*[@class='typed']") == ["a doctor"]


@pytest.mark.parametrize("is_known_as_open", [True, False])
async def test_reload_of_a_receipt_after_the_close_gives_it_again(pages: PageClient, is_known_as_open: bool):
    """Else a person would read that an answer was not sent which was."""
    form = await open_form(pages)
    first = await pages.submit(form, SENT)
    await close_survey("community-needs", actor="test", role="administrator")
    if not is_known_as_open:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)

    second = await pages.submit(form, SENT)
    await pages.submit(form, {**SENT, "origin": "mainland"}, status=409)
    await pages.submit(form, {**SENT, "_client": "another-person-0001"}, status=410)

    assert code_on(second) == code_on(first)
    assert await count_of() == 1


async def test_survey_that_opens_again_takes_answers_again(pages: PageClient):
    form = await open_form(pages)
    await close_survey("community-needs", actor="test", role="administrator")
    await open_survey("community-needs", actor="test", role="administrator")

    code_on(await pages.submit(form, SENT))

    assert await count_of() == 1


async def test_draft_survey_is_not_called_closed(pages: PageClient):
    await create_survey(slug="not-yet", form=bundled_form())

    page = await pages.get("/s/not-yet?lang=ko", status=410)

    title = bundled_form().title["ko"]
    assert page.h1 == title
    assert say("ko", "This survey is closed") not in page.text
    assert (
        speech("resident", "ko").gettext("“%(title)s” has not been opened yet. Please come back later.", title=title)
        in page.text
    )


async def test_draft_survey_takes_no_answer(pages: PageClient):
    await create_survey(slug="not-yet", form=bundled_form())
    fields = [(name, value) for name, value in (await open_form(pages)).fields() if name not in SENT]

    page = await pages.post("/s/not-yet", [*fields, *SENT.items(), ("need_most", "a doctor")], status=410)

    assert page.words("//*[@class='typed']") == ["a doctor"]
    assert (await stored("not-yet"), await stored()) == ([], [])


async def test_demonstration_says_on_every_page_that_it_is_fictional(pages: PageClient):
    await create_survey(slug="demo", form=bundled_form(), is_fictional=True)
    await open_survey("demo", actor="test", role="administrator")
    form = await pages.get("/s/demo?lang=ko")

    seen = [
        await pages.get("/?lang=ko"),
        await pages.get("/s/demo", wish="ko"),
        form,
        await pages.submit(form, status=422),
        await pages.submit(form, SENT),
        await pages.submit(form, {**SENT, "origin": "mainland"}, status=409),
    ]
    await close_survey("demo", actor="test", role="administrator")
    seen.append(await pages.get("/s/demo?lang=ko", status=410))

    banner = [say("ko", "Demonstration: every answer shown here is fictional.")]
    assert [page.words("//*[@class='fiction']") for page in seen] == [banner] * 7
    assert (await open_form(pages, "ko")).words("//*[@class='fiction']") == []
