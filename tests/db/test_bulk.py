"""Many rows in one statement, counters that add up, rows found by several columns at once: the same on both engines."""

from __future__ import annotations

import asyncio
import datetime as dt
import random

import pytest

from survey import clock
from survey.accounts.tables import Account, TokenBucket
from survey.db.bulk import addition, find_rows, insert_rows, insertion, replacement, update_rows, write_rows
from survey.db.transaction import write_transaction
from survey.responses.tables import DayCount
from survey.settings import Settings

COLUMNS = ("key_hash", "tokens", "updated_at")
DAY = ("survey", "day")
FIRST = dt.date(2026, 3, 1)


def _day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


async def _totals() -> dict[tuple[int, dt.date], int]:
    rows = await DayCount.select()
    return {(row["survey"], row["day"]): row["total"] for row in rows}


async def test_insert_rows_stores_each_value_in_its_column(database: Settings) -> None:
    now = clock.now()

    async with write_transaction(TokenBucket):
        await insert_rows(TokenBucket, COLUMNS, [(f"key {number}", number / 4, now) for number in range(600)])

    rows = await TokenBucket.select(TokenBucket.key_hash, TokenBucket.tokens, TokenBucket.updated_at).order_by(TokenBucket.tokens)
    assert rows == [{"key_hash": f"key {number}", "tokens": number / 4, "updated_at": now} for number in range(600)]


async def test_insert_rows_takes_more_rows_than_one_statement_may_hold(database: Settings) -> None:
    async with write_transaction(DayCount):
        await insert_rows(DayCount, (*DAY, "total"), [(number, FIRST, number) for number in range(10_500)])

    assert await DayCount.count() == 10_500
    assert (await _totals())[10_499, FIRST] == 10_499


async def test_insert_rows_stores_what_is_not_there(database: Settings) -> None:
    now = clock.now()
    columns = ("public_id", "name", "password_hash", "is_active", "created_at")

    async with write_transaction(Account):
        await insert_rows(Account, columns, [("a", "ada", None, False, now), ("b", "bo", "hash", True, now)])

    rows = await Account.select(Account.name, Account.password_hash, Account.is_active, exclude_secrets=False).order_by(Account.name)
    assert rows == [
        {"name": "ada", "password_hash": None, "is_active": False},
        {"name": "bo", "password_hash": "hash", "is_active": True},
    ]


async def test_insert_rows_does_not_read_values_as_sql(database: Settings) -> None:
    name = """'); DROP TABLE "token_bucket"; -- {} %s $1 ?"""

    async with write_transaction(TokenBucket):
        await insert_rows(TokenBucket, COLUMNS, [(name, 0.0, clock.now())])

    assert await TokenBucket.select(TokenBucket.key_hash) == [{"key_hash": name}]


async def test_insert_rows_is_undone_with_its_transaction(database: Settings) -> None:
    with pytest.raises(KeyError):  # noqa: PT012 -- it has to leave the block
        async with write_transaction(TokenBucket):
            await insert_rows(TokenBucket, COLUMNS, [("lost", 0.0, clock.now())])
            raise KeyError

    assert await TokenBucket.count() == 0


async def test_insert_rows_refuses_a_row_that_is_known_and_undoes_the_others(database: Settings) -> None:
    async with write_transaction(DayCount):
        await insert_rows(DayCount, (*DAY, "total"), [(1, FIRST, 5)])

    with pytest.raises(Exception, match=r"(?i)unique"):
        async with write_transaction(DayCount):
            await insert_rows(DayCount, (*DAY, "total"), [(2, FIRST, 1), (1, FIRST, 7)])

    assert await _totals() == {(1, FIRST): 5}


async def test_insert_rows_can_skip_rows_that_are_known(database: Settings) -> None:
    async with write_transaction(DayCount):
        await insert_rows(DayCount, (*DAY, "total"), [(1, FIRST, 5)])
        await write_rows(insertion(DayCount, (*DAY, "total"), [(2, FIRST, 1), (1, FIRST, 7)], skip_known=True))

    assert await _totals() == {(1, FIRST): 5, (2, FIRST): 1}


async def test_replace_rows_sets_known_rows_and_adds_missing_ones(database: Settings) -> None:
    async with write_transaction(DayCount):
        await insert_rows(DayCount, (*DAY, "total"), [(1, FIRST, 5), (3, FIRST, 9)])
        await write_rows(replacement(DayCount, DAY, ("total",), [(1, FIRST, 6), (2, FIRST, 7)]))

    assert await _totals() == {(1, FIRST): 6, (2, FIRST): 7, (3, FIRST): 9}


async def test_find_rows_finds_by_all_key_columns_together(database: Settings) -> None:
    async with write_transaction(DayCount):
        await insert_rows(DayCount, (*DAY, "total"), [(1, _day(0), 10), (1, _day(1), 11), (2, _day(0), 20), (2, _day(1), 21)])

        found = await find_rows(DayCount, ("survey", "total"), DAY, [(1, _day(1)), (2, _day(0)), (7, _day(0))])

    assert sorted(found, key=lambda row: row["total"]) == [{"survey": 1, "total": 11}, {"survey": 2, "total": 20}]


async def test_find_rows_of_more_keys_than_one_statement_may_hold(database: Settings) -> None:
    async with write_transaction(DayCount):
        await insert_rows(DayCount, (*DAY, "total"), [(1, FIRST, 1), (15_999, FIRST, 2)])

        found = await find_rows(DayCount, ("total",), DAY, [(number, FIRST) for number in range(16_000)])

    assert sorted(row["total"] for row in found) == [1, 2]


async def test_bulk_statements_of_nothing_need_no_transaction(database: Settings) -> None:
    await insert_rows(TokenBucket, COLUMNS, [])
    await write_rows(addition(DayCount, DAY, {}))
    await write_rows(replacement(DayCount, DAY, ("total",), []))

    assert await find_rows(DayCount, ("total",), DAY, []) == []
    assert (await TokenBucket.count(), await DayCount.count()) == (0, 0)


async def test_bulk_statements_outside_a_transaction_are_refused(database: Settings) -> None:
    with pytest.raises(RuntimeError, match="write_transaction"):
        await insert_rows(TokenBucket, COLUMNS, [("x", 0.0, clock.now())])
    with pytest.raises(RuntimeError, match="write_transaction"):
        await write_rows(addition(DayCount, DAY, {(1, FIRST): 1}))
    with pytest.raises(RuntimeError, match="write_transaction"):
        await find_rows(DayCount, ("total",), DAY, [(1, FIRST)])

    assert (await TokenBucket.count(), await DayCount.count()) == (0, 0)


async def test_add_counts_makes_a_counter_and_then_adds_to_it(database: Settings) -> None:
    async with write_transaction(DayCount):
        await write_rows(addition(DayCount, DAY, {(1, FIRST): 2, (2, FIRST): 1}))
    async with write_transaction(DayCount):
        await write_rows(addition(DayCount, DAY, {(1, FIRST): 5, (1, _day(1)): 1, (2, FIRST): -1}))

    assert await _totals() == {(1, FIRST): 7, (1, _day(1)): 1, (2, FIRST): 0}


async def test_add_counts_of_many_writers_at_once_all_land_and_none_waits_in_a_circle(database: Settings) -> None:
    keys = [(number, FIRST) for number in range(12)]
    dice = random.Random(4)

    async def add() -> None:
        order = dice.sample(keys, len(keys))  # each writer met its days in another order
        async with write_transaction(DayCount, is_shared=True):
            await write_rows(addition(DayCount, DAY, dict.fromkeys(order, 1)))

    await asyncio.gather(*[add() for _ in range(20)])

    assert await _totals() == dict.fromkeys(keys, 20)


async def test_locked_rows_are_not_changed_by_others_before_the_transaction_ends(database: Settings) -> None:
    """Twenty shared writers who read, think and write the same row: none overwrites another."""
    async with write_transaction(DayCount):
        await insert_rows(DayCount, (*DAY, "total"), [(1, FIRST, 0)])

    async def add_one() -> None:
        async with write_transaction(DayCount, is_shared=True):
            (row,) = await find_rows(DayCount, ("total",), DAY, [(1, FIRST)], lock="UPDATE")
            await asyncio.sleep(0.001)
            await write_rows(replacement(DayCount, DAY, ("total",), [(1, FIRST, row["total"] + 1)]))

    await asyncio.gather(*[add_one() for _ in range(20)])

    assert await _totals() == {(1, FIRST): 20}


async def test_rows_locked_by_many_at_once_in_many_orders_never_wait_in_a_circle(database: Settings) -> None:
    keys = [(number, FIRST) for number in range(30)]
    dice = random.Random(11)
    async with write_transaction(DayCount):
        await insert_rows(DayCount, (*DAY, "total"), [(*key, 0) for key in dice.sample(keys, len(keys))])

    async def add_to_some() -> list[tuple[int, dt.date]]:
        chosen = sorted(dice.sample(keys, 15))
        async with write_transaction(DayCount, is_shared=True):
            rows = await find_rows(DayCount, ("survey", "total"), DAY, chosen, lock="UPDATE")
            await write_rows(replacement(DayCount, DAY, ("total",), [(row["survey"], FIRST, row["total"] + 1) for row in rows]))
        return chosen

    chosen = await asyncio.gather(*[add_to_some() for _ in range(60)])

    assert sum((await _totals()).values()) == sum(map(len, chosen)) == 900


async def test_update_rows_sets_its_columns_of_the_rows_that_are_there(database: Settings) -> None:
    now = clock.now()
    async with write_transaction(TokenBucket):
        await insert_rows(TokenBucket, COLUMNS, [(f"key {number}", 1.0, now) for number in range(4)])

        await update_rows(TokenBucket, ("key_hash",), ("tokens",), [("key 1", 7.5), ("key 3", 0.25), ("nobody", 9.0)])
        await update_rows(TokenBucket, ("key_hash",), ("tokens",), [])

    rows = await TokenBucket.select(TokenBucket.key_hash, TokenBucket.tokens, TokenBucket.updated_at).order_by(TokenBucket.key_hash)
    assert [(row["key_hash"], row["tokens"]) for row in rows] == [("key 0", 1.0), ("key 1", 7.5), ("key 2", 1.0), ("key 3", 0.25)]
    assert {row["updated_at"] for row in rows} == {now}
