"""What counts of visits say about a facility: use of its places, foreign share, trend. Pure; how they are stored is elsewhere.

Visits are counted, not people. Where something was not counted or is not known, the figures that need it are None: nothing is filled in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from analysis.statistics.disclosure import THRESHOLD, merge_neighbours
from analysis.statistics.intervals import Interval, wilson_interval
from survey.insight.charts.facilities import AreaResources

YEAR = 365
WIDE = 0.5
"""An interval is wide where it is longer than this part of its estimate."""


class Kind(StrEnum):
    LIBRARY = "library"
    HEALTH_CENTRE = "health_centre"
    SERVICE_STATION = "service_station"
    SERVICE_HALL = "service_hall"
    SPORTS_ROOMS = "sports_rooms"
    CLASSES_EVENTS = "classes_events"
    OTHER = "other"


class Level(StrEnum):
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"


class OpenTo(StrEnum):
    EVERYBODY = "everybody"
    AREA = "area"
    """Who lives in its area."""
    MEMBERS = "members"


class Walk(StrEnum):
    """How far it is from most homes of its area, as its staff say: no place of anybody is measured."""

    NEAR = "near"
    """At most 15 minutes on foot."""
    FAR = "far"


CATEGORIES: dict[Kind, str] = {
    Kind.LIBRARY: "culture_leisure", Kind.HEALTH_CENTRE: "health", Kind.SERVICE_STATION: "daily_life_services",
    Kind.SERVICE_HALL: "residence_documents", Kind.SPORTS_ROOMS: "culture_leisure", Kind.CLASSES_EVENTS: "social_integration",
    Kind.OTHER: "daily_life_services",
}  # fmt: skip
"""The need category to which a facility of each kind answers, where nobody chose another."""


class Count(msgspec.Struct, frozen=True):
    """Visits in a period, both days included. `foreign_visits` and `open_hours` are None where nobody counted them."""

    starts_on: dt.date
    ends_on: dt.date
    visits: int
    foreign_visits: int | None = None
    open_hours: float | None = None
    source: str = ""

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1


class Counted(msgspec.Struct, frozen=True):
    """Counts of one facility added up, as far as a row of a list needs them."""

    days: int = 0
    visits: int = 0
    timed_visits: int = 0
    """Those in periods whose open hours were counted, `open_hours` in all."""
    open_hours: float = 0.0
    untimed_days: int = 0
    told_visits: int = 0
    """Those in periods in which foreign visits were counted, `foreign_visits` among them."""
    foreign_visits: int = 0
    told_periods: int = 0


def added_up(counts: Iterable[Count]) -> Counted:
    found = list(counts)
    timed = [count for count in found if count.open_hours is not None]
    told = [count for count in found if count.foreign_visits is not None]
    return Counted(
        days=sum(count.days for count in found),
        visits=sum(count.visits for count in found),
        timed_visits=sum(count.visits for count in timed),
        open_hours=sum(count.open_hours or 0.0 for count in timed),
        untimed_days=sum(count.days for count in found if count.open_hours is None),
        told_visits=sum(count.visits for count in told),
        foreign_visits=sum(count.foreign_visits or 0 for count in told),
        told_periods=len(told),
    )


class Use(msgspec.Struct, frozen=True):
    """How much a facility was used over the days that were counted. None where capacity or hours are not known.

    `utilisation` is visits / (capacity · open hours): 1 says that each place had one visit in every open hour.
    """

    visits: int
    days: int
    a_day: float
    an_hour: float | None
    a_place: float | None
    utilisation: float | None


def use_of(counted: Counted, *, capacity: int | None, hours_per_week: float | None) -> Use | None:
    """Work out the use; None where nothing was counted.

    A period without counted open hours was open as many hours a week as the facility is; where that is not known either, the period
    counts neither in the hours nor in the visits that are divided by them.
    """
    if not counted.days:
        return None
    hours, visits = counted.open_hours, counted.timed_visits
    if hours_per_week is not None:
        hours, visits = hours + hours_per_week * counted.untimed_days / 7, counted.visits
    return Use(
        visits=counted.visits,
        days=counted.days,
        a_day=counted.visits / counted.days,
        an_hour=visits / hours if hours > 0 else None,
        a_place=counted.visits / capacity if capacity else None,
        utilisation=visits / (capacity * hours) if capacity and hours > 0 else None,
    )


class ForeignShare(msgspec.Struct, frozen=True):
    """The share of foreign visits among those of which it was counted, with its Wilson interval.

    `foreign_visits` is None for 1 to 9: the interval then covers all that they may be, and tells no more. The interval takes visits
    for independent of one another; one reader who comes each week makes it too narrow.
    """

    visits: int
    foreign_visits: int | None
    interval: Interval
    is_wide: bool
    is_below_residents: bool

    @property
    def needs_investigation(self) -> bool:
        """Too little is known to say how large the share is, or it is smaller than that of the people who live there."""
        return self.is_wide or self.is_below_residents


def foreign_share(counted: Counted, resident_share: float | None) -> ForeignShare | None:
    """Work out the share; None where foreign visits were not counted."""
    visits, foreign = counted.told_visits, counted.foreign_visits
    if not visits:
        return None
    if foreign < THRESHOLD:
        most = wilson_interval(min(THRESHOLD - 1, visits) / visits, visits)
        interval = Interval(estimate=0.0, low=0.0, high=most.high)
        return ForeignShare(visits, None if foreign else 0, interval, is_wide=True, is_below_residents=_is_below(interval, resident_share))
    interval = wilson_interval(foreign / visits, visits)
    return ForeignShare(
        visits, foreign, interval, is_wide=interval.high - interval.low > WIDE * interval.estimate,
        is_below_residents=_is_below(interval, resident_share),
    )  # fmt: skip


def _is_below(interval: Interval, resident_share: float | None) -> bool:
    return resident_share is not None and interval.high < resident_share


def foreign_stretches(counts: Sequence[Count]) -> list[tuple[dt.date, dt.date, int]]:
    """Foreign visits by period, periods joined until each stretch has at least ten: fewer would be people that somebody knows."""
    told = sorted((count for count in counts if count.foreign_visits is not None), key=lambda count: count.starts_on)
    ends = {count.starts_on: count.ends_on for count in told}
    series = [(count.starts_on, count.foreign_visits or 0) for count in told]
    return [(first, ends[last], visits) for first, last, visits in merge_neighbours(series)]


class Trend(msgspec.Struct, frozen=True):
    """Visits a day in the later half of the counted days against the earlier half."""

    before: float
    after: float

    @property
    def change(self) -> float | None:
        return self.after / self.before - 1 if self.before else None


def trend_of(counts: Sequence[Count]) -> Trend | None:
    """Compare the later with the earlier periods; None for fewer than four. Seasons are not taken out."""
    ordered = sorted(counts, key=lambda count: count.starts_on)
    if len(ordered) < 4:
        return None
    halves = ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]
    before, after = (sum(count.visits for count in half) / sum(count.days for count in half) for half in halves)
    return Trend(before, after)


class ServiceUse(msgspec.Struct, frozen=True):
    """What a survey says about a service. Counts are None where they, or what follows from them, are of fewer than ten people.

    Awareness is of all who answered; satisfaction of those alone who used it and said how satisfied they were.
    """

    people: int
    unknown: int | None
    known_unused: int | None
    used: int | None
    satisfied: int | None
    rated: int | None


def service_use(aware: Mapping[str, int], used: Mapping[str, int], satisfied: Mapping[str, int], points: range) -> ServiceUse | None:
    """Put three questions together: known, used, satisfied (above the middle of the scale). None for fewer than ten people."""
    people = aware.get("yes", 0) + aware.get("no", 0)
    if people < THRESHOLD:
        return None
    users = used.get("yes", 0)
    parts = {"unknown": aware.get("no", 0), "known_unused": max(aware.get("yes", 0) - users, 0), "used": users}
    small = any(0 < n < THRESHOLD for n in parts.values())
    middle = (points[0] + points[-1]) / 2
    rated = sum(satisfied.get(str(point), 0) for point in points)
    happy = sum(satisfied.get(str(point), 0) for point in points if point > middle)
    is_told = not small and all(n == 0 or n >= THRESHOLD for n in (happy, rated - happy, users - rated)) and rated > 0
    return ServiceUse(
        people=people, **{name: None if small else n for name, n in parts.items()},
        satisfied=happy if is_told else None, rated=rated if is_told else None,
    )  # fmt: skip


def pool_areas(areas: Iterable[AreaResources], others: str) -> list[AreaResources]:
    """Tell areas with few residents of a kind together, so that a rate per thousand names no small place. Largest first."""
    ordered = sorted(areas, key=lambda area: (area.foreign, area.residents, area.name))
    pooled: list[AreaResources] = []
    while ordered and (_is_small(ordered[0]) or (pooled and (len(pooled) < 2 or sum(area.foreign for area in pooled) < SMALL_AREA))):
        pooled.append(ordered.pop(0))
    found = sorted(ordered, key=lambda area: (-area.residents, area.name))
    if pooled:
        found.append(
            AreaResources(
                others, sum(area.resources for area in pooled), sum(area.residents for area in pooled), sum(area.foreign for area in pooled),
                is_pooled=True,
            )
        )
    return found


SMALL_AREA = 100
"""Foreign residents below which an area is told together with others: one facility would be more than ten per thousand."""


def _is_small(area: AreaResources) -> bool:
    return area.foreign < SMALL_AREA
