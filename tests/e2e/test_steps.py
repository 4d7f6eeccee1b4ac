"""The survey one section at a time on a phone: what a finger, a keyboard and a screen reader meet on the way."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.serving import Server
from tests.e2e.stepping import BEGIN, back, heading, on, sent, switch, to_the_end
from tests.every_type import every_type
from tests.questionnaire.page_items import page_items

pytestmark = pytest.mark.browser


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
