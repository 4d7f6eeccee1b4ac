"""Storing responses: what a submission leaves behind, each exactly once, imports all or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
import time

import msgspec
import pytest

from survey import clock
from survey.accounts.tables import Area
from survey.audit.tables import AuditEvent
from survey.authoring.queries import forget_forms
from survey.authoring.service import bundled_form, close_survey
from survey.codes import hash_code
from survey.db.columns import to_json
from survey.db.engine import PooledPostgresEngine, TunedSQLiteEngine, bind_engine, make_engine, open_engine
from survey.db.transaction import write_transaction
from survey.jobs.service import claim
from survey.jobs.tables import Job
from survey.outreach.service import add_channel
from survey.responses.errors import AnswerDiffers, AnswerWithdrawn, SurveyClosed
from survey.responses.queries import find_own_answer
from survey.responses.rules import TEXT_GIVEN, Counts, TallySheet, receipt_code
from survey.responses.service import Receipt, Recorder, withdraw
from survey.responses.tables import AnswerDocument, Consent, Response, Tally
from survey.settings import Settings
from survey.tables import ALL_TABLES
from tests.conftest import SECRET, bundled_survey
from tests.responses.conftest import (
    ANSWERS,
    RECORDER,
    everything,
    impossible,
    record_one,
    recounted_days,
    recounted_tallies,
    stored_days,
    stored_tallies,
    submission,
)

DAY = dt.date(2026, 3, 1)


# What one submission leaves behind


async def test_record_stores_the_response_with_where_how_and_when_it_came(database: Settings) -> None:
    survey = await bundled_survey()
    channel = await add_channel(survey_id=survey.id, code="wuye", name="物业")
    area = (await Area.select(Area.id).where(Area.code == "wangjing").first() or {})["id"]
    sent = await submission(client_id="client-of-a-phone", language="ja", channel=channel, source="api", day=DAY)

    receipt = await record_one(sent)

    assert await Response.select() == [
        {
            "id": receipt.response_id, "survey": survey.id, "version": survey.version_id, "client_id": "client-of-a-phone",
            "payload_hash": sent.payload_hash, "receipt_hash": hash_code(receipt.code), "respondent_kind": "resident", "language": "ja", "channel": channel,
            "area": area, "wave": 1, "source": "api", "disposition": "complete", "received_on": DAY,
            "order_seed": None, "flags": "",
        }
    ]  # fmt: skip
    documents = await AnswerDocument.select(AnswerDocument.response, AnswerDocument.answers, AnswerDocument.is_prepared)
    assert documents == [{"response": receipt.response_id, "answers": to_json(ANSWERS), "is_prepared": False}]


async def test_record_stores_what_was_agreed_to_and_nothing_else(database: Settings) -> None:
    survey = await bundled_survey()

    receipt = await record_one(await submission(language="ar", may_quote="yes", may_contact=None))

    assert await Consent.select(*Consent.all_columns(exclude=[Consent.id])) == [
        {"response": receipt.response_id, "purpose": "quote", "text_version": str(survey.version_id), "language": "ar"}
    ]


async def test_record_counts_each_answer_in_its_cell(database: Settings) -> None:
    survey = await bundled_survey()
    area = (await Area.select(Area.id).where(Area.code == "wangjing").first() or {})["id"]

    await record_one(await submission(language="ko"))
    await record_one(await submission(language="ko", participation=["events"], importance_health=None))

    (cell,) = await Tally.select(*Tally.all_columns(exclude=[Tally.id]))
    assert TallySheet(bundled_form()).read(msgspec.json.decode(cell.pop("counts"), type=Counts)) == {
        "subdistrict": {"wangjing": 2}, "time_in_beijing": {"2_to_5_years": 2}, "origin": {"another_country": 2},
        "need_most": {TEXT_GIVEN: 2}, "participation": {"events": 2, "online": 1}, "importance_health": {"5": 1},
        "may_quote": {"yes": 2},
    }  # fmt: skip
    assert cell == {"version": survey.version_id, "area": area, "language": "ko", "channel": 0, "wave": 1, "total": 2}


async def test_record_keeps_one_job_and_one_line_of_audit_for_a_batch(database: Settings) -> None:
    survey = await bundled_survey()
    await AuditEvent.delete().where(AuditEvent.role != "intake")

    await RECORDER.record([await submission(day=DAY) for _ in range(3)])

    assert await Job.select(Job.kind, Job.subject, Job.state) == [
        {"kind": "prepare_statements", "subject": f"survey:{survey.id}", "state": "waiting"}
    ]
    assert await AuditEvent.select(AuditEvent.action, AuditEvent.subject, AuditEvent.total) == [
        {"action": "responses.received", "subject": f"survey:{survey.id}", "total": 3}
    ]


async def test_receipt_is_derived_and_only_its_hash_is_stored(database: Settings) -> None:
    survey = await bundled_survey()

    receipt = await record_one(await submission(client_id="client-of-a-phone"))

    letters = receipt.code.replace("-", "")
    assert receipt.code == receipt_code(SECRET, survey.public_id, "client-of-a-phone")
    assert await Response.select(Response.id, Response.receipt_hash, exclude_secrets=False) == [
        {"id": receipt.response_id, "receipt_hash": hashlib.sha256(letters.encode()).hexdigest()}
    ]
    stored = repr(await everything(with_areas=True))
    assert (receipt.code in stored, letters in stored, receipt.code[:9] in stored) == (False, False, False)


async def test_receipt_of_another_server_is_another(database: Settings) -> None:
    await bundled_survey()
    sent = await submission()

    receipt = await record_one(sent)
    (other,) = await Recorder("another server's secret, long enough").record([sent])

    assert isinstance(other, Receipt)
    assert other.code != receipt.code


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code.replace('-', '')}\n"])
async def test_receipt_opens_its_own_answer_however_it_is_typed(database: Settings, change: object) -> None:
    survey = await bundled_survey()
    receipt = await record_one(await submission(day=DAY, need_most="a doctor"))
    await record_one(await submission(need_most="parking"))

    own = await find_own_answer(change(receipt.code))  # type: ignore[operator]

    assert own is not None
    assert (own.version_id, own.survey_slug, own.received_on) == (survey.version_id, survey.slug, DAY)
    assert own.answers == {**ANSWERS, "need_most": "a doctor"}


async def test_unknown_receipt_opens_nothing(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())

    found = [await find_own_answer(code) for code in ("", "7KQM", receipt.code[:-1], receipt.code + "0", receipt.response_id)]

    assert found == [None] * 5


async def test_record_answers_in_the_order_of_the_batch(database: Settings) -> None:
    survey = await bundled_survey()
    sent = [await submission(need_most=f"need {number}") for number in range(20)]

    results = await RECORDER.record(sent)

    assert [result.code for result in results if isinstance(result, Receipt)] == [
        receipt_code(SECRET, survey.public_id, one.client_id) for one in sent
    ]
    rows = {row["id"]: row["client_id"] for row in await Response.select(Response.id, Response.client_id)}
    assert [rows[result.response_id] for result in results if isinstance(result, Receipt)] == [one.client_id for one in sent]


async def test_record_of_nothing_leaves_nothing(database: Settings) -> None:
    await bundled_survey()
    before = await everything()

    assert await RECORDER.record([]) == []
    assert await everything() == before


TEXTS = ["👩‍👩‍👧 needs a 🏥", "'; DROP TABLE response; --", "{} %s $1 ?", "“quotes” \\ \\n \\u0000", "x" * 4000, "أحتاج إلى طبيب", "\u202etxet"]


async def test_record_keeps_every_text_as_it_was_written(database: Settings) -> None:
    await bundled_survey()

    receipts = [await record_one(await submission(need_most=text)) for text in TEXTS]

    found = [await find_own_answer(receipt.code) for receipt in receipts]
    assert [own.answers["need_most"] for own in found if own] == TEXTS


# Exactly once


async def test_same_id_and_content_gives_the_same_receipt_and_counts_once(database: Settings) -> None:
    await bundled_survey()
    sent = await submission()
    first = await record_one(sent)
    before = await everything()

    again = await record_one(sent)

    assert again == msgspec.structs.replace(first, is_repeat=True)
    assert await everything() == before


async def test_same_answers_in_another_language_or_by_another_way_are_a_repeat(database: Settings) -> None:
    """A page that was opened again in another language still holds the same answers."""
    survey = await bundled_survey()
    channel = await add_channel(survey_id=survey.id, code="wuye", name="物业")
    first = await record_one(await submission(client_id="client-of-a-phone", language="ko"))

    again = await record_one(await submission(client_id="client-of-a-phone", language="en", channel=channel))

    assert (again.code, again.response_id, again.is_repeat) == (first.code, first.response_id, True)
    assert await Response.select(Response.language, Response.channel) == [{"language": "ko", "channel": None}]


async def test_same_id_twice_in_one_batch_is_one_response(database: Settings) -> None:
    await bundled_survey()
    sent = await submission()

    first, again, other = await RECORDER.record([sent, sent, await submission(client_id=sent.client_id, need_most="other")])

    assert isinstance(first, Receipt)
    assert (first.is_repeat, again) == (False, msgspec.structs.replace(first, is_repeat=True))
    assert isinstance(other, AnswerDiffers)
    assert await Response.count() == 1
    assert await stored_tallies() == await recounted_tallies()


async def test_same_id_with_other_content_is_refused_and_the_first_answer_stands(database: Settings) -> None:
    await bundled_survey()
    sent = await submission(need_most="a doctor")
    receipt = await record_one(sent)
    before = await everything()

    with pytest.raises(AnswerDiffers):
        await record_one(await submission(client_id=sent.client_id, need_most="a doctor!"))

    assert await everything() == before
    own = await find_own_answer(receipt.code)
    assert own is not None
    assert own.answers["need_most"] == "a doctor"


async def test_same_id_in_another_survey_is_another_response(database: Settings) -> None:
    await bundled_survey("one")
    await bundled_survey("other")

    first = await record_one(await submission("one", client_id="client-of-a-phone"))
    second = await record_one(await submission("other", client_id="client-of-a-phone"))

    assert first.code != second.code
    assert await Response.count() == 2


async def test_withdrawn_answer_does_not_come_back(database: Settings) -> None:
    await bundled_survey()
    sent = await submission()
    receipt = await record_one(sent)
    assert await withdraw(receipt.code)
    before = await everything()

    for again in (sent, await submission(client_id=sent.client_id, need_most="other")):
        with pytest.raises(AnswerWithdrawn):
            await record_one(again)

    assert await everything() == before
    assert (await Response.count(), await stored_tallies()) == (0, {})


@pytest.mark.parametrize("source", ["form", "api"])
async def test_closed_survey_takes_no_answer_but_gives_a_known_one_its_receipt_again(database: Settings, source: str) -> None:
    survey = await bundled_survey()
    known, late = await submission(source=source), await submission(source=source)
    receipt = await record_one(known)
    await close_survey(survey.slug, actor="test", role="administrator")
    before = await everything()

    again, refused = await RECORDER.record([known, late])

    assert again == msgspec.structs.replace(receipt, is_repeat=True)
    assert isinstance(refused, SurveyClosed)
    assert await everything() == before


@pytest.mark.parametrize("source", ["import", "demo"])
async def test_draft_takes_what_its_authors_bring(database: Settings, source: str) -> None:
    await bundled_survey(is_open=False)

    receipt = await record_one(await submission(source=source))

    assert await Response.select(Response.id, Response.source) == [{"id": receipt.response_id, "source": source}]


async def test_batch_for_several_surveys_keeps_them_apart(database: Settings) -> None:
    open_one, closed = await bundled_survey("open"), await bundled_survey("closed")
    sent = [await submission("open"), await submission("closed"), await submission("open")]
    await close_survey("closed", actor="test", role="administrator")

    results = await RECORDER.record(sent)

    assert [type(result) for result in results] == [Receipt, SurveyClosed, Receipt]
    assert await stored_days() == {(open_one.id, clock.today()): 2}
    assert [row["subject"] for row in await Job.select(Job.subject)] == [f"survey:{open_one.id}"]
    assert closed.id != open_one.id


# Failures


async def test_one_submission_that_cannot_be_stored_fails_alone(database: Settings) -> None:
    await bundled_survey()
    sent = [await submission(), await impossible(), await submission()]

    first, failed, last = await RECORDER.record(sent)

    assert isinstance(first, Receipt)
    assert isinstance(last, Receipt)
    assert type(failed).__name__ in {"IntegrityError", "ForeignKeyViolationError"}
    rows = await Response.select(Response.client_id)
    assert sorted(row["client_id"] for row in rows) == [sent[0].client_id, sent[2].client_id]
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()


async def test_batch_of_nothing_but_impossible_ones_leaves_nothing(database: Settings) -> None:
    await bundled_survey()
    before = await everything()

    results = await RECORDER.record([await impossible() for _ in range(3)])

    assert [type(result).__name__ in {"IntegrityError", "ForeignKeyViolationError"} for result in results] == [True] * 3
    assert await everything() == before


async def test_batch_that_finds_the_database_locked_fails_together_and_soon(sqlite_settings: Settings) -> None:
    """Not each of five hundred after a wait of its own: the writer would be busy for hours."""
    engine = make_engine(sqlite_settings)
    assert isinstance(engine, TunedSQLiteEngine)
    engine.connection_kwargs["timeout"] = 0.1
    bind_engine(engine, ALL_TABLES)
    forget_forms()
    async with open_engine(engine, pool_size=1):
        await bundled_survey()
        sent = [await submission() for _ in range(40)]
        other = sqlite3.connect(sqlite_settings.database.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        started = time.monotonic()
        refused = await RECORDER.record(sent)
        waited = time.monotonic() - started
        other.close()
        stored = await RECORDER.record(sent)

    assert [type(result) for result in refused] == [sqlite3.OperationalError] * 40
    assert waited < 2
    assert [result.is_repeat for result in stored if isinstance(result, Receipt)] == [False] * 40


async def test_batch_is_stored_although_its_connection_was_lost(postgres_settings: Settings) -> None:
    """As after a restart of the server: the pool still holds connections that lead nowhere."""
    engine = make_engine(postgres_settings)
    assert isinstance(engine, PooledPostgresEngine)
    bind_engine(engine, ALL_TABLES)
    forget_forms()
    async with open_engine(engine, pool_size=1):
        await bundled_survey()
        sent = [await submission() for _ in range(3)]
        await _end_all_connections(postgres_settings)

        results = await RECORDER.record(sent)

        assert [type(result) for result in results] == [Receipt] * 3
        assert await stored_days() == {(sent[0].survey_id, sent[0].day): 3}


async def _end_all_connections(settings: Settings) -> None:
    other = make_engine(settings)
    assert isinstance(other, PooledPostgresEngine)
    connection = await other.get_new_connection()
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


# Jobs that were caused


async def test_job_of_answers_that_were_not_stored_does_not_exist(database: Settings) -> None:
    await bundled_survey()

    await RECORDER.record([await impossible()])

    assert await Job.count() == 0


async def test_answers_that_come_while_the_job_runs_get_a_job_of_their_own(database: Settings) -> None:
    await bundled_survey()
    await record_one(await submission())
    await claim("worker", ["prepare_statements"])

    await record_one(await submission())
    await record_one(await submission())

    assert [row["state"] for row in await Job.select(Job.state).order_by(Job.id)] == ["running", "waiting"]


async def test_withdrawn_days_are_not_counted(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission(day=DAY))
    kept = await submission(day=DAY + dt.timedelta(days=1))
    await record_one(kept)

    await withdraw(receipt.code)

    assert await stored_days() == {(kept.survey_id, kept.day): 1}


async def test_record_inside_another_transaction_is_refused(database: Settings) -> None:
    await bundled_survey()
    sent = await submission()

    async with write_transaction(Response):
        (result,) = await RECORDER.record([sent])

    assert type(result).__name__ == "TransactionError"
    assert await Response.count() == 0
