"""Plans as files: whatever the format, the same figures, the same words, the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import struct
import zipfile
import zlib
from typing import Any

import openpyxl
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from survey.plans.documents import FORMATS, PlanDocument, PlanEntry, Quote, write_document

ENTRY = PlanEntry(
    number=1,
    theme_id="abcdefghij",
    theme="Doctors who speak our language",
    category="health",
    people=85,
    share=85 / 200,
    quotes=[Quote("의사가 필요해요", "ko", ["Doctors who speak our language"])],
    goal="An interpreter in each clinic",
    lead="Health office",
    deadline=dt.date(2026, 12, 31),
    measure="Ten languages by the new year",
)
SMALL = replace(ENTRY, number=2, theme_id="small", theme="Too few parking spaces", people=None, share=None, quotes=[], goal="", lead="", deadline=None, measure="")
PLAN = PlanDocument(
    title="What we do in 2026",
    survey="What do you need?",
    dates=(dt.date(2026, 3, 1), dt.date(2026, 3, 21)),
    responses=240,
    wrote=200,
    sample_kind="open",
    is_fictional=False,
    analysed_at=dt.datetime(2026, 3, 22, 9, 0, tzinfo=dt.UTC),
    entries=[ENTRY, SMALL],
    source_id="0123456789ab",
    language="en",
)
COLUMNS = ["No.", "Theme", "People", "Share", "Goal", "Lead", "Deadline", "Measure of success"]
ROWS = [
    ["1", "Doctors who speak our language", "about 85", "42%", "An interpreter in each clinic", "Health office", "December 31, 2026", "Ten languages by the new year"],
    ["2", "Too few parking spaces", "fewer than 10", "—", "—", "—", "—", "—"],
]
SOURCE = "Source: survey “What do you need?”, March 1, 2026 to March 21, 2026, about 240 answers, of whom about 200 people wrote what they need."


def _docx(plan: PlanDocument, chart: bytes | None = None) -> Any:
    return Document(io.BytesIO(write_document(plan, "docx", chart)))


def _paragraphs(plan: PlanDocument) -> list[str]:
    return [paragraph.text for paragraph in _docx(plan).paragraphs]


def _xlsx(plan: PlanDocument) -> tuple[list[str], list[list[Any]]]:
    """The cover's lines and the plan's rows."""
    book = openpyxl.load_workbook(io.BytesIO(write_document(plan, "xlsx")))
    cover, sheet = book.worksheets
    return [row[0].value for row in cover.iter_rows()], [[cell.value for cell in row] for row in sheet.iter_rows()]


def _csv(plan: PlanDocument) -> list[list[str]]:
    text = write_document(plan, "csv").decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def _picture() -> bytes:
    """One white pixel, as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00\xff")) + chunk(b"IEND", b"")


def test_docx_table_holds_every_figure() -> None:
    [table] = _docx(PLAN).tables

    assert [[cell.text for cell in row.cells] for row in table.rows] == [COLUMNS, *ROWS]


def test_xlsx_and_csv_hold_the_same_table_as_docx() -> None:
    assert _xlsx(PLAN)[1] == [COLUMNS, *ROWS]
    assert _csv(PLAN)[-3:] == [COLUMNS, *ROWS]


def test_json_holds_the_figures_themselves() -> None:
    found = json.loads(write_document(PLAN, "json"))

    assert [(entry["theme"], entry["people"], entry["share"]) for entry in found["entries"]] == [
        ("Doctors who speak our language", 85, 0.425),
        ("Too few parking spaces", None, None),
    ]
    assert (found["survey"], found["dates"], found["responses"], found["wrote"]) == (
        "What do you need?",
        ["2026-03-01", "2026-03-21"],
        240,
        200,
    )


def test_docx_figures_in_the_prose_are_those_of_the_table() -> None:
    document = _docx(PLAN)
    prose = [p.text for p in document.paragraphs if "name this need" in p.text]

    table = [[cell.text for cell in row.cells][2:4] for row in document.tables[0].rows][1:]
    assert prose == ["about 85 people name this need, 42% of those who wrote.", "fewer than 10 people name this need."]
    for sentence, (people, share) in zip(prose, table, strict=True):
        assert sentence.startswith(f"{people} people")
        assert share in sentence or share == "—"


@pytest.mark.parametrize("format_", ["docx", "xlsx", "csv"])
def test_survey_dates_n_and_the_id_of_the_figures_stand_in_every_format(format_: str) -> None:
    lines = {"docx": _paragraphs, "xlsx": lambda plan: _xlsx(plan)[0], "csv": lambda plan: [row[0] for row in _csv(plan) if row]}[format_](PLAN)

    assert PLAN.title in lines
    assert SOURCE in lines
    assert "Figures' id: 0123456789ab" in lines
    assert any("rounded to 5" in line for line in lines)
    assert any("no probability sample" in line for line in lines)


@pytest.mark.parametrize("kind", ["probability", "census"])
def test_open_link_is_told_of_open_links_alone(kind: str) -> None:
    assert [line for line in _paragraphs(replace(PLAN, sample_kind=kind)) if "open link" in line] == []


def test_fictional_answers_are_said_to_be_fictional() -> None:
    plan = replace(PLAN, is_fictional=True)

    said = "Demonstration: every answer is fictional."
    assert said in _paragraphs(plan)
    assert said in _xlsx(plan)[0]
    assert [said] in _csv(plan)
    assert said not in _paragraphs(PLAN)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_plan_gives_the_same_bytes(format_: str) -> None:
    chart = _picture()

    assert write_document(PLAN, format_, chart) == write_document(PLAN, format_, chart)


@pytest.mark.parametrize(("format_", "moment"), [("docx", (2020, 1, 1, 0, 0, 0)), ("xlsx", (1980, 1, 1, 0, 0, 0))])
def test_office_files_carry_no_time_of_writing(format_: str, moment: tuple[int, ...]) -> None:
    """Two exports within a second would be alike by chance."""
    with zipfile.ZipFile(io.BytesIO(write_document(PLAN, format_))) as archive:
        core = archive.read("docProps/core.xml").decode()
        assert {item.date_time for item in archive.infolist()} == {moment}

    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2020-01-01T00:00:00Z"}


def test_docx_prints_quotes_with_the_other_needs_in_them_for_who_cannot_read_the_original() -> None:
    two_needs = Quote("의사와 주차장이 필요해요", "ko", ["Doctors who speak our language", "Too few parking spaces", "Too few parking spaces"])
    rendered = replace(two_needs, rendering="需要医生和停车位")
    plan = replace(PLAN, entries=[replace(ENTRY, quotes=[*ENTRY.quotes, two_needs, rendered])])

    quotes = [text for text in _paragraphs(plan) if text.startswith("“")]
    assert quotes == [
        "“의사가 필요해요”",
        "“의사와 주차장이 필요해요” (the need in it: Too few parking spaces)",
        "“需要医生和停车位” (original: 의사와 주차장이 필요해요)",
    ]


def test_docx_prints_a_chinese_quote_as_it_is() -> None:
    plan = replace(PLAN, entries=[replace(ENTRY, quotes=[Quote("需要会英语的医生", "zh-Hans", ["医生"])])])

    assert "“需要会英语的医生”" in _paragraphs(plan)


def test_docx_looks_official_and_forges_nothing() -> None:
    document = _docx(replace(PLAN, language="zh-Hans"))

    section = document.sections[0]
    lengths = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(length.mm) for length in lengths] == [210, 297, 37, 35, 28, 26]
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == "征求意见稿"
    assert [text[:2] for text in texts if "、" in text[:2]] == ["一、", "二、"]
    assert "（一）Doctors who speak our language" in texts
    assert {run.font.color.rgb for paragraph in document.paragraphs for run in paragraph.runs} == {None}  # no red head
    assert [text for text in texts if re.search(r"〔\d{4}〕", text)] == []  # no document number


def test_docx_in_chinese_has_no_english_of_its_own() -> None:
    plan = replace(
        PLAN, language="zh-Hans", title="计划", survey="调查", is_fictional=True,
        entries=[replace(entry, theme="医生", goal="目标", lead="街道", measure="成效", quotes=[]) for entry in PLAN.entries],
    )  # fmt: skip

    text = "".join([*_paragraphs(plan), *(cell.text for row in _docx(plan).tables[0].rows for cell in row.cells)])
    assert re.findall(r"[A-Za-z]{4,}", text.replace(PLAN.source_id, "")) == []


def test_docx_numbers_more_than_ten_entries() -> None:
    entries = [replace(ENTRY, number=number) for number in range(1, 13)]

    texts = _paragraphs(replace(PLAN, language="zh-Hans", entries=entries))

    assert [text[:4] for text in texts if text.endswith(ENTRY.theme)][9:] == ["（十）D", "(11)", "(12)"]


def test_docx_holds_the_chart_or_says_that_it_is_missing() -> None:
    missing = "The chart is missing: it has not been drawn, or the server has no font that can draw Chinese."

    with_chart, without = _docx(PLAN, _picture()), _docx(PLAN)

    assert (len(with_chart.inline_shapes), len(without.inline_shapes)) == (1, 0)
    assert missing not in [paragraph.text for paragraph in with_chart.paragraphs]
    assert missing in [paragraph.text for paragraph in without.paragraphs]


def test_plan_without_items_says_so() -> None:
    plan = replace(PLAN, entries=[])

    assert "This plan has no items yet." in _paragraphs(plan)
    assert _docx(plan).tables == []
    assert _xlsx(plan)[1] == [COLUMNS]


def test_survey_without_answers_says_so() -> None:
    plan = replace(PLAN, dates=None, responses=None, wrote=None, entries=[])

    assert "Source: survey “What do you need?”, no answers yet, fewer than 10 answers, of whom fewer than 10 people wrote what they need." in _paragraphs(plan)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "\t="])
def test_formulas_are_texts_in_csv_and_xlsx(sign: str) -> None:
    wild = f"{sign}HYPERLINK(1)"
    entry = replace(ENTRY, theme=wild, goal=wild, lead=wild, measure=wild)
    plan = replace(PLAN, title=wild, entries=[entry])

    rows = _csv(plan)
    book = openpyxl.load_workbook(io.BytesIO(write_document(plan, "xlsx")))

    assert rows[0] == [f"'{wild}"]
    assert [rows[-1][column] for column in (1, 4, 5, 7)] == [f"'{wild}"] * 4
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert sum(cell.value == wild for cell in cells) == 5


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(words=ANY_TEXT)
@settings(max_examples=30)
def test_any_text_can_be_written_and_read_again(words: str) -> None:
    """Control characters come with pasted text and may not break the file; what can be printed stays."""
    entry = replace(ENTRY, theme=f"<{words}>", goal=f"<{words}>", quotes=[Quote(f"<{words}>", "en", [])])
    plan = replace(PLAN, title=f"<{words}>", entries=[entry])

    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", words)
    lines = re.sub(r"\r\n?", "\n", kept)  # all three formats know one kind of line end
    document = _docx(plan)
    assert document.tables[0].rows[1].cells[1].text == f"<{lines}>"
    assert f"“<{lines}>”" in [paragraph.text for paragraph in document.paragraphs]
    assert [re.sub(r"\r\n?", "\n", cell) for cell in (_csv(plan)[0][0], _csv(plan)[-1][1])] == [f"<{lines}>"] * 2
    assert re.sub(r"\r\n?|_x000D_\n?", "\n", _xlsx(plan)[1][1][1]) == f"<{lines}>"
    assert json.loads(write_document(plan, "json"))["entries"][0]["theme"] == f"<{kept}>"
