"""Jobs for tests, and a clock that can be moved."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from survey import clock
from survey.db.transaction import write_transaction
from survey.jobs.service import enqueue
from survey.jobs.tables import Job

KIND = "sweep"


async def queue(subject: str = "survey:1", *, kind: str = KIND, payload: dict[str, Any] | None = None) -> str:
    async with write_transaction(Job):
        return await enqueue(kind=kind, subject=subject, payload=payload)


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
