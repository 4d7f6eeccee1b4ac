"""What is not stored: addresses, browsers, receipt codes, and any time finer than a day that joins an answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import structlog.testing

from survey import clock
from survey.audit.tables import AuditEvent
from survey.cli.job_kinds import JOB_KINDS
from survey.jobs.worker import run_next
from survey.responses.service import withdraw
from survey.settings import Settings
from survey.statements.tables import Statement
from survey.tables import ALL_TABLES
from tests.conftest import bundled_survey
from tests.responses.conftest import ANSWERS, RECORDER, everything, record_one, submission
from tests.responses.visits import TICKS

BROWSER = "Mozilla/5.0 (Linux; Android 14; SM-S918N) KakaoTalk/10.4.3 leaking"
ADDRESS = "203.0.113.77"
BRINGS_NAMES = {"ip", "address", "agent", "browser", "device", "fingerprint", "referer", "geo", "latitude", "phone", "email"}


async def test_neither_address_nor_browser_of_a_phone_is_stored(client: httpx.AsyncClient) -> None:
    headers = {
        "user-agent": BROWSER, "x-forwarded-for": ADDRESS, "x-real-ip": ADDRESS, "forwarded": f"for={ADDRESS}",
        "referer": "https://kakao.example/leaking", "accept-language": "ko-KR,ko;q=0.9,fr-CH;q=0.3", "cookie": "seen=leaking",
        "sec-ch-ua-model": "leaking", "origin": "http://127.0.0.1:8000",
    }  # fmt: skip

    with structlog.testing.capture_logs() as logs:
        by_program = await client.post(
            "/api/v1/surveys/community-needs/responses",
            json={"client_id": "client-of-a-program", "language": "ko", "answers": ANSWERS}, headers=headers,
        )  # fmt: skip
        by_form = await client.post(
            "/s/community-needs",
            data={**ANSWERS, **TICKS, "_client": "client-of-a-phone", "_language": "ko"}, headers=headers,  # type: ignore[dict-item]
        )  # fmt: skip

    stored = repr(await everything(with_areas=True))
    assert (by_program.status_code, by_form.status_code) == (201, 200)
    assert ("client-of-a-program" in stored, "client-of-a-phone" in stored) == (True, True)
    for secret in ("leaking", ADDRESS, "127.0.0.1", "SM-S918N", "fr-CH", "KakaoTalk"):
        assert secret not in stored, secret
        assert secret not in repr(logs), secret


async def test_no_column_is_made_for_what_tells_a_person() -> None:
    words = {
        f"{table._meta.tablename}.{column._meta.name}"
        for table in ALL_TABLES
        for column in table._meta.columns
        if set(column._meta.name.split("_")) & BRINGS_NAMES
    }

    assert words == set()


def _finer_than_a_day(value: Any) -> bool:
    return isinstance(value, dt.datetime) and value.astimezone(clock.BEIJING).time() != dt.time()


def _times(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The columns of new or changed rows that hold a time of day."""
    return [
        f"{table}.{name}"
        for table, rows in after.items()
        for row in rows
        if row not in before[table]
        for name, value in row.items()
        if _finer_than_a_day(value)
    ]


async def test_answers_leave_no_time_finer_than_a_day_in_any_table(database: Settings) -> None:
    await bundled_survey()
    before = await everything()

    await RECORDER.record([await submission(), await submission()])

    after = await everything()
    assert len(after["response"]) == 2
    assert _times(before, after) == []


async def test_withdrawal_leaves_no_time_finer_than_a_day_in_any_table(database: Settings) -> None:
    await bundled_survey()
    receipt = await record_one(await submission())
    before = await everything()

    await withdraw(receipt.code)

    after = await everything()
    assert len(after["withdrawal"]) == 1
    assert _times(before, after) == []


async def test_the_worker_leaves_no_time_of_the_answers_that_it_prepared(database: Settings) -> None:
    """It runs within a second of their arrival: its own times would tell theirs."""
    await bundled_survey()
    before = await everything()
    await record_one(await submission())

    assert await run_next("worker", JOB_KINDS)

    assert await Statement.count() == 1
    assert _times(before, await everything()) == []


async def test_staff_are_recorded_to_the_second_so_these_tests_can_fail(database: Settings) -> None:
    before = await everything()

    await bundled_survey()

    assert "audit_event.at" in _times(before, await everything())
    assert await AuditEvent.count() == 1
