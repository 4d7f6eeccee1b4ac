"""Tests of change against published examples, against scipy, and by what holds for any numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.statistics.change import (
    Wave,
    WaveChange,
    mcnemar_test,
    paired_change,
    trend_test,
    wave_change,
)
from analysis.statistics.intervals import newcombe_interval, two_share_p_value

counts = st.integers(0, 60)
waves = st.builds(Wave, st.floats(0, 1), st.floats(1, 5000))


@st.composite
def counted_waves(draw: st.DrawFn, smallest: int = 2) -> list[tuple[int, int]]:
    sizes = draw(st.lists(st.integers(1, 40), min_size=smallest, max_size=6))
    return [(draw(st.integers(0, n)), n) for n in sizes]


# The same people twice


@pytest.mark.parametrize(("gained", "lost", "exact", "mid"), [(1, 7, 0.0703, 0.0391), (6, 16, 0.0525, 0.0347)])
def test_mcnemar_of_fagerland_2013(gained: int, lost: int, exact: float, mid: float) -> None:
    """Two examples of the paper: airway hyper-responsiveness, and complete response, each before and after."""
    assert tuple(round(p, 4) for p in mcnemar_test(gained, lost)) == (exact, mid)


@settings(deadline=None)
@given(counts, counts)
def test_mcnemar_is_scipys_test_of_a_fair_coin(gained: int, lost: int) -> None:
    exact, _ = mcnemar_test(gained, lost)
    other = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0

    assert exact == pytest.approx(other)


@given(counts, counts)
def test_mcnemar_mid_p_counts_the_observed_half(gained: int, lost: int) -> None:
    """By its definition: all outcomes that are more uneven, and half of those that are as uneven."""
    tosses = gained + lost
    uneven = abs(gained - lost)
    weights = {k: math.comb(tosses, k) / 2**tosses for k in range(tosses + 1)}
    more = sum(p for k, p in weights.items() if abs(2 * k - tosses) > uneven)
    same = sum(p for k, p in weights.items() if abs(2 * k - tosses) == uneven)

    exact, mid = mcnemar_test(gained, lost)

    assert (exact, mid) == pytest.approx((more + same, more + same / 2))
    assert mcnemar_test(lost, gained) == (exact, mid)


def test_paired_change_counts_those_who_changed() -> None:
    before = [True] * 5 + [False] * 15
    after = [True] * 4 + [False] * 1 + [True] * 7 + [False] * 8

    change = paired_change(before, after)

    assert (change.n, change.gained, change.lost) == (20, 7, 1)
    assert (change.exact_p, change.mid_p) == mcnemar_test(7, 1)
    assert change.difference == pytest.approx(11 / 20 - 5 / 20)


@pytest.mark.parametrize(("before", "after"), [([], []), ([True], [True, False])])
def test_paired_change_of_unlike_people_is_refused(before: list[bool], after: list[bool]) -> None:
    with pytest.raises(ValueError, match="same people"):
        paired_change(before, after)


def test_mcnemar_of_fewer_than_none_is_refused() -> None:
    with pytest.raises(ValueError, match="Fewer than none"):
        mcnemar_test(-1, 3)


# Two waves


@pytest.mark.parametrize(("before", "after", "is_alert"), [
    (Wave(0.60, 80), Wave(0.80, 70), True),
    (Wave(0.80, 70), Wave(0.60, 80), True),
    (Wave(0.60, 80), Wave(0.70, 70), False),  # the interval holds 0
    (Wave(0.10, 29), Wave(0.90, 500), False),  # too few before
    (Wave(0.10, 500), Wave(0.90, 29.9), False),  # too few after, effectively
    (Wave(0.10, 30), Wave(0.90, 30), True),
])  # fmt: skip
def test_alert_needs_enough_people_and_an_interval_without_0(before: Wave, after: Wave, is_alert: bool) -> None:
    assert wave_change(before, after).is_alert is is_alert


def test_alert_follows_the_minimum_and_the_confidence() -> None:
    before, after = Wave(0.60, 80), Wave(0.80, 70)

    assert not wave_change(before, after, minimum=71).is_alert
    assert not wave_change(before, after, confidence=0.999).is_alert


@given(waves, waves)
def test_wave_change_is_later_minus_earlier(before: Wave, after: Wave) -> None:
    change = wave_change(before, after)

    assert change == WaveChange(
        newcombe_interval(after.share, after.n, before.share, before.n),
        two_share_p_value(before.share, before.n, after.share, after.n),
        is_large_enough=before.n >= 30 and after.n >= 30,
    )
    assert wave_change(after, before).is_alert == change.is_alert


# Many waves


def test_trend_of_agresti() -> None:
    """Maternal drinking and malformations, *Categorical Data Analysis*: chi-square 6.57 with one degree of freedom."""
    absent, present = [17_066, 14_464, 788, 126, 37], [48, 38, 5, 1, 1]
    drinking = [Wave(yes / (yes + no), yes + no) for no, yes in zip(absent, present, strict=True)]

    trend = trend_test(drinking, scores=[0, 0.5, 1.5, 4, 7])

    assert trend.z**2 == pytest.approx(6.57, abs=0.005)
    assert trend.p_value == pytest.approx(0.0104, abs=0.00005)
    assert trend.z > 0


@settings(deadline=None)
@given(counted_waves())
def test_trend_is_the_correlation_of_answers_with_time(counted: list[tuple[int, int]]) -> None:
    """z² = N r², with every respondent's answer and score."""
    answers = [answer for yes, n in counted for answer in [1.0] * yes + [0.0] * (n - yes)]
    times = [float(time) for time, (_, n) in enumerate(counted) for _ in range(n)]

    trend = trend_test([Wave(yes / n, n) for yes, n in counted])

    if len(set(answers)) == 1:
        assert (trend.z, trend.p_value) == (0, 1)
    else:
        assert trend.z == pytest.approx(math.sqrt(len(answers)) * stats.pearsonr(times, answers).statistic, abs=1e-9)
        assert trend.p_value == pytest.approx(2 * stats.norm.sf(abs(trend.z)))


@given(counted_waves(), st.floats(0.1, 10), st.floats(-2000, 2000))
def test_trend_knows_no_unit_of_time_and_turns_with_it(
    counted: list[tuple[int, int]], step: float, start: float
) -> None:
    some = [Wave(yes / n, n) for yes, n in counted]
    trend = trend_test(some)

    assert trend_test(some, scores=[start + step * i for i in range(len(some))]).z == pytest.approx(trend.z, abs=1e-6)
    assert trend_test(some[::-1]).z == pytest.approx(-trend.z, abs=1e-9)


@given(waves, waves)
def test_trend_of_two_waves_is_the_test_of_two_shares(before: Wave, after: Wave) -> None:
    assert trend_test([before, after]).p_value == pytest.approx(
        two_share_p_value(before.share, before.n, after.share, after.n), abs=1e-9
    )


@pytest.mark.parametrize(("some", "scores"), [
    ([Wave(0.5, 10)], None), ([Wave(0.5, 10)] * 2, [1]), ([Wave(0.5, 10)] * 2, [1, 1]),
    ([Wave(0.5, 10)] * 2, [1, math.nan]),
])  # fmt: skip
def test_trend_without_a_direction_is_refused(some: list[Wave], scores: list[float] | None) -> None:
    with pytest.raises(ValueError, match="at least two waves"):
        trend_test(some, scores=scores)


@pytest.mark.parametrize(("share", "n"), [(1.1, 10), (math.nan, 10), (0.5, 0), (0.5, math.inf)])
def test_a_wave_of_no_share_is_refused(share: float, n: float) -> None:
    with pytest.raises(ValueError, match="A wave"):
        Wave(share, n)
