"""What a process does again and again."""

from __future__ import annotations

import asyncio

import structlog.testing

from survey.jobs.repeating import repeating


async def test_act_runs_again_and_again_until_the_block_ends() -> None:
    turns: list[int] = []
    is_enough = asyncio.Event()

    async def act() -> None:
        turns.append(len(turns))
        if len(turns) == 3:
            is_enough.set()

    async with asyncio.timeout(5), repeating(act, 0.001):
        await is_enough.wait()
    done = list(turns)
    await asyncio.sleep(0.01)

    assert turns == done


async def test_act_does_not_run_before_its_time_and_holds_up_nobody() -> None:
    turns: list[int] = []

    async def act() -> None:
        turns.append(1)

    async with asyncio.timeout(1):
        async with repeating(act, 3600.0):
            await asyncio.sleep(0)

    assert turns == []


async def test_act_that_fails_is_logged_and_its_next_turn_comes() -> None:
    turns: list[int] = []
    has_gone_on = asyncio.Event()

    async def act() -> None:
        turns.append(1)
        if len(turns) == 1:
            raise ZeroDivisionError
        has_gone_on.set()

    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(5), repeating(act, 0.001):
            await has_gone_on.wait()

    assert [(line["event"], line["act"], line["log_level"]) for line in logs] == [
        ("a repeated act failed", "act", "error")
    ]
