"""What a process does again and again, beside its requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def repeating(
    act: Callable[[], Awaitable[None]], every: float, *, at_end: bool = False, failure: str = "a repeated act failed"
) -> AsyncIterator[None]:
    """Run `act` each time that so many seconds have passed, for the time of the block; with `at_end` once more when it ends.

    A failure is logged, in the words of `failure`, and the next turn comes: a locked database must not end it.
    """
    stopping = asyncio.Event()

    async def run() -> None:
        is_last = False
        while not is_last:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), every)
            is_last = stopping.is_set()  # before the act: what comes while it runs needs one more turn
            if is_last and not at_end:
                return
            try:
                await act()
            except Exception:
                log.exception(failure, act=getattr(act, "__name__", repr(act)))

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        stopping.set()
        await task
