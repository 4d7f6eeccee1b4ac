"""What an error of the database means to those who wrote. Only here, because the two engines name them differently."""

from __future__ import annotations

import sqlite3

import asyncpg


def is_of_everybody(error: Exception) -> bool:
    """Nothing can be written now, whatever it is: the file is locked, the disk is full, the server is gone."""
    if isinstance(error, ValueError):
        return False  # asyncpg's DataError is an InterfaceError too, but it is about one value
    return isinstance(
        error,
        sqlite3.OperationalError
        | OSError
        | asyncpg.InterfaceError
        | asyncpg.PostgresConnectionError
        | asyncpg.exceptions.OperatorInterventionError
        | asyncpg.exceptions.InsufficientResourcesError,
    )
