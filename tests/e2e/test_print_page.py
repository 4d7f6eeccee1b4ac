"""The print page on paper: what a browser prints is read back by a decoder, and measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from survey.outreach.documents import SMALLEST_QR
from tests.e2e.serving import Demo
from tests.e2e.test_resident import sign_in
from tests.outreach.conftest import codes_on, pages_of

pytestmark = pytest.mark.browser

EVERY = "&".join(f"lang={tag}" for tag in ("en", "ko", "ja", "ru", "fr", "de", "es", "ar", "zh-Hant"))


@pytest.mark.parametrize("languages", [EVERY, *(pytest.param(f"lang={tag}", marks=pytest.mark.thorough) for tag in ("ko", "ar"))])
@pytest.mark.parametrize(("format_", "copies"), [("poster", 1), ("hanger", 2), ("cards", 10)])
def test_printed_page_is_one_sheet_whose_codes_are_read_back(
    demo: Demo, open_page: Callable[..., Page], tmp_path: Path, format_: str, copies: int, languages: str
) -> None:
    page = open_page(width=1280)
    sign_in(page, demo, "committee")
    page.goto(f"/desk/surveys/community-needs/channels/hanguk/poster?format={format_}&{languages}&print=1")
    address = page.locator(".address").first.inner_text()

    page.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True)

    [sheet] = pages_of((tmp_path / "printed.pdf").read_bytes())
    found = codes_on(sheet)
    assert [text for text, _ in found] == [address] * copies
    assert min(width for _, width in found) >= SMALLEST_QR


@pytest.mark.thorough  # test_accessibility_desk.py looks at these pages on a narrower screen
@pytest.mark.parametrize("rest", ["channels", "add-channel", "channels/hanguk/posters", "channels/hanguk/poster?print=1"])
def test_channel_pages_fit_a_narrow_screen(demo: Demo, open_page: Callable[..., Page], rest: str) -> None:
    page = open_page(width=360)
    sign_in(page, demo, "committee")

    page.goto(f"/desk/surveys/community-needs/{rest}")

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
