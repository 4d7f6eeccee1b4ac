"""What to do first: importance against performance, the share choosing a need among their first, and ranks as points.

Sources: Martilla and James (1977), Journal of Marketing 41, 77-79 (quadrants). Borda (1781), with the points of the places
that a respondent left open shared among the options left out, so that every respondent gives the same number of points.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from analysis.statistics.intervals import Interval
from analysis.statistics.shares import Population, Share

MINIMUM = 30
TOP = 3


class Crosshair(StrEnum):
    """Where the lines between low and high are drawn. The choice decides the quadrants, so that a chart has to name it."""

    SCALE_MIDDLE = "scale middle"  # what people said: on 1 to 5 the line is 3, and all items may be high
    DATA_MEAN = "data mean"  # items against each other: the mean over the items, so that some are always low


class Quadrant(StrEnum):
    CONCENTRATE_HERE = "concentrate here"  # important, done badly
    KEEP_UP = "keep up"  # important, done well
    LOW_PRIORITY = "low priority"  # unimportant, done badly
    POSSIBLE_OVERKILL = "possible overkill"  # unimportant, done well


@dataclass(frozen=True)
class Item:
    """Mean importance and performance of something with their intervals (:func:`intervals.mean_interval`), from `n` people."""

    name: str
    importance: Interval
    performance: Interval
    n: int


@dataclass(frozen=True)
class Placed:
    """An item in its quadrant. Where an interval holds a line, chance may have put the item on this side of it."""

    item: Item
    quadrant: Quadrant
    crosses_importance: bool
    crosses_performance: bool

    @property
    def is_certain(self) -> bool:
        return not (self.crosses_importance or self.crosses_performance)


@dataclass(frozen=True)
class ImportancePerformance:
    """The items in the given order, the lines and the rule that drew them, and the items left out for too few people."""

    crosshair: Crosshair
    importance_line: float
    performance_line: float
    placed: list[Placed]
    left_out: list[Item]


def importance_performance(
    items: Sequence[Item], *, crosshair: Crosshair, scale: tuple[float, float], minimum: int = MINIMUM
) -> ImportancePerformance:
    """Place each item with at least `minimum` people; who stands on a line is on its high side.

    `scale` is the lowest and the highest answer, the same for importance and performance. Items with too few people move no
    line. ValueError where a mean is outside the scale, and where no item has enough people.

    Examples
    --------
    >>> item = Item("bus", Interval(4.6, 4.4, 4.8), Interval(2.1, 1.9, 2.3), 80)
    >>> found = importance_performance([item], crosshair=Crosshair.SCALE_MIDDLE, scale=(1, 5))
    >>> str(found.placed[0].quadrant), found.placed[0].is_certain
    ('concentrate here', True)

    """
    low, high = scale
    if not low < high:
        raise ValueError("The lowest answer of a scale is below its highest.")
    means = [mean.estimate for item in items for mean in (item.importance, item.performance)]
    if not all(low <= mean <= high for mean in means):
        raise ValueError("A mean lies within the scale.")
    enough = [item for item in items if item.n >= minimum]
    if not enough:
        raise ValueError(f"No item was rated by {minimum} people.")
    if crosshair is Crosshair.SCALE_MIDDLE:
        importance_line = performance_line = (low + high) / 2
    else:
        importance_line = fmean(item.importance.estimate for item in enough)
        performance_line = fmean(item.performance.estimate for item in enough)
    return ImportancePerformance(
        crosshair,
        importance_line,
        performance_line,
        [_place(item, importance_line, performance_line) for item in enough],
        [item for item in items if item.n < minimum],
    )


def net_priority(
    rankings: Sequence[Sequence[str]], options: Collection[str], *, population: Population, top: int = TOP
) -> dict[str, Share]:
    """Return by option, in the given order, the share of respondents who have it among their first `top`.

    `rankings` has each respondent's options, best first; few may be named, and an empty ranking counts as naming none.
    ValueError for no respondents, for a top below 1, and for options that are unknown or named twice.

    Examples
    --------
    >>> shares = net_priority([["bus", "clinic"], ["clinic"]], ["bus", "clinic"], population=Population.RESIDENT, top=1)
    >>> shares["bus"].value, shares["clinic"].value
    (0.5, 0.5)

    """
    _check(rankings, options)
    if top < 1:
        raise ValueError("The first ones are at least one.")
    counts = Counter(option for ranking in rankings for option in ranking[:top])
    return {option: Share(counts[option], len(rankings), population) for option in options}


def borda_points(rankings: Sequence[Sequence[str]], options: Collection[str]) -> dict[str, float]:
    """Return by option, in the given order, the mean points: k - 1 for the first of k options, 0 for the last.

    Options that a respondent left out share the points of the places left open equally. ValueError as in
    :func:`net_priority`.

    Examples
    --------
    >>> borda_points([["bus", "clinic", "park"], ["clinic"]], ["bus", "clinic", "park"])
    {'bus': 1.25, 'clinic': 1.5, 'park': 0.25}

    """
    _check(rankings, options)
    best = len(options) - 1
    points: dict[str, list[float]] = {option: [] for option in options}
    for ranking in rankings:
        places = {option: best - place for place, option in enumerate(ranking)}
        shared = (best - len(ranking)) / 2  # the mean of the points from 0 to that of the first open place
        for option, given in points.items():
            given.append(places.get(option, shared))
    return {option: math.fsum(given) / len(rankings) for option, given in points.items()}


def _place(item: Item, importance_line: float, performance_line: float) -> Placed:
    is_important = item.importance.estimate >= importance_line
    is_good = item.performance.estimate >= performance_line
    if is_important:
        quadrant = Quadrant.KEEP_UP if is_good else Quadrant.CONCENTRATE_HERE
    else:
        quadrant = Quadrant.POSSIBLE_OVERKILL if is_good else Quadrant.LOW_PRIORITY
    return Placed(
        item, quadrant, item.importance.contains(importance_line), item.performance.contains(performance_line)
    )


def _check(rankings: Sequence[Sequence[str]], options: Collection[str]) -> None:
    if not rankings or not options or len(set(options)) < len(options):
        raise ValueError("There are rankings of options, and each option is there once.")
    known = set(options)
    for ranking in rankings:
        if len(set(ranking)) < len(ranking) or not known.issuperset(ranking):
            raise ValueError("A ranking names options of the list, each at most once.")
