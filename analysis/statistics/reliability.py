"""Do the items of a scale measure one thing together? Whether coders agree is in agreement.

Sources: Cronbach (1951), Psychometrika 16, 297-334. McDonald (1999), *Test Theory*, chapter 6. Harman and Jones (1966),
Psychometrika 31, 351-368, with the bound of Harman and Fukuda (1966), 31, 563-571, against negative unique variances (minres).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.intervals import CONFIDENCE
from analysis.statistics.resampling import RESAMPLES, Resampled, StatisticUndefined, bootstrap

MINIMUM = 30
ROUNDS = 5000
TOLERANCE = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """A coefficient of `items` items with its bootstrap interval, from the `n` rows without a gap; `dropped` rows had one.

    1 is perfect. Alpha has no lower bound, and below 0 tells that items are keyed against each other.
    """

    resampled: Resampled
    items: int
    n: int
    dropped: int

    @property
    def value(self) -> float:
        return self.resampled.interval.estimate


def cronbach_alpha(
    answers: Sequence[Sequence[float]] | Floats,
    *,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
) -> Reliability:
    """Return alpha = k / (k - 1) · (1 - Σ item variances / variance of the sum), for two items or more.

    `answers` has a row for each respondent and a column for each item, NaN where there is no answer. Items that run against
    the others must be turned before. ValueError for fewer than 30 rows without a gap, StatisticUndefined where all respondents
    have the same sum.

    Examples
    --------
    >>> answers = [[1, 2], [2, 2], [3, 4], [4, 5], [5, 4]] * 6
    >>> round(cronbach_alpha(answers, rng=np.random.default_rng(1), resamples=100).value, 3)
    0.897

    """
    return _reliability(_alpha, answers, 2, rng=rng, resamples=resamples, confidence=confidence)


def mcdonald_omega(
    answers: Sequence[Sequence[float]] | Floats,
    *,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
) -> Reliability:
    """Return omega total of one factor: (Σλ)² / ((Σλ)² + Σψ), for three items or more.

    λ are the loadings and ψ the unique variances of the unstandardised items, by minres on their correlations: so omega is
    that of the plain sum of the items. Unlike alpha it lets items load unequally. `answers` and errors as in
    :func:`cronbach_alpha`; StatisticUndefined also where an item has the same answer from everybody.

    Examples
    --------
    >>> answers = [[1, 2, 1], [2, 2, 3], [3, 4, 2], [4, 5, 4], [5, 4, 3]] * 6
    >>> round(mcdonald_omega(answers, rng=np.random.default_rng(1), resamples=100).value, 3)
    0.905

    """
    return _reliability(_omega, answers, 3, rng=rng, resamples=resamples, confidence=confidence)


def one_factor_loadings(correlations: Floats) -> Floats:
    """Return the loadings λ, within -1 and 1, that minimise Σ (rᵢⱼ - λᵢλⱼ)² over i ≠ j; their sum is not below 0.

    `correlations` is square, of three items or more. One loading at a time is set to its best value given the others, which
    never makes the fit worse. StatisticUndefined if that does not settle.
    """
    off = correlations - np.diag(np.diag(correlations))
    values, vectors = np.linalg.eigh(correlations)
    loadings = vectors[:, -1] * np.sqrt(values[-1]) * 0.9
    for _ in range(ROUNDS):
        before = loadings.copy()
        for i in range(loadings.size):
            others = float(loadings @ loadings - loadings[i] ** 2)
            best = float(off[i] @ loadings) / others if others > 0 else 0.0
            loadings[i] = min(1.0, max(-1.0, best))
        if np.abs(loadings - before).max() <= TOLERANCE:
            turned: Floats = loadings if loadings.sum() >= 0 else -loadings
            return turned
    raise StatisticUndefined("The items have no single factor that settles.")


def _reliability(
    coefficient: Callable[[Floats], float],
    answers: Sequence[Sequence[float]] | Floats,
    fewest_items: int,
    *,
    rng: np.random.Generator,
    resamples: int,
    confidence: float,
) -> Reliability:
    table = np.asarray(answers, dtype=float)
    if table.ndim != 2 or table.shape[1] < fewest_items:
        raise ValueError(f"The answers are a table of at least {fewest_items} items.")
    if np.isinf(table).any():
        raise ValueError("An answer is a number or missing.")
    whole = table[~np.isnan(table).any(axis=1)]
    n, items = whole.shape
    if n < MINIMUM:
        raise ValueError(f"Only {n} respondents answered all items; reliability needs {MINIMUM}.")
    resampled = bootstrap(lambda rows: coefficient(whole[rows]), n, rng=rng, resamples=resamples, confidence=confidence)
    return Reliability(resampled, items, n, len(table) - n)


def _alpha(table: Floats) -> float:
    covariances: Floats = np.cov(table, rowvar=False)
    own, total = float(np.trace(covariances)), float(covariances.sum())
    if total <= 1e-12 * own:  # 0 but for rounding
        raise StatisticUndefined("All respondents have the same sum.")
    items = int(table.shape[1])
    return items / (items - 1) * (1 - own / total)


def _omega(table: Floats) -> float:
    if not (np.ptp(table, axis=0) > 0).all():
        raise StatisticUndefined("Everybody gave the same answer to an item.")
    covariances = np.cov(table, rowvar=False)
    deviations = np.sqrt(np.diag(covariances))
    standard = one_factor_loadings(covariances / np.outer(deviations, deviations))
    common = float(deviations @ standard) ** 2
    unique = float(deviations**2 @ (1 - standard**2))
    return common / (common + unique)
