"""What goes into the analysis and what comes out of it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field

DISCOVERED = "discovered"
"""The category of themes that no category of the lexicon covers."""

HOT = "hot"
"""The second part of a hot issue's key; the first is the category of most of its statements, the third its name."""

LONGEST_LABEL = 80
"""Letters that a theme's key takes of the words it is named after: residents may write a word as long as an answer."""


def category_of(key: str) -> str:
    """The category that a theme's key begins with."""
    return key.split(".", maxsplit=1)[0]


@dataclass(frozen=True)
class Statement:
    """One need in one answer. `person` tells who wrote it, so that people are counted once a theme.

    `is_quotable`: the person allowed these words to be quoted outside. `id` is what people's decisions call the statement.
    """

    text: str
    language: str
    person: Hashable
    is_quotable: bool = True
    id: Hashable = None


@dataclass(frozen=True)
class Membership:
    theme: str
    score: float


@dataclass(frozen=True)
class FoundTheme:
    """`key` is stable: `health.doctor_language`, `health` for its category's other needs, `discovered.ko.주차장` for a new one.

    `people` counts persons, `languages` persons by language. `quotes` are positions in the input; `public_quotes` are
    chosen among the quotable statements alone. `stability` is None for known needs, which do not depend on chance. `is_hot`: many
    people write of one concrete place or thing.
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
    is_hot: bool = False


@dataclass(frozen=True)
class FormerTheme:
    """A theme of an earlier run: what is found again in at least some of the same statements keeps its key and its names."""

    key: str
    names: Mapping[str, str]
    statements: Collection[Hashable]


@dataclass
class Members:
    """The rows of a theme while it is made, with how sure each is."""

    rows: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    stability: float | None = None
    is_hot: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    """Names that are given, in place of those that its words would give."""
