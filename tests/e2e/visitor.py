"""A real browser that goes to the places of tests/places.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, Route

from tests.conftest import PASSWORD
from tests.e2e.serving import Demo
from tests.furnish import ADMINISTRATOR
from tests.places import Place
from tests.ways import Bring, Get, Post, Shown, Step

OF_RESIDENTS = ["answered", "events", "invitation", "lang"]
"""Cookies that residents' pages leave behind."""

FILL_AND_SEND = """([address, fields]) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = address;
    for (const [name, value] of fields) {
        const field = document.createElement("textarea");
        field.name = name;
        field.value = value;
        form.append(field);
    }
    document.body.append(form);
    form.submit();
}"""


class Visitor:
    """One browser window in one language. `session` is the cookie of somebody who is signed in at the desk."""

    def __init__(self, page: Page, house: Demo, language: str) -> None:
        self.page = page
        self.house = house
        self.language = language

    def go(self, place: Place) -> Page:
        """Walk the way to a place, as somebody who was never here before, and return the page there."""
        for name in OF_RESIDENTS:
            self.page.context.clear_cookies(name=name)
        way = place.way(self.language)
        step = next(way)
        while True:
            status = self._take(step, place)
            try:
                step = way.send(self.page.content())
            except StopIteration:
                break
        assert status == place.status, f"{place.name} answers {status}"
        return self.page

    def _take(self, step: Step, place: Place) -> int:
        page = self.page
        if isinstance(step, Post):
            page.goto(f"{self.house.url}/health/live")  # an address of the same site, with no page of its own
            with page.expect_navigation() as arrival:
                page.evaluate(FILL_AND_SEND, [step.address, [list(pair) for pair in step.fields]])
            response = arrival.value
        elif isinstance(step, Shown):
            with self._standing_at(step, place.status):
                response = page.goto(self.house.url + step.address)
        elif isinstance(step, Bring):
            page.context.add_cookies([{"name": step.name, "value": step.value, "url": self.house.url}])
            return 0
        else:
            with self._wishing(step):
                response = page.goto(self.house.url + step.address)
        assert response is not None
        return int(response.status)

    @contextmanager
    def _wishing(self, step: Get) -> Iterator[None]:
        def ask(route: Route) -> None:
            route.continue_(headers={**route.request.headers, "accept-language": step.wish})

        if step.wish:
            self.page.route(self.house.url + step.address, ask)
        yield
        if step.wish:
            self.page.unroute(self.house.url + step.address, ask)

    @contextmanager
    def _standing_at(self, step: Shown, status: int) -> Iterator[None]:
        def answer(route: Route) -> None:
            route.fulfill(status=status, content_type="text/html; charset=utf-8", body=step.html)

        self.page.route(self.house.url + step.address, answer)
        yield
        self.page.unroute(self.house.url + step.address, answer)


@contextmanager
def visiting(
    browser: Browser, house: Demo, language: str, *, session: str = "", modules: bool = True, width: int = 360, **options: Any
) -> Iterator[Visitor]:
    """Open a window. Without `modules` our own scripts do not load, while a test can still run its own on the page.

    No service worker: what it fetches, a test cannot answer itself.
    """
    context = browser.new_context(viewport={"width": width, "height": 800}, locale=language, service_workers="block", **options)
    context.add_cookies([
        {"name": "desk_language", "value": language, "url": house.url},
        *([{"name": "session", "value": session, "url": house.url}] if session else []),
    ])  # fmt: skip
    if not modules:
        context.route("**/static/modules/*", lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(20_000)
    try:
        yield Visitor(page, house, language)
    finally:
        context.close()


def session_of(house: Demo) -> str:
    """Sign in at the desk and return the session's cookie."""
    response = httpx.post(
        f"{house.url}/login", data={"name": ADMINISTRATOR, "password": PASSWORD}, headers={"origin": house.url}, trust_env=False
    )
    assert response.status_code == 303, response.text
    return str(response.cookies["session"])
