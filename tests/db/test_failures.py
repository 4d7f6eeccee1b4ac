"""Which failures are of everybody who writes, and which of one who wrote."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest
from asyncpg.exceptions import _base

from survey.db.failures import is_of_everybody


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database is locked"),
        sqlite3.OperationalError("database or disk is full"),
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.AdminShutdownError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.DiskFullError(),
        asyncpg.TooManyConnectionsError(),
    ],
)
def test_failure_of_the_whole_database_is_of_everybody(error: Exception) -> None:
    assert is_of_everybody(error)


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.IntegrityError("FOREIGN KEY constraint failed"),
        sqlite3.InterfaceError("Error binding parameter"),
        sqlite3.ProgrammingError(),
        OverflowError("Python int too large to convert to SQLite INTEGER"),
        UnicodeEncodeError("utf-8", "x", 0, 1, "surrogates not allowed"),
        asyncpg.ForeignKeyViolationError(),
        asyncpg.UniqueViolationError(),
        asyncpg.StringDataRightTruncationError(),
        asyncpg.DeadlockDetectedError(),
        _base.DataError("invalid input for query argument $1"),
        KeyError("question"),
    ],
)
def test_failure_of_one_row_is_not(error: Exception) -> None:
    assert not is_of_everybody(error)
