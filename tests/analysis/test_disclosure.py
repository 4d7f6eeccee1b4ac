"""No number under the threshold can be read, nor worked out from what stands beside it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics.disclosure import (
    BASE,
    ROUNDING,
    THRESHOLD,
    ShownShare,
    is_uniform,
    may_show_attributes,
    merge_neighbours,
    pool_small,
    rounded,
    shown_share,
)

counts = st.dictionaries(st.text("abcdefghij", min_size=1, max_size=2), st.integers(0, 60), max_size=12)
series = st.lists(st.integers(0, 30), max_size=20).map(lambda numbers: list(enumerate(numbers)))


@given(counts)
def test_pool_small_never_shows_a_group_under_the_threshold(groups: dict[str, int]) -> None:
    pooled = pool_small(groups)

    assert [n for n in pooled.shown.values() if n < THRESHOLD] == []
    assert pooled.others_total == 0 or pooled.others_total >= THRESHOLD


@given(counts)
def test_pool_small_leaves_no_single_group_to_be_found_by_subtraction(groups: dict[str, int]) -> None:
    pooled = pool_small(groups)

    assert len(pooled.others) != 1


@given(counts)
def test_pool_small_counts_everybody_once(groups: dict[str, int]) -> None:
    pooled = pool_small(groups)

    total = sum(groups.values())
    assert sum(pooled.shown.values()) + pooled.others_total == (0 if pooled.is_hidden else total)
    assert pooled.is_hidden == (0 < total < THRESHOLD)
    assert sorted([*pooled.shown, *pooled.others]) == sorted(key for key, n in groups.items() if n)
    assert {key: groups[key] for key in pooled.shown} == pooled.shown


@given(counts)
def test_pool_small_hides_every_group_of_the_pool_in_a_wide_range(groups: dict[str, int]) -> None:
    """Whoever knows the total and all that is shown cannot tell any pooled group to within fewer than `threshold` people."""
    pooled = pool_small(groups)

    for key in pooled.others:
        least = 1  # that nobody is missing from the pool is known: groups of nobody are left out
        most = pooled.others_total - (len(pooled.others) - 1)
        assert pooled.is_hidden or groups[key] >= THRESHOLD or most - least + 1 >= THRESHOLD - (len(pooled.others) - 1)


def test_pool_small_joins_the_next_smallest_to_a_single_small_group() -> None:
    pooled = pool_small({"ko": 50, "en": 30, "ja": 4})

    assert pooled.shown == {"ko": 50}
    assert sorted(pooled.others) == ["en", "ja"]
    assert pooled.others_total == 34


def test_pool_small_keeps_the_largest_group_first() -> None:
    pooled = pool_small({"a": 11, "b": 50, "c": 30})

    assert list(pooled.shown.items()) == [("b", 50), ("c", 30), ("a", 11)]


def test_pool_small_of_one_large_group_shows_it() -> None:
    assert pool_small({"a": 12}).shown == {"a": 12}


@given(series)
def test_merge_neighbours_shows_no_stretch_under_the_threshold_and_loses_nobody(days: list[tuple[int, int]]) -> None:
    stretches = merge_neighbours(days)

    total = sum(n for _, n in days)
    assert [n for _, _, n in stretches if n < THRESHOLD] == []
    assert sum(n for _, _, n in stretches) == (total if stretches else 0)
    assert bool(stretches) == (total >= THRESHOLD)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(stretches))


@pytest.mark.parametrize(("count", "shown"), [(0, None), (9, None), (10, 10), (11, 10), (12, 10), (13, 15), (17, 15), (18, 20)])
def test_rounded_is_to_the_nearest_five_and_nothing_below_ten(count: int, shown: int | None) -> None:
    assert rounded(count) == shown


@given(st.integers(THRESHOLD, 10**7))
def test_rounded_is_never_further_away_than_half_a_step(count: int) -> None:
    shown = rounded(count)

    assert shown is not None
    assert shown % ROUNDING == 0
    assert abs(shown - count) <= ROUNDING / 2


def test_attributes_beside_a_text_are_the_finest_that_ten_people_share() -> None:
    counts = {("area", "language", "day"): 3, ("area", "language"): 14, ("language",): 210}

    assert may_show_attributes(counts) == ("area", "language")
    assert may_show_attributes({**counts, ("area", "language"): 9}) == ("language",)
    assert may_show_attributes({("area",): 9}) == ()


def test_group_is_uniform_where_one_answer_has_everybody() -> None:
    assert [is_uniform(counts) for counts in ([0, 12, 0], [1, 11], [0, 0])] == [True, False, False]


def test_shares_are_of_shown_counts_and_say_where_few_people_stand_behind_them() -> None:
    assert shown_share(15, BASE) == ShownShare(0.5, is_uncertain=False)
    assert shown_share(10, BASE - 1) == ShownShare(10 / 29, is_uncertain=True)
    assert shown_share(35, 30) == ShownShare(1.0, is_uncertain=False)
    assert [shown_share(None, 40), shown_share(5, None), shown_share(0, 9)] == [None, None, None]
