"""Papers in the layout of GB/T 9704-2012: A4, margins 37/35/28/26 mm, 29 pt lines, 仿宋 3号; as DOCX and, from the same blocks, as PDF.

They look official and never forge authority (decision 12): no red head, no number, no seal. What a paper says is its feature's
business. The DOCX names the official fonts and lets the reader's machine supply them; the PDF embeds free stand-ins (Noto).
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import msgspec
import typst

from survey.fonts import FontMissing

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"

FIXED_MOMENT = dt.datetime(2020, 1, 1)  # noqa: DTZ001 -- office files know no zones
"""The time that office files say they were written at, so that an unchanged paper gives the same bytes (S35)."""
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)

Style = Literal["mark", "title", "heading", "subheading", "body", "strong", "quote", "note"]


class Line(msgspec.Struct, frozen=True, tag="line"):
    """A paragraph. `mark` stands at the top left (征求意见稿), headings are 一、 and （一）, a note is small print."""

    style: Style
    text: str


class Grid(msgspec.Struct, frozen=True, tag="grid"):
    """A table with a caption above it; `widths` are millimetres, 156 in all."""

    caption: str
    columns: list[str]
    rows: list[list[str]]
    widths: list[int]


Block = Line | Grid


class _Look(msgspec.Struct, frozen=True):
    font: str
    size: float = 16
    bold: bool = False
    indent: bool = False


_LOOKS: dict[Style, _Look] = {
    "mark": _Look("黑体", 14),
    "title": _Look("方正小标宋简体", 22, bold=True),
    "heading": _Look("黑体"),
    "subheading": _Look("楷体", bold=True, indent=True),
    "body": _Look("仿宋", indent=True),
    "strong": _Look("仿宋", bold=True, indent=True),
    "quote": _Look("楷体", indent=True),
    "note": _Look("仿宋", 12),
}


_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML, and so an office file, cannot hold: control characters that come with pasted text."""


def printable(value: Any) -> Any:
    """The same value without such characters, in whatever texts it has."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if isinstance(value, list):
        return [printable(item) for item in value]
    if isinstance(value, msgspec.Struct):
        cleaned = {name: printable(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **cleaned)
    return value


_DIGITS = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """1 to 99 as Chinese papers number their parts: 十, 十一, 二十, 二十一."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十") + (_DIGITS[ones] if ones or not tens else "")


# One paper from its blocks, in both formats


def paper_docx(title: str, blocks: Sequence[Block]) -> bytes:
    """22 lines of 28 characters on a full page, page numbers at the outer edge for printing on both sides."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # slow import, only this format needs it
    from docx.shared import Pt

    document = new_document(is_duplex=True)
    for block in printable(list(blocks)):
        if isinstance(block, Grid):
            add_paragraph(document, block.caption, font="黑体", size=14).paragraph_format.keep_with_next = True
            _fix_widths(add_table(document, block.columns, block.rows, block.widths), block.widths)
            continue
        look = _LOOKS[block.style]
        paragraph = add_paragraph(document, block.text, font=look.font, size=look.size, bold=look.bold, indent=look.indent)
        if look.size == 16:
            _squeeze(paragraph)
        if block.style == "title":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(14)
        elif block.style in {"heading", "subheading"}:
            paragraph.paragraph_format.keep_with_next = True
    return packed(document, printable(title))


def _squeeze(paragraph: Any) -> None:
    """28 characters a line: at 16 pt each, 27 would fit. A quarter point between letters does it in every word processor, which
    a character grid does not.
    """
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for run in paragraph.runs:
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), "-5")
        run._r.get_or_add_rPr().append(spacing)  # noqa: SLF001 -- python-docx knows no spacing of letters


def _fix_widths(table: Any, widths: Sequence[int]) -> None:
    """Some word processors heed the columns, others the cells. A table that goes on over the page has its head there again."""
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 -- python-docx knows no such row


def paper_pdf(title: str, blocks: Sequence[Block], language: str) -> bytes:
    """PDF/UA: it can be read aloud, and the typesetter refuses what no font can draw instead of printing boxes (FontMissing)."""
    _require_fonts()
    data = {"title": printable(title), "blocks": msgspec.to_builtins(printable(list(blocks))), "lang": language.partition("-")[0]}
    try:
        content = typst.compile(
            _layout(), font_paths=_fonts(), sys_inputs={"data": json.dumps(data)}, format="pdf", pdf_standards="ua-1"
        )
    except typst.TypstError as error:
        missing = re.search(r"the text `(.+)` could not be displayed", error.message)
        if missing:
            raise FontMissing(missing[1]) from None
        raise
    assert isinstance(content, bytes), "only pictures come page by page"
    return content


_NEEDED_FONTS = {"Noto Serif CJK SC", "Noto Sans CJK SC"}


def _require_fonts() -> None:
    missing = sorted(_NEEDED_FONTS - set(_fonts().families()))
    if missing:
        _fonts.cache_clear()  # somebody may install them now
        raise FontMissing(", ".join(missing))


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_embedded_fonts=False)


@lru_cache(maxsize=1)
def _layout() -> bytes:
    return resources.files("survey").joinpath("official.typ").read_bytes()


# The parts of a DOCX, for papers that need more than blocks


def new_document(*, is_duplex: bool = False) -> Any:
    """An empty page in the layout, numbered in the middle of its foot, or for printing on both sides at the outer edge."""
    from docx import Document  # slow import, only this format needs it
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    for language in document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang"):
        language.set(qn("w:eastAsia"), "zh-CN")  # so that commas stand where Chinese readers look for them
    if is_duplex:
        document.settings.odd_and_even_pages_header_footer = True
        _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
        _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    else:
        _page_number(section.footer, WD_ALIGN_PARAGRAPH.CENTER)
    return document


def _page_number(footer: Any, alignment: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = footer.paragraphs[0]
    paragraph.alignment = alignment
    paragraph.add_run("— ")
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.text = text
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)  # noqa: SLF001 -- python-docx has no fields of its own
    paragraph.add_run(" —")


def add_paragraph(
    document: Any, text: str, *, font: str = "仿宋", size: float = 16, bold: bool = False, indent: bool = False
) -> Any:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    _font(run, font, size, bold=bold)
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing = Pt(29) if size >= 14 else Pt(20)
    if indent:
        layout.first_line_indent = Pt(2 * size)
    return paragraph


def add_table(document: Any, columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Any:
    """`widths` are millimetres."""
    from docx.shared import Mm

    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    for number, cells in enumerate([columns, *rows]):
        line = table.rows[0] if number == 0 else table.add_row()
        for column, text in enumerate(cells):
            cell = line.cells[column]
            cell.width = Mm(widths[column])
            run = cell.paragraphs[0].add_run(text)
            _font(run, "黑体" if number == 0 else "仿宋", 10.5, bold=number == 0)
    return table


def _font(run: Any, font: str, size: float, *, bold: bool = False) -> None:
    """Name the official font for Chinese and let the reader's machine supply it; Latin and Arabic text take Times."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run.font.size, run.font.bold, run.font.name = Pt(size), bold, "Times New Roman"
    properties = run._r.get_or_add_rPr()  # noqa: SLF001 -- python-docx names neither East Asian nor Arabic fonts
    fonts = properties.get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:cs"), "Times New Roman")
    arabic_size = OxmlElement("w:szCs")
    arabic_size.set(qn("w:val"), str(round(2 * size)))
    properties.append(arabic_size)


def packed(document: Any, title: str) -> bytes:
    """The file, with one time for all that is in it: the same paper gives the same bytes."""
    core = document.core_properties
    core.title, core.author, core.created, core.modified = title, "Linsheng", FIXED_MOMENT, FIXED_MOMENT
    core.last_modified_by = "Linsheng"
    written = io.BytesIO()
    document.save(written)
    out = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            entry = zipfile.ZipInfo(item.filename, date_time=_FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(item.filename))
    return out.getvalue()
