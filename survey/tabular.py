"""Reading tables that people bring (CSV, TSV, XLSX), with errors that name the row; and cells that are safe to send on."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from survey.errors import InputInvalid

MAX_CELL = 2_000_000
MAX_UNPACKED = 500_000_000
"""Bytes that an XLSX file, which is a zip, may unpack to."""


class TableInvalid(InputInvalid):
    """The file cannot be read as a table."""


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, values of `columns`), the first data row being 1; empty rows are skipped but counted.

    Raises TableInvalid before the first row for a missing file, column or header, and at the row that cannot be read.
    """
    lines = _xlsx(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _delimited(path)
    header = next(lines, None)
    if header is None or not any(cell.strip() for cell in header):
        raise TableInvalid(f"{path.name} is empty: a table needs a first line with the names of its columns.")
    names = [cell.strip().lstrip("\ufeff") for cell in header]
    places = {}
    for column in columns:
        if column not in names:
            raise TableInvalid(f"{path.name} has no column {column!r}; it has: {', '.join(name for name in names if name)}.")
        places[column] = names.index(column)
    for number, cells in enumerate(lines, start=1):
        if any(cell.strip() for cell in cells):
            yield number, {name: cells[place] if place < len(cells) else "" for name, place in places.items()}


def _delimited(path: Path) -> Iterator[list[str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableInvalid(f"{path} cannot be read: {error.strerror}.") from error
    text = _decode(path, data)
    first = text.split("\n", 1)[0]
    delimiter = "\t" if "\t" in first else (";" if first.count(";") > first.count(",") else ",")
    quoting: Any = csv.QUOTE_MINIMAL
    if path.suffix.lower() == ".tsv" and not any(line.startswith('"') or '\t"' in line for line in text.split("\n", 50)[:50]):
        quoting = csv.QUOTE_NONE  # plain TSV: a quotation mark is a character like any other
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=False)
    row = -1
    try:
        for row, cells in enumerate(reader):  # noqa: B007 -- named in the error below
            yield cells
    except csv.Error as error:
        raise TableInvalid(f"{path.name}, row {row + 1}: {error}.") from error


def _decode(path: Path, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if b"\x00" in data[:1000]:
        raise TableInvalid(f"{path.name} is not a text file. CSV, TSV and XLSX can be read.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start)
        where = f"row {row}" if row else "the header"
        raise TableInvalid(
            f"{path.name}, {where}: this is not UTF-8 text. Save the file as UTF-8 (in Excel: “CSV UTF-8”) and try again."
        ) from error


def _xlsx(path: Path) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # slow import, only workbooks need it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED:
                raise TableInvalid(f"{path.name} unpacks to more than {MAX_UNPACKED // 1_000_000} MB.")
        book = load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise TableInvalid(f"{path} cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise TableInvalid(f"{path.name} is not a readable Excel workbook.") from error
    try:
        sheet = book.worksheets[0]
        for cells in sheet.iter_rows(values_only=True):
            yield ["" if cell is None else str(cell) for cell in cells]
    finally:
        book.close()


def safe_cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula (ASVS 1.2.10): such a text gets an apostrophe before it."""
    return f"'{text}" if len(text) > 1 and text[0] in _FORMULA_SIGNS else text


_FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
