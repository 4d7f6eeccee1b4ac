"""Bootstrap intervals for whatever is computed from respondents who were drawn independently. No statistic lives here.

Source: Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13 (percentile interval).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    undefined = resamples - len(values)
    if undefined > MOST_UNDEFINED * resamples:
        raise StatisticUndefined(f"{undefined} of {resamples} resamples gave no number: there are too few respondents.")
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Resampled(Interval(estimate, float(low), float(high), confidence), resamples, undefined)
