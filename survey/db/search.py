"""Finding statements by their words, newest first: FTS5 on SQLite, a GIN index of tsvector on PostgreSQL. Which engine it is, only
this module knows; what is a word, only its callers do (a word consists of letters, digits, `_` and `-`).

Places and states of a statement are words of the index too (`la_ko`, `ar_7`: migration m0009), so that both engines intersect
sorted lists of rows, whatever is asked for together. No row is counted and none is skipped over: a page goes on where the last ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table

from survey.db.transaction import write_transaction

WINDOWS = (4_000, 24_000)
"""PostgreSQL finds by words in any order and sorts what it found. Of what is frequent, the newest rows hold enough: so many are looked
through first, so that only what is rare is sorted.
"""

SMALL_GROUP, SMALL_GROUP_POSTGRES = 5_000, 60_000
"""A theme of so few statements is read through; of a larger one, what the words find is looked up in it."""


@dataclass(frozen=True)
class Every:
    """All of them. A word that ends with `*` is met by every word that begins so."""

    parts: tuple[Query, ...]


@dataclass(frozen=True)
class Some:
    """At least one of them."""

    parts: tuple[Query, ...]


Query = str | Every | Some


@dataclass(frozen=True)
class Group:
    """Statements that another table lists, `table` having the columns `statement` and `column`; or that it does not list.

    `size` is about how many they are. Names come from code, never from input.
    """

    table: str
    column: str = ""
    value: int = 0
    size: int = 0
    is_absent: bool = False


@dataclass(frozen=True)
class Order:
    """From which row on, and in which direction; `surveys` and `wave` narrow what is looked through first, not what is found."""

    surveys: tuple[int, ...]
    wave: int | None = None
    after: int | None = None
    is_oldest_first: bool = False


async def find_rows_by_words(
    table: type[Table], query: Query, *, order: Order, limit: int, group: Group | None = None
) -> list[int]:
    """Return ids of statements that meet the query, in order. `table` names the engine."""
    is_sqlite = isinstance(table._meta.db, SQLiteEngine)  # noqa: SLF001 -- piccolo's own attribute
    listed = group if group is not None and not group.is_absent else None
    if listed and (listed.size <= SMALL_GROUP or not _narrows(query)):
        return await _run(table, _through_group(query, order, limit, listed, is_sqlite=is_sqlite))
    if is_sqlite:
        return await _run(table, _by_fts(query, order, limit, group))
    for window in WINDOWS:
        newest = await _run(table, _through_newest(query, order, limit, group, window))
        if len(newest) == limit:
            return newest
    if listed and listed.size <= SMALL_GROUP_POSTGRES:
        return await _run(table, _through_group(query, order, limit, listed, is_sqlite=False))
    return await _run(table, _by_gin(query, order, limit, group))


async def merge_words(table: type[Table]) -> None:
    """Merge the parts of SQLite's index into one, in steps between which others can write. PostgreSQL's vacuum does the like.

    No word of a deleted statement is left in the file then: before it a search finds none, but old parts still hold them. And a
    search looks into one part, where after many writes it looks into a dozen.
    """
    engine = table._meta.db  # noqa: SLF001 -- piccolo's own attribute
    if not isinstance(engine, SQLiteEngine):
        return
    command = 'INSERT INTO "statement_words" ("statement_words", "rank") VALUES (\'merge\', {})'
    pages = -MERGED_AT_ONCE  # negative: whatever the sizes of the parts
    while True:
        async with write_transaction(table):
            before = await _total_changes(table)
            await table.raw(command, pages)
            changes = await _total_changes(table) - before
        if changes < 2:  # SQLite's documentation: then there was nothing left to merge
            return
        pages = MERGED_AT_ONCE


MERGED_AT_ONCE = 500


async def _total_changes(table: type[Table]) -> int:
    rows = await table.raw("SELECT total_changes() AS n")
    return int(rows[0]["n"])


Sql = tuple[str, list[Any]]


async def _run(table: type[Table], sql: Sql) -> list[int]:
    text, values = sql
    return [row["id"] for row in await table.raw(text, *values)]


def _by_fts(query: Query, order: Order, limit: int, group: Group | None) -> Sql:
    values: list[Any] = [_as_fts(query)]
    where = _where(order, "w.rowid", group, values)
    text = f'SELECT w.rowid AS "id" FROM "statement_words" w WHERE w."statement_words" MATCH {{}}{where} ORDER BY w.rowid {_direction(order)} LIMIT {{}}'  # noqa: S608 -- names come from code
    return text, [*values, limit]


def _by_gin(query: Query, order: Order, limit: int, group: Group | None) -> Sql:
    """Materialized: else the planner may walk through all statements, hoping to meet a rare word soon."""
    values: list[Any] = [_as_tsquery(query)]
    found = f'SELECT w."rowid" AS "id" FROM "statement_words" w WHERE w."words" @@ {_TSQUERY}{_where(order, _ROWID, None, values)}'  # noqa: S608 -- names come from code
    listed = _listed(group, 'f."id"', values)
    text = f'WITH f AS MATERIALIZED ({found}) SELECT f."id" FROM f{f" WHERE {listed}" if listed else ""} ORDER BY f."id" {_direction(order)} LIMIT {{}}'  # noqa: S608 -- names come from code
    return text, [*values, limit]


def _through_newest(query: Query, order: Order, limit: int, group: Group | None, window: int) -> Sql:
    """The newest of the survey and wave, else of the group: each read in the order of an index."""
    values: list[Any] = []
    if group is not None and not group.is_absent and order.wave is None:
        source, row, asked = f'"{group.table}" s', 's."statement"', f's."{group.column}" = {{}}'
        values.append(group.value)
        group = None
    else:
        source, row = '"statement" s', 's."id"'
        # One survey by `=`: behind ANY the planner no longer sees that the index is in order.
        asked = 's."survey" = {}' if len(order.surveys) == 1 else 's."survey" = ANY({})'
        values.append(order.surveys[0] if len(order.surveys) == 1 else list(order.surveys))
        if order.wave is not None:
            asked += ' AND s."wave" = {}'
            values.append(order.wave)
    newest = (
        f'SELECT {row} AS "id" FROM {source} WHERE {asked}{_where(order, row, None, values)}'  # noqa: S608 -- names come from code
        f" ORDER BY {row} {_direction(order)} LIMIT {window}"
    )
    values.append(_as_tsquery(query))
    listed = _listed(group, 'n."id"', values)
    text = (
        f'SELECT n."id" FROM ({newest}) n JOIN "statement_words" w ON w."rowid" = n."id" WHERE w."words" @@ {_TSQUERY}'  # noqa: S608 -- names come from code
        f'{f" AND {listed}" if listed else ""} ORDER BY n."id" {_direction(order)} LIMIT {{}}'
    )
    return text, [*values, limit]


def _through_group(query: Query, order: Order, limit: int, group: Group, *, is_sqlite: bool) -> Sql:
    values: list[Any] = [group.value]
    before = _where(order, 'g."statement"', None, values)
    if is_sqlite:
        source = '"statement_searched" w ON w."id" = g."statement"'
        test = _as_tests(query, values)
    else:
        source, test = '"statement_words" w ON w."rowid" = g."statement"', f'w."words" @@ {_TSQUERY}'
        values.append(_as_tsquery(query))
    text = (
        f'SELECT g."statement" AS "id" FROM "{group.table}" g JOIN {source} WHERE g."{group.column}" = {{}}{before} AND {test}'  # noqa: S608 -- names come from code
        f' ORDER BY g."statement" {_direction(order)} LIMIT {{}}'
    )
    return text, [*values, limit]


_TSQUERY = "CAST(CAST({} AS TEXT) AS TSQUERY)"
_ROWID = 'w."rowid"'


def _where(order: Order, row: str, group: Group | None, values: list[Any]) -> str:
    """The conditions besides the words', each with AND before it."""
    text = ""
    if order.after is not None:
        text += f" AND {row} {'>' if order.is_oldest_first else '<'} {{}}"
        values.append(order.after)
    listed = _listed(group, row, values)
    return f"{text} AND {listed}" if listed else text


def _listed(group: Group | None, row: str, values: list[Any]) -> str:
    if group is None:
        return ""
    if group.is_absent:
        return f'NOT EXISTS (SELECT 1 FROM "{group.table}" g WHERE g."statement" = {row})'  # noqa: S608 -- names come from code
    values.append(group.value)
    return f'EXISTS (SELECT 1 FROM "{group.table}" g WHERE g."statement" = {row} AND g."{group.column}" = {{}})'  # noqa: S608 -- the same


def _direction(order: Order) -> str:
    return "ASC" if order.is_oldest_first else "DESC"


def _narrows(query: Query) -> bool:
    """Whether it asks for more than a survey."""
    if isinstance(query, str):
        return not query.startswith("sv_")
    return any(_narrows(part) for part in query.parts)


def _as_fts(query: Query) -> str:
    if isinstance(query, str):
        return f'"{_plain(query)}"{" *" if query.endswith("*") else ""}'
    return f"({(' AND ' if isinstance(query, Every) else ' OR ').join(_as_fts(part) for part in query.parts)})"


def _as_tsquery(query: Query) -> str:
    if isinstance(query, str):
        return f"'{_plain(query)}'{':*' if query.endswith('*') else ''}"
    return f"({(' & ' if isinstance(query, Every) else ' | ').join(_as_tsquery(part) for part in query.parts)})"


def _as_tests(query: Query, values: list[Any]) -> str:
    """The same as conditions on the words of one row."""
    if isinstance(query, str):
        values.append(f" {_plain(query)}" if query.endswith("*") else f" {query} ")
        return "instr(' ' || w.\"words\" || ' ', {}) > 0"
    return f"({(' AND ' if isinstance(query, Every) else ' OR ').join(_as_tests(part, values) for part in query.parts)})"


def _plain(word: str) -> str:
    plain = word.removesuffix("*")
    if not plain.replace("_", "").replace("-", "").isalnum():
        raise ValueError(f"{word!r} is no word of the index")
    return plain


def words_query(asked: Sequence[Sequence[str]]) -> list[Query]:
    """The parts of Every for words that are asked for, each of which may be met in several ways."""
    return [Some(tuple(words)) if len(words) > 1 else words[0] for words in asked]
