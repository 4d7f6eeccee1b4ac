"""Withdrawing: the answer and all that was made of it go, the counts follow, and it never comes back."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from typing import Any

import pytest

from survey import clock
from survey.audit.tables import AuditEvent
from survey.authoring.service import close_survey
from survey.db.transaction import write_transaction
from survey.jobs.tables import Job
from survey.responses.errors import AnswerDiffers, AnswerWithdrawn
from survey.responses.queries import (
    choice_counts,
    count_complete,
    count_responses,
    counts_by_area,
    counts_by_day,
    counts_by_language,
    field_dates,
    find_own_answer,
    quotable_responses,
)
from survey.responses.rules import Submission
from survey.responses.service import Receipt, withdraw
from survey.responses.tables import AnswerDocument, Consent, Response, Withdrawal
from survey.settings import Settings
from survey.statements.service import prepare_statements
from survey.statements.tables import Statement
from survey.themes.tables import Assignment, Theme
from tests.conftest import bundled_survey
from tests.responses.conftest import (
    RECORDER,
    everything,
    record_one,
    recounted_days,
    recounted_tallies,
    stored_days,
    stored_tallies,
    submission,
)

SAID = "나는 김민지이고 망경가에 살아요. 밤에 너무 시끄러워요"


async def test_withdraw_deletes_the_answer_and_everything_that_hangs_on_it(database: Settings) -> None:
    survey = await bundled_survey()
    gone = await record_one(await submission(need_most=SAID))
    kept = await record_one(await submission(need_most="주차 공간이 부족해요"))
    await prepare_statements(survey.id)
    await _put_in_a_theme(survey.id)

    assert await withdraw(gone.code) is True

    assert await Response.select(Response.id) == [{"id": kept.response_id}]
    for table in (AnswerDocument, Consent, Statement):
        rows = await table.select(table.response)  # type: ignore[attr-defined]
        assert {row["response"] for row in rows} == {kept.response_id}, table
    statements = {row["id"] for row in await Statement.select(Statement.id)}
    assert {row["statement"] for row in await Assignment.select(Assignment.statement)} == statements


async def _put_in_a_theme(survey_id: int) -> None:
    async with write_transaction(Theme):
        rows = await Theme.insert(
            Theme(
                public_id="theme", survey=survey_id, key="noise", category="environment_noise", state="proposed", names="{}",
                people=2, statements=2, languages="{}", keywords="{}", quotes="[]", public_quotes="[]",
            )
        ).returning(Theme.id)  # fmt: skip
        for row in await Statement.select(Statement.id):
            await Assignment.insert(Assignment(statement=row["id"], theme=rows[0]["id"], score=1.0, author="model"))


async def test_withdrawn_words_are_nowhere_in_the_database(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission(need_most=SAID, change_first=SAID))
    await prepare_statements(survey.id)
    before = repr(await everything())

    await withdraw(receipt.code)

    after = repr(await everything())
    assert ("김민지" in before, "시끄러" in before, receipt.response_id in before) == (True, True, True)
    assert ("김민지" in after, "시끄러" in after, receipt.response_id in after) == (False, False, False)


async def test_withdraw_leaves_the_client_id_and_the_day_and_nothing_else(database: Settings) -> None:
    survey = await bundled_survey()
    sent = await submission()
    receipt = await record_one(sent)

    await withdraw(receipt.code)

    rows = await Withdrawal.select(*Withdrawal.all_columns(exclude=[Withdrawal.id]))
    assert rows == [{"survey": survey.id, "client_id": sent.client_id, "withdrawn_on": clock.today()}]


async def test_withdraw_takes_the_answer_out_of_every_count(database: Settings) -> None:
    survey = await bundled_survey()
    kept_day = dt.date(2026, 3, 2)
    gone = await record_one(await submission(language="ko", subdistrict="wangjing", day=dt.date(2026, 3, 1)))
    await record_one(await submission(language="en", subdistrict="donghu", day=kept_day, may_quote=None))

    await withdraw(gone.code)

    assert (await count_responses(survey.id), await count_complete(survey.id)) == (1, 1)
    assert await counts_by_language(survey.id) == {"en": 1}
    assert list((await counts_by_area(survey.id)).values()) == [1]
    assert await counts_by_day(survey.id) == [(kept_day, 1)]
    assert await field_dates(survey.id) == (kept_day, kept_day)
    assert await choice_counts(survey.id, ["subdistrict", "may_quote"]) == {"subdistrict": {"donghu": 1}, "may_quote": {}}
    assert await quotable_responses(survey.id) == set()


async def test_withdraw_of_the_only_answer_leaves_a_survey_without_dates(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission())

    await withdraw(receipt.code)

    assert await field_dates(survey.id) is None
    assert (await count_responses(survey.id), await counts_by_day(survey.id), await counts_by_language(survey.id)) == (0, [], {})


async def test_withdraw_asks_for_a_recount_of_the_themes(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission())

    await withdraw(receipt.code)

    jobs = await Job.select(Job.kind, Job.subject).order_by(Job.id)
    assert jobs[-1] == {"kind": "recount_themes", "subject": f"survey:{survey.id}"}


async def test_withdraw_is_recorded_without_naming_the_answer(database: Settings) -> None:
    survey = await bundled_survey()
    sent = await submission()
    receipt = await record_one(sent)

    await withdraw(receipt.code)

    rows = await AuditEvent.select(AuditEvent.actor, AuditEvent.role, AuditEvent.subject, AuditEvent.data).where(
        AuditEvent.action == "response.withdrawn"
    )
    assert rows == [{"actor": "", "role": "resident", "subject": f"survey:{survey.id}", "data": "{}"}]


async def test_withdraw_of_an_unknown_code_changes_nothing(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())
    before = await everything()

    results = [await withdraw(code) for code in ("", "nothing", receipt.code[:-1], receipt.response_id, "%", "' OR 1=1 --")]

    assert results == [False] * 6
    assert await everything() == before


async def test_withdraw_twice_says_no_the_second_time(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())

    results = [await withdraw(receipt.code), await withdraw(receipt.code.lower())]

    assert results == [True, False]
    assert await Withdrawal.count() == 1


async def test_withdraw_pressed_many_times_at_once_takes_the_answer_out_once(database: Settings) -> None:
    await bundled_survey()
    receipt, kept = await record_one(await submission()), await record_one(await submission())

    results = await asyncio.gather(*[withdraw(receipt.code) for _ in range(6)])

    assert sorted(results) == [False] * 5 + [True]
    assert await Response.select(Response.id) == [{"id": kept.response_id}]
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()


async def test_withdraw_works_after_the_survey_closed(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission())
    await close_survey(survey.slug, actor="test", role="administrator")

    assert await withdraw(receipt.code) is True
    assert await Response.count() == 0


async def test_withdrawals_beside_phones_that_send_keep_the_counts_right(database: Settings) -> None:
    """Both change the same cell and the same day."""
    await bundled_survey()
    receipts = [await record_one(await submission()) for _ in range(25)]
    sent = [await submission() for _ in range(25)]

    results = await asyncio.gather(
        *[withdraw(receipt.code) for receipt in receipts], *[RECORDER.record([one]) for one in sent], return_exceptions=True
    )

    assert results[:25] == [True] * 25
    assert [type(result[0]) for result in results[25:] if isinstance(result, list)] == [Receipt] * 25
    assert await Response.count() == 25
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()


async def test_withdrawals_beside_the_worker_wait_for_each_other_in_no_circle(database: Settings) -> None:
    """The worker refers to answers that a withdrawal deletes with all that hangs on them."""
    survey = await bundled_survey()
    receipts = await RECORDER.record([await submission() for _ in range(40)])

    results = await asyncio.gather(
        prepare_statements(survey.id),
        *[withdraw(receipt.code) for receipt in receipts if isinstance(receipt, Receipt)],
        prepare_statements(survey.id),
        return_exceptions=True,
    )

    assert results[1:-1] == [True] * 40
    assert [result for result in results if isinstance(result, BaseException)] == []
    assert (await Response.count(), await Statement.count()) == (0, 0)


def _random_answers(dice: random.Random) -> dict[str, Any]:
    return {
        "subdistrict": dice.choice(["wangjing", "donghu", "elsewhere", "prefer_not_to_say"]),
        "need_most": dice.choice([None, "a doctor", "parking", "prefer_not_to_say"]),
        "participation": dice.choice([None, ["events"], ["events", "online", "teach"], "prefer_not_to_say"]),
        "importance_health": dice.choice([None, 1, 5]),
        "may_quote": dice.choice([None, ["yes"]]),
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_counts_equal_a_recount_after_any_sequence_of_answers_repeats_and_withdrawals(
    database: Settings, seed: int
) -> None:
    survey = await bundled_survey()
    dice = random.Random(seed)
    stored: dict[str, tuple[Submission, str]] = {}
    gone: list[Submission] = []

    for _ in range(45):
        step = dice.choices(["new", "batch", "repeat", "differ", "withdraw", "again"], [6, 3, 4, 2, 4, 2])[0]
        if step in {"new", "batch"}:
            sent = [
                await submission(
                    language=dice.choice(["ko", "en", "ar"]),
                    day=dt.date(2026, 3, dice.randint(1, 3)),
                    **_random_answers(dice),
                )
                for _ in range(1 if step == "new" else dice.randint(2, 6))
            ]
            for one, result in zip(sent, await RECORDER.record(sent), strict=True):
                assert isinstance(result, Receipt)
                stored[one.client_id] = (one, result.code)
        elif step == "repeat" and stored:
            one, code = dice.choice(list(stored.values()))
            assert (await record_one(one)).code == code
        elif step == "differ" and stored:
            one, _code = dice.choice(list(stored.values()))
            with pytest.raises(AnswerDiffers):
                await record_one(await submission(client_id=one.client_id, need_most="quite another need"))
        elif step == "withdraw" and stored:
            one, code = stored.pop(dice.choice(list(stored)))
            assert await withdraw(code)
            gone.append(one)
        elif step == "again" and gone:
            with pytest.raises(AnswerWithdrawn):
                await record_one(dice.choice(gone))

    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()
    assert await count_responses(survey.id) == await count_complete(survey.id) == len(stored)
    assert len(gone) > 3
    assert {(await find_own_answer(code)) is not None for _, code in stored.values()} == {True}
