"""The loop that runs jobs, one at a time. A failing job is logged and marked; the worker goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
    queued_after: float | None = None
    """A moment (time.monotonic) before which it was not queued; None where the worker knows of none."""

    def longest_wait(self) -> float | None:
        """The seconds since it was queued, at most."""
        return None if self.queued_after is None else time.monotonic() - self.queued_after

    async def report(self, done: int, total: int, message: str = "") -> None:
        await service.report(self.id, done, total, message)


JobFunction = Callable[[RunningJob], Awaitable[None]]


@dataclass
class Looks:
    """What a worker remembers of its looks for jobs, by which it knows how long one can have waited at most.

    So that the wait is known although rows of jobs that residents set off hold no time (kinds.SET_OFF_BY_RESIDENTS). Nothing waited
    when a look found nothing; and no like job waited when one was taken up, since a second one is not queued beside a
    waiting one.
    """

    nothing_at: float | None = None
    """When it last began a look that found nothing."""
    taken_at: dict[tuple[str, str], float] = field(default_factory=dict)
    """By kind and subject, when it last began a look that found such a job."""

    def found_nothing(self, at: float) -> None:
        self.nothing_at = at
        self.taken_at.clear()  # all of them are earlier

    def found(self, row: Mapping[str, Any], at: float) -> float | None:
        """Note the job, and return the moment after which it was queued. None for what another worker left behind."""
        key = row["kind"], row["subject"]
        known = self.taken_at.get(key, self.nothing_at)
        self.taken_at[key] = at
        return None if row["attempts"] else known


async def run_worker(kinds: Mapping[str, JobFunction], stopping: asyncio.Event) -> None:
    """Run jobs until `stopping` is set; the one that runs is finished first."""
    name, looks = new_public_id(), Looks()
    while not stopping.is_set():
        if not await run_next(name, kinds, looks):
            try:
                await asyncio.wait_for(stopping.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue


async def run_next(worker: str, kinds: Mapping[str, JobFunction], looks: Looks | None = None) -> bool:
    """Run one job; return whether there was any. `looks` is what the worker remembers from one to the next."""
    looks = looks or Looks()
    began = time.monotonic()
    row = await service.claim(worker, list(kinds))
    if row is None:
        looks.found_nothing(began)
        return False
    job = RunningJob(id=row["id"], subject=row["subject"], queued_after=looks.found(row, began))
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
