"""Write, now and then, what a process keeps in memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def flushed_every(seconds: float, flush: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Call `flush` every so many seconds for the time of the block, and once more at its end.

    A failure is logged and the next time comes all the same: a locked database must not end the counting.
    """
    stopping = asyncio.Event()

    async def run() -> None:
        is_last = False
        while not is_last:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), seconds)
            is_last = stopping.is_set()  # before the flush: what is counted while it writes needs one more
            try:
                await flush()
            except Exception:
                log.exception("counts were not written")

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        stopping.set()
        await task
