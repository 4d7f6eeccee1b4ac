"""Many rows in one statement, for the few hot paths: piccolo builds and parses a query string per row, which costs more
than the database does. Use only inside `write_transaction()`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table


async def insert_rows(table: type[Table], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert `rows`, each a sequence in the order of `columns`. Column names come from code, never from input."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    await _execute_many(table, f'INSERT INTO "{_name(table)}" ({names}) VALUES ({{}})', len(columns), rows)  # noqa: S608 -- names come from code


async def add_counts(table: type[Table], key: Sequence[str], counts: Mapping[tuple[Any, ...], int]) -> None:
    """Add to counters: `table` has a unique constraint over the `key` columns and a column `total`.

    Keys are written in sorted order, so that two processes that touch the same counters never wait for each other
    in a circle.
    """
    if not counts:
        return
    names = ", ".join(f'"{name}"' for name in (*key, "total"))
    name = _name(table)
    sql = (
        f'INSERT INTO "{name}" ({names}) VALUES ({{}}) '  # noqa: S608 -- names come from code
        f'ON CONFLICT ({", ".join(f"{chr(34)}{column}{chr(34)}" for column in key)}) '
        f'DO UPDATE SET "total" = "{name}"."total" + excluded."total"'
    )
    rows = [(*values, counts[values]) for values in sorted(counts)]
    await _execute_many(table, sql, len(key) + 1, rows)


def _name(table: type[Table]) -> str:
    return str(table._meta.tablename)  # noqa: SLF001 -- piccolo's own attribute


async def _execute_many(table: type[Table], sql: str, width: int, rows: Sequence[Sequence[Any]]) -> None:
    engine = table._meta.db  # noqa: SLF001 -- piccolo's own attribute
    transaction = engine.current_transaction.get()
    if transaction is None:
        raise RuntimeError("bulk writes belong inside write_transaction()")
    if isinstance(engine, SQLiteEngine):
        await transaction.connection.executemany(sql.format(", ".join("?" * width)), rows)
    else:
        await transaction.connection.executemany(
            sql.format(", ".join(f"${index}" for index in range(1, width + 1))), rows
        )
