"""From an answer to the inbox: within a minute, whatever else the workers do, and with several of them."""

from __future__ import annotations

import asyncio
import time

from survey.cli.job_kinds import JOB_KINDS, LANES
from survey.db.transaction import write_transaction
from survey.jobs.kinds import ANALYSE, about_survey
from survey.jobs.service import enqueue
from survey.jobs.worker import RunningJob, run_worker
from survey.settings import Settings
from survey.statements.search import Wanted, search_statements
from survey.statements.tables import Statement
from tests.conftest import bundled_survey
from tests.voices import DOCTOR, Person, record

HERE_SECONDS = 10
"""The aim is 60 (S05); nothing here takes long but to wait for the next look of a worker, half a second."""


async def test_answer_is_in_the_inbox_while_an_analysis_runs_and_with_several_workers(database: Settings) -> None:
    survey = await bundled_survey()
    stopping, is_analysing = asyncio.Event(), asyncio.Event()

    async def long_analysis(_: RunningJob) -> None:
        is_analysing.set()
        await stopping.wait()

    kinds = {**JOB_KINDS, ANALYSE: long_analysis}
    async with write_transaction(Statement):
        await enqueue(kind=ANALYSE, subject=about_survey(survey.id))
    workers = [
        asyncio.create_task(run_worker({kind: kinds[kind] for kind in lane}, stopping)) for _ in range(3) for lane in LANES
    ]
    try:
        await asyncio.wait_for(is_analysing.wait(), HERE_SECONDS)
        started = time.monotonic()
        receipts = await record(survey, [Person(need=f"{DOCTOR} {number}, call 13800138000") for number in range(50)])
        while len(found := await search_statements(Wanted(words="doctor"), {survey.id: None}, limit=99)) < 50:
            assert time.monotonic() - started < HERE_SECONDS
            await asyncio.sleep(0.05)
    finally:
        stopping.set()
        await asyncio.gather(*workers)

    rows = await Statement.select(Statement.response, Statement.redacted).where(Statement.id.is_in(found))
    assert {row["response"] for row in rows} == {receipt.response_id for receipt in receipts}
    assert all("13800138000" not in row["redacted"] for row in rows)


def test_every_kind_of_job_is_in_one_lane() -> None:
    assert sorted(kind for lane in LANES for kind in lane) == sorted(JOB_KINDS)
