"""What a count comes to, as far as it may be told outside: shares, differences, changes, quadrants. Pure; no words, no database.

One rule for all: a number of people is rounded to 5 or None (fewer than ten), and shares and intervals are those of the
numbers shown, so that a reader can check them. Tests use the exact numbers; a difference is only marked where what is shown
excludes chance as well.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from analysis.statistics.change import Wave, trend_test, wave_change
from analysis.statistics.disclosure import THRESHOLD, exact, pool_small, rounded
from analysis.statistics.importance import Crosshair, Item, Quadrant, importance_performance
from analysis.statistics.intervals import (
    Design,
    Interval,
    adjusted_p_values,
    mean_interval,
    newcombe_interval,
    two_share_p_value,
    wilson_interval,
)
from analysis.statistics.resampling import StatisticUndefined
from analysis.statistics.shares import Population
from analysis.statistics.suppression import protect
from analysis.statistics.tables import Table
from analysis.statistics.weighting import both_shares, rake, weighted_share_intervals
from survey.insight.rules import LARGEST_BASE_WITH_WARNING, MAINLAND, Pair, Service
from survey.insight.schemas import ChannelMark, Cut, Figures, WaveComparison, WaveState, Weighting

ENOUGH = LARGEST_BASE_WITH_WARNING
"""Groups smaller than this are not compared."""

SMALLEST_DIFFERENCE = 0.05
"""Points that a difference must have to be worth marking, however certain it is."""

FALSE_MARKS = 0.05
"""Of all differences marked in one picture, at most this share is chance, on average (Benjamini and Hochberg)."""


class Part(msgspec.Struct, frozen=True):
    """`people` of `base` as they may be told outside: None and no share where they are few, or nobody."""

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
    return Part(rounded(people), rounded(base))


Rows = Mapping[str, Mapping[str, int]]
"""People by a theme (or a category) and a group."""


def protected(tables: Mapping[str, tuple[Rows, Mapping[str, int]]], rows: Sequence[str], *, with_totals: bool = True) -> dict[str, dict[str, dict[str, int | None]]]:
    """What may be told outside of tables about the same people, each rows by groups with the people of each group.

    The one place where tables of two dimensions are made fit to be shown. All that is shown beside one another comes in one call;
    `with_totals`: how many people each row has in all groups is told somewhere too.
    """
    given = {
        name: Table(
            "row", name, {(row, group): counts.get(row, {}).get(group, 0) for row in rows for group in groups}, people=groups,
            shows_row_totals=with_totals,
        )
        for name, (counts, groups) in tables.items()
    }  # fmt: skip
    [found] = protect([given])
    cells = {name: table.outside().cells for name, table in found.items()}
    return {
        name: {row: {group: cells[name].get((row, group)) for group in groups} for row in rows}
        for name, (_, groups) in tables.items()
    }


# Groups


class GroupDifference(msgspec.Struct, frozen=True):
    """One theme or category among two groups. `difference` is the first's share minus the second's; None where a cell is hidden."""

    key: str
    first: Part
    second: Part
    difference: Interval | None
    is_marked: bool


def group_differences(
    keys: Sequence[str], counts: Mapping[str, tuple[int, int]], bases: tuple[int, int], *, with_totals: bool
) -> list[GroupDifference]:
    """Compare two groups of people who wrote, row by row; empty where a group is too small to be compared.

    The family over which the p-values are adjusted are the rows that are shown.
    """
    if min(bases) < ENOUGH or not keys:
        return []
    rows = {key: {"first": counts[key][0], "second": counts[key][1]} for key in keys}
    groups = {"first": bases[0], "second": bases[1]}
    shown = protected({"group": (rows, groups)}, keys, with_totals=with_totals)["group"]
    return compared([(key, shown[key]["first"], shown[key]["second"], counts[key], bases) for key in keys])


def compared(
    rows: Sequence[tuple[str, int | None, int | None, tuple[int, int], tuple[int, int]]]
) -> list[GroupDifference]:
    """Differences of what is shown (key, both shown, both counted, both bases), marked by tests of what was counted."""
    found = []
    p_values = []
    for key, first_shown, second_shown, counts, bases in rows:
        first, second = Part(first_shown, rounded(bases[0])), Part(second_shown, rounded(bases[1]))
        interval = _difference(first, second)
        if interval is not None:
            p_values.append(association_p(counts[0], bases[0], counts[1], bases[1]))
        found.append(GroupDifference(key, first, second, interval, is_marked=False))
    q_values = iter(adjusted_p_values(p_values))
    return [
        msgspec.structs.replace(one, is_marked=_is_marked(one.difference, next(q_values))) if one.difference else one
        for one in found
    ]


def _is_marked(difference: Interval, q: float) -> bool:
    return q < FALSE_MARKS and abs(difference.estimate) >= SMALLEST_DIFFERENCE and not difference.contains(0.0)


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


def by_origin(rows: Rows, wrote: Mapping[str, int]) -> tuple[dict[str, tuple[int, int]], tuple[int, int], bool]:
    """By row, people from elsewhere and from the mainland, and how many of each wrote; who did not say is in neither group.

    Last: whether the two groups are everybody, so that their sum is known from what is told of all.
    """

    def sums(counts: Mapping[str, int]) -> tuple[int, int]:
        elsewhere = sum(n for origin, n in counts.items() if origin not in {"", MAINLAND})
        return elsewhere, counts.get(MAINLAND, 0)

    return {key: sums(counts) for key, counts in rows.items()}, sums(wrote), not wrote.get("", 0)


def channel_marks(themes: Sequence[str], cut: Cut) -> list[ChannelMark] | None:
    """What those who came one way name more or less often than all others; None where no two ways brought enough people."""
    total = sum(cut.wrote.values())
    ways = {way: n for way, n in sorted(cut.wrote.items()) if n >= ENOUGH and total - n >= ENOUGH}
    if not ways or not themes:
        return None
    rest = total - sum(ways.values())
    groups = {**ways, **({_REST: rest} if rest else {})}
    all_of = {theme: sum(cut.themes.get(theme, {}).values()) for theme in themes}
    rows = {theme: {way: cut.themes.get(theme, {}).get(way, 0) for way in ways} for theme in themes}
    for theme, counts in rows.items():
        counts[_REST] = all_of[theme] - sum(counts.values())
    shown = protected({"channel": (rows, groups)}, themes)["channel"]
    differences = compared([
        (f"{way}:{theme}", shown[theme][way], rounded(all_of[theme] - rows[theme][way]) if shown[theme][way] is not None else None,
         (rows[theme][way], all_of[theme] - rows[theme][way]), (n, total - n))
        for way, n in ways.items() for theme in themes
    ])  # fmt: skip
    found = []
    for one in differences:
        if one.is_marked and one.difference is not None and one.first.share is not None and one.second.share is not None:
            way, theme = one.key.split(":")
            limits = (one.difference.estimate, one.difference.low, one.difference.high)
            found.append(ChannelMark(way, theme, one.first.share, one.second.share, limits))
    return found


_REST = "rest"


# Waves


class WaveLine(msgspec.Struct, frozen=True):
    """One theme over the waves. `change` is from the last wave but one to the last; `trend_p` tests a trend over three or more."""

    key: str
    parts: list[Part]
    change: Interval | None
    is_marked: bool
    trend_p: float | None


class WaveRule(msgspec.Struct, frozen=True):
    """From what on a change between wave `number` and the one before is told as an alert: fixed when the wave started.

    `minimum` people wrote in each of the two, and the shares differ by `rise` points.
    """

    number: int
    minimum: int = ENOUGH
    rise: int = round(100 * SMALLEST_DIFFERENCE)

    @property
    def enough(self) -> int:
        """People of a wave from which on it is drawn and compared: alerts and picture tell of the same waves."""
        return min(ENOUGH, self.minimum)


def wave_lines(themes: Sequence[str], cut: Cut, enough: int = ENOUGH) -> tuple[list[str], list[WaveLine]]:
    """The waves that enough people answered, in order, and a line for each theme; no lines for fewer than two such waves.

    Nobody is known from one wave to the next, so that the people of two waves are different ones (no pairs). A change is marked
    as an alert where its interval excludes none and, of all themes tested, few are marked by chance.
    """
    waves = sorted((wave for wave, n in cut.wrote.items() if n >= enough), key=int)
    if len(waves) < 2 or not themes:
        return waves, []
    shown = protected({"wave": (cut.themes, cut.wrote)}, themes)["wave"]
    lines, p_values = [], []
    for key in themes:
        parts = [Part(shown[key][wave], rounded(cut.wrote[wave])) for wave in waves]
        counts = [(cut.themes.get(key, {}).get(wave, 0), cut.wrote[wave]) for wave in waves]
        before, after = parts[-2], parts[-1]
        change, is_alert = None, False
        if before.share is not None and before.base and after.share is not None and after.base:
            found = wave_change(Wave(before.share, before.base), Wave(after.share, after.base), minimum=enough)
            change, is_alert = found.difference, found.is_alert
            p_values.append(association_p(*counts[-1], *counts[-2]))
        is_whole = len(waves) > 2 and all(one.share is not None for one in parts)
        trend = trend_test([Wave(n / base, base) for n, base in counts]).p_value if is_whole else None
        lines.append(WaveLine(key, parts, change, is_alert, trend))
    q_values = iter(adjusted_p_values(p_values))
    return waves, [
        msgspec.structs.replace(line, is_marked=next(q_values) < FALSE_MARKS and line.is_marked) if line.change else line
        for line in lines
    ]


def are_comparable(figures: Figures, questions: Iterable[str], waves: Iterable[str] | None = None) -> bool:
    """Whether these questions read the same in all waves, or in those given (the same id and the same version)."""
    read = list(figures.wave_questions.values()) if waves is None else [figures.wave_questions.get(wave, {}) for wave in waves]
    return all(len({wave.get(question) for wave in read}) == 1 and read[0].get(question) for question in questions)


class Alert(msgspec.Struct, frozen=True):
    """A theme that rose, or fell, from the wave before to this one: shares and people who wrote as they may be told outside."""

    key: str
    before: Part
    after: Part
    difference: Interval

    @property
    def is_rise(self) -> bool:
        return self.difference.estimate > 0


def wave_alerts(
    figures: Figures, themes: Sequence[str], questions: Sequence[str], rule: WaveRule
) -> tuple[WaveComparison, list[Alert]]:
    """Compare the present wave with the one before, and name what changed by the rule; the largest change first.

    An alert needs all of: the open questions read the same in both waves; `rule.minimum` people wrote in each; the interval of the
    difference excludes none; of all themes compared, few are told by chance (Benjamini and Hochberg); and `rule.rise` points.
    """
    pair = [str(rule.number - 1), str(rule.number)]
    cut = figures.cuts.get("wave", Cut())
    if rule.number == 1:
        return WaveComparison(rule.number, WaveState.FIRST), []
    if min(cut.wrote.get(wave, 0) for wave in pair) < rule.minimum:
        return WaveComparison(rule.number, WaveState.FEW), []
    if not questions or not are_comparable(figures, questions, pair):
        return WaveComparison(rule.number, WaveState.CHANGED), []
    waves, lines = wave_lines(themes, cut, rule.enough)
    assert waves[-2:] == pair or not themes, "the last two waves are large enough"
    found = [
        Alert(line.key, line.parts[-2], line.parts[-1], line.change)
        for line in lines
        if line.change is not None and line.is_marked and round(100 * abs(line.change.estimate), 6) >= rule.rise
    ]
    compared = sum(line.change is not None for line in lines)
    return WaveComparison(rule.number, WaveState.COMPARED, compared), sorted(found, key=lambda one: (-abs(one.difference.estimate), one.key))


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
    if min(yes, rest) < THRESHOLD:
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
        is_hidden = any(n < THRESHOLD for n in counts)
        low, middle_part, high = (Part(None if is_hidden else rounded(n), rounded(len(values))) for n in counts)
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
    cut: Cut, population: Mapping[str, int], *, source: str, as_of: dt.date, kind: Population, themes: Sequence[str], design: Design
) -> Weighting | None:
    """Shares of these themes, with those who wrote post-stratified by area; areas of fewer than five people are joined before. None where it cannot be done.

    From counts by area alone. Of a probability sample and an attempted census also the intervals of the weighted shares; of an
    open survey they are not even computed.
    """
    wrote = {area: n for area, n in sorted(cut.wrote.items()) if area in population}
    areas, sizes = list(wrote), list(wrote.values())
    if sum(sizes) < ENOUGH or len(areas) < 2:
        return None
    try:
        weights = rake({"area": areas}, {"area": population}, sizes=sizes)
    except StatisticUndefined:
        return None
    yes = {theme: [cut.themes.get(theme, {}).get(area, 0) for area in areas] for theme in themes}
    both = {theme: both_shares(counts, weights.values, kind, sizes=sizes) for theme, counts in yes.items()}
    found = Weighting(
        people=sum(sizes), source=source, as_of=as_of, deff=weights.deff, n_eff=weights.n_eff, trimmed=weights.trimmed,
        collapsed=[list(group) for group in weights.collapsed.get("area", [])],
        shares={theme: (one.unweighted.value, one.weighted.value) for theme, one in both.items()},
    )  # fmt: skip
    if design is not Design.OPEN and yes:
        residents = sum(population.values())
        found.population = residents if residents >= found.people else None  # else more answered than the figure knows: it is no frame
        found.intervals = _weighted_intervals(yes, wrote, population, found.population)
    return found


def _weighted_intervals(
    yes: Mapping[str, Sequence[int]], wrote: Mapping[str, int], margin: Mapping[str, int], population: int | None
) -> dict[str, tuple[float, float]]:
    """Drawn from a hash of the figures themselves, so that the same figures have the same intervals."""
    key = msgspec.json.encode([sorted(yes.items()), list(wrote.items()), sorted(margin.items())])
    seed = int.from_bytes(hashlib.sha256(key).digest())
    try:
        found = weighted_share_intervals(
            dict(sorted(yes.items())), list(wrote.values()), {"area": list(wrote)}, {"area": margin},
            rng=np.random.default_rng(seed), population=population,
        )  # fmt: skip
    except StatisticUndefined:
        return {}
    return {theme: (one.interval.low, one.interval.high) for theme, one in found.items()}


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
