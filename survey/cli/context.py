"""What commands share: the open database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from survey.db.engine import bind_engine, make_engine, open_engine, prepare_sqlite_folder
from survey.db.migrate import pending_migrations
from survey.errors import SettingsInvalid
from survey.settings import Settings, load_settings
from survey.tables import ALL_TABLES

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)


@contextlib.asynccontextmanager
async def open_database(settings: Settings | None = None, *, must_be_current: bool = True) -> AsyncIterator[Settings]:
    """Open the database of the settings. Raises SettingsInvalid where it is missing or older than this version."""
    settings = settings or load_settings()
    prepare_sqlite_folder(settings)
    path = settings.sqlite_path
    if must_be_current and path is not None and not path.exists():
        raise SettingsInvalid(f"There is no database at {path}. Create it with: linsheng init")
    engine = make_engine(settings)
    bind_engine(engine, ALL_TABLES)
    try:
        async with open_engine(engine, pool_size=settings.database_pool):
            if must_be_current and await pending_migrations(engine):
                raise SettingsInvalid("The database is older than this version. Update it with: linsheng init")
            yield settings
    except OSError as error:
        raise SettingsInvalid(f"The database cannot be reached: {error}.") from error


def get_engine() -> Any:
    """The engine of the open database."""
    return ALL_TABLES[0]._meta.db  # noqa: SLF001 -- piccolo's own attribute


def progress() -> Progress:
    """A progress bar on standard error, gone when done; nothing but the result on standard output, and none in a log."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
