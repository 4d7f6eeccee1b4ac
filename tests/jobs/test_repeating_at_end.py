"""Writing now and then: at intervals, at the end, and after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from survey.jobs.repeating import repeating


def flushed_every(seconds: float, flush: Callable[[], Awaitable[None]]) -> AbstractAsyncContextManager[None]:
    return repeating(flush, seconds, at_end=True, failure="counts were not written")


async def test_flush_comes_at_intervals_and_once_more_at_the_end() -> None:
    calls, called = [], asyncio.Event()

    async def flush() -> None:
        calls.append(len(calls))
        if len(calls) == 3:
            called.set()

    async with flushed_every(0.001, flush):
        await asyncio.wait_for(called.wait(), 5)
        before = len(calls)

    assert before >= 3
    assert len(calls) > before - 1
    after = len(calls)
    await asyncio.sleep(0.01)
    assert len(calls) == after


async def test_end_of_the_block_flushes_without_waiting_for_the_interval() -> None:
    calls = []

    async def flush() -> None:
        calls.append("flushed")

    async with asyncio.timeout(5), flushed_every(3600, flush):
        assert calls == []

    assert calls == ["flushed"]


async def test_failure_is_logged_and_the_next_time_comes(capsys: pytest.CaptureFixture[str]) -> None:
    calls, again = [], asyncio.Event()

    async def flush() -> None:
        calls.append("tried")
        if len(calls) == 1:
            raise OSError("the disk is full")
        again.set()

    async with flushed_every(0.001, flush):
        await asyncio.wait_for(again.wait(), 5)

    assert "counts were not written" in capsys.readouterr().out


async def test_error_in_the_block_still_flushes() -> None:
    calls = []

    async def flush() -> None:
        calls.append("flushed")

    with pytest.raises(RuntimeError, match="of the block"):
        async with flushed_every(3600, flush):
            raise RuntimeError("of the block")

    assert calls == ["flushed"]


async def test_block_that_ends_during_a_flush_is_flushed_once_more() -> None:
    calls, writing, go_on = [], asyncio.Event(), asyncio.Event()

    async def flush() -> None:
        calls.append("flushed")
        writing.set()
        await go_on.wait()

    async with flushed_every(0.001, flush):
        await asyncio.wait_for(writing.wait(), 5)
        asyncio.get_running_loop().call_later(0.01, go_on.set)

    assert calls == ["flushed", "flushed"]
