"""Counting who opened and began: sums in the database, nothing about anybody."""

from __future__ import annotations

import asyncio

import pytest

from survey.db.transaction import write_transaction
from survey.outreach.funnel import Funnel
from survey.outreach.queries import stage_counts
from survey.outreach.rules import Stage
from survey.outreach.tables import ChannelCount
from survey.settings import Settings


async def test_flush_adds_what_was_counted_to_what_is_there(database: Settings) -> None:
    funnel = Funnel()
    for _ in range(3):
        funnel.count(1, 7, "opened")
    funnel.count(1, 7, Stage.STARTED)
    funnel.count(1, None, "opened")
    funnel.count(2, 7, "opened")
    await funnel.flush()
    funnel.count(1, 7, "opened")

    await funnel.flush()

    assert await stage_counts(1) == {0: {Stage.OPENED: 1}, 7: {Stage.OPENED: 4, Stage.STARTED: 1}}
    assert await stage_counts(2) == {7: {Stage.OPENED: 1}}
    assert await stage_counts(3) == {}


async def test_flush_without_anything_counted_writes_nothing(database: Settings) -> None:
    funnel = Funnel()

    await funnel.flush()

    assert await ChannelCount.count() == 0


async def test_many_processes_that_flush_at_once_lose_no_count(database: Settings) -> None:
    """A funnel a process; keys in different orders, so that two could wait for each other in a circle if they were not sorted."""
    funnels = [Funnel() for _ in range(8)]
    for number, funnel in enumerate(funnels):
        for channel in sorted(range(5), reverse=bool(number % 2)):
            for _ in range(20):
                funnel.count(1, channel, "opened")

    await asyncio.gather(*[funnel.flush() for funnel in funnels for _ in range(2)])

    assert await stage_counts(1) == {channel: {Stage.OPENED: 160} for channel in range(5)}


async def test_what_is_counted_during_a_flush_goes_into_the_next(database: Settings) -> None:
    funnel = Funnel()

    async def visitors() -> None:
        for _ in range(50):
            funnel.count(1, 1, "started")
            await asyncio.sleep(0)

    await asyncio.gather(visitors(), *[funnel.flush() for _ in range(5)])
    await funnel.flush()

    assert await stage_counts(1) == {1: {Stage.STARTED: 50}}


async def test_flush_that_fails_keeps_the_counts_for_the_next(database: Settings) -> None:
    """A real failure: the table is away for a while."""
    funnel = Funnel()
    funnel.count(1, 1, "opened")
    await ChannelCount.raw("ALTER TABLE channel_count RENAME TO elsewhere")
    with pytest.raises(Exception, match="channel_count"):
        await funnel.flush()
    funnel.count(1, 1, "opened")
    await ChannelCount.raw("ALTER TABLE elsewhere RENAME TO channel_count")

    await funnel.flush()

    assert await stage_counts(1) == {1: {Stage.OPENED: 2}}


def test_unknown_stage_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="sent"):
        Funnel().count(1, 1, "sent")


async def test_counts_hold_no_day_and_no_person(database: Settings) -> None:
    funnel = Funnel()
    funnel.count(1, 1, "opened")
    await funnel.flush()

    async with write_transaction(ChannelCount):
        [row] = await ChannelCount.select()

    assert set(row) == {"id", "survey", "channel", "stage", "total"}
