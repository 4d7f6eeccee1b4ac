"""Has a share changed? Between the same people asked twice, between two waves of different people, and along many waves.

Sources: McNemar (1947), Psychometrika 12, 153-157. Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology
13:91 (exact and mid-p). Armitage (1955), Biometrics 11, 375-386. Newcombe (1998), see intervals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, ndtr

from analysis.statistics.intervals import CONFIDENCE, Interval, newcombe_interval, two_share_p_value

MINIMUM = 30


@dataclass(frozen=True)
class PairedChange:
    """Of `n` people asked twice, `gained` went from no to yes and `lost` from yes to no. Two-sided p-values of no change."""

    n: int
    gained: int
    lost: int
    exact_p: float
    mid_p: float

    @property
    def difference(self) -> float:
        """The share of yes the second time minus that of the first."""
        return (self.gained - self.lost) / self.n


@dataclass(frozen=True)
class Wave:
    """A share, 0 to 1, and the number of those asked: the effective one where answers are weighted."""

    share: float
    n: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or not 0 < self.n < math.inf:
            raise ValueError("A wave is a share, 0 to 1, of at least some people.")


@dataclass(frozen=True)
class WaveChange:
    """`difference` is that of the shares, later minus earlier. `is_alert`: enough were asked, and no change is excluded."""

    difference: Interval
    p_value: float
    is_large_enough: bool

    @property
    def is_alert(self) -> bool:
        return self.is_large_enough and not self.difference.contains(0.0)


@dataclass(frozen=True)
class Trend:
    """`z` is positive where the shares rise along the scores; two-sided p-value of no linear trend."""

    z: float
    p_value: float


def mcnemar_test(gained: int, lost: int) -> tuple[float, float]:
    """Return the exact and the mid p-value of as many gained as lost, both two-sided.

    With m = min(gained, lost) and the binomial distribution of gained + lost tosses of a fair coin: exact = 2 P(X ≤ m), at
    most 1; mid-p = exact - P(X = m), or 1 - P(X = m) / 2 where gained = lost. The exact one is too cautious with few changes,
    mid-p rejects about as often as it says. ValueError for fewer than none.

    Examples
    --------
    >>> [round(p, 4) for p in mcnemar_test(1, 7)]
    [0.0703, 0.0391]

    """
    if gained < 0 or lost < 0:
        raise ValueError("Fewer than none cannot have changed.")
    changed, fewer = gained + lost, min(gained, lost)
    up_to = float(bdtr(fewer, changed, 0.5))
    below = float(bdtr(fewer - 1, changed, 0.5)) if fewer else 0.0
    if gained == lost:
        return 1.0, 1 - (up_to - below) / 2
    return min(1.0, 2 * up_to), up_to + below


def paired_change(before: Sequence[bool], after: Sequence[bool]) -> PairedChange:
    """Return the change of the same people, given in the same order. ValueError for nobody and for unlike lengths.

    Examples
    --------
    >>> change = paired_change([True, False, False, False], [True, True, True, False])
    >>> change.gained, change.lost, change.difference, change.exact_p
    (2, 0, 0.5, 0.5)

    """
    if not before or len(before) != len(after):
        raise ValueError("The same people, at least one, answer before and after.")
    gained = sum(1 for old, new in zip(before, after, strict=True) if new and not old)
    lost = sum(1 for old, new in zip(before, after, strict=True) if old and not new)
    exact_p, mid_p = mcnemar_test(gained, lost)
    return PairedChange(len(before), gained, lost, exact_p, mid_p)


def wave_change(before: Wave, after: Wave, *, minimum: float = MINIMUM, confidence: float = CONFIDENCE) -> WaveChange:
    """Return the change between two waves of different people, with Newcombe's interval and the test of two shares.

    An alert needs at least `minimum` people in both waves and an interval without 0. The test pools the shares and the
    interval does not, so that they may disagree at the edge; the alert follows the interval, which is what is shown.

    Examples
    --------
    >>> change = wave_change(Wave(0.6, 80), Wave(0.8, 70))
    >>> round(change.difference.low, 4), round(change.difference.high, 4), change.is_alert
    (0.0524, 0.3339, True)

    """
    return WaveChange(
        newcombe_interval(after.share, after.n, before.share, before.n, confidence=confidence),
        two_share_p_value(after.share, after.n, before.share, before.n),
        is_large_enough=min(before.n, after.n) >= minimum,
    )


def trend_test(waves: Sequence[Wave], *, scores: Sequence[float] | None = None) -> Trend:
    """Return the Cochran-Armitage test of a linear trend; `scores` are the times of the waves, equal steps unless given.

    z = Σ sᵢ nᵢ (pᵢ - p) / √(p (1 - p) (Σ nᵢ sᵢ² - (Σ nᵢ sᵢ)² / N)), p the share of all N together. z = 0 and p-value 1 where
    nobody or everybody says yes. ValueError for fewer than two waves, and for scores that are all the same.

    Examples
    --------
    >>> trend = trend_test([Wave(0.30, 100), Wave(0.35, 100), Wave(0.45, 100)])
    >>> round(trend.z, 3), round(trend.p_value, 3)
    (2.201, 0.028)

    """
    times = np.asarray(range(len(waves)) if scores is None else scores, dtype=float)
    if len(waves) < 2 or times.shape != (len(waves),) or not np.isfinite(times).all() or np.ptp(times) == 0:
        raise ValueError("A trend needs at least two waves, each with its score, and not all scores the same.")
    n = np.array([wave.n for wave in waves], dtype=float)
    shares = np.array([wave.share for wave in waves])
    together = float(n @ shares / n.sum())
    times = times - n @ times / n.sum()  # centred, the second term of the variance is 0 and no digits are lost
    variance = together * (1 - together) * float(n @ times**2)
    if variance <= 0:
        return Trend(0.0, 1.0)
    z = float(times @ (n * (shares - together))) / math.sqrt(variance)
    return Trend(z, float(2 * ndtr(-abs(z))))
