"""Answers to a survey by invitation: one code, one answer; and nothing stored tells which code an answer came with."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from survey import clock
from survey.authoring.service import close_survey
from survey.codes import hash_code
from survey.db.group_commit import GroupCommitter
from survey.errors import LinshengError
from survey.outreach.invitations import batch_codes, find_invitation, mark_opened
from survey.outreach.states import InvitationState
from survey.outreach.tables import Invitation, InvitationBatch
from survey.responses.errors import (
    AnswerDiffers,
    AnswerWithdrawn,
    InvitationExpired,
    InvitationNeeded,
    InvitationUnknown,
    InvitationUsed,
    SurveyClosed,
    refusal_text,
)
from survey.responses.intake import Intake
from survey.responses.rules import Submission
from survey.responses.service import Receipt, Recorder, withdraw
from survey.responses.tables import AnswerDocument, Response
from survey.settings import Settings
from tests.conftest import SECRET, bundled_survey
from tests.outreach.conftest import CLOSED_HOUSE, batch_of, codes_of, invited_survey
from tests.responses.conftest import (
    ANSWERS,
    RECORDER,
    everything,
    impossible,
    new_client_id,
    recounted_tallies,
    stored_tallies,
)
from tests.responses.conftest import submission as clean


async def _submission(code: str | None, **changes: Any) -> Submission:
    return replace(await clean(CLOSED_HOUSE, **changes), invitation=hash_code(code) if code else None)


async def _record(*sent: Submission) -> list[str]:
    """The kinds of what the service answered."""
    return [type(result).__name__ for result in await RECORDER.record(sent)]


async def _states(codes: list[str]) -> str:
    return "".join([found.state for code in codes if (found := await find_invitation(code))])


@pytest.fixture
async def intake(database: Settings) -> AsyncIterator[Intake]:
    async with GroupCommitter(Recorder(SECRET).record).running() as committer:
        yield Intake(committer)


async def _send(intake: Intake, code: str | None, **changes: Any) -> Receipt:
    sent = {"slug": CLOSED_HOUSE, "client_id": new_client_id(), "language": "ko", "raw": ANSWERS, **changes}
    return await intake.submit(**sent, invitation=hash_code(code) if code else None)


async def test_submit_with_a_code_is_stored_and_uses_it_up(intake: Intake) -> None:
    codes = await codes_of(await invited_survey(), 3)

    receipt = await _send(intake, codes[1])

    assert receipt.is_repeat is False
    assert await Response.count() == 1
    assert await _states(codes) == "-x-"


async def test_submit_with_a_code_that_was_opened_uses_it_up(intake: Intake) -> None:
    codes = await codes_of(await invited_survey(), 1)
    await mark_opened(hash_code(codes[0]))

    await _send(intake, codes[0])

    assert await _states(codes) == "x"


@pytest.mark.parametrize("source", ["form", "api", "assisted"])
async def test_submit_without_a_code_is_refused_whoever_sends(intake: Intake, source: str) -> None:
    await codes_of(await invited_survey(), 1)

    with pytest.raises(InvitationNeeded):
        await _send(intake, None, source=source)

    assert await Response.count() == 0


async def test_submit_with_a_code_that_is_wrong_used_or_expired_says_which(intake: Intake) -> None:
    survey = await invited_survey()
    used, fresh = await codes_of(survey, 2)
    [late] = await codes_of(survey, 1, days=0)
    elsewhere = await codes_of(await invited_survey("other"), 1)
    await _send(intake, used)
    refused = [await _send_late(intake, late), *[await _refusal(intake, code) for code in (used, "7KQM-3FZD-A2C4-9XYZ", *elsewhere)]]

    assert refused == [InvitationExpired, InvitationUsed, InvitationUnknown, InvitationUnknown]
    assert await Response.count() == 1
    assert await _states([used, fresh, late, *elsewhere]) == "x---"


async def _refusal(intake: Intake, code: str) -> type[Exception]:
    with pytest.raises(LinshengError) as refused:
        await _send(intake, code)
    return refused.type


async def _send_late(intake: Intake, code: str) -> type[Exception]:
    """On the day after the last."""
    tomorrow = clock.today() + dt.timedelta(days=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "today", lambda: tomorrow)
        return await _refusal(intake, code)


async def test_an_open_survey_needs_no_code_and_uses_none_up(intake: Intake) -> None:
    await bundled_survey()
    [code] = await codes_of(await invited_survey(), 1)

    await _send(intake, None, slug="community-needs")
    await _send(intake, code, slug="community-needs")

    assert await Response.count() == 2
    assert await _states([code]) == "-"


async def test_a_repeat_gets_its_receipt_though_the_code_is_used_expired_or_gone(database: Settings) -> None:
    """What is stored comes first: the phone that sends again did nothing wrong."""
    [code] = await codes_of(await invited_survey(), 1)
    sent = await _submission(code)
    [first] = await RECORDER.record([sent])
    without = await _submission(None, client_id=sent.client_id)

    [again, bare] = await RECORDER.record([sent, without])

    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert isinstance(bare, Receipt)
    assert {first.code, again.code, bare.code} == {first.code}
    assert (first.is_repeat, again.is_repeat, bare.is_repeat) == (False, True, True)


async def test_one_code_sent_by_two_people_at_once_is_one_answer(database: Settings) -> None:
    """Each in a transaction of its own, as from two processes."""
    codes = await codes_of(await invited_survey(), 6)
    sent = [await _submission(code) for code in codes for _ in range(4)]
    random.Random(3).shuffle(sent)

    results = await asyncio.gather(*[_record(one) for one in sent])

    assert sorted(kind for [kind] in results) == [*["InvitationUsed"] * 18, *["Receipt"] * 6]
    assert await Response.count() == 6
    assert await _states(codes) == "xxxxxx"
    assert await stored_tallies() == await recounted_tallies()


async def test_one_code_twice_in_one_batch_is_one_answer(database: Settings) -> None:
    [code] = await codes_of(await invited_survey(), 1)

    kinds = await _record(await _submission(code), await _submission(code), await _submission(code))

    assert kinds == ["Receipt", "InvitationUsed", "InvitationUsed"]
    assert await Response.count() == 1


async def test_one_answer_sent_many_times_at_once_gets_one_receipt_and_never_hears_that_its_code_is_used(
    database: Settings,
) -> None:
    codes = await codes_of(await invited_survey(), 4)
    sent = [await _submission(code) for code in codes]

    results = await asyncio.gather(*[RECORDER.record([one]) for one in sent * 8])

    receipts = [result for [result] in results if isinstance(result, Receipt)]
    assert len(receipts) == 32
    assert sum(not receipt.is_repeat for receipt in receipts) == 4
    assert await Response.count() == 4


async def test_batches_that_cross_do_not_wait_for_each_other_in_a_circle(database: Settings) -> None:
    survey = await invited_survey()
    codes = [*await codes_of(survey, 6), *await codes_of(survey, 6), *await codes_of(survey, 6)]
    sent = [await _submission(code, language=("ko", "en", "ja")[place % 3]) for place, code in enumerate(codes)]

    results = await asyncio.gather(*[_record(*batch) for batch in (sent, sent[::-1], sent[6:] + sent[:6], sent[::2] + sent[1::2])])

    assert {kind for kinds in results for kind in kinds} == {"Receipt"}
    assert await Response.count() == 18
    assert await _states(codes) == "x" * 18


async def test_an_answer_that_cannot_be_stored_leaves_its_code_unused(database: Settings) -> None:
    await bundled_survey()
    survey = await invited_survey()
    codes = await codes_of(survey, 2)
    broken = replace(await impossible(), survey_id=survey.id, invitation=hash_code(codes[0]))

    kinds = await _record(broken, await _submission(codes[1]))

    assert kinds[1] == "Receipt"
    assert kinds[0] not in {"Receipt", "InvitationUsed"}
    assert await _states(codes) == "-x"


async def test_other_refusals_use_no_code_up(database: Settings) -> None:
    codes = await codes_of(await invited_survey(), 3)
    sent = await _submission(codes[0])
    await RECORDER.record([sent])
    differs = await _record(await _submission(codes[1], client_id=sent.client_id, need_most="another"))
    await close_survey(CLOSED_HOUSE, actor="ada", role="administrator")

    closed = await _record(await _submission(codes[2]))

    assert (differs, closed) == ([AnswerDiffers.__name__], [SurveyClosed.__name__])
    assert await _states(codes) == "x--"


async def test_a_withdrawal_does_not_give_the_code_back(database: Settings) -> None:
    [code] = await codes_of(await invited_survey(), 1)
    sent = await _submission(code)
    [receipt] = await RECORDER.record([sent])
    assert isinstance(receipt, Receipt)

    assert await withdraw(receipt.code)

    assert await _record(await _submission(code), sent) == [InvitationUsed.__name__, AnswerWithdrawn.__name__]
    assert await Response.count() == 0


async def test_imported_answers_need_no_code(database: Settings) -> None:
    await invited_survey()

    receipts = await RECORDER.record_all_or_nothing([await _submission(None, source="import")])

    assert [receipt.is_repeat for receipt in receipts] == [False]


async def test_refusals_have_words_of_their_own() -> None:
    errors = [InvitationNeeded(""), InvitationUnknown(""), InvitationUsed(""), InvitationExpired("")]

    assert [(error.status, refusal_text(error, str)) for error in errors] == [
        (403, "This survey needs an invitation code"),
        (404, "No invitation has this code"),
        (409, "This code has been used"),
        (410, "This code has expired"),
    ]


# Detached


async def test_no_code_hash_batch_or_day_of_an_invitation_stands_with_an_answer(database: Settings) -> None:
    survey = await invited_survey()
    batch = await batch_of(survey, 30)
    codes = batch_codes(SECRET, batch)
    before = await everything()
    await asyncio.gather(*[_record(await _submission(code)) for code in codes[:20]])

    stored = await everything()

    own = {"invitation", "invitation_batch"}
    others = repr({name: rows for name, rows in stored.items() if name not in own})
    [row] = stored["invitation_batch"]
    secrets = [*codes, *[code.replace("-", "") for code in codes], *[hash_code(code) for code in codes], batch.public_id]
    assert (len(stored["response"]), row["states"].count("x")) == (20, 20)
    assert [secret for secret in secrets if secret in others] == []
    assert stored["invitation"] == before["invitation"]
    assert {name for name in row if row[name] != before["invitation_batch"][0][name]} == {"states"}
    answer_words = [str(value) for answer in stored["response"] for value in (answer["id"], answer["client_id"], answer["receipt_hash"])]
    assert [word for word in answer_words if word in repr({name: stored[name] for name in own})] == []


async def test_no_order_in_the_database_joins_an_answer_to_its_invitation(database: Settings) -> None:
    """As the rows lie on the disk, without ORDER BY: used one after the other, in an order of its own."""
    survey = await invited_survey()
    codes = batch_codes(SECRET, await batch_of(survey, 24))
    order = random.Random(7).sample(codes, 24)
    before = await _as_they_lie(survey.id)
    for code in order:
        await mark_opened(hash_code(code))
    for number, code in enumerate(order):
        assert await _record(await _submission(code, need_most=f"need {number}")) == ["Receipt"]

    after = await _as_they_lie(survey.id)

    answers = [row["answers"] for row in await AnswerDocument.raw('SELECT "answers" FROM "answer_document"')]
    needs = [next(number for number in range(24) if f'"need {number}"' in answer) for answer in answers]
    sent_as = [hash_code(order[number]) for number in needs]
    assert len(set(sent_as)) == 24
    assert after == before
    assert sent_as != before
    assert await InvitationBatch.select(InvitationBatch.states) == [{"states": "x" * 24}]


async def _as_they_lie(survey_id: int) -> list[str]:
    """The hashes in the order of the table itself, and what PostgreSQL notes with each row: the transaction that wrote it."""
    noted = ', "xmin"::text AS "by"' if Invitation._meta.db.engine_type == "postgres" else ", '' AS \"by\""
    rows = await Invitation._meta.db._run_in_new_connection(f'SELECT "code_hash"{noted} FROM "invitation"')
    assert len({row["by"] for row in rows}) == 1
    return [row["code_hash"] for row in rows]


async def test_opening_a_page_twice_or_from_a_preview_uses_nothing_up(database: Settings) -> None:
    survey = await invited_survey()
    [code] = await codes_of(survey, 1)

    for _ in range(3):
        await mark_opened(hash_code(code))

    found = await find_invitation(code)
    assert found is not None
    assert found.state == InvitationState.OPENED
    assert await _record(await _submission(code)) == ["Receipt"]
