"""Two members of the committee at once, each at a PC: one learns what the other did, and loses nothing of what they typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import Demo
from tests.e2e.test_resident import sign_in

pytestmark = pytest.mark.browser

BOARD = "/desk/surveys/community-needs/themes"
THEIRS, MINE, WHY = "주차장", "주차 공간이 부족해요", "韩语读者更容易看懂"


def test_who_is_overtaken_sees_by_whom_keeps_every_word_and_goes_on(demo: Demo, open_page: Callable[..., Page]) -> None:
    pages = []
    for account in ("committee", "admin"):
        page = open_page(width=1280, locale="zh-CN")
        sign_in(page, demo, account)
        page.goto(BOARD)
        page.get_by_role("link", name="停车位不足", exact=True).click()
        page.locator("#rename details summary").click()
        pages.append(page)
    me, other = pages
    me.fill("#name-ko", MINE)
    me.fill("#why-rename", WHY)
    other.fill("#name-ko", THEIRS)
    other.get_by_role("button", name="改名").click()
    expect(other.locator(".said")).to_be_visible()

    me.get_by_role("button", name="改名").click()

    alert = me.get_by_role("alert")
    expect(alert).to_contain_text("已有人先改过")
    expect(alert).to_contain_text(THEIRS)
    expect(alert).to_contain_text("admin")
    expect(me.locator("#name-ko")).to_have_value(MINE)
    expect(me.locator("#why-rename")).to_have_value(WHY)
    alert.get_by_role("button").click()
    expect(me.locator("#history")).to_contain_text(WHY)
    other.reload()
    expect(other.locator("#name-ko")).to_have_value(MINE)
    expect(other.locator("#history li").first).to_contain_text("committee")
