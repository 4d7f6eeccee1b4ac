"""Bootstrap intervals for whatever is computed from respondents who were drawn independently. No statistic lives here.

Sources: Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13 (percentile interval). Rao and Wu (1988), JASA 83,
231-241 (finite population: the deviations of the resamples are shrunk, so that their variance is that of sampling without replacement).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.statistics.intervals import CONFIDENCE, Interval

RESAMPLES = 1000
MOST_UNDEFINED = 0.05


class StatisticUndefined(ArithmeticError):
    """These respondents do not determine the number that was asked for."""


@dataclass(frozen=True)
class Resampled:
    """A percentile interval of `resamples` resamples, of which `undefined` gave no number and are left out."""

    interval: Interval
    resamples: int
    undefined: int


def bootstrap(
    statistic: Callable[[NDArray[np.int64]], float],
    n: int,
    *,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
) -> Resampled:
    """Return the statistic of all `n` respondents between the percentiles of its values in samples drawn from them.

    `statistic` takes the positions of the respondents, some repeatedly. StatisticUndefined where it is undefined for all of
    them, or for more than 5 % of the resamples: the interval would then be that of the lucky ones only. A percentile
    interval need not hold the estimate where the statistic is biased.

    Examples
    --------
    >>> values = np.arange(100.0)
    >>> interval = bootstrap(lambda rows: values[rows].mean(), 100, rng=np.random.default_rng(1)).interval
    >>> interval.estimate, interval.contains(49.5), 8 < interval.high - interval.low < 14
    (49.5, True, True)

    """
    if n < 1 or resamples < 1 or not 0 < confidence < 1:
        raise ValueError("Respondents and resamples are at least one, and a confidence lies between 0 and 1.")
    estimate = float(statistic(np.arange(n)))
    values = []
    for _ in range(resamples):
        try:
            values.append(float(statistic(rng.integers(0, n, n))))
        except StatisticUndefined:
            continue
    [found] = percentile_intervals([estimate], [[value] for value in values], resamples=resamples, confidence=confidence)
    return found


def percentile_intervals(
    estimates: Sequence[float], values: Sequence[ArrayLike], *, resamples: int, shrink: float = 1.0, confidence: float = CONFIDENCE
) -> list[Resampled]:
    """Return each estimate between the percentiles of its values, one row a resample that gave numbers, out of `resamples`.

    `shrink` moves the limits towards the estimate (:func:`finite_population_factor`). StatisticUndefined where more than 5 % of
    the resamples gave no number.
    """
    undefined = resamples - len(values)
    if undefined > MOST_UNDEFINED * resamples:
        raise StatisticUndefined(f"{undefined} of {resamples} resamples gave no number: there are too few respondents.")
    lows, highs = np.quantile(np.asarray(values, dtype=float), [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return [
        Resampled(
            Interval(estimate, estimate + shrink * (float(low) - estimate), estimate + shrink * (float(high) - estimate), confidence),
            resamples, undefined,
        )
        for estimate, low, high in zip(estimates, lows, highs, strict=True)
    ]  # fmt: skip


def finite_population_factor(n: int, population: int | None) -> float:
    """Return √((N - n) / (N - 1)), 1 for a population without end. ValueError where n exceeds N.

    Examples
    --------
    >>> round(finite_population_factor(184, 350), 4), finite_population_factor(184, None), finite_population_factor(350, 350)
    (0.6897, 1.0, 0.0)

    """
    if population is None:
        return 1.0
    if not 1 <= n <= population:
        raise ValueError("A sample is not larger than its population.")
    return 0.0 if n == population else math.sqrt((population - n) / (population - 1))
