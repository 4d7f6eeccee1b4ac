"""`linsheng themes` on what people bring by mistake or by malice: every row comes out once, or one line says what is wrong."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import lxml.html
import openpyxl
import pytest
import xlsxwriter

from analysis.lexicon.load import load_lexicon
from analysis.text.statements import MAX_STATEMENT
from survey.cli import themes as command
from survey.tabular import MAX_CELL
from tests.analysis.conftest import read_rows
from tests.cli.conftest import Linsheng
from tests.voices import DOCTOR, NOISE, PARKING, THREE_NEEDS

TAXONOMY = """
categories:
  - id: doctors
    names: {en: Seeing a doctor, zh-Hans: 看病}
    terms: {en: [doctor*], zh-Hans: [医生]}
"""

MODES = {"known": [], "discover only": ["--discover-only"], "k": ["--k", "3"], "taxonomy": ["--taxonomy", "own.yaml"]}
FILES = ["assignments.csv", "report.html", "themes.json"]

FOREIGN = read_rows("foreign_texts")
"""One sentence in each of 70 languages that are not ours."""

HARD = [
    " " * 9_990 + "a", "，" * 10_000, "a" + "\u0301" * 9_999, "a@" * 5_000, "a." * 5_000 + "@a", "1." * 5_000, "- " * 5_000, "'a" * 5_000,
    "长" * 10_000, "https://" * 1_200, "\u200d" * 10_000, "\u202e" * 5_000 + "doctor", "\n" * 10_000, "a b " * 2_500, "=1+1",
    "<script>alert(1)</script>", "donaudampf" * 20,
]  # fmt: skip
"""What makes regular expressions, normal forms and pages suffer."""


def a_csv(*texts: str, column: str = "need") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([[column], *([text] for text in texts)])
    return stream.getvalue().encode()


def _chain(links: int) -> list[str]:
    """Each text differs from the one before by one word, and the last has nothing in common with the first."""
    words = [
        f"{first}{last}"
        for first in ("park", "stair", "light", "water")
        for last in ("er", "ing", "less", "ful", "ed", "ish", "y", "ness")
    ]
    said = [words[(7 * place) % len(words)] + words[(place // 3) % len(words)] for place in range(links + 12)]
    return [" ".join(said[place : place + 12]) for place in range(links)]


READ = {
    "one text": (a_csv(DOCTOR), 1),
    "one letter": (a_csv("a"), 1),
    "three equal": (a_csv(*[DOCTOR] * 3), 3),
    "3,000 equal": (a_csv(*[DOCTOR] * 3_000), 3_000),
    "one language": (a_csv(*(f"{text} {word}" for text in (DOCTOR, PARKING, NOISE) for word in ("again", "today", "please", "here"))), 12),
    "a megabyte": (a_csv(DOCTOR, "长" * 350_000, f"{PARKING} " * 40_000, "😀" * 260_000), 4),
    "control characters": (a_csv("a\x01b doctor", "\x07\x08\x1b[31m", "doc\x00tor", "\x85\x0b\x0c\x7f", "\ufffe\uffff", "a\u2028b\u2029c"), 6),
    "no text": (b'need,id\n"",1\n   ,2\n,3\n', 3),
    "blank lines": (b"need\ndoctor\n\n\nparking\n\n", 4),
    "emoji": (a_csv(*["🙂", "👨‍👩‍👧", "🏥🏥", "🇨🇳", "❤️‍🔥", "1️⃣"] * 5), 30),
    "punctuation": (a_csv("???", "。。。", "-", "…", "12345", "½"), 6),
    "foreign languages": (a_csv(*(row["text"] for row in FOREIGN)), len(FOREIGN)),
    "hard texts": (a_csv(*HARD, *(f"{text[:9_000]} doctor" for text in HARD)), 2 * len(HARD)),
    "3,000 columns": ((",".join(["need", *map(str, range(3_000))]) + f"\n{DOCTOR}" + "," * 3_000 + "\n").encode(), 1),
    "ragged rows": (b"id,need\n1\n2,doctor,extra,more\n3,parking\n", 3),
    "UTF-16": (a_csv("小区需要医生", "停车太难").decode().encode("utf-16"), 2),
    "UTF-16, big end first": (b"\xfe\xff" + a_csv("小区需要医生", "停车太难").decode().encode("utf-16-be"), 2),
    "UTF-8 with a mark": (b"\xef\xbb\xbf" + a_csv("小区需要医生", "停车太难"), 2),
    "old line ends": (b"need\rdoctor\rparking\r", 2),
}  # fmt: skip
"""Files that are read, with their rows."""

SAVE = "this is not UTF-8 text. Save the file as UTF-8 (in Excel: “CSV UTF-8”) and try again."
NO_TABLE = "a table needs a first line with the names of its columns."
NO_TEXT = "a.csv is not a text file. CSV, TSV and XLSX can be read."

REFUSED = {
    "nothing": (b"", f"a.csv is empty: {NO_TABLE}"),
    "a mark alone": (b"\xef\xbb\xbf", f"a.csv is empty: {NO_TABLE}"),
    "blank lines alone": (b"\n\n\n", f"a.csv is empty: {NO_TABLE}"),
    "header alone": (b"need\n", "a.csv has no rows below its header."),
    "GB18030": ("need\n小区没有停车位\n".encode("gb18030"), f"a.csv, row 1: {SAVE}"),
    "Big5": ("need\n小區沒有停車位\n".encode("big5"), f"a.csv, row 1: {SAVE}"),
    "EUC-KR": ("need\n주차할 곳이 없어요\n".encode("euc-kr"), f"a.csv, row 1: {SAVE}"),
    "Shift_JIS": ("need\n駐車場が足りません\n".encode("shift_jis"), f"a.csv, row 1: {SAVE}"),
    "ISO-2022-JP": ("need\nok\n駐車場が足りません\n".encode("iso-2022-jp"), f"a.csv, row 2: {SAVE}"),
    "Windows-1251": ("need\nНам нужен врач\n".encode("cp1251"), f"a.csv, row 1: {SAVE}"),
    "Windows-1252": ("need\nok\nIl n’y a pas de médecin\n".encode("cp1252"), f"a.csv, row 2: {SAVE}"),
    "two encodings": (a_csv("小区需要医生") + "小区需要医生\n".encode("gb18030"), f"a.csv, row 2: {SAVE}"),
    "half a character in UTF-8": (b"need\n\xed\xa0\x80 doctor\n", f"a.csv, row 1: {SAVE}"),
    "half a character in UTF-16": (
        "need\nok\n".encode("utf-16") + b"\x00\xd8d\x00\n\x00",
        "a.csv, row 2: this is not UTF-16 text, as the file's first bytes say.",
    ),
    "UTF-16 without a mark": ("need\n医生\n".encode("utf-16-le"), NO_TEXT),
    "UTF-32": ("need\n医生\n".encode("utf-32"), NO_TEXT),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", NO_TEXT),
    "a quote that is not closed": (
        b'need\nfine\n"doctor\nparking\n',
        (
            "a.csv, row 2: a quotation mark opens a cell here and is never closed, so that all that follows would be one "
            "cell. Close it or delete it."
        ),
    ),
    "a cell without end": (
        f"need\nok\n{'x' * (MAX_CELL + 1)}\n".encode(),
        f"a.csv, row 2: field larger than field limit ({MAX_CELL}).",
    ),
    "the column twice": (b"need,id,need\n,1,doctor\n", "a.csv has 2 columns 'need'. Rename all but the one that is meant."),
    "another column": (b"needs\ndoctor\n", "a.csv has no column 'need'; it has: needs."),
}
"""Files that are not read, with what is said of them."""


@pytest.fixture(autouse=True)
def three_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs take milliseconds; tests that need the bundled lexicon ask for it."""
    monkeypatch.setattr(command, "load_lexicon", lambda: THREE_NEEDS)


@pytest.fixture
def bundled(three_needs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load_lexicon", load_lexicon)


def run(linsheng: Linsheng, file: Path, rows: int, *options: object) -> list[dict[str, str]]:
    """Run the command; every promise about its files is checked on the way. Returns the lines of assignments.csv."""
    out = file.parent / "out"
    result = linsheng("themes", file, "--text-column", "need", "--out-dir", out, *options)

    assert result.status == 0, result.err
    assert sorted(path.name for path in out.iterdir()) == FILES
    with (out / "assignments.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["row"] for line in lines] == [str(number) for number in range(1, rows + 1)]
    assert {line["status"] for line in lines} <= {"assigned", "unsorted"}
    found: list[dict[str, Any]] = json.loads((out / "themes.json").read_bytes())
    assert {line["theme"] for line in lines} - {""} <= {theme["id"] for theme in found}
    assert all(1 <= quote["row"] <= rows for theme in found for quote in theme["quotes"])
    report = (out / "report.html").read_text(encoding="utf-8")
    assert not command._CONTROL.search(report)
    page = lxml.html.document_fromstring(report)
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//script") == []
    return lines


def _options(folder: Path, mode: str) -> list[object]:
    (folder / "own.yaml").write_text(TAXONOMY, encoding="utf-8")
    return [folder / option if option == "own.yaml" else option for option in MODES[mode]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", READ)
def test_every_row_of_a_file_that_is_read_comes_out_once(linsheng: Linsheng, tmp_path: Path, kind: str, mode: str) -> None:
    content, rows = READ[kind]
    (tmp_path / "a.csv").write_bytes(content)

    run(linsheng, tmp_path / "a.csv", rows, *_options(tmp_path, mode))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", REFUSED)
def test_file_that_is_not_read_is_one_line_and_leaves_nothing_behind(
    linsheng: Linsheng, tmp_path: Path, kind: str, mode: str
) -> None:
    content, problem = REFUSED[kind]
    (tmp_path / "a.csv").write_bytes(content)

    result = linsheng(
        "themes", tmp_path / "a.csv", "--text-column", "need", "--out-dir", tmp_path / "out", *_options(tmp_path, mode)
    )

    assert result.problem == problem
    assert not (tmp_path / "out").exists()


def test_report_that_fails_leaves_the_files_of_an_earlier_run_as_they_were(
    linsheng: Linsheng, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_bytes(a_csv(DOCTOR, PARKING))
    run(linsheng, tmp_path / "a.csv", 2)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    (tmp_path / "a.csv").write_bytes(a_csv(NOISE))

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "write_report", fail)
    result = linsheng("themes", tmp_path / "a.csv", "--text-column", "need", "--out-dir", tmp_path / "out")

    assert result.problem == f"{tmp_path / 'out'} cannot be written: No space left on device."
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


# What is said of a row


def test_note_says_what_was_not_read_of_a_row(linsheng: Linsheng, tmp_path: Path) -> None:
    texts = [DOCTOR, "长" * 350_000, "doc\x00tor", "", f"\x07{PARKING} " * 40_000, "\x01\x02", PARKING]
    (tmp_path / "a.csv").write_bytes(a_csv(*texts).replace(b"\r\n\r\n", b'\r\n""\r\n'))

    lines = run(linsheng, tmp_path / "a.csv", 7)

    cut, control = f"first {MAX_STATEMENT} characters were read", "control characters were left out"
    assert [line["note"] for line in lines] == ["", cut, control, "no text", f"{cut}; {control}", f"{control}; no text", ""]


def test_note_of_a_copy_names_the_first_row_with_the_words_that_most_wrote(linsheng: Linsheng, tmp_path: Path) -> None:
    said = "There is never a parking space near the school in the morning"
    (tmp_path / "a.csv").write_bytes(a_csv(f"{said}s", said, PARKING, said, f"{said}!", *[NOISE] * 12))

    lines = run(linsheng, tmp_path / "a.csv", 17)

    assert [line["note"] for line in lines] == [
        "near-copy of row 2", "", "", "copy of row 2", "near-copy of row 2", "", *["copy of row 6"] * 11
    ]  # fmt: skip


def test_control_characters_part_words_and_hide_none(linsheng: Linsheng, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(a_csv("a\x01doctor\x02please", DOCTOR))

    lines = run(linsheng, tmp_path / "a.csv", 2)

    assert [line["category"] for line in lines] == ["health", "health"]


def test_megabyte_is_judged_by_its_beginning(linsheng: Linsheng, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(a_csv(DOCTOR, DOCTOR + " and so on" * 100_000, "and so on " * 100_000 + DOCTOR, DOCTOR))

    lines = run(linsheng, tmp_path / "a.csv", 4)

    assert [line["category"] for line in lines] == ["health", "health", "", "health"]


# Languages


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize("mode", ["known", pytest.param("discover only", marks=pytest.mark.thorough)])
def test_languages_that_we_do_not_know_are_called_unknown_and_given_no_known_need(
    linsheng: Linsheng, tmp_path: Path, mode: str
) -> None:
    assert len({row["language"] for row in FOREIGN}) >= 50
    (tmp_path / "a.csv").write_bytes(a_csv(*(row["text"] for row in FOREIGN)))

    lines = run(linsheng, tmp_path / "a.csv", len(FOREIGN), *_options(tmp_path, mode))

    assert {line["lang"] for line in lines} == {"und"}
    assert {line["category"] for line in lines} <= {"", "discovered"}


@pytest.mark.parametrize(
    "tag", ["", "   ", "xx-nonsense", "😀", "zh\x00", "1", "-", "_", "en en", "e" * 5_000, "'; DROP TABLE", "nan"]
)
def test_language_tag_that_means_nothing_leaves_the_language_to_the_text(linsheng: Linsheng, tmp_path: Path, tag: str) -> None:
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["need", "tag"], ["小区需要医生", tag], ["주차할 곳이 없어요", tag]])

    lines = run(linsheng, tmp_path / "a.csv", 2, "--lang-column", "tag")

    assert [line["lang"] for line in lines] == ["zh-Hans", "ko"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_are_read_give_the_right_text(linsheng: Linsheng, tmp_path: Path, encoding: str) -> None:
    texts = [
        "小区需要医生",
        "주차할 곳이 없어요",
        "駐車場が足りません",
        "Нам нужен врач, говорящий по-русски",
        "نريد طبيبا يتكلم العربية",
        "Il n’y a pas de médecin ici",
    ]
    (tmp_path / "a.csv").write_bytes(a_csv(*texts).decode().encode(encoding))

    lines = run(linsheng, tmp_path / "a.csv", 6, "--k", "2")

    assert [line["lang"] for line in lines] == ["zh-Hans", "ko", "ja", "ru", "ar", "fr"]
    assert [(line["category"], line["because"]) for line in lines[:2]] == [
        ("health", "health.doctor_language: 医生"), ("transport_parking", "transport_parking.parking_space: 주차")
    ]  # fmt: skip


# Workbooks


def test_workbook_with_formulas_dates_and_empty_rows_keeps_every_row(linsheng: Linsheng, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "need")
        sheet.write_formula(1, 0, "=B2", None, DOCTOR)
        sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")
        sheet.write_datetime(3, 0, dt.date(2026, 1, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(4, 0, 3.5)
        sheet.write_boolean(5, 0, True)
        sheet.write_string(8, 0, "a\x01b _xD83D_")  # after two empty rows
        sheet.write_rich_string(9, 0, "There is no ", book.add_format({"bold": True}), "parking", " here")
        sheet.write_blank(30, 0, None, book.add_format({"bold": True}))  # coloured, never filled in

    lines = run(linsheng, tmp_path / "a.xlsx", 9)

    assert [line["category"] for line in lines] == ["health", *[""] * 7, "transport_parking"]
    assert [line["note"] for line in lines] == ["", "", "", "", "", "no text", "no text", "", ""]


def test_workbook_whose_formulas_were_never_worked_out_says_that_there_is_no_text(linsheng: Linsheng, tmp_path: Path) -> None:
    """A program wrote the formula, and no spreadsheet opened the file since: there is no value in it to be read."""
    book = openpyxl.Workbook()
    for cell in ("need", '="We need a "&"doctor"', PARKING):
        book.active.append([cell])
    book.save(tmp_path / "a.xlsx")

    lines = run(linsheng, tmp_path / "a.xlsx", 2)

    assert [(line["category"], line["note"]) for line in lines] == [("", "no text"), ("transport_parking", "")]


# Adversaries: sizes at which comparing all pairs would take minutes


@pytest.mark.parametrize("mode", ["known", pytest.param("discover only", marks=pytest.mark.thorough)])
def test_ten_thousand_texts_that_differ_in_a_number_are_near_copies(linsheng: Linsheng, tmp_path: Path, mode: str) -> None:
    (tmp_path / "a.csv").write_bytes(
        a_csv(*(f"Please repair the lift number {number:05d} in our building" for number in range(10_000)))
    )

    lines = run(linsheng, tmp_path / "a.csv", 10_000, *_options(tmp_path, mode))

    noted = Counter(line["note"] for line in lines)
    assert sum(times for note, times in noted.items() if note.startswith("near-copy of row ")) > 8_000


@pytest.mark.thorough  # tests/analysis/test_duplicates.py says the same of the comparison itself
def test_ten_thousand_texts_that_begin_alike(linsheng: Linsheng, tmp_path: Path) -> None:
    beginning = (
        "In our community near the park by the river there is for a long time already a problem that nobody solves and it is"
    )
    chance = random.Random(0)
    (tmp_path / "a.csv").write_bytes(a_csv(*(f"{beginning} {chance.getrandbits(80):x}" for _ in range(10_000))))

    run(linsheng, tmp_path / "a.csv", 10_000)


@pytest.mark.parametrize("mode", ["known", pytest.param("discover only", marks=pytest.mark.thorough)])
def test_chain_of_ten_thousand_small_changes_is_cut(linsheng: Linsheng, tmp_path: Path, mode: str) -> None:
    (tmp_path / "a.csv").write_bytes(a_csv(*_chain(10_000)))

    lines = run(linsheng, tmp_path / "a.csv", 10_000, *_options(tmp_path, mode))

    [(_, most)] = Counter(line["note"] for line in lines if line["note"]).most_common(1)
    assert most < 1_000
