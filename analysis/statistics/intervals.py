"""Uncertainty of shares, differences of shares and means, and the sample that a margin needs. Weights are in weighting.

Shares, differences, limits, p-values and confidences are plain numbers (0.25, not 25 %). A size n may be an effective one
(:func:`effective_size`), hence no whole number; `inf` means that nothing is left to chance.

Sources: Wilson (1927), JASA 22, 209-212. Newcombe (1998), Statistics in Medicine 17, 873-890, method 10. Cochran (1977),
*Sampling Techniques*, 3rd edition, 2.6 and 4.4. Benjamini and Hochberg (1995), JRSS B 57, 289-300.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

CONFIDENCE = 0.95


class Design(StrEnum):
    """How the respondents came to be in the survey, which decides what may be said about those who are not."""

    PROBABILITY = "probability"  # drawn by chance, each with a known probability
    CENSUS = "census"  # everybody was asked
    OPEN = "open"  # whoever came: an open link, a code on a wall


@dataclass(frozen=True)
class Interval:
    """An estimate between its limits."""

    estimate: float
    low: float
    high: float
    confidence: float = CONFIDENCE

    def contains(self, value: float) -> bool:
        return self.low <= value <= self.high


def effective_size(n: float, *, deff: float = 1.0, population: int | None = None) -> float:
    """Return the size of the simple sample from an endless population that tells as much: n / deff · (N - 1) / (N - n).

    `deff` is the design effect (above 0); the second factor is 1 / FPC² with the finite population correction
    FPC = √((N - n) / (N - 1)). `inf` where everybody answered. ValueError where n is below 1 or exceeds N.

    Examples
    --------
    >>> round(effective_size(184, population=350), 1)
    386.8

    """
    if not n >= 1 or not deff > 0:
        raise ValueError("A sample is at least one, and the design effect is above 0.")
    if population is None:
        return n / deff
    if n > population:
        raise ValueError("A sample is not larger than its population.")
    return math.inf if n == population else n / deff * (population - 1) / (population - n)


def margin_of_error(
    design: Design,
    n: float,
    *,
    share: float = 0.5,
    deff: float = 1.0,
    population: int | None = None,
    confidence: float = CONFIDENCE,
) -> float:
    """Return the half width of the normal interval of a share: z √(p (1 - p) / n_eff), n_eff by :func:`effective_size`.

    ValueError for anything but a probability sample: a census has no sampling error, and nobody knows that of an open one.

    Examples
    --------
    >>> round(margin_of_error(Design.PROBABILITY, 374, population=12_901), 4)
    0.0499

    """
    if design is Design.CENSUS:
        raise ValueError("Everybody was asked: a census has no margin of sampling error; state who did not answer.")
    if design is not Design.PROBABILITY:
        raise ValueError("An open survey is no probability sample: it has no margin of sampling error.")
    _check_share(share)
    return _z(confidence) * math.sqrt(share * (1 - share) / effective_size(n, deff=deff, population=population))


def needed_size(
    margin: float,
    *,
    share: float = 0.5,
    deff: float = 1.0,
    population: int | None = None,
    confidence: float = CONFIDENCE,
) -> int:
    """Return the smallest probability sample whose margin of error is at most `margin` (above 0).

    n = n₀ N / (n₀ + N - 1), rounded up, with n₀ = deff z² p (1 - p) / margin²: :func:`margin_of_error` solved for n.

    Examples
    --------
    >>> needed_size(0.05, population=12_901), needed_size(0.05, population=12_901, deff=1.5)
    (374, 552)

    """
    _check_share(share)
    if not margin > 0 or not deff > 0 or (population is not None and population < 1):
        raise ValueError("The margin and the design effect are above 0, and the population has members.")
    endless = deff * share * (1 - share) * (_z(confidence) / margin) ** 2
    if endless == 0:
        return 1
    return math.ceil(endless if population is None else endless * population / (endless + population - 1))


def wilson_interval(share: float, n: float, *, confidence: float = CONFIDENCE) -> Interval:
    """Return Wilson's score interval: (p + z²/2n ± z √(p (1 - p) / n + z²/4n²)) / (1 + z²/n). Within 0 and 1, holds p.

    Examples
    --------
    >>> interval = wilson_interval(81 / 263, 263)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.2553, 0.3662)

    """
    _check_share(share)
    if not n > 0:
        raise ValueError("A share of nobody has no interval.")
    square = _z(confidence) ** 2 / n
    middle = share + square / 2
    half = math.sqrt(square * (share * (1 - share) + square / 4))
    # In exact arithmetic the limits keep to these bounds by themselves.
    low = 0.0 if share == 0 else min((middle - half) / (1 + square), share)
    high = 1.0 if share == 1 else max((middle + half) / (1 + square), share)
    return Interval(share, max(0.0, low), min(1.0, high), confidence)


def newcombe_interval(
    share: float, n: float, other_share: float, other_n: float, *, confidence: float = CONFIDENCE
) -> Interval:
    """Return the interval of `share - other_share`, two independent shares, from both Wilson intervals (l, u).

    d - √((p₁ - l₁)² + (u₂ - p₂)²) to d + √((u₁ - p₁)² + (p₂ - l₂)²). Within -1 and 1, holds d.

    Examples
    --------
    >>> interval = newcombe_interval(56 / 70, 70, 48 / 80, 80)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0524, 0.3339)

    """
    one = wilson_interval(share, n, confidence=confidence)
    two = wilson_interval(other_share, other_n, confidence=confidence)
    difference = share - other_share
    low = difference - math.hypot(share - one.low, two.high - other_share)
    high = difference + math.hypot(one.high - share, other_share - two.low)
    return Interval(difference, max(-1.0, low), min(1.0, high), confidence)


def two_share_p_value(share: float, n: float, other_share: float, other_n: float) -> float:
    """Return the two-sided p-value of equal shares: z = (p₁ - p₂) / √(p (1 - p) (1/n₁ + 1/n₂)), p the share of both together.

    No continuity correction; z² is Pearson's chi-square of the fourfold table. 1 where nobody or everybody agrees.

    Examples
    --------
    >>> round(two_share_p_value(56 / 70, 70, 48 / 80, 80), 4)
    0.008

    """
    _check_share(share)
    _check_share(other_share)
    if not (0 < n < math.inf and 0 < other_n < math.inf):
        raise ValueError("Both groups have members, and not infinitely many.")
    together = (share * n + other_share * other_n) / (n + other_n)
    variance = together * (1 - together) * (1 / n + 1 / other_n)
    return 1.0 if variance <= 0 else float(2 * ndtr(-abs(share - other_share) / math.sqrt(variance)))


def mean_interval(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Interval:
    """Return Student's interval of a mean: x̄ ± t s / √n with n - 1 degrees of freedom. ValueError for fewer than two values.

    Examples
    --------
    >>> interval = mean_interval([3, 4, 5, 4, 4])
    >>> round(interval.low, 3), round(interval.high, 3)
    (3.122, 4.878)

    """
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or array.size < 2 or not np.isfinite(array).all():
        raise ValueError("An interval of a mean needs at least two values, all of them numbers.")
    _z(confidence)
    mean = float(array.mean())
    half = float(stdtrit(array.size - 1, (1 + confidence) / 2) * array.std(ddof=1) / math.sqrt(array.size))
    return Interval(mean, mean - half, mean + half, confidence)


def adjusted_p_values(p_values: Sequence[float]) -> list[float]:
    """Return Benjamini and Hochberg's adjusted p-values in the given order: p₍ᵢ₎ m / i, each at most its successor.

    Examples
    --------
    >>> [round(p, 3) for p in adjusted_p_values([0.01, 0.04, 0.03, 0.5])]
    [0.04, 0.053, 0.053, 0.5]

    """
    array = np.asarray(p_values, dtype=float)
    if not ((array >= 0) & (array <= 1)).all():
        raise ValueError("A p-value lies between 0 and 1.")
    order = np.argsort(array)
    raw = array[order] * array.size / np.arange(1, array.size + 1)
    adjusted = np.empty_like(array)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
    return [float(p) for p in adjusted]


def discoveries(p_values: Sequence[float], *, rate: float = 0.05) -> list[bool]:
    """Return which tests may be called discoveries if a share of at most `rate` of them is to be false, on average."""
    return [p <= rate for p in adjusted_p_values(p_values)]


def _z(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError("A confidence lies between 0 and 1.")
    return float(ndtri((1 + confidence) / 2))


def _check_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError("A share lies between 0 and 1.")
