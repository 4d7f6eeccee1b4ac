"""From a request to a receipt: what is checked before the queue, and what the transaction finds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from survey import clock
from survey.accounts.queries import area_ids
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey, open_survey
from survey.db.group_commit import GroupCommitter
from survey.errors import InputInvalid, NotFound
from survey.outreach.service import add_channel
from survey.questionnaire.answers import AnswerProblem, ErrorCode
from survey.responses.errors import AnswerDiffers, AnswersRefused, AnswerWithdrawn, SurveyClosed
from survey.responses.intake import Intake
from survey.responses.rules import Submission
from survey.responses.service import Receipt, Recorder, withdraw
from survey.responses.tables import Response
from survey.settings import Settings
from tests.conftest import SECRET, bundled_survey
from tests.responses.conftest import ANSWERS, RECORDER, everything, new_client_id, recounted_tallies, stored_tallies

SLUG = "community-needs"


@pytest.fixture
async def intake(database: Settings) -> AsyncIterator[Intake]:
    """The intake of one process, with its writer, before the bundled survey."""
    await bundled_survey()
    async with GroupCommitter(Recorder(SECRET).record).running() as committer:
        yield Intake(committer)


async def _send(intake: Intake, **changes: Any) -> Any:
    sent = {"slug": SLUG, "client_id": new_client_id(), "language": "ko", "raw": ANSWERS, **changes}
    return await intake.submit(**sent)


async def test_submit_stores_clean_answers_with_the_persons_place_and_way(intake: Intake) -> None:
    survey = await find_survey(SLUG)
    channel = await add_channel(survey_id=survey.id, code="wuye", name="物业")

    receipt = await _send(intake, client_id="client-of-a-phone", channel_code="wuye", source="api")

    (row,) = await Response.select()
    assert {name: row[name] for name in ("id", "client_id", "language", "channel", "area", "source", "received_on")} == {
        "id": receipt.response_id, "client_id": "client-of-a-phone", "language": "ko", "channel": channel,
        "area": (await area_ids())["wangjing"], "source": "api", "received_on": clock.today(),
    }  # fmt: skip


@pytest.mark.parametrize("answer", ["elsewhere", "prefer_not_to_say"])
async def test_submit_knows_no_area_where_none_was_named(intake: Intake, answer: str) -> None:
    await _send(intake, raw={**ANSWERS, "subdistrict": answer})

    assert await Response.select(Response.area) == [{"area": None}]


async def test_submit_by_an_unknown_channel_is_stored_without_one(intake: Intake) -> None:
    await _send(intake, channel_code="nobody-printed-this")

    assert await Response.select(Response.channel) == [{"channel": None}]


async def test_submit_finds_a_channel_that_was_made_since(intake: Intake) -> None:
    await _send(intake, channel_code="new")
    channel = await add_channel(survey_id=(await find_survey(SLUG)).id, code="new", name="new")

    await _send(intake, channel_code="new")

    rows = await Response.select(Response.channel)
    assert sorted(row["channel"] or 0 for row in rows) == [0, channel]


async def test_submit_to_an_unknown_survey_is_not_found(intake: Intake) -> None:
    with pytest.raises(NotFound):
        await _send(intake, slug="nothing")

    assert await Response.count() == 0


async def test_submit_in_a_language_that_the_survey_does_not_speak(intake: Intake) -> None:
    with pytest.raises(InputInvalid, match="'tlh'"):
        await _send(intake, language="tlh")

    assert await Response.count() == 0


@pytest.mark.parametrize("client_id", ["", "short", "x" * 65, "with a space in it", "client-000000001\n"])
async def test_submit_refuses_a_client_id_that_is_none(intake: Intake, client_id: str) -> None:
    with pytest.raises(InputInvalid, match="client_id takes 16 to 64"):
        await _send(intake, client_id=client_id)

    assert await Response.count() == 0


async def test_submit_refuses_answers_that_do_not_fit_with_every_problem(intake: Intake) -> None:
    raw = {**ANSWERS, "origin": "mars", "importance_health": 9, "time_in_beijing": None}

    with pytest.raises(AnswersRefused) as caught:
        await _send(intake, raw=raw)

    assert caught.value.problems == [
        AnswerProblem("time_in_beijing", ErrorCode.REQUIRED),
        AnswerProblem("origin", ErrorCode.UNKNOWN_CHOICE),
        AnswerProblem("importance_health", ErrorCode.TOO_LARGE, 5),
    ]
    assert await Response.count() == 0


async def test_submit_to_a_draft_is_refused(intake: Intake) -> None:
    await create_survey(slug="draft", form=bundled_form())

    with pytest.raises(SurveyClosed):
        await _send(intake, slug="draft")

    assert await Response.count() == 0


@pytest.mark.parametrize("change", [{"language": "tlh"}, {"client_id": "short"}, {"raw": {"origin": "mars"}}])
async def test_submit_to_a_closed_survey_says_that_it_is_closed_and_not_what_was_wrong(
    intake: Intake, change: dict[str, Any]
) -> None:
    await close_survey(SLUG, actor="test", role="administrator")

    with pytest.raises(SurveyClosed):
        await _send(intake, **change)


async def test_submit_notices_in_its_transaction_that_the_survey_has_just_closed(intake: Intake) -> None:
    """The process still believes what it read a moment ago."""
    await _send(intake)
    await close_survey(SLUG, actor="test", role="administrator")
    before = await everything()

    with pytest.raises(SurveyClosed):
        await _send(intake)

    assert await everything() == before


async def test_submit_is_taken_again_once_the_survey_opened_again(intake: Intake) -> None:
    await close_survey(SLUG, actor="test", role="administrator")
    with pytest.raises(SurveyClosed):
        await _send(intake)

    await open_survey(SLUG, actor="test", role="administrator")
    await _send(intake)

    assert await Response.count() == 1


async def test_submit_passes_on_what_the_transaction_found(intake: Intake) -> None:
    receipt = await _send(intake, client_id="client-of-a-phone")
    again = await _send(intake, client_id="client-of-a-phone", language="en")
    with pytest.raises(AnswerDiffers):
        await _send(intake, client_id="client-of-a-phone", raw={**ANSWERS, "importance_health": 1})
    await withdraw(receipt.code)
    with pytest.raises(AnswerWithdrawn):
        await _send(intake, client_id="client-of-a-phone")

    assert (again.code, again.is_repeat) == (receipt.code, True)
    assert await Response.count() == 0


async def test_submit_compares_what_was_cleaned(intake: Intake) -> None:
    """A form sends strings in lists, a program sends values: the same answers are the same."""
    first = await _send(intake, client_id="client-of-a-phone")
    as_form = {question: [str(v) for v in (a if isinstance(a, list) else [a])] for question, a in ANSWERS.items()}

    again = await _send(intake, client_id="client-of-a-phone", raw={**as_form, "change_first": ["  "]})

    assert (again.code, again.is_repeat) == (first.code, True)


async def test_many_submissions_at_once_are_all_stored_and_each_gets_its_own_receipt(intake: Intake) -> None:
    ids = [new_client_id() for _ in range(120)]

    receipts = await asyncio.gather(*[_send(intake, client_id=one) for one in ids])

    rows = {row["id"]: row["client_id"] for row in await Response.select(Response.id, Response.client_id)}
    assert [rows[receipt.response_id] for receipt in receipts] == ids
    assert len({receipt.code for receipt in receipts}) == 120
    assert await stored_tallies() == await recounted_tallies()


async def test_submission_of_a_phone_that_hung_up_is_stored_and_answered_when_it_sends_again(database: Settings) -> None:
    await bundled_survey()
    has_begun, may_write = asyncio.Event(), asyncio.Event()

    async def write(submissions: Sequence[Submission]) -> list[Receipt | Exception]:
        has_begun.set()
        await may_write.wait()
        return await RECORDER.record(submissions)

    async with GroupCommitter(write).running() as committer:
        intake = Intake(committer)
        hung_up = asyncio.create_task(_send(intake, client_id="client-of-a-phone"))
        await has_begun.wait()
        hung_up.cancel()
        await asyncio.wait([hung_up])
        may_write.set()
        again = await _send(intake, client_id="client-of-a-phone")

    assert (hung_up.cancelled(), again.is_repeat) == (True, True)
    assert await Response.count() == 1
