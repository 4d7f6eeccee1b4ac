"""The tuned engines: pragmas, kept connections, and transactions that leak nothing when they fail (pitfalls P1, P3, P4)."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from piccolo.engine.sqlite import SQLiteEngine

from survey.accounts.tables import Area, TokenBucket
from survey.db.engine import (
    IDLE_CONNECTIONS,
    PooledPostgresEngine,
    TunedSQLiteEngine,
    bind_engine,
    make_engine,
    open_engine,
    prepare_sqlite_folder,
)
from survey.db.transaction import write_transaction
from survey.errors import SettingsInvalid
from survey.settings import Settings
from survey.tables import ALL_TABLES
from tests.conftest import SECRET
from tests.db.conftest import add_counter, another_connection, counter, set_counter

PRAGMAS = {"foreign_keys": 1, "synchronous": 2, "temp_store": 2, "cache_size": -32000}


def _engine() -> TunedSQLiteEngine | PooledPostgresEngine:
    found = TokenBucket._meta.db
    assert isinstance(found, TunedSQLiteEngine | PooledPostgresEngine)
    return found


@pytest.fixture
async def sqlite(sqlite_settings: Settings) -> AsyncIterator[Settings]:
    """An open SQLite database whose engine waits for a lock no longer than a test may."""
    engine = make_engine(sqlite_settings)
    assert isinstance(engine, TunedSQLiteEngine)
    engine.connection_kwargs["timeout"] = 0.05
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=1):
        yield sqlite_settings


@pytest.fixture
async def postgres(postgres_settings: Settings) -> AsyncIterator[Settings]:
    """An open PostgreSQL database with a pool of two: a leaked connection is felt soon."""
    engine = make_engine(postgres_settings)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=2):
        yield postgres_settings


async def _threads_left(expected: int) -> int:
    """The number of threads, once those that were told to stop have had a moment to do so (also those of the test before)."""
    for _ in range(100):
        if threading.active_count() <= expected:
            break
        await asyncio.sleep(0.02)
    return threading.active_count()


async def _pragmas() -> dict[str, int]:
    found = {}
    for name in PRAGMAS:
        rows = await _engine()._run_in_new_connection(f"PRAGMA {name}")
        found[name] = rows[0][name]
    return found


async def test_journal_is_a_write_ahead_log_and_the_file_remembers_it(sqlite: Settings) -> None:
    with another_connection(sqlite) as other:
        (mode,) = other.execute("PRAGMA journal_mode").fetchone()

    assert mode == "wal"


async def test_pragmas_are_set_outside_a_transaction(sqlite: Settings) -> None:
    assert await _pragmas() == PRAGMAS


async def test_pragmas_are_set_inside_a_transaction(sqlite: Settings) -> None:
    async with write_transaction(TokenBucket):
        found = {name: (await TokenBucket.raw(f"PRAGMA {name}"))[0][name] for name in PRAGMAS}

    assert found == PRAGMAS


async def test_foreign_keys_are_held_to_outside_a_transaction(sqlite: Settings) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        await Area.insert(Area(code="nowhere", level="community", parent=999_999, names="{}"))


async def test_queries_one_after_the_other_share_one_connection(sqlite: Settings) -> None:
    await add_counter()
    threads = threading.active_count()

    for value in range(6):
        await set_counter(value)
        await counter()

    assert len(_engine()._idle) == 1
    assert await _threads_left(threads) <= threads


async def test_transactions_one_after_the_other_share_one_connection(sqlite: Settings) -> None:
    await add_counter()

    for value in range(6):
        async with write_transaction(TokenBucket):
            await set_counter(value)

    assert len(_engine()._idle) == 1


async def test_queries_at_once_use_connections_of_their_own_and_keep_no_more_than_allowed(sqlite: Settings) -> None:
    await add_counter(at=7.0)

    found = await asyncio.gather(*[counter() for _ in range(4 * IDLE_CONNECTIONS)])

    assert found == [7.0] * (4 * IDLE_CONNECTIONS)
    assert 1 < len(_engine()._idle) <= IDLE_CONNECTIONS


async def test_closing_the_engine_ends_its_threads(sqlite_settings: Settings) -> None:
    threads = threading.active_count()
    engine = make_engine(sqlite_settings)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=1):
        await asyncio.gather(*[counter() for _ in range(5)])

    assert await _threads_left(threads) <= threads


async def test_failed_begin_leaks_neither_thread_nor_context(sqlite: Settings) -> None:
    await add_counter()
    threads = threading.active_count()

    with another_connection(sqlite) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                async with write_transaction(TokenBucket):
                    await set_counter(1)

    assert await _threads_left(threads) <= threads
    assert _engine().current_transaction.get() is None
    async with write_transaction(TokenBucket):
        await set_counter(2)
    assert await counter() == 2


async def test_begin_that_is_cancelled_while_it_waits_leaks_nothing(sqlite_settings: Settings) -> None:
    engine = make_engine(sqlite_settings)
    assert isinstance(engine, SQLiteEngine)
    engine.connection_kwargs["timeout"] = 0.5
    bind_engine(engine, ALL_TABLES)
    threads = threading.active_count()

    async def write() -> None:
        async with write_transaction(TokenBucket):
            await set_counter(1)

    async with open_engine(engine, pool_size=1):
        with another_connection(sqlite_settings) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(write())
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        await add_counter(at=3.0)
        assert await counter() == 3.0

    assert await _threads_left(threads) <= threads


async def test_failed_commit_leaks_neither_connection_nor_context(sqlite: Settings) -> None:
    threads = threading.active_count()

    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):  # noqa: PT012 -- it has to leave the block
        async with write_transaction(Area):
            await Area.raw("PRAGMA defer_foreign_keys = ON")
            await Area.insert(Area(code="nowhere", level="community", parent=999_999, names="{}"))

    assert _engine().current_transaction.get() is None
    assert [connection.in_transaction for connection in _engine()._idle] == [False] * len(_engine()._idle)
    assert await _threads_left(threads + 1) <= threads + 1
    assert not await Area.exists().where(Area.code == "nowhere")
    async with write_transaction(Area):
        await Area.insert(Area(code="somewhere", level="community", parent=None, names="{}"))
    assert await Area.exists().where(Area.code == "somewhere")


async def test_failed_statement_rolls_back_and_the_connection_is_used_again(sqlite: Settings) -> None:
    await add_counter()

    with pytest.raises(sqlite3.IntegrityError):  # noqa: PT012 -- it has to leave the block
        async with write_transaction(TokenBucket):
            await set_counter(5)
            await add_counter_again()

    assert await counter() == 0
    assert len(_engine()._idle) == 1


async def add_counter_again() -> None:
    """The key is unique, so this fails."""
    from survey import clock

    await TokenBucket.insert(TokenBucket(key_hash="counter", tokens=0.0, updated_at=clock.now()))


EXIT_SCRIPT = """
import asyncio, sqlite3, sys
from survey.accounts.tables import TokenBucket
from survey.db.engine import bind_engine, make_engine
from survey.db.transaction import write_transaction
from survey.settings import Settings
from survey.tables import ALL_TABLES

async def main():
    settings = Settings(database=sys.argv[1], secret="x" * 32)
    engine = make_engine(settings)
    engine.connection_kwargs["timeout"] = 0.05
    bind_engine(engine, ALL_TABLES)
    other = sqlite3.connect(settings.sqlite_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        async with write_transaction(TokenBucket):
            pass
    except sqlite3.OperationalError as error:
        print(error)
    other.close()
    forgotten = await engine.get_connection()  # held until the end, as a crash would leave it
    globals()["forgotten"] = forgotten

asyncio.run(main())
"""


def test_process_exits_after_a_failed_begin_and_a_forgotten_connection(sqlite_settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EXIT_SCRIPT, sqlite_settings.database],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip

    assert done.stdout == "database is locked\n"
    assert done.returncode == 0


async def _defer_a_constraint() -> None:
    """A constraint that is looked at only by COMMIT."""
    await _engine().run_ddl("CREATE TABLE later (id INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED)")


async def test_failed_commit_on_postgres_gives_the_connection_back_and_leaves_the_context(postgres: Settings) -> None:
    await _defer_a_constraint()

    for _ in range(5):
        with pytest.raises(asyncpg.UniqueViolationError):
            async with write_transaction(TokenBucket):
                await TokenBucket.raw("INSERT INTO later VALUES (1), (1)")

    assert _engine().current_transaction.get() is None
    await asyncio.wait_for(add_counter(at=4.0), timeout=5)
    assert await counter() == 4.0


async def test_connection_lost_inside_a_transaction_does_not_disable_the_writer(postgres: Settings) -> None:
    await add_counter()

    for _ in range(3):
        with pytest.raises(asyncpg.PostgresError):  # noqa: PT012 -- it has to leave the block
            async with write_transaction(TokenBucket):
                await set_counter(9)
                await TokenBucket.raw("SELECT pg_terminate_backend(pg_backend_pid())")

    assert _engine().current_transaction.get() is None
    async with asyncio.timeout(5):
        async with write_transaction(TokenBucket):
            await set_counter(1)
    assert await counter() == 1.0


async def test_transaction_that_is_cancelled_gives_its_connection_back(postgres: Settings) -> None:
    await add_counter()

    async def write_slowly() -> None:
        async with write_transaction(TokenBucket):
            await set_counter(9)
            await TokenBucket.raw("SELECT pg_sleep(10)")

    for _ in range(3):
        task = asyncio.create_task(write_slowly())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async with asyncio.timeout(5):
        await set_counter(2)
        assert await counter() == 2.0


def test_make_engine_reads_every_part_of_a_postgres_address() -> None:
    engine = make_engine(Settings(database="postgresql://li%40home:p%2Fw@db.example:6543/lin%20sheng", secret=SECRET))

    assert engine.config == {
        "user": "li@home", "password": "p/w", "host": "db.example", "port": 6543, "database": "lin sheng",
    }  # fmt: skip


def test_make_engine_reads_a_socket_folder() -> None:
    engine = make_engine(Settings(database="postgresql://postgres:@/linsheng?host=/run/db", secret=SECRET))

    assert engine.config == {"user": "postgres", "host": "/run/db", "database": "linsheng"}


def test_prepare_sqlite_folder_names_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        prepare_sqlite_folder(Settings(database=f"sqlite:///{tmp_path}/missing/x.sqlite", secret=SECRET))

    assert caught.value.message == f"LINSHENG_DATABASE: the folder {tmp_path}/missing does not exist. Create it first."


def test_prepare_sqlite_folder_refuses_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("buy milk, and other things that are longer than sixteen bytes")

    with pytest.raises(SettingsInvalid) as caught:
        prepare_sqlite_folder(Settings(database=f"sqlite:///{path}", secret=SECRET))

    assert caught.value.message == f"LINSHENG_DATABASE: {path} is not a SQLite database."
    assert path.read_text().startswith("buy milk")


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\x00and more"])
def test_prepare_sqlite_folder_takes_a_new_an_empty_and_a_real_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "linsheng.sqlite"
    if content is not None:
        path.write_bytes(content)

    prepare_sqlite_folder(Settings(database=f"sqlite:///{path}", secret=SECRET))

    assert (path.read_bytes() if path.exists() else None) == content
