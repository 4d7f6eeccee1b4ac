"""Answers in from a table, answers out: whole files or nothing, and nothing twice."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rich.progress import Progress, TaskID

from survey.audit.tables import AuditEvent
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, create_survey, open_survey
from survey.questionnaire.form import write_form
from survey.responses.intake import entrance_to
from survey.responses.queries import count_complete, count_responses, counts_by_area, counts_by_language
from survey.responses.service import Recorder, withdraw
from survey.settings import Settings
from tests.cli.conftest import TEXTS, Linsheng, in_database
from tests.conftest import SECRET, bundled_survey
from tests.every_type import every_type
from tests.voices import DOCTOR, PARKING, Person, record

ROWS = [["need", "lang", "area"], [DOCTOR, "en-GB", "wangjing"], ["停车位不够", "zh", "Donghu"], ["의사가 필요해요", "", ""]]


def _written(path: Path, rows: list[list[str]]) -> Path:
    """A table as CSV, TSV or XLSX, by the name's ending."""
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([cell or None for cell in row])
        book.save(path)
        return path
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter="\t" if path.suffix == ".tsv" else ",").writerows(rows)
    return path


def _exported(linsheng: Linsheng, slug: str, out: Path) -> list[dict[str, Any]]:
    assert linsheng("responses", "export", slug, "--format", "json", "--out", out).status == 0
    return json.loads(out.read_bytes())


def _surveys(linsheng: Linsheng) -> str:
    return linsheng("survey", "list").out


NONE = "No surveys yet. Import one with: linsheng survey import FILE\n"


@pytest.mark.parametrize("name", ["needs.csv", "needs.tsv", "needs.xlsx"])
def test_import_of_each_kind_of_table_stores_every_text(linsheng: Linsheng, tmp_path: Path, name: str) -> None:
    file = _written(tmp_path / name, ROWS)

    result = linsheng("responses", "import", "town", file, "--text-column", "need", "--lang-column", "lang", "--area-column", "area")

    found = _exported(linsheng, "town", tmp_path / "out.json")
    assert (result.status, result.out) == (0, f"town: 3 answers imported from {name}, 0 were there already.\nNext: linsheng analyse town\n")
    assert sorted((entry["answers"]["text"], entry["language"], entry["area"]) for entry in found) == [
        (DOCTOR, "en", "wangjing"),
        ("停车位不够", "zh-Hans", "donghu"),
        ("의사가 필요해요", "ko", None),
    ]


def test_import_keeps_the_tallies_true(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _written(tmp_path / "needs.csv", ROWS)

    linsheng("responses", "import", "town", file, "--text-column", "need", "--area-column", "area")

    async def counts() -> tuple[int, int, dict[str, int], int]:
        survey = await find_survey("town")
        areas = await counts_by_area(survey.id)
        return await count_responses(survey.id), await count_complete(survey.id), await counts_by_language(survey.id), areas[0]

    assert in_database(counts) == (3, 3, {"en": 1, "zh-Hans": 1, "ko": 1}, 1)


def test_import_of_the_same_file_again_adds_nothing(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _written(tmp_path / "needs.csv", ROWS)
    linsheng("responses", "import", "town", file, "--text-column", "need")
    before = _exported(linsheng, "town", tmp_path / "before.json")

    again = linsheng("responses", "import", "town", file, "--text-column", "need")

    assert again.out.startswith("town: 0 answers imported from needs.csv, 3 were there already.\n")
    assert _exported(linsheng, "town", tmp_path / "after.json") == before


def test_import_of_a_file_that_grew_adds_what_is_new(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _written(tmp_path / "needs.csv", ROWS)
    linsheng("responses", "import", "town", file, "--text-column", "need")
    _written(file, [ROWS[0], [PARKING, "", ""], *ROWS[1:]])

    again = linsheng("responses", "import", "town", file, "--text-column", "need")

    assert again.out.startswith("town: 1 answers imported from needs.csv, 3 were there already.\n")


def test_import_counts_two_people_who_wrote_the_same(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _written(tmp_path / "needs.csv", [["need"], [DOCTOR], [PARKING], [DOCTOR], [DOCTOR]])

    result = linsheng("responses", "import", "town", file, "--text-column", "need")

    found = _exported(linsheng, "town", tmp_path / "out.json")
    assert result.out.startswith("town: 4 answers imported")
    assert sorted(entry["answers"]["text"] for entry in found) == sorted([DOCTOR, DOCTOR, DOCTOR, PARKING])
    assert len({entry["id"] for entry in found}) == 4


def test_import_skips_rows_without_text(linsheng: Linsheng, tmp_path: Path) -> None:
    (tmp_path / "needs.csv").write_text(f"id,need\n1,{DOCTOR}\n2,\n\n3,   \n4,{PARKING}\n", encoding="utf-8")

    result = linsheng("responses", "import", "town", tmp_path / "needs.csv", "--text-column", "need")

    assert result.out.startswith("town: 2 answers imported")


def test_import_by_a_channel_counts_for_it(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _written(tmp_path / "needs.csv", ROWS)

    linsheng("responses", "import", "town", file, "--text-column", "need", "--channel", "door-2026")

    assert {entry["channel"] for entry in _exported(linsheng, "town", tmp_path / "out.json")} == {"door-2026"}


def test_import_into_the_bundled_survey_fills_its_first_open_question(linsheng: Linsheng, tmp_path: Path) -> None:
    in_database(bundled_survey)
    file = _written(tmp_path / "needs.csv", ROWS)

    linsheng("responses", "import", "community-needs", file, "--text-column", "need")

    assert sorted(entry["answers"]["need_most"] for entry in _exported(linsheng, "community-needs", tmp_path / "o.json")) == sorted(
        row[0] for row in ROWS[1:]
    )


REFUSED = {
    "missing column": ("a.csv", b"text,lang\nx,en\n", "a.csv has no column 'need'; it has: text, lang."),
    "broken encoding": ("a.csv", "need\nfine\n停车\n".encode() + b"caf\xe9\n", "a.csv, row 3: this is not UTF-8 text. "),
    "empty file": ("a.csv", b"", "a.csv is empty: a table needs a first line with the names of its columns."),
    "blank file": ("a.csv", b"\n\n\n", "a.csv is empty: "),
    "header only": ("a.csv", b"need,lang\n", "a.csv has no texts in the column 'need'."),
    "no texts": ("a.csv", b"id,need\n1,\n2, \n", "a.csv has no texts in the column 'need'."),
    "one megabyte": ("a.csv", b"need\nfine\n" + b"x" * 1_000_000 + b"\n", "a.csv, row 2: the text has 1000000 characters; at most 100000 fit. Nothing was imported."),
    "beyond any cell": ("a.csv", b"need\nfine\n" + b"x" * 2_000_001 + b"\n", "a.csv, row 2: field larger than field limit"),
    "no workbook": ("a.xlsx", b"PK\x03\x04 but nothing more", "a.xlsx is not a readable Excel workbook."),
    "no table": ("a.csv", b"\x89PNG\x00\x00\x00", "a.csv is not a text file. CSV, TSV and XLSX can be read."),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_import_that_cannot_be_read_is_one_line_and_leaves_nothing(linsheng: Linsheng, tmp_path: Path, case: str) -> None:
    name, content, problem = REFUSED[case]
    (tmp_path / name).write_bytes(content)

    result = linsheng("responses", "import", "town", tmp_path / name, "--text-column", "need")

    assert result.problem.startswith(problem)
    assert _surveys(linsheng) == NONE


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--lang-column", "language"], "needs.csv has no column 'language'; it has: need, lang, area."),
        (["--area-column", "lang"], "needs.csv, row 1: there is no area 'en-GB'. Nothing was imported."),
        (["--channel", "a b"], "The channel code 'a b' cannot be used in a link: use letters, digits, hyphens."),
    ],
)
def test_import_with_an_option_that_does_not_fit_is_one_line_and_leaves_nothing(
    linsheng: Linsheng, tmp_path: Path, options: list[str], problem: str
) -> None:
    file = _written(tmp_path / "needs.csv", ROWS)

    result = linsheng("responses", "import", "town", file, "--text-column", "need", *options)

    assert result.problem == problem
    assert _surveys(linsheng) == NONE


def test_import_of_a_missing_file_is_one_line(linsheng: Linsheng, tmp_path: Path) -> None:
    for name in ("none.csv", "none.xlsx"):
        problem = linsheng("responses", "import", "town", tmp_path / name, "--text-column", "need").problem
        assert problem == f"{tmp_path / name} cannot be read: No such file or directory."


def test_import_that_fails_late_adds_nothing_to_what_is_there(linsheng: Linsheng, tmp_path: Path) -> None:
    """The last of 1,001 rows is wrong, and two chunks would have been written before it."""
    linsheng("responses", "import", "town", _written(tmp_path / "first.csv", ROWS), "--text-column", "need")
    before = _exported(linsheng, "town", tmp_path / "before.json")
    rows = [["need", "area"], *([f"{DOCTOR} {number}", "wangjing"] for number in range(1000)), [PARKING, "atlantis"]]

    result = linsheng("responses", "import", "town", _written(tmp_path / "second.csv", rows), "--text-column", "need", "--area-column", "area")

    assert result.problem == "second.csv, row 1001: there is no area 'atlantis'. Nothing was imported."
    assert _exported(linsheng, "town", tmp_path / "after.json") == before


def test_import_whose_storing_fails_adds_nothing(linsheng: Linsheng, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two chunks are written, then the disk is full."""
    linsheng("responses", "import", "town", _written(tmp_path / "first.csv", ROWS), "--text-column", "need")
    before = _exported(linsheng, "town", tmp_path / "before.json")
    rows = [["need"], *([f"{DOCTOR} {number}"] for number in range(1200))]
    def fail_late(_: Progress, __: TaskID, *, completed: float) -> None:
        if completed >= 1000:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "update", fail_late)
        result = linsheng("responses", "import", "town", _written(tmp_path / "second.csv", rows), "--text-column", "need")

    assert "No space left on device" in result.problem
    assert _exported(linsheng, "town", tmp_path / "after.json") == before


def test_import_into_a_survey_without_an_open_question_is_one_line(linsheng: Linsheng, tmp_path: Path) -> None:
    form = json.loads(write_form(bundled_form()))
    for section in form["sections"]:
        section["questions"] = [question for question in section["questions"] if question.get("use") != "needs"]
    form["sections"] = [section for section in form["sections"] if section["questions"]]
    (tmp_path / "closed-questions.json").write_text(json.dumps(form), encoding="utf-8")
    assert linsheng("survey", "import", tmp_path / "closed-questions.json").status == 0

    result = linsheng("responses", "import", "closed-questions", _written(tmp_path / "needs.csv", ROWS), "--text-column", "need")

    assert result.problem == "The survey closed-questions has no open question that could hold these texts."


def test_import_under_a_name_that_no_address_takes_leaves_nothing(linsheng: Linsheng, tmp_path: Path) -> None:
    result = linsheng("responses", "import", "My Town", _written(tmp_path / "needs.csv", ROWS), "--text-column", "need")

    assert result.problem == "'My Town' cannot be used in an address: use small letters, digits and hyphens."
    assert _surveys(linsheng) == NONE


def test_import_on_postgresql(
    linsheng: Linsheng, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_settings: Settings
) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", postgres_settings.database)
    file = _written(tmp_path / "needs.csv", [["need"], *([f"{DOCTOR} {n}"] for n in range(600)), ["NUL \x00 in it"]])

    first = linsheng("responses", "import", "town", file, "--text-column", "need")
    second = linsheng("responses", "import", "town", file, "--text-column", "need")

    assert first.out.startswith("town: 601 answers imported")
    assert second.out.startswith("town: 0 answers imported")
    assert len(_exported(linsheng, "town", tmp_path / "out.json")) == 601


def test_import_of_a_hundred_thousand_rows(linsheng: Linsheng, tmp_path: Path) -> None:
    """A minute is ten times what it takes on an idle office PC."""
    file = _written(tmp_path / "many.csv", [["need", "lang"], *([f"{DOCTOR} {number}", "en"] for number in range(100_000))])
    began = time.process_time()

    result = linsheng("responses", "import", "city", file, "--text-column", "need", "--lang-column", "lang")

    async def counts() -> tuple[int, int]:
        survey = await find_survey("city")
        return await count_responses(survey.id), await count_complete(survey.id)

    assert result.out.startswith("city: 100000 answers imported from many.csv, 0 were there already.")
    assert in_database(counts) == (100_000, 100_000)
    assert time.process_time() - began < 60  # of this process: the machine may be busy


def _texts(path: Path) -> list[str]:
    """The texts of a real file, as Python's own reader reads them."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [row["text"].strip() for row in csv.DictReader(stream, delimiter="\t")]


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the real texts are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("en_city_requests.tsv", "en"),
        ("ko_petitions.tsv", "ko"),
        ("sib200_train_10_languages.tsv", "zh-Hans"),
        ("zh_government_messages.tsv", "zh-Hans"),
    ],
)
def test_import_of_the_beginning_of_real_texts(linsheng: Linsheng, tmp_path: Path, name: str, language: str) -> None:
    texts = _texts(TEXTS / name)[:60]
    file = _written(tmp_path / name, [["text"], *([text] for text in texts)])

    result = linsheng("responses", "import", "town", file, "--text-column", "text")

    found = _exported(linsheng, "town", tmp_path / "out.json")
    assert result.out.startswith(f"town: 60 answers imported from {name}")
    assert sorted(entry["answers"]["text"] for entry in found) == sorted(texts)
    assert sum(entry["language"] == language for entry in found) >= 57  # at most one in twenty is named wrong


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the real texts are not beside this checkout")
def test_import_of_a_whole_real_file(linsheng: Linsheng, tmp_path: Path) -> None:
    file = TEXTS / "en_bowling_green.tsv"

    result = linsheng("responses", "import", "bowling-green", file, "--text-column", "text", "--lang-column", "lang")

    texts = _texts(file)
    found = _exported(linsheng, "bowling-green", tmp_path / "out.json")
    assert result.out.startswith(f"bowling-green: {len(texts)} answers imported")
    assert sorted(entry["answers"]["text"] for entry in found) == sorted(texts)


def _some_answers() -> None:
    async def work() -> None:
        survey = await bundled_survey()
        receipts = await record(
            survey,
            [
                Person(need='=HYPERLINK("http://evil")', change="two\nlines", page="ko", more={"participation": ["events", "teach"]}),
                Person(need=PARKING, area="donghu", days_ago=1),
                Person(need="withdrawn"),
            ],
        )
        await withdraw(receipts[2].code)

    in_database(work)


def test_export_as_json_has_the_shape_that_others_build_on(linsheng: Linsheng, tmp_path: Path) -> None:
    _some_answers()

    result = linsheng("responses", "export", "community-needs", "--format", "json", "--out", tmp_path / "out.json")

    found = json.loads((tmp_path / "out.json").read_bytes())
    assert result.out == f"2 answers written to {tmp_path / 'out.json'}.\n"
    assert {tuple(entry) for entry in found} == {
        ("id", "survey_version", "language", "channel", "area", "wave", "received_on", "source", "flags", "answers")
    }
    first = next(entry for entry in found if entry["language"] == "ko")
    assert (first["survey_version"], first["channel"], first["area"], first["wave"]) == (1, None, "wangjing", 1)
    assert first["answers"]["participation"] == ["events", "teach"]
    assert first["answers"]["change_first"] == "two\nlines"
    assert time.strptime(first["received_on"], "%Y-%m-%d")


async def _unmasked_exports() -> list[dict[str, Any]]:
    return await AuditEvent.select(AuditEvent.actor).where(AuditEvent.action == "responses.exported_unmasked")


def test_export_masks_what_is_personal_unless_asked_for(linsheng: Linsheng, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\n车棚太旧，电话13800138000\nmail me: lin@example.com\n停车位不够\n", encoding="utf-8")
    assert linsheng("responses", "import", "town", tmp_path / "in.csv", "--text-column", "text").status == 0
    out = tmp_path / "out.json"

    def texts() -> set[str]:
        return {text for entry in json.loads(out.read_text()) for text in entry["answers"].values()}

    masked = linsheng("responses", "export", "town", "--format", "json", "--out", out)
    assert masked.status == 0
    assert texts() == {"车棚太旧，电话[电话]", "mail me: [邮箱]", "停车位不够"}
    assert in_database(_unmasked_exports) == []
    whole = linsheng("responses", "export", "town", "--format", "json", "--out", out, "--with-personal-data")
    assert whole.status == 0
    assert texts() == {"车棚太旧，电话13800138000", "mail me: lin@example.com", "停车位不够"}
    assert in_database(_unmasked_exports) == [{"actor": "command line"}]


@pytest.mark.parametrize("number", [4, 5])
def test_export_tells_nothing_twice_and_nothing_less_over_many_pages(
    linsheng: Linsheng, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr("survey.responses.queries.PAGE", 2)

    async def write() -> None:
        await record(await bundled_survey(), [Person(need=f"{DOCTOR} {n}") for n in range(number)])

    in_database(write)

    found = _exported(linsheng, "community-needs", tmp_path / "out.json")

    assert len({entry["id"] for entry in found}) == number
    assert sorted(entry["answers"]["need_most"] for entry in found) == [f"{DOCTOR} {n}" for n in range(number)]


def test_export_as_csv_and_xlsx_say_the_same_and_no_formula(linsheng: Linsheng, tmp_path: Path) -> None:
    _some_answers()
    linsheng("responses", "export", "community-needs", "--format", "csv", "--out", tmp_path / "out.csv")
    linsheng("responses", "export", "community-needs", "--format", "xlsx", "--out", tmp_path / "out.xlsx")

    text = (tmp_path / "out.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]
    asked = [item.id for item in bundled_form().items()]
    assert rows[0] == ["id", "survey_version", "language", "channel", "area", "wave", "received_on", "source", "flags", *asked]
    assert [[cell.value or "" for cell in row] for row in sheet.iter_rows()] == rows
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    korean = dict(zip(rows[0], next(row for row in rows if row[2] == "ko"), strict=True))
    assert korean["need_most"] == "'=HYPERLINK(\"http://evil\")"
    assert korean["participation"] == "events;teach"


def test_export_marks_what_looks_careless_and_leaves_nothing_out(linsheng: Linsheng, tmp_path: Path) -> None:
    line: dict[str, Any] = {f"importance_{name}": 2 for name in ("health", "home", "safety", "environment", "transport")}

    async def write() -> None:
        await record(await bundled_survey(), [Person(page="ko", more=line), Person(page="ja")])

    in_database(write)
    linsheng("responses", "export", "community-needs", "--format", "csv", "--out", tmp_path / "out.csv")

    found = {entry["language"]: entry["flags"] for entry in _exported(linsheng, "community-needs", tmp_path / "out.json")}
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_bytes().decode("utf-8-sig"))))
    assert found == {"ko": ["straight_lining"], "ja": []}
    assert {row["language"]: row["flags"] for row in rows} == {"ko": "straight_lining", "ja": ""}


def test_export_has_a_column_for_every_item_and_what_was_said_at_other(linsheng: Linsheng, tmp_path: Path) -> None:
    """"Other" texts that go missing are what users of other systems complain of (heyform#309)."""
    answers = {
        "kind": "sport", "place": "other", "place_other": "tea house", "reasons": ["price", "other"], "reasons_other": "=1+1", "visits": 3,
        "services": None, "services.library.importance": 4, "services.sports_hall.satisfaction": "dont_know", "walk": 2.5,
        "order": ["theatre", "library"], "since": "2021-03-04", "may_quote": "yes",
    }  # fmt: skip
    given = {name: value for name, value in answers.items() if value is not None}

    async def write() -> None:
        await create_survey(slug="every", form=every_type())
        await open_survey("every", actor="test", role="administrator")
        entrance = await entrance_to("every")
        clean = entrance.clean(given)
        made = entrance.submission(client_id="x" * 20, language="ko", answers=clean, channel=None, source="assisted")
        await Recorder(SECRET).record_all_or_nothing([made])

    in_database(write)
    linsheng("responses", "export", "every", "--format", "csv", "--out", tmp_path / "out.csv")

    [entry] = _exported(linsheng, "every", tmp_path / "out.json")
    [row] = csv.DictReader(io.StringIO((tmp_path / "out.csv").read_bytes().decode("utf-8-sig")))
    assert entry["answers"] == given
    assert row["source"] == entry["source"] == "assisted"
    shown = {name: row[name] for name in given}
    assert shown == {
        "kind": "sport", "place": "other", "place_other": "tea house", "reasons": "price;other", "reasons_other": "'=1+1", "visits": "3",
        "services.library.importance": "4", "services.sports_hall.satisfaction": "dont_know", "walk": "2.5",
        "order": "theatre;library", "since": "2021-03-04", "may_quote": "yes",
    }  # fmt: skip
    assert list(row)[9:] == [item.id for item in every_type().items()]


def test_export_of_a_survey_without_answers_is_an_empty_table(linsheng: Linsheng, tmp_path: Path) -> None:
    in_database(lambda: create_survey(slug="empty", form=bundled_form()))

    assert _exported(linsheng, "empty", tmp_path / "out.json") == []


def test_export_that_cannot_be_written_is_one_line(linsheng: Linsheng, tmp_path: Path) -> None:
    in_database(bundled_survey)
    out = tmp_path / "no" / "out.json"

    assert linsheng("responses", "export", "community-needs", "--format", "json", "--out", out).problem == (
        f"{out} cannot be written: No such file or directory."
    )
    assert linsheng("responses", "export", "nowhere", "--format", "json", "--out", out).problem == "There is no survey named nowhere."


def test_export_as_xlsx_says_when_a_cell_of_excel_is_too_small(linsheng: Linsheng, tmp_path: Path) -> None:
    long = f"{DOCTOR} " * 1500
    linsheng("responses", "import", "town", _written(tmp_path / "long.csv", [["need"], [long], [PARKING]]), "--text-column", "need")

    result = linsheng("responses", "export", "town", "--format", "xlsx", "--out", tmp_path / "out.xlsx")
    whole = linsheng("responses", "export", "town", "--format", "csv", "--out", tmp_path / "out.csv")

    assert result.err.startswith("1 cells hold more than Excel takes and were cut at 32000 characters")
    assert whole.err == ""
    assert long.strip() in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
