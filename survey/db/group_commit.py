"""Group commit: what arrives while a transaction is being written goes together into the next one (decision 3)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_BATCH = 500


class GroupCommitter(Generic[Item, Result]):
    """One writer per process. `submit` returns only after the item's transaction has been committed.

    `write_batch` gets up to MAX_BATCH items and returns one result or exception per item, in order, after its commit.
    An exception that it raises fails the whole batch: nothing of it was kept.
    """

    def __init__(self, write_batch: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]) -> None:
        self._write_batch = write_batch
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._arrived: asyncio.Event | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[GroupCommitter[Item, Result]]:
        """Run the writer for the time of the block; on leaving, what was already submitted is still written."""
        self._arrived = arrived = asyncio.Event()
        stopping = asyncio.Event()
        writer = asyncio.create_task(self._write_forever(arrived, stopping))
        try:
            yield self
        finally:
            stopping.set()
            arrived.set()
            await writer

    async def submit(self, item: Item) -> Result:
        if self._arrived is None:
            raise RuntimeError("the writer is not running")
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        self._arrived.set()
        return await done

    async def _write_forever(self, arrived: asyncio.Event, stopping: asyncio.Event) -> None:
        while True:
            await arrived.wait()
            arrived.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                await self._write(batch)
            if stopping.is_set():
                self._arrived = None  # in the same moment as the last look: who submits now is refused, not left waiting
                return

    async def _write(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._write_batch([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 -- each waiting request gets it; the writer must live on
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return
        for (_, done), result in zip(batch, results, strict=True):
            if done.done():  # the phone hung up; its answer is stored all the same
                continue
            if isinstance(result, Exception):
                done.set_exception(result)
            else:
                done.set_result(result)
