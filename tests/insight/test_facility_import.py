"""Tables of counts: read in the ways in which people write them, each bad row named."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from survey.insight.facility_figures import Count
from survey.insight.facility_import import (
    COLUMNS,
    MOST_ROWS,
    CheckedRow,
    Known,
    as_table,
    check_rows,
    parse_day,
    parse_number,
    problem_text,
    read_counts,
    read_pasted,
)
from survey.tabular import TableInvalid, uploaded

TODAY = dt.date(2026, 11, 26)
STORED = Count(dt.date(2026, 1, 1), dt.date(2026, 1, 31), 500, 4)
LIBRARY = Known(1, "library", {"zh-Hans": "社区图书室", "en": "Community Library"}, [STORED])
HALL = Known(2, "hall", {"zh-Hans": "大厅"})
HEAD = "facility,start,end,visits,foreign_visits,open_hours,source\n"


def _check(lines: str):
    return check_rows(read_pasted(HEAD + lines), [LIBRARY, HALL], TODAY)


def test_rows_are_read_in_chinese_and_english_by_code_and_name():
    english = _check("library,2026-02-01,2026-02-28,510,5,160,desk\n")
    chinese = check_rows(
        read_pasted("来源\t设施\t开始日期\t结束日期\t人次\t境外人次\t开放小时\ndesk\t社区图书室\t2026年2月1日\t2026/2/28\t５１０\t5\t160\n"), [LIBRARY, HALL], TODAY
    )

    expected = Count(dt.date(2026, 2, 1), dt.date(2026, 2, 28), 510, 5, 160.0, "desk")
    assert english.rows == chinese.rows == [CheckedRow(1, LIBRARY, expected, None)]
    assert english.problems == chinese.problems == []


def test_same_period_replaces_and_what_is_left_out_was_not_counted():
    (row,) = _check("COMMUNITY LIBRARY,2026-01-01,2026-01-31,520,,,\n").rows

    assert (row.before, row.is_change, row.is_new) == (STORED, True, False)
    assert row.count == Count(*(STORED.starts_on, STORED.ends_on), 520, None, None, "")
    (same,) = _check("library,2026-01-01,2026-01-31,500,4,,\n").rows
    assert (same.is_change, same.is_new) == (False, False)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (",2026-02-01,2026-02-28,1,,,", [("facility", "needed", "")]),
        ("gym,2026-02-01,2026-02-28,1,,,", [("facility", "unknown", "gym")]),
        ("hall,2026-02-30,,1,,,", [("start", "no_day", "2026-02-30"), ("end", "needed", "")]),
        ("hall,2026-02-28,2026-02-01,1,,,", [("end", "ends_before", "2026-02-01")]),
        ("hall,2025-01-01,2026-01-02,1,,,", [("end", "too_long", "2026-01-02")]),
        ("hall,2026-11-01,2026-11-27,1,,,", [("end", "future", "2026-11-27")]),
        ("hall,2026-02-01,2026-02-28,,,,", [("visits", "needed", "")]),
        ("hall,2026-02-01,2026-02-28,many,,,", [("visits", "no_number", "many")]),
        ("hall,2026-02-01,2026-02-28,1.5,,,", [("visits", "no_number", "1.5")]),
        ("hall,2026-02-01,2026-02-28,-3,,,", [("visits", "out_of_range", "-3")]),
        ("hall,2026-02-01,2026-02-28,99999999,,,", [("visits", "out_of_range", "99999999")]),
        ("hall,2026-02-01,2026-02-28,5,6,,", [("foreign_visits", "more_than_visits", "6")]),
        ("hall,2026-02-01,2026-02-28,5,x,,", [("foreign_visits", "no_number", "x")]),
        ("hall,2026-02-01,2026-02-28,5,1,700,", [("open_hours", "more_than_day", "700")]),
        ("hall,2026-02-01,2026-02-28,5,1,all,", [("open_hours", "no_number", "all")]),
        (f"hall,2026-02-01,2026-02-28,5,1,,{'x' * 201}", [("source", "too_much", "x" * 60)]),
        ("library,2026-01-15,2026-02-15,5,1,,", [("start", "overlaps", "2026-01-01 – 2026-01-31")]),
    ],
)
def test_bad_row_is_named_with_what_is_wrong(line: str, found: list[tuple[str, str, str]]):
    checked = _check("hall,2026-03-01,2026-03-31,7,,,\n" + line + "\n")

    assert [row.row for row in checked.rows] == [1]
    assert [(problem.row, problem.column, problem.code, problem.told) for problem in checked.problems] == [(2, *one) for one in found]
    assert all(problem_text(problem).startswith("row 2 (line 3 of the sheet): ") for problem in checked.problems)
    assert checked.bad_rows == 1


def test_two_rows_about_the_same_days_are_refused_even_where_they_replace():
    checked = _check("library,2026-01-01,2026-01-31,520,,,\n\nlibrary,2026-01-01,2026-01-31,530,,,\nhall,2026-01-01,2026-01-31,9,,,\n")

    assert [row.row for row in checked.rows] == [1, 4]
    assert [(problem.row, problem.code, problem.told) for problem in checked.problems] == [(3, "twice", "1")]


def test_good_rows_survive_the_way_to_the_page_and_back():
    checked = _check('library,2026-02-01,2026-02-28,510,5,160.5,a "quoted" source\nhall,2026-03-01,2026-03-31,7,,,\n')

    assert check_rows(read_pasted(as_table(checked.rows)), [LIBRARY, HALL], TODAY).rows == checked.rows


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "columns"), ("facility,start\n", "columns"), ("facility,设施,start,end,visits\n", "columns"), (HEAD + "hall\n" * (MOST_ROWS + 1), "too_many")],
)
def test_table_without_the_columns_or_with_too_many_rows_is_refused(text: str, code: str):
    with pytest.raises(TableInvalid) as refused:
        read_pasted(text)

    assert refused.value.code == code


def test_days_and_numbers_are_read_as_spreadsheets_write_them():
    day = dt.date(2026, 1, 5)

    assert [parse_day(text) for text in ("2026-01-05 00:00:00", "2026.1.5", "２０２６年１月５日", " 2026/01/05 ")] == [day] * 4
    assert [parse_day(text) for text in ("5.1.2026", "2026-02-29", "2026", "", "2026-01-05 10:00:00")] == [None] * 5
    assert [parse_number(text) for text in ("1,234", "１２", "7.0", "1e3", "", "∞")] == [1234.0, 12.0, 7.0, None, None, None]


def _workbook(tmp_path: Path) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(COLUMNS))
    sheet.append(["hall", dt.date(2026, 2, 1), dt.date(2026, 2, 28), 70, None, 12.5, "door"])
    book.save(tmp_path / "counts.xlsx")
    return (tmp_path / "counts.xlsx").read_bytes()


def test_workbook_is_read_from_an_upload_that_leaves_nothing(tmp_path: Path):
    with uploaded("../../etc/Zählung.XLSX", _workbook(tmp_path)) as path:
        checked = check_rows(read_counts(path), [HALL], TODAY)
        assert path.name == "table.xlsx"

    assert [row.count for row in checked.rows] == [Count(dt.date(2026, 2, 1), dt.date(2026, 2, 28), 70, None, 12.5, "door")]
    assert not path.exists()


def _packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.xml", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("counts.exe", b"MZ", "kind"),
        ("counts", b"facility", "kind"),
        ("counts.xlsx", b"facility,start", "unreadable"),
        ("counts.xlsx", _packed(sheet=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'), "unreadable"),
        ("counts.xlsx", _packed(sheet="<!DOCTYPE a>".encode("utf-16")), "unreadable"),
        ("counts.xlsx", _packed(sheet=b"0" * 50_000_001), "too_large"),
        ("counts.xlsx", _packed(**{f"part{n}": b"" for n in range(501)}), "too_large"),
    ],
)
def test_upload_that_is_no_plain_table_is_refused(name: str, data: bytes, code: str):
    with pytest.raises(TableInvalid) as refused, uploaded(name, data):
        raise AssertionError("it was let in")

    assert refused.value.code == code
