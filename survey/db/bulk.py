"""Many rows in one statement, for the few hot paths: piccolo builds and parses a query string per row, and SQLite's driver
gives up the interpreter's lock once per row; either costs more than the database does. Use only inside `write_transaction()`.

Names of tables and columns come from code, never from input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from piccolo.columns import ForeignKey
from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table

MOST_PARAMETERS = 30_000
"""SQLite takes 32,766 in one statement."""

Row = Sequence[Any]
Lock = Literal["", "SHARE", "UPDATE"]


class Write(NamedTuple):
    """Rows for a table, each in the order of `columns`, and what happens to those that are there already."""

    table: type[Table]
    columns: Sequence[str]
    rows: Sequence[Row]
    conflict: str = ""


def insertion(table: type[Table], columns: Sequence[str], rows: Sequence[Row], *, skip_known: bool = False) -> Write:
    """New rows. `skip_known` leaves out those that a unique constraint refuses."""
    return Write(table, columns, rows, "ON CONFLICT DO NOTHING" if skip_known else "")


def replacement(table: type[Table], key: Sequence[str], columns: Sequence[str], rows: Sequence[Row]) -> Write:
    """Set `columns` of the rows named by the unique `key`, adding those that are missing. Rows hold key, then columns."""
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
    return Write(table, [*key, *columns], rows, f"ON CONFLICT ({_names(key)}) DO UPDATE SET {changes}")


def addition(table: type[Table], key: Sequence[str], counts: Mapping[tuple[Any, ...], int]) -> Write:
    """Add to counters: `table` has a unique constraint over the `key` columns and a column `total`.

    Keys are written in sorted order, so that two processes that touch the same counters never wait for each other
    in a circle.
    """
    change = f'DO UPDATE SET "total" = "{_name(table)}"."total" + excluded."total"'
    rows = [(*values, counts[values]) for values in sorted(counts)]
    return Write(table, [*key, "total"], rows, f"ON CONFLICT ({_names(key)}) {change}")


async def write_rows(*writes: Write) -> None:
    """Write them in this order; later rows may refer to earlier ones. On PostgreSQL it is one statement, since a way to the
    server and back costs as much as the rows.
    """
    filled = [write for write in writes if write.rows]
    if not filled:
        return
    engine, connection, is_sqlite = _connection(filled[0].table)
    if is_sqlite:
        for write in filled:
            for part in _parts(write.rows, len(write.columns)):
                source, parameters = _source(write.table, write.columns, part, is_sqlite=True)
                await engine._run_in_existing_connection(connection, _insert(write, source), parameters)  # noqa: SLF001 -- our engine's
        return
    statements: list[str] = []
    values: list[Any] = []
    for write in filled:
        source, given = _source(write.table, write.columns, write.rows, is_sqlite=False, first=len(values) + 1)
        statements.append(_insert(write, source))
        values += given
    *before, last = statements
    named = ", ".join(f"part_{number} AS ({statement})" for number, statement in enumerate(before))
    await connection.execute(f"WITH {named} {last}" if named else last, *values)


def _insert(write: Write, source: str) -> str:
    return f'INSERT INTO "{_name(write.table)}" ({_names(write.columns)}) {source} {write.conflict}'


async def insert_rows(table: type[Table], columns: Sequence[str], rows: Sequence[Row]) -> None:
    await write_rows(insertion(table, columns, rows))


async def update_rows(table: type[Table], key: Sequence[str], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set `columns` of the rows named by the unique `key`; what is not there stays so. Rows hold key, then columns."""
    name = _name(table)
    changes = ", ".join(f'"{column}" = w."{column}"' for column in columns)
    joined = " AND ".join(f'"{name}"."{column}" = w."{column}"' for column in key)
    await query_rows(table, [*key, *columns], rows, f'UPDATE "{name}" SET {changes} FROM w WHERE {joined}')  # noqa: S608 -- names come from code


async def find_rows(
    table: type[Table], columns: Sequence[str], key: Sequence[str], values: Sequence[Row], *, lock: Lock = ""
) -> list[dict[str, Any]]:
    """Return `columns` of the rows whose `key` columns hold one of `values`.

    `lock` keeps other transactions from changing them until this one ends (on SQLite nobody else writes anyway): UPDATE for
    one holder, SHARE for many. They are locked in the order of the key, so that two processes never wait for each other in a
    circle.
    """
    joined = " AND ".join(f't."{name}" = w."{name}"' for name in key)
    shown = ", ".join(f't."{name}"' for name in columns)
    sql = f'SELECT {shown} FROM w JOIN "{_name(table)}" t ON {joined}'  # noqa: S608 -- names come from code
    held = f" ORDER BY {', '.join(f't.{chr(34)}{name}{chr(34)}' for name in key)} FOR {lock} OF t" if lock else ""
    return await query_rows(table, key, values, sql, held=held)


async def query_rows(
    table: type[Table], key: Sequence[str], values: Sequence[Row], sql: str, *, held: str = ""
) -> list[dict[str, Any]]:
    """Run a SELECT (or an UPDATE) in which `w` is a table of `values`, its columns named and typed like those of `table`.

    `held` is what PostgreSQL needs at the end to lock rows.
    """
    if not values:
        return []
    engine, connection, is_sqlite = _connection(table)
    found: list[dict[str, Any]] = []
    for part in _parts(values, len(key)):
        source, parameters = _source(table, key, part, is_sqlite=is_sqlite)
        full = f"WITH w ({_names(key)}) AS ({source}) {sql}"
        if is_sqlite:
            found += await engine._run_in_existing_connection(connection, full, parameters)  # noqa: SLF001 -- our engine's
        else:
            found += [dict(row) for row in await connection.fetch(full + held, *parameters)]
    return found


def _parts(rows: Sequence[Row], width: int) -> list[Sequence[Row]]:
    size = MOST_PARAMETERS // width
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _source(
    table: type[Table], columns: Sequence[str], rows: Sequence[Row], *, is_sqlite: bool, first: int = 1
) -> tuple[str, list[Any]]:
    """Return rows as SQL and its parameters. On PostgreSQL one array a column: the same statement for any number of rows,
    so that it is prepared once. `first` is the number of the first parameter.
    """
    if is_sqlite:
        return _values(len(columns), len(rows)), [value for row in rows for value in row]
    return _arrays(table, tuple(columns), first), [list(column) for column in zip(*rows, strict=True)]


@lru_cache(maxsize=4096)
def _values(width: int, height: int) -> str:
    line = f"({', '.join('?' * width)})"
    return f"VALUES {', '.join([line] * height)}"


@lru_cache(maxsize=256)
def _arrays(table: type[Table], columns: tuple[str, ...], first: int) -> str:
    arrays = ", ".join(f"${place}::{_type(table, name)}[]" for place, name in enumerate(columns, start=first))
    return f"SELECT * FROM unnest({arrays})"  # noqa: S608 -- names come from code


def _type(table: type[Table], name: str) -> str:
    column = table._meta.get_column_by_name(name)  # noqa: SLF001 -- piccolo's own attribute
    if isinstance(column, ForeignKey):
        column = column._foreign_key_meta.resolved_references._meta.primary_key  # noqa: SLF001 -- the same
    plain = re.sub(r"\(.*\)", "", str(column.column_type)).lower()
    return {"serial": "integer", "bigserial": "bigint"}.get(plain, plain)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _name(table: type[Table]) -> str:
    return str(table._meta.tablename)  # noqa: SLF001 -- piccolo's own attribute


def _connection(table: type[Table]) -> tuple[Any, Any, bool]:
    """The engine, the open transaction's connection, and whether it is SQLite."""
    engine = table._meta.db  # noqa: SLF001 -- piccolo's own attribute
    transaction = engine.current_transaction.get()
    if transaction is None:
        raise RuntimeError("bulk statements belong inside write_transaction()")
    return engine, transaction.connection, isinstance(engine, SQLiteEngine)
