"""Real servers: the demonstration's, and one for a test's own surveys that can be stopped, killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec

from survey.authoring.service import create_survey, open_survey, parse_form
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.questionnaire.form import Form, write_form
from survey.settings import Settings
from survey.tables import ALL_TABLES

SECRET = "a secret for tests, long enough to be taken"
SLUG = "community-needs"


def free_port() -> int:
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        return int(stream.getsockname()[1])


def without_settings() -> dict[str, str]:
    """The environment for a process of ours, without settings that whoever runs the tests may have."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LINSHENG_")}


class Demo:
    """A running demonstration."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.survey = f"{self.url}/s/{SLUG}"

    @property
    def accounts(self) -> list[dict[str, str]]:
        return msgspec.json.decode((self.folder / "accounts.json").read_bytes())  # type: ignore[no-any-return]

    @property
    def settings(self) -> Settings:
        secret = (self.folder / "secret").read_text(encoding="utf-8").strip()
        return Settings(database=f"sqlite:///{self.folder / 'linsheng.sqlite'}", secret=secret, url=self.url)

    def password_of(self, name: str) -> str:
        return next(account["password"] for account in self.accounts if account["name"] == name)


class Server:
    """`template` is a migrated SQLite file; surveys are opened in a copy of it."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.database = folder / "linsheng.sqlite"
        self.database.write_bytes(template.read_bytes())
        self.log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def add(self, slug: str, form: Form) -> None:
        settings = Settings(database=f"sqlite:///{self.database}", secret=SECRET)

        async def put() -> None:
            engine = make_engine(settings)
            bind_engine(engine, ALL_TABLES)
            async with open_engine(engine, pool_size=2):
                await create_survey(slug=slug, form=parse_form(write_form(form)))
                await open_survey(slug, actor="test", role="administrator")

        with ThreadPoolExecutor(1) as thread:  # the test's own thread may hold the browser's event loop
            thread.submit(asyncio.run, put()).result()

    def forget_answers(self) -> None:
        with sqlite3.connect(self.database, timeout=30) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            for table in ("response", "withdrawal", "tally", "day_count", "job"):
                connection.execute(f'DELETE FROM "{table}"')

    def start(self) -> None:
        """Nothing happens where it runs already."""
        if self._process is not None:
            return
        own = {"LINSHENG_DATABASE": f"sqlite:///{self.database}", "LINSHENG_SECRET": SECRET, "LINSHENG_URL": self.url}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "survey.cli", "serve", "--port", str(self.port), "--no-worker"],
                env=without_settings() | own, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health/live", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text(encoding='utf-8')}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, how)
            self._process.wait(timeout=30)
            self._process = None

    def kill(self) -> None:
        """As a power cut does."""
        self.stop(signal.SIGKILL)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.database, timeout=30) as connection:
            return connection.execute(sql).fetchall()

    def answers(self) -> list[dict[str, Any]]:
        """The stored answers, oldest first."""
        return [msgspec.json.decode(row[0]) for row in self.rows('SELECT "answers" FROM "answer_document" ORDER BY rowid')]
