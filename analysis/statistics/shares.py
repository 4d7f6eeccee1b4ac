"""Shares of respondents of one kind. A unit speaks for many residents: their counts have no sum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Population(StrEnum):
    """Who answers."""

    RESIDENT = "resident"
    UNIT = "unit"
    ORGANISATION = "organisation"


@dataclass(frozen=True)
class Share:
    """`count` of `total` respondents of one kind; weighted ones need not be whole numbers.

    Added to another share of the same kind it is the share in both groups together; ValueError for two kinds.

    Examples
    --------
    >>> both = Share(30, 40, Population.RESIDENT) + Share(10, 60, Population.RESIDENT)
    >>> both.value
    0.4

    """

    count: float
    total: float
    population: Population

    def __post_init__(self) -> None:
        if not (0 <= self.count <= self.total and 0 < self.total < math.inf):
            raise ValueError("A share is a part of at least one respondent.")

    @property
    def value(self) -> float:
        return self.count / self.total

    def __add__(self, other: Share) -> Share:
        if not isinstance(other, Share):
            return NotImplemented
        if self.population != other.population:
            raise ValueError(f"Respondents of two kinds cannot be added: {self.population} and {other.population}.")
        return Share(self.count + other.count, self.total + other.total, self.population)
