"""Papers in the layout of GB/T 9704: measured on the page, the same words in both formats, nothing that forges authority."""

from __future__ import annotations

import io
import re
import zipfile

import pypdfium2
import pytest
from docx import Document

from survey import official
from survey.fonts import FontMissing
from survey.official import Grid, Line, chinese_number, paper_docx, paper_pdf

BLOCKS = [
    Line("mark", "征求意见稿　内部资料"), Line("title", "“社区需求”\n评议会议纪要"), Line("heading", "一、停车"), Line("subheading", "表决"),
    Line("body", "赞成 2 票，反对 1 票。"), Line("strong", "通过。"), Line("quote", "吴静：“先试一个月。”"),
    Grid("表决情况", ["议题", "赞成"], [["停车", "2"], ["<b>$x$ #let</b>", "—"]], [100, 56]), Line("note", "票数相等不通过。"),
]  # fmt: skip
MM = 72 / 25.4
BELOW_THE_LAST_LINE = 225 / 22 - 16 / MM
"""The type area ends with the space that follows each line, its last one too."""


def _pdf_words(content: bytes) -> str:
    found = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    return re.sub(r"\s+", "", found)


def test_pdf_sets_22_lines_of_28_characters_inside_the_margins() -> None:
    pages = list(pypdfium2.PdfDocument(paper_pdf("满页", [Line("body", "国" * 28 * 50)], "zh-Hans")))

    text = pages[1].get_textpage()
    *lines, number = text.get_text_range().splitlines()
    assert [len(line) for line in lines] == [28] * 22
    assert number == "— 2 —"
    boxes = [text.get_charbox(place) for place in range(text.count_chars()) if text.get_text_range(place, 1) == "国"]
    width, height = pages[1].get_size()
    margins = (min(box[0] for box in boxes), width - max(box[2] for box in boxes), height - max(box[3] for box in boxes), min(box[1] for box in boxes))
    for measured, wanted in zip((margin / MM for margin in margins), (28, 26, 37, 35 + BELOW_THE_LAST_LINE), strict=True):
        assert abs(measured - wanted) <= 1


def test_both_formats_say_the_same_and_the_same_paper_gives_the_same_bytes() -> None:
    docx, pdf = paper_docx("纪要", BLOCKS), paper_pdf("纪要", BLOCKS, "zh-Hans")

    assert (docx, pdf) == (paper_docx("纪要", BLOCKS), paper_pdf("纪要", BLOCKS, "zh-Hans"))
    document = Document(io.BytesIO(docx))
    written = [paragraph.text for paragraph in document.paragraphs]
    assert written == [block.caption if isinstance(block, Grid) else block.text for block in BLOCKS]
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [["议题", "赞成"], ["停车", "2"], ["<b>$x$ #let</b>", "—"]]
    words = _pdf_words(pdf)
    for text in [*written, "<b>$x$#let</b>"]:
        assert re.sub(r"\s+", "", text) in words


def test_docx_looks_official_and_forges_nothing() -> None:
    docx = paper_docx("纪要", BLOCKS)

    document = Document(io.BytesIO(docx))
    section = document.sections[0]
    lengths = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(length.mm) for length in lengths] == [210, 297, 37, 35, 28, 26]
    assert {run.font.color.rgb for paragraph in document.paragraphs for run in paragraph.runs} == {None}
    assert not document.inline_shapes
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        body = archive.read("word/document.xml").decode()
        assert {item.date_time for item in archive.infolist()} == {(2020, 1, 1, 0, 0, 0)}
    assert {"方正小标宋简体", "黑体", "楷体", "仿宋"} <= set(re.findall(r'w:eastAsia="([^"]+)"', body))


def test_control_characters_are_left_out() -> None:
    blocks = [Line("body", "停\x00车\x0b位")]

    assert [paragraph.text for paragraph in Document(io.BytesIO(paper_docx("x\x07", blocks))).paragraphs] == ["停车位"]
    assert "停车位" in _pdf_words(paper_pdf("x\x07", blocks, "zh-Hans"))


def test_pdf_prints_no_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FontMissing, match="\U0001f9d9"):
        paper_pdf("x", [Line("body", "\U0001f9d9")], "zh-Hans")
    monkeypatch.setattr(official, "_NEEDED_FONTS", {"Nowhere Song"})
    with pytest.raises(FontMissing, match="Nowhere Song"):
        paper_pdf("x", BLOCKS, "zh-Hans")


def test_numbers_in_chinese() -> None:
    assert [chinese_number(n) for n in (1, 9, 10, 11, 20, 21, 99)] == ["一", "九", "十", "十一", "二十", "二十一", "九十九"]
