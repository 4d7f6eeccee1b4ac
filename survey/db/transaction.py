"""The only way to write, and the way to group a page's reads. Nothing else may open a transaction (a test checks it)."""

from __future__ import annotations

from typing import Any

from piccolo.engine.sqlite import SQLiteEngine, TransactionType
from piccolo.table import Table


def write_transaction(table: type[Table], *, is_shared: bool = False) -> Any:
    """Open the transaction for a change to `table`; what it reads there stays true until its commit.

    On SQLite it is IMMEDIATE, so that no reader has to be upgraded (pitfall P2), and alone in the database. On
    PostgreSQL it waits for the other write transactions of the same table; a shared one does not, and is for writers
    whom unique constraints and conditional updates guard. Raises TransactionError inside another transaction: nesting
    would commit what an inner failure should have undone (P6). Start no task inside: it would share the connection (P7).
    """
    engine = table._meta.db  # noqa: SLF001 -- piccolo's own attribute for the engine
    if isinstance(engine, SQLiteEngine):
        return engine.transaction(transaction_type=TransactionType.immediate, allow_nested=False)
    return engine.transaction(allow_nested=False, lock=None if is_shared else f"linsheng:{table._meta.tablename}")  # noqa: SLF001 -- piccolo's own attribute


def read_transaction(table: type[Table]) -> Any:
    """Group a page's reads on one connection and one snapshot (pitfall P1). Joins a transaction that is already open."""
    engine = table._meta.db  # noqa: SLF001 -- piccolo's own attribute for the engine
    return engine.transaction() if isinstance(engine, SQLiteEngine) else engine.transaction(is_snapshot=True)


async def fold_wal(engine: Any) -> None:
    """Move what SQLite keeps beside its file into the file, so that the file alone can be moved; nothing on PostgreSQL."""
    if isinstance(engine, SQLiteEngine):
        await engine.run_ddl("PRAGMA wal_checkpoint(TRUNCATE)")
