"""What goes into the analysis and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DISCOVERED = "discovered"
"""The category of themes that no category of the lexicon covers."""


@dataclass(frozen=True)
class Statement:
    """One need in one answer. `person` tells who wrote it, so that people are counted once a theme.

    `is_quotable`: the person allowed these words to be quoted outside.
    """

    text: str
    language: str
    person: Any
    is_quotable: bool = True


@dataclass(frozen=True)
class Membership:
    theme: str
    score: float


@dataclass(frozen=True)
class FoundTheme:
    """`key` is stable: `health.doctor_language`, `health` for its category's other needs, `discovered.ko.주차장` for a new one.

    `people` counts persons, `languages` persons by language. `quotes` are positions in the input; `public_quotes` are
    chosen among the quotable statements alone. `stability` is None for known needs, which do not depend on chance.
    """

    key: str
    category: str
    names: dict[str, str]
    keywords: dict[str, list[str]]
    people: int
    statements: int
    languages: dict[str, int]
    quotes: list[int]
    public_quotes: list[int]
    stability: float | None = None


@dataclass
class Members:
    """The rows of a theme while it is made, with how sure each is."""

    rows: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    stability: float | None = None
