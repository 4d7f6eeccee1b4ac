"""Jobs for tests, and a clock that can be moved."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from survey import clock
from survey.db.transaction import write_transaction
from survey.jobs.service import enqueue, newest_job
from survey.jobs.tables import Job

KIND = "sweep"


async def queue(subject: str = "survey:1", *, kind: str = KIND) -> str:
    """Queue a job and return the public id of the one that waits now."""
    async with write_transaction(Job):
        await enqueue(kind=kind, subject=subject)
    row = await newest_job(kind=kind, subject=subject)
    assert row is not None
    return str(row["public_id"])


async def job(public_id: str) -> dict[str, Any]:
    row = await Job.select().where(Job.public_id == public_id).first()
    assert row is not None
    return row


class MovedClock:
    """The time that the jobs' code is told: it stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = clock.now()

    def move(self, step: dt.timedelta) -> None:
        self.now += step


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    moved = MovedClock()
    monkeypatch.setattr(clock, "now", lambda: moved.now)
    return moved
