"""A plan as a document: DOCX, XLSX, CSV, JSON. All print the same figures, gathered once in a PlanDocument.

The layout follows GB/T 9704-2012 (A4, margins 37/35/28/26 mm, 29 pt lines, 仿宋 3号) without red head, number or seal:
a plan looks official and never forges authority; it is marked 征求意见稿 (decision 12).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec

from survey.i18n.speech import speech
from survey.tabular import safe_cell

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}

_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_FIXED_MOMENT = dt.datetime(2020, 1, 1)  # noqa: DTZ001 -- office files know no zones
"""The time of every file inside a DOCX, so that an unchanged plan gives the same bytes."""


class Quote(msgspec.Struct, frozen=True):
    """Verbatim, by somebody who allowed it; `reading` is the names of the needs in it, for who cannot read the language."""

    text: str
    language: str
    reading: list[str]


class PlanEntry(msgspec.Struct, frozen=True):
    """`people` is rounded to 5, None below the threshold; `share` is of all who wrote something."""

    number: int
    theme_id: str
    theme: str
    category: str
    people: int | None
    share: float | None
    quotes: list[Quote]
    goal: str
    lead: str
    deadline: dt.date | None
    measure: str


class PlanDocument(msgspec.Struct, frozen=True):
    title: str
    survey: str
    dates: tuple[dt.date, dt.date] | None
    responses: int | None
    wrote: int | None
    sample_kind: str
    is_fictional: bool
    analysed_at: dt.datetime | None
    entries: list[PlanEntry]
    source_id: str
    language: str


def write_document(plan: PlanDocument, format_: str, chart_png: bytes | None = None) -> bytes:
    """Return the file's content. `chart_png` goes into the DOCX; where it is None the document says so."""
    plan = _printable(plan)
    if format_ == "docx":
        return _docx(plan, chart_png)
    return _WRITERS[format_](plan)


_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML, and so an office file, cannot hold: control characters that come with pasted text."""


def _printable(value: Any) -> Any:
    """The same value without such characters, in whatever texts it has."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, msgspec.Struct):
        cleaned = {name: _printable(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **cleaned)
    return value


class _Words:
    """The sentences that all formats share, in the plan's language; each figure is put into words in one place."""

    def __init__(self, plan: PlanDocument) -> None:
        self.plan = plan
        self.say = speech("desk", plan.language)
        self.gettext = self.say.gettext

    def people(self, count: int | None) -> str:
        if count is None:
            return self.gettext("fewer than 10")
        return self.gettext("about %(n)s", n=self.say.number(count))

    def share(self, share: float | None) -> str:
        return "—" if share is None else self.say.percent(share)

    def day(self, day: dt.date | None) -> str:
        return "—" if day is None else self.say.date(day)

    def source(self) -> str:
        plan = self.plan
        when = self.gettext("no answers yet")
        if plan.dates is not None:
            when = self.gettext("%(first)s to %(last)s", first=self.day(plan.dates[0]), last=self.day(plan.dates[1]))
        return self.gettext(
            "Source: survey “%(survey)s”, %(when)s, %(responses)s answers, of whom %(wrote)s people wrote what they need.",
            survey=plan.survey, when=when, responses=self.people(plan.responses), wrote=self.people(plan.wrote),
        )  # fmt: skip

    def notes(self) -> list[str]:
        plan = self.plan
        notes = [self.gettext(
            "Figures are rounded to 5; fewer than 10 people are not shown. A person counts once in each theme, so shares do not add up."
        )]  # fmt: skip
        if plan.sample_kind == "open":
            notes.append(self.gettext("The survey was an open link: its answers are no probability sample, and no margin of error can be given."))
        if plan.is_fictional:
            notes.append(self.gettext("Demonstration: every answer is fictional."))
        notes.append(self.gettext("Figures' id: %(id)s", id=plan.source_id))
        return notes

    def sentence(self, entry: PlanEntry) -> str:
        if entry.share is None:
            return self.gettext("%(people)s people name this need.", people=self.people(entry.people))
        return self.gettext(
            "%(people)s people name this need, %(share)s of those who wrote.", people=self.people(entry.people), share=self.share(entry.share)
        )

    def columns(self) -> list[str]:
        return [
            self.gettext("No."), self.gettext("Theme"), self.gettext("People"), self.gettext("Share"), self.gettext("Goal"),
            self.gettext("Lead"), self.gettext("Deadline"), self.gettext("Measure of success"),
        ]  # fmt: skip

    def row(self, entry: PlanEntry) -> list[str]:
        return [
            str(entry.number), entry.theme, self.people(entry.people), self.share(entry.share), entry.goal or "—",
            entry.lead or "—", self.day(entry.deadline), entry.measure or "—",
        ]  # fmt: skip


def _csv(plan: PlanDocument) -> bytes:
    say = _Words(plan)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(plan.title)])
    writer.writerow([safe_cell(say.source())])
    for note in say.notes():
        writer.writerow([safe_cell(note)])
    writer.writerow([])
    writer.writerow(say.columns())
    for entry in plan.entries:
        writer.writerow([safe_cell(cell) for cell in say.row(entry)])
    return ("\ufeff" + out.getvalue()).encode()  # the mark by which Excel knows UTF-8


def _json(plan: PlanDocument) -> bytes:
    return msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n"


def _xlsx(plan: PlanDocument) -> bytes:
    import xlsxwriter  # slow import, only this format needs it

    say = _Words(plan)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": plan.title, "created": _FIXED_MOMENT})
    head = book.add_format({"bold": True, "bg_color": "#e3efed", "border": 1, "text_wrap": True, "valign": "top"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    strong = book.add_format({"bold": True, "font_size": 14})
    cover = book.add_worksheet(say.gettext("Source"))
    cover.set_column(0, 0, 90)
    wrap = book.add_format({"text_wrap": True})
    cover.write_string(0, 0, plan.title, strong)
    for row, text in enumerate([say.gettext("Draft for comments"), say.source(), *say.notes()], start=1):
        cover.write_string(row, 0, text, wrap)
    sheet = book.add_worksheet(say.gettext("Plan"))
    for column, width in enumerate((6, 28, 12, 10, 32, 18, 16, 32)):
        sheet.set_column(column, column, width)
    for column, name in enumerate(say.columns()):
        sheet.write_string(0, column, name, head)
    for row, entry in enumerate(plan.entries, start=1):
        for column, text in enumerate(say.row(entry)):
            sheet.write_string(row, column, text, cell)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def _docx(plan: PlanDocument, chart_png: bytes | None) -> bytes:
    from docx import Document  # slow import, only this format needs it
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    say = _Words(plan)
    document = Document()
    _page(document)
    _paragraph(document, say.gettext("Draft for comments"), font="黑体", size=14)
    title = _paragraph(document, plan.title, font="方正小标宋简体", size=22, bold=True)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before = Pt(14)
    title.paragraph_format.space_after = Pt(14)
    _paragraph(document, say.source(), indent=True)
    if plan.is_fictional:
        _paragraph(document, say.gettext("Demonstration: every answer is fictional."), indent=True, bold=True)
    if plan.entries:
        _paragraph(document, _numbered(plan, 1) + say.gettext("What residents need, and what we plan"), font="黑体")
        for entry in plan.entries:
            _entry(document, plan, say, entry)
        _paragraph(document, _numbered(plan, 2) + say.gettext("Overview"), font="黑体")
        _table(document, plan, say)
        if chart_png is not None:
            document.add_picture(io.BytesIO(chart_png), width=Mm(150))
        else:
            _paragraph(document, say.gettext("The chart is missing: it has not been drawn, or the server has no font that can draw Chinese."), size=12)
    else:
        _paragraph(document, say.gettext("This plan has no items yet."), indent=True)
    for note in say.notes():
        _paragraph(document, note, size=12)
    core = document.core_properties
    core.title, core.author, core.created, core.modified = plan.title, "Linsheng", _FIXED_MOMENT, _FIXED_MOMENT
    core.last_modified_by = "Linsheng"
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _numbered(plan: PlanDocument, number: int) -> str:
    return f"{'一二三四五'[number - 1]}、" if plan.language.startswith("zh") else f"{number}. "


def _page(document: Any) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    _page_number(section)


def _page_number(section: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
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


def _paragraph(
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


def _entry(document: Any, plan: PlanDocument, say: _Words, entry: PlanEntry) -> None:
    number = f"（{'一二三四五六七八九十'[entry.number - 1]}）" if plan.language.startswith("zh") and entry.number <= 10 else f"({entry.number}) "
    _paragraph(document, f"{number}{entry.theme}", font="楷体", bold=True, indent=True)
    _paragraph(document, say.sentence(entry), indent=True)
    for quote in entry.quotes:
        text = f"“{quote.text}”"
        others = [need for need in dict.fromkeys(quote.reading) if need != entry.theme]
        if others and not quote.language.startswith("zh"):
            text += say.gettext(" (the need in it: %(needs)s)", needs="、".join(others))
        _paragraph(document, text, font="楷体", indent=True)
    for label, value in (
        (say.gettext("Goal"), entry.goal), (say.gettext("Lead"), entry.lead),
        (say.gettext("Deadline"), say.day(entry.deadline) if entry.deadline else ""), (say.gettext("Measure of success"), entry.measure),
    ):  # fmt: skip
        _paragraph(document, say.gettext("%(label)s: %(value)s", label=label, value=value or say.gettext("still open")), indent=True)


def _table(document: Any, plan: PlanDocument, say: _Words) -> None:
    from docx.shared import Mm

    columns = say.columns()
    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    widths = (10, 32, 18, 14, 28, 18, 18, 18)
    for row, cells in enumerate([columns, *(say.row(entry) for entry in plan.entries)]):
        line = table.rows[0] if row == 0 else table.add_row()
        for column, text in enumerate(cells):
            cell = line.cells[column]
            cell.width = Mm(widths[column])
            run = cell.paragraphs[0].add_run(text)
            _font(run, "黑体" if row == 0 else "仿宋", 10.5, bold=row == 0)


def _without_times(data: bytes) -> bytes:
    """Pack the DOCX again with one time for all its files: the same plan gives the same bytes (S35)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            entry = zipfile.ZipInfo(item.filename, date_time=_FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(item.filename))
    return out.getvalue()


_WRITERS: dict[str, Callable[[PlanDocument], bytes]] = {"csv": _csv, "json": _json, "xlsx": _xlsx}
