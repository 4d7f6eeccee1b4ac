"""What a process does again and again, beside its requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def repeating(act: Callable[[], Awaitable[None]], every: float) -> AsyncIterator[None]:
    """Run `act` each time that so many seconds have passed, for the time of the block. A failure is logged; the next turn comes."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_repeat(act, every, stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def _repeat(act: Callable[[], Awaitable[None]], every: float, stopping: asyncio.Event) -> None:
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), every)
        if stopping.is_set():
            return
        try:
            await act()
        except Exception:
            log.exception("a repeated act failed", act=getattr(act, "__name__", repr(act)))
