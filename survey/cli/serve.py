"""linsheng init, serve, worker."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from survey.accounts.areas import create_bundled_areas
from survey.accounts.service import first_administrator_link
from survey.cli.context import get_engine, open_database, run
from survey.cli.job_kinds import JOB_KINDS, LANES
from survey.db.migrate import migrate
from survey.jobs.repeating import repeating
from survey.jobs.worker import run_worker
from survey.settings import Settings, load_settings, require_safe_address
from survey.statements.renderings import ask_for_missing_renderings

FIRST_ADMINISTRATOR = "admin"

TRANSLATOR_IS_ASKED_EVERY = 600.0
"""Seconds between two looks for what it has not rendered: it may have been away."""


@click.command()
def init() -> None:
    """Create or update the database and print a one-time link that sets the administrator's password."""

    async def work() -> None:
        async with open_database(must_be_current=False) as settings:
            done = await migrate(get_engine())
            click.echo(f"Database ready, {len(done)} migrations run.")
            await create_bundled_areas()
            token = await first_administrator_link(FIRST_ADMINISTRATOR)
            if token is None:
                click.echo(f"The account {FIRST_ADMINISTRATOR} has a password already; no link was made.")
                return
            click.echo(f"Open this link within three days to set the password of the account {FIRST_ADMINISTRATOR}:")
            click.echo(f"{settings.url.rstrip('/')}/welcome/{token}")

    run(work())


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--no-worker", is_flag=True, help="Do not start a worker for jobs.")
def serve(host: str, port: int, processes: int, *, no_worker: bool) -> None:
    """Serve the pages, with one worker for jobs unless told not to."""
    settings = load_settings()
    require_safe_address(settings, host)

    async def look() -> None:
        async with open_database(settings):
            pass

    run(look())
    serve_forever(settings, host=host, port=port, processes=processes, with_worker=not no_worker)


def serve_forever(settings: Settings, *, host: str, port: int, processes: int, with_worker: bool) -> None:
    """Run the web server in this process until it is stopped; the settings travel in the environment."""
    from granian import Granian  # slow import, only the server needs it
    from granian.constants import Interfaces, Loops

    environment = settings_environment(settings)
    os.environ.update(environment)
    with _worker_process() if with_worker else contextlib.nullcontext():
        Granian(
            "survey.cli.asgi:application",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            loop=Loops.asyncio,
            workers=processes,
            ssl_cert=Path(settings.tls_cert) if settings.tls_cert else None,
            ssl_key=Path(settings.tls_key) if settings.tls_key else None,
            log_access=settings.debug,
            respawn_failed_workers=True,
        ).serve()


def settings_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for child processes."""
    from dataclasses import fields

    return {
        item.metadata["env"]: str(value)
        for item in fields(settings)
        if (value := getattr(settings, item.name)) is not None
    }


@contextlib.contextmanager
def _worker_process() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "survey.cli", "worker"])
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


@click.command()
def worker() -> None:
    """Run one worker for jobs: analysis, charts."""

    async def work() -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopping.set)
        async with open_database() as settings, contextlib.AsyncExitStack() as beside:
            if settings.translator:
                await beside.enter_async_context(repeating(ask_for_missing_renderings, TRANSLATOR_IS_ASKED_EVERY))
            await asyncio.gather(*(run_worker({kind: JOB_KINDS[kind] for kind in lane}, stopping) for lane in LANES))

    run(work())
