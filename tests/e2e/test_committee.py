"""The committee's way at an office PC: run the analysis, accept and rename a theme, make a plan, take it away as a document."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import Demo
from tests.e2e.test_resident import sign_in

pytestmark = pytest.mark.browser

NEW_NAME = "看病时需要会韩语、英语的医生"


def start_analysis(page: Page) -> None:
    page.goto("/desk/surveys/community-needs/themes")
    page.get_by_role("button", name=re.compile("分析")).click()


def wait_for_analysis(page: Page) -> None:
    """The page reloads itself while the worker runs."""
    expect(page.locator("progress")).to_have_count(0, timeout=90_000)


def texts_in(path: Path) -> tuple[list[str], list[list[str]]]:
    """Paragraphs, and rows of the tables, of a DOCX."""
    document = docx.Document(io.BytesIO(path.read_bytes()))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    return [paragraph.text for paragraph in document.paragraphs], rows


def public_quotes(demo: Demo) -> set[str]:
    """The statements of those who allowed to be quoted, straight from the database."""
    connection = sqlite3.connect(demo.folder / "linsheng.sqlite")
    try:
        rows = connection.execute(
            "SELECT statement.original FROM statement JOIN consent ON consent.response = statement.response "
            "WHERE consent.purpose = 'quote'"
        ).fetchall()
    finally:
        connection.close()
    return {text for (text,) in rows}


def test_committee_carries_a_need_from_the_analysis_into_a_document(
    demo: Demo, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page(width=1280, locale="zh-CN")
    sign_in(page, demo, "committee")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")

    start_analysis(page)
    wait_for_analysis(page)
    page.get_by_role("link", name="会说我们语言的医生").click()
    people = int(re.search(r"(\d+) 人", page.locator("main p.soft").first.inner_text()).group(1))  # type: ignore[union-attr]
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.locator(".said")).to_be_visible()
    page.fill("#name-zh-Hans", NEW_NAME)
    page.get_by_role("button", name="改名").click()
    expect(page.locator("h1")).to_have_text(NEW_NAME)

    start_analysis(page)  # what people decided stands after another run
    wait_for_analysis(page)
    expect(page.locator("#accepted").get_by_role("link", name=NEW_NAME)).to_be_visible()

    page.get_by_role("link", name=NEW_NAME).click()
    page.locator("main .actions a.button").first.click()
    expect(page.locator("input[name=theme]:checked")).to_have_count(1)
    page.fill("#title", "2026 年望京多语种就医改善计划")
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("2026 年望京多语种就医改善计划")
    page.fill("#goal-1", "每周六上午有韩语志愿者陪诊")
    page.fill("#lead-1", "望京街道社区卫生服务中心")
    page.fill("#deadline-1", "2027-03-31")
    page.fill("#measure-1", "下一期调查中提到此项的比例下降一半")
    page.locator(".card form button, form.card .actions button").first.click()
    expect(page.locator(".said")).to_be_visible()
    expect(page.locator("#lead-1")).to_have_value("望京街道社区卫生服务中心")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("DOCX")).click()
    waiting.value.save_as(tmp_path / "plan.docx")

    paragraphs, rows = texts_in(tmp_path / "plan.docx")
    rounded = 5 * round(people / 5)
    text = "\n".join(paragraphs)
    assert NEW_NAME in text
    assert f"约 {rounded} 人" in text.replace("约", "约 ").replace("  ", " ")
    [line] = [row for row in rows if NEW_NAME in row[1]]
    assert str(rounded) in line[2]
    assert "每周六上午有韩语志愿者陪诊" in text
    assert "2027年3月31日" in text
    assert "您的社区需要什么？" in text  # the survey's name
    quoted = re.findall(r"“(.+?)”", text, re.DOTALL) + re.findall(r"（原文：(.+?)）", text)
    assert set(quoted) & public_quotes(demo)
    assert "虚构" in text  # the demonstration says so in its documents as well


def test_analysis_can_be_cancelled_and_leaves_the_themes_as_they_were(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page(width=1280, scripts=False, locale="zh-CN")
    sign_in(page, demo, "admin")
    page.goto("/desk/surveys/community-needs/themes")
    before = page.locator(".theme-card, tbody tr").count()
    assert before > 10

    start_analysis(page)
    cancel = page.get_by_role("button", name="取消")
    if cancel.count():
        cancel.click()
    wait_for_analysis(page)

    assert page.locator(".theme-card, tbody tr").count() == before


@pytest.mark.thorough  # test_accessibility_desk.py looks at these pages
@pytest.mark.parametrize("width", [360, 1280])
def test_desk_pages_fit_the_screen(demo: Demo, open_page: Callable[..., Page], width: int) -> None:
    page = open_page(width=width, locale="zh-CN")
    sign_in(page, demo, "admin")
    sticking_out = {}

    for path in ("/desk", "/desk/surveys/community-needs", "/desk/surveys/community-needs/themes",
                 "/desk/surveys/community-needs/unsorted", "/desk/surveys/community-needs/difference",
                 "/desk/surveys/community-needs/words", "/desk/surveys/community-needs/themes/history", "/desk/plans", "/desk/surveys/community-needs/plans/new"):  # fmt: skip
        page.goto(path)
        reach = page.locator("html").evaluate("e => e.scrollWidth - e.clientWidth")
        if reach:
            sticking_out[path] = reach

    assert sticking_out == {}
