"""linsheng evaluate: the tables on the screen and in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.evaluation.datasets import LabelledTexts
from tests.analysis.conftest import FEW_NEEDS
from tests.cli.conftest import Linsheng


def few(part: str) -> LabelledTexts:
    texts = [*(f"the doctor is far {i}" for i in range(12)), *(f"no parking here {i}" for i in range(12))]
    labels = ["health"] * 12 + ["transport_parking"] * 12
    return LabelledTexts(f"few, {part}", texts, ["en"] * 24, labels, FEW_NEEDS, part == "development")


def test_the_tables_are_printed_and_written(linsheng: Linsheng, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.evaluation.datasets.gold_needs", few)

    result = linsheng("evaluate", "--rounds", "10", "--out", tmp_path / "b.md")

    assert result.status == 0
    assert (tmp_path / "b.md").read_text(encoding="utf-8").startswith("# How good the themes are")
    assert "| Linsheng | 1.000" in result.out
    assert "few, test: keyword vote" in result.err


def test_a_place_that_cannot_be_written_is_said_in_a_line(linsheng: Linsheng, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.evaluation.datasets.gold_needs", few)

    result = linsheng("evaluate", "--rounds", "10", "--out", tmp_path / "missing" / "b.md")

    assert result.status == 2
    assert "cannot be written" in result.err
