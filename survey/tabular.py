"""Reading tables that people bring (CSV, TSV, XLSX), with errors that name the row; and cells that are safe to send on."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from survey.errors import InputInvalid

MAX_CELL = 2_000_000
MAX_UNPACKED = 500_000_000
"""Bytes that an XLSX file, which is a zip, may unpack to."""


class TableInvalid(InputInvalid):
    """The file cannot be read as a table. `code` is for pages in other languages, which say the same more briefly:
    unreadable, kind, encoding, locked, too_large, and of who reads a table columns, too_many, nothing.
    """

    def __init__(self, message: str, code: str = "unreadable") -> None:
        super().__init__(message)
        self.code = code


def read_table(path: Path) -> Iterator[list[str]]:
    """Yield the lines of the table as they are, the names of the columns first."""
    return _xlsx(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _delimited(path)


def rows_of_text(text: str, name: str) -> Iterator[list[str]]:
    """Yield the lines of a table that was typed or pasted; `name` is what errors call it."""
    return _cells(name, text, is_plain="\t" in text.split("\n", 1)[0])


READABLE = frozenset({".csv", ".tsv", ".txt", ".xlsx"})
MOST_UPLOADED = 50_000_000
"""Bytes that an uploaded workbook may unpack to; what a committee counts takes a hundredth."""
MOST_PARTS = 500


@contextlib.contextmanager
def uploaded(name: str, data: bytes) -> Iterator[Path]:
    """Lend what a browser sent as a file with a name of ours, gone afterwards. Of the sender's name only the ending is used.

    Raises TableInvalid for other kinds of files, and for a workbook that is no plain one: too large inside, or with a document type of
    its own, by which XML can name other files and grow without end (ASVS 1.5.1, 5.2.3). Spreadsheets write none.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in READABLE:
        raise TableInvalid("Only CSV, TSV and XLSX files can be read. Save the table as one of them.", "kind")
    if suffix == ".xlsx":
        _check_workbook(data)
    with tempfile.TemporaryDirectory(prefix="linsheng-") as folder:
        path = Path(folder) / f"table{suffix}"
        path.write_bytes(data)
        yield path


def _check_workbook(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UPLOADED:
                raise TableInvalid("This workbook is too large inside. Copy the table into a new one and send that.", "too_large")
            for part in parts:
                with archive.open(part) as opened:
                    content = opened.read(MOST_UPLOADED)
                if any(sign in content for sign in _DOCUMENT_TYPES):
                    raise TableInvalid("This workbook has a document type of its own, which no spreadsheet program writes. It was not read.")
    except _DAMAGED as error:
        raise TableInvalid("This is not a readable Excel workbook.") from error
    except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed in a way that nobody uses
        raise TableInvalid("This workbook is locked. Save it without a password and send it again.", "locked") from error


_DOCUMENT_TYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


def read_rows(path: Path, columns: Sequence[str], *, keep_empty: bool = False) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, values of `columns`), the first data row being 1; empty rows are skipped but counted.

    With `keep_empty` a row whose cells are all empty is a row too, unless it has no cells at all: a blank line.
    Raises TableInvalid before the first row for a missing file, column or header, and at the row that cannot be read.
    """
    lines = read_table(path)
    header = next(lines, None)
    if header is None or not any(cell.strip() for cell in header):
        raise TableInvalid(f"{path.name} is empty: a table needs a first line with the names of its columns.")
    names = [cell.strip().lstrip("\ufeff") for cell in header]
    places = {}
    for column in columns:
        if column not in names:
            raise TableInvalid(f"{path.name} has no column {column!r}; it has: {', '.join(name for name in names if name)}.")
        if names.count(column) > 1:
            raise TableInvalid(f"{path.name} has {names.count(column)} columns {column!r}. Rename all but the one that is meant.")
        places[column] = names.index(column)
    for number, cells in enumerate(lines, start=1):
        if any(cell.strip() for cell in cells) or (keep_empty and cells):
            yield number, {name: cells[place] if place < len(cells) else "" for name, place in places.items()}


def _delimited(path: Path) -> Iterator[list[str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableInvalid(f"{path} cannot be read: {error.strerror}.") from error
    text = _decode(path, data)
    if "\x00" in text.split("\n", 1)[0]:  # UTF-16 or UTF-32 that does not say so, or no text; further down it is a stray character
        raise _not_text(path)
    yield from _cells(path.name, text, is_plain=path.suffix.lower() == ".tsv")


def _cells(name: str, text: str, *, is_plain: bool) -> Iterator[list[str]]:
    """`is_plain`: a TSV, in which a quotation mark is a character like any other unless all cells are quoted."""
    delimiter = _delimiter(text.split("\n", 1)[0])
    quoting: Any = csv.QUOTE_NONE if is_plain and not _is_quoted(text) else csv.QUOTE_MINIMAL
    csv.field_size_limit(MAX_CELL)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=False)
    row = -1
    try:
        for row, cells in enumerate(reader):
            if lines.is_spent:
                raise TableInvalid(
                    f"{name}, {_row(row)}: a quotation mark opens a cell here and is never closed, so that all "
                    "that follows would be one cell. Close it or delete it."
                )
            yield cells
    except csv.Error as error:
        raise TableInvalid(f"{name}, {_row(row + 1)}: {error}.") from error


def _delimiter(header: str) -> str:
    """What separates the names of the columns; where there is one column, no sign of a text may cut it."""
    if "\t" in header:
        return "\t"
    if ";" in header or "," in header:
        return ";" if header.count(";") > header.count(",") else ","
    return "\x1f"


_QUOTED_CELL = re.compile(r'(?:^|\t)"(?:[^"]|"")*+"(?=\t|\r?$)', re.MULTILINE)
_OPENED_CELL = re.compile(r'(?:^|\t)"', re.MULTILINE)


def _is_quoted(text: str) -> bool:
    """Whether every cell of a TSV that begins with a quotation mark is quoted to its end, wherever the first one stands."""
    rest, quoted = _QUOTED_CELL.subn("\t", text)
    return quoted > 0 and not _OPENED_CELL.search(rest)


class _Lines:
    """The lines of a text. The reader asks for one more than there are only while a quoted cell is open: `is_spent`."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.is_spent = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._lines.readline()
        if not line:
            self.is_spent = True
            raise StopIteration
        return line


def _row(number: int) -> str:
    return f"row {number}" if number else "the header"


def _decode(path: Path, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            row = data[: error.start].decode("utf-16", "ignore").count("\n")
            raise TableInvalid(f"{path.name}, {_row(row)}: this is not UTF-16 text, as the file's first bytes say.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\x00" in data[:1000]:
            raise _not_text(path) from error
        raise _not_utf_8(path, data, error.start) from error
    escape = data.find(b"\x1b$")  # ISO-2022 (Japanese e-mail) is ASCII by its bytes, and would be read as nonsense
    if escape >= 0:
        raise _not_utf_8(path, data, escape)
    return text


def _not_text(path: Path) -> TableInvalid:
    return TableInvalid(f"{path.name} is not a text file. CSV, TSV and XLSX can be read.")


def _not_utf_8(path: Path, data: bytes, place: int) -> TableInvalid:
    row = data.count(b"\n", 0, place)
    return TableInvalid(
        f"{path.name}, {_row(row)}: this is not UTF-8 text. Save the file as UTF-8 (in Excel: “CSV UTF-8”) and try again.",
        "encoding",
    )


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
    except (InvalidFileException, *_DAMAGED) as error:
        raise TableInvalid(f"{path.name} is not a readable Excel workbook.") from error
    row = 0
    try:
        if not book.worksheets:
            raise TableInvalid(f"{path.name} has no worksheet.")
        for row, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):  # noqa: B007 -- named below
            yield [] if all(cell is None for cell in cells) else ["" if cell is None else str(cell) for cell in cells]
    except _DAMAGED as error:
        raise TableInvalid(f"{path.name}, {_row(row)}: the workbook is damaged here.") from error
    finally:
        book.close()


_DAMAGED = (zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError)
"""What broken zip and XML raise on the way through openpyxl; XML parsers' errors are a SyntaxError."""


def safe_cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula (ASVS 1.2.10): such a text gets an apostrophe before it."""
    return f"'{text}" if len(text) > 1 and text[0] in _FORMULA_SIGNS else text


_FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
