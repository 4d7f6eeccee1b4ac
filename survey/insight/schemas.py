"""What the worker counts of a survey, as it is stored. Exact numbers, for the worker and the panels' makers alone."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec


class Cut(msgspec.Struct):
    """People by one trait: all who answered, those who wrote something, those of each theme (by its id, as text) and category."""

    answered: dict[str, int] = {}
    wrote: dict[str, int] = {}
    themes: dict[str, dict[str, int]] = {}
    categories: dict[str, dict[str, int]] = {}


class Asked(msgspec.Struct, array_like=True):
    """One question among people of one language: to how many it was shown who could leave it empty, and who did; to how many
    who could say that they prefer not to say, and who did.
    """

    asked: int = 0
    left_out: int = 0
    offered: int = 0
    refused: int = 0


class LeftOut(msgspec.Struct):
    """Item non-response: by language and question; and questions of which nobody can tell, with the reason (left_out.Why)."""

    by_language: dict[str, dict[str, Asked]] = {}
    not_assessed: dict[str, str] = {}


class Choices(msgspec.Struct):
    """Answers to single questions, by answer: in all, and by wave."""

    total: dict[str, dict[str, int]] = {}
    by_wave: dict[str, dict[str, dict[str, int]]] = {}


class Reliability(msgspec.Struct):
    """Of the scales of one battery in one language: alpha, and omega where there are three items, each with its limits."""

    battery: str
    language: str
    people: int
    items: int
    alpha: tuple[float, float, float]
    omega: tuple[float, float, float] | None


class ChannelMark(msgspec.Struct):
    """A theme that those who came one way name more or less often than all others do, beyond chance: shares, and their difference."""

    channel: str
    theme: str
    here: float
    elsewhere: float
    difference: tuple[float, float, float]


class Weighting(msgspec.Struct):
    """Shares of themes among those who are not from the mainland, counted and weighted by area to a printed figure."""

    people: int
    source: str
    as_of: dt.date
    deff: float
    n_eff: float
    trimmed: int
    collapsed: list[list[str]]
    """Areas that were joined for want of people, by id."""
    shares: dict[str, tuple[float, float]]
    """By theme: unweighted, weighted."""
    intervals: dict[str, tuple[float, float]] = {}
    """Limits of the weighted shares, by theme; none in an open survey, and where too many resamples could not be weighted."""
    population: int | None = None
    """Of how many people the finite population correction of the intervals speaks; None: there is none in them."""


class WaveState(StrEnum):
    """Whether the present wave could be compared with the one before, and if not, why."""

    FIRST = "first"
    CHANGED = "changed"
    """The open questions do not read the same in both."""
    FEW = "few"
    COMPARED = "compared"


class WaveComparison(msgspec.Struct, frozen=True):
    """`themes` is how many were compared in wave `number`."""

    number: int
    state: WaveState
    themes: int = 0


class Figures(msgspec.Struct):
    """One count of one survey. `themes` to people, `careful` the same without answers that bear a flag."""

    answers: int = 0
    wrote: int = 0
    dates: tuple[dt.date, dt.date] | None = None
    run: int | None = None
    themes: dict[str, int] = {}
    careful_answers: int = 0
    careful_wrote: int = 0
    careful: dict[str, int] = {}
    categories: dict[str, int] = {}
    cuts: dict[str, Cut] = {}
    questions: Cut = msgspec.field(default_factory=Cut)
    """By open question: who wrote there, and their themes."""
    places: Cut = msgspec.field(default_factory=Cut)
    """By area, of those alone who are not from the mainland: whom the printed figures count."""
    choices: Choices = msgspec.field(default_factory=Choices)
    left_out: LeftOut = msgspec.field(default_factory=LeftOut)
    flags: dict[str, int] = {}
    wave_questions: dict[str, dict[str, str]] = {}
    """By wave: the fingerprint of each question that read the same to all of the wave."""
    comparison: WaveComparison | None = None
    reliability: list[Reliability] = []
    channels: list[ChannelMark] | None = None
    """None where no two ways brought enough people to compare."""
    weighting: Weighting | None = None
    """None where nothing is printed to weight to, or where no weights agree with it."""
