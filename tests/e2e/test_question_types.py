"""Single questions on a phone: random order, words of one's own, piping, filters, counters, ranking, the matrix."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page, expect

from survey.authoring.queries import forget_forms
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.settings import Settings
from survey.statements.service import prepare_statements
from survey.statements.tables import Statement
from survey.tables import ALL_TABLES
from tests.e2e.serving import SECRET, Server
from tests.e2e.stepping import BEGIN, back, on, sent, switch, to_the_end
from tests.every_type import every_type

pytestmark = pytest.mark.browser


def choices(page: Page, question: str) -> list[str]:
    found: list[str] = page.locator(f"[name={question}]").evaluate_all("all => all.map(one => one.value)")
    return found


# Random order


@pytest.mark.parametrize("scripts", [True, False])
def test_random_order_stays_through_languages_and_mistakes_and_is_stored(browser: Browser, server: Server, *, scripts: bool) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 760}, base_url=server.url, java_script_enabled=scripts)
    page = context.new_page()
    page.goto("/s/every?lang=en")
    first = choices(page, "reasons")
    seed = page.locator("[name=_seed]").input_value()
    assert first[-4:] == ["other", "nothing", "dont_know", "prefer_not_to_say"]  # what goes with nothing else stays last
    assert sorted(first[:4]) == ["distance", "hours", "language", "price"]

    if scripts:
        page.get_by_role("button", name=BEGIN).click()
    switch(page, "ar", scripts=scripts)
    assert choices(page, "reasons") == first
    switch(page, "en", scripts=scripts)
    if not scripts:
        page.get_by_role("button", name="Send my answers").click()
        expect(page.locator("#summary")).to_be_visible()
    assert choices(page, "reasons") == first
    assert page.locator("[name=_seed]").input_value() == seed
    if scripts:
        to_the_end(page, "neither")
    else:
        page.check("[name=kind][value=neither]")
        page.check("[name=_age]")
    sent(page)

    assert server.rows('SELECT order_seed FROM "response"') == [(int(seed),)]
    context.close()


def test_random_order_differs_between_people(phone: BrowserContext) -> None:
    orders = set()
    for _ in range(8):
        page = phone.new_page()
        page.goto("/s/every?lang=en")
        orders.add(tuple(choices(page, "reasons")))
        page.close()

    assert len(orders) > 2


# Other


def test_words_of_other_are_stored_exported_and_analysed(page: Page, server: Server, tmp_path: Path) -> None:
    page.check("[name=kind][value=culture]")
    expect(page.locator("#f-place_other")).to_be_hidden()
    page.check("[name=place][value=other]")
    page.fill("#f-place_other", "We need a doctor who speaks Korean")
    expect(page.locator("[data-pipe=place]").first).to_have_text("We need a doctor who speaks Korean")
    page.check("[name=reasons][value=other]")
    page.fill("#f-reasons_other", "no signs in English")
    for _ in range(3):
        on(page)
    sent(page)

    answers = {
        "kind": "culture", "place": "other", "place_other": "We need a doctor who speaks Korean",
        "reasons": ["other"], "reasons_other": "no signs in English",
    }  # fmt: skip
    assert server.answers() == [answers]
    assert [row["answers"] for row in _exported(server, tmp_path)] == [answers]
    assert _analysed(server) == [("place_other", "We need a doctor who speaks Korean")]  # reasons has no use


def _exported(server: Server, folder: Path) -> list[dict[str, Any]]:
    own = {"LINSHENG_DATABASE": f"sqlite:///{server.database}", "LINSHENG_SECRET": SECRET}
    out = folder / "answers.json"
    subprocess.run(
        [sys.executable, "-m", "survey.cli", "responses", "export", "every", "--format", "json", "--out", str(out)],
        env={**os.environ, **own}, check=True, capture_output=True,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _analysed(server: Server) -> list[tuple[str, str]]:
    """The statements that the answers become, by question."""
    settings = Settings(database=f"sqlite:///{server.database}", secret=SECRET)
    [survey] = [row[0] for row in server.rows("SELECT id FROM \"survey\" WHERE slug = 'every'")]

    async def work() -> list[tuple[str, str]]:
        engine = make_engine(settings)
        bind_engine(engine, ALL_TABLES)
        async with open_engine(engine, pool_size=2):
            forget_forms()  # of other databases, whose versions have the same ids
            await prepare_statements(survey)
            rows = await Statement.select(Statement.question, Statement.original).where(Statement.survey == survey)
            return [(row["question"], row["original"]) for row in rows]

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work()).result()


# Single questions


def test_answers_appear_inside_later_questions(page: Page) -> None:
    piped = page.locator("[data-pipe=place]").first
    page.check("[name=kind][value=sport]")
    page.check("[name=place][value=swimming_pool]")
    expect(page.locator("#q-visits .ask")).to_have_text("How often did you go there (Swimming pool) last month?")
    page.check("[name=place][value=sports_hall]")
    expect(piped).to_have_text("Sports hall")

    switch(page, "ko")

    expect(piped).to_have_text("체육관")


def test_filter_offers_what_fits_and_forgets_what_does_not(page: Page) -> None:
    shown = page.locator("[name=place]:visible")
    page.check("[name=kind][value=culture]")
    assert shown.evaluate_all("all => all.map(one => one.value)") == ["library", "theatre", "other", "prefer_not_to_say"]
    page.check("[name=place][value=theatre]")

    page.check("[name=kind][value=sport]")

    assert shown.evaluate_all("all => all.map(one => one.value)") == ["sports_hall", "swimming_pool", "other", "prefer_not_to_say"]
    expect(page.locator("[name=place]:checked")).to_have_count(0)
    expect(page.locator("#q-visits")).to_be_hidden()


def test_counter_counts_as_readers_do(page: Page) -> None:
    page.check("[name=kind][value=neither]")
    on(page)
    counter = page.locator("#q-need .count")
    for text, count in [("", "0"), ("我需要", "3"), ("👩‍👩‍👧🇨🇳", "2"), ("e\u0301e\u0301", "2"), ("\u1112\u1161\u11ab", "1"), ("  a  ", "1")]:
        page.fill("#f-need", text)
        expect(counter).to_have_text(f"{count} / 500")
        expect(counter).to_have_attribute("aria-live", "off")
    page.fill("#f-need", "x" * 451)
    expect(counter).to_have_attribute("aria-live", "polite")
    page.fill("#f-need", "x" * 501)
    expect(counter).to_have_class(re.compile(r"\bover\b"))


def test_choices_that_go_with_nothing_else_take_the_others_off(page: Page) -> None:
    ticked = page.locator("[name=reasons]:checked")
    page.check("[name=reasons][value=price]")
    page.check("[name=reasons][value=hours]")

    page.check("[name=reasons][value=nothing]")
    assert ticked.evaluate_all("all => all.map(one => one.value)") == ["nothing"]
    page.check("[name=reasons][value=dont_know]")
    assert ticked.evaluate_all("all => all.map(one => one.value)") == ["dont_know"]
    page.check("[name=reasons][value=language]")
    assert ticked.evaluate_all("all => all.map(one => one.value)") == ["language"]


def test_ranking_by_tapping(page: Page, server: Server) -> None:
    page.check("[name=kind][value=sport]")
    on(page)
    button = {name: page.locator(".rank-button", has_text=name) for name in ("Library", "Sports hall", "Swimming pool", "Small theatre")}

    for name in ("Swimming pool", "Library", "Small theatre", "Sports hall"):
        button[name].click()
    assert button["Swimming pool"].locator("b").inner_text() == "1"
    assert button["Small theatre"].get_attribute("aria-label") == "Small theatre: number 3"
    assert button["Sports hall"].get_attribute("aria-label") == "Sports hall: not chosen yet"  # three places only
    button["Library"].click()
    assert button["Small theatre"].locator("b").inner_text() == "2"
    assert button["Library"].get_attribute("aria-pressed") == "false"
    on(page)
    on(page)
    expect(page.locator(".overview")).to_contain_text("1. Swimming pool\n2. Small theatre")
    sent(page)

    assert server.answers() == [{"kind": "sport", "order": ["swimming_pool", "theatre"]}]


def test_ranking_by_keyboard_and_refusing_it(page: Page, server: Server) -> None:
    page.check("[name=kind][value=sport]")
    on(page)
    page.locator(".rank-button").first.focus()
    first = page.evaluate("document.activeElement.textContent.trim()")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator(".rank-button[aria-pressed=true]").count() == 2
    assert first in page.locator(".rank-button").first.inner_text()

    page.check("[name=order][value=prefer_not_to_say]")
    assert page.locator(".rank-button[aria-pressed=true]").count() == 0
    on(page)
    on(page)
    sent(page)

    assert server.answers() == [{"kind": "sport", "order": "prefer_not_to_say"}]


def test_ranking_offers_what_fits_and_renumbers_the_rest(phone: BrowserContext, server: Server) -> None:
    form = every_type()
    going, judging, more = form.sections
    order = next(question for question in judging.questions if question.id == "order")
    fitting = replace(judging, questions=[replace(order, choice_filter="${kind} != 'sport' or kind = 'sport'")])
    server.add("fitting", replace(form, sections=[going, fitting, more]))
    page = phone.new_page()
    page.goto("/s/fitting?lang=en")
    page.get_by_role("button", name=BEGIN).click()
    page.check("[name=kind][value=culture]")
    on(page)
    for name in ("Library", "Swimming pool", "Small theatre"):
        page.locator(".rank-button", has_text=name).click()

    back(page)
    page.check("[name=kind][value=sport]")
    on(page)

    expect(page.locator(".rank-button:visible")).to_have_count(2)
    expect(page.locator(".rank-button:visible", has_text="Swimming pool")).to_have_attribute("aria-label", "Swimming pool: number 1")
    on(page)
    on(page)
    sent(page)
    assert server.answers() == [{"kind": "sport", "order": ["swimming_pool"]}]


def test_matrix_is_a_list_on_a_phone_and_a_grid_where_there_is_room(page: Page) -> None:
    page.check("[name=kind][value=sport]")
    on(page)
    cells = page.locator("#q-services .row").first.locator(".cell")

    def tops() -> list[float]:
        return [round(box["y"]) for box in (cells.nth(0).bounding_box(), cells.nth(1).bounding_box()) if box]

    assert tops()[0] < tops()[1]
    expect(page.locator("#q-services .tops")).to_be_hidden()
    assert page.locator("html").evaluate("e => e.scrollWidth - e.clientWidth") == 0

    page.set_viewport_size({"width": 1100, "height": 800})

    assert tops()[0] == tops()[1]
    expect(page.locator("#q-services .tops")).to_be_visible()
    expect(page.locator("#q-services .tops")).to_contain_text("Importance")
