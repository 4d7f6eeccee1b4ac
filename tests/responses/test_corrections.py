"""Correcting: the counts follow, nothing comes back, and what was sent first overwrites nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from survey.accounts.queries import area_ids
from survey.audit.tables import AuditEvent
from survey.authoring.service import close_survey
from survey.errors import InputInvalid, NotFound
from survey.jobs.tables import Job
from survey.outreach.service import add_channel
from survey.questionnaire.answers import Answers
from survey.responses.corrections import correct
from survey.responses.errors import AnswerCorrected, AnswersRefused, AnswerWithdrawn, SurveyClosed
from survey.responses.queries import count_responses, find_own_answer, quotable_responses
from survey.responses.rules import Submission
from survey.responses.service import Receipt, withdraw
from survey.responses.tables import AnswerDocument, Consent, Response, Tally
from survey.settings import Settings
from survey.statements.service import prepare_statements
from survey.statements.tables import Statement
from tests.conftest import bundled_survey
from tests.responses.conftest import (
    ANSWERS,
    everything,
    record_one,
    recounted_days,
    recounted_tallies,
    stored_days,
    stored_tallies,
    submission,
)


def changed(**answers: Any) -> Answers:
    """ANSWERS with some of them otherwise; None takes one out."""
    return {question: answer for question, answer in {**ANSWERS, **answers}.items() if answer is not None}


async def answers_of(code: str) -> tuple[Answers, int]:
    own = await find_own_answer(code)
    assert own is not None
    return own.answers, own.revision


async def test_correct_replaces_the_answers_and_keeps_day_receipt_and_first_hash(database: Settings) -> None:
    await bundled_survey()
    first = await submission(day=dt.date(2026, 3, 1))
    receipt = await record_one(first)
    areas = await area_ids()

    corrected = await correct(
        receipt.code, raw=changed(subdistrict="donghu", importance_health=2), language="en", revision=0
    )

    assert corrected == Receipt(code=receipt.code, response_id=receipt.response_id)
    assert await answers_of(receipt.code) == (changed(subdistrict="donghu", importance_health=2), 1)
    [row] = await Response.select(*Response.all_columns(), exclude_secrets=False)
    kept = ("id", "client_id", "payload_hash", "received_on", "language", "area")
    assert [row[name] for name in kept] == [
        receipt.response_id, first.client_id, first.payload_hash, dt.date(2026, 3, 1), "en", areas["donghu"],
    ]  # fmt: skip


async def test_correct_moves_the_answer_from_one_cell_to_another(database: Settings) -> None:
    survey = await bundled_survey()
    channel = await add_channel(survey_id=survey.id, code="hanguk", name="hanguk")
    receipt = await record_one(await submission(language="ko", channel=channel))
    await record_one(await submission(language="ko", channel=channel))
    areas = await area_ids()

    await correct(receipt.code, raw=changed(subdistrict="donghu"), language="en", revision=0)

    totals = {(row["area"], row["language"], row["channel"]): row["total"] for row in await Tally.select()}
    assert totals == {(areas["wangjing"], "ko", channel): 1, (areas["donghu"], "en", channel): 1}
    assert await stored_tallies() == await recounted_tallies()
    assert await count_responses(survey.id) == 2


async def test_correct_in_the_same_cell_changes_only_what_was_changed(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())

    await correct(receipt.code, raw=changed(participation=["teach"], need_most=None), language="ko", revision=0)

    [(total, people)] = (await stored_tallies()).values()
    assert (total, people["participation"], "need_most" in people) == (1, {"teach": 1}, False)
    assert await stored_tallies() == await recounted_tallies()


async def test_correct_replaces_consents(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission(may_quote="yes"))

    await correct(receipt.code, raw=changed(may_quote=None, may_contact="yes"), language="en", revision=0)

    rows = await Consent.select(Consent.purpose, Consent.language, Consent.text_version)
    assert rows == [{"purpose": "contact", "language": "en", "text_version": str(survey.version_id)}]
    assert await quotable_responses(survey.id) == set()


async def test_correct_is_recorded_as_a_count_a_day(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission())

    await correct(receipt.code, raw=changed(need_most="a park"), language="ko", revision=0)

    rows = await AuditEvent.select(
        AuditEvent.actor, AuditEvent.role, AuditEvent.subject, AuditEvent.total, AuditEvent.data
    ).where(AuditEvent.action == "response.corrected")
    assert rows == [{"actor": "", "role": "resident", "subject": f"survey:{survey.id}", "total": 1, "data": "{}"}]


async def test_corrected_words_are_cut_anew_and_the_old_ones_are_nowhere(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission(need_most="밤에 너무 시끄러워요"))
    await prepare_statements(survey.id)

    await correct(receipt.code, raw=changed(need_most="주차 공간이 부족해요"), language="ko", revision=0)
    jobs = await Job.select(Job.kind, Job.subject).order_by(Job.id)
    done = await prepare_statements(survey.id)

    assert {"kind": "prepare_statements", "subject": f"survey:{survey.id}"} in jobs
    assert done == 1
    assert await Statement.select(Statement.response, Statement.original) == [
        {"response": receipt.response_id, "original": "주차 공간이 부족해요"}
    ]
    assert "시끄러" not in repr(await everything())
    assert (await Job.select(Job.kind).order_by(Job.id))[-1] == {"kind": "recount_themes"}


async def test_correct_of_closed_questions_leaves_statements_as_they_are(database: Settings) -> None:
    """What people decided about a statement hangs on it."""
    survey = await bundled_survey()
    receipt = await record_one(await submission())
    await prepare_statements(survey.id)
    before = await Statement.select()

    await correct(receipt.code, raw=changed(importance_health=1), language="ko", revision=0)

    assert await prepare_statements(survey.id) == 0
    assert await Statement.select() == before
    assert before != []


async def test_correct_between_reading_and_cutting_is_not_lost(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker read the old words; the correction came before it wrote their statements."""
    survey = await bundled_survey()
    receipt = await record_one(await submission(need_most="밤에 너무 시끄러워요"))
    from survey.statements import service

    real = service.checker_for
    corrected = []

    async def slow(version: int) -> Any:
        if not corrected:
            corrected.append(version)
            await correct(receipt.code, raw=changed(need_most="주차 공간이 부족해요"), language="ko", revision=0)
        return await real(version)

    monkeypatch.setattr(service, "checker_for", slow)

    await prepare_statements(survey.id)

    assert corrected == [survey.version_id]
    assert await Statement.select(Statement.original) == [{"original": "주차 공간이 부족해요"}]


async def test_same_correction_twice_is_one(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission())
    raw = changed(need_most="a park")
    await correct(receipt.code, raw=raw, language="ko", revision=0)
    before = await everything()

    again = await correct(receipt.code.lower().replace("-", " "), raw=raw, language="ko", revision=0)
    await close_survey(survey.slug, actor="test", role="administrator")
    late = await correct(receipt.code, raw=raw, language="ko", revision=0)

    assert again == late == Receipt(code=receipt.code, response_id=receipt.response_id, is_repeat=True)
    after = await everything()
    assert {name: rows for name, rows in after.items() if name not in {"survey", "audit_event"}} == {
        name: rows for name, rows in before.items() if name not in {"survey", "audit_event"}
    }


async def test_correction_that_changes_nothing_changes_nothing(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())
    before = await everything()

    assert (await correct(receipt.code, raw=ANSWERS, language="ko", revision=0)).is_repeat is True
    assert await everything() == before


async def test_correct_from_an_older_page_is_refused_and_tells_the_revision(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())
    await correct(receipt.code, raw=changed(need_most="from one tab"), language="ko", revision=0)

    with pytest.raises(AnswerCorrected) as refused:
        await correct(receipt.code, raw=changed(need_most="from the other"), language="ko", revision=0)

    assert (refused.value.revision, refused.value.status) == (1, 409)
    assert await answers_of(receipt.code) == (changed(need_most="from one tab"), 1)
    await correct(receipt.code, raw=changed(need_most="from the other"), language="ko", revision=refused.value.revision)
    assert await answers_of(receipt.code) == (changed(need_most="from the other"), 2)


async def test_original_sent_again_gets_its_receipt_and_overwrites_nothing(database: Settings) -> None:
    await bundled_survey()
    original = await submission()
    receipt = await record_one(original)
    await correct(receipt.code, raw=changed(need_most="a park"), language="ko", revision=0)

    repeat = await record_one(original)

    assert repeat == Receipt(code=receipt.code, response_id=receipt.response_id, is_repeat=True)
    assert await answers_of(receipt.code) == (changed(need_most="a park"), 1)
    assert await stored_tallies() == await recounted_tallies()


async def test_closed_survey_takes_no_correction(database: Settings) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission())
    await close_survey(survey.slug, actor="test", role="administrator")
    before = await everything()

    with pytest.raises(SurveyClosed):
        await correct(receipt.code, raw=changed(need_most="too late"), language="ko", revision=0)
    with pytest.raises(SurveyClosed):
        await correct(receipt.code, raw={}, language="ko", revision=0)

    assert await everything() == before


@pytest.mark.parametrize("code", ["", "ABCD", "' OR 1=1 --", "%", "0000-0000-0000-0000-0000-0000-0000"])
async def test_unknown_code_corrects_nothing(database: Settings, code: str) -> None:
    await bundled_survey()
    await record_one(await submission())
    before = await everything()

    with pytest.raises(NotFound):
        await correct(code, raw=changed(need_most="a stranger's"), language="ko", revision=0)

    assert await everything() == before


@pytest.mark.parametrize(
    ("raw", "language", "problem"),
    [
        ({}, "ko", AnswersRefused),
        (changed(subdistrict="atlantis"), "ko", AnswersRefused),
        (changed(importance_health=99), "ko", AnswersRefused),
        (changed(unknown_question="x"), "ko", AnswersRefused),
        (ANSWERS, "tlh", InputInvalid),
    ],
)
async def test_answers_that_do_not_fit_correct_nothing(
    database: Settings, raw: Answers, language: str, problem: type[Exception]
) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())
    before = await everything()

    with pytest.raises(problem):
        await correct(receipt.code, raw=raw, language=language, revision=0)

    assert await everything() == before


async def test_withdrawn_answer_cannot_be_corrected(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())
    await withdraw(receipt.code)

    with pytest.raises(NotFound):
        await correct(receipt.code, raw=changed(need_most="back again"), language="ko", revision=0)

    assert await Response.count() == 0
    assert await stored_tallies() == {}


async def test_corrections_at_once_keep_one_and_tell_the_others(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())

    results = await asyncio.gather(
        *[
            correct(receipt.code, raw=changed(need_most=f"tab {number}", subdistrict=area), language="ko", revision=0)
            for number, area in enumerate(["wangjing", "donghu", "wangjing", "donghu", "elsewhere"])
        ],
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == [*["AnswerCorrected"] * 4, "Receipt"]
    winner = next(number for number, result in enumerate(results) if isinstance(result, Receipt))
    answers, revision = await answers_of(receipt.code)
    assert (answers["need_most"], revision) == (f"tab {winner}", 1)
    assert await stored_tallies() == await recounted_tallies()


async def test_correction_beside_a_withdrawal_never_brings_the_answer_back(database: Settings) -> None:
    await bundled_survey()
    sent = [await submission() for _ in range(15)]
    receipts = [await record_one(one) for one in sent]

    results = await asyncio.gather(
        *[
            act
            for receipt in receipts
            for act in (
                correct(receipt.code, raw=changed(need_most="a park", subdistrict="donghu"), language="en", revision=0),
                withdraw(receipt.code),
            )
        ],
        return_exceptions=True,
    )

    assert [result for result in results[1::2] if result is not True] == []
    assert {type(result) for result in results[::2]} <= {Receipt, NotFound}
    for one in sent:
        with pytest.raises(AnswerWithdrawn):
            await record_one(one)
    assert (await Response.count(), await AnswerDocument.count(), await Consent.count()) == (0, 0, 0)
    assert await stored_tallies() == {}
    assert await stored_days() == {}


async def test_corrections_beside_phones_that_send_and_a_worker_keep_the_counts_right(database: Settings) -> None:
    """All change the same cells; the worker cuts what it finds."""
    survey = await bundled_survey()
    sent = [await submission() for _ in range(12)]
    receipts = [await record_one(one) for one in sent]
    fresh = [await submission(language="en", subdistrict="donghu") for _ in range(12)]

    results = await asyncio.gather(
        *[
            correct(receipt.code, raw=changed(need_most="a park", subdistrict="donghu"), language="en", revision=0)
            for receipt in receipts
        ],
        *[record_one(one) for one in [*fresh, *sent]],
        prepare_statements(survey.id),
        prepare_statements(survey.id),
        *[withdraw(receipt.code) for receipt in receipts[:3]],
        return_exceptions=True,
    )
    await prepare_statements(survey.id)

    left = [result for result in results if isinstance(result, Exception)]
    assert {type(error) for error in left} <= {NotFound, AnswerWithdrawn}
    assert await Response.count() == 21
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()
    texts = {row["response"]: row["original"] for row in await Statement.select()}
    assert [texts[receipt.response_id] for receipt in receipts[3:]] == ["a park"] * 9


# Any history, on both engines


@dataclass
class Held:
    """What one phone knows: what it sent first, and its code; and what is stored now, as the history says."""

    sent: Submission
    code: str
    answers: Answers
    language: str
    revision: int = 0


SAID = st.fixed_dictionaries(
    {
        "subdistrict": st.sampled_from(["wangjing", "donghu", "elsewhere", "prefer_not_to_say"]),
        "need_most": st.sampled_from([None, "A doctor", "Parking", "prefer_not_to_say"]),
        "participation": st.sampled_from([None, ["events"], ["events", "teach", "online"], "prefer_not_to_say"]),
        "importance_health": st.sampled_from([None, 1, 5]),
        "may_quote": st.sampled_from([None, "yes"]),
    }
)
LANGUAGES = st.sampled_from(["ko", "en", "ar"])
WHICH = st.integers(0, 30)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), LANGUAGES, SAID),
        st.tuples(st.just("correct"), WHICH, LANGUAGES, SAID),
        st.tuples(st.just("correct"), WHICH, LANGUAGES, SAID),
        st.tuples(st.just("outdated"), WHICH, LANGUAGES, SAID),
        st.tuples(st.just("repeat"), WHICH),
        st.tuples(st.just("withdraw"), WHICH),
        st.tuples(st.just("revive"), WHICH, LANGUAGES, SAID),
        st.tuples(st.just("prepare")),
    ),
    min_size=5,
    max_size=25,
)


@given(steps=STEPS)
@hypothesis_settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each history has a survey of its own
    phases=[Phase.generate],  # a shorter history costs minutes to find
)
async def test_counts_and_statements_equal_a_recount_after_any_history(database: Settings, steps: list[Any]) -> None:
    survey = await bundled_survey(f"survey-{next(_NUMBERS)}")
    held: list[Held] = []
    gone: list[Held] = []

    for step in [("send", "ko", {}), *steps]:
        await _take(step, survey.slug, survey.id, held, gone)

    version = survey.version_id
    stored, recounted = await stored_tallies(), await recounted_tallies()
    assert {cell: stored[cell] for cell in stored if cell[0] == version} == {
        cell: recounted[cell] for cell in recounted if cell[0] == version
    }
    assert await stored_days() == await recounted_days()
    assert await count_responses(survey.id) == len(held)
    for one in held:
        own = await find_own_answer(one.code)
        assert own is not None
        assert (own.answers, own.language, own.revision) == (one.answers, one.language, one.revision)
    await prepare_statements(survey.id)
    written = sorted(text for one in held if (text := one.answers.get("need_most")) and text != "prefer_not_to_say")
    rows = await Statement.select(Statement.original).where(Statement.survey == survey.id)
    assert sorted(row["original"] for row in rows) == written


_NUMBERS = iter(range(1_000_000))


async def _take(step: Any, slug: str, survey_id: int, held: list[Held], gone: list[Held]) -> None:
    kind, *given_ = step
    if kind == "send":
        sent = await submission(slug, language=given_[0], **given_[1])
        held.append(Held(sent, (await record_one(sent)).code, sent.answers, sent.language))
    elif kind == "prepare":
        await prepare_statements(survey_id)
    elif kind == "revive" and gone:
        one = gone[given_[0] % len(gone)]
        with pytest.raises(AnswerWithdrawn):
            await record_one(one.sent)
        with pytest.raises(NotFound):
            await correct(one.code, raw=changed(**given_[2]), language=given_[1], revision=one.revision)
    elif kind != "revive" and held:
        one = held[given_[0] % len(held)]
        if kind == "repeat":
            repeat = await record_one(one.sent)
            assert (repeat.code, repeat.is_repeat) == (one.code, True)
        elif kind == "withdraw":
            assert await withdraw(one.code) is True
            held.remove(one)
            gone.append(one)
        else:
            await _correct(one, given_[1], changed(**given_[2]), is_outdated=kind == "outdated")


async def _correct(one: Held, language: str, raw: Answers, *, is_outdated: bool) -> None:
    is_same = (raw, language) == (one.answers, one.language)
    if is_outdated and not is_same:
        with pytest.raises(AnswerCorrected):
            await correct(one.code, raw=raw, language=language, revision=one.revision + 1)
        return
    receipt = await correct(one.code, raw=raw, language=language, revision=one.revision)
    assert (receipt.code, receipt.is_repeat) == (one.code, is_same)
    one.answers, one.language = raw, language
    one.revision += not is_same
