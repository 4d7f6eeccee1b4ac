"""The JSON interface for answers: receipts, repeats, refusals in the caller's language, bodies that cannot be read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey
from survey.i18n.speech import speech
from survey.responses.queries import count_responses, iterate_responses
from survey.responses.service import withdraw
from survey.settings import Settings
from tests.conftest import app_of, bundled_survey, examples, running
from tests.pages import PageClient, check_headers
from tests.responses.visits import TICKS

ADDRESS = "/api/v1/surveys/community-needs/responses"
CLIENT = "a-phone-0123456789"
ANSWERS = {"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "another_country"}


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The app with the bundled survey open, on SQLite and on PostgreSQL."""
    async with running(app_of(settings)) as http:
        await bundled_survey()
        yield http


def body(*, more: dict[str, Any] | None = None, answers: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    given = ANSWERS | (more or {}) if answers is None else answers
    return {"client_id": CLIENT, "language": "ko", "answers": given, **changes}


async def send(http: httpx.AsyncClient, content: Any, address: str = ADDRESS) -> tuple[int, dict[str, Any]]:
    """Post JSON; return the status and what came back, after a look at the headers."""
    response = await http.post(address, json=content)
    return _read(response)


def _read(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    check_headers(response)
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()


async def stored() -> list[dict[str, Any]]:
    return [row["answers"] async for row in iterate_responses((await find_survey("community-needs")).id)]


async def count() -> int:
    return await count_responses((await find_survey("community-needs")).id)


def say(language: str, message: str) -> str:
    return speech("resident", language).gettext(message)


# Taken


async def test_answers_get_a_receipt(api: httpx.AsyncClient):
    status, reply = await send(api, body(more={"need_most": "의사", "importance_health": 5, "participation": ["teach"]}))

    assert status == 201
    assert reply == {"receipt": reply["receipt"], "survey": "community-needs", "is_repeat": False}
    assert [len(group) for group in reply["receipt"].split("-")] == [4] * 7
    assert await stored() == [ANSWERS | {"need_most": "의사", "importance_health": 5, "participation": ["teach"]}]


async def test_same_answers_under_the_same_id_get_the_same_receipt(api: httpx.AsyncClient):
    """Decision 4: it does not matter in which order the keys came, nor in which language the page was."""
    _, first = await send(api, body())

    status, second = await send(api, body(answers=dict(reversed(ANSWERS.items())), language="fr"))

    assert (status, second) == (201, first | {"is_repeat": True})
    assert await count() == 1


async def test_same_answers_from_a_form_and_from_a_program_are_one_answer(client: httpx.AsyncClient):
    page = await PageClient(client).post(
        "/s/community-needs", {"_client": CLIENT, "_language": "ko", "importance_safety": "4", **ANSWERS, **TICKS}
    )

    status, reply = await send(client, body(more={"importance_safety": 4}))

    assert (status, reply["is_repeat"]) == (201, True)
    assert page.words("//*[@id='receipt-code']") == [reply["receipt"]]


async def test_two_phones_are_two_answers(client: httpx.AsyncClient):
    _, first = await send(client, body())
    _, second = await send(client, body(client_id="another-phone-0123"))

    assert first["receipt"] != second["receipt"]
    assert await count() == 2


async def test_same_id_at_another_survey_is_another_answer(client: httpx.AsyncClient):
    await bundled_survey("spring")

    _, here = await send(client, body())
    status, there = await send(client, body(), "/api/v1/surveys/spring/responses")

    assert (status, there["is_repeat"], there["survey"]) == (201, False, "spring")
    assert here["receipt"] != there["receipt"]


# Refused, in the caller's language


async def test_other_answers_under_the_same_id_are_refused(api: httpx.AsyncClient):
    await send(api, body())

    found = [await send(api, body(more={"origin": "mainland"}, language=language)) for language in ("ko", "ar", "en")]

    message = "An answer was already sent from this page, and it is kept."
    assert found == [(409, {"status": 409, "detail": say(language, message)}) for language in ("ko", "ar", "en")]
    assert await stored() == [ANSWERS]


@pytest.mark.parametrize("language", ["ko", "ar", "en"])
async def test_closed_survey_takes_nothing(client: httpx.AsyncClient, language: str):
    await close_survey("community-needs", actor="test", role="administrator")

    status, reply = await send(client, body(language=language))

    assert (status, reply) == (410, {"status": 410, "detail": say(language, "This survey is closed")})
    assert await count() == 0


async def test_closed_survey_does_not_judge_answers(client: httpx.AsyncClient):
    await close_survey("community-needs", actor="test", role="administrator")

    for content in (body(answers={}), body(language="tlh"), body(client_id="")):
        assert (await send(client, content))[0] == 410


async def test_draft_survey_takes_nothing(client: httpx.AsyncClient):
    await create_survey(slug="not-yet", form=bundled_form())

    status, _ = await send(client, body(), "/api/v1/surveys/not-yet/responses")

    assert status == 410
    assert await count_responses((await find_survey("not-yet")).id) == 0


async def test_withdrawn_answers_do_not_come_back(api: httpx.AsyncClient):
    _, reply = await send(api, body())
    assert await withdraw(reply["receipt"])

    same = await send(api, body())
    other = await send(api, body(more={"origin": "mainland"}))

    assert [same, other] == [(410, {"status": 410, "detail": say("ko", "This answer was withdrawn")})] * 2
    assert (await count(), await stored()) == (0, [])


async def test_unknown_survey_is_not_found(client: httpx.AsyncClient):
    status, reply = await send(client, body(), "/api/v1/surveys/nothing/responses")

    assert (status, reply) == (404, {"status": 404, "detail": "There is no survey named nothing."})


async def test_unknown_language_is_answered_with_those_that_the_survey_speaks(client: httpx.AsyncClient):
    status, reply = await send(client, body(language="tlh"))

    assert (status, reply["detail"]) == (
        422,
        "The survey does not speak 'tlh'; it speaks zh-Hans, zh-Hant, en, ko, ja, ru, fr, de, es, ar.",
    )


@pytest.mark.parametrize("client_id", ["", "x" * 15, "x" * 65, "with spaces 0123456", "x" * 16 + "\n", "\u0000" * 16, "가" * 16])
async def test_unusable_client_id_is_refused(client: httpx.AsyncClient, client_id: str):
    status, reply = await send(client, body(client_id=client_id))

    assert (status, reply["detail"]) == (422, "client_id takes 16 to 64 letters, digits, hyphens and underscores.")
    assert await count() == 0


@pytest.mark.parametrize("language", ["ko", "ar", "en"])
async def test_problems_name_question_and_code_in_the_callers_language(client: httpx.AsyncClient, language: str):
    answers = {"subdistrict": "atlantis", "origin": "mainland", "need_most": "x" * 2001, "shoe_size": 44}

    status, reply = await send(client, body(answers=answers, language=language))

    assert status == 422
    assert reply["problems"] == [
        {"question": question, "code": code, "message": say(language, message).replace("%(limit)s", "2000")}
        for question, code, message in (
            ("shoe_size", "unknown_question", "This question is not part of the survey."),
            ("subdistrict", "unknown_choice", "Please choose one of the answers shown."),
            ("time_in_beijing", "required", "Please answer this question, or choose “I prefer not to say”."),
            ("need_most", "too_long", "This text is too long. Please keep it under %(limit)s characters."),
        )
    ]
    assert await count() == 0


@pytest.mark.parametrize(
    ("question", "value", "code"),
    [
        ("subdistrict", 5, "unknown_choice"),
        ("subdistrict", None, "required"),
        ("subdistrict", "", "required"),
        ("subdistrict", [], "required"),
        ("subdistrict", ["wangjing", "jiuxianqiao"], "one_answer_only"),
        ("subdistrict", ["wangjing", "prefer_not_to_say"], "answer_and_refusal"),
        ("subdistrict", True, "wrong_type"),
        ("subdistrict", {"value": "wangjing"}, "wrong_type"),
        ("subdistrict", [["wangjing"]], "wrong_type"),
        ("importance_health", "five", "not_a_number"),
        ("importance_health", 0, "too_small"),
        ("importance_health", -(10**30), "not_a_number"),
        ("importance_health", 6, "too_large"),
        ("importance_health", 10**30, "not_a_number"),
        ("importance_health", 4.5, "not_a_number"),
        ("importance_health", True, "wrong_type"),
        ("need_most", 12345, "wrong_type"),
        ("need_most", {"text": "a doctor"}, "wrong_type"),
        ("participation", "nothing", "unknown_choice"),
        ("may_quote", ["prefer_not_to_say"], "unknown_choice"),
    ],
)
async def test_value_of_a_wrong_type_is_a_problem_of_its_question(
    client: httpx.AsyncClient, question: str, value: Any, code: str
):
    status, reply = await send(client, body(more={question: value}))

    assert status == 422
    assert [(problem["question"], problem["code"]) for problem in reply["problems"]] == [(question, code)]
    assert await count() == 0


@pytest.mark.parametrize(
    ("question", "value", "kept"),
    [
        ("importance_health", "5", 5),
        ("importance_health", ["5"], 5),
        ("importance_health", "٥", 5),
        ("participation", "teach", ["teach"]),
        ("participation", ["teach", "events"], ["events", "teach"]),
        ("need_most", " a\r\nb\u0000 ", "a\nb"),
        ("need_most", "e\u0301cole", "école"),
        ("belonging", "prefer_not_to_say", "prefer_not_to_say"),
    ],
)
async def test_value_in_another_spelling_is_taken(client: httpx.AsyncClient, question: str, value: Any, kept: Any):
    assert (await send(client, body(more={question: value})))[0] == 201

    assert await stored() == [ANSWERS | {question: kept}]


@pytest.mark.parametrize("channel", ["made-up", "\u0000", "x" * 100_000, "한국", "' OR 1=1 --"])
async def test_unknown_channel_is_no_channel(api: httpx.AsyncClient, channel: str):
    assert (await send(api, body(channel=channel)))[0] == 201

    assert await stored() == [ANSWERS]


# Bodies that cannot be read


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (body(client_id=5), "client_id"),
        (body(answers=["wangjing"]), "answers"),
        (body(language=None), "language"),
        ({"client_id": CLIENT, "language": "ko"}, "data"),
        (body(is_admin=True), "data"),
        ([body()], "data"),
        ("wangjing", "data"),
        (None, "data"),
    ],
)
async def test_body_of_another_shape_is_refused_with_the_place(client: httpx.AsyncClient, content: Any, where: str):
    status, reply = await send(client, content)

    assert status == 400
    assert [problem["where"] for problem in reply["problems"]] == [where]
    assert await count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[", b"nonsense", b'{"client_id": "a', b"\xff\xfe", b'{"client_id": NaN}', b"[" * 100_000,
        b'{"client_id": "' + CLIENT.encode() + b'", "language": "ko", "answers": {"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b'{"client_id": "' + CLIENT.encode() + b'", "language": "ko", "answers": {"need_most": "\\ud800"}}',
    ],
    ids=["nothing", "brace", "bracket", "nonsense", "cut", "not-utf8", "nan", "deep", "deep-answer", "half-character"],
)  # fmt: skip
async def test_body_that_is_no_json_is_refused(client: httpx.AsyncClient, content: bytes):
    status, reply = _read(await client.post(ADDRESS, content=content, headers={"content-type": "application/json"}))

    assert (status, reply["status"]) == (400, 400)
    assert "Traceback" not in reply["detail"]
    assert await count() == 0


async def test_body_of_ten_megabytes_is_too_large(client: httpx.AsyncClient):
    content = json.dumps(body(more={"need_most": "x" * 10_000_000}))

    status, reply = _read(await client.post(ADDRESS, content=content, headers={"content-type": "application/json"}))

    assert (status, reply) == (413, {"status": 413, "detail": "The request is too large."})
    assert await count() == 0


async def test_other_methods_are_refused_with_those_that_work(client: httpx.AsyncClient):
    response = await client.get(ADDRESS)

    assert _read(response) == (405, {"status": 405, "detail": "This address does not take that method."})
    assert sorted(response.headers["allow"].split(", ")) == ["OPTIONS", "POST"]


async def test_program_is_answered_in_json_whatever_it_accepts(client: httpx.AsyncClient):
    """The interface never answers a page: a program that forgot its Accept header cannot read one."""
    response = await client.post(ADDRESS, content=b"{", headers={"accept": "text/html", "content-type": "application/json"})

    assert _read(response)[0] == 400


async def test_call_that_another_site_started_is_refused(client: httpx.AsyncClient):
    response = await client.post(ADDRESS, json=body(), headers={"sec-fetch-site": "cross-site"})

    assert _read(response)[0] == 403
    assert await count() == 0


_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_questions = st.sampled_from([question.id for question in bundled_form().questions()]) | st.text(max_size=10)


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.dictionaries(_questions, _value, max_size=8),
    client_id=st.sampled_from([CLIENT, "another-phone-0123"]) | st.text(max_size=20),
    language=st.sampled_from(["ko", "ar", "tlh", ""]),
    is_complete=st.booleans(),
)
async def test_whatever_a_program_sends_it_is_answered_and_never_fails(
    client: httpx.AsyncClient, answers: dict[str, Any], client_id: str, language: str, is_complete: bool
):
    sent = answers | ANSWERS if is_complete else answers

    status, reply = await send(client, {"client_id": client_id, "language": language, "answers": sent})

    assert status in {201, 409, 422}
    assert set(reply) in ({"receipt", "survey", "is_repeat"}, {"status", "detail"}, {"status", "detail", "problems"})
