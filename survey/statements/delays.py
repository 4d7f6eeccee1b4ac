"""The time from an answer to the inbox (S05): noted by the worker as it prepares, read by the quality panel.

Measured by batches: all answers of a survey that wait when the worker takes them up are one, and so is an import or a corrected answer.
From the commit of the first, after which its writer sees the receipt, until its statements can be read. An upper limit, since the
worker knows no moment of an answer but when it last found nothing to do (jobs.worker.Looks), half a second apart when it is idle.
"""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Mapping

import msgspec
from piccolo.query.functions.aggregate import Sum

from survey import clock
from survey.db.bulk import addition, write_rows
from survey.db.transaction import write_transaction
from survey.jobs.kinds import PREPARE_STATEMENTS, about_survey
from survey.jobs.service import forget_failures
from survey.statements.tables import InboxDelay

BOUNDS = (1, 2, 3, 5, 10, 20, 30, 45, 60, 90, 120, 300, 600, 1800, 3600)
"""Seconds. A batch is counted under the least of them that it did not exceed."""

LONGER = 1_000_000
"""Stands for more than an hour, and for what waited when a worker began or took over: nobody knows how long."""

TARGET = 60
"""Within so many seconds 95 of 100 answers should be in the inbox (S05)."""

RECENT = dt.timedelta(days=30)


def bound_of(seconds: float | None) -> int:
    place = len(BOUNDS) if seconds is None else bisect.bisect_left(BOUNDS, seconds)
    return BOUNDS[place] if place < len(BOUNDS) else LONGER


class Delays(msgspec.Struct, frozen=True):
    """`p95` seconds are the least bound that 95 of 100 batches kept, LONGER where it is not known."""

    batches: int
    p95: int
    within_target: float


def delays_of(counts: Mapping[int, int]) -> Delays | None:
    """From bound to batches; None for none."""
    batches = sum(counts.values())
    if not batches:
        return None
    in_order = sorted(counts)
    reached = itertools.accumulate(counts[bound] for bound in in_order)
    p95 = next(bound for bound, so_far in zip(in_order, reached, strict=True) if 100 * so_far >= 95 * batches)
    return Delays(batches, p95, sum(n for bound, n in counts.items() if bound <= TARGET) / batches)


async def note_delay(survey_id: int, seconds: float | None) -> None:
    """Count a batch that is in the inbox now. Those whose job failed before are among it: nobody knows how long they waited."""
    bound, today = bound_of(seconds), clock.today()
    async with write_transaction(InboxDelay):
        failed = await forget_failures(kind=PREPARE_STATEMENTS, subject=about_survey(survey_id))
        counts = {(survey_id, today, bound): 1}
        if failed:
            late = (survey_id, today, LONGER)
            counts[late] = counts.get(late, 0) + failed
        await write_rows(addition(InboxDelay, ("survey", "day", "seconds"), counts))


async def recent_delays(survey_id: int) -> Delays | None:
    """Of the last thirty days."""
    rows = await (
        InboxDelay.select(InboxDelay.seconds, Sum(InboxDelay.total, alias="n"))
        .where((InboxDelay.survey == survey_id) & (InboxDelay.day > clock.today() - RECENT))
        .group_by(InboxDelay.seconds)
    )
    return delays_of({row["seconds"]: int(row["n"]) for row in rows})
