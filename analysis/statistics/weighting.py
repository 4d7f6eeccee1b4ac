"""Weights that make the respondents agree with known margins, what they cost, and shares with and without them.

Raking (iterative proportional fitting): the weights of each category are multiplied by target / weighted share, variable by
variable, until all agree. One variable is post-stratification; for cells, cross variables into one. Weights mend only
differences in the variables they know, and no margin of error may be derived from them in an open survey.

Sources: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444. Kish (1965), *Survey Sampling*, 11.7;
design effect deff = n Σw² / (Σw)², n_eff = n / deff. DeBell and Krosnick (2009), ANES Technical Report nes012427 (limit 5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.intervals import CONFIDENCE
from analysis.statistics.resampling import RESAMPLES, Resampled, StatisticUndefined, bootstrap
from analysis.statistics.shares import Population, Share

MINIMUM = 5
LIMIT = 5.0
ROUNDS = 1000
TOLERANCE = 1e-11

Floats = NDArray[np.float64]


class RakingDiverged(StatisticUndefined):
    """No weights agree with all margins, or not in the rounds allowed: the margins contradict these respondents."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights with mean 1 in the order of the respondents, and how they came about.

    `collapsed`: by variable, the categories that were joined into one for want of respondents, each group sorted.
    `trimmed`: how many weights stand at the limit. `gap`: the largest difference of a weighted share to its target, 0 but
    for rounding unless weights were trimmed. `rounds`: how often all variables were gone through.
    """

    values: Floats
    rounds: int
    collapsed: dict[str, list[tuple[str, ...]]]
    trimmed: int
    gap: float

    @property
    def deff(self) -> float:
        return design_effect(self.values)

    @property
    def n_eff(self) -> float:
        return self.values.size / self.deff


@dataclass(frozen=True)
class BothShares:
    """A share as counted, beside the same share weighted."""

    unweighted: Share
    weighted: Share


def design_effect(weights: Sequence[float] | Floats) -> float:
    """Return Kish's n Σw² / (Σw)²: 1 for equal weights, more for all others. ValueError for weights not above 0.

    Examples
    --------
    >>> weights = [1] * 50 + [2] * 30 + [5] * 20
    >>> round(design_effect(weights), 4), round(len(weights) / design_effect(weights), 2)
    (1.5193, 65.82)

    """
    array = np.asarray(weights, dtype=float)
    if not array.size or not ((array > 0) & (array < np.inf)).all():
        raise ValueError("There are weights, each above 0.")
    return float(array.size * (array**2).sum() / array.sum() ** 2)


def rake(
    answers: Mapping[str, Sequence[str]],
    margins: Mapping[str, Mapping[str, float]],
    *,
    minimum: int = MINIMUM,
    limit: float | None = LIMIT,
) -> Weights:
    """Return weights by which the respondents agree with the margins of every variable.

    `answers`: by variable, each respondent's category; `margins`: by variable, the population of each category, above 0, in
    any unit (shares will do). A category of fewer than `minimum` respondents is joined with the next smallest of its
    variable, until none is left. Then, if `limit` is not None: weights above `limit` times the mean are set to it and the
    others raised to restore the mean, until none is above. Trimmed weights no longer agree with the margins: see `gap`.

    RakingDiverged where the margins cannot be met; ValueError for answers without a margin or of different length, for a
    limit not above 1, and for fewer than `minimum` respondents.

    Examples
    --------
    >>> area = ["wangjing"] * 60 + ["jianwai"] * 40
    >>> weights = rake({"area": area}, {"area": {"wangjing": 12_901, "jianwai": 12_901}})
    >>> round(float(weights.values[0]), 4), round(float(weights.values[-1]), 4), weights.trimmed
    (0.8333, 1.25, 0)

    """
    n = _check(answers, margins, minimum, limit)
    collapsed = {}
    variables = []
    for name, margin in margins.items():
        groups = _collapse(Counter(answers[name]), margin, minimum)
        collapsed[name] = [group for group in groups if len(group) > 1]
        code = {category: i for i, group in enumerate(groups) for category in group}
        targets = np.array([sum(margin[category] for category in group) for group in groups], dtype=float)
        variables.append((np.array([code[category] for category in answers[name]]), targets / targets.sum() * n))
    weights, rounds = _fit(variables, n)
    trimmed = 0
    if limit is not None:
        weights, trimmed = _trim(weights, limit)
    return Weights(weights, rounds, {k: v for k, v in collapsed.items() if v}, trimmed, _gap(weights, variables))


def both_shares(is_yes: Sequence[bool], weights: Sequence[float] | Floats, population: Population) -> BothShares:
    """Return the share of yes, counted and weighted. ValueError where answers and weights are not the same in number.

    Examples
    --------
    >>> both = both_shares([True, True, False], [0.5, 0.5, 2.0], Population.RESIDENT)
    >>> round(both.unweighted.value, 3), round(both.weighted.value, 3)
    (0.667, 0.333)

    """
    yes = np.asarray(is_yes, dtype=bool)
    array = np.asarray(weights, dtype=float)
    if yes.shape != array.shape:
        raise ValueError("Every respondent has one answer and one weight.")
    design_effect(array)
    total = float(array.sum())
    weighted = Share(min(float(array[yes].sum()), total), total, population)
    return BothShares(Share(int(yes.sum()), yes.size, population), weighted)


def weighted_share_interval(
    is_yes: Sequence[bool],
    answers: Mapping[str, Sequence[str]],
    margins: Mapping[str, Mapping[str, float]],
    *,
    rng: np.random.Generator,
    minimum: int = MINIMUM,
    limit: float | None = LIMIT,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
) -> Resampled:
    """Return the bootstrap interval of the weighted share of yes. Every resample is raked anew, with collapsing and trimming.

    So the interval knows that the weights depend on who happened to answer. Resamples that cannot be raked are left out and
    counted; StatisticUndefined where those are more than 5 %. No finite population correction. In an open survey the interval
    assumes that within the weighted categories it is chance who answers: to be said beside it, and never as a margin of error.
    """
    yes = np.asarray(is_yes, dtype=float)
    columns = {name: np.asarray(answers[name], dtype=object) for name in margins}
    if any(column.shape != yes.shape for column in columns.values()):
        raise ValueError("Every respondent has one answer to each question.")

    def weighted_share(rows: NDArray[np.int64]) -> float:
        resample = {name: column[rows].tolist() for name, column in columns.items()}
        return float(rake(resample, margins, minimum=minimum, limit=limit).values @ yes[rows]) / yes.size

    return bootstrap(weighted_share, yes.size, rng=rng, resamples=resamples, confidence=confidence)


def _check(
    answers: Mapping[str, Sequence[str]], margins: Mapping[str, Mapping[str, float]], minimum: int, limit: float | None
) -> int:
    if not margins or not margins.keys() <= answers.keys():
        raise ValueError("There is at least one margin, and answers to each.")
    lengths = {len(answers[name]) for name in margins}
    if len(lengths) > 1:
        raise ValueError("Every respondent has one category of each variable.")
    n = lengths.pop()
    if minimum < 1 or n < minimum:
        raise ValueError(f"Weights need at least {max(minimum, 1)} respondents.")
    if limit is not None and not limit > 1:
        raise ValueError("The limit of the weights is above their mean, 1.")
    for name, margin in margins.items():
        if not all(0 < size < np.inf for size in margin.values()):
            raise ValueError(f"The population of each category of {name} is above 0.")
        strange = sorted(set(answers[name]) - margin.keys())
        if strange:
            raise ValueError(f"There is no margin of {name} for {', '.join(strange)}.")
    return n


def _collapse(counts: Counter[str], margin: Mapping[str, float], minimum: int) -> list[tuple[str, ...]]:
    """Join the smallest group with the next smallest until all are large enough; equal ones in the order of their names."""
    groups: list[tuple[int, tuple[str, ...]]] = sorted((counts[category], (category,)) for category in margin)
    while groups[0][0] < minimum:
        (first, some), (second, others), *rest = groups
        groups = sorted([(first + second, tuple(sorted(some + others))), *rest])
    return [group for _, group in groups]


def _fit(variables: list[tuple[NDArray[np.int64], Floats]], n: int) -> tuple[Floats, int]:
    weights = np.ones(n)
    for done in range(1, ROUNDS + 1):
        for codes, targets in variables:
            weights = weights * (targets / np.bincount(codes, weights, minlength=targets.size))[codes]
        if _gap(weights, variables) <= TOLERANCE:
            return weights * (n / weights.sum()), done
    raise RakingDiverged(f"After {ROUNDS} rounds the weights still contradict a margin.")


def _gap(weights: Floats, variables: list[tuple[NDArray[np.int64], Floats]]) -> float:
    gaps = (np.abs(np.bincount(codes, weights, minlength=t.size) - t).max() for codes, t in variables)
    return float(max(gaps)) / weights.size


def _trim(weights: Floats, limit: float) -> tuple[Floats, int]:
    """Ends: each round trims another weight, and since the mean is 1, those below the limit never run out."""
    highest = limit * (1 + 1e-12)  # a weight that is above by rounding alone is not trimmed
    is_trimmed = weights > highest
    while True:
        rest = weights.size - limit * is_trimmed.sum()
        trimmed = np.where(is_trimmed, limit, weights * (rest / weights[~is_trimmed].sum()))
        more = trimmed > highest
        if not (more & ~is_trimmed).any():
            return trimmed, int(is_trimmed.sum())
        is_trimmed |= more
