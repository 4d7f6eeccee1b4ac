"""Reading tables of visits: each row checked against the facilities that there are, each bad one named with what is wrong. Stores nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from survey.insight.facility_figures import Count
from survey.tabular import TableInvalid, read_table, rows_of_text

NEEDED = ("facility", "start", "end", "visits")
COLUMNS = (*NEEDED, "foreign_visits", "open_hours", "source")
CHINESE = {
    "facility": "设施", "start": "开始日期", "end": "结束日期", "visits": "人次", "foreign_visits": "境外人次", "open_hours": "开放小时",
    "source": "来源",
}  # fmt: skip
"""The same columns as the desk's own table names them."""

MOST_ROWS = 5_000
MOST_VISITS = 10_000_000
LONGEST_PERIOD = 366
LONGEST_SOURCE = 200


class Known(msgspec.Struct, frozen=True):
    """A facility that counts may be for, and the periods that are stored for it."""

    id: int
    code: str
    names: dict[str, str]
    counts: Sequence[Count] = ()


class RowProblem(msgspec.Struct, frozen=True):
    """What is wrong with a row, counted from 1 at the first data row. `code` says what to do; `told` is the value or the other row."""

    row: int
    column: str
    code: str
    told: str = ""

    @property
    def line(self) -> int:
        """The line in a spreadsheet, where the names of the columns are line 1."""
        return self.row + 1


class CheckedRow(msgspec.Struct, frozen=True):
    """A good row. `before` is what is stored for the same period, which it would replace."""

    row: int
    facility: Known
    count: Count
    before: Count | None

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_change(self) -> bool:
        return self.before is not None and self.before != self.count


class Checked(msgspec.Struct, frozen=True):
    rows: list[CheckedRow]
    problems: list[RowProblem]

    @property
    def bad_rows(self) -> int:
        return len({problem.row for problem in self.problems})


def read_counts(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV, TSV or XLSX file. Raises TableInvalid where it is no table, or has not the columns that are needed."""
    return _read(read_table(path), path.name)


def read_pasted(text: str) -> list[tuple[int, dict[str, str]]]:
    """Read lines that were copied from a spreadsheet or written by hand, the names of the columns first."""
    return _read(rows_of_text(text, "the pasted table"), "the pasted table")


def _read(lines: Iterator[list[str]], name: str) -> list[tuple[int, dict[str, str]]]:
    places = _places([cell.strip().lstrip("\ufeff") for cell in next(lines, [])], name)
    found: list[tuple[int, dict[str, str]]] = []
    for row, cells in enumerate(lines, start=1):
        if any(cell.strip() for cell in cells):
            if len(found) == MOST_ROWS:
                raise TableInvalid(f"{name} has more than {MOST_ROWS} rows. Send it in parts.", "too_many")
            found.append((row, {column: cells[place] if place < len(cells) else "" for column, place in places.items()}))
    return found


def _places(header: list[str], name: str) -> dict[str, int]:
    """Where each of our columns stands."""
    found = {}
    for column in COLUMNS:
        places = [place for place, label in enumerate(header) if label in {column, CHINESE[column]}]
        if len(places) > 1:
            raise TableInvalid(f"{name} has {len(places)} columns {column} ({CHINESE[column]}). Rename all but the one that is meant.", "columns")
        if places:
            found[column] = places[0]
    missing = [f"{column} ({CHINESE[column]})" for column in NEEDED if column not in found]
    if missing:
        raise TableInvalid(f"{name} has no column {', '.join(missing)}; it has: {', '.join(filter(None, header)) or 'none'}.", "columns")
    return found


def check_rows(rows: Iterable[tuple[int, Mapping[str, str]]], known: Sequence[Known], today: dt.date) -> Checked:
    """Check each row by itself, then against the other rows and what is stored.

    The same period of the same facility again replaces what is stored; a period that only overlaps another is refused, because its
    visits would count twice.
    """
    by_name = {name_of(name): facility for facility in known for name in (facility.code, *facility.names.values())}
    good: list[CheckedRow] = []
    problems: list[RowProblem] = []
    taken: dict[int, list[tuple[Count, int]]] = {facility.id: [(count, 0) for count in facility.counts] for facility in known}
    for number, cells in rows:
        facility = by_name.get(name_of(cells.get("facility", "")))
        found = list(_problems(number, cells, facility, today))
        if found or facility is None:
            problems += found
            continue
        count = _count(cells)
        clash = next((other for other in taken[facility.id] if _overlap(other[0], count) and not (other[1] == 0 and _same(other[0], count))), None)
        if clash is not None:
            told = f"{clash[0].starts_on} – {clash[0].ends_on}"
            code = "twice" if clash[1] else "overlaps"
            problems.append(RowProblem(number, "start", code, str(clash[1]) if clash[1] else told))
            continue
        before = next((other for other, row in taken[facility.id] if row == 0 and _same(other, count)), None)
        taken[facility.id].append((count, number))
        good.append(CheckedRow(number, facility, count, before))
    return Checked(good, problems)


def _problems(number: int, cells: Mapping[str, str], facility: Known | None, today: dt.date) -> Iterator[RowProblem]:
    if facility is None:
        yield _wrong(number, cells, "facility", "unknown" if cells.get("facility", "").strip() else "needed")
    yield from _period_problems(number, cells, today)
    yield from _number_problems(number, cells)
    if len(cells.get("source", "")) > LONGEST_SOURCE:
        yield _wrong(number, cells, "source", "too_much")


def _wrong(number: int, cells: Mapping[str, str], column: str, code: str) -> RowProblem:
    return RowProblem(number, column, code, cells.get(column, "").strip()[:60])


def _period_problems(number: int, cells: Mapping[str, str], today: dt.date) -> Iterator[RowProblem]:
    start, end = parse_day(cells["start"]), parse_day(cells["end"])
    for column, day in (("start", start), ("end", end)):
        if day is None:
            yield _wrong(number, cells, column, "no_day" if cells[column].strip() else "needed")
    if end and end > today:
        yield _wrong(number, cells, "end", "future")
    if start and end and end < start:
        yield _wrong(number, cells, "end", "ends_before")
    elif start and end and (end - start).days >= LONGEST_PERIOD:
        yield _wrong(number, cells, "end", "too_long")


def _number_problems(number: int, cells: Mapping[str, str]) -> Iterator[RowProblem]:
    visits, foreign, hours = (parse_number(cells.get(column, "")) for column in ("visits", "foreign_visits", "open_hours"))
    if not cells["visits"].strip():
        yield _wrong(number, cells, "visits", "needed")
    for column, value in (("visits", visits), ("foreign_visits", foreign)):
        if cells.get(column, "").strip() and (value is None or value != int(value)):
            yield _wrong(number, cells, column, "no_number")
        elif value is not None and not 0 <= value <= MOST_VISITS:
            yield _wrong(number, cells, column, "out_of_range")
    if visits is not None and foreign is not None and foreign > visits >= 0:
        yield _wrong(number, cells, "foreign_visits", "more_than_visits")
    if cells.get("open_hours", "").strip() and hours is None:
        yield _wrong(number, cells, "open_hours", "no_number")
    elif hours is not None and not 0 <= hours <= 24 * _days(cells):
        yield _wrong(number, cells, "open_hours", "more_than_day")


def _days(cells: Mapping[str, str]) -> int:
    """Days of the period; of one that cannot be read, as many as there may be, so that one mistake is not told twice."""
    start, end = parse_day(cells["start"]), parse_day(cells["end"])
    return (end - start).days + 1 if start and end and start <= end else LONGEST_PERIOD


def _count(cells: Mapping[str, str]) -> Count:
    start, end = parse_day(cells["start"]), parse_day(cells["end"])
    visits, foreign = parse_number(cells["visits"]), parse_number(cells.get("foreign_visits", ""))
    assert start is not None and end is not None and visits is not None  # noqa: PT018 -- checked before
    return Count(
        starts_on=start, ends_on=end, visits=int(visits), foreign_visits=None if foreign is None else int(foreign),
        open_hours=parse_number(cells.get("open_hours", "")), source=" ".join(cells.get("source", "").split()),
    )  # fmt: skip


def _same(one: Count, other: Count) -> bool:
    return (one.starts_on, one.ends_on) == (other.starts_on, other.ends_on)


def _overlap(one: Count, other: Count) -> bool:
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def name_of(name: str) -> str:
    """A facility's code or name as it is compared: case, spaces and full-width letters make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00(?:\.0+)?)?)?")


def parse_day(text: str) -> dt.date | None:
    """Read 2026-01-31, 2026/1/31, 2026.1.31, 2026年1月31日, or what a spreadsheet makes of a day."""
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    try:
        return dt.date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def parse_number(text: str) -> float | None:
    """Read 1234, 1,234, 1234.0 or １２３４; None for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace(" ", "")
    return float(plain) if re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", plain) else None


def as_table(rows: Iterable[CheckedRow]) -> str:
    """The good rows as text that read_pasted() reads, to be sent again when somebody says that they shall be stored."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        count = row.count
        writer.writerow(
            [row.facility.code, count.starts_on, count.ends_on, count.visits, "" if count.foreign_visits is None else count.foreign_visits,
             "" if count.open_hours is None else count.open_hours, count.source]
        )  # fmt: skip
    return out.getvalue()


_WORDS = {
    "unknown": "there is no facility with this code or name: {told!r}. Add it at the desk first, or correct the name",
    "needed": "the column {column} is empty. Fill it in",
    "no_day": "{told!r} in {column} is no day. Write it like 2026-01-31",
    "ends_before": "the period ends before it begins. Exchange the two days",
    "too_long": "the period is longer than a year. Divide it",
    "future": "the period ends in the future. Count it when it is over",
    "no_number": "{told!r} in {column} is no whole number. Write digits only",
    "out_of_range": "{told!r} in {column} cannot be. Write a number from 0 to 10,000,000",
    "more_than_visits": "there are more foreign visits than visits. Visits are counted with the foreign ones among them",
    "more_than_day": "{told!r} open hours do not fit into the period. Write the hours of the whole period",
    "too_much": "the source is longer than 200 characters. Shorten it",
    "twice": "row {told} is about the same days of the same facility. Keep one of the two",
    "overlaps": "the period overlaps {told}, which is stored. Visits would count twice: use the same two days to replace it",
}


def problem_text(problem: RowProblem) -> str:
    """Say in English what is wrong with a row and what to do."""
    words = _WORDS[problem.code].format(told=problem.told, column=problem.column)
    return f"row {problem.row} (line {problem.line} of the sheet): {words}."
