"""The loop that runs jobs, one at a time. A failing job is logged and marked; the worker goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from survey.db.ids import new_public_id
from survey.jobs import service
from survey.jobs.states import JobState

log = structlog.get_logger()

IDLE_SECONDS = 0.5


@dataclass(frozen=True)
class RunningJob:
    """What a job's function gets: its subject, and a way to report, which also notices a cancellation."""

    id: int
    subject: str

    async def report(self, done: int, total: int, message: str = "") -> None:
        await service.report(self.id, done, total, message)


JobFunction = Callable[[RunningJob], Awaitable[None]]


async def run_worker(kinds: Mapping[str, JobFunction], stopping: asyncio.Event) -> None:
    """Run jobs until `stopping` is set; the one that runs is finished first."""
    name = new_public_id()
    while not stopping.is_set():
        if not await run_next(name, kinds):
            try:
                await asyncio.wait_for(stopping.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue


async def run_next(worker: str, kinds: Mapping[str, JobFunction]) -> bool:
    """Run one job; return whether there was any."""
    row = await service.claim(worker, list(kinds))
    if row is None:
        return False
    job = RunningJob(id=row["id"], subject=row["subject"])
    try:
        await kinds[row["kind"]](job)
    except service.Cancelled:
        await service.finish(job.id, JobState.CANCELLED)
    except Exception as error:
        log.exception("job failed", kind=row["kind"], subject=row["subject"])
        await service.finish(job.id, JobState.FAILED, str(error)[:500])
    else:
        await service.finish(job.id, JobState.DONE)
    return True
