"""`linsheng themes FILE`: no database, three files out, one line for every row that came in."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import lxml.html
import openpyxl
import pytest

from analysis.text.statements import MAX_STATEMENT
from tests.analysis.test_embedder import planted_words, save_model
from tests.cli.conftest import TEXTS, Linsheng
from tests.voices import DOCTOR, GIBBERISH, NOISE, PARKING, THREE_NEEDS

ROWS = [DOCTOR, DOCTOR, "주차할 곳이 없어요", PARKING, "小区需要医生", GIBBERISH, NOISE]

TAXONOMY = """
categories:
  - id: doctors
    names: {en: Seeing a doctor, zh-Hans: 看病}
    terms: {en: [doctor*], zh-Hans: [医生]}
  - id: cars
    names: {en: Cars}
    terms: {en: [parking*], ko: [주차]}
"""


@pytest.fixture
def three_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.cli.themes.load_lexicon", lambda: THREE_NEEDS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return _table(tmp_path / "needs.csv", [["id", "need"], *([str(number), text] for number, text in enumerate(ROWS))])


def _table(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter="\t" if path.suffix == ".tsv" else ",").writerows(rows)
    return path


def _assignments(folder: Path) -> list[dict[str, str]]:
    with (folder / "assignments.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _themes(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "themes.json").read_bytes())
    return found


def _report(folder: Path) -> lxml.html.HtmlElement:
    return lxml.html.fromstring((folder / "report.html").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("three_needs")
def test_assignments_have_one_line_for_every_row(linsheng: Linsheng, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"

    result = linsheng("themes", file, "--text-column", "need", "--out-dir", out)

    found = _assignments(out)
    assert result.out == f"7 texts, 3 themes, 14% unsorted. See {out / 'report.html'}\n"
    assert list(found[0]) == ["row", "lang", "category", "theme", "score", "status", "because", "note"]
    assert [(line["row"], line["lang"], line["category"], line["theme"], line["status"]) for line in found] == [
        ("1", "en", "health", "health.doctor_language", "assigned"),
        ("2", "en", "health", "health.doctor_language", "assigned"),
        ("3", "ko", "transport_parking", "transport_parking.parking_space", "assigned"),
        ("4", "en", "transport_parking", "transport_parking.parking_space", "assigned"),
        ("5", "zh-Hans", "health", "health.doctor_language", "assigned"),
        ("6", "en", "", "", "unsorted"),
        ("7", "en", "environment_noise", "environment_noise", "assigned"),
    ]
    assert all(0 < float(line["score"]) <= 1 for line in found if line["status"] == "assigned")
    assert found[5]["score"] == ""


@pytest.mark.usefixtures("three_needs")
def test_themes_json_has_the_shape_that_others_build_on(linsheng: Linsheng, file: Path, tmp_path: Path) -> None:
    linsheng("themes", file, "--text-column", "need", "--out-dir", tmp_path)

    found = _themes(tmp_path)
    assert {tuple(theme) for theme in found} == {("id", "category", "names", "keywords", "size", "stability", "quotes")}
    assert [(theme["id"], theme["category"], theme["size"], theme["stability"]) for theme in found] == [
        ("health.doctor_language", "health", 3, None),
        ("transport_parking.parking_space", "transport_parking", 2, None),
        ("environment_noise", "environment_noise", 1, None),
    ]
    assert found[0]["names"] == {"zh-Hans": "会说我们语言的医生", "en": "Doctors who speak our language"}
    for quote in (quote for theme in found for quote in theme["quotes"]):
        assert ROWS[quote["row"] - 1] == quote["text"]
        assert quote["lang"] in {"en", "ko", "zh-Hans"}
    assert {theme["id"] for theme in found} == {line["theme"] for line in _assignments(tmp_path)} - {""}


@pytest.mark.usefixtures("three_needs")
def test_report_stands_alone(linsheng: Linsheng, tmp_path: Path) -> None:
    wild = 'A doctor <img src="http://evil/x.png"> & a <script src="//evil"></script>'
    file = _table(tmp_path / "a <b>.csv", [["need"], [wild], [wild], [PARKING]])

    linsheng("themes", file, "--text-column", "need", "--out-dir", tmp_path)

    page, text = _report(tmp_path), (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.xpath("//@src | //script | //link | //iframe | //img") == []
    assert [link for link in page.xpath("//@href") if not link.startswith("#")] == []
    assert "@import" not in text
    assert "url(" not in text
    assert page.xpath("string(//h1)") == "“Doctors who speak our language” is named most, by 2 of 3 people"
    assert [quote.text.strip() for quote in page.xpath("//blockquote")][:2] == [wild, wild]
    assert page.xpath("string(//header)") == "邻声 LinshengNeed themes · a <b>.csv"
    assert [head.text_content() for head in page.xpath("//article//h3")] == [
        "Doctors who speak our language", "Transport and parking: other needs"
    ]  # fmt: skip


@pytest.mark.usefixtures("three_needs")
@pytest.mark.parametrize("name", ["needs.tsv", "needs.xlsx"])
def test_every_kind_of_table_gives_the_same(linsheng: Linsheng, file: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / name
    rows = [["id", "need"], *([str(number), text] for number, text in enumerate(ROWS))]
    if name.endswith(".xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(other)
    else:
        _table(other, rows)

    linsheng("themes", file, "--text-column", "need", "--out-dir", tmp_path / "csv")
    linsheng("themes", other, "--text-column", "need", "--out-dir", tmp_path / "other")

    for part in ("assignments.csv", "themes.json"):
        assert (tmp_path / "other" / part).read_bytes() == (tmp_path / "csv" / part).read_bytes()


@pytest.mark.usefixtures("three_needs")
def test_rows_without_text_keep_their_lines(linsheng: Linsheng, tmp_path: Path) -> None:
    (tmp_path / "needs.csv").write_text(f"id,need\n1,{DOCTOR}\n2,\n\n,\n5,{DOCTOR}\n,\n7,\n,\n\n", encoding="utf-8")

    linsheng("themes", tmp_path / "needs.csv", "--text-column", "need", "--out-dir", tmp_path)

    found = [(line["row"], line["lang"], line["status"]) for line in _assignments(tmp_path)]
    empty = "und", "unsorted"
    assert found == [("1", "en", "assigned"), ("2", *empty), ("3", *empty), ("4", *empty), ("5", "en", "assigned"), ("6", *empty), ("7", *empty), ("8", *empty)]


@pytest.mark.usefixtures("three_needs")
def test_language_column_decides_where_it_names_one_of_ours(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _table(tmp_path / "a.csv", [["need", "tag"], [DOCTOR, "ko-KR"], ["医生", "zh_TW"], [DOCTOR, "tlh"], [DOCTOR, ""]])

    linsheng("themes", file, "--text-column", "need", "--lang-column", "tag", "--out-dir", tmp_path)

    assert [line["lang"] for line in _assignments(tmp_path)] == ["ko", "zh-Hant", "en", "en"]


@pytest.mark.usefixtures("three_needs")
def test_cell_of_a_megabyte_is_read_to_the_limit_and_said_so(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _table(tmp_path / "a.csv", [["need"], [DOCTOR], [f"{DOCTOR} " * 30_000], [DOCTOR]])

    result = linsheng("themes", file, "--text-column", "need", "--out-dir", tmp_path)

    assert result.status == 0
    assert result.err == f"Row 2: only the first {MAX_STATEMENT} characters were read.\n"
    assert [line["row"] for line in _assignments(tmp_path)] == ["1", "2", "3"]
    assert max(len(quote["text"]) for theme in _themes(tmp_path) for quote in theme["quotes"]) <= MAX_STATEMENT


def test_taxonomy_replaces_the_bundled_needs(linsheng: Linsheng, file: Path, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(TAXONOMY, encoding="utf-8")

    linsheng("themes", file, "--text-column", "need", "--taxonomy", tmp_path / "own.yaml", "--out-dir", tmp_path)

    assert [(theme["id"], theme["size"], theme["names"]) for theme in _themes(tmp_path)] == [
        ("doctors", 3, {"en": "Seeing a doctor", "zh-Hans": "看病"}),
        ("cars", 2, {"en": "Cars"}),
    ]
    assert [line["theme"] for line in _assignments(tmp_path)] == ["doctors", "doctors", "cars", "cars", "doctors", "", ""]


def test_taxonomy_without_names_is_told_by_its_ids(linsheng: Linsheng, file: Path, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("categories: [{id: doctors, names: {}, terms: {en: [doctor*]}}]", encoding="utf-8")

    result = linsheng("themes", file, "--text-column", "need", "--taxonomy", tmp_path / "own.yaml", "--out-dir", tmp_path)

    assert result.status == 0, result.err
    assert _report(tmp_path).xpath("string(//h1)") == "“doctors” is named most, by 2 of 7 people"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read"),
        ("a: [b\nc: {", "not YAML"),
        ("[]", "Expected `object`, got `array`"),
        ("categories: []", "there are no categories"),
        ("categories: [{id: a, names: {}}]", "missing required field `terms`"),
        ("categories: [{id: a, names: {en: A}, terms: {en: [a]}}, {id: a, names: {en: A}, terms: {en: [b]}}]", "the category a stands there twice"),
        ("categories: [{id: a, names: {en: A}, terms: {en: a}}]", "Expected `array`, got `str`"),
    ],
)  # fmt: skip
def test_taxonomy_that_cannot_be_used_is_one_line(
    linsheng: Linsheng, file: Path, tmp_path: Path, content: str | None, problem: str
) -> None:
    if content is not None:
        (tmp_path / "own.yaml").write_text(content, encoding="utf-8")

    result = linsheng("themes", file, "--text-column", "need", "--taxonomy", tmp_path / "own.yaml", "--out-dir", tmp_path / "out")

    assert problem in result.problem
    assert "own.yaml" in result.problem
    assert not (tmp_path / "out").exists()


def test_discover_only_groups_everything_afresh(linsheng: Linsheng, tmp_path: Path) -> None:
    kinds = ["the parking space behind the tower is full", "noise of drilling at night wakes the baby", "an English doctor in the clinic please"]
    file = _table(tmp_path / "a.csv", [["need"], *([f"{kinds[number % 3]} {number}"] for number in range(30))])

    linsheng("themes", file, "--text-column", "need", "--discover-only", "--k", "3", "--out-dir", tmp_path)

    found, lines = _themes(tmp_path), _assignments(tmp_path)
    assert [(theme["category"], theme["size"]) for theme in found] == [("discovered", 10)] * 3
    assert all(theme["id"].startswith("discovered.") and 0 <= theme["stability"] <= 1 for theme in found)
    assert [{line["theme"] for line in lines[start::3]} for start in range(3)] == [{lines[0]["theme"]}, {lines[1]["theme"]}, {lines[2]["theme"]}]
    assert len({line["theme"] for line in lines}) == 3


@pytest.mark.usefixtures("three_needs")
def test_file_without_any_need_gives_no_theme_and_says_so(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _table(tmp_path / "a.csv", [["need"], [GIBBERISH], ["12"], ["🙂"]])

    result = linsheng("themes", file, "--text-column", "need", "--out-dir", tmp_path)

    assert result.out.startswith("3 texts, 0 themes, 100% unsorted.")
    assert _themes(tmp_path) == []
    assert [line["status"] for line in _assignments(tmp_path)] == ["unsorted"] * 3
    assert _report(tmp_path).xpath("//h1/text()") == ["No theme was found"]


@pytest.mark.usefixtures("three_needs")
def test_the_same_file_gives_the_same_files(linsheng: Linsheng, file: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        linsheng("themes", file, "--text-column", "need", "--out-dir", tmp_path / folder)

    for part in ("assignments.csv", "themes.json", "report.html"):
        assert (tmp_path / "one" / part).read_bytes() == (tmp_path / "two" / part).read_bytes()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--text-column", "text"], "needs.csv has no column 'text'; it has: id, need."),
        (["--text-column", "need", "--lang-column", "tag"], "needs.csv has no column 'tag'; it has: id, need."),
        (["--text-column", "need", "--k", "1"], "Invalid value for '--k': 1 is not in the range 2<=x<=200. See: linsheng themes --help"),
    ],
)
def test_option_that_does_not_fit_is_one_line(linsheng: Linsheng, file: Path, tmp_path: Path, options: list[str], problem: str) -> None:
    assert linsheng("themes", file, *options, "--out-dir", tmp_path / "out").problem == problem
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "a.csv is empty: a table needs a first line with the names of its columns."),
        (b"need\n", "a.csv has no rows below its header."),
        (b"need\nfine\ncaf\xe9\n", "a.csv, row 2: this is not UTF-8 text."),
    ],
)
def test_table_that_cannot_be_read_is_one_line(linsheng: Linsheng, tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)

    assert linsheng("themes", tmp_path / "a.csv", "--text-column", "need", "--out-dir", tmp_path / "out").problem.startswith(problem)


@pytest.mark.usefixtures("three_needs")
def test_folder_that_cannot_be_written_is_one_line(linsheng: Linsheng, file: Path, tmp_path: Path) -> None:
    problem = linsheng("themes", file, "--text-column", "need", "--out-dir", file / "out").problem

    assert problem == f"{file / 'out'} cannot be written: Not a directory."


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the real texts are not beside this checkout")
def test_themes_of_a_real_town_are_what_its_people_would_recognise(linsheng: Linsheng, tmp_path: Path) -> None:
    """Bowling Green, Kentucky, 2018: traffic and the internet stood first (compdemocracy's own report)."""
    file = TEXTS / "en_bowling_green.tsv"

    result = linsheng("themes", file, "--text-column", "text", "--out-dir", tmp_path)

    found, lines = _themes(tmp_path), _assignments(tmp_path)
    largest = [theme["id"] for theme in found if "." in theme["id"]][:5]
    assert result.out.startswith("896 texts, ")
    assert [int(line["row"]) for line in lines] == list(range(1, 897))
    assert {"transport_parking.traffic_congestion", "daily_life_services.internet_access"} <= set(largest)
    assert sum(line["status"] == "unsorted" for line in lines) < 0.45 * len(lines)
    assert {line["lang"] for line in lines} == {"en"} | {line["lang"] for line in lines if line["lang"] != "en"}
    assert sum(line["lang"] == "en" for line in lines) > 0.97 * len(lines)


def test_operators_own_model_is_used_and_one_that_is_not_there_is_refused(
    linsheng: Linsheng, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("model2vec", reason="the extra `embeddings` is not installed")
    command = ["themes", file, "--text-column", "need", "--discover-only", "--k", "2", "--out-dir"]

    monkeypatch.setenv("LINSHENG_EMBEDDER", "model2vec:/no/such/folder")
    refused = linsheng(*command, tmp_path / "refused")
    monkeypatch.setenv("LINSHENG_EMBEDDER", save_model(tmp_path / "model", planted_words()))
    done = linsheng(*command, tmp_path / "done")

    assert refused.status == 2
    assert refused.err.strip().endswith(
        "LINSHENG_EMBEDDER: model2vec:/no/such/folder: there is no such folder; models are never downloaded."
    )
    assert not (tmp_path / "refused").exists()
    assert done.status == 0, done.err
    assert (tmp_path / "done" / "report.html").exists()
