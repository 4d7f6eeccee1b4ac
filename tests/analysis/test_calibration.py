"""Scores become probabilities only from what people judged, and only where that is honest."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.evaluation.datasets import gold_needs
from analysis.themes.calibration import LEAST_JUDGED, Sureness, calibrate, sureness
from analysis.themes.decisions import Move
from analysis.themes.model import ThemeModel
from analysis.themes.results import Statement
from tests.analysis.conftest import fit, said


def overconfident(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores from 0.5 to 1 that are right only in 2 · score - 1 of the cases."""
    chance = np.random.default_rng(seed)
    scores = chance.uniform(0.5, 1, count)
    return scores, chance.uniform(size=count) < 2 * scores - 1


def test_overconfident_scores_become_probabilities_that_hold() -> None:
    found = calibrate(*overconfident(2_000))

    assert found is not None
    assert found.error < 0.05
    for low in (0.55, 0.7, 0.85):
        scores, right = overconfident(4_000, seed=1)
        here = (scores > low) & (scores < low + 0.1)
        assert found.probability(scores[here]).mean() == pytest.approx(right[here].mean(), abs=0.07)


def test_few_one_sided_or_misleading_judgements_give_no_probabilities() -> None:
    scores, right = overconfident(LEAST_JUDGED)

    assert calibrate(scores[1:], right[1:]) is None
    assert calibrate(scores, np.ones(LEAST_JUDGED, dtype=bool)) is None
    assert calibrate(scores, scores < 0.75) is None


@pytest.mark.parametrize(
    ("score", "band"), [(1.0, "strong"), (0.6, "strong"), (0.59, "likely"), (0.35, "likely"), (0.34, "unsure"), (0.0, "unsure")]
)
def test_bands(score: float, band: str) -> None:
    assert sureness(score) == band


def test_bands_hold_on_our_own_texts() -> None:
    """The shares that the bands promise; half of these texts chose them, the other half did not."""
    data = gold_needs("test")
    model = ThemeModel().fit([Statement(*pair, number) for number, pair in enumerate(zip(data.texts, data.languages, strict=True))])
    right: dict[Sureness, list[bool]] = {band: [] for band in Sureness}
    for label, found in zip(data.labels, model.memberships_, strict=True):
        if found:
            right[sureness(found[0].score)].append(found[0].theme.split(".", maxsplit=1)[0] == label)

    assert np.mean(right[Sureness.STRONG]) >= 0.88
    assert 0.7 <= np.mean(right[Sureness.LIKELY]) <= np.mean(right[Sureness.STRONG])
    assert np.mean(right[Sureness.UNSURE]) <= np.mean(right[Sureness.LIKELY])


def test_model_is_calibrated_once_people_decided_about_200_statements() -> None:
    data = gold_needs("development")
    statements = [Statement(*pair, number, id=number) for number, pair in enumerate(zip(data.texts, data.languages, strict=True))]
    moves = [Move(number, label) for number, label in enumerate(data.labels) if label != "none"][:400]

    model = ThemeModel(decisions=moves).fit(statements)

    assert model.calibration_ is not None
    assert model.calibration_.judged == 400
    assert model.calibration_.error < 0.1
    assert ThemeModel(decisions=moves[:199]).fit(statements).calibration_ is None
    assert fit(said(["doctor"])).calibration_ is None
