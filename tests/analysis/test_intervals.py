"""Intervals against published tables, against scipy, and by what holds for any numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.statistics.intervals import (
    Design,
    Interval,
    adjusted_p_values,
    discoveries,
    effective_size,
    margin_of_error,
    mean_interval,
    needed_size,
    newcombe_interval,
    two_share_p_value,
    wilson_interval,
)

shares = st.floats(0, 1)
sizes = st.floats(0.5, 1e6)
confidences = st.floats(0.5, 0.999)
p_lists = st.lists(st.floats(0, 1), max_size=30)

# N, n for 5 points, n for 10 points, n for 5 points with deff 1.5: the project's requirements
NEEDED = [
    (12_901, 374, 96, 552), (3_037, 342, 94, 485), (2_088, 325, 92, 452), (1_079, 284, 89, 376), (350, 184, 76, 218),
    (211, 137, 67, 155), (137, 102, 57, 111), (45, 41, 31, 42), (33, 31, 25, 32), (39_502, 381, 96, 568),
]  # fmt: skip


@pytest.mark.parametrize(("population", "five", "ten", "five_weighted"), NEEDED)
def test_needed_size_of_the_places_of_the_requirements(
    population: int, five: int, ten: int, five_weighted: int
) -> None:
    assert (
        needed_size(0.05, population=population),
        needed_size(0.1, population=population),
        needed_size(0.05, population=population, deff=1.5),
    ) == (five, ten, five_weighted)


def test_needed_size_of_an_endless_population() -> None:
    assert (needed_size(0.05), needed_size(0.03), needed_size(0.9)) == (385, 1068, 2)


@pytest.mark.parametrize("population", [None, 1, 100])
def test_needed_size_is_one_where_all_are_alike(population: int | None) -> None:
    assert (
        needed_size(0.05, share=0.0, population=population) == needed_size(0.05, share=1.0, population=population) == 1
    )


@given(
    st.floats(0.005, 0.3),
    st.floats(0.01, 0.99),
    st.floats(1, 3),
    st.one_of(st.none(), st.integers(2, 100_000)),
)
def test_needed_size_is_the_smallest_that_keeps_the_margin(
    margin: float, share: float, deff: float, population: int | None
) -> None:
    n = needed_size(margin, share=share, deff=deff, population=population)

    def reached(size: int) -> float:
        return margin_of_error(Design.PROBABILITY, size, share=share, deff=deff, population=population)

    assert reached(n) <= margin * (1 + 1e-9)
    assert n == 1 or reached(n - 1) > margin * (1 - 1e-9)


def test_margin_of_everybody_is_none() -> None:
    assert margin_of_error(Design.PROBABILITY, 350, population=350) == 0
    assert effective_size(350, population=350) == math.inf


def test_margin_by_hand() -> None:
    margin = margin_of_error(Design.PROBABILITY, 100, share=0.2, deff=2, population=1_000, confidence=0.9)

    assert margin == pytest.approx(1.6448536 * math.sqrt(0.16 / 100 * 2 * 900 / 999))


@pytest.mark.parametrize(
    ("design", "why"), [(Design.CENSUS, "Everybody was asked"), (Design.OPEN, "no probability sample")]
)
def test_margin_of_anything_but_a_probability_sample_is_refused(design: Design, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        margin_of_error(design, 400)


@pytest.mark.parametrize(("count", "n", "low", "high"), [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
])  # fmt: skip
def test_wilson_interval_of_newcombe_1998(count: int, n: int, low: float, high: float) -> None:
    """Table I of Newcombe (1998), "Two-sided confidence intervals for the single proportion", method 3."""
    found = wilson_interval(count / n, n)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@settings(deadline=None)
@given(st.integers(1, 500), st.data(), confidences)
def test_wilson_interval_is_that_of_scipy(n: int, data: st.DataObject, confidence: float) -> None:
    count = data.draw(st.integers(0, n))
    other = stats.binomtest(count, n).proportion_ci(confidence, method="wilson")

    found = wilson_interval(count / n, n, confidence=confidence)

    assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=1e-9)


@given(shares, sizes, confidences)
def test_wilson_interval_holds_the_share_and_stays_a_share(share: float, n: float, confidence: float) -> None:
    found = wilson_interval(share, n, confidence=confidence)

    assert 0 <= found.low <= share <= found.high <= 1
    assert found.contains(share)


@given(shares, sizes)
def test_wilson_interval_of_the_opposite_is_its_mirror(share: float, n: float) -> None:
    found, mirror = wilson_interval(share, n), wilson_interval(1 - share, n)

    assert (found.low, found.high) == pytest.approx((1 - mirror.high, 1 - mirror.low), abs=1e-9)


def test_wilson_interval_is_a_point_where_everybody_answered() -> None:
    assert wilson_interval(0.3, effective_size(45, population=45)) == Interval(0.3, 0.3, 0.3)


@pytest.mark.parametrize(("first", "second", "low", "high"), [
    ((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0),
    ((10, 10), (0, 20), 0.6791, 1.0),
])  # fmt: skip
def test_newcombe_interval_of_the_paper(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Table II of Newcombe (1998), "Interval estimation for the difference", method 10."""
    found = newcombe_interval(first[0] / first[1], first[1], second[0] / second[1], second[1])

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(shares, sizes, shares, sizes)
def test_newcombe_interval_holds_the_difference_and_turns_with_it(p: float, n: float, q: float, m: float) -> None:
    found, turned = newcombe_interval(p, n, q, m), newcombe_interval(q, m, p, n)

    assert -1 <= found.low <= p - q <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_two_share_p_value_is_that_of_pearson(n: int, m: int, data: st.DataObject) -> None:
    yes, other = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    found = two_share_p_value(yes / n, n, other / m, m)

    if yes + other in {0, n + m}:
        assert found == 1
    else:
        table = [[yes, n - yes], [other, m - other]]
        assert found == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, abs=1e-9)


@settings(deadline=None)
@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=20).filter(lambda row: max(row) - min(row) > 1e-3), confidences
)
def test_mean_interval_is_that_of_scipy(values: list[float], confidence: float) -> None:
    other = stats.ttest_1samp(values, 0).confidence_interval(confidence)

    found = mean_interval(values, confidence=confidence)

    assert (found.low, found.high) == pytest.approx((other.low, other.high), rel=1e-7, abs=1e-9)


def test_mean_interval_of_equal_values_is_a_point() -> None:
    assert mean_interval([2, 2, 2]) == Interval(2, 2, 2)


def test_adjusted_p_values_of_the_paper() -> None:
    """The fifteen tests of Benjamini and Hochberg (1995): four are discoveries."""
    p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1.0]  # fmt: skip

    assert discoveries(p) == [True] * 4 + [False] * 11
    assert adjusted_p_values(p)[3] == pytest.approx(0.0095 * 15 / 4)


@settings(deadline=None)
@given(p_lists.filter(bool))
def test_adjusted_p_values_are_those_of_scipy(p_values: list[float]) -> None:
    assert adjusted_p_values(p_values) == pytest.approx(list(stats.false_discovery_control(p_values)))


@given(p_lists)
def test_adjusted_p_values_keep_the_order_and_are_no_smaller(p_values: list[float]) -> None:
    adjusted = adjusted_p_values(p_values)
    by_p = [after for _, after in sorted(zip(p_values, adjusted, strict=True))]

    assert all(before <= after * (1 + 1e-12) for before, after in zip(p_values, adjusted, strict=True))
    assert by_p == sorted(by_p)
    assert all(after <= 1 for after in adjusted)


@given(p_lists, st.randoms(use_true_random=False))
def test_adjusted_p_values_follow_their_tests(p_values: list[float], random) -> None:  # type: ignore[no-untyped-def]  # hypothesis names no type
    order = random.sample(range(len(p_values)), len(p_values))
    adjusted = adjusted_p_values(p_values)

    assert adjusted_p_values([p_values[i] for i in order]) == pytest.approx([adjusted[i] for i in order])


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson_interval(1.1, 10),
        lambda: wilson_interval(float("nan"), 10),
        lambda: wilson_interval(0.5, 0),
        lambda: wilson_interval(0.5, 10, confidence=1),
        lambda: newcombe_interval(0.5, 10, -0.1, 10),
        lambda: two_share_p_value(0.5, 10, 0.5, math.inf),
        lambda: two_share_p_value(0.5, 10, 1.5, 10),
        lambda: margin_of_error(Design.PROBABILITY, 0),
        lambda: margin_of_error(Design.PROBABILITY, 11, population=10),
        lambda: margin_of_error(Design.PROBABILITY, 10, deff=0),
        lambda: needed_size(0),
        lambda: needed_size(0.1, population=0),
        lambda: mean_interval([1]),
        lambda: mean_interval([1, float("nan")]),
        lambda: mean_interval([1, 2], confidence=0),
        lambda: adjusted_p_values([0.1, 1.2]),
    ],
)
def test_what_has_no_meaning_is_refused(call) -> None:  # type: ignore[no-untyped-def]  # a lambda
    with pytest.raises(ValueError, match=r"\.$"):
        call()
