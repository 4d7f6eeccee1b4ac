"""The two engines, tuned, and their binding to the tables. Queries and tables live with the features."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosqlite
import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory
from piccolo.table import Table

from survey.errors import SettingsInvalid
from survey.settings import Settings

IDLE_CONNECTIONS = 8
LOCK_TIMEOUT_SECONDS = 30.0
CACHED_STATEMENTS = 512

Engine = SQLiteEngine | PostgresEngine


class TunedSQLiteEngine(SQLiteEngine):
    """SQLite with kept connections, WAL and per-connection pragmas.

    Piccolo opens a connection and a thread for every query and leaves the rollback journal on (docs/decisions/0002).
    Here connections are reused, and a query outside a transaction runs on one of them in autocommit.
    """

    __slots__ = ("_idle",)

    def __init__(self, path: str) -> None:
        super().__init__(
            path=path, timeout=LOCK_TIMEOUT_SECONDS, check_same_thread=False, cached_statements=CACHED_STATEMENTS
        )
        self._idle: list[aiosqlite.Connection] = []

    async def get_connection(self) -> aiosqlite.Connection:
        if self._idle:
            return self._idle.pop()
        connection = aiosqlite.connect(**self.connection_kwargs)
        connection._thread.daemon = True  # noqa: SLF001 -- a forgotten connection must not keep the process alive (P4)
        await connection
        try:
            connection.row_factory = dict_factory  # type: ignore[assignment]  # rows as dicts, as piccolo expects
            for pragma in ("foreign_keys=ON", "synchronous=FULL", "temp_store=MEMORY", "cache_size=-32000"):
                await connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            await connection.close()
            raise
        return connection

    async def release(self, connection: aiosqlite.Connection) -> None:
        """Keep a healthy connection for the next query; close one that is still inside a transaction."""
        if len(self._idle) < IDLE_CONNECTIONS and not connection.in_transaction:
            self._idle.append(connection)
        else:
            await connection.close()

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()

    async def use_wal(self) -> None:
        """Set the journal mode, which the file remembers. Done once, at migration: on every connect it locks (pitfall P3)."""
        connection = await self.get_connection()
        try:
            await connection.execute("PRAGMA journal_mode=WAL")
        finally:
            await self.release(connection)

    async def _run_in_new_connection(
        self,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",  # noqa: ARG002 -- piccolo's signature
        table: type[Table] | None = None,  # noqa: ARG002 -- piccolo's signature
    ) -> Any:
        connection = await self.get_connection()
        try:
            return await connection.execute_fetchall(query, args or [])
        finally:
            await self.release(connection)

    async def _run_in_existing_connection(
        self,
        connection: aiosqlite.Connection,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",  # noqa: ARG002 -- piccolo's signature
        table: type[Table] | None = None,  # noqa: ARG002 -- piccolo's signature
    ) -> Any:
        """A read waits for the disk in the connection's thread. A write that has begun has the lock and waits for nobody
        until its COMMIT: it runs here, because a hop to the thread and back costs more than the statement.
        """
        transaction = self.current_transaction.get()
        if transaction is not None and transaction.transaction_type == TransactionType.immediate:
            return connection._conn.execute(query, args or []).fetchall()  # noqa: SLF001 -- sqlite3's own connection
        return await connection.execute_fetchall(query, args or [])

    def transaction(
        self, transaction_type: TransactionType = TransactionType.deferred, allow_nested: bool = True
    ) -> SafeSQLiteTransaction:
        return SafeSQLiteTransaction(engine=self, transaction_type=transaction_type, allow_nested=allow_nested)


class SafeSQLiteTransaction(SQLiteTransaction):
    """Piccolo's transaction, but a failed BEGIN or COMMIT leaks neither a connection nor the context (pitfall P4)."""

    __slots__ = ()

    async def __aenter__(self) -> Self:
        if self._parent is not None:
            return self._parent  # type: ignore[return-value]  # piccolo names its own class
        self.connection = await self.get_connection()
        try:
            if self.transaction_type != TransactionType.immediate or not self._begin_at_once():
                await self.begin()
        except BaseException:
            await self.connection.close()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    def _begin_at_once(self) -> bool:
        """Begin without a hop to the connection's thread, if nobody else writes at the moment."""
        connection = self.connection._conn  # noqa: SLF001 -- sqlite3's own connection
        try:
            connection.execute("PRAGMA busy_timeout=0")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout={int(self.engine.connection_kwargs['timeout'] * 1000)}")
        return True

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        if self._parent:
            return exception is None
        try:
            if exception is not None:
                if not self._rolled_back:
                    await self.rollback()
            elif not self._committed and not self._rolled_back:
                await self.commit()
        finally:
            self.engine.current_transaction.reset(self.context)
            await self.engine.release(self.connection)  # type: ignore[attr-defined]  # the engine is ours
        return exception is None


class PooledPostgresEngine(PostgresEngine):
    """PostgreSQL with a pool that `open_engine` starts and closes."""

    async def check_version(self) -> None:
        """Ask nothing: piccolo would connect while the engine is built, and tell of a server that is away in its own words."""

    def transaction(
        self, allow_nested: bool = True, *, lock: str | None = None, is_snapshot: bool = False
    ) -> SafePostgresTransaction:
        """`lock` names what only one transaction at a time may hold; a snapshot reads all of one moment and writes nothing."""
        return SafePostgresTransaction(engine=self, allow_nested=allow_nested, lock=lock, is_snapshot=is_snapshot)


class SafePostgresTransaction(PostgresTransaction):
    """Piccolo's transaction, but whatever fails (a commit, a server that went away), the connection goes back to the pool
    and the context is left: else the one writer would believe for ever that it is still inside (pitfall P4).
    """

    __slots__ = ("_is_snapshot", "_lock")

    def __init__(
        self, engine: PooledPostgresEngine, *, allow_nested: bool, lock: str | None, is_snapshot: bool
    ) -> None:
        super().__init__(engine=engine, allow_nested=allow_nested)
        self._lock = lock
        self._is_snapshot = is_snapshot

    async def __aenter__(self) -> Self:
        if self._parent is not None:
            return self._parent  # type: ignore[return-value]  # piccolo names its own class
        self.connection = await self.get_connection()
        try:
            self.transaction = self.connection.transaction(
                isolation="repeatable_read" if self._is_snapshot else None, readonly=self._is_snapshot
            )
            await self.begin()
            if self._lock is not None:
                await self.connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", self._lock)
        except BaseException:
            await self._let_go()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        if self._parent:
            return exception is None
        try:
            if exception is not None:
                if not self._rolled_back:
                    # Where the server went away there is nothing to roll back, and what it said first counts.
                    with contextlib.suppress(asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
                        await self.rollback()
            elif not self._committed and not self._rolled_back:
                await self.commit()
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._let_go()
        return exception is None

    async def _let_go(self) -> None:
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


def make_engine(settings: Settings) -> Engine:
    """Build the engine that LINSHENG_DATABASE names; nothing is opened yet."""
    path = settings.sqlite_path
    if path is not None:
        return TunedSQLiteEngine(path=str(path))
    return PooledPostgresEngine(config=_postgres_config(settings.database))


def bind_engine(engine: Engine, tables: Iterable[type[Table]]) -> None:
    """Point the tables at this engine. Called once by the composition root, and by each test."""
    for table in tables:
        table._meta.db = engine  # noqa: SLF001 -- piccolo's own way to set a table's engine


@contextlib.asynccontextmanager
async def open_engine(engine: Engine, *, pool_size: int) -> AsyncIterator[Engine]:
    """Open what the engine needs for the time of a process or a command, and close it at the end."""
    if isinstance(engine, PostgresEngine):
        await engine.start_connection_pool(min_size=1, max_size=pool_size, reset=_leave_as_it_is)
    try:
        yield engine
    finally:
        if isinstance(engine, PostgresEngine):
            await asyncio.wait_for(engine.close_connection_pool(), timeout=10)
        elif isinstance(engine, TunedSQLiteEngine):
            await engine.close()


async def _leave_as_it_is(connection: Any) -> None:
    """Spare a way to the server when a connection goes back to the pool: nothing here sets, listens or locks beyond its transaction."""


def prepare_sqlite_folder(settings: Settings) -> None:
    """Check that the database's folder is there and can be written, before SQLite says only 'unable to open'."""
    path = settings.sqlite_path
    if path is None:
        return
    folder = path.resolve().parent
    if not folder.is_dir():
        raise SettingsInvalid(f"LINSHENG_DATABASE: the folder {folder} does not exist. Create it first.")
    if path.exists() and not _is_sqlite(path):
        raise SettingsInvalid(f"LINSHENG_DATABASE: {path} is not a SQLite database.")


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(16)
    return head in (b"", b"SQLite format 3\x00")


def _postgres_config(url: str) -> dict[str, Any]:
    """Turn postgresql://user:password@host:port/name?host=/socket into asyncpg's arguments."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    config: dict[str, Any] = {
        "database": unquote(parts.path.lstrip("/")) or "postgres",
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "host": query.get("host", [parts.hostname])[0],
        "port": parts.port,
    }
    return {key: value for key, value in config.items() if value is not None}


