"""linsheng facilities import: whole files or nothing, unless the good rows are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.insight.facilities import facility_counts, list_facilities
from tests.cli.conftest import Linsheng, in_database
from tests.insight.test_facilities import facility

GOOD = "facility,start,end,visits\nlibrary,2026-01-01,2026-01-31,500\n"


@pytest.fixture
def library(linsheng: Linsheng) -> None:
    in_database(facility)


def _visits() -> list[int]:
    async def found() -> list[int]:
        return [count.visits for one in await list_facilities(None) for count in await facility_counts(one.id)]

    return in_database(found)  # type: ignore[return-value]


def test_file_is_imported_and_the_same_again_changes_nothing(linsheng: Linsheng, library: None, tmp_path: Path):
    file = tmp_path / "visits.csv"
    file.write_text(GOOD, encoding="utf-8")

    first, again = linsheng("facilities", "import", file), linsheng("facilities", "import", file)
    file.write_text(GOOD.replace("500", "510"), encoding="utf-8")
    changed = linsheng("facilities", "import", file)

    assert first.out == "visits.csv: 1 counts stored, 0 replaced, 0 were there already.\n"
    assert again.out == "visits.csv: 0 counts stored, 0 replaced, 1 were there already.\n"
    assert changed.out == "visits.csv: 0 counts stored, 1 replaced, 0 were there already.\n"
    assert _visits() == [510]


def test_file_with_a_bad_row_is_refused_unless_the_good_rows_are_asked_for(linsheng: Linsheng, library: None, tmp_path: Path):
    file = tmp_path / "visits.csv"
    file.write_text(GOOD + "gym,2026-01-01,2026-01-31,x\n", encoding="utf-8")

    refused = linsheng("facilities", "import", file)
    before = _visits()
    kept = linsheng("facilities", "import", "--keep-good-rows", file)

    assert refused.problem == (
        "visits.csv was not imported, 1 rows are wrong: row 2 (line 3 of the sheet): there is no facility with this code or name: 'gym'. "
        "Add it at the desk first, or correct the name. row 2 (line 3 of the sheet): 'x' in visits is no whole number. Write digits only. "
        "The other 1 rows are good: --keep-good-rows stores them."
    )
    assert before == []
    assert kept.out.startswith("visits.csv: 1 counts stored, 0 replaced, 0 were there already.\n1 rows were left out: row 2 (line 3 of the sheet)")
    assert _visits() == [500]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("facility,start\n", "visits.csv has no column end (结束日期), visits (人次); it has: facility, start."),
        ("facility,start,end,visits\n", "visits.csv has no row that can be stored."),
    ],
)
def test_file_without_columns_or_rows_is_refused(linsheng: Linsheng, library: None, tmp_path: Path, text: str, problem: str):
    file = tmp_path / "visits.csv"
    file.write_text(text, encoding="utf-8")

    assert linsheng("facilities", "import", file).problem == problem
