"""A committee member who reads only Chinese: reads an answer and renders it, moves it, hears the numbers, and takes minutes away."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import Demo
from tests.e2e.test_resident import sign_in

pytestmark = pytest.mark.browser

SURVEY = "/desk/surveys/community-needs"
RENDERING = "急诊室请配一位会说韩语的护士"
OURS = re.compile(r"Linsheng|English|PDF|DOCX|PNG|SVG|CSV|QR|Word|Excel|Wilson|Newcombe|Benjamini-Hochberg|Wang Ming|Yang Li|committee|admin|\b[a-z]\b")


def foreign_words(page: Page) -> list[str]:
    """Latin words that the page itself says: not what residents wrote, nor what lists of words of other languages hold."""
    said = page.evaluate(
        """() => {
            const found = [];
            const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
                const holder = walk.currentNode.parentElement;
                if (!holder.closest('[lang]:not([lang^=zh]):not(html), bdi, code, svg, script, [dir=auto], select')) found.push(walk.currentNode.data);
            }
            return found;
        }"""
    )
    return [word for text in said for word in re.findall(r"[A-Za-z]{3,}", OURS.sub(" ", text))]


def test_an_answer_is_read_rendered_moved_and_counted_by_who_reads_only_chinese(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page(width=1280, locale="zh-CN")
    sign_in(page, demo, "committee")

    page.goto(f"{SURVEY}/inbox?language=ko&q=医生")
    first = page.locator("[data-item]").first
    expect(first.locator("details.original blockquote")).to_have_attribute("lang", "ko")
    assert re.search(r"[一-鿿]", first.locator(".said-in").inner_text())
    assert foreign_words(page) == []
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.fill("textarea[name=text]", RENDERING)
    page.get_by_role("button", name=re.compile("采纳")).click()
    expect(page.locator("[data-item]", has_text=RENDERING)).to_contain_text("已采纳")

    page.goto(f"{SURVEY}/themes")
    assert foreign_words(page) == []
    page.get_by_role("link", name="停车位不足", exact=True).click()
    assert foreign_words(page) == []
    page.get_by_role("link", name=re.compile("逐条阅读")).click()
    page.locator("input[type=checkbox][name=statement]").first.check()
    assert foreign_words(page) == []

    page.goto(f"{SURVEY}/numbers")
    expect(page.locator("h1")).to_contain_text("%")
    assert "±" not in page.locator("body").inner_text()
    assert foreign_words(page) == []

    page.goto(f"{SURVEY}/reviews/new")
    assert foreign_words(page) == []
