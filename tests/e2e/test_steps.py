"""The survey one section at a time, with every type of question, on a phone: what a finger, a keyboard and a screen reader meet."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from survey.db.engine import bind_engine, make_engine, open_engine
from survey.settings import Settings
from survey.statements.service import prepare_statements
from survey.statements.tables import Statement
from survey.tables import ALL_TABLES
from tests.e2e.serving import SECRET, Server
from tests.every_type import every_type
from tests.questionnaire.page_items import page_items

pytestmark = pytest.mark.browser

BEGIN = "I am 14 or older: begin"


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    """The survey, begun, in English."""
    found = phone.new_page()
    found.goto("/s/every?lang=en")
    found.get_by_role("button", name=BEGIN).click()
    return found


@pytest.fixture
def plain(browser: Browser, server: Server) -> Iterator[Page]:
    """A phone that runs no scripts."""
    context = browser.new_context(viewport={"width": 360, "height": 760}, base_url=server.url, java_script_enabled=False)
    context.set_default_timeout(15_000)
    found = context.new_page()
    found.goto("/s/every?lang=en")
    yield found
    context.close()


def on(page: Page) -> None:
    page.locator("section[data-step]:not([hidden]) .turn .button:not(.plain)").click()


def back(page: Page) -> None:
    page.locator("section:not([hidden]) > .turn .plain").click()


def heading(page: Page) -> str:
    """The heading of the step, which has the focus."""
    return page.evaluate("document.activeElement.matches('h2') ? document.activeElement.textContent : ''")  # type: ignore[no-any-return]


def to_the_end(page: Page, kind: str = "culture") -> None:
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


def choices(page: Page, question: str) -> list[str]:
    found: list[str] = page.locator(f"[name={question}]").evaluate_all("all => all.map(one => one.value)")
    return found


# The page as data

DESCRIBED = """async ([address]) => {
    const { readItems } = await import(address);
    return JSON.stringify(readItems(document.getElementById('survey-form')).map(({ element, section, ...item }) => item));
}"""


def test_modules_read_from_the_page_what_the_form_says(page: Page) -> None:
    """So that what holds of checkAnswers and a form's description (tests/questionnaire/test_phone.py) holds of the page."""
    [address] = page.locator("link[href*='/modules/page.']").evaluate_all("all => all.map(one => one.href)")

    found = {item["id"]: item for item in json.loads(page.evaluate(DESCRIBED, [address]))}

    described = page_items(every_type())
    assert list(found) == [item["id"] for item in described]
    for item in described:
        read = found[item["id"]]
        offered = {choice["value"]: choice for choice in read.pop("choices")}
        for choice in item.pop("choices"):
            assert offered[choice["value"]] == choice
        assert read == item


# One section at a time


def test_sections_come_one_at_a_time_with_their_heading_in_focus(phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/s/every?lang=en")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("section[data-step]:visible")).to_have_count(0)

    page.get_by_role("button", name=BEGIN).click()

    seen = []
    page.locator("[name=kind][value=sport]").evaluate("box => { box.checked = true; }")  # the focus stays where it is
    while not page.locator("#h-check").is_visible():
        expect(page.locator("section[data-step]:visible")).to_have_count(1)
        expect(page.locator(".send")).to_be_hidden()
        expect(page.locator("h1")).to_have_class("hidden-text")  # there for a screen reader
        seen.append((heading(page), page.locator("progress").evaluate("p => p.value / p.max")))
        on(page)
    assert seen == [("Where you go", 1 / 4), ("Your judgement", 2 / 4), ("More", 3 / 4)]
    assert heading(page) == "Check your answers"
    expect(page.locator(".send")).to_be_visible()


def test_browsers_back_and_forward_go_by_steps(page: Page) -> None:
    page.check("[name=kind][value=culture]")
    on(page)
    on(page)
    assert heading(page) == "More"

    page.go_back()
    assert heading(page) == "Your judgement"
    page.go_back()
    assert heading(page) == "Where you go"
    expect(page.locator("[name=kind][value=culture]")).to_be_checked()
    page.go_forward()
    assert heading(page) == "Your judgement"
    page.go_back()
    page.go_back()
    expect(page.get_by_role("button", name=BEGIN)).to_be_visible()


def test_section_that_does_not_apply_is_skipped_both_ways(page: Page, server: Server) -> None:
    page.check("[name=kind][value=neither]")

    on(page)
    assert heading(page) == "More"
    back(page)
    assert heading(page) == "Where you go"
    page.check("[name=kind][value=sport]")
    on(page)
    assert heading(page) == "Your judgement"
    page.check("[name=staff][value='5']", force=True)
    back(page)
    page.check("[name=kind][value=neither]")
    on(page)
    on(page)
    expect(page.locator(".overview")).not_to_contain_text("rate the staff")
    sent(page)

    assert server.answers() == [{"kind": "neither"}]


def test_check_your_answers_lists_what_was_shown_and_leads_back_to_each(page: Page, server: Server) -> None:
    page.check("[name=kind][value=culture]")
    page.check("[name=place][value=library]")
    page.fill("#f-visits", "٣")
    page.check("[name=reasons][value=price]")
    on(page)
    page.check("[name='services.library.importance'][value='4']", force=True)
    on(page)
    page.fill("#f-need", "a bench\nin the shade")
    on(page)

    listed = dict(page.locator(".overview > div").evaluate_all("all => all.map(one => [one.children[0].textContent, one.children[1].textContent])"))
    assert listed["Which do you like better?"] == "Culture"
    assert listed["Where do you go most often?"] == "Library"
    assert listed["How often did you go there (Library) last month?"] == "3"
    assert listed["What keeps you away?"] == "The price"
    assert listed["What do you need most?"] == "a bench\nin the shade"
    assert listed["Since when have you lived here?"] == "Not answered"
    assert "Why so often?" not in listed
    assert "Do you have a long-term illness?" not in listed

    page.get_by_role("button", name="Change Where do you go most often?").click()
    expect(page.locator("[name=place][value=library]")).to_be_focused()
    expect(page.locator("section[data-step]:visible h2")).to_have_text("Where you go")
    page.check("[name=place][value=theatre]")
    for _ in range(3):
        on(page)
    expect(page.locator(".overview")).to_contain_text("Small theatre")
    sent(page)

    assert server.answers() == [
        {
            "kind": "culture", "place": "theatre", "visits": 3, "reasons": ["price"], "services.library.importance": 4,
            "need": "a bench\nin the shade",
        }
    ]  # fmt: skip


# Mistakes


def test_mistakes_are_named_announced_and_led_to(page: Page) -> None:
    page.check("[name=reasons][value=price]")
    on(page)

    summary = page.locator("#summary")
    expect(summary).to_be_focused()
    expect(summary).to_have_attribute("role", "alert")
    assert summary.locator("h2").inner_text() == "1 answer needs another look"
    assert summary.locator("a").evaluate_all("all => all.map(one => [one.getAttribute('href'), one.textContent])") == [
        ["#q-kind", "Which do you like better?"]
    ]
    question = page.locator("#q-kind")
    expect(question).to_have_attribute("aria-invalid", "true")
    described = page.locator(f"#{(question.get_attribute('aria-describedby') or '').split()[-1]}")
    expect(described).to_be_visible()
    assert described.inner_text() == "Please answer this question, or choose “I prefer not to say”."

    page.check("[name=kind][value=neither]")
    on(page)

    expect(summary).to_be_hidden()
    assert page.locator("[aria-invalid]").count() == 0
    assert heading(page) == "More"


def test_several_mistakes_of_a_step_are_listed_in_their_order(page: Page) -> None:
    page.check("[name=kind][value=neither]")
    on(page)
    page.fill("#f-walk", "far")
    page.fill("#f-since", "2099-01-01")
    page.fill("#f-need", "x" * 501)
    on(page)

    assert page.locator("#summary li").all_inner_texts() == [
        "How many kilometres would you walk?\nPlease write a number, such as 12.5, without a sign between thousands.",
        "Since when have you lived here?\nPlease give today or an earlier day.",
        "What do you need most?\nThis text is too long. Please keep it under 500 characters.",
    ]
    for field in ("walk", "since", "need"):
        control = page.locator(f"#f-{field}")
        expect(control).to_have_attribute("aria-invalid", "true")
        assert f"{field}-why" in (control.get_attribute("aria-describedby") or "").split()
    page.locator("#summary a").first.click()
    assert page.evaluate("location.hash") == "#q-walk"


def test_sending_without_the_agreement_says_so(page: Page, server: Server) -> None:
    to_the_end(page)

    page.get_by_role("button", name="Send my answers").click()

    expect(page.locator("#summary")).to_be_focused()
    expect(page.locator("#q-_agree .why")).to_have_text("Please tick this if you agree. Without it we may not use your answers.")
    assert server.answers() == []
    sent(page)
    assert server.answers() == [{"kind": "culture"}]


# Another language in the middle, and Enter


def test_language_switch_keeps_answers_and_step(page: Page, server: Server) -> None:
    page.check("[name=kind][value=culture]")
    page.check("[name=place][value=other]")
    page.fill("#f-place_other", "the river")
    on(page)
    page.check("[name='services.library.satisfaction'][value='2']", force=True)
    page.locator(".rank-button", has_text="Library").click()

    switch(page, "ar")

    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("section[data-step]:visible h2")).to_have_text("تقييمك")
    expect(page.locator("[name='services.library.satisfaction'][value='2']")).to_be_checked()
    expect(page.locator(".rank-button[aria-pressed=true]")).to_have_text(re.compile("المكتبة"))
    back(page)
    expect(page.locator("#f-place_other")).to_have_value("the river")
    switch(page, "ko")
    on(page)
    on(page)
    on(page)
    sent(page)

    assert server.answers() == [
        {
            "kind": "culture", "place": "other", "place_other": "the river", "services.library.satisfaction": 2, "order": ["library"],
        }
    ]  # fmt: skip
    assert server.rows('SELECT language FROM "response"') == [("ko",)]


def test_enter_in_a_field_goes_on_and_never_changes_the_language(page: Page, server: Server) -> None:
    page.check("[name=kind][value=culture]")
    page.check("[name=place][value=library]")
    page.fill("#f-visits", "3")
    page.press("#f-visits", "Enter")

    assert heading(page) == "Your judgement"
    on(page)
    page.fill("#f-walk", "x")
    page.press("#f-walk", "Enter")
    expect(page.locator("#summary")).to_be_focused()
    page.fill("#f-walk", "2,5")
    page.press("#f-walk", "Enter")
    assert heading(page) == "Check your answers"
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert server.answers() == []


def test_enter_without_scripts_sends_and_does_not_change_the_language(plain: Page, server: Server) -> None:
    plain.check("[name=kind][value=culture]")
    plain.check("[name=_age]")
    plain.check("[name=_agree]")
    plain.fill("#f-walk", "3")
    plain.press("#f-walk", "Enter")

    expect(plain.locator("#receipt-code")).to_be_visible()
    expect(plain.locator("html")).to_have_attribute("lang", "en")
    assert server.answers() == [{"kind": "culture", "walk": 3.0}]


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


# No scripts


def test_whole_way_on_one_page_without_scripts(plain: Page, server: Server) -> None:
    plain.check("[name=_age]")
    plain.check("[name=kind][value=neither]")
    expect(plain.locator("section[data-step]:visible")).to_have_count(2)
    plain.check("[name=kind][value=culture]")
    expect(plain.locator("section[data-step]:visible")).to_have_count(3)
    plain.check("[name=place][value=other]")
    plain.fill("#f-place_other", "the river")
    plain.check("[name=reasons][value=nothing]")
    plain.check("[name=reasons][value=price]")
    plain.check("[name='services.sports_hall.importance'][value='5']", force=True)
    selects = plain.locator("select[name=order]")
    selects.nth(0).select_option("theatre")
    selects.nth(1).select_option("theatre")
    plain.fill("#f-walk", "2,5")
    plain.fill("#f-since", "2020-02-29")
    plain.check("[name=may_use_health]")
    plain.check("[name=health][value=no]")
    plain.check("[name=_agree]")
    plain.get_by_role("button", name="Send my answers").click()

    summary = plain.locator("#summary")
    expect(summary).to_be_visible()
    assert summary.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))") == ["#q-reasons", "#q-order"]
    plain.uncheck("[name=reasons][value=nothing]")
    selects.nth(1).select_option("library")
    plain.get_by_role("button", name="Send my answers").click()

    expect(plain.locator("#receipt-code")).to_be_visible()
    assert server.answers() == [
        {
            "kind": "culture", "place": "other", "place_other": "the river", "reasons": ["price"],
            "services.sports_hall.importance": 5, "order": ["theatre", "library"], "walk": 2.5, "since": "2020-02-29",
            "may_use_health": "yes", "health": "no",
        }
    ]  # fmt: skip
    consents = server.rows('SELECT purpose FROM "consent" ORDER BY purpose')
    assert consents == [("age",), ("processing",), ("sensitive",)]
