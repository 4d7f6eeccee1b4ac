"""The audit log: written with the act or not at all; intake as a count a day."""

from __future__ import annotations

import datetime as dt
import inspect

import pytest

from survey import clock
from survey.audit import service
from survey.audit.service import intake_line, record_act, withdrawal_line
from survey.audit.tables import AuditEvent
from survey.db.bulk import write_rows
from survey.db.transaction import write_transaction
from survey.settings import Settings


async def test_record_act_stores_who_did_what_to_what_and_when(database: Settings) -> None:
    before = clock.now()

    async with write_transaction(AuditEvent):
        await record_act(actor="ada", role="administrator", action="survey.open", subject="survey:1", data={"b": 1, "a": "望京"})

    (row,) = await AuditEvent.select()
    assert before <= row.pop("at") <= clock.now()
    assert row == {
        "id": row["id"], "actor": "ada", "role": "administrator", "action": "survey.open", "subject": "survey:1", "total": 1,
        "data": '{"a":"望京","b":1}',
    }  # fmt: skip


async def test_record_act_is_undone_with_the_act(database: Settings) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- it has to leave the block
        async with write_transaction(AuditEvent):
            await record_act(actor="ada", role="administrator", action="survey.open", subject="survey:1")
            raise ZeroDivisionError

    assert await AuditEvent.count() == 0


async def test_record_intake_knows_the_day_and_the_number_and_no_more(database: Settings) -> None:
    async with write_transaction(AuditEvent):
        await write_rows(intake_line(subject="survey:1", day=dt.date(2026, 3, 1), total=17))

    (row,) = await AuditEvent.select()
    assert row == {
        "id": row["id"], "actor": "", "role": "intake", "action": "responses.received", "subject": "survey:1", "total": 17,
        "data": "{}", "at": dt.datetime(2026, 3, 1, tzinfo=clock.BEIJING),
    }  # fmt: skip


async def test_record_withdrawal_knows_the_day_and_the_survey_and_no_more(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = dt.datetime(2026, 3, 1, 15, 59, 59, tzinfo=dt.UTC)  # one second before midnight in Beijing
    monkeypatch.setattr(clock, "now", lambda: late)

    async with write_transaction(AuditEvent):
        await write_rows(withdrawal_line(subject="survey:1"))

    (row,) = await AuditEvent.select()
    assert row == {
        "id": row["id"], "actor": "", "role": "resident", "action": "response.withdrawn", "subject": "survey:1", "total": 1,
        "data": "{}", "at": dt.datetime(2026, 3, 1, tzinfo=clock.BEIJING),
    }  # fmt: skip


def test_audit_has_no_way_to_change_or_delete_what_was_recorded() -> None:
    source = inspect.getsource(service)

    assert [word for word in (".update(", ".delete(", ".save(", "remove(") if word in source] == []
