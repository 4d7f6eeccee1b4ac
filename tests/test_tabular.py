"""Tables that people bring: each kind of file, each kind of fault with its row, and cells that are safe to send on."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from survey import tabular
from survey.tabular import MAX_CELL, TableInvalid, read_rows, safe_cell

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "texts"

File = Callable[[str, bytes | str], Path]
Rows = list[tuple[int, dict[str, str]]]


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def _refusal(path: Path, *columns: str) -> str:
    with pytest.raises(TableInvalid) as refused:
        list(read_rows(path, columns or ("text",)))
    return refused.value.message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,text\n1,噪音\n2,주차\n"),
        ("a.csv", "id,text\r\n1,噪音\r\n2,주차\r\n"),
        ("a.csv", "id,text\r1,噪音\r2,주차\r"),
        ("a.csv", "id,text\n1,噪音\n2,주차"),
        ("a.csv", "\ufeffid,text\n1,噪音\n2,주차\n"),
        ("a.csv", "\ufeff\ufeffid,text\n1,噪音\n2,주차\n"),
        ("a.csv", "id;text\n1;噪音\n2;주차\n"),
        ("a.csv", ' id , text \n1,"噪音"\n2,주차\n'),
        ("a.txt", "id\ttext\n1\t噪音\n2\t주차\n"),
        ("a.tsv", "id\ttext\n1\t噪音\n2\t주차\n"),
        ("a.csv", "id,text\n1,噪音\n2,주차\n".encode("utf-16")),
        ("a.csv", b"\xfe\xff" + "id,text\n1,噪音\n2,주차\n".encode("utf-16-be")),
    ],
)
def test_read_rows_of_every_kind_of_text_file(file: File, name: str, content: bytes | str) -> None:
    rows = list(read_rows(file(name, content), ["text", "id"]))

    assert rows == [(1, {"text": "噪音", "id": "1"}), (2, {"text": "주차", "id": "2"})]


def test_read_rows_takes_the_columns_asked_for_in_their_order(file: File) -> None:
    [(_, row)] = read_rows(file("a.csv", "id,text,area\n1,noise,wangjing\n"), ["area", "text"])

    assert list(row.items()) == [("area", "wangjing"), ("text", "noise")]


def test_read_rows_skips_empty_rows_but_counts_them_and_fills_short_ones(file: File) -> None:
    rows = list(read_rows(file("a.csv", "id,text\n\n1\n , \n3,noise,more\n"), ["id", "text"]))

    assert rows == [(2, {"id": "1", "text": ""}), (4, {"id": "3", "text": "noise"})]


def test_read_rows_keeps_lines_delimiters_and_quotes_inside_a_quoted_cell(file: File) -> None:
    rows = list(read_rows(file("a.csv", 'id,text\n1,"one\ntwo, ""three"""\n2,four\n'), ["text"]))

    assert rows == [(1, {"text": 'one\ntwo, "three"'}), (2, {"text": "four"})]


def test_read_rows_of_plain_tsv_takes_a_quotation_mark_as_it_is(file: File) -> None:
    rows = list(read_rows(file("a.tsv", 'text\tid\nsay "hi\t1\n5" pipe\t2\n'), ["text"]))

    assert rows == [(1, {"text": 'say "hi'}), (2, {"text": '5" pipe'})]


def test_read_rows_of_quoted_tsv_reads_the_quotes(file: File) -> None:
    rows = list(read_rows(file("a.tsv", 'text\tid\n"say ""hi"""\t1\n'), ["text"]))

    assert rows == [(1, {"text": 'say "hi"'})]


def test_read_rows_of_quoted_tsv_whose_first_quotes_stand_far_below(file: File) -> None:
    content = "text\tid\n" + "noise\t0\n" * 100 + '"say ""hi""\nand go"\t1\n'

    rows = list(read_rows(file("a.tsv", content), ["text"]))

    assert rows[100:] == [(101, {"text": 'say "hi"\nand go'})]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt"])
def test_read_rows_of_one_column_cuts_no_text_at_its_commas(file: File, name: str) -> None:
    rows = list(read_rows(file(name, 'text\nnoise, dogs; cars\n"quoted, ""too"""\n'), ["text"]))

    assert rows[0] == (1, {"text": "noise, dogs; cars"})
    assert rows[1] == (2, {"text": 'quoted, "too"'})


def test_read_rows_of_a_column_named_twice_that_nobody_asked_for(file: File) -> None:
    rows = list(read_rows(file("a.csv", "id,text,id\n1,x,2\n"), ["text"]))

    assert rows == [(1, {"text": "x"})]


@pytest.mark.parametrize("content", ["text\na\x00b\nc\n", "text\na\x00b\nc\n".encode("utf-16")])
def test_read_rows_takes_control_characters_below_the_header_as_they_are(file: File, content: bytes | str) -> None:
    assert list(read_rows(file("a.csv", content), ["text"])) == [(1, {"text": "a\x00b"}), (2, {"text": "c"})]


def test_read_rows_takes_a_cell_of_a_megabyte(file: File) -> None:
    [(number, row)] = read_rows(file("a.csv", f"text\n{'长' * 350_000}\n"), ["text"])

    assert (number, len(row["text"].encode())) == (1, 1_050_000)


def test_read_rows_of_a_hundred_thousand_rows_counts_them_all(file: File) -> None:
    path = file("a.csv", "id,text\n" + "".join(f"{n},need {n}\n" for n in range(1, 100_001)))

    *_, last = read_rows(path, ["text"])

    assert last == (100_000, {"text": "need 100000"})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "id,words\n1,x\n", "a.csv has no column 'text'; it has: id, words."),
        ("a.csv", "Text\nx\n", "a.csv has no column 'text'; it has: Text."),
        ("a.csv", "", "a.csv is empty: a table needs a first line with the names of its columns."),
        ("a.csv", "\n\n", "a.csv is empty: a table needs a first line with the names of its columns."),
        ("a.csv", " , \nx,y\n", "a.csv is empty: a table needs a first line with the names of its columns."),
        ("a.csv", b"PK\x03\x04\x00\x00", "a.csv is not a text file. CSV, TSV and XLSX can be read."),
        ("a.csv", "text\nx\n".encode("utf-16-le"), "a.csv is not a text file. CSV, TSV and XLSX can be read."),
        ("a.csv", "text\nx\n".encode("utf-32"), "a.csv is not a text file. CSV, TSV and XLSX can be read."),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "a.csv is not a text file. CSV, TSV and XLSX can be read."),
        ("a.csv", "id,text,text\n1,x,y\n", "a.csv has 2 columns 'text'. Rename all but the one that is meant."),
        (
            "a.csv",
            "text\nok\n駐車場\n".encode("iso-2022-jp"),
            "a.csv, row 2: this is not UTF-8 text. Save the file as UTF-8 (in Excel: “CSV UTF-8”) and try again.",
        ),
        (
            "a.csv",
            b"text\nok\n" + "噪音".encode("gbk") + b"\n",
            "a.csv, row 2: this is not UTF-8 text. Save the file as UTF-8 (in Excel: “CSV UTF-8”) and try again.",
        ),
        (
            "a.csv",
            "текст\nok\n".encode("cp1251"),
            "a.csv, the header: this is not UTF-8 text. Save the file as UTF-8 (in Excel: “CSV UTF-8”) and try again.",
        ),
        (
            "a.csv",
            "text\nok\n".encode("utf-16") + b"\x00\xd8\n\x00",
            "a.csv, row 2: this is not UTF-16 text, as the file's first bytes say.",
        ),
        (
            "a.csv",
            'text,id\nfine,1\n"never closed,2\nswallowed,3\nswallowed,4\n',
            (
                "a.csv, row 2: a quotation mark opens a cell here and is never closed, so that all that follows would be "
                "one cell. Close it or delete it."
            ),
        ),
        ("a.csv", f"text\nok\n{'x' * (MAX_CELL + 1)}\n", f"a.csv, row 2: field larger than field limit ({MAX_CELL})."),
        ("a.csv", f"{'x' * (MAX_CELL + 1)},text\nok\n", f"a.csv, the header: field larger than field limit ({MAX_CELL})."),
        ("a.xlsx", "text\nx\n", "a.xlsx is not a readable Excel workbook."),
        ("a.xlsx", b"", "a.xlsx is not a readable Excel workbook."),
    ],
)  # fmt: skip
def test_read_rows_refuses_in_one_line_that_names_the_place(
    file: File, name: str, content: bytes | str, message: str
) -> None:
    assert _refusal(file(name, content)) == message


@pytest.mark.parametrize("name", ["none.csv", "none.xlsx"])
def test_read_rows_of_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    assert _refusal(tmp_path / name) == f"{tmp_path / name} cannot be read: No such file or directory."


def test_read_rows_of_a_folder(tmp_path: Path) -> None:
    assert _refusal(tmp_path) == f"{tmp_path} cannot be read: Is a directory."


def test_read_rows_gives_what_comes_before_the_fault_and_then_stops(file: File) -> None:
    rows = read_rows(file("a.csv", 'text\none\ntwo\n"three\n'), ["text"])

    taken = [next(rows), next(rows)]

    assert taken == [(1, {"text": "one"}), (2, {"text": "two"})]
    with pytest.raises(TableInvalid, match="row 3"):
        next(rows)


# Workbooks


def _workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.create_sheet("second").append(["not read"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


SMALL = _workbook(["id", "text"], [1, "噪音"], [2, "주차"])


def _changed(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The workbook with its parts changed; None leaves one out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return stream.getvalue()


def test_read_rows_of_a_workbook_reads_the_first_sheet(file: File) -> None:
    rows = list(read_rows(file("a.xlsx", SMALL), ["text", "id"]))

    assert rows == [(1, {"text": "噪音", "id": "1"}), (2, {"text": "주차", "id": "2"})]


def test_read_rows_of_a_workbook_writes_cells_as_people_see_them_and_counts_empty_rows(file: File) -> None:
    data = _workbook(["id", "text"], [None, None], [7, True], [1.5, dt.date(2026, 3, 5)], [3, None])

    rows = list(read_rows(file("A.XLSX", data), ["id", "text"]))

    assert rows == [
        (2, {"id": "7", "text": "True"}),
        (3, {"id": "1.5", "text": "2026-03-05 00:00:00"}),
        (4, {"id": "3", "text": ""}),
    ]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed in /proc on Linux only")
def test_read_rows_of_a_workbook_left_half_read_closes_it(file: File) -> None:
    path = file("a.xlsx", SMALL)
    rows = read_rows(path, ["text"])
    next(rows)

    rows.close()  # type: ignore[attr-defined]  # a generator behind Iterator

    held = [str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.exists()]
    assert str(path) not in held
    assert list(rows) == []


def _cut(name: str, content: bytes) -> bytes:
    return content[: content.index(b'<row r="3"') + 8] if name.endswith("sheet1.xml") else content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_changed(SMALL, _cut), "a.xlsx, row 2: the workbook is damaged here."),
        (_changed(SMALL, lambda name, data: None if "sheets/" in name else data), "a.xlsx has no worksheet."),
        (
            _changed(SMALL, lambda name, data: data[:50] if name.endswith("workbook.xml") else data),
            "a.xlsx is not a readable Excel workbook.",
        ),
        (
            _changed(SMALL, lambda name, data: data if "docProps" in name else None),
            "a.xlsx is not a readable Excel workbook.",
        ),
        (SMALL[: len(SMALL) // 2], "a.xlsx is not a readable Excel workbook."),
        (_workbook(), "a.xlsx is empty: a table needs a first line with the names of its columns."),
        (_workbook(["id", None, "words"], [1, 2, 3]), "a.xlsx has no column 'text'; it has: id, words."),
    ],
)
def test_read_rows_refuses_a_workbook_in_one_line(file: File, content: bytes, message: str) -> None:
    assert _refusal(file("a.xlsx", content)) == message


def test_read_rows_refuses_a_workbook_that_would_unpack_to_too_much(
    file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabular, "MAX_UNPACKED", 2_000_000)
    bomb = _changed(SMALL, lambda name, data: data + b" " * 3_000_000 if name.endswith("sheet1.xml") else data)

    assert _refusal(file("a.xlsx", bomb)) == "a.xlsx unpacks to more than 2 MB."


@pytest.mark.parametrize("place", range(100, len(SMALL), 211))
def test_read_rows_of_a_workbook_with_a_broken_byte_reads_it_or_refuses_it(file: File, place: int) -> None:
    data = bytearray(SMALL)
    data[place] ^= 0xFF
    path = file("a.xlsx", bytes(data))

    try:
        read: Rows | str = list(read_rows(path, ["text"]))
    except TableInvalid as error:
        read = error.message

    whole: Rows = [(1, {"text": "噪音"}), (2, {"text": "주차"})]
    assert read == whole or str(read).startswith("a.xlsx")
    assert "\n" not in str(read)


# What was written is read


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(cells, cells), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_read_rows_reads_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("one", "two"), *rows])

    read = list(read_rows(path, ["one", "two"]))

    assert read == [
        (number, {"one": one, "two": two})
        for number, (one, two) in enumerate(rows, start=1)
        if one.strip() or two.strip()
    ]


# Cells that go out


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+86 138", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", '=HYPERLINK("x")'],
)
def test_safe_cell_keeps_a_formula_from_being_one(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-", "+", "noise", "a=b", " =1", "'quoted", "5-2", "噪音"])
def test_safe_cell_leaves_other_texts_alone(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text(min_size=2, max_size=20))
def test_safe_cell_never_begins_like_a_formula(text: str) -> None:
    assert safe_cell(text)[0] not in "=+-@\t\r\n＝＋－＠"
    assert safe_cell(text).removeprefix("'") == text.removeprefix("'")


# Real files


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not beside this checkout")
@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("en_bowling_green.tsv", 896),
        ("en_city_requests.tsv", 498),
        ("ko_petitions.tsv", 1829),
        ("sib200_train_10_languages.tsv", 7010),
        ("zh_government_messages.tsv", 3911),
    ],
)
def test_read_rows_of_real_files_reads_every_row(name: str, total: int) -> None:
    rows = list(read_rows(DATA / name, ["text"]))

    assert [number for number, _ in rows] == list(range(1, total + 1))
    assert [number for number, row in rows if not row["text"].strip() or "\t" in row["text"]] == []
