"""The time from an answer to the inbox: bounds and shares by hand, and as a worker measures it, without a stored time."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
import structlog.testing

from survey import clock
from survey.cli.job_kinds import JOB_KINDS
from survey.db.transaction import write_transaction
from survey.jobs.kinds import PREPARE_STATEMENTS, about_survey
from survey.jobs.service import enqueue
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.jobs.worker import Looks, RunningJob, run_next, run_worker
from survey.settings import Settings
from survey.statements.delays import LONGER, Delays, bound_of, delays_of, note_delay, recent_delays
from survey.statements.tables import InboxDelay, Statement
from tests.conftest import SECRET, bundled_survey
from tests.voices import DOCTOR, Person, record

PREPARE = {PREPARE_STATEMENTS: JOB_KINDS[PREPARE_STATEMENTS]}


@pytest.fixture(autouse=True)
def settings_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINSHENG_SECRET", SECRET)


@pytest.mark.parametrize(
    ("seconds", "bound"), [(0.0, 1), (1.0, 1), (1.01, 2), (59.9, 60), (60.0, 60), (60.1, 90), (3600.0, 3600), (3600.5, LONGER), (None, LONGER)]
)
def test_a_batch_is_counted_under_the_least_bound_that_it_kept(seconds: float | None, bound: int) -> None:
    assert bound_of(seconds) == bound


@pytest.mark.parametrize(("counts", "expected"), [
    ({}, None),
    ({1: 19, 120: 1}, Delays(20, 1, 0.95)),
    ({1: 18, 60: 1, LONGER: 1}, Delays(20, 60, 0.95)),
    ({LONGER: 2, 60: 18}, Delays(20, LONGER, 0.9)),
    ({90: 1, 1: 1}, Delays(2, 90, 0.5)),
])  # fmt: skip
def test_share_and_percentile_by_hand(counts: dict[int, int], expected: Delays | None) -> None:
    assert delays_of(counts) == expected


def _row(subject: str, attempts: int = 0) -> dict[str, object]:
    return {"kind": PREPARE_STATEMENTS, "subject": subject, "attempts": attempts}


def test_worker_knows_after_which_moment_a_job_was_queued() -> None:
    looks = Looks()

    at_start = looks.found(_row("survey:1"), 10.0)  # it may have waited for days
    again = looks.found(_row("survey:1"), 12.0)
    other = looks.found(_row("survey:2"), 13.0)
    looks.found_nothing(20.0)
    after_nothing = [looks.found(_row(f"survey:{n}"), 20.5 + n) for n in (1, 2)]
    in_a_row = looks.found(_row("survey:1"), 30.0)
    left_by_another = looks.found(_row("survey:3", attempts=1), 31.0)

    assert (at_start, again, other) == (None, 10.0, None)
    assert after_nothing == [20.0, 20.0]
    assert (in_a_row, left_by_another) == (21.5, None)


def test_job_tells_the_longest_that_it_can_have_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.jobs.worker.time.monotonic", lambda: 107.5)

    assert RunningJob(1, "survey:1", queued_after=100.0).longest_wait() == 7.5
    assert RunningJob(1, "survey:1").longest_wait() is None


async def test_running_worker_measures_what_comes_and_stores_no_time(database: Settings) -> None:
    survey = await bundled_survey()
    stopping = asyncio.Event()
    worker = asyncio.create_task(run_worker(PREPARE, stopping))
    await asyncio.sleep(0.1)  # its first look finds nothing
    for batch in (1, 2):
        await record(survey, [Person(need=f"{DOCTOR}, {batch}")])
        for _ in range(200):
            if sum(row["total"] for row in await _delay_rows()) == batch:
                break
            await asyncio.sleep(0.05)
    stopping.set()
    await worker

    found = await recent_delays(survey.id)
    rows = await _delay_rows()
    assert await Statement.count() == 2
    assert found is not None
    assert (found.batches, found.within_target) == (2, 1.0)
    assert found.p95 <= 10  # a look each half second, and two cores for all tests
    assert {(row["survey"], row["day"]) for row in rows} == {(survey.id, clock.today())}
    assert await Job.select(Job.kind).where(Job.kind == PREPARE_STATEMENTS) == []


async def _delay_rows() -> list[dict[str, Any]]:
    return await InboxDelay.select(InboxDelay.survey, InboxDelay.day, InboxDelay.seconds, InboxDelay.total)


async def test_what_waited_before_the_worker_began_or_failed_is_not_called_fast(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=DOCTOR)])
    looks = Looks()
    await run_next("worker", PREPARE, looks)  # nobody knows since when it waited

    async def fail(_: RunningJob) -> None:
        raise ValueError("the disk is full")

    await run_next("worker", PREPARE, looks)  # finds nothing
    await record(survey, [Person(need=DOCTOR)])
    with structlog.testing.capture_logs():
        await run_next("worker", {PREPARE_STATEMENTS: fail}, looks)
    await run_next("worker", PREPARE, looks)
    await record(survey, [Person(need=DOCTOR)])
    await run_next("worker", PREPARE, looks)

    counts = {row["seconds"]: row["total"] for row in await _delay_rows()}
    assert counts.pop(LONGER) == 2  # the first, and the one that failed
    assert sum(counts.values()) == 1
    assert await Job.select(Job.kind).where(Job.kind == PREPARE_STATEMENTS) == []


async def test_only_the_last_thirty_days_of_one_survey_are_told(database: Settings) -> None:
    survey, other = await bundled_survey(), await bundled_survey("other")
    for seconds in (3.0, 3.0, 100.0):
        await note_delay(survey.id, seconds)
    await InboxDelay.insert(
        InboxDelay(survey=survey.id, day=clock.today() - dt.timedelta(days=30), seconds=LONGER, total=50),
        InboxDelay(survey=survey.id, day=clock.today() - dt.timedelta(days=29), seconds=60, total=17),
    )

    assert await recent_delays(survey.id) == Delays(20, 60, 0.95)
    assert await recent_delays(other.id) is None


async def test_failures_of_other_surveys_and_kinds_stay(database: Settings) -> None:
    survey = await bundled_survey()
    async with write_transaction(Job):
        await enqueue(kind=PREPARE_STATEMENTS, subject=about_survey(survey.id + 1))
        await enqueue(kind="analyse", subject=about_survey(survey.id))
    await Job.update({Job.state: JobState.FAILED}, force=True)

    await note_delay(survey.id, 1.0)

    assert await Job.count() == 2
    assert await recent_delays(survey.id) == Delays(1, 1, 1.0)
