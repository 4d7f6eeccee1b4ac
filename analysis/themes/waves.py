"""Two waves of one survey: what more people speak of, or fewer, what nobody does any more, what is said otherwise, what is new.

It only counts and compares. Assigning themes and finding groups is done elsewhere; so is hiding small numbers: every result
carries how many people it rests on. Persons are the unit throughout, because the statements of one person are not
independent. The same person in both waves counts as two persons, which makes the tests of a panel cautious, not wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.special import entr
from scipy.stats import false_discovery_control, fisher_exact, ks_2samp, norm

from analysis.text.language import family
from analysis.text.normalize import to_simplified
from analysis.text.tokens import stems
from analysis.themes.discover import STABLE
from analysis.themes.results import Membership, Statement

FALSE_ALARMS = 0.05
"""Of all that a comparison reports (changed, lost, drifted, new), the part that may be chance; and the part of comparisons of
equal waves that report anything."""

LEAST_DIFFERENCE = 0.05
LEAST_PEOPLE = 30
"""A theme is changed from 5 points of difference, between waves of at least so many people."""

EXACT_BELOW = 20
"""Expected count under which the exact test is used. Five is the custom at p = .05; among many themes a p twenty times smaller
decides, where between waves of unequal sizes the approximation calls too much clear (6 % false alarms instead of 5)."""

LOST_BELOW = 0.2
LOST_FROM = 10
"""A theme of at least 10 people is lost when its share is surely under a fifth of what it was."""

LEAST_SPEAKERS = 5
"""People of a language who speak of a theme, in either wave, from which their words are compared; people whose statements were
sorted, from which the scores are."""

MOST_SPEAKERS = 2_000
"""People of a wave whose words are read for a theme; more would tell no more, and take minutes."""

LEAST_DRIFT = 0.025
"""Bits of divergence beyond chance from which words have drifted: about what one new word in twenty makes."""

NEW_FROM = 10
NEW_PART = 0.01
NEW_RATE = 0.6
"""A new theme has at least so many people of the later wave and at least this part of them; of its people so many would be of
the later wave if both waves were equally large."""

_WILSON = float(norm.ppf(0.975))

_BATCH = 100
_ENOUGH = 20
_FINER = 40
"""Shuffles are made a hundred at once, until twenty were as far apart as the waves are; at most forty times as many as there
are tests, so that one theme that stands alone among them can still be clear."""


@dataclass(frozen=True)
class Wave:
    """`memberships` has one entry a statement, the leading theme first; an empty one is an unsorted statement."""

    statements: Sequence[Statement]
    memberships: Sequence[Sequence[Membership]]


@dataclass(frozen=True)
class NewGroup:
    """A group found among the unsorted statements of both waves together, by a method that does not know the waves.

    `rows_before` and `rows_after` are positions in each wave's statements, `stability` is 0 to 1.
    """

    key: str
    rows_before: Sequence[int]
    rows_after: Sequence[int]
    stability: float


@dataclass(frozen=True)
class ShareChange:
    """How many people of each wave do something. Shares are 0 to 1, of the people with any statement in the wave.

    `difference` is after less before, -1 to 1, and `low` to `high` its 95 % interval. What needs a wave that nobody is in is
    None.
    """

    people_before: int
    people_after: int
    share_before: float | None
    share_after: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True)
class Drift:
    """How far apart what people say of a theme is in the two waves.

    `distance` is the Jensen-Shannon distance (base 2) between the waves' word stems, 0 the same to 1 nothing in common.
    Small waves are far apart by chance: `by_chance` is the distance (root mean square) of waves made by lot of the same people.
    """

    distance: float
    by_chance: float
    p: float


@dataclass(frozen=True)
class ThemeChange:
    """`q` and `drift_q` are p-values adjusted over everything that one comparison tests.

    `drift` is None where no language has five people with words in both waves.
    """

    theme: str
    people: ShareChange
    q: float | None
    is_changed: bool
    is_lost: bool
    drift: Drift | None
    drift_q: float | None
    is_drifted: bool


@dataclass(frozen=True)
class GroupChange:
    """`rate_after` is the part of the group's people that would be of the later wave if both were equally large."""

    key: str
    stability: float
    people: ShareChange
    rate_after: float | None
    q: float | None
    is_new: bool


@dataclass(frozen=True)
class ScoreChange:
    """How surely statements were sorted: the leading score, averaged over each person's sorted statements.

    `distance` and `p` are those of the Kolmogorov-Smirnov test; `p` stands alone and is not adjusted.
    """

    people_before: int
    people_after: int
    median_before: float
    median_after: float
    distance: float
    p: float


@dataclass(frozen=True)
class WaveComparison:
    """`themes` and `groups` come with most people first.

    `unsorted` counts people with at least one unsorted statement; the shares beside it are of statements, None for an empty
    wave. Its p stands alone and is not adjusted. `scores` is None where fewer than five people of a wave
    have a sorted statement.
    """

    people_before: int
    people_after: int
    themes: list[ThemeChange]
    groups: list[GroupChange]
    unsorted: ShareChange
    unsorted_share_before: float | None
    unsorted_share_after: float | None
    scores: ScoreChange | None

    @property
    def has_alerts(self) -> bool:
        return any(theme.is_changed or theme.is_lost or theme.is_drifted for theme in self.themes) or any(
            group.is_new for group in self.groups
        )


def compare_waves(
    before: Wave, after: Wave, *, new: Sequence[NewGroup] = (), random_state: int = 0, shuffles: int = 1000
) -> WaveComparison:
    """Compare two waves whose themes were assigned with the same vocabulary. The order of the input changes nothing.

    All p-values of themes, drift and new groups are adjusted together (Benjamini & Hochberg 1995), so that two waves of one
    distribution raise any alert in at most 5 % of comparisons.

    Parameters
    ----------
    before, after : Wave
    new : groups to judge whether they are new; there may be none
    random_state : int, not negative
    shuffles : int
        How often people change waves by lot to learn what drift is chance. Fewer where that is soon plain; more where so
        many themes are compared that one alone could not stand out.

    Raises
    ------
    ValueError
        If a wave has not one entry of memberships a statement, or a group names a row that its wave has not.

    Examples
    --------
    >>> def wave(parking, people):
    ...     return Wave(
    ...         [Statement("Please build a car park", "en", person) for person in range(people)],
    ...         [[Membership("parking", 0.9)] if person < parking else [] for person in range(people)],
    ...     )
    >>> [parking] = compare_waves(wave(20, 200), wave(60, 200)).themes
    >>> parking.is_changed, parking.is_drifted
    (True, False)
    >>> round(parking.people.difference, 2), round(parking.people.low, 2), round(parking.people.high, 2)
    (0.2, 0.12, 0.28)

    """
    waves = (before, after)
    voices = [_voices(wave) for wave in waves]
    totals = [len(_people(wave, range(len(wave.statements)))) for wave in waves]
    names = sorted({*voices[0], *voices[1]})
    groups = sorted(new, key=lambda group: (group.key, group.stability))
    people = [compare_shares([len(spoken.get(name, ())) for spoken in voices], totals) for name in names]
    found = [
        compare_shares([len(_people(before, group.rows_before)), len(_people(after, group.rows_after))], totals)
        for group in groups
    ]
    most = max(shuffles, _FINER * (2 * len(names) + len(groups)))
    drifts = [
        _drift([spoken.get(name, {}) for spoken in voices], np.random.default_rng([random_state, *name.encode()]), most)
        for name in names
    ]
    adjusted = iter(_adjusted([one.p if one else None for one in (*people, *found, *drifts)]))
    q, group_q, drift_q = ([next(adjusted) for _ in part] for part in (people, found, drifts))
    themes = [_theme_change(*row, totals) for row in zip(names, people, q, drifts, drift_q, strict=True)]
    judged = [_group_change(*row, totals) for row in zip(groups, found, group_q, strict=True)]
    loose = [[row for row, given in enumerate(wave.memberships) if not given] for wave in waves]
    return WaveComparison(
        people_before=totals[0],
        people_after=totals[1],
        themes=sorted(themes, key=lambda theme: (*_most_first(theme.people), theme.theme)),
        groups=sorted(judged, key=lambda group: (*_most_first(group.people), group.key, group.stability)),
        unsorted=compare_shares([len(_people(wave, rows)) for wave, rows in zip(waves, loose, strict=True)], totals),
        unsorted_share_before=len(loose[0]) / len(before.statements) if before.statements else None,
        unsorted_share_after=len(loose[1]) / len(after.statements) if after.statements else None,
        scores=_score_change(before, after),
    )


def compare_shares(people: Sequence[int], totals: Sequence[int]) -> ShareChange:
    """Compare `people` of `totals`, each before and after.

    The interval is Newcombe's (1998, method 10). The test is that of two proportions, or Fisher's where few are expected.
    """
    earlier, later = (n / total if total else None for n, total in zip(people, totals, strict=True))
    if earlier is None or later is None:
        return ShareChange(people[0], people[1], earlier, later)
    (low_before, high_before), (low_after, high_after) = map(wilson_interval, people, totals)
    difference = later - earlier
    low = difference - float(np.hypot(later - low_after, high_before - earlier))
    high = difference + float(np.hypot(high_after - later, earlier - low_before))
    return ShareChange(people[0], people[1], earlier, later, difference, low, high, _two_shares_p(people, totals))


def wilson_interval(people: int, of: int) -> tuple[float, float]:
    """The 95 % interval (Wilson 1927) of the share of `people` among `of`, at least one."""
    share, squared = people / of, _WILSON**2
    middle = (share + squared / (2 * of)) / (1 + squared / of)
    reach = _WILSON / (1 + squared / of) * np.sqrt(share * (1 - share) / of + squared / (4 * of**2))
    # At 0 and at 1 the formula ends a rounding error beside them.
    return (0.0 if people == 0 else float(middle - reach)), (1.0 if people == of else float(middle + reach))


def _two_shares_p(people: Sequence[int], totals: Sequence[int]) -> float:
    both = sum(people) / sum(totals)
    if min(both, 1 - both) * min(totals) < EXACT_BELOW:
        return float(fisher_exact([people, [total - n for n, total in zip(people, totals, strict=True)]]).pvalue)
    error = np.sqrt(both * (1 - both) * (1 / totals[0] + 1 / totals[1]))
    return float(2 * norm.sf(abs(people[0] / totals[0] - people[1] / totals[1]) / error))


def _most_first(people: ShareChange) -> tuple[int, int]:
    return -people.people_before - people.people_after, -people.people_after


def _adjusted(values: Sequence[float | None]) -> list[float | None]:
    tested = [value for value in values if value is not None]
    adjusted = iter(false_discovery_control(tested).tolist() if tested else [])
    return [None if value is None else next(adjusted) for value in values]


def _is_clear(q: float | None) -> bool:
    return q is not None and q < FALSE_ALARMS


def _reaches(value: float, least: float) -> bool:
    return value >= least - 1e-9  # 0.15 less 0.1 is a little under 0.05


def _theme_change(
    name: str, people: ShareChange, q: float | None, drift: Drift | None, drift_q: float | None, totals: Sequence[int]
) -> ThemeChange:
    is_changed = is_lost = False
    if _is_clear(q) and people.share_before is not None and people.difference is not None:
        is_changed = _reaches(abs(people.difference), LEAST_DIFFERENCE) and min(totals) >= LEAST_PEOPLE
        at_most = wilson_interval(people.people_after, totals[1])[1]
        is_lost = people.people_before >= LOST_FROM and at_most < LOST_BELOW * people.share_before
    is_drifted = _is_clear(drift_q) and drift is not None and drift.distance**2 - drift.by_chance**2 >= LEAST_DRIFT
    return ThemeChange(name, people, q, is_changed, is_lost, drift, drift_q, is_drifted)


def _group_change(group: NewGroup, people: ShareChange, q: float | None, totals: Sequence[int]) -> GroupChange:
    earlier, later = people.share_before or 0.0, people.share_after or 0.0
    rate = later / (earlier + later) if min(totals) and earlier + later > 0 else None
    is_new = (
        rate is not None
        and _reaches(rate, NEW_RATE)
        and _is_clear(q)
        and group.stability >= STABLE
        and people.people_after >= max(NEW_FROM, NEW_PART * totals[1])
    )
    return GroupChange(group.key, group.stability, people, rate, q, is_new)


def _people(wave: Wave, rows: Sequence[int]) -> set[Any]:
    if len(rows) and not 0 <= min(rows) <= max(rows) < len(wave.statements):
        raise ValueError(f"Rows {min(rows)} to {max(rows)} are not all in a wave of {len(wave.statements)} statements.")
    return {wave.statements[row].person for row in rows}


_Voices = Mapping[Any, Sequence[Statement]]
"""What each person says of one theme."""


def _voices(wave: Wave) -> dict[str, dict[Any, list[Statement]]]:
    voices: defaultdict[str, defaultdict[Any, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    for statement, given in zip(wave.statements, wave.memberships, strict=True):
        for name in {membership.theme for membership in given}:
            voices[name][statement.person].append(statement)
    return {name: dict(people) for name, people in voices.items()}


def _score_change(before: Wave, after: Wave) -> ScoreChange | None:
    earlier, later = (_scores(wave) for wave in (before, after))
    if min(len(earlier), len(later)) < LEAST_SPEAKERS:
        return None
    test = ks_2samp(earlier, later, method="asymp")  # the exact one fails on some sizes
    medians = float(np.median(earlier)), float(np.median(later))
    return ScoreChange(len(earlier), len(later), *medians, float(test.statistic), float(test.pvalue))


def _scores(wave: Wave) -> list[float]:
    scores: defaultdict[Any, list[float]] = defaultdict(list)
    for statement, given in zip(wave.statements, wave.memberships, strict=True):
        if given:
            scores[statement.person].append(given[0].score)
    return [float(np.mean(sorted(own))) for own in scores.values()]  # sorted: sums of floats depend on their order


def _drift(voices: Sequence[_Voices], generator: np.random.Generator, most: int) -> Drift | None:
    """Compare the words of two waves, language by language; people change waves within their language only."""
    told = [_told(spoken, generator) for spoken in voices]
    profiles, languages = _profiles([*told[0], *told[1]])
    is_after = np.repeat([False, True], [len(part) for part in told])
    kept = np.diff(profiles.indptr) > 0
    sizes = {}
    for name in np.unique(languages[kept]):
        own = kept & (languages == name)
        later = int(is_after[own].sum())
        sizes[name] = int(own.sum()) - later, later
        if min(sizes[name]) < LEAST_SPEAKERS:
            kept &= ~own
    profiles, languages, is_after = profiles[kept], languages[kept], is_after[kept]
    if not len(languages):
        return None
    # In both waves a language weighs what it weighs among all these people, so that another mix of languages is no drift.
    parts = np.array([sum(sizes[name]) for name in languages]) / len(languages)
    weights = [parts / np.array([sizes[name][side] for name in languages]) for side in (0, 1)]
    observed = float(_divergence(profiles, weights, is_after[None, :])[0])
    by_lot: list[float] = []
    as_far = np.array([], dtype=int)
    while len(by_lot) < most and len(as_far) < _ENOUGH:
        labels = _shuffled(is_after, languages, min(_BATCH, most - len(by_lot)), generator)
        by_lot.extend(_divergence(profiles, weights, labels).tolist())
        as_far = np.flatnonzero(np.array(by_lot) >= observed - 1e-12)
    # Sequential Monte Carlo p-value (Besag & Clifford 1991): a theme that is plainly alike needs no thousand shuffles.
    p = _ENOUGH / (as_far[_ENOUGH - 1] + 1) if len(as_far) >= _ENOUGH else (len(as_far) + 1) / (len(by_lot) + 1)
    return Drift(float(np.sqrt(observed)), float(np.sqrt(np.mean(by_lot))), float(p))


def _told(spoken: _Voices, generator: np.random.Generator) -> list[tuple[str, list[tuple[str, str]]]]:
    """Language family and texts of each person, in an order that only the texts decide.

    Who writes in two languages counts in the one of most statements.
    """
    told = []
    for statements in spoken.values():
        counts = Counter(family(statement.language) for statement in statements)
        own = min(counts, key=lambda name: (-counts[name], name))
        told.append((own, sorted((s.language, s.text) for s in statements if family(s.language) == own)))
    told.sort()
    if len(told) > MOST_SPEAKERS:
        told = [told[i] for i in np.sort(generator.choice(len(told), MOST_SPEAKERS, replace=False))]
    return told


def _profiles(told: Sequence[tuple[str, list[tuple[str, str]]]]) -> tuple[sp.csr_matrix, np.ndarray]:
    """A row a person: how their words are spread over word stems, summing to 1; and each person's language family.

    Stems of one person alone are left out: they set any two waves apart. Languages share no column.
    """
    counts = [Counter((name, word) for tag, text in texts for word in _stems(text, tag)) for name, texts in told]
    having = Counter(word for own in counts for word in own)
    place = {word: column for column, word in enumerate(sorted(word for word, n in having.items() if n > 1))}
    cells = [(row, place[word], n) for row, own in enumerate(counts) for word, n in own.items() if word in place]
    rows, columns, values = np.array(cells, dtype=int).reshape(-1, 3).T
    spread = sp.csr_matrix((values, (rows, columns)), shape=(len(told), max(len(place), 1)), dtype=np.float64)
    totals = np.asarray(spread.sum(axis=1)).ravel()
    profiles = sp.csr_matrix(sp.diags(1 / np.maximum(totals, 1)) @ spread)
    return profiles, np.array([name for name, _ in told], dtype=str)


def _stems(text: str, language: str) -> list[str]:
    """Chinese is compared in Simplified spelling, whichever of the two it was written in."""
    found = stems(text, language)
    return [to_simplified(word) for word in found] if language == "zh-Hant" else found


def _shuffled(is_after: np.ndarray, languages: np.ndarray, times: int, generator: np.random.Generator) -> np.ndarray:
    """Wave labels by lot, shape (times, n_people); in each language as many people of each wave as there are."""
    labels = np.empty((times, len(is_after)), dtype=bool)
    for name in np.unique(languages):
        own = languages == name
        labels[:, own] = generator.permuted(np.tile(is_after[own], (times, 1)), axis=1)
    return labels


def _divergence(profiles: sp.csr_matrix, weights: Sequence[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Jensen-Shannon divergence in bits between the waves, one for each row of wave labels (True: after)."""
    earlier, later = (~labels * weights[0]) @ profiles, (labels * weights[1]) @ profiles
    apart = entr((earlier + later) / 2).sum(axis=1) - (entr(earlier).sum(axis=1) + entr(later).sum(axis=1)) / 2
    return np.asarray(np.clip(apart / np.log(2), 0, 1))
