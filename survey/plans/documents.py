"""A plan as a document: DOCX, XLSX, CSV, JSON. All print the same figures, gathered once in a PlanDocument.

The layout is that of survey/official.py; a plan is marked 征求意见稿 (decision 12).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import msgspec

from survey.i18n.speech import speech
from survey.official import DOCX, FIXED_MOMENT, add_paragraph, add_table, new_document, packed, printable
from survey.tabular import safe_cell

COVER_LINE = 84
"""Letters that fit into a line of the workbook's first sheet; a Chinese character takes the room of two."""

FORMATS = {
    "docx": DOCX,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}


class Quote(msgspec.Struct, frozen=True):
    """Verbatim, by somebody who allowed it. For who cannot read the language: `rendering`, which a person accepted, or else
    `reading`, the names of the needs in it.
    """

    text: str
    language: str
    reading: list[str]
    rendering: str = ""


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
    plan = printable(plan)
    if format_ == "docx":
        return _docx(plan, chart_png)
    return _WRITERS[format_](plan)


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
    book.set_properties({"title": plan.title, "created": FIXED_MOMENT})
    head = book.add_format({"bold": True, "bg_color": "#e3efed", "border": 1, "text_wrap": True, "valign": "top"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    strong = book.add_format({"bold": True, "font_size": 14, "text_wrap": True})
    cover = book.add_worksheet(say.gettext("Source"))
    cover.set_column(0, 0, 90)
    wrap = book.add_format({"text_wrap": True})
    cover.write_string(0, 0, plan.title, strong)
    for row, text in enumerate([say.gettext("Draft for comments"), say.source(), *say.notes()], start=1):
        cover.set_row(row, 15 * (1 + sum(2 if character > "\u2e7f" else 1 for character in text) // COVER_LINE))  # some programs give every row one line
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
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # slow import, only this format needs it
    from docx.shared import Mm, Pt

    say = _Words(plan)
    document = new_document()
    add_paragraph(document, say.gettext("Draft for comments"), font="黑体", size=14)
    title = add_paragraph(document, plan.title, font="方正小标宋简体", size=22, bold=True)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before = Pt(14)
    title.paragraph_format.space_after = Pt(14)
    add_paragraph(document, say.source(), indent=True)
    if plan.is_fictional:
        add_paragraph(document, say.gettext("Demonstration: every answer is fictional."), indent=True, bold=True)
    if plan.entries:
        add_paragraph(document, _numbered(plan, 1) + say.gettext("What residents need, and what we plan"), font="黑体")
        for entry in plan.entries:
            _entry(document, plan, say, entry)
        add_paragraph(document, _numbered(plan, 2) + say.gettext("Overview"), font="黑体")
        add_table(document, say.columns(), [say.row(entry) for entry in plan.entries], (10, 32, 18, 14, 28, 18, 18, 18))
        if chart_png is not None:
            document.add_picture(io.BytesIO(chart_png), width=Mm(150))
        else:
            add_paragraph(document, say.gettext("The chart is missing: it has not been drawn, or the server has no font that can draw Chinese."), size=12)
    else:
        add_paragraph(document, say.gettext("This plan has no items yet."), indent=True)
    for note in say.notes():
        add_paragraph(document, note, size=12)
    return packed(document, plan.title)


def _numbered(plan: PlanDocument, number: int) -> str:
    return f"{'一二三四五'[number - 1]}、" if plan.language.startswith("zh") else f"{number}. "


def _entry(document: Any, plan: PlanDocument, say: _Words, entry: PlanEntry) -> None:
    number = f"（{'一二三四五六七八九十'[entry.number - 1]}）" if plan.language.startswith("zh") and entry.number <= 10 else f"({entry.number}) "
    add_paragraph(document, f"{number}{entry.theme}", font="楷体", bold=True, indent=True)
    add_paragraph(document, say.sentence(entry), indent=True)
    for quote in entry.quotes:
        text = f"“{quote.text}”"
        others = [need for need in dict.fromkeys(quote.reading) if need != entry.theme]
        if quote.rendering:
            text = say.gettext("“%(words)s” (original: %(original)s)", words=quote.rendering, original=quote.text)
        elif others and not quote.language.startswith("zh"):
            text += say.gettext(" (the need in it: %(needs)s)", needs="、".join(others))
        add_paragraph(document, text, font="楷体", indent=True)
    for label, value in (
        (say.gettext("Goal"), entry.goal), (say.gettext("Lead"), entry.lead),
        (say.gettext("Deadline"), say.day(entry.deadline) if entry.deadline else ""), (say.gettext("Measure of success"), entry.measure),
    ):  # fmt: skip
        add_paragraph(document, say.gettext("%(label)s: %(value)s", label=label, value=value or say.gettext("still open")), indent=True)


_WRITERS: dict[str, Callable[[PlanDocument], bytes]] = {"csv": _csv, "json": _json, "xlsx": _xlsx}
