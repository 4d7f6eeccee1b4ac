"""The resident's way with a phone that runs no scripts: from the poster's QR code to the receipt, in Korean and in Arabic."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.serving import Demo
from tests.e2e.stepping import on

pytestmark = pytest.mark.browser

SEND = ".send [data-busy]"

CODE = re.compile(r"^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$")

KOREAN_NEED = "보건소에 한국어 통역이 없어서 아이가 아플 때 제일 힘들어요. 그리고 <b>주차장</b>도 부족해요"
ARABIC_NEED = "أحتاج إلى طبيب يتحدث العربية في Wangjing، خاصة بعد الساعة 18:00"


def sign_in(page: Page, demo: Demo, name: str) -> None:
    page.goto("/desk")
    expect(page).to_have_url(re.compile(r"/login\?next=/desk"))
    page.fill("#name", name)
    page.fill("#password", demo.password_of(name))
    page.click("main button")
    expect(page).to_have_url(re.compile(r"/desk$"))


def scanned(page: Page, demo: Demo) -> str:
    """Read the QR code that the desk shows for the channel of the Korean supermarket, as a phone's camera would."""
    sign_in(page, demo, "admin")
    page.goto("/desk/surveys/community-needs/qr.svg?c=hanguk")
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    return found.text


def reach_of(page: Page) -> int:
    """How far the page can be scrolled to the side: 0 where nothing sticks out."""
    return page.locator("html").evaluate("e => e.scrollWidth - e.clientWidth")  # type: ignore[no-any-return]


def inline_start_gap(page: Page, selector: str) -> tuple[float, float]:
    """Distances of an element from the left and the right edge of the viewport."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"], 360 - box["x"] - box["width"]


def test_korean_resident_answers_without_scripts_from_the_qr_code_to_the_receipt(
    demo: Demo, open_page: Callable[..., Page]
) -> None:
    link = scanned(open_page(width=1280), demo)
    assert link == f"{demo.survey}?c=hanguk"
    page = open_page(width=360, scripts=False, locale="ko-KR")

    page.goto(link)
    expect(page.locator("html")).to_have_attribute("lang", "ko")  # as the browser wishes
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    assert reach_of(page) == 0
    page.fill("#f-need_most", KOREAN_NEED)
    page.locator("input[name=aware_health_centre][value=yes]").check()
    page.locator("input[name=used_health_centre][value=yes]").check()  # shown by the page's style alone, without scripts
    page.locator("input[name=satisfied_health_centre][value='2']").check(force=True)
    page.locator("input[name=importance_health][value='5']").check(force=True)
    page.locator("input[name=origin][value=another_country]").check()
    page.locator("input[name=participation][value=volunteer]").check()
    page.locator("input[name=participation][value=interpret]").check()
    page.locator("input[name=may_quote]").check()
    page.check("[name=_age]")
    page.check("[name=_agree]")
    page.click(SEND)

    # The mistake: two required questions were left out. Everything that was answered is still there.
    expect(page).to_have_url(demo.survey)
    summary = page.locator(".summary")
    expect(summary).to_contain_text("2")
    assert [a.get_attribute("href") for a in summary.locator("a").all()] == ["#q-subdistrict", "#q-time_in_beijing"]
    expect(page.locator("#f-need_most")).to_have_value(KOREAN_NEED)
    expect(page.locator("input[name=satisfied_health_centre][value='2']")).to_be_checked()
    expect(page.locator("input[name=participation]:checked")).to_have_count(2)
    expect(page.locator("input[name=may_quote]")).to_be_checked()
    summary.locator("a").first.click()
    expect(page).to_have_url(f"{demo.survey}#q-subdistrict")

    page.select_option("#f-subdistrict", "wangjing")
    page.locator("input[name=time_in_beijing][value='2_to_5_years']").check()
    page.click(SEND)

    expect(page.locator("html")).to_have_attribute("lang", "ko")
    code = page.locator("#receipt-code").inner_text()
    assert CODE.match(code), code
    expect(page.locator("main")).to_contain_text("120")
    assert code not in page.url
    assert reach_of(page) == 0

    page.reload()  # the browser sends the same post again
    expect(page.locator("#receipt-code")).to_have_text(code)

    page.goto("/receipt?lang=ko")
    page.fill("#code", code.lower().replace("-", " "))
    page.locator("main button").click()
    expect(page.locator("main")).to_contain_text(KOREAN_NEED)
    expect(page.locator("main")).to_contain_text("왕징")


def test_arabic_resident_answers_from_right_to_left(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page(width=360, scripts=False, locale="ar-EG")
    page.goto(f"{demo.survey}?lang=ko")

    # In the wrong language at first: what was typed stays when the language is changed.
    page.fill("#f-need_most", ARABIC_NEED)
    page.locator("input[name=origin][value=another_country]").check()
    page.locator(".languages summary").click()
    page.get_by_role("button", name="العربية").click()

    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#f-need_most")).to_have_value(ARABIC_NEED)
    expect(page.locator("input[name=origin][value=another_country]")).to_be_checked()
    assert reach_of(page) == 0
    assert page.locator("#f-need_most").evaluate("e => getComputedStyle(e).direction") == "rtl"  # dir=auto on Arabic
    assert page.locator("body").evaluate("e => getComputedStyle(e).direction") == "rtl"
    # Mirrored: the tick stands at the right, before its words; the scale begins at the right; "less" stands under its 1.
    tick: Any = page.locator("input[name=origin][value=mainland]").bounding_box()
    word: Any = page.locator("input[name=origin][value=mainland] + span").bounding_box()
    one: Any = page.locator("input[name=importance_health][value='1'] + span").bounding_box()
    five: Any = page.locator("input[name=importance_health][value='5'] + span").bounding_box()
    low: Any = page.locator("#q-importance_health .ends span").first.bounding_box()
    high: Any = page.locator("#q-importance_health .ends span").last.bounding_box()
    assert None not in (tick, word, one, five, low, high)
    assert tick["x"] > word["x"]
    assert one["x"] > five["x"]
    assert low["x"] > high["x"]
    left, right = inline_start_gap(page, "h1")
    assert left == right  # the same margin at both sides, in both directions

    page.check("[name=_age]")
    page.check("[name=_agree]")
    page.click(SEND)
    expect(page.locator(".summary")).to_be_visible()
    bar = page.locator(".summary").evaluate(
        "e => [parseFloat(getComputedStyle(e).borderRightWidth), parseFloat(getComputedStyle(e).borderLeftWidth)]"
    )
    assert bar[0] >= bar[1]  # an accent at the start of the line is at the right
    page.select_option("#f-subdistrict", "sanlitun")
    page.locator("input[name=time_in_beijing][value=over_5_years]").check()
    page.click(SEND)

    code = page.locator("#receipt-code")
    assert CODE.match(code.inner_text())
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert code.evaluate("e => getComputedStyle(e).direction") == "ltr"  # a code reads from left to right in every language
    assert reach_of(page) == 0


def test_page_in_every_language_fits_a_narrow_phone(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page(width=320, scripts=False)
    sticking_out = {}

    for tag in ("zh-Hans", "zh-Hant", "en", "ko", "ja", "ru", "fr", "de", "es", "ar"):
        for path in (f"/?lang={tag}", f"/s/community-needs?lang={tag}", f"/receipt?lang={tag}", f"/nothing?lang={tag}"):
            page.goto(path)
            if reach_of(page):
                sticking_out[path] = reach_of(page)

    assert sticking_out == {}


def test_a_phone_asks_for_nothing_outside(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page(width=360)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{demo.survey}?lang=ko", wait_until="networkidle")

    assert [url for url in asked if not url.startswith((demo.url, "data:"))] == []
    named = page.locator("script[src], link[href*='/static/']").evaluate_all("all => all.map(one => one.src || one.href)")
    static = [url for url in asked if "/static/" in url]
    assert sorted(set(static)) == sorted(named)  # nothing is found only once another file has come


def test_answer_through_the_page_is_stored_once_with_its_channel(demo: Demo, open_page: Callable[..., Page]) -> None:
    before = httpx.get(f"{demo.url}/health/ready", trust_env=False).status_code
    page = open_page(width=360, locale="ja-JP")

    page.goto(f"{demo.survey}?lang=ja&c=wuye")
    page.locator("#q-_age button").click()
    page.select_option("#f-subdistrict", "maizidian")
    page.locator("input[name=time_in_beijing][value=under_6_months]").check()
    page.locator("input[name=origin][value=another_country]").check()
    on(page)
    page.fill("#f-change_first", "ゴミの分別を日本語で説明してほしいです")
    while not page.locator("#h-check").is_visible():
        on(page)
    page.check("[name=_agree]")
    page.locator(SEND).dblclick()  # an impatient thumb
    code = page.locator("#receipt-code").inner_text()

    assert before == 200
    assert CODE.match(code)
