"""The only way to write, and the way to group a page's reads. Nothing else may open a transaction (a test checks it)."""

from __future__ import annotations

from typing import Any

from piccolo.engine.sqlite import SQLiteEngine, TransactionType
from piccolo.table import Table


def write_transaction(table: type[Table]) -> Any:
    """Open the transaction for a change: IMMEDIATE on SQLite, so that no reader has to be upgraded (pitfall P2).

    `table` is any table of the database. Raises TransactionError inside another transaction: nesting would commit
    what an inner failure should have undone (pitfall P6). Start no task inside: it would share the connection (P7).
    """
    engine = table._meta.db  # noqa: SLF001 -- piccolo's own attribute for the engine
    if isinstance(engine, SQLiteEngine):
        return engine.transaction(transaction_type=TransactionType.immediate, allow_nested=False)
    return engine.transaction(allow_nested=False)


def read_transaction(table: type[Table]) -> Any:
    """Group a page's reads on one connection and one snapshot (pitfall P1). Joins a transaction that is already open."""
    return table._meta.db.transaction()  # noqa: SLF001 -- piccolo's own attribute for the engine


async def fold_wal(engine: Any) -> None:
    """Move what SQLite keeps beside its file into the file, so that the file alone can be moved; nothing on PostgreSQL."""
    if isinstance(engine, SQLiteEngine):
        await engine.run_ddl("PRAGMA wal_checkpoint(TRUNCATE)")
