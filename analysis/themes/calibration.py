"""How sure an assignment is, in words that hold: bands until people have judged enough statements, probabilities from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from sklearn.linear_model import LogisticRegression

LEAST_JUDGED = 200
"""Statements that people judged, from which scores are turned into probabilities; both right and wrong ones among them."""


class Sureness(StrEnum):
    """Bands of a score: with the bundled lexicon 0.9 of the strong, 0.8 of the likely and 0.6 of the unsure ones are right on our
    own texts (docs/benchmarks.md); other texts differ, so these are words and not percentages.
    """

    STRONG = "strong"
    LIKELY = "likely"
    UNSURE = "unsure"


STRONG_FROM = 0.6
LIKELY_FROM = 0.35


def sureness(score: float) -> Sureness:
    if score >= STRONG_FROM:
        return Sureness.STRONG
    return Sureness.LIKELY if score >= LIKELY_FROM else Sureness.UNSURE


@dataclass(frozen=True)
class Calibration:
    """P(right) = 1 / (1 + exp(-(slope · logit(score) + intercept))) (Platt 1999), learnt from `judged` statements.

    `error` is the expected calibration error over ten equal parts of them, 0 to 1, each part judged by what the others teach.
    """

    slope: float
    intercept: float
    judged: int
    error: float

    def probability(self, scores: Sequence[float] | np.ndarray) -> np.ndarray:
        """The probability that assignments with these scores (0 to 1) are right."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * _logit(scores) + self.intercept))))


def calibrate(scores: Sequence[float] | np.ndarray, is_right: Sequence[bool] | np.ndarray) -> Calibration | None:
    """Learn from scores that a model gave without knowing what people say, and whether they were right.

    None for fewer than 200, for fewer than 10 right or wrong ones, and where higher scores are not right more often: bands are
    more honest then.
    """
    right = np.asarray(is_right, dtype=bool)
    if len(right) < LEAST_JUDGED or min(right.sum(), (~right).sum()) < 10:
        return None
    given = _logit(scores)
    slope, intercept = _platt(given, right)
    if slope <= 0:
        return None
    part = np.arange(len(right)) % 10  # people judge in no order of scores
    held_out = np.empty(len(right))
    for number in range(10):
        rest = part != number
        if right[rest].all() or not right[rest].any():
            return None
        one, other = _platt(given[rest], right[rest])
        held_out[~rest] = 1 / (1 + np.exp(-(one * given[~rest] + other)))
    return Calibration(slope, intercept, len(right), _expected_error(held_out, right))


def _logit(scores: Sequence[float] | np.ndarray) -> np.ndarray:
    bounded = np.clip(np.asarray(scores, dtype=float), 1e-4, 1 - 1e-4)
    return np.asarray(np.log(bounded / (1 - bounded)))


def _platt(given: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    model = LogisticRegression(C=1.0).fit(given[:, None], right)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _expected_error(probability: np.ndarray, right: np.ndarray) -> float:
    """Mean distance between what is expected and what is so, in ten parts of equal size from the least to the most probable."""
    order = np.argsort(probability, kind="stable")
    gaps = [abs(probability[part].mean() - right[part].mean()) * len(part) for part in np.array_split(order, 10) if len(part)]
    return round(float(sum(gaps) / len(right)), 4)
