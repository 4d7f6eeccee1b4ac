"""The inbox by keyboard alone, in Chromium, as somebody reads it who knows only Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import Demo
from tests.e2e.test_resident import sign_in

pytestmark = pytest.mark.browser

RENDERING = "希望医院有会说我们语言的人"


def test_keys_lead_through_the_inbox_and_acts_lead_back(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page(width=1280, locale="zh-CN")
    sign_in(page, demo, "wangjing")
    page.goto("/desk/surveys/community-needs/inbox?language=ko&state=new&q=주차")  # the lexicon names what is in them
    focused = page.locator("article:focus")

    page.keyboard.press("e")  # on no statement: nothing happens
    page.keyboard.press("j")
    first = focused.get_attribute("id")
    page.keyboard.press("j")
    second = focused.get_attribute("id")
    page.keyboard.press("k")
    assert [first, second] == [focused.get_attribute("id"), page.locator("article").nth(1).get_attribute("id")]

    original = focused.locator("details.original")
    expect(original).to_have_attribute("open", "")
    page.keyboard.press("o")
    expect(original).not_to_have_attribute("open", "")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")

    page.keyboard.press("e")  # read: the next one has the focus, and the first is no longer among the new
    expect(page.locator(f"#{second}:focus")).to_be_visible()
    expect(page.locator(f"#{first}")).to_have_count(0)

    page.keyboard.press("r")
    page.get_by_label("简体中文译文").fill(RENDERING)
    page.get_by_role("button", name="只保存").click()
    expect(page.locator(f"#{second}:focus .said-in")).to_have_text(RENDERING)
    page.keyboard.press("a")
    expect(page.locator(f"#{second}:focus .about")).to_contain_text("已采纳")

    page.locator("#f-q").fill("j")  # typed into a field, keys are letters
    expect(page.locator("#f-q")).to_have_value("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=j"))
    page.get_by_role("link", name="显示全部").first.click()
    newest = page.locator("article").evaluate_all("all => all.map((one) => one.id)")
    page.get_by_role("link", name="更早的意见").click()
    expect(page.get_by_role("link", name="回到最新")).to_be_visible()
    older = page.locator("article").evaluate_all("all => all.map((one) => one.id)")
    assert (len(newest), len(older), set(newest) & set(older)) == (30, 30, set())


def test_on_a_phone_originals_and_filters_begin_closed_and_nothing_runs_over(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page(width=360, locale="zh-CN")
    sign_in(page, demo, "wangjing")
    page.goto("/desk/surveys/community-needs/inbox?language=ko&q=주차")

    original = page.locator("details.original").first
    expect(original).not_to_have_attribute("open", "")
    original.locator("summary").click()
    expect(original.locator("blockquote")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.goto("/desk/surveys/community-needs/inbox")
    expect(page.locator("details.choices")).not_to_have_attribute("open", "")
