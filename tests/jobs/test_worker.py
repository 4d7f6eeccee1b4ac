"""The worker's loop: what a job's end makes of its row, and how the loop stops."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog.testing

from survey.db.transaction import write_transaction
from survey.jobs.kinds import about_survey, survey_of
from survey.jobs.service import ask_to_cancel, enqueue
from survey.jobs.tables import Job
from survey.jobs.worker import RunningJob, run_next, run_worker
from survey.settings import Settings
from tests.jobs.conftest import KIND, job, queue


async def test_run_next_gives_the_job_its_subject_and_marks_it_done(database: Settings) -> None:
    public_id = await queue("survey:12")
    seen: list[Any] = []

    async def work(running: RunningJob) -> None:
        seen.append(running.subject)
        await running.report(1, 2, "half")

    was_any = await run_next("worker", {KIND: work})

    row = await job(public_id)
    assert was_any
    assert seen == ["survey:12"]
    assert (row["state"], row["steps_done"], row["steps_total"]) == ("done", 1, 2)


async def test_run_next_says_when_there_is_nothing_to_do(database: Settings) -> None:
    assert await run_next("worker", {KIND: _never}) is False


async def _never(_: RunningJob) -> None:
    raise AssertionError("there is no job to run")


async def test_failing_job_is_marked_with_its_reason_and_logged_and_the_next_one_runs(database: Settings) -> None:
    bad, good = await queue("survey:1"), await queue("survey:2")
    done = []

    async def work(running: RunningJob) -> None:
        if running.subject == "survey:1":
            raise ValueError("the form has no open question" + " …" * 400)
        done.append(running.subject)

    with structlog.testing.capture_logs() as logs:
        results = [await run_next("worker", {KIND: work}) for _ in range(3)]

    rows = [await job(bad), await job(good)]
    assert results == [True, True, False]
    assert done == ["survey:2"]
    assert [row["state"] for row in rows] == ["failed", "done"]
    assert rows[0]["message"].startswith("the form has no open question")
    assert len(rows[0]["message"]) == 500
    assert [(entry["event"], entry["kind"], entry["subject"]) for entry in logs] == [("job failed", KIND, "survey:1")]


async def test_failing_job_keeps_nothing_of_the_transaction_that_it_was_in(database: Settings) -> None:
    await queue()

    async def work(_: RunningJob) -> None:
        async with write_transaction(Job):
            await enqueue(kind="follows", subject="survey:1")
            raise ValueError("half-way")

    with structlog.testing.capture_logs():
        await run_next("worker", {KIND: work})

    assert [row["state"] for row in await Job.select(Job.state)] == ["failed"]


async def test_cancelled_job_stops_at_its_report(database: Settings) -> None:
    public_id = await queue()
    steps = []

    async def work(running: RunningJob) -> None:
        for step in range(5):
            steps.append(step)
            if step == 1:
                await ask_to_cancel(public_id)
            await running.report(step, 5)

    await run_next("worker", {KIND: work})

    assert steps == [0, 1]
    assert (await job(public_id))["state"] == "cancelled"


async def test_worker_runs_what_comes_and_finishes_the_job_that_runs_before_it_stops(database: Settings) -> None:
    stopping, has_begun = asyncio.Event(), asyncio.Event()
    finished = []

    async def work(running: RunningJob) -> None:
        has_begun.set()
        await asyncio.sleep(0.05)
        finished.append(running.subject)

    worker = asyncio.create_task(run_worker({KIND: work}, stopping))
    first, second = await queue("survey:1"), await queue("survey:2")
    await asyncio.wait_for(has_begun.wait(), timeout=5)
    stopping.set()
    await asyncio.wait_for(worker, timeout=5)

    assert finished == ["survey:1"]
    assert [(await job(key))["state"] for key in (first, second)] == ["done", "waiting"]


async def test_idle_worker_stops_at_once(database: Settings) -> None:
    stopping = asyncio.Event()
    worker = asyncio.create_task(run_worker({KIND: _never}, stopping))
    await asyncio.sleep(0.05)

    stopping.set()

    await asyncio.wait_for(worker, timeout=0.4)


def test_subject_of_a_survey_can_be_read_back() -> None:
    assert about_survey(3) == "survey:3"
    assert survey_of(about_survey(3)) == 3
