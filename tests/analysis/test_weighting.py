"""Raking by hand and by its definition, collapsing, trimming, Kish's design effect, and the bootstrap around them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.resampling import Resampled, StatisticUndefined, bootstrap, finite_population_factor
from analysis.statistics.shares import Population, Share
from analysis.statistics.weighting import (
    RakingDiverged,
    Weights,
    both_shares,
    design_effect,
    rake,
    weighted_share_intervals,
)


def people(cells: dict[tuple[str, str], int]) -> dict[str, list[str]]:
    """Respondents by (sex, age)."""
    rows = [cell for cell, n in cells.items() for _ in range(n)]
    return {"sex": [sex for sex, _ in rows], "age": [age for _, age in rows]}


def weighted_shares(weights: Weights, categories: list[str]) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for weight, category in zip(weights.values, categories, strict=True):
        sums[category] += weight
    return {category: value / len(categories) for category, value in sums.items()}


@st.composite
def surveys(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, dict[str, float]]]:
    cells = {(a, b): draw(st.integers(5, 40)) for a in ("f", "m") for b in ("young", "middle", "old")}
    sizes = st.floats(0.2, 5)
    margins = {
        "sex": {name: draw(sizes) for name in ("f", "m")},
        "age": {name: draw(sizes) for name in ("young", "middle", "old")},
    }
    return people(cells), margins


def test_design_effect_of_the_requirements() -> None:
    weights = [1.0] * 50 + [2.0] * 30 + [5.0] * 20

    assert round(design_effect(weights), 4) == 1.5193
    assert round(len(weights) / design_effect(weights), 2) == 65.82


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50), st.floats(0.1, 10))
def test_design_effect_is_at_least_1_and_has_no_unit(weights: list[float], factor: float) -> None:
    deff = design_effect(weights)

    assert 1 - 1e-9 <= deff <= len(weights) * (1 + 1e-9)
    assert design_effect([weight * factor for weight in weights]) == pytest.approx(deff)


@settings(max_examples=50, deadline=None)
@given(surveys())
def test_untrimmed_weights_reproduce_the_margins(
    survey: tuple[dict[str, list[str]], dict[str, dict[str, float]]],
) -> None:
    answers, margins = survey
    weights = rake(answers, margins, limit=None)

    for name, margin in margins.items():
        wanted = {category: size / sum(margin.values()) for category, size in margin.items()}
        assert weighted_shares(weights, answers[name]) == pytest.approx(wanted, abs=1e-9)
    assert weights.values.mean() == pytest.approx(1, abs=1e-12)
    assert (weights.collapsed, weights.trimmed) == ({}, 0)
    assert weights.gap < 1e-9


@settings(max_examples=25, deadline=None)
@given(surveys())
def test_raking_keeps_the_odds_ratios_of_the_sample(
    survey: tuple[dict[str, list[str]], dict[str, dict[str, float]]],
) -> None:
    """What tells iterative proportional fitting from every other way to meet the margins."""
    answers, margins = survey
    values = rake(answers, margins, limit=None).values
    cells = zip(answers["sex"], answers["age"], strict=True)
    weight = dict(zip(cells, values, strict=True))

    for age in ("middle", "old"):
        ratio = weight["f", "young"] * weight["m", age] / (weight["m", "young"] * weight["f", age])
        assert ratio == pytest.approx(1, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(surveys(), st.floats(0.01, 1000), st.randoms(use_true_random=False))
def test_weights_follow_their_respondents_and_know_no_unit(survey, factor: float, random) -> None:  # type: ignore[no-untyped-def]  # hypothesis names no type
    answers, margins = survey
    order = random.sample(range(len(answers["sex"])), len(answers["sex"]))
    moved = {name: [column[i] for i in order] for name, column in answers.items()}
    scaled = {name: {key: size * factor for key, size in margin.items()} for name, margin in margins.items()}

    assert rake(moved, scaled).values == pytest.approx(rake(answers, margins).values[order], rel=1e-6)


def test_raking_by_hand() -> None:
    """Independent in the sample and so in the weights: 0.5/0.75 or 0.5/0.25 times 0.8/0.5 or 0.2/0.5."""
    answers = people({("f", "young"): 30, ("f", "old"): 30, ("m", "young"): 10, ("m", "old"): 10})
    weights = rake(answers, {"sex": {"f": 1, "m": 1}, "age": {"young": 8, "old": 2}})

    assert sorted({round(float(value), 9) for value in weights.values}) == pytest.approx(
        sorted([2 / 3 * 1.6, 2 / 3 * 0.4, 2 * 1.6, 2 * 0.4])
    )
    assert weights.n_eff == pytest.approx(80 / weights.deff)


def test_small_categories_join_the_next_smallest() -> None:
    column = ["a"] * 50 + ["b"] * 20 + ["c"] * 4 + ["d"] * 3
    weights = rake({"area": column}, {"area": {"a": 40, "b": 30, "c": 10, "d": 15, "nobody": 5}}, limit=None)

    assert weights.collapsed == {"area": [("c", "d", "nobody")]}
    assert weighted_shares(weights, column) == pytest.approx(
        {"a": 0.4, "b": 0.3, "c": 0.3 * 4 / 7, "d": 0.3 * 3 / 7}, abs=1e-9
    )


def test_a_category_of_the_minimum_stands_alone() -> None:
    margin = {"area": {"a": 1.0, "b": 1.0}}

    assert rake({"area": ["a"] * 20 + ["b"] * 5}, margin).collapsed == {}
    assert rake({"area": ["a"] * 20 + ["b"] * 4}, margin).collapsed == {"area": [("a", "b")]}


def test_trimming_by_hand() -> None:
    """10 of 100 for half the people: 5 each. At 3, they hold 30; the others share 70 instead of 50."""
    weights = rake({"area": ["a"] * 90 + ["b"] * 10}, {"area": {"a": 1, "b": 1}}, limit=3)

    assert weights.values == pytest.approx([70 / 90] * 90 + [3] * 10)
    assert weights.trimmed == 10
    assert weights.gap == pytest.approx(0.2)


def test_trimming_goes_on_where_the_raised_ones_pass_the_limit() -> None:
    column = ["a"] * 80 + ["b"] * 10 + ["c"] * 10
    weights = rake({"area": column}, {"area": {"a": 20, "b": 19, "c": 61}}, limit=2)

    assert weights.values == pytest.approx([60 / 80] * 80 + [2] * 20)
    assert weights.trimmed == 20


@settings(max_examples=25, deadline=None)
@given(surveys(), st.floats(1.05, 3))
def test_trimmed_weights_keep_the_limit_and_the_mean(survey, limit: float) -> None:  # type: ignore[no-untyped-def]  # a composite
    weights = rake(*survey, limit=limit)

    assert weights.values.max() <= limit * (1 + 1e-9)
    assert weights.values.mean() == pytest.approx(1)
    assert weights.deff <= rake(*survey, limit=None).deff + 1e-9


def test_margins_that_contradict_the_respondents_stop() -> None:
    """Only young women and old men answered: as many women as men, yet not as many young as old, cannot be."""
    answers = people({("f", "young"): 10, ("m", "old"): 10})

    with pytest.raises(RakingDiverged, match="1000 rounds"):
        rake(answers, {"sex": {"f": 1, "m": 1}, "age": {"young": 3, "old": 1}})


@pytest.mark.parametrize(("answers", "margins", "options", "why"), [
    ({"x": ["a"] * 9}, {}, {}, "at least one margin"),
    ({"x": ["a"] * 9}, {"y": {"a": 1}}, {}, "at least one margin"),
    ({"x": ["a"] * 9, "y": ["a"]}, {"x": {"a": 1}, "y": {"a": 1}}, {}, "one category"),
    ({"x": ["a"] * 4}, {"x": {"a": 1}}, {}, "at least 5"),
    ({"x": ["a"] * 9}, {"x": {"a": 1}}, {"minimum": 0}, "at least 1 "),
    ({"x": ["a"] * 9}, {"x": {"a": 1}}, {"limit": 1}, "above their mean"),
    ({"x": ["a"] * 9}, {"x": {"a": 1, "b": 0}}, {}, "above 0"),
    ({"x": ["a"] * 9 + ["z"]}, {"x": {"a": 1}}, {}, "no margin of x for z"),
])  # fmt: skip
def test_what_cannot_be_weighted_is_refused(answers, margins, options, why: str) -> None:  # type: ignore[no-untyped-def]  # a table
    with pytest.raises(ValueError, match=why):
        rake(answers, margins, **options)


@pytest.mark.parametrize("weights", [[], [1.0, 0.0], [1.0, float("nan")]])
def test_design_effect_of_what_is_no_weight_is_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        design_effect(weights)


# Shares


def test_shares_stand_side_by_side() -> None:
    both = both_shares([True] * 10 + [False] * 10, [0.5] * 10 + [1.5] * 10, Population.UNIT)

    assert both.unweighted == Share(10, 20, Population.UNIT)
    assert both.weighted == Share(5, 20, Population.UNIT)
    assert (both.unweighted.value, both.weighted.value) == (0.5, 0.25)


def test_shares_of_answers_without_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="one weight"):
        both_shares([True], [1.0, 1.0], Population.UNIT)


def test_shares_of_one_kind_add_up_and_of_two_kinds_do_not() -> None:
    residents = Share(1, 4, Population.RESIDENT)

    assert residents + Share(3, 4, Population.RESIDENT) == Share(4, 8, Population.RESIDENT)
    with pytest.raises(ValueError, match="resident and unit"):
        residents + Share(3, 4, Population.UNIT)
    with pytest.raises(TypeError):
        residents + 1  # type: ignore[operator]  # that is what is tested


@pytest.mark.parametrize(("count", "total"), [(-1, 4), (5, 4), (0, 0), (1, float("nan"))])
def test_a_share_that_is_no_part_is_refused(count: float, total: float) -> None:
    with pytest.raises(ValueError, match="part"):
        Share(count, total, Population.RESIDENT)


# Bootstrap


Cells = dict[tuple[str, ...], tuple[int, int]]
"""By category of each variable in order: respondents, and how many of them said yes."""


def interval_of(cells: Cells, margins: dict[str, dict[str, float]], *, seed: int = 1, **options) -> Resampled:  # type: ignore[no-untyped-def]  # handed on
    columns = {name: [cell[place] for cell in cells] for place, name in enumerate(margins)}
    sizes, yes = [n for n, _ in cells.values()], {"q": [said for _, said in cells.values()]}
    return weighted_share_intervals(yes, sizes, columns, margins, rng=np.random.default_rng(seed), **options)["q"]


def test_weighted_share_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """The old are a tenth of those who answer and half of the people; 80 % of them say yes, 20 % of the young."""
    rng = np.random.default_rng(20260101)
    held = 0
    for seed in range(80):
        old = int(rng.binomial(300, 0.1))
        cells: Cells = {("old",): (old, int(rng.binomial(old, 0.8))), ("young",): (300 - old, int(rng.binomial(300 - old, 0.2)))}
        found = interval_of(cells, {"age": {"old": 1, "young": 1}}, seed=seed, resamples=100, limit=None)
        held += found.interval.contains(0.5)

    assert 69 <= held <= 80  # of 80 at 95 %: 76, give or take 3 standard errors, and what percentiles lack in samples of 30


def test_weighted_share_interval_of_a_finite_population_holds_its_truth_too() -> None:
    """600 of 800 people are drawn without replacement: without the correction the interval would be twice as wide and hold always."""
    rng = np.random.default_rng(20260102)
    is_old, says_yes = np.arange(800) < 400, np.arange(800) % 4 == 0
    held = 0
    margins: dict[str, dict[str, float]] = {"age": {"old": 400, "young": 400}}
    for seed in range(60):
        drawn = rng.choice(800, 600, replace=False)
        old, yes = is_old[drawn], says_yes[drawn]
        cells: Cells = {(name,): (int(those.sum()), int((yes & those).sum())) for name, those in (("old", old), ("young", ~old))}
        found = interval_of(cells, margins, seed=seed, resamples=100, population=800).interval
        held += found.contains(0.25)
    plain = interval_of(cells, margins, seed=seed, resamples=100).interval

    assert 50 <= held <= 60
    assert found.high - found.low == pytest.approx((plain.high - plain.low) * (200 / 799) ** 0.5)


def test_intervals_from_cells_are_those_of_drawing_the_respondents_themselves() -> None:
    """Rows drawn with replacement and raked one by one, beside the same from the counts: limits agree within what chance leaves."""
    cells: Cells = {("f", "young"): (40, 30), ("f", "old"): (25, 10), ("m", "young"): (30, 6), ("m", "old"): (25, 20)}
    margins: dict[str, dict[str, float]] = {"sex": {"f": 1, "m": 1}, "age": {"young": 1, "old": 3}}
    rows = [cell for cell, (n, _) in cells.items() for _ in range(n)]
    said = np.array([place < yes for n, yes in cells.values() for place in range(n)], dtype=float)
    columns = {name: np.array([row[place] for row in rows], dtype=object) for place, name in enumerate(margins)}

    def weighted_share(drawn: np.ndarray) -> float:
        weights = rake({name: column[drawn].tolist() for name, column in columns.items()}, margins).values
        return float(weights @ said[drawn]) / len(said)

    by_rows = bootstrap(weighted_share, len(rows), rng=np.random.default_rng(1), resamples=1500).interval
    by_cells = interval_of(cells, margins, resamples=1500).interval

    assert by_cells.estimate == pytest.approx(by_rows.estimate)
    # a percentile of 1,500 resamples has a standard error of about 0.003 here
    assert (by_cells.low, by_cells.high) == pytest.approx((by_rows.low, by_rows.high), abs=0.012)


def test_interval_without_a_difference_to_weigh_is_the_binomial_one() -> None:
    """One category: the weighted share is the plain one, and its resamples are binomial (400; 0.25) / 400: 0.2075 to 0.2925."""
    found = interval_of({("a",): (400, 100)}, {"x": {"a": 1}}, resamples=2000)

    assert (found.interval.estimate, found.interval.low, found.interval.high) == pytest.approx((0.25, 0.2075, 0.2925), abs=0.006)


def test_cells_are_raked_as_the_respondents_in_them() -> None:
    sizes = {("f", "young"): 30, ("f", "old"): 12, ("m", "young"): 3, ("m", "old"): 10}
    margins: dict[str, dict[str, float]] = {"sex": {"f": 1, "m": 2}, "age": {"young": 1, "old": 6}}

    by_rows = rake(people(sizes), margins, limit=2)
    by_cells = rake(people(dict.fromkeys(sizes, 1)), margins, sizes=list(sizes.values()), limit=2)

    assert np.repeat(by_cells.values, list(sizes.values())) == pytest.approx(by_rows.values)
    assert (by_cells.trimmed, by_cells.collapsed) == (by_rows.trimmed, by_rows.collapsed)
    assert (by_cells.deff, by_cells.n_eff, by_cells.gap) == pytest.approx((by_rows.deff, by_rows.n_eff, by_rows.gap))
    yes = [20, 3, 1, 8]
    rows = [place < said for n, said in zip(sizes.values(), yes, strict=True) for place in range(n)]
    assert both_shares(yes, by_cells.values, Population.UNIT, sizes=list(sizes.values())).weighted.value == pytest.approx(
        both_shares(rows, by_rows.values, Population.UNIT).weighted.value
    )


def test_weighted_share_interval_is_the_same_for_the_same_seed() -> None:
    cells: Cells = {("a",): (30, 15), ("b",): (10, 5)}
    first, again, other = (interval_of(cells, {"x": {"a": 1.0, "b": 1.0}}, seed=seed, resamples=50) for seed in (1, 1, 2))

    assert first == again != other
    assert first.interval.estimate == pytest.approx(0.5)
    assert first.undefined == 0


def test_weighted_share_interval_knows_that_poststratified_answers_do_not_vary() -> None:
    """Who says yes is who is in the category: the share is the margin in every resample. Only re-raking sees that."""
    found = interval_of({("a",): (60, 60), ("b",): (40, 0)}, {"x": {"a": 3.0, "b": 7.0}}, resamples=50)

    assert (found.interval.low, found.interval.high) == pytest.approx((0.3, 0.3))


@pytest.mark.parametrize(("yes", "sizes", "options", "why"), [
    ([1], [5, 5], {}, "one size, and one answer"),
    ([1, 1, 1], [5, 5, 5], {}, "one size"),
    ([6, 1], [5, 5], {}, "As many said yes"),
    ([1, -1], [5, 5], {}, "As many said yes"),
    ([1, 1], [5, -5], {}, "As many said yes|not below 0"),
    ([1, 1], [5, 5], {"population": 9}, "not larger than its population"),
    ([1, 1], [5, 5], {"resamples": 0}, "at least one"),
    ([1, 1], [5, 5], {"confidence": 0}, "at least one"),
])  # fmt: skip
def test_interval_of_what_is_no_count_is_refused(yes, sizes, options, why: str) -> None:  # type: ignore[no-untyped-def]  # a table
    with pytest.raises(ValueError, match=why):
        weighted_share_intervals({"q": yes}, sizes, {"x": ["a", "b"]}, {"x": {"a": 1, "b": 1}}, rng=np.random.default_rng(1), **options)


def test_shares_and_weights_of_what_is_no_count_are_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        both_shares([3], [1.0], Population.UNIT, sizes=[2])
    with pytest.raises(ValueError, match="one size"):
        rake({"x": ["a", "a"]}, {"x": {"a": 1}}, sizes=[9])


def test_weighted_share_interval_stops_where_too_many_resamples_cannot_be_raked() -> None:
    """One man keeps young women and old men together; more than a third of the resamples lack him."""
    cells: Cells = {("f", "young"): (20, 20), ("m", "old"): (19, 19), ("m", "young"): (1, 1)}

    with pytest.raises(StatisticUndefined, match="of 20 resamples"):
        interval_of(cells, {"sex": {"f": 1.0, "m": 1.0}, "age": {"young": 11.0, "old": 9.0}}, resamples=20)


def test_finite_population_factor_by_hand() -> None:
    assert finite_population_factor(184, 350) == pytest.approx((166 / 349) ** 0.5)
    assert [finite_population_factor(1, 1), finite_population_factor(9, None)] == [0, 1]
    for n, population in ((10, 9), (0, 9)):
        with pytest.raises(ValueError, match="not larger"):
            finite_population_factor(n, population)


def test_bootstrap_leaves_out_and_counts_what_is_undefined() -> None:
    def mean_without_the_last(rows: np.ndarray) -> float:
        if (rows == 4).sum() > 3:
            raise StatisticUndefined
        return float(rows.mean())

    found = bootstrap(mean_without_the_last, 5, rng=np.random.default_rng(3), resamples=400)

    assert 0 < found.undefined <= 20
    assert found.resamples == 400
    assert found.interval.low < 2 < found.interval.high


@pytest.mark.parametrize(("n", "options"), [(0, {}), (5, {"resamples": 0}), (5, {"confidence": 1.0})])
def test_bootstrap_of_nothing_is_refused(n: int, options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        bootstrap(lambda rows: float(rows.mean()), n, rng=np.random.default_rng(1), **options)  # type: ignore[arg-type]  # one of two
