"""Enqueue, claim, report and finish jobs. A job is claimed by a conditional update, so two workers never share one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from survey import clock
from survey.db.bulk import Write, write_rows
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.jobs.kinds import SET_OFF_BY_RESIDENTS
from survey.jobs.states import OPEN_STATES, JobState
from survey.jobs.tables import Job

STALE_AFTER = dt.timedelta(minutes=10)
"""A running job that has not reported for so long belonged to a worker that died; another may take it."""

MAX_ATTEMPTS = 3


async def enqueue(*, kind: str, subject: str) -> None:
    """Queue a job, in the caller's transaction; a like job that still waits is enough."""
    await write_rows(waiting_job(kind=kind, subject=subject))


def waiting_job(*, kind: str, subject: str) -> Write:
    """The row of a job that waits, to be written together with its cause.

    One that waits already is written again as it is: so it is held until the commit, and no worker runs it too early.
    """
    now = clock.midnight(clock.today()) if kind in SET_OFF_BY_RESIDENTS else clock.now()
    values = {
        "public_id": new_public_id(), "kind": kind, "subject": subject, "state": JobState.WAITING, "attempts": 0,
        "steps_done": 0, "steps_total": 0, "message": "", "is_cancelled": False,
        "created_at": now, "touched_at": now,
    }  # fmt: skip
    return Write(Job, list(values), [list(values.values())], _IF_WAITING)


_IF_WAITING = (
    f"""ON CONFLICT ("kind", "subject") WHERE "state" = '{JobState.WAITING}' """
    'DO UPDATE SET "touched_at" = "job"."touched_at"'
)


async def claim(worker: str, kinds: list[str]) -> dict[str, Any] | None:
    """Take the oldest waiting job of these kinds, or one whose worker died. None where there is nothing to do."""
    stale = clock.now() - STALE_AFTER
    async with write_transaction(Job):
        job = await (
            Job.select()
            .where(
                Job.kind.is_in(kinds)
                & ((Job.state == JobState.WAITING) | ((Job.state == JobState.RUNNING) & (Job.touched_at < stale)))
            )
            .order_by(Job.id)
            .first()
        )
        if job is None:
            return None
        if job["attempts"] >= MAX_ATTEMPTS:
            await _finish(job["id"], JobState.FAILED, "Its worker stopped three times.")
            return None
        taken = await (
            Job.update(
                {
                    Job.state: JobState.RUNNING,
                    Job.worker: worker,
                    Job.attempts: job["attempts"] + 1,
                    Job.touched_at: clock.now(),
                }
            )
            .where((Job.id == job["id"]) & (Job.touched_at == job["touched_at"]) & (Job.attempts == job["attempts"]))
            .returning(Job.id)
        )
    return job if taken else None


class Cancelled(Exception):
    """Somebody asked for the job to stop; raised at its next report."""


async def report(job_id: int, done: int, total: int, message: str = "") -> None:
    """Tell how far a job is. Raises Cancelled where somebody asked to stop."""
    async with write_transaction(Job):
        row = await Job.select(Job.is_cancelled).where(Job.id == job_id).first()
        await Job.update(
            {Job.steps_done: done, Job.steps_total: total, Job.message: message, Job.touched_at: clock.now()}
        ).where(Job.id == job_id)
    if row and row["is_cancelled"]:
        raise Cancelled


async def finish(job_id: int, state: JobState, message: str = "") -> None:
    async with write_transaction(Job):
        await _finish(job_id, state, message)


async def _finish(job_id: int, state: JobState, message: str) -> None:
    row = await Job.select(Job.kind, Job.created_at).where(Job.id == job_id).first()
    if row is None:
        return
    tells_time = row["kind"] in SET_OFF_BY_RESIDENTS
    if tells_time and state != JobState.FAILED:
        await Job.delete().where(Job.id == job_id)
        return
    touched_at = row["created_at"] if tells_time else clock.now()
    await Job.update({Job.state: state, Job.message: message, Job.touched_at: touched_at}).where(Job.id == job_id)


async def ask_to_cancel(public_id: str) -> None:
    """Stop a waiting job at once; a running one at its next report."""
    async with write_transaction(Job):
        await Job.update({Job.is_cancelled: True}).where((Job.public_id == public_id) & Job.state.is_in(OPEN_STATES))
        await Job.update({Job.state: JobState.CANCELLED}).where(
            (Job.public_id == public_id) & (Job.state == JobState.WAITING)
        )


async def newest_job(*, kind: str, subject: str) -> dict[str, Any] | None:
    return await Job.select().where((Job.kind == kind) & (Job.subject == subject)).order_by(Job.id, ascending=False).first()


async def forget_failures(*, kind: str, subject: str) -> int:
    """Delete what failed before, in the caller's transaction: a like job has succeeded since. Return how many there were."""
    failed = (Job.kind == kind) & (Job.subject == subject) & (Job.state == JobState.FAILED)
    return len(await Job.delete().where(failed).returning(Job.id))
