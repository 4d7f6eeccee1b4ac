"""What a count comes to, as far as it may be told outside: shares, differences, changes, quadrants. Pure; no words, no database.

One rule for all: a number of people is rounded to 5 or None (fewer than ten), and shares and intervals are those of the
numbers shown, so that a reader can check them. Tests use the exact numbers; a difference is only marked where what is shown
excludes chance as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from analysis.statistics.change import Wave, trend_test, wave_change
from analysis.statistics.disclosure import THRESHOLD, exact, pool_small, rounded
from analysis.statistics.importance import Crosshair, Item, Quadrant, importance_performance
from analysis.statistics.intervals import (
    Interval,
    adjusted_p_values,
    mean_interval,
    newcombe_interval,
    two_share_p_value,
    wilson_interval,
)
from analysis.statistics.resampling import StatisticUndefined
from analysis.statistics.shares import Population
from analysis.statistics.weighting import both_shares, rake
from survey.insight.rules import LARGEST_BASE_WITH_WARNING, MAINLAND, Pair, Service
from survey.insight.schemas import Cut, Figures, Weighting

ENOUGH = LARGEST_BASE_WITH_WARNING
"""Groups smaller than this are not compared."""

SMALLEST_DIFFERENCE = 0.05
"""Points that a difference must have to be worth marking, however certain it is."""

FALSE_MARKS = 0.05
"""Of all differences marked in one picture, at most this share is chance, on average (Benjamini and Hochberg)."""


class Part(msgspec.Struct, frozen=True):
    """`people` of `base` as they may be told: None and no share where they are few."""

    people: int | None
    base: int | None

    @property
    def share(self) -> float | None:
        if self.people is None or not self.base:
            return None
        return min(1.0, self.people / self.base)

    @property
    def interval(self) -> Interval | None:
        return None if self.share is None or self.base is None else wilson_interval(self.share, self.base)

    @property
    def is_small_base(self) -> bool:
        return self.base is not None and self.base < ENOUGH


def part(people: int, base: int) -> Part:
    """Nobody at all is no secret; a few are."""
    return Part(0 if people == 0 and base >= THRESHOLD else rounded(people), rounded(base))


def protect_rows(rows: Mapping[str, Mapping[str, int]], groups: Sequence[str]) -> dict[str, dict[str, int | None]]:
    """Hide the small cells of tables whose rows are told with their totals: of each row none or at least two.

    The one place where a table of two dimensions is made fit to be shown.
    """
    found: dict[str, dict[str, int | None]] = {}
    for key, counts in rows.items():
        ordered = sorted(groups, key=lambda group: (counts.get(group, 0), group))
        hidden = [group for group in ordered if 0 < counts.get(group, 0) < THRESHOLD]
        if len(hidden) == 1:
            hidden += [group for group in ordered if group not in hidden and counts.get(group, 0)][:1]
        found[key] = {group: None if group in hidden else rounded(counts.get(group, 0)) or 0 for group in groups}
    return found


# Themes by group


class GroupDifference(msgspec.Struct, frozen=True):
    """One theme among two groups. `difference` is the first's share minus the second's; None where a cell is hidden."""

    theme: str
    first: Part
    second: Part
    difference: Interval | None
    q: float | None
    is_marked: bool


def group_differences(
    themes: Sequence[str], counts: Mapping[str, tuple[int, int]], bases: tuple[int, int]
) -> list[GroupDifference]:
    """Compare two groups of people who wrote, theme by theme; empty where a group is too small to be compared.

    The family over which the p-values are adjusted are the themes that are shown.
    """
    if min(bases) < ENOUGH:
        return []
    shown = protect_rows({key: {"first": counts[key][0], "second": counts[key][1]} for key in themes}, ("first", "second"))
    comparable = [key for key in themes if None not in shown[key].values()]
    p_values = [association_p(counts[key][0], bases[0], counts[key][1], bases[1]) for key in comparable]
    q_values = dict(zip(comparable, adjusted_p_values(p_values) if p_values else [], strict=True))
    found = []
    for key in themes:
        first = Part(shown[key]["first"], rounded(bases[0]))
        second = Part(shown[key]["second"], rounded(bases[1]))
        interval = _difference(first, second)
        q = q_values.get(key)
        is_marked = (
            interval is not None and q is not None and q < FALSE_MARKS
            and abs(interval.estimate) >= SMALLEST_DIFFERENCE and not interval.contains(0.0)
        )  # fmt: skip
        found.append(GroupDifference(key, first, second, interval, q, is_marked))
    return found


def _difference(first: Part, second: Part) -> Interval | None:
    if first.share is None or second.share is None or first.base is None or second.base is None:
        return None
    return newcombe_interval(first.share, first.base, second.share, second.base)


def association_p(first: int, first_base: int, second: int, second_base: int) -> float:
    """Fisher's exact test where an expected number is below 5, else Pearson's chi-square without correction."""
    together, n = first + second, first_base + second_base
    smallest = min(first_base, second_base) * min(together, n - together) / n
    if smallest < 5:
        from scipy.stats import fisher_exact  # slow import, and rarely needed

        return float(fisher_exact([[first, first_base - first], [second, second_base - second]]).pvalue)
    return two_share_p_value(first / first_base, first_base, second / second_base, second_base)


def by_origin(themes: Sequence[str], cut: Cut) -> tuple[dict[str, tuple[int, int]], tuple[int, int]]:
    """By theme, people from elsewhere and from the mainland, and how many of each wrote; who did not say is in neither."""

    def sums(counts: Mapping[str, int]) -> tuple[int, int]:
        elsewhere = sum(n for origin, n in counts.items() if origin not in {"", MAINLAND})
        return elsewhere, counts.get(MAINLAND, 0)

    return {key: sums(cut.themes.get(key, {})) for key in themes}, sums(cut.wrote)


class ChannelDifference(msgspec.Struct, frozen=True):
    channel: str
    found: GroupDifference


def channel_differences(themes: Sequence[str], cut: Cut) -> list[ChannelDifference] | None:
    """What those who came one way name more or less often than all others; None where no two ways brought enough people."""
    total = sum(cut.wrote.values())
    ways = [way for way, n in cut.wrote.items() if n >= ENOUGH and total - n >= ENOUGH]
    if not ways or not themes:
        return None
    keys = [(way, theme) for way in sorted(ways) for theme in themes]
    all_of = {theme: sum(cut.themes.get(theme, {}).values()) for theme in themes}
    tests = []
    for way, theme in keys:
        here = cut.themes.get(theme, {}).get(way, 0)
        tests.append(association_p(here, cut.wrote[way], all_of[theme] - here, total - cut.wrote[way]))
    found = []
    for (way, theme), q in zip(keys, adjusted_p_values(tests), strict=True):
        here = cut.themes.get(theme, {}).get(way, 0)
        [one] = group_differences([theme], {theme: (here, all_of[theme] - here)}, (cut.wrote[way], total - cut.wrote[way]))
        is_marked = one.is_marked and q < FALSE_MARKS
        found.append(ChannelDifference(way, msgspec.structs.replace(one, q=q, is_marked=is_marked)))
    return found


# Waves


class WaveLine(msgspec.Struct, frozen=True):
    """One theme over the waves. `change` is from the last wave but one to the last."""

    theme: str
    parts: list[Part]
    change: Interval | None
    is_marked: bool
    trend_p: float | None


def wave_lines(themes: Sequence[str], cut: Cut) -> tuple[list[str], list[WaveLine]]:
    """The waves that enough people answered, in order, and a line for each theme; empty for fewer than two such waves.

    Nobody is known from one wave to the next, so that the people of two waves are different ones (no pairs).
    """
    waves = sorted((wave for wave, n in cut.wrote.items() if n >= ENOUGH), key=int)
    if len(waves) < 2:
        return waves, []
    shown = protect_rows({key: cut.themes.get(key, {}) for key in themes}, waves)
    lines = []
    for key in themes:
        parts = [Part(shown[key][wave], rounded(cut.wrote[wave])) for wave in waves]
        known = [Wave(p.share, p.base) for p in parts if p.share is not None and p.base]
        before, after = parts[-2], parts[-1]
        change = None
        if before.share is not None and before.base and after.share is not None and after.base:
            change = wave_change(Wave(before.share, before.base), Wave(after.share, after.base), minimum=ENOUGH)
        counts = [(cut.themes.get(key, {}).get(wave, 0), cut.wrote[wave]) for wave in waves]
        trend = None
        if len(waves) > 2 and len(known) == len(waves):
            trend = trend_test([Wave(n / base, base) for n, base in counts]).p_value
        lines.append(WaveLine(key, parts, change.difference if change else None, bool(change and change.is_alert), trend))
    tested = [n for n, line in enumerate(lines) if line.change is not None]
    p_values = [
        association_p(
            cut.themes.get(lines[n].theme, {}).get(waves[-1], 0), cut.wrote[waves[-1]],
            cut.themes.get(lines[n].theme, {}).get(waves[-2], 0), cut.wrote[waves[-2]],
        )
        for n in tested
    ]  # fmt: skip
    for n, q in zip(tested, adjusted_p_values(p_values) if tested else [], strict=True):
        lines[n] = msgspec.structs.replace(lines[n], is_marked=lines[n].is_marked and q < FALSE_MARKS)
    return waves, lines


def are_comparable(figures: Figures, questions: Iterable[str]) -> bool:
    """Whether these questions read the same in all waves (the same id and the same version)."""
    waves = list(figures.wave_questions.values())
    return all(len({wave.get(question) for wave in waves}) == 1 and waves[0].get(question) for question in questions)


# Scales


class Placement(msgspec.Struct, frozen=True):
    """Something rated for importance and for satisfaction, and its quadrant by each rule of where the lines are."""

    key: str
    importance: Interval
    satisfaction: Interval
    people: int
    by_mean: Quadrant
    by_middle: Quadrant
    is_certain: bool
    """Whether neither interval holds a line of the rule by the mean, which is drawn."""


class Priorities(msgspec.Struct, frozen=True):
    placed: list[Placement]
    importance_line: float
    satisfaction_line: float
    scale: tuple[int, int]


def priorities(pairs: Sequence[Pair], totals: Mapping[str, Mapping[str, int]]) -> Priorities | None:
    """None where nothing was rated by enough people."""
    items = []
    for pair in pairs:
        important = _points(totals.get(pair.importance.id, {}), pair.importance.points())
        satisfied = _points(totals.get(pair.satisfaction.id, {}), pair.satisfaction.points())
        if min(len(important), len(satisfied)) >= ENOUGH:
            items.append(
                Item(pair.key, mean_interval(important.tolist()), mean_interval(satisfied.tolist()), min(len(important), len(satisfied)))
            )
    if not items:
        return None
    points = pairs[0].importance.points()
    scale = (points[0], points[-1])
    mean = importance_performance(items, crosshair=Crosshair.DATA_MEAN, scale=scale, minimum=ENOUGH)
    middle = importance_performance(items, crosshair=Crosshair.SCALE_MIDDLE, scale=scale, minimum=ENOUGH)
    return Priorities(
        [
            Placement(
                one.item.name, one.item.importance, one.item.performance, rounded(one.item.n) or 0,
                one.quadrant, other.quadrant, one.is_certain,
            )
            for one, other in zip(mean.placed, middle.placed, strict=True)
        ],
        mean.importance_line, mean.performance_line, scale,
    )  # fmt: skip


def _points(counts: Mapping[str, int], points: range) -> np.ndarray:
    values = list(points)
    return np.repeat(np.array(values, dtype=float), [counts.get(str(value), 0) for value in values])


class Funnel(msgspec.Struct, frozen=True):
    """A service: of all who answered how many know it (`unknown`: do not); of those how many used it (`unused`: know it and did
    not); of the users how many are satisfied, which is above the middle of the scale.
    """

    key: str
    aware: Part
    unknown: Part
    used: Part
    unused: Part
    satisfied: Part


def funnels(found: Sequence[Service], totals: Mapping[str, Mapping[str, int]]) -> list[Funnel]:
    """Services that enough people were asked about, in the form's order: no ranking of those who run them."""
    lines = []
    for service in found:
        aware, used = totals.get(service.aware.id, {}), totals.get(service.used.id, {})
        yes, no = aware.get("yes", 0), aware.get("no", 0)
        users, others = used.get("yes", 0), used.get("no", 0)
        values = _points(totals.get(service.satisfied.id, {}), service.satisfied.points())
        middle = (service.satisfied.points()[0] + service.satisfied.points()[-1]) / 2
        if yes + no < THRESHOLD:
            continue
        aware_part, unknown = _both(yes, yes + no)
        used_part, unused = _both(users, users + others)
        satisfied, _ = _both(int((values > middle).sum()), len(values))
        lines.append(Funnel(service.key, aware_part, unknown, used_part, unused, satisfied))
    return lines


def _both(yes: int, base: int) -> tuple[Part, Part]:
    """A part and the rest of its base; where one of the two is small, both are hidden, since each follows from the other."""
    rest = base - yes
    if 0 < yes < THRESHOLD or 0 < rest < THRESHOLD or base < THRESHOLD:
        return Part(None, rounded(base)), Part(None, rounded(base))
    return part(yes, base), part(rest, base)


class Opinion(msgspec.Struct, frozen=True):
    """How many chose a point below the middle of a scale, the middle, a point above; all hidden where one of them is small."""

    key: str
    low: Part
    middle: Part
    high: Part
    mean: float | None


def opinions(items: Sequence[tuple[str, range]], totals: Mapping[str, Mapping[str, int]]) -> list[Opinion]:
    """Items that at least ten people rated, the most satisfied first."""
    found = []
    for key, points in items:
        values = _points(totals.get(key, {}), points)
        if len(values) < THRESHOLD:
            continue
        middle = (points[0] + points[-1]) / 2
        counts = [int((values < middle).sum()), int((values == middle).sum()), int((values > middle).sum())]
        is_hidden = any(0 < n < THRESHOLD for n in counts)
        low, middle_part, high = (Part(None if is_hidden else rounded(n) or 0, rounded(len(values))) for n in counts)
        found.append(Opinion(key, low, middle_part, high, None if len(values) < ENOUGH else float(values.mean())))
    return sorted(found, key=lambda one: (-(one.high.share if one.high.share is not None else -1), one.key))


# Where people live


class Coverage(msgspec.Struct, frozen=True):
    """One area, or several that are counted together (`areas`), among those who said where they live and among residents."""

    areas: list[str]
    answers: Part
    population: int
    population_share: float


def coverage(answers: Mapping[str, int], population: Mapping[str, int]) -> list[Coverage]:
    """Areas with a printed figure, those of most residents first, which says nothing of how well they did; small ones, and those
    from which nobody came, together at the end. Empty for fewer than ten answers.
    """
    known = {area: answers.get(area, 0) for area in population}
    total, everybody = sum(known.values()), sum(population.values())
    if total < THRESHOLD or not everybody:
        return []
    pooled = pool_small(known)
    rest = [area for area in population if area not in pooled.shown]

    def line(areas: list[str], people: int) -> Coverage:
        residents = sum(population[area] for area in areas)
        return Coverage(areas, part(people, total), residents, residents / everybody)

    shown = sorted(pooled.shown, key=lambda area: (-population[area], area))
    lines = [line([area], known[area]) for area in shown]
    return [*lines, line(sorted(rest, key=lambda area: -population[area]), pooled.others_total)] if rest else lines


def weighting(
    cut: Cut, population: Mapping[str, int], *, source: str, as_of: dt.date, kind: Population, themes: Sequence[str]
) -> Weighting | None:
    """Shares of these themes, with those who wrote post-stratified by area; areas of fewer than five people are joined before. None where it cannot be done."""
    wrote = {area: n for area, n in sorted(cut.wrote.items()) if area in population}
    if sum(wrote.values()) < ENOUGH or len(wrote) < 2:
        return None
    people = [area for area, n in wrote.items() for _ in range(n)]
    try:
        weights = rake({"area": people}, {"area": population})
    except StatisticUndefined:
        return None
    shares = {}
    for theme in themes:
        counts = cut.themes.get(theme, {})
        yes = np.concatenate([np.arange(n) < counts.get(area, 0) for area, n in wrote.items()])
        both = both_shares(yes.tolist(), weights.values, kind)
        shares[theme] = (both.unweighted.value, both.weighted.value)
    return Weighting(
        people=len(people), source=source, as_of=as_of, deff=weights.deff, n_eff=weights.n_eff, trimmed=weights.trimmed,
        collapsed=[list(group) for group in weights.collapsed.get("area", [])], shares=shares,
    )  # fmt: skip


# With and without answers that look careless


class WithAndWithout(msgspec.Struct, frozen=True):
    """Shares of the largest themes among all who wrote, and among those whose answers bear no flag.

    `is_order_same`: the three largest are the same, in the same order.
    """

    rows: list[tuple[str, Part, Part]]
    flagged: int | None
    is_order_same: bool


def with_and_without(figures: Figures, themes: Sequence[str]) -> WithAndWithout | None:
    """None where no answer bears a flag, or fewer than ten bear none. Both counts are rounded, so that few cannot be told apart."""
    flagged = figures.answers - figures.careful_answers
    if not flagged or figures.careful_wrote < THRESHOLD:
        return None
    rows = [
        (key, part(figures.themes.get(key, 0), figures.wrote), part(figures.careful.get(key, 0), figures.careful_wrote))
        for key in themes
    ]
    first = largest(figures.themes, themes)[:3]
    return WithAndWithout(rows, exact(flagged), first == largest(figures.careful, themes)[:3])


def largest(counts: Mapping[str, int], themes: Iterable[str]) -> list[str]:
    """Themes that may be told, most people first."""
    enough = [key for key in themes if counts.get(key, 0) >= THRESHOLD]
    return sorted(enough, key=lambda key: (-counts[key], key))
