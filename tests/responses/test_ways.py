"""The ways to the survey's page and back to it: which language, by which channel or code, a second time, later, with help."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from litestar import Litestar

from survey import __version__
from survey.accounts.rules import RoleKind
from survey.audit.tables import AuditEvent
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey, open_survey
from survey.outreach.queries import stage_counts
from survey.outreach.rules import ChannelDetails, Stage
from survey.outreach.service import add_channel, create_channel
from survey.responses.tables import Consent, Draft
from survey.responses.tables import Response as ResponseTable
from survey.web.limits import Limits, Rule
from tests.conftest import estrange, seat
from tests.outreach.conftest import CHEN, codes_of, invited_survey
from tests.pages import Page, PageClient
from tests.responses.visits import SENT, SURVEY, WHO, answers_in, code_on, count_of, hidden_in, say, stored

NEED = {"need_most": "한국어 하는 의사"}


def app_of(client: httpx.AsyncClient) -> Litestar:
    return client._transport.app  # type: ignore[attr-defined,no-any-return]


def notices(page: Page) -> list[str]:
    return page.words("//*[contains(@class, 'notice')]//strong")


# Which language


@pytest.mark.parametrize(
    ("query", "before", "wish", "channel", "language"),
    [
        ("?lang=ja", "ko", "fr", "de", "ja"),
        ("", "ko", "fr", "de", "ko"),
        ("", "", "fr-CA, en;q=0.5", "de", "fr"),
        ("", "", "", "de", "de"),
        ("", "xx", "nl", "de", "de"),
    ],
)
async def test_language_is_the_address_the_choice_before_the_browser_the_channel(
    pages: PageClient, query: str, before: str, wish: str, channel: str, language: str
):
    survey = await find_survey("community-needs")
    await create_channel(
        survey_id=survey.id, code="gate", details=ChannelDetails(name="Gate", default_language=channel), actor=CHEN
    )
    if before:
        pages.http.cookies.set("lang", before)

    page = await pages.get(f"{SURVEY}{query}{'&' if query else '?'}c=gate", wish=wish)

    assert (page.language, page.all("//form[@id='survey-form']") != []) == (language, True)


async def test_who_tells_nothing_chooses(pages: PageClient):
    page = await pages.get(SURVEY)

    assert page.all("//form[@id='survey-form']") == []
    assert len(page.links()) >= 10


async def test_a_switch_inside_the_form_is_remembered(pages: PageClient):
    page = await pages.get(f"{SURVEY}?lang=en")

    switched = await pages.submit(page, NEED, form_id="survey-form", button=("_switch", "ko"))
    again = await pages.get(SURVEY, wish="fr")

    assert switched.language == again.language == "ko"


# By which channel


async def test_opening_counts_for_the_channel_and_for_none(pages: PageClient):
    survey = await find_survey("community-needs")
    gate = await add_channel(survey_id=survey.id, code="gate", name="Gate 7")

    for query in ("?lang=en&c=gate", "?lang=ko&c=gate", "?lang=en&c=unknown", "?lang=en"):
        await pages.get(SURVEY + query)
    await app_of(pages.http).state.funnel.flush()

    counts = await stage_counts(survey.id)
    assert {channel: found.get(Stage.OPENED) for channel, found in counts.items()} == {gate: 2, 0: 2}


async def test_a_closed_survey_counts_no_opening(pages: PageClient):
    await close_survey("community-needs", actor="test", role="administrator")

    await pages.get(f"{SURVEY}?lang=en", status=410)
    await app_of(pages.http).state.funnel.flush()

    assert await stage_counts((await find_survey("community-needs")).id) == {}


# Age and agreement


@pytest.mark.parametrize("missing", ["_age", "_agree"])
async def test_nothing_is_stored_without_age_and_agreement(pages: PageClient, missing: str):
    page = await pages.get(f"{SURVEY}?lang=en")
    ticks = {name: value for name, value in SENT.items() if name != missing}

    answer = await pages.submit(page, {**ticks, **NEED}, form_id="survey-form", status=422)

    assert [line for line, _ in answer.errors()] == [f"#q-{missing}"]
    assert dict(answer.answers())["need_most"] == NEED["need_most"]
    assert await count_of() == 0


async def test_age_and_agreement_are_kept_as_proof_with_the_text_and_its_language(pages: PageClient):
    page = await pages.get(f"{SURVEY}?lang=ko")

    await pages.submit(page, {**SENT, "may_quote": "yes"}, form_id="survey-form")

    version = (await find_survey("community-needs")).version_id
    versions = {"age": f"{version}/{__version__}", "processing": f"{version}/{__version__}", "quote": str(version)}
    kept = await Consent.select(Consent.purpose, Consent.text_version, Consent.language).order_by(Consent.purpose)
    assert kept == [
        {"purpose": purpose, "text_version": text, "language": "ko"} for purpose, text in versions.items()
    ]


@pytest.mark.parametrize("language", ["zh-Hans", "ko", "ar"])
async def test_notice_is_a_page_of_its_own_in_every_language(pages: PageClient, language: str):
    form = bundled_form()

    page = await pages.get(f"{SURVEY}/notice?lang={language}")

    assert page.h1 == say(language, "Who asks, why, and your rights")
    told = page.words("//dl/dd")
    assert told == [" ".join(getattr(form.notice, name)[language].split()) for name in form.notice.__struct_fields__]


# A second time


async def test_second_visit_is_asked_politely_and_not_locked_out(pages: PageClient):
    first = await pages.get(f"{SURVEY}?lang=en")
    await pages.submit(first, {**SENT, **NEED}, form_id="survey-form")

    second = await pages.get(f"{SURVEY}?lang=en")
    await pages.submit(second, {**SENT, "need_most": "a quiet night"}, form_id="survey-form")

    assert notices(first) == []
    assert notices(second) == ["An answer to this survey was sent from this browser before."]
    assert await count_of() == 2


async def test_what_is_remembered_names_the_survey_only(pages: PageClient):
    page = await pages.get(f"{SURVEY}?lang=en")

    await pages.submit(page, {**SENT, **NEED}, form_id="survey-form")

    assert pages.http.cookies["answered"] == "community-needs"


async def test_a_phone_that_only_has_such_cookies_may_send_without_saying_where_from(client: httpx.AsyncClient):
    client.cookies.set("answered", "community-needs")
    client.cookies.set("lang", "ko")

    response = await client.post(SURVEY, data={**SENT, **NEED, "_language": "ko"})

    assert response.status_code == 200
    assert await count_of() == 1


async def test_how_fast_it_was_is_told_as_a_flag_and_not_stored(pages: PageClient):
    page = await pages.get(f"{SURVEY}?lang=en")

    await pages.submit(page, {**SENT, **NEED, "change_first": "the lift"}, form_id="survey-form")

    [row] = await ResponseTable.select()
    assert row["flags"] == "speeding"
    assert hidden_in(page)["_opened"] not in str(row)


async def test_a_page_that_was_open_for_long_is_not_fast(pages: PageClient):
    page = await pages.get(f"{SURVEY}?lang=en")
    opened = str(int(hidden_in(page)["_opened"]) - 900)

    await pages.submit(page, {**SENT, **NEED, "_opened": opened}, form_id="survey-form")

    assert [row["flags"] for row in await ResponseTable.select(ResponseTable.flags)] == [""]


# Too many at once


async def test_a_busy_channel_gives_back_what_was_typed_and_says_when(pages: PageClient):
    app_of(pages.http).state.limits = Limits({"answers": Rule(1, 0.01)}, clock=lambda: 0.0)
    page = await pages.get(f"{SURVEY}?lang=ko")
    await pages.submit(page, {**SENT, **NEED}, form_id="survey-form")
    page = await pages.get(f"{SURVEY}?lang=ko")

    answer = await pages.submit(page, {**SENT, **NEED, "change_first": "소음"}, form_id="survey-form", status=429)

    assert answer.response.headers["retry-after"] == "100"
    assert answers_in(dict(answer.answers())) == answers_in({**WHO, **NEED, "change_first": "소음"})
    assert await count_of() == 1


async def test_a_busy_channel_tells_programs_when(client: httpx.AsyncClient):
    app_of(client).state.limits = Limits({"answers": Rule(1, 0.01)}, clock=lambda: 0.0)
    body: dict[str, Any] = {"language": "en", "answers": WHO}
    address = "/api/v1/surveys/community-needs/responses"

    first = await client.post(address, json={**body, "client_id": "a" * 20})
    second = await client.post(address, json={**body, "client_id": "b" * 20})

    assert [first.status_code, second.status_code] == [201, 429]
    assert second.headers["retry-after"] == "100"


async def test_a_full_bucket_of_drafts_gives_back_what_was_typed_and_keeps_nobody_from_sending(pages: PageClient):
    app_of(pages.http).state.limits = Limits({"answers": Rule(1, 0.01), "drafts": Rule(1, 0.01)}, clock=lambda: 0.0)
    typed = {**WHO, **NEED, "_age": "yes"}
    await pages.submit(await pages.get(f"{SURVEY}?lang=ko"), typed, form_id="survey-form", button=("_save", "yes"))
    page = await pages.get(f"{SURVEY}?lang=ko")

    again = await pages.submit(page, typed, form_id="survey-form", button=("_save", "yes"), status=429)
    await pages.submit(again, SENT, form_id="survey-form")

    assert again.response.headers["retry-after"] == "100"
    assert answers_in(dict(again.answers())) == answers_in(typed)
    assert [await Draft.count(), await count_of()] == [1, 1]


# Later, on another phone


@pytest.fixture
async def saved(pages: PageClient) -> Page:
    page = await pages.get(f"{SURVEY}?lang=ko&c=gate")
    return await pages.submit(page, {**WHO, **NEED, "_age": "yes"}, form_id="survey-form", button=("_save", "yes"))


def draft_code(page: Page) -> str:
    return page.words("//*[@id='draft-code']")[0]


async def test_saving_sends_nothing_and_gives_a_code(saved: Page):
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", draft_code(saved))
    assert await count_of() == 0
    assert await Draft.count() == 1


async def test_another_phone_goes_on_and_the_answer_counts_once(pages: PageClient, saved: Page):
    pages.http.cookies.clear()
    typed = draft_code(saved).lower().replace("-", " ")

    asked = await pages.get("/resume?lang=ko")
    page = await pages.submit(asked, {"code": typed})
    receipt = await pages.submit(page, {"_agree": "yes", "change_first": "소음"}, form_id="survey-form")

    assert (page.language, answers_in(dict(page.answers()))) == ("ko", answers_in({**WHO, **NEED}))
    assert code_on(receipt)
    assert [row["answers"]["change_first"] for row in await stored()] == ["소음"]
    assert await Draft.count() == 0


async def test_both_phones_send_and_the_second_is_told(pages: PageClient, saved: Page):
    first = await pages.submit(await pages.get("/resume?lang=ko"), {"code": draft_code(saved)})
    second = await pages.submit(await pages.get("/resume?lang=ko"), {"code": draft_code(saved)})
    await pages.submit(first, {"_agree": "yes"}, form_id="survey-form")

    answer = await pages.submit(second, {"_agree": "yes", "change_first": "소음"}, form_id="survey-form", status=409)

    assert notices(answer) == [say("ko", "An answer was already sent from this page, and it is kept.")]
    assert await count_of() == 1


async def test_saving_again_keeps_the_code(pages: PageClient, saved: Page):
    page = await pages.submit(await pages.get("/resume?lang=ko"), {"code": draft_code(saved)})

    again = await pages.submit(page, {"change_first": "소음"}, form_id="survey-form", button=("_save", "yes"))

    assert draft_code(again) == draft_code(saved)
    assert await Draft.count() == 1


@pytest.mark.parametrize("language", ["ko", "ar"])
async def test_an_unknown_code_is_said_and_kept_in_its_field(pages: PageClient, language: str):
    page = await pages.submit(await pages.get(f"/resume?lang={language}"), {"code": "0000-0000-0000-0000"}, status=404)

    assert page.words("//*[@role='alert']/h2") == [say(language, "No saved answer belongs to this code")]
    assert dict(page.fields())["code"] == "0000-0000-0000-0000"


async def test_a_draft_of_a_survey_that_closed_can_be_copied(pages: PageClient, saved: Page):
    await close_survey("community-needs", actor="test", role="administrator")

    page = await pages.submit(await pages.get("/resume?lang=ko"), {"code": draft_code(saved)}, status=410)

    assert NEED["need_most"] in page.text


async def test_the_code_of_a_draft_is_in_no_address(saved: Page):
    letters = draft_code(saved).replace("-", "")

    assert [link for link in saved.links() if letters in link.replace("-", "")] == []


# By invitation


async def test_without_a_code_the_page_asks_for_one(pages: PageClient):
    survey = await invited_survey()

    page = await pages.get(f"/s/{survey.slug}?lang=ko", status=403)

    assert page.h1 == say("ko", "This survey needs an invitation code")
    assert page.all("//form[@action='/i']") != []


async def test_a_code_lets_one_answer_in_and_is_forgotten_on_the_phone(pages: PageClient):
    survey = await invited_survey()
    [code] = await codes_of(survey, 1)
    await pages.send("/i", {"code": code})
    page = await pages.get(f"/s/{survey.slug}?lang=ko")

    await pages.submit(page, {**SENT, **NEED}, form_id="survey-form")

    assert await count_of(survey.slug) == 1
    assert "invitation" not in pages.http.cookies
    await pages.get(f"/s/{survey.slug}?lang=ko", status=403)


async def test_two_with_one_code_the_second_keeps_what_was_typed_and_is_told(pages: PageClient):
    survey = await invited_survey()
    [code] = await codes_of(survey, 1)
    await pages.send("/i", {"code": code})
    first, second = [await pages.get(f"/s/{survey.slug}?lang=ko") for _ in range(2)]
    cookie = pages.http.cookies["invitation"]
    await pages.submit(first, {**SENT, **NEED}, form_id="survey-form")
    pages.http.cookies.set("invitation", cookie)

    answer = await pages.submit(second, {**SENT, "need_most": "조용한 밤"}, form_id="survey-form", status=409)

    assert say("ko", "This code has been used") in answer.text
    assert dict(answer.answers())["need_most"] == "조용한 밤"
    assert await count_of(survey.slug) == 1


async def test_programs_send_the_code(client: httpx.AsyncClient):
    survey = await invited_survey()
    [code] = await codes_of(survey, 1)
    body = {"language": "en", "answers": WHO}
    address = f"/api/v1/surveys/{survey.slug}/responses"

    without = await client.post(address, json={**body, "client_id": "a" * 20})
    wrong = await client.post(address, json={**body, "client_id": "a" * 20, "invitation": "0000-0000-0000-0000"})
    right = await client.post(address, json={**body, "client_id": "a" * 20, "invitation": code})
    used = await client.post(address, json={**body, "client_id": "b" * 20, "invitation": code})

    assert [reply.status_code for reply in (without, wrong, right, used)] == [403, 404, 201, 409]


# With help


@pytest.mark.parametrize("role", [RoleKind.VOLUNTEER, RoleKind.SOCIAL_WORKER, RoleKind.COMMITTEE])
async def test_an_answer_given_with_help_is_marked_and_names_no_helper(pages: PageClient, role: RoleKind):
    await seat(pages.http, "vera", role)
    page = await pages.get("/desk/assist/community-needs?lang=ko")

    receipt = await pages.submit(page, {**SENT, **NEED}, form_id="survey-form")

    [row] = await ResponseTable.select()
    assert (page.language, row["source"], row["language"]) == ("ko", "assisted", "ko")
    assert code_on(receipt)
    assert "answered" not in pages.http.cookies
    assert "vera" not in str(row)
    assert [event["actor"] for event in await AuditEvent.select() if "response" in str(event["action"])].count("vera") == 0


@pytest.mark.parametrize("stranger", ["signed out", "another site"])
async def test_strangers_cannot_answer_in_a_helpers_name(client: httpx.AsyncClient, stranger: str):
    await seat(client, "vera", RoleKind.VOLUNTEER)
    estrange(client, stranger)

    await client.post("/desk/assist/community-needs", data={**SENT, **NEED, "_language": "ko"})

    assert await count_of() == 0


async def test_help_for_a_survey_that_is_not_open_says_so(pages: PageClient):
    await create_survey(slug="later", form=bundled_form())
    await seat(pages.http, "vera", RoleKind.VOLUNTEER)

    await pages.get("/desk/assist/later", status=410)
    await open_survey("later", actor="test", role="administrator")
    page = await pages.get("/desk/assist/later")

    assert page.all("//form[@id='survey-form']") != []
