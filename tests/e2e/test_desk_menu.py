"""The desk's menu: one line on a phone that opens without scripts, a column on an office PC; who acts is seen in both."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.serving import Demo
from tests.e2e.visitor import session_of, visiting

ONE_LINE = 60
"""Pixels: a target of 44 and some air."""


def test_phone_has_a_menu_of_one_line_that_the_keyboard_opens_without_scripts(browser: Browser, house: Demo) -> None:
    with visiting(browser, house, "zh-Hans", session=session_of(house), java_script_enabled=False) as visitor:
        page = visitor.page
        page.goto(f"{house.url}/desk/plans")
        side = page.locator(".side")
        word = side.get_by_text("菜单", exact=True)
        inbox = side.get_by_role("link", name="收件箱")
        closed = side.bounding_box()
        expect(side.get_by_text("ada · 管理员")).to_be_visible()
        expect(inbox).to_have_count(0)

        for _ in range(3):  # past the link to the content and the name
            page.keyboard.press("Tab")
        expect(word).to_be_focused()
        page.keyboard.press("Enter")

        expect(side.locator("[aria-current=page]:visible")).to_have_text("计划")
        targets = [link.bounding_box() for link in [word, *side.get_by_role("link").all(), *side.get_by_role("button").all()]]
        assert closed is not None
        assert closed["height"] <= ONE_LINE
        assert min(box["height"] for box in targets if box) >= 44
        inbox.click()
        expect(page).to_have_url(f"{house.url}/desk/inbox")


def test_office_pc_shows_the_menu_and_who_acts_wherever_the_page_is_scrolled(browser: Browser, house: Demo) -> None:
    with visiting(browser, house, "zh-Hans", session=session_of(house), width=1280) as visitor:
        page = visitor.page
        page.goto(f"{house.url}/desk/inbox")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")

        expect(page.locator(".side").get_by_role("link", name="收件箱")).to_be_in_viewport()
        expect(page.locator(".side").get_by_text("ada · 管理员")).to_be_in_viewport()
        expect(page.locator(".side").get_by_text("菜单", exact=True)).to_be_hidden()
