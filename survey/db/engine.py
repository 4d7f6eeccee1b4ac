"""The two engines, tuned, and their binding to the tables. Queries and tables live with the features."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosqlite
from piccolo.engine.postgres import PostgresEngine
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory
from piccolo.table import Table

from survey.errors import SettingsInvalid
from survey.settings import Settings

IDLE_CONNECTIONS = 8
LOCK_TIMEOUT_SECONDS = 30.0

Engine = SQLiteEngine | PostgresEngine


class TunedSQLiteEngine(SQLiteEngine):  # type: ignore[misc]  # piccolo is untyped here
    """SQLite with kept connections, WAL and per-connection pragmas.

    Piccolo opens a connection and a thread for every query and leaves the rollback journal on (docs/decisions/0002).
    Here connections are reused, and a query outside a transaction runs on one of them in autocommit.
    """

    __slots__ = ("_idle",)

    def __init__(self, path: str) -> None:
        super().__init__(path=path, timeout=LOCK_TIMEOUT_SECONDS)
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
        return await connection.execute_fetchall(query, args or [])

    def transaction(
        self, transaction_type: TransactionType = TransactionType.deferred, allow_nested: bool = True
    ) -> SafeSQLiteTransaction:
        return SafeSQLiteTransaction(engine=self, transaction_type=transaction_type, allow_nested=allow_nested)


class SafeSQLiteTransaction(SQLiteTransaction):  # type: ignore[misc]  # piccolo is untyped here
    """Piccolo's transaction, but a failed BEGIN or COMMIT leaks neither a connection nor the context (pitfall P4)."""

    __slots__ = ()

    async def __aenter__(self) -> Self:
        if self._parent is not None:
            return self._parent  # type: ignore[no-any-return]  # piccolo's attribute
        self.connection = await self.get_connection()
        try:
            await self.begin()
        except BaseException:
            await self.connection.close()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

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
            await self.engine.release(self.connection)
        return exception is None


class PooledPostgresEngine(PostgresEngine):  # type: ignore[misc]  # piccolo is untyped here
    """PostgreSQL with a pool that `open_engine` starts and closes."""


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
        await engine.start_connection_pool(min_size=1, max_size=pool_size)
    try:
        yield engine
    finally:
        if isinstance(engine, PostgresEngine):
            await asyncio.wait_for(engine.close_connection_pool(), timeout=10)
        elif isinstance(engine, TunedSQLiteEngine):
            await engine.close()


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


