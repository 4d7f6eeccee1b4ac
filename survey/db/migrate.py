"""Bring a database to the present schema: numbered modules of plain SQL, read by hand, run in order, one record each.

Piccolo's automatic migrations are not used: on SQLite they write ALTER statements that it cannot run (pitfall P10), and
they look for one global configuration module (docs/decisions/0002-storage.md). Its record table is kept.
"""

from __future__ import annotations

import importlib
import pkgutil

from piccolo.apps.migrations.tables import Migration
from piccolo.engine.sqlite import SQLiteEngine

import survey.db.migrations as folder
from survey.db.engine import Engine, TunedSQLiteEngine, bind_engine
from survey.db.transaction import write_transaction

APP_NAME = "survey"

TYPES = {
    "sqlite": {
        "serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB", "double": "DOUBLE PRECISION",
        "six_letters": "hex(randomblob(3))",
    },
    "postgres": {
        "serial": "BIGSERIAL PRIMARY KEY", "bytes": "BYTEA", "double": "DOUBLE PRECISION",
        "six_letters": "upper(left(md5(random()::text || clock_timestamp()::text), 6))",
    },
}  # fmt: skip
"""What a migration writes as {serial}, {bytes}, {double}, {six_letters} (random ones of 0-9 and A-F). All else is the same SQL
on both engines, but for what a module lists under SQLITE or POSTGRES (an index of words)."""


def migration_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(folder.__path__))


async def pending_migrations(engine: Engine) -> list[str]:
    """Names that this database has not seen yet. Raises nothing for an empty database."""
    bind_engine(engine, [Migration])
    if not await Migration.table_exists():
        return migration_names()
    ran = await Migration.get_migrations_which_ran(app_name=APP_NAME)
    return [name for name in migration_names() if name not in ran]


async def migrate(engine: Engine) -> list[str]:
    """Run what has not run yet, each in its own transaction, and return the names, oldest first."""
    if isinstance(engine, TunedSQLiteEngine):
        await engine.use_wal()
    names = await pending_migrations(engine)
    async with write_transaction(Migration):
        await Migration.create_table(if_not_exists=True)
    dialect = "sqlite" if isinstance(engine, SQLiteEngine) else "postgres"
    types = TYPES[dialect]
    done = []
    for name in names:
        module = importlib.import_module(f"{folder.__name__}.{name}")
        async with write_transaction(Migration):
            if name not in await pending_migrations(engine):
                continue  # another process, started at the same time, was faster
            for statement in [*module.STATEMENTS, *getattr(module, dialect.upper(), [])]:
                await engine.run_ddl(statement.format(**types))
            await Migration.insert(Migration(name=name, app_name=APP_NAME))
            done.append(name)
    return done
