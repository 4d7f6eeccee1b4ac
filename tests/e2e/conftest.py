"""A real server with the demonstration's data, and a real Chromium in front of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.conftest import Demonstration
from tests.e2e.serving import Demo, Server, free_port, without_settings
from tests.e2e.stepping import BEGIN
from tests.every_type import every_type
from tests.furnish import furnish

# Chromium's own background traffic is switched off: a test sends no packet off the machine.
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-domain-reliability",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip


@pytest.fixture(scope="session")
def demo_folder(demonstration: Demonstration) -> Path:
    return demonstration.folder


@pytest.fixture(scope="session")
def demo(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(demo_folder, folder, dirs_exist_ok=True)
    port = free_port()
    with _serving(Demo(folder, port), ["demo", "--port", str(port), "--dir", str(folder)]) as found:
        yield found


@pytest.fixture(scope="session")
def furnished(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A copy of the demonstration's folder in which every place of tests/places.py can be reached. Nobody serves it yet."""
    found = Demo(tmp_path_factory.mktemp("house"), free_port())
    shutil.copytree(demo_folder, found.folder, dirs_exist_ok=True)
    asyncio.run(furnish(found.settings))
    return found


@pytest.fixture(scope="session")
def house(furnished: Demo) -> Iterator[Demo]:
    """A server of the furnished copy, without a worker: an analysis that waits goes on waiting."""
    with _serving(furnished, ["serve", "--no-worker", "--port", furnished.url.rpartition(":")[2]]) as found:
        yield found


@contextlib.contextmanager
def _serving(found: Demo, command: list[str]) -> Iterator[Demo]:
    plain = without_settings()
    if command[0] != "demo":
        plain |= {"LINSHENG_DATABASE": found.settings.database, "LINSHENG_SECRET": found.settings.secret, "LINSHENG_URL": found.url}
    folder = found.folder
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "survey.cli", *command],
        env=plain, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        _wait(found, process, folder / "server.log")
        yield found
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        log.close()


def _wait(demo: Demo, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{demo.url}/health/ready", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"the demonstration did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")  # it holds the thread's event loop, which the tests of other files need
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
    yield found
    found.close()


@pytest.fixture
def open_page(browser: Browser, demo: Demo) -> Iterator[Callable[..., Page]]:
    """Open a new page in a browser of its own: `open_page(width=360, scripts=False, locale="ko-KR")`."""
    contexts: list[BrowserContext] = []

    def open_one(*, width: int, scripts: bool = True, locale: str = "en-US", **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=scripts, locale=locale,
            base_url=demo.url, accept_downloads=True, **options,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def every_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("every"), sqlite_template)
    found.add("every", every_type())
    yield found
    found.stop()


@pytest.fixture
def server(every_server: Server) -> Server:
    """A server without answers, with the survey `every` that has every type of question. A test may stop or kill it."""
    every_server.forget_answers()
    every_server.start()
    return every_server


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A phone's browser in front of the test's own server."""
    context = browser.new_context(viewport={"width": 360, "height": 760}, base_url=server.url, locale="en-US")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    """The survey `every`, begun, in English."""
    found = phone.new_page()
    found.goto("/s/every?lang=en")
    found.get_by_role("button", name=BEGIN).click()
    return found


@pytest.fixture
def plain(browser: Browser, server: Server) -> Iterator[Page]:
    """The same survey on a phone that runs no scripts."""
    context = browser.new_context(viewport={"width": 360, "height": 760}, base_url=server.url, java_script_enabled=False)
    context.set_default_timeout(15_000)
    found = context.new_page()
    found.goto("/s/every?lang=en")
    yield found
    context.close()
