"""Importance and performance by either rule, and priorities from rankings: by hand, and what holds for any rankings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics.importance import (
    Crosshair,
    ImportancePerformance,
    Item,
    Quadrant,
    borda_points,
    importance_performance,
    net_priority,
)
from analysis.statistics.intervals import Interval
from analysis.statistics.shares import Population, Share

OPTIONS = ["bus", "clinic", "park", "school"]

rankings = st.lists(
    st.permutations(OPTIONS).flatmap(lambda order: st.integers(0, 4).map(lambda n: order[:n])), min_size=1, max_size=20
)


def item(name: str, importance: float, performance: float, half: float = 0.1, n: int = 80) -> Item:
    return Item(
        name,
        Interval(importance, importance - half, importance + half),
        Interval(performance, performance - half, performance + half),
        n,
    )


def place(*items: Item, crosshair: Crosshair = Crosshair.SCALE_MIDDLE) -> ImportancePerformance:
    return importance_performance(items, crosshair=crosshair, scale=(1, 5))


@pytest.mark.parametrize(("importance", "performance", "quadrant"), [
    (4.5, 1.5, Quadrant.CONCENTRATE_HERE), (4.5, 4.5, Quadrant.KEEP_UP), (1.5, 1.5, Quadrant.LOW_PRIORITY),
    (1.5, 4.5, Quadrant.POSSIBLE_OVERKILL), (3.0, 3.0, Quadrant.KEEP_UP),
])  # fmt: skip
def test_item_is_in_its_quadrant(importance: float, performance: float, quadrant: Quadrant) -> None:
    [placed] = place(item("bus", importance, performance)).placed

    assert placed.quadrant is quadrant


def test_quadrants_flip_with_the_rule_and_the_result_names_it() -> None:
    """Everything is important and done well on the scale; against each other, the bus comes first."""
    items = [item("bus", 4.8, 3.2), item("clinic", 4.0, 4.4)]

    by_scale = place(*items)
    by_data = place(*items, crosshair=Crosshair.DATA_MEAN)

    assert [placed.quadrant for placed in by_scale.placed] == [Quadrant.KEEP_UP, Quadrant.KEEP_UP]
    assert [placed.quadrant for placed in by_data.placed] == [Quadrant.CONCENTRATE_HERE, Quadrant.POSSIBLE_OVERKILL]
    assert (by_scale.crosshair, by_data.crosshair) == (Crosshair.SCALE_MIDDLE, Crosshair.DATA_MEAN)
    assert (by_scale.importance_line, by_scale.performance_line) == (3, 3)
    assert (by_data.importance_line, by_data.performance_line) == pytest.approx((4.4, 3.8))


@pytest.mark.parametrize(("importance", "performance", "crosses", "is_certain"), [
    (4.0, 2.0, (False, False), True), (3.05, 2.0, (True, False), False), (4.0, 2.95, (False, True), False),
    (2.95, 3.05, (True, True), False),
])  # fmt: skip
def test_item_is_uncertain_where_an_interval_holds_a_line(
    importance: float, performance: float, crosses: tuple[bool, bool], is_certain: bool
) -> None:
    [placed] = place(item("bus", importance, performance)).placed

    assert (placed.crosses_importance, placed.crosses_performance) == crosses
    assert placed.is_certain is is_certain


def test_each_interval_is_held_against_its_own_line() -> None:
    """The lines are 4 for importance and 2 for performance: only the second item is close to one, and to one alone."""
    items = [item("bus", 4.5, 1.1), item("clinic", 4.4, 2.05), item("park", 3.1, 2.85)]

    found = place(*items, crosshair=Crosshair.DATA_MEAN)

    assert (found.importance_line, found.performance_line) == pytest.approx((4, 2))
    assert [(placed.crosses_importance, placed.crosses_performance) for placed in found.placed] == [
        (False, False), (False, True), (False, False),
    ]  # fmt: skip


def test_items_of_too_few_people_are_left_out_and_move_no_line() -> None:
    items = [item("bus", 4, 2, n=30), item("rare", 1, 5, n=29), item("park", 2, 4, n=90)]

    found = place(*items, crosshair=Crosshair.DATA_MEAN)

    assert [placed.item.name for placed in found.placed] == ["bus", "park"]
    assert found.left_out == [items[1]]
    assert (found.importance_line, found.performance_line) == (3, 3)


@given(
    st.lists(st.tuples(st.floats(1, 5), st.floats(1, 5)), min_size=1, max_size=8),
    st.floats(0.1, 10),
    st.integers(-5, 5),
)
def test_quadrants_by_the_data_know_no_scale(means: list[tuple[float, float]], factor: float, shift: int) -> None:
    """An item away from both lines stays where it is when all answers are stretched and shifted."""

    def quadrants(a: float, b: float) -> list[Quadrant]:
        items = [item(str(i), a * one + b, a * other + b) for i, (one, other) in enumerate(means)]
        found = importance_performance(items, crosshair=Crosshair.DATA_MEAN, scale=(a + b - 1, 5 * a + b + 1))
        return [placed.quadrant for placed in found.placed]

    lines = place(*[item("x", *mean) for mean in means], crosshair=Crosshair.DATA_MEAN)
    away = [
        abs(one - lines.importance_line) > 1e-9 and abs(other - lines.performance_line) > 1e-9 for one, other in means
    ]
    before, after = quadrants(1, 0), quadrants(factor, shift)
    assert [q for q, is_away in zip(before, away, strict=True) if is_away] == [
        q for q, is_away in zip(after, away, strict=True) if is_away
    ]


@pytest.mark.parametrize(("items", "scale", "why"), [
    ([item("bus", 4, 2)], (5, 1), "below its highest"), ([item("bus", 6, 2)], (1, 5), "within the scale"),
    ([item("bus", 4, 0)], (1, 5), "within the scale"), ([item("bus", 4, 2, n=29)], (1, 5), "30 people"),
    ([], (1, 5), "30 people"),
])  # fmt: skip
def test_what_cannot_be_placed_is_refused(items: list[Item], scale: tuple[float, float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        importance_performance(items, crosshair=Crosshair.DATA_MEAN, scale=scale)


# Rankings


def test_net_priority_by_hand() -> None:
    answers = [["bus", "clinic", "park", "school"], ["park", "school"], ["school", "park", "bus"], []]

    assert net_priority(answers, OPTIONS, population=Population.UNIT) == {
        "bus": Share(2, 4, Population.UNIT),
        "clinic": Share(1, 4, Population.UNIT),
        "park": Share(3, 4, Population.UNIT),
        "school": Share(2, 4, Population.UNIT),
    }


def test_borda_points_by_hand() -> None:
    """The second leaves out two options, which share 1 and 0."""
    assert borda_points([["bus", "clinic", "park", "school"], ["park", "bus"]], OPTIONS) == {
        "bus": 2.5, "clinic": 1.25, "park": 2.0, "school": 0.25,
    }  # fmt: skip


@given(rankings)
def test_borda_gives_every_respondent_the_same_points(some: list[list[str]]) -> None:
    points = borda_points(some, OPTIONS)

    assert sum(points.values()) == pytest.approx(6)
    assert all(0 <= value <= 3 for value in points.values())


@given(st.lists(st.permutations(OPTIONS), min_size=1, max_size=20))
def test_borda_points_are_the_duels_won(some: list[list[str]]) -> None:
    """Of full rankings: an option's points are the options it is put before, on average."""
    won = {option: sum(len(order) - 1 - order.index(option) for order in some) / len(some) for option in OPTIONS}

    assert borda_points(some, OPTIONS) == pytest.approx(won)
    assert borda_points([order[::-1] for order in some], OPTIONS) == pytest.approx({k: 3 - v for k, v in won.items()})


@given(rankings, st.permutations(OPTIONS))
def test_priorities_follow_their_options(some: list[list[str]], names: list[str]) -> None:
    other = dict(zip(OPTIONS, names, strict=True))
    renamed = [[other[option] for option in ranking] for ranking in some]

    points, shares = borda_points(some, OPTIONS), net_priority(some, OPTIONS, population=Population.RESIDENT)

    assert borda_points(renamed, names) == pytest.approx({other[option]: value for option, value in points.items()})
    assert net_priority(renamed, names, population=Population.RESIDENT) == {
        other[option]: share for option, share in shares.items()
    }


@given(rankings)
def test_net_priority_of_all_places_is_who_named_it(some: list[list[str]]) -> None:
    shares = net_priority(some, OPTIONS, population=Population.RESIDENT, top=4)

    assert sum(share.count for share in shares.values()) == sum(len(ranking) for ranking in some)


@pytest.mark.parametrize(("some", "options"), [
    ([], OPTIONS), ([["bus"]], []), ([["bus"]], ["bus", "bus"]), ([["bus", "bus"]], OPTIONS), ([["pool"]], OPTIONS),
])  # fmt: skip
def test_rankings_of_other_things_are_refused(some: list[list[str]], options: list[str]) -> None:
    with pytest.raises(ValueError, match="once"):
        borda_points(some, options)
    with pytest.raises(ValueError, match="once"):
        net_priority(some, options, population=Population.RESIDENT)


def test_net_priority_of_no_place_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        net_priority([["bus"]], OPTIONS, population=Population.RESIDENT, top=0)
