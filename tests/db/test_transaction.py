"""`write_transaction` and `read_transaction` on both engines (pitfalls P2, P6, P7)."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from piccolo.engine.exceptions import TransactionError
from piccolo.query.methods.delete import DeletionError
from piccolo.query.methods.update import UpdateError

from survey import clock
from survey.accounts.tables import Account, TokenBucket
from survey.db.transaction import fold_wal, read_transaction, write_transaction
from survey.settings import Settings
from tests.db.conftest import add_counter, another_connection, counter, set_counter


class Refusal(Exception):
    """Raised by the tests themselves, inside a transaction."""


async def test_write_transaction_takes_the_lock_before_its_first_read(sqlite_settings: Settings) -> None:
    from survey.db.engine import bind_engine, make_engine, open_engine

    engine = make_engine(sqlite_settings)
    bind_engine(engine, [TokenBucket])
    async with open_engine(engine, pool_size=1):
        async with write_transaction(TokenBucket):
            with (
                another_connection(sqlite_settings) as other,
                pytest.raises(sqlite3.OperationalError, match="locked"),
            ):
                other.execute("BEGIN IMMEDIATE")
        with another_connection(sqlite_settings) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")


async def test_write_transaction_keeps_what_was_written(database: Settings) -> None:
    await add_counter(at=1.0)

    async with write_transaction(TokenBucket):
        await set_counter(2.0)

    assert await counter() == 2.0


async def test_write_transaction_undoes_all_after_an_error_and_passes_it_on(database: Settings) -> None:
    await add_counter()

    with pytest.raises(Refusal):  # noqa: PT012 -- it has to leave the block
        async with write_transaction(TokenBucket):
            await set_counter(99)
            await add_counter_row("another")
            raise Refusal

    assert await counter() == 0
    assert await counter("another") is None


async def add_counter_row(name: str) -> None:
    await TokenBucket.insert(TokenBucket(key_hash=name, tokens=0.0, updated_at=clock.now()))


async def test_write_transaction_is_not_seen_by_others_before_its_commit(database: Settings) -> None:
    await add_counter()
    written, go_on = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with write_transaction(TokenBucket):
            await set_counter(5)
            written.set()
            await go_on.wait()

    writer = asyncio.create_task(write())
    await written.wait()
    before = await counter()
    go_on.set()
    await writer

    assert (before, await counter()) == (0, 5)


async def test_change_of_every_row_at_once_is_refused(database: Settings) -> None:
    """A forgotten condition (P11)."""
    await add_counter(at=1.0)

    with pytest.raises(UpdateError):
        await TokenBucket.update({TokenBucket.tokens: 5.0})
    with pytest.raises(DeletionError):
        await TokenBucket.delete()

    assert await counter() == 1.0


async def test_nested_write_transaction_is_refused_and_undoes_the_outer_one(database: Settings) -> None:
    await add_counter()

    with pytest.raises(TransactionError):  # noqa: PT012 -- it has to leave the block
        async with write_transaction(TokenBucket):
            await set_counter(99)
            async with write_transaction(TokenBucket):
                await set_counter(100)

    assert await counter() == 0


async def test_nested_write_transaction_is_refused_inside_a_read(database: Settings) -> None:
    await add_counter()

    with pytest.raises(TransactionError):
        async with read_transaction(TokenBucket), write_transaction(TokenBucket):
            await set_counter(100)

    assert await counter() == 0


async def test_read_transaction_joins_the_write_that_is_open(database: Settings) -> None:
    await add_counter()

    async with write_transaction(TokenBucket):
        await set_counter(3)
        async with read_transaction(TokenBucket):
            inside = await counter()
        await set_counter(4)

    assert inside == 3
    assert await counter() == 4


async def test_read_transaction_sees_one_moment(database: Settings) -> None:
    await add_counter(at=1.0)
    read, go_on = asyncio.Event(), asyncio.Event()
    seen = []

    async def look_twice() -> None:
        async with read_transaction(TokenBucket):
            seen.append(await counter())
            read.set()
            await go_on.wait()
            seen.append(await counter())

    reader = asyncio.create_task(look_twice())
    await read.wait()
    async with write_transaction(TokenBucket):
        await set_counter(2.0)
    go_on.set()
    await reader

    assert seen == [1.0, 1.0]
    assert await counter() == 2.0


async def test_transactions_of_two_tasks_are_apart(database: Settings) -> None:
    """The one fails after the other has written: neither takes the other along (pitfall P7)."""
    await add_counter("kept")
    await add_counter("lost")

    async def lose() -> None:
        async with write_transaction(TokenBucket):
            await set_counter(1, "lost")
            await asyncio.sleep(0.01)
            raise Refusal

    async def keep() -> None:
        async with write_transaction(TokenBucket):
            await set_counter(1, "kept")

    results = await asyncio.gather(lose(), keep(), return_exceptions=True)

    assert [type(result) for result in results] == [Refusal, type(None)]
    assert (await counter("kept"), await counter("lost")) == (1, 0)


async def test_shared_writers_of_a_table_do_not_wait_for_each_other_on_postgres(postgres_settings: Settings) -> None:
    from survey.db.engine import bind_engine, make_engine, open_engine

    engine = make_engine(postgres_settings)
    bind_engine(engine, [TokenBucket, Account])

    async def open_and_close(*, is_shared: bool) -> None:
        async with write_transaction(TokenBucket, is_shared=is_shared):
            pass

    async with open_engine(engine, pool_size=4), asyncio.timeout(20):
        async with write_transaction(TokenBucket, is_shared=True):
            await asyncio.create_task(_apart(open_and_close(is_shared=True)))
            await asyncio.create_task(_apart(open_and_close(is_shared=False)))
        held, go_on = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            async with write_transaction(TokenBucket):
                held.set()
                await go_on.wait()

        holder = asyncio.create_task(hold())
        await held.wait()
        waiting = asyncio.create_task(open_and_close(is_shared=False))
        await open_and_close(is_shared=True)
        async with write_transaction(Account):
            pass
        is_waiting = not waiting.done()
        go_on.set()
        await asyncio.gather(holder, waiting)

    assert is_waiting


async def _apart(work: object) -> None:
    """Run in a task that does not believe to be inside this test's transaction."""
    TokenBucket._meta.db.current_transaction.set(None)
    await work  # type: ignore[misc]


async def test_fold_wal_leaves_a_file_that_can_be_moved_alone(sqlite_settings: Settings) -> None:
    from survey.db.engine import bind_engine, make_engine, open_engine

    engine = make_engine(sqlite_settings)
    bind_engine(engine, [TokenBucket])
    path = sqlite_settings.sqlite_path
    assert path is not None
    async with open_engine(engine, pool_size=1):
        await add_counter(at=6.0)

        await fold_wal(engine)

        copy = path.with_name("moved.sqlite")
        copy.write_bytes(path.read_bytes())
    found = sqlite3.connect(copy).execute("SELECT tokens FROM token_bucket").fetchall()
    assert found == [(6.0,)]


async def test_fold_wal_does_nothing_on_postgres(postgres_settings: Settings) -> None:
    from survey.db.engine import bind_engine, make_engine, open_engine

    engine = make_engine(postgres_settings)
    bind_engine(engine, [TokenBucket])
    async with open_engine(engine, pool_size=1):
        await add_counter(at=6.0)

        await fold_wal(engine)

        assert await counter() == 6.0
