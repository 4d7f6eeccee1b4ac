"""What `write_transaction` promises: thirty who read, think and write at once all find their writing again (pitfall P2)."""

from __future__ import annotations

import asyncio

from survey import clock
from survey.accounts.tables import TokenBucket
from survey.db.transaction import write_transaction
from survey.settings import Settings

WRITERS = 30


async def _add_one() -> None:
    async with write_transaction(TokenBucket):
        row = await TokenBucket.select(TokenBucket.tokens).where(TokenBucket.key_hash == "counter").first()
        assert row is not None
        await asyncio.sleep(0.001)  # others may come in between the read and the write
        await TokenBucket.update({TokenBucket.tokens: row["tokens"] + 1}).where(TokenBucket.key_hash == "counter")


async def test_write_transaction_keeps_every_one_of_30_concurrent_read_modify_writes(database: Settings) -> None:
    await TokenBucket.insert(TokenBucket(key_hash="counter", tokens=0.0, updated_at=clock.now()))

    await asyncio.gather(*[_add_one() for _ in range(WRITERS)])

    rows = await TokenBucket.select(TokenBucket.tokens)
    assert [row["tokens"] for row in rows] == [float(WRITERS)]
