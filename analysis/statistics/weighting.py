"""Weights that make the respondents agree with known margins, what they cost, and shares with and without them.

Raking (iterative proportional fitting): the weights of each category are multiplied by target / weighted share, variable by
variable, until all agree. One variable is post-stratification; for cells, cross variables into one. Weights mend only
differences in the variables they know, and no margin of error may be derived from them in an open survey.

Sources: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444. Kish (1965), *Survey Sampling*, 11.7;
design effect deff = n Σw² / (Σw)², n_eff = n / deff. DeBell and Krosnick (2009), ANES Technical Report nes012427 (limit 5).
Canty and Davison (1999), The Statistician 48, 379-391 (resamples are weighted anew, so that the interval knows that weights vary).

Respondents who are alike in all that is weighted by are a cell: what takes `sizes` takes one position a cell, and a million
respondents cost no more than a hundred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.statistics.intervals import CONFIDENCE
from analysis.statistics.resampling import (
    RESAMPLES,
    Resampled,
    StatisticUndefined,
    finite_population_factor,
    percentile_intervals,
)
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
    """Weights with mean 1 in the order of the respondents (or cells of `sizes` respondents each), and how they came about.

    `collapsed`: by variable, the categories that were joined into one for want of respondents, each group sorted.
    `trimmed`: how many respondents' weights stand at the limit. `gap`: the largest difference of a weighted share to its target, 0 but
    for rounding unless weights were trimmed. `rounds`: how often all variables were gone through.
    """

    values: Floats
    sizes: Floats
    rounds: int
    collapsed: dict[str, list[tuple[str, ...]]]
    trimmed: int
    gap: float

    @property
    def deff(self) -> float:
        return design_effect(self.values, self.sizes)

    @property
    def n_eff(self) -> float:
        return float(self.sizes.sum()) / self.deff


@dataclass(frozen=True)
class BothShares:
    """A share as counted, beside the same share weighted."""

    unweighted: Share
    weighted: Share


def design_effect(weights: Sequence[float] | Floats, sizes: Sequence[float] | Floats | None = None) -> float:
    """Return Kish's n Σw² / (Σw)²: 1 for equal weights, more for all others. ValueError for weights not above 0.

    Examples
    --------
    >>> weights = [1] * 50 + [2] * 30 + [5] * 20
    >>> round(design_effect(weights), 4), round(len(weights) / design_effect(weights), 2)
    (1.5193, 65.82)
    >>> round(design_effect([1, 2, 5], [50, 30, 20]), 4)
    1.5193

    """
    array = np.asarray(weights, dtype=float)
    counts = _sizes(sizes, array.size)
    if not array.size or not ((array > 0) & (array < np.inf)).all():
        raise ValueError("There are weights, each above 0.")
    return float(counts.sum() * (counts @ array**2) / (counts @ array) ** 2)


def rake(
    answers: Mapping[str, Sequence[str]],
    margins: Mapping[str, Mapping[str, float]],
    *,
    sizes: Sequence[int] | NDArray[np.int64] | None = None,
    minimum: int = MINIMUM,
    limit: float | None = LIMIT,
) -> Weights:
    """Return weights by which the respondents agree with the margins of every variable.

    `answers`: by variable, each respondent's category, or each cell's with its number of respondents in `sizes`; `margins`: by variable, the population of each category, above 0, in
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
    counts = _check(answers, margins, sizes, minimum, limit)
    n = float(counts.sum())
    collapsed = {}
    variables = []
    for name, margin in margins.items():
        of_category: Counter[str] = Counter()
        for category, people in zip(answers[name], counts.tolist(), strict=True):
            of_category[category] += int(people)
        groups = _collapse(of_category, margin, minimum)
        collapsed[name] = [group for group in groups if len(group) > 1]
        code = {category: i for i, group in enumerate(groups) for category in group}
        targets = np.array([sum(margin[category] for category in group) for group in groups], dtype=float)
        variables.append((np.array([code[category] for category in answers[name]]), targets / targets.sum() * n))
    weights, rounds = _fit(variables, counts)
    trimmed = 0
    if limit is not None:
        weights, trimmed = _trim(weights, counts, limit)
    return Weights(weights, counts, rounds, {k: v for k, v in collapsed.items() if v}, trimmed, _gap(weights, counts, variables))


def both_shares(
    yes: Sequence[float], weights: Sequence[float] | Floats, population: Population, *, sizes: Sequence[float] | Floats | None = None
) -> BothShares:
    """Return the share of yes, counted and weighted. `yes`: of each position, how many of its `sizes` (1) said so.

    ValueError where answers and weights are not the same in number, or more said yes than there are.

    Examples
    --------
    >>> both = both_shares([True, True, False], [0.5, 0.5, 2.0], Population.RESIDENT)
    >>> round(both.unweighted.value, 3), round(both.weighted.value, 3)
    (0.667, 0.333)

    """
    said, array = np.asarray(yes, dtype=float), np.asarray(weights, dtype=float)
    if said.shape != array.shape:
        raise ValueError("Every respondent has one answer and one weight.")
    counts = _sizes(sizes, array.size)
    design_effect(array, counts)
    if not ((said >= 0) & (said <= counts)).all():
        raise ValueError("As many said yes as there are, at most.")
    total = float(counts @ array)
    weighted = Share(min(float(said @ array), total), total, population)
    return BothShares(Share(int(said.sum()), int(counts.sum()), population), weighted)


def weighted_share_intervals(
    yes: Mapping[str, Sequence[int]],
    sizes: Sequence[int],
    cells: Mapping[str, Sequence[str]],
    margins: Mapping[str, Mapping[str, float]],
    *,
    rng: np.random.Generator,
    population: int | None = None,
    minimum: int = MINIMUM,
    limit: float | None = LIMIT,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
) -> dict[str, Resampled]:
    """Return the bootstrap interval of each weighted share of yes. Every resample is raked anew, with collapsing and trimming.

    `yes`: by question, how many of each cell's `sizes` respondents said so; `cells`: by variable, each cell's category. So the
    interval knows that the weights depend on who happened to answer.

    The resamples are those of a bootstrap of the respondents themselves. How often each respondent is drawn, in n draws with replacement,
    is multinomial (Efron and Tibshirani 1993, chapter 20), and sums of multinomial counts are multinomial again: the sizes of the
    cells are multinomial with the shares of the cells, and given a cell's size, how many of it said yes is binomial with their share
    in it. A weighted share depends on the respondents through these counts alone. One draw of sizes serves all questions; between
    questions the draws are independent, which no single interval can tell.

    Resamples that cannot be raked are left out and counted; StatisticUndefined where those are more than 5 %. `population`: of how many
    the respondents were drawn, for the finite population correction. Never a margin of error in an open survey, where
    nobody knows by what chance people came.

    Examples
    --------
    >>> found = weighted_share_intervals(
    ...     {"visa": [300_000, 50_000]}, [600_000, 400_000], {"area": ["wangjing", "jianwai"]},
    ...     {"area": {"wangjing": 1, "jianwai": 1}}, rng=np.random.default_rng(1),
    ... )["visa"].interval
    >>> round(found.estimate, 4), round(found.low, 3), round(found.high, 3)
    (0.3125, 0.312, 0.313)

    """
    total = np.asarray(sizes, dtype=np.int64)
    said = np.array([np.asarray(counts, dtype=np.int64) for counts in yes.values()]).reshape(len(yes), -1)
    if any(len(cells[name]) != total.size for name in margins) or said.shape != (len(yes), total.size if yes else 0):
        raise ValueError("Every cell has one size, and one answer to each question.")
    if not ((said >= 0) & (said <= total)).all():
        raise ValueError("As many said yes as there are, at most.")
    if resamples < 1 or not 0 < confidence < 1:
        raise ValueError("Resamples are at least one, and a confidence lies between 0 and 1.")
    n = int(total.sum())

    def shares(drawn: NDArray[np.int64], yes_of_them: NDArray[np.int64]) -> Floats:
        weights = rake(cells, margins, sizes=drawn, minimum=minimum, limit=limit).values
        return np.asarray(yes_of_them @ weights / n, dtype=float)

    estimates = shares(total, said)
    rates = said / np.maximum(total, 1)
    values = []
    for _ in range(resamples):
        drawn = rng.multinomial(n, total / n)
        chosen = rng.binomial(drawn, rates)
        try:
            values.append(shares(drawn, chosen))
        except StatisticUndefined:
            continue
    shrink = finite_population_factor(n, population)
    found = percentile_intervals(estimates.tolist(), values, resamples=resamples, shrink=shrink, confidence=confidence)
    return dict(zip(yes, found, strict=True))


def _sizes(sizes: ArrayLike | None, length: int) -> Floats:
    if sizes is None:
        return np.ones(length)
    counts = np.asarray(sizes, dtype=float)
    if counts.shape != (length,) or not ((counts >= 0) & (counts < np.inf)).all():
        raise ValueError("Every cell has one size, not below 0.")
    return counts


def _check(
    answers: Mapping[str, Sequence[str]],
    margins: Mapping[str, Mapping[str, float]],
    sizes: Sequence[int] | NDArray[np.int64] | None,
    minimum: int,
    limit: float | None,
) -> Floats:
    """Return how many respondents each position stands for."""
    if not margins or not margins.keys() <= answers.keys():
        raise ValueError("There is at least one margin, and answers to each.")
    lengths = {len(answers[name]) for name in margins}
    if len(lengths) > 1:
        raise ValueError("Every respondent has one category of each variable.")
    counts = _sizes(sizes, lengths.pop())
    n = counts.sum()
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
    return counts


def _collapse(counts: Counter[str], margin: Mapping[str, float], minimum: int) -> list[tuple[str, ...]]:
    """Join the smallest group with the next smallest until all are large enough; equal ones in the order of their names."""
    groups: list[tuple[int, tuple[str, ...]]] = sorted((counts[category], (category,)) for category in margin)
    while groups[0][0] < minimum:
        (first, some), (second, others), *rest = groups
        groups = sorted([(first + second, tuple(sorted(some + others))), *rest])
    return [group for _, group in groups]


def _fit(variables: list[tuple[NDArray[np.int64], Floats]], sizes: Floats) -> tuple[Floats, int]:
    weights = np.ones(sizes.size)
    for done in range(1, ROUNDS + 1):
        for codes, targets in variables:
            weights = weights * (targets / np.bincount(codes, weights * sizes, minlength=targets.size))[codes]
        if _gap(weights, sizes, variables) <= TOLERANCE:
            return weights * (sizes.sum() / (weights @ sizes)), done
    raise RakingDiverged(f"After {ROUNDS} rounds the weights still contradict a margin.")


def _gap(weights: Floats, sizes: Floats, variables: list[tuple[NDArray[np.int64], Floats]]) -> float:
    gaps = (np.abs(np.bincount(codes, weights * sizes, minlength=t.size) - t).max() for codes, t in variables)
    return float(max(gaps) / sizes.sum())


def _trim(weights: Floats, sizes: Floats, limit: float) -> tuple[Floats, int]:
    """Ends: each round trims another weight, and since the mean is 1, those below the limit never run out."""
    highest = limit * (1 + 1e-12)  # a weight that is above by rounding alone is not trimmed
    is_trimmed = weights > highest
    while True:
        rest = sizes.sum() - limit * sizes[is_trimmed].sum()
        trimmed = np.where(is_trimmed, limit, weights * (rest / (weights * sizes)[~is_trimmed].sum()))
        more = trimmed > highest
        if not (more & ~is_trimmed).any():
            return trimmed, int(sizes[is_trimmed].sum())
        is_trimmed |= more
