"""Signs of carelessness: set at intake, kept beside the response, counted and exported; nothing is dropped for them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from survey.db.transaction import write_transaction
from survey.responses.corrections import correct
from survey.responses.intake import entrance_to
from survey.responses.queries import count_responses, counts_by_flag, iterate_responses
from survey.responses.service import flag_responses, unflag_responses, withdraw
from survey.responses.tables import Response
from survey.settings import Settings
from survey.statements.service import prepare_statements
from tests.conftest import bundled_survey
from tests.responses.conftest import ANSWERS, new_client_id, record_one, submission

LINE = {f"importance_{name}": 4 for name in ("health", "home", "safety", "environment", "transport")}


async def flags() -> dict[str, str]:
    return {row["id"]: row["flags"] for row in await Response.select(Response.id, Response.flags)}


async def change(what: Any, ids: list[str], flag: str) -> None:
    async with write_transaction(Response):
        await what(ids, flag)


async def test_intake_flags_straight_lines_and_speed_and_keeps_the_answer(database: Settings) -> None:
    survey = await bundled_survey()
    entrance = await entrance_to(survey.slug)
    sent = {"client_id": new_client_id(), "language": "ko", "channel": None, "source": "form"}
    answers = {**ANSWERS, **LINE}

    both = entrance.submission(**sent, answers=answers, seconds=2.0)
    receipt = await record_one(both)

    assert both.flags == ["speeding", "straight_lining"]
    assert await flags() == {receipt.response_id: "speeding,straight_lining"}
    assert await count_responses(survey.id) == 1
    assert [(row["flags"], row["answers"]) async for row in iterate_responses(survey.id)] == [(both.flags, answers)]


async def test_intake_without_a_time_and_with_care_flags_nothing(database: Settings) -> None:
    await bundled_survey()

    receipt = await record_one(await submission())

    assert await flags() == {receipt.response_id: ""}


async def test_time_that_it_took_is_not_stored_nor_part_of_what_makes_two_posts_the_same(database: Settings) -> None:
    survey = await bundled_survey()
    entrance = await entrance_to(survey.slug)
    sent: dict[str, Any] = {"client_id": new_client_id(), "language": "ko", "channel": None, "source": "form", "answers": ANSWERS}

    slow = await record_one(entrance.submission(**sent, seconds=1234.5))
    again = await record_one(entrance.submission(**sent, seconds=0.5))

    assert (again.is_repeat, again.code) == (True, slow.code)
    assert await flags() == {slow.response_id: ""}
    [row] = await Response.select()
    assert {1234, 1235, 1234.5, "1234", "1235", "1234.5"} & set(row.values()) == set()  # whole values: a hash may hold any digits


async def test_flag_responses_adds_once_and_keeps_what_is_there(database: Settings) -> None:
    await bundled_survey()
    line = (await record_one(await submission(**LINE))).response_id
    plain = (await record_one(await submission())).response_id
    other = (await record_one(await submission())).response_id

    await change(flag_responses, [line, plain], "copied_text")
    await change(flag_responses, [plain, line, plain], "copied_text")

    assert await flags() == {line: "copied_text,straight_lining", plain: "copied_text", other: ""}


async def test_unflag_responses_takes_only_that_flag_away(database: Settings) -> None:
    await bundled_survey()
    line = (await record_one(await submission(**LINE))).response_id
    plain = (await record_one(await submission())).response_id
    await change(flag_responses, [line, plain], "copied_text")

    await change(unflag_responses, [line, plain], "copied_text")
    await change(unflag_responses, [line, plain], "copied_text")

    assert await flags() == {line: "straight_lining", plain: ""}


async def test_flag_responses_of_nobody_and_of_withdrawn_ones_does_nothing(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())
    await withdraw(receipt.code)

    await change(flag_responses, [], "speeding")
    await change(flag_responses, [receipt.response_id, "no-such-response"], "speeding")

    assert await flags() == {}


async def test_flag_responses_by_many_at_once_loses_no_flag(database: Settings) -> None:
    await bundled_survey()
    ids = [(await record_one(await submission())).response_id for _ in range(5)]

    await asyncio.gather(*(change(flag_responses, ids, flag) for flag in ("speeding", "copied_text", "straight_lining") * 2))

    assert set((await flags()).values()) == {"copied_text,speeding,straight_lining"}


async def test_flag_responses_takes_more_than_fit_into_one_statement(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.responses.service.IMPORT_CHUNK", 2)
    await bundled_survey()
    ids = [(await record_one(await submission())).response_id for _ in range(5)]

    await change(flag_responses, ids, "speeding")

    assert set((await flags()).values()) == {"speeding"}


async def test_counts_by_flag_count_each_flag_of_one_survey(database: Settings) -> None:
    survey, other = await bundled_survey(), await bundled_survey("other")
    ids = [(await record_one(await submission())).response_id for _ in range(3)]
    elsewhere = (await record_one(await submission("other"))).response_id
    await change(flag_responses, [*ids[:2], elsewhere], "speeding")
    await change(flag_responses, ids[1:], "copied_text")

    assert await counts_by_flag(survey.id) == {"speeding": 2, "copied_text": 2}
    assert await counts_by_flag(other.id) == {"speeding": 1}


async def test_correction_judges_the_points_anew_and_keeps_that_it_came_fast(database: Settings) -> None:
    survey = await bundled_survey()
    entrance = await entrance_to(survey.slug)
    answers: Any = {**ANSWERS, **LINE}
    sent = entrance.submission(
        client_id=new_client_id(), language="ko", channel=None, source="form", answers=answers, seconds=1.0
    )
    receipt = await record_one(sent)

    await correct(receipt.code, raw={**answers, "importance_home": 1}, language="ko", revision=0)
    crooked = await flags()
    await correct(receipt.code, raw=answers, language="ko", revision=1)

    assert crooked == {receipt.response_id: "speeding"}
    assert await flags() == {receipt.response_id: "speeding,straight_lining"}


async def test_corrected_copy_is_a_copy_no_more_once_its_text_is_prepared(database: Settings) -> None:
    survey = await bundled_survey()
    text = "We need a doctor who speaks English in Wangjing"
    one, other = [await record_one(await submission(need_most=text)) for _ in range(2)]
    await prepare_statements(survey.id)
    before = await flags()

    await correct(one.code, raw={**ANSWERS, "need_most": f"{text}, soon"}, language="ko", revision=0)
    await prepare_statements(survey.id)
    await correct(other.code, raw={**ANSWERS, "need_most": text, "importance_health": 1}, language="ko", revision=0)

    assert before == {one.response_id: "copied_text", other.response_id: "copied_text"}
    assert await flags() == {one.response_id: "", other.response_id: "copied_text"}


async def test_program_that_sends_a_straight_line_is_flagged_too(client: httpx.AsyncClient) -> None:
    body = {"client_id": "a-program-0123456789", "language": "en", "answers": {**ANSWERS, **LINE}}

    response = await client.post("/api/v1/surveys/community-needs/responses", json=body)

    assert response.status_code == 201
    assert list((await flags()).values()) == ["straight_lining"]
