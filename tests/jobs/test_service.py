"""Jobs as rows: queued with their cause, claimed once, taken over from the dead, given up after three attempts."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from survey import clock
from survey.db.transaction import write_transaction
from survey.jobs import service
from survey.jobs.kinds import PREPARE_STATEMENTS, SET_OFF_BY_RESIDENTS
from survey.jobs.service import MAX_ATTEMPTS, STALE_AFTER, Cancelled, ask_to_cancel, claim, enqueue, finish, report
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.responses.tables import Response
from survey.settings import Settings
from tests.jobs.conftest import KIND, MovedClock, job, queue

SECOND = dt.timedelta(seconds=1)


async def test_enqueue_stores_a_waiting_job(database: Settings) -> None:
    public_id = await queue("survey:7")

    row = await job(public_id)
    assert {name: row[name] for name in ("kind", "subject", "state", "attempts", "worker", "is_cancelled", "message")} == {
        "kind": KIND, "subject": "survey:7", "state": "waiting", "attempts": 0, "worker": None, "is_cancelled": False,
        "message": "",
    }  # fmt: skip


async def test_enqueue_is_undone_with_the_transaction_of_its_cause(database: Settings) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- it has to leave the block
        async with write_transaction(Job):
            await enqueue(kind=KIND, subject="survey:1")
            raise ZeroDivisionError

    assert await Job.count() == 0
    assert await claim("worker", [KIND]) is None


async def test_enqueue_of_a_like_job_that_still_waits_adds_none(database: Settings) -> None:
    first = await queue("survey:1")

    second = await queue("survey:1")
    other_subject = await queue("survey:2")
    other_kind = await queue("survey:1", kind="other")

    assert second == first
    assert len({first, other_subject, other_kind}) == 3
    assert await Job.count() == 3


async def test_like_jobs_queued_at_once_are_one(database: Settings) -> None:
    """Batches of several processes, each in its own transaction."""

    async def intake() -> None:
        async with write_transaction(Response, is_shared=True):
            await asyncio.sleep(0.02)
            await enqueue(kind=KIND, subject="survey:1")

    await asyncio.gather(*[intake() for _ in range(6)])

    assert await Job.count() == 1


async def test_enqueue_while_a_like_job_runs_adds_one_for_what_came_since(database: Settings) -> None:
    first = await queue()
    await claim("worker", [KIND])

    second = await queue()

    assert second != first
    assert [(await job(key))["state"] for key in (first, second)] == ["running", "waiting"]


async def test_job_that_waits_is_not_claimed_before_the_cause_that_relies_on_it_commits(database: Settings) -> None:
    """Else the worker would look for the new answers too early, and nothing would tell it to look again."""
    await queue()
    queued, go_on = asyncio.Event(), asyncio.Event()

    async def intake() -> None:
        async with write_transaction(Response, is_shared=True):
            await enqueue(kind=KIND, subject="survey:1")
            queued.set()
            await go_on.wait()

    sender = asyncio.create_task(intake())
    await queued.wait()
    worker = asyncio.create_task(claim("worker", [KIND]))
    await asyncio.sleep(0.3)
    was_claimed_early = worker.done()
    go_on.set()
    await sender

    assert not was_claimed_early
    assert await worker is not None
    assert await Job.count() == 1




async def test_claim_takes_the_oldest_first_and_marks_it(database: Settings) -> None:
    keys = [await queue(f"survey:{number}") for number in range(3)]

    claimed = [await claim("me", [KIND]) for _ in range(4)]

    assert [row["public_id"] if row else None for row in claimed] == [*keys, None]
    rows = [await job(key) for key in keys]
    assert [(row["state"], row["worker"], row["attempts"]) for row in rows] == [("running", "me", 1)] * 3


async def test_claim_takes_only_the_kinds_that_the_worker_knows(database: Settings) -> None:
    await queue(kind="unknown")
    known = await queue(kind="known")

    row = await claim("worker", ["known", "also_known"])

    assert row is not None
    assert row["public_id"] == known
    assert await claim("worker", ["known", "also_known"]) is None


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
async def test_claim_leaves_what_is_over(database: Settings, state: JobState) -> None:
    await queue()
    row = await claim("worker", [KIND])
    assert row is not None
    await finish(row["id"], state)

    assert await claim("worker", [KIND]) is None


async def test_two_workers_never_claim_one_job(database: Settings) -> None:
    keys = {await queue(f"survey:{number}") for number in range(12)}

    async def work(name: str) -> list[str]:
        found = []
        for _ in range(12):
            row = await claim(name, [KIND])
            if row:
                found.append(row["public_id"])
        return found

    found = await asyncio.gather(*[work(f"worker {number}") for number in range(4)])

    assert sorted(key for keys_of_one in found for key in keys_of_one) == sorted(keys)
    rows = await Job.select(Job.attempts, Job.state)
    assert rows == [{"attempts": 1, "state": "running"}] * 12


async def test_running_job_is_left_to_its_worker_while_it_reports(database: Settings, time: MovedClock) -> None:
    await queue()
    row = await claim("slow", [KIND])
    assert row is not None

    time.move(STALE_AFTER - SECOND)
    early = await claim("other", [KIND])
    await report(row["id"], 1, 10)
    time.move(STALE_AFTER - SECOND)
    after_report = await claim("other", [KIND])

    assert (early, after_report) == (None, None)


async def test_job_of_a_worker_that_died_is_taken_again(database: Settings, time: MovedClock) -> None:
    public_id = await queue()
    await claim("dead", [KIND])

    time.move(STALE_AFTER + SECOND)
    row = await claim("alive", [KIND])

    assert row is not None
    assert row["public_id"] == public_id
    now = await job(public_id)
    assert (now["worker"], now["attempts"], now["state"]) == ("alive", 2, "running")


async def test_stale_job_is_taken_by_one_worker_only(database: Settings, time: MovedClock) -> None:
    await queue()
    await claim("dead", [KIND])
    time.move(STALE_AFTER + SECOND)

    rows = await asyncio.gather(*[claim(f"worker {number}", [KIND]) for number in range(4)])

    assert sum(row is not None for row in rows) == 1


async def test_job_fails_after_three_attempts_and_says_why(database: Settings, time: MovedClock) -> None:
    public_id = await queue()
    for _ in range(MAX_ATTEMPTS):
        assert await claim("dies", [KIND]) is not None
        time.move(STALE_AFTER + SECOND)

    fourth = await claim("dies", [KIND])

    row = await job(public_id)
    assert fourth is None
    assert (row["state"], row["attempts"], row["message"]) == ("failed", 3, "Its worker stopped three times.")
    assert await claim("dies", [KIND]) is None


async def test_report_stores_how_far_a_job_is(database: Settings) -> None:
    public_id = await queue()
    row = await claim("worker", [KIND])
    assert row is not None

    await report(row["id"], 40, 100, "themes")

    now = await job(public_id)
    assert (now["steps_done"], now["steps_total"], now["message"], now["state"]) == (40, 100, "themes", "running")


async def test_cancelling_a_waiting_job_stops_it_at_once(database: Settings) -> None:
    public_id = await queue()

    await ask_to_cancel(public_id)

    assert (await job(public_id))["state"] == "cancelled"
    assert await claim("worker", [KIND]) is None


async def test_cancelling_a_running_job_stops_it_at_its_next_report(database: Settings) -> None:
    public_id = await queue()
    row = await claim("worker", [KIND])
    assert row is not None
    await report(row["id"], 1, 3)

    await ask_to_cancel(public_id)

    assert (await job(public_id))["state"] == "running"
    with pytest.raises(Cancelled):
        await report(row["id"], 2, 3)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
async def test_cancelling_what_is_over_changes_nothing(database: Settings, state: JobState) -> None:
    public_id = await queue()
    row = await claim("worker", [KIND])
    assert row is not None
    await finish(row["id"], state, "as it ended")
    before = await job(public_id)

    await ask_to_cancel(public_id)

    assert await job(public_id) == before


async def test_cancelling_one_job_leaves_the_others(database: Settings) -> None:
    one, other = await queue("survey:1"), await queue("survey:2")

    await ask_to_cancel(one)
    await ask_to_cancel("unknown")

    assert [(await job(key))["state"] for key in (one, other)] == ["cancelled", "waiting"]


@pytest.mark.parametrize("kind", sorted(SET_OFF_BY_RESIDENTS))
async def test_job_that_residents_set_off_tells_no_time_and_goes_when_it_is_done(database: Settings, kind: str) -> None:
    public_id = await queue(kind=kind)
    waiting = await job(public_id)
    row = await claim("worker", [kind])
    assert row is not None

    await finish(row["id"], JobState.DONE)

    assert {waiting[name].astimezone(clock.BEIJING).time() for name in ("created_at", "touched_at")} == {dt.time()}
    assert await Job.count() == 0


async def test_job_that_residents_set_off_stays_when_it_failed_and_tells_no_time(database: Settings) -> None:
    public_id = await queue(kind=PREPARE_STATEMENTS)
    row = await claim("worker", [PREPARE_STATEMENTS])
    assert row is not None

    await finish(row["id"], JobState.FAILED, "why")

    now = await job(public_id)
    assert (now["state"], now["message"], now["touched_at"]) == ("failed", "why", now["created_at"])


async def test_newest_job_is_the_last_of_its_kind_and_subject(database: Settings) -> None:
    await queue("survey:1")
    await claim("worker", [KIND])
    newest = await queue("survey:1")
    await queue("survey:2")
    await queue("survey:1", kind="other")

    found = await service.newest_job(kind=KIND, subject="survey:1")

    assert found is not None
    assert found["public_id"] == newest
    assert await service.newest_job(kind=KIND, subject="survey:3") is None
