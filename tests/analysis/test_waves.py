"""Two waves: what was planted is found, what is chance is not, and the order of the input changes nothing."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from analysis.themes import waves
from analysis.themes.results import Membership, Statement
from analysis.themes.waves import (
    LEAST_DRIFT,
    GroupChange,
    NewGroup,
    ShareChange,
    ThemeChange,
    Wave,
    WaveComparison,
    compare_shares,
    compare_waves,
    wilson_interval,
)

_SYLLABLES = [first + second for first in "bdfgklmnprtv" for second in "aiou"]
WORDS = ["".join(parts) for parts in itertools.product(_SYLLABLES[:30:3], _SYLLABLES[1::5], _SYLLABLES[2::7])]
PER_THEME = 30
NEW_WORD = "zukomilo"

pairs = st.tuples(st.integers(0, 400), st.integers(1, 400)).map(lambda pair: (min(pair), max(pair)))


def a_wave(themes: Sequence[Sequence[str]], *, texts: Sequence[str] = (), language: str = "de") -> Wave:
    """One statement a person, which belongs to these themes."""
    given_texts = texts or [""] * len(themes)
    return Wave(
        [Statement(text, language, person) for person, text in enumerate(given_texts)],
        [[Membership(theme, 0.5) for theme in given] for given in themes],
    )


def counted(people: int, speaking: int, theme: str = "parking", text: str = "") -> Wave:
    return a_wave([[theme]] * speaking + [[]] * (people - speaking), texts=[text] * people)


def drawn(chance: np.random.Generator, people: int, shares: Sequence[float], *, has_texts: bool = False) -> Wave:
    """People who each speak of every theme by chance, in one to three statements that repeat what they care for."""
    statements, memberships = [], []
    for person, speaks in enumerate(chance.random((people, len(shares))) < np.array(shares)):
        own = [int(theme) for theme in np.flatnonzero(speaks)]
        for _ in range(chance.integers(1, 4)):
            for theme in own if has_texts else [-1]:
                text = " ".join(WORDS[PER_THEME * theme + i] for i in _common_first(chance, 5)) if has_texts else ""
                statements.append(Statement(text, "de", person))
                memberships.append([Membership(f"t{t}", 0.5) for t in ([theme] if has_texts else own)])
    return Wave(statements, memberships)


def _common_first(chance: np.random.Generator, size: int) -> list[int]:
    return [min(int(i), PER_THEME) - 1 for i in chance.geometric(0.12, size)]


def drawn_groups(chance: np.random.Generator, before: Wave, after: Wave) -> list[NewGroup]:
    rates = chance.uniform(0.01, 0.1, 5)
    rows = [
        [np.flatnonzero(chance.random(len(wave.statements)) < rate).tolist() for wave in (before, after)]
        for rate in rates
    ]
    return [NewGroup(f"new{i}", *pair, 0.9) for i, pair in enumerate(rows)]


def theme_of(compared: WaveComparison, name: str = "parking") -> ThemeChange:
    [found] = [theme for theme in compared.themes if theme.theme == name]
    return found


# Shares


@pytest.mark.parametrize(
    ("later", "earlier", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_interval_is_the_published_one(
    later: tuple[int, int], earlier: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    change = compare_shares((earlier[0], later[0]), (earlier[1], later[1]))

    assert (change.low, change.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_wilson_interval_is_the_published_one() -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    assert wilson_interval(81, 263) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert wilson_interval(0, 20) == (0.0, pytest.approx(0.1611, abs=5e-5))
    assert wilson_interval(29, 29) == (pytest.approx(0.8830, abs=5e-5), 1.0)


@given(pairs, pairs)
def test_interval_holds_the_difference_and_turns_round_with_the_waves(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    change = compare_shares((one[0], other[0]), (one[1], other[1]))
    back = compare_shares((other[0], one[0]), (other[1], one[1]))

    assert -1 <= change.low <= change.difference <= change.high <= 1  # type: ignore[operator]  # nobody is missing
    assert 0 <= change.p <= 1  # type: ignore[operator]  # the same
    assert (back.difference, back.low, back.high) == pytest.approx((-change.difference, -change.high, -change.low))  # type: ignore[operator]  # the same
    assert back.p == pytest.approx(change.p)


def test_test_is_exact_where_few_are_expected_and_of_two_proportions_elsewhere() -> None:
    few = compare_shares((3, 12), (300, 300))
    many = compare_shares((60, 90), (300, 300))

    assert few.p == fisher_exact([[3, 297], [12, 288]]).pvalue
    assert many.p == pytest.approx(chi2_contingency([[60, 240], [90, 210]], correction=False).pvalue)


def test_people_are_counted_once_however_much_they_say() -> None:
    once = counted(40, 10)
    often = Wave([*once.statements, *once.statements[:1] * 50], [*once.memberships, *once.memberships[:1] * 50])

    compared = compare_waves(once, often)

    assert theme_of(compared).people == compare_shares((10, 10), (40, 40))
    assert (compared.people_before, compared.people_after) == (40, 40)


@pytest.mark.parametrize(
    ("before", "after", "is_changed"),
    [
        ((30, 0), (30, 10), True),
        ((29, 0), (29, 10), False),  # clear, but too few people
        ((2000, 200), (2000, 300), True),  # 5 points
        ((2000, 200), (2000, 298), False),  # clear, but less
        ((100, 10), (100, 18), False),  # 8 points that may be chance
        ((300, 90), (300, 40), True),  # fewer
    ],
)
def test_theme_is_changed_by_5_clear_points_among_30_people_a_wave(
    before: tuple[int, int], after: tuple[int, int], is_changed: bool
) -> None:
    theme = theme_of(compare_waves(counted(*before), counted(*after)))

    assert theme.is_changed == is_changed


@pytest.mark.parametrize(
    ("before", "after", "is_lost"),
    [
        ((300, 30), (300, 0), True),
        ((1000, 30), (1000, 0), True),  # by 3 points, too few to be changed
        ((300, 15), (300, 0), False),  # as many as 1.3 % may still speak of it, and it was 5 %
        ((300, 10), (9000, 0), True),
        ((300, 9), (9000, 0), False),  # it was too small to tell
        ((300, 60), (300, 6), False),  # a tenth, but a fifth is possible
        ((300, 150), (300, 10), True),
        ((300, 0), (300, 30), False),
    ],
)
def test_theme_is_lost_when_its_share_is_surely_under_a_fifth(
    before: tuple[int, int], after: tuple[int, int], is_lost: bool
) -> None:
    theme = theme_of(compare_waves(counted(*before), counted(*after)))

    assert theme.is_lost == is_lost


def test_unsorted_counts_people_and_shows_the_share_of_statements() -> None:
    before = a_wave([["a"], ["a"], ["a"], []] * 50)
    talkative = [Statement("", "de", 0)] * 300
    after = Wave([*before.statements, *talkative], [*before.memberships, *[[]] * 300])

    compared = compare_waves(before, after)

    assert compared.unsorted == compare_shares((50, 51), (200, 200))
    assert (compared.unsorted_share_before, compared.unsorted_share_after) == (0.25, 350 / 500)


def test_scores_are_compared_between_people() -> None:
    sure = a_wave([["a"]] * 50)
    twice = [statement for statement in sure.statements for _ in range(2)]
    unsure = Wave(twice, [[Membership("a", 0.2), Membership("b", 0.1)], [Membership("a", 0.4)]] * 50)

    scores = compare_waves(sure, unsure).scores

    assert scores is not None
    assert astuple(scores)[:4] == (50, 50, 0.5, pytest.approx(0.3))
    assert scores.distance == 1
    assert scores.p < 1e-6


# New groups


def found_group(people: tuple[int, int], totals: tuple[int, int], stability: float = 0.9) -> GroupChange:
    before, after = (a_wave([[]] * total) for total in totals)
    [group] = compare_waves(before, after, new=[NewGroup("x", range(people[0]), range(people[1]), stability)]).groups
    return group


@pytest.mark.parametrize(
    ("people", "totals", "stability", "is_new"),
    [
        ((0, 10), (300, 300), 0.75, True),
        ((0, 10), (300, 300), 0.74, False),
        ((0, 9), (300, 300), 0.9, False),
        ((0, 19), (2000, 2000), 0.9, False),  # under 1 % of the people
        ((0, 20), (2000, 2000), 0.9, True),
        ((80, 120), (300, 300), 0.9, True),  # 60 % are of the later wave
        ((81, 120), (300, 300), 0.9, False),
        ((8, 14), (300, 300), 0.9, False),  # may be chance
        ((20, 80), (100, 400), 0.9, False),  # four in five, of a wave of four in five
        ((20, 60), (400, 100), 0.9, True),
        ((40, 40), (400, 100), 0.9, True),  # as many people, but four times the rate
        ((30, 0), (300, 300), 0.9, False),
    ],
)
def test_group_is_new_when_it_is_stable_large_and_clearly_of_the_later_wave(
    people: tuple[int, int], totals: tuple[int, int], stability: float, is_new: bool
) -> None:
    group = found_group(people, totals, stability)

    assert group.is_new == is_new
    assert group.people == compare_shares(people, totals)


def test_group_rate_is_that_of_waves_of_one_size() -> None:
    assert found_group((20, 80), (100, 400)).rate_after == pytest.approx(0.5)
    assert found_group((0, 0), (100, 400)).rate_after is None


# What is chance: no more than 5 % of comparisons of equal waves report anything


@pytest.mark.parametrize(("people_before", "people_after"), [pytest.param(300, 300, marks=pytest.mark.thorough), (400, 80)])
def test_equal_waves_raise_an_alert_in_5_percent_of_comparisons_at_most(people_before: int, people_after: int) -> None:
    chance = np.random.default_rng(11)
    alerts = 0
    by_themselves = []

    for _ in range(200):
        shares = chance.uniform(0.02, 0.3, 12)
        before, after = drawn(chance, people_before, shares), drawn(chance, people_after, shares)
        compared = compare_waves(before, after, new=drawn_groups(chance, before, after))
        alerts += compared.has_alerts
        by_themselves += [theme.people.p for theme in compared.themes]

    assert alerts <= 0.05 * 200
    assert 0.02 < np.mean(np.array(by_themselves) < 0.05) < 0.06  # a test that never finds anything would pass above


def test_equal_waves_with_words_raise_an_alert_in_5_percent_of_comparisons_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waves, "LEAST_DRIFT", 0.0)  # the test alone must hold back
    chance = np.random.default_rng(12)
    alerts = 0
    by_themselves = []

    for _ in range(100):
        shares = chance.uniform(0.05, 0.3, 8)
        before, after = drawn(chance, 200, shares, has_texts=True), drawn(chance, 120, shares, has_texts=True)
        compared = compare_waves(before, after, new=drawn_groups(chance, before, after), shuffles=200)
        alerts += compared.has_alerts
        by_themselves += [theme.drift.p for theme in compared.themes if theme.drift]

    assert alerts <= 0.05 * 100
    assert 0.03 < np.mean(np.array(by_themselves) < 0.05) < 0.07


# What was planted


def test_theme_that_grows_by_12_points_among_300_people_is_found() -> None:
    chance = np.random.default_rng(13)
    shares = [0.1, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.1, 0.1, 0.05]
    found = others = 0

    for _ in range(100):
        compared = compare_waves(drawn(chance, 300, shares), drawn(chance, 300, [0.22, *shares[1:]]))
        found += theme_of(compared, "t0").is_changed
        others += any(theme.is_changed for theme in compared.themes if theme.theme != "t0")

    assert found >= 80
    assert others <= 5


def test_theme_that_vanishes_is_found() -> None:
    chance = np.random.default_rng(14)
    shares = [0.05, 0.1, 0.2, 0.3, 0.1]
    before, after = drawn(chance, 300, [*shares, 0]), drawn(chance, 300, [*shares, 0])
    people = {row for row, statement in enumerate(before.statements) if statement.person in range(0, 300, 10)}
    memberships = [
        [*found, Membership("gone", 0.5)] if row in people else found for row, found in enumerate(before.memberships)
    ]

    gone = theme_of(compare_waves(Wave(before.statements, memberships), after), "gone")

    assert (gone.people.people_before, gone.people.people_after) == (30, 0)
    assert gone.is_lost
    assert gone.is_changed


def test_new_group_is_found_among_groups_of_both_waves() -> None:
    chance = np.random.default_rng(15)
    before, after = (drawn(chance, 300, [0.2, 0.1]) for _ in range(2))
    alike = drawn_groups(chance, before, after)

    compared = compare_waves(before, after, new=[*alike, NewGroup("planted", [0, 1], range(0, 60, 2), 0.8)])

    assert [group.key for group in compared.groups if group.is_new] == ["planted"]


def planted(wave: Wave, theme: str, share: float, chance: np.random.Generator, word: str = NEW_WORD) -> Wave:
    """The wave, with another last word in so large a share of the theme's statements."""
    changed = [
        replace(statement, text=f"{statement.text.rsplit(' ', 1)[0]} {word}")
        if theme in [item.theme for item in given_themes] and chance.random() < share
        else statement
        for statement, given_themes in zip(wave.statements, wave.memberships, strict=True)
    ]
    return Wave(changed, wave.memberships)


def test_theme_whose_wording_changes_is_found_and_no_other() -> None:
    chance = np.random.default_rng(16)
    shares = [0.2, 0.1, 0.3, 0.2, 0.15]
    found = others = 0

    for _ in range(20):
        before, after = (drawn(chance, 300, shares, has_texts=True) for _ in range(2))
        compared = compare_waves(before, planted(after, "t0", 0.6, chance))
        found += theme_of(compared, "t0").is_drifted
        others += any(theme.is_drifted for theme in compared.themes if theme.theme != "t0")

    assert found >= 19
    assert others <= 1


def test_theme_that_drifts_alone_among_many_is_found_with_few_shuffles() -> None:
    chance = np.random.default_rng(17)
    before, after = (drawn(chance, 60, [0.8], has_texts=True) for _ in range(2))
    others = [f"other{i}" for i in range(60)]
    quiet = a_wave([others] * 60, texts=["same words everywhere"] * 60)
    both = [
        Wave([*wave.statements, *quiet.statements], [*wave.memberships, *quiet.memberships])
        for wave in (before, planted(after, "t0", 0.9, chance))
    ]

    compared = compare_waves(both[0], both[1], shuffles=50)

    assert [theme.theme for theme in compared.themes if theme.is_drifted] == ["t0"]


def test_small_drift_of_many_people_is_clear_but_no_alert() -> None:
    chance = np.random.default_rng(18)
    before, after = (drawn(chance, 1500, [0.9], has_texts=True) for _ in range(2))

    theme = theme_of(compare_waves(before, planted(after, "t0", 0.1, chance)), "t0")

    assert theme.drift is not None
    assert theme.drift.p < 0.01
    assert theme.drift.distance**2 - theme.drift.by_chance**2 < LEAST_DRIFT
    assert not theme.is_drifted


def test_one_new_word_in_twenty_is_what_least_drift_says() -> None:
    profiles = waves.sp.csr_matrix([[1 / 19] * 19 + [0], [1 / 20] * 20])

    [bits] = waves._divergence(profiles, [np.ones(2), np.ones(2)], np.array([[False, True]]))

    assert bits == pytest.approx(LEAST_DRIFT, rel=0.05)


# Drift: what is none


def test_other_mix_of_languages_is_no_drift() -> None:
    """Four in five write German in one wave, four in five Spanish in the other, and each language says what it said."""
    chance = np.random.default_rng(19)
    far = []
    for _ in range(10):
        before, after = (drawn(chance, 200, [0.9], has_texts=True) for _ in range(2))
        mixed = [
            replace(
                wave, statements=[replace(s, language="de" if s.person % 5 < most else "es") for s in wave.statements]
            )
            for wave, most in ((before, 4), (after, 1))
        ]
        theme = theme_of(compare_waves(mixed[0], mixed[1]), "t0")
        assert theme.drift is not None
        far.append(theme.drift.p)

    assert min(far) > 0.01
    assert np.median(far) > 0.2


def test_people_who_repeat_themselves_are_no_drift() -> None:
    """Everybody has words of their own, in many statements; with statements as the unit, any two waves would differ."""
    chance = np.random.default_rng(20)

    def wave() -> Wave:
        texts = [" ".join(WORDS[i] for i in chance.integers(0, 60, 3)) for _ in range(30)]
        statements = [Statement(text, "de", person) for person, text in enumerate(texts) for _ in range(20)]
        return Wave(statements, [[Membership("a", 0.5)]] * len(statements))

    far = [theme_of(compare_waves(wave(), wave()), "a").drift for _ in range(20)]

    assert sum(drift is not None and drift.p < 0.05 for drift in far) <= 3


def test_traditional_spelling_is_no_drift() -> None:
    before = a_wave([["parking"]] * 20, texts=["小区停车位太少，希望增加车位"] * 20, language="zh-Hans")
    after = a_wave([["parking"]] * 20, texts=["小區停車位太少，希望增加車位"] * 20, language="zh-Hant")

    drift = theme_of(compare_waves(before, after)).drift

    assert drift is not None
    assert (drift.distance, drift.p) == (pytest.approx(0, abs=1e-6), 1.0)


def test_waves_without_a_common_word_are_as_far_apart_as_can_be() -> None:
    before, after = counted(20, 20, text="laut nachts"), counted(20, 20, text="parkplatz teuer")

    theme = theme_of(compare_waves(before, after))

    assert theme.drift is not None
    assert theme.drift.distance == pytest.approx(1)
    assert 0 < theme.drift.by_chance < 0.4
    assert theme.is_drifted


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (counted(40, 4, text="laut nachts"), counted(40, 40, text="parkplatz")),  # too few speak of it
        (counted(40, 40, text="🙂 🙂"), counted(40, 40, text="12 34")),  # no words
        (
            a_wave([["parking"]] * 40, texts=WORDS[:40]),
            a_wave([["parking"]] * 40, texts=WORDS[40:80]),
        ),  # each their own
        (
            counted(40, 40, text="laut"),
            a_wave([["parking"]] * 40, texts=["ruidoso"] * 40, language="es"),
        ),  # none in both
    ],
)
def test_drift_is_not_told_without_words_to_compare(before: Wave, after: Wave) -> None:
    theme = theme_of(compare_waves(before, after))

    assert (theme.drift, theme.drift_q, theme.is_drifted) == (None, None, False)


def test_unknown_language_is_compared_by_its_words() -> None:
    before = a_wave([["parking"]] * 20, texts=["tempat parkir"] * 20, language="und")
    after = a_wave([["parking"]] * 20, texts=["lampu jalan"] * 20, language="und")

    assert theme_of(compare_waves(before, after)).is_drifted


def test_words_of_some_people_are_read_where_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waves, "MOST_SPEAKERS", 50)
    chance = np.random.default_rng(21)
    before, after = (drawn(chance, 300, [0.9], has_texts=True) for _ in range(2))
    after = planted(after, "t0", 0.9, chance)

    compared = compare_waves(before, after)

    assert theme_of(compared, "t0").is_drifted
    assert compare_waves(turned(before), turned(after)) == compared


# Order, small waves, bad input


def turned(wave: Wave) -> Wave:
    return Wave(wave.statements[::-1], wave.memberships[::-1])


statement_rows = st.lists(
    st.tuples(
        st.integers(0, 25),
        st.sampled_from(["laut nachts", "parkplatz teuer", "arzt termin", "", "🙂"]),
        st.sampled_from(["de", "es", "zh-Hant"]),
        st.lists(st.builds(Membership, st.sampled_from("abc"), st.floats(0, 1)), max_size=2),
    ),
    max_size=60,
)


Rows = list[tuple[int, str, str, list[Membership]]]


def wave_of(rows: Rows) -> Wave:
    statements = [Statement(text, language, person) for person, text, language, _ in rows]
    return Wave(statements, [found for *_, found in rows])


@settings(deadline=None, max_examples=60)
@given(statement_rows, statement_rows, st.randoms(use_true_random=False))
def test_order_of_the_input_changes_nothing(before: Rows, after: Rows, chance: random.Random) -> None:
    order = list(range(len(after)))
    chance.shuffle(order)
    groups = [NewGroup("x", [], range(len(after) // 2), 0.9), NewGroup("y", [], range(len(after)), 0.8)]
    moved = [replace(group, rows_after=[order.index(row) for row in group.rows_after]) for group in groups[::-1]]

    compared = compare_waves(wave_of(before), wave_of(after), new=groups, shuffles=50)

    again = compare_waves(turned(wave_of(before)), wave_of([after[i] for i in order]), new=moved, shuffles=50)
    assert again == compared


@settings(deadline=None, max_examples=60)
@given(statement_rows, statement_rows)
def test_numbers_are_numbers_and_q_is_no_smaller_than_p(before: Rows, after: Rows) -> None:
    compared = compare_waves(wave_of(before), wave_of(after), shuffles=50)

    numbers = _numbers(astuple(compared))
    assert [number for number in numbers if not np.isfinite(number)] == []
    for theme in compared.themes:
        assert (theme.q is None) == (theme.people.p is None)
        assert theme.q is None or theme.people.p is None or theme.q >= theme.people.p
        assert theme.drift is None or 0 <= theme.drift.distance <= 1
        assert not theme.is_lost or theme.people.people_before >= 10


def _numbers(value: object) -> list[float]:
    if isinstance(value, tuple | list):
        return [number for part in value for number in _numbers(part)]
    return [value] if isinstance(value, float) else []


def test_empty_waves_have_an_empty_comparison() -> None:
    nobody = ShareChange(0, 0, None, None)

    assert compare_waves(Wave([], []), Wave([], [])) == WaveComparison(0, 0, [], [], nobody, None, None, None)


def test_wave_of_nobody_leaves_what_cannot_be_told_open() -> None:
    compared = compare_waves(Wave([], []), counted(5, 3), new=[NewGroup("x", [], [3, 4], 0.9)])

    people = ShareChange(0, 3, None, 0.6)
    assert compared.themes == [ThemeChange("parking", people, None, False, False, None, None, False)]
    assert compared.groups == [GroupChange("x", 0.9, ShareChange(0, 2, None, 0.4), None, None, False)]
    assert (compared.unsorted_share_before, compared.unsorted_share_after) == (None, 0.4)


def test_five_people_a_wave_are_counted_and_raise_no_alert() -> None:
    compared = compare_waves(counted(5, 5), counted(5, 0))

    assert theme_of(compared).people == compare_shares((5, 0), (5, 5))
    assert compared.scores is None
    assert not compared.has_alerts


def test_theme_of_everybody_in_both_waves_is_not_changed() -> None:
    theme = theme_of(compare_waves(counted(40, 40, text="laut"), counted(40, 40, text="laut")))

    assert (theme.people.difference, theme.people.p, theme.q, theme.drift_q) == (0.0, 1.0, 1.0, 1.0)


def test_themes_and_groups_come_with_most_people_first() -> None:
    before, after = a_wave([["b", "a"], ["b", "c"]]), a_wave([["c", "b"], ["a"]])
    groups = [NewGroup("few", [], [0], 0.9), NewGroup("many", [0], [0, 1], 0.9)]

    compared = compare_waves(before, after, new=groups)

    assert [theme.theme for theme in compared.themes] == ["b", "a", "c"]
    assert [group.key for group in compared.groups] == ["many", "few"]


def test_wave_without_memberships_for_each_statement_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        compare_waves(Wave([Statement("x", "de", 1)], []), Wave([], []))


@pytest.mark.parametrize("rows", [[5], [-1]])
def test_group_with_a_row_that_is_not_there_is_refused(rows: list[int]) -> None:
    with pytest.raises(ValueError, match="not all in a wave of 5"):
        compare_waves(counted(5, 2), counted(5, 2), new=[NewGroup("x", rows, [], 0.9)])
