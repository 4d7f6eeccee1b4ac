"""A counter to write to, and a way to look at a SQLite file that does not go through the engine under test."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from survey import clock
from survey.accounts.tables import TokenBucket
from survey.db.transaction import write_transaction
from survey.settings import Settings


async def add_counter(name: str = "counter", *, at: float = 0.0) -> None:
    async with write_transaction(TokenBucket):
        await TokenBucket.insert(TokenBucket(key_hash=name, tokens=at, updated_at=clock.now()))


async def counter(name: str = "counter") -> float | None:
    row = await TokenBucket.select(TokenBucket.tokens).where(TokenBucket.key_hash == name).first()
    return float(row["tokens"]) if row else None


async def set_counter(value: float, name: str = "counter") -> None:
    await TokenBucket.update({TokenBucket.tokens: value}).where(TokenBucket.key_hash == name)


@contextlib.contextmanager
def another_connection(settings: Settings, *, timeout: float = 0.0) -> Iterator[sqlite3.Connection]:
    """A second program at the same file: sqlite3 of the standard library, which waits for no lock unless told to."""
    assert settings.sqlite_path is not None
    connection = sqlite3.connect(settings.sqlite_path, timeout=timeout, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
