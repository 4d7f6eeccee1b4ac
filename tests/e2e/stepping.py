"""The survey of every type as a phone with scripts shows it: one step at a time, with what happens on the way."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.e2e.visitor import Visitor
from tests.places import place_named
from tests.ways import EVERY


def steps_of_every(visitor: Visitor) -> Iterator[str]:
    """Answer it and try to send it without a signal; yield the name of each state while it is on the visitor's page."""
    page = visitor.go(place_named("survey of every type"))
    expect(page.locator("form.stepped")).to_be_attached()
    onwards = page.locator("section[data-step]:not([hidden]) .turn .button:not(.plain)")
    yield "beginning"
    page.locator("#q-_age button").click()
    yield "first step"
    onwards.click()
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
    onwards.click()
    yield "second step"
    page.locator("#q-order button").first.click()
    page.check("[name=staff][value='3']", force=True)
    yield "second step, answered"
    onwards.click()
    page.check("[name=may_use_health]")
    page.check("[name=health][value=yes]")
    yield "third step"
    onwards.click()
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
    page.reload()
    expect(buttons).to_have_count(2)
    yield "a draft is offered"
    buttons.last.click()
    expect(page.locator(".state")).to_be_hidden()
