"""The survey of every type as a phone with scripts shows it: one step at a time, and what a thumb does there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.visitor import Visitor
from tests.places import place_named
from tests.ways import EVERY

DRAFTS = """async () => {
    const names = await indexedDB.databases();
    if (!names.some(one => one.name === 'linsheng')) return [];
    return await new Promise(resolve => {
        const opening = indexedDB.open('linsheng');
        opening.onsuccess = () => {
            const database = opening.result;
            const done = (found) => { database.close(); resolve(found); };
            if (!database.objectStoreNames.contains('drafts')) return done([]);  // it was deleted since we asked for its name
            database.transaction('drafts').objectStore('drafts').getAll().onsuccess = ({target}) => done(target.result);
        };
    });
}"""

ONWARDS = "section[data-step]:not([hidden]) .turn .button:not(.plain)"
BEGIN = "I am 14 or older: begin"


def on(page: Page) -> None:
    """Go one step on."""
    page.locator(ONWARDS).click()


def back(page: Page) -> None:
    page.locator("section:not([hidden]) > .turn .plain").click()


def heading(page: Page) -> str:
    """The heading of the step, which has the focus."""
    return page.evaluate("document.activeElement.matches('h2') ? document.activeElement.textContent : ''")  # type: ignore[no-any-return]


def to_the_end(page: Page, kind: str = "culture") -> None:
    """Answer the survey, begun, until nothing is left but agreeing and sending it."""
    page.check(f"[name=kind][value={kind}]")
    for _ in range(2 if kind == "neither" else 3):
        on(page)
    expect(page.locator("#h-check")).to_be_focused()


def sent(page: Page) -> None:
    page.check("[name=_agree]")
    page.locator(".send [data-busy]").click()
    expect(page.locator("#receipt-code")).to_be_visible()


def switch(page: Page, language: str, *, scripts: bool = True) -> None:
    page.locator(".languages summary").click()
    page.locator(f"[name=_switch][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("form.stepped")).to_have_count(1 if scripts else 0)


def drafts(page: Page) -> list[dict[str, Any]]:
    """The drafts that are kept on the phone; one that is still being written is not among them."""
    found: list[dict[str, Any]] = page.evaluate(DRAFTS)
    return found


def steps_of_every(visitor: Visitor) -> Iterator[str]:
    """Answer it and try to send it without a signal; yield the name of each state while it is on the visitor's page."""
    page = visitor.go(place_named("survey of every type"))
    expect(page.locator("form.stepped")).to_be_attached()
    yield "beginning"
    page.locator("#q-_age button").click()
    yield "first step"
    on(page)
    expect(page.locator("#summary")).to_be_focused()
    yield "first step, a mistake"
    page.check("[name=kind][value=culture]")
    page.check("[name=place][value=other]")
    page.fill("#f-place_other", "Straßenverkehrsordnungsangelegenheiten")
    page.fill("#f-visits", "9")
    page.check("[name=reasons][value=other]")
    page.fill("#f-reasons_other", "مرحبا 12345")
    expect(page.locator("#f-why_often")).to_be_visible()
    yield "first step, answered"
    on(page)
    yield "second step"
    page.locator("#q-order button").first.click()
    page.check("[name=staff][value='3']", force=True)
    yield "second step, answered"
    on(page)
    page.check("[name=may_use_health]")
    page.check("[name=health][value=yes]")
    yield "third step"
    on(page)
    expect(page.locator("#h-check")).to_be_focused()
    yield "overview"
    send = page.locator(".send [data-busy]")
    send.click()
    expect(page.locator("#summary")).to_be_focused()
    yield "overview, not ticked"
    page.check("[name=_agree]")
    page.route(f"**/s/{EVERY}", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    send.click()
    buttons = page.locator(".state .actions button")  # send now, and change; later: go on with the draft, and delete it
    expect(buttons).to_have_count(2)
    yield "not sent yet"
    buttons.last.click()
    page.check(".keep input")
    while not drafts(page):
        page.wait_for_timeout(50)
    page.reload()
    expect(buttons).to_have_count(2)
    yield "a draft is offered"
    buttons.last.click()
    expect(page.locator(".state")).to_be_hidden()
