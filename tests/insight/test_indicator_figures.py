"""What an indicator comes to, by hand: shares by wave, what stays hidden, its target and its own past."""

from __future__ import annotations

import pytest

from survey.authoring.service import bundled_form
from survey.insight.findings import Part
from survey.insight.indicator_figures import Direction, Standing, Target, Value, changes, standing, values_of
from survey.insight.rules import possible_answers, usual_answers

ITEMS = {item.id: item for item in bundled_form().items()}
LIBRARY, BELONGING, TIME = ITEMS["aware_library"], ITEMS["belonging"], ITEMS["time_in_beijing"]


def _shown(values: list[Value]) -> list[tuple[str, int | None, int | None]]:
    return [(value.wave, value.shown.people, value.shown.base) for value in values]


def test_share_is_of_those_who_answered_without_refusals_wave_by_wave() -> None:
    by_wave = {"10": {"yes": 41, "no": 61}, "2": {"yes": 30, "no": 70, "refused": 500, "dont_know": 5}, "3": {"refused": 12}}

    values = values_of(by_wave, LIBRARY, ["yes"])

    assert _shown(values) == [("2", 30, 100), ("10", 40, 100)]
    assert [(value.counted, value.base) for value in values] == [(30, 100), (41, 102)]


@pytest.mark.parametrize("counts", [{"yes": 9, "no": 91}, {"yes": 91, "no": 9}, {"yes": 5, "no": 2}, {"yes": 0, "no": 50}, {"yes": 50, "no": 0}])
def test_few_on_either_side_are_hidden(counts: dict[str, int]) -> None:
    [value] = values_of({"1": counts}, LIBRARY, ["yes"])

    assert value.shown.share is None


def test_small_wave_takes_another_with_it_since_the_sum_of_all_is_told() -> None:
    waves = {"1": {"yes": 50, "no": 50}, "2": {"yes": 40, "no": 60}, "3": {"yes": 3, "no": 47}}

    shown = [value.shown.share is None for value in values_of(waves, LIBRARY, ["yes"])]

    assert shown[2] is True
    assert sum(shown) >= 2


def test_two_indicators_of_a_question_cannot_tell_how_few_gave_one_answer() -> None:
    """8 chose 4: shown are 4 and 5 together, and neither alone, since the one would follow from the other."""
    counts = {"1": {"1": 20, "2": 20, "3": 20, "4": 8, "5": 40}}

    assert _shown(values_of(counts, BELONGING, ["4", "5"])) == [("1", 50, 110)]
    assert _shown(values_of(counts, BELONGING, ["1"])) == [("1", 20, 110)]
    assert _shown(values_of(counts, BELONGING, ["5"])) == [("1", None, 110)]
    assert _shown(values_of(counts, BELONGING, ["3", "5"])) == [("1", None, 110)]
    durations = {"1": {"under_6_months": 4, "6_months_to_2_years": 12, "2_to_5_years": 50, "over_5_years": 60}}
    assert _shown(values_of(durations, TIME, ["under_6_months", "6_months_to_2_years"])) == [("1", 15, 125)]
    assert _shown(values_of(durations, TIME, ["6_months_to_2_years"])) == [("1", None, 125)]


def test_no_answers_are_no_values() -> None:
    assert values_of({}, LIBRARY, ["yes"]) == values_of({"1": {"refused": 40}}, LIBRARY, ["yes"]) == []


def test_usual_answers_are_yes_and_the_points_above_the_middle() -> None:
    assert (usual_answers(LIBRARY), usual_answers(BELONGING), usual_answers(TIME)) == (["yes"], ["4", "5"], [])
    assert possible_answers(BELONGING) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("part", "target", "found"),
    [
        (Part(60, 100), Target(50, Direction.AT_LEAST), Standing.REACHED),  # Wilson: 50.2 to 69.1
        (Part(60, 100), Target(51, Direction.AT_LEAST), Standing.TOO_CLOSE),
        (Part(60, 100), Target(70, Direction.AT_LEAST), Standing.MISSED),
        (Part(60, 100), Target(70, Direction.AT_MOST), Standing.REACHED),
        (Part(60, 100), Target(69, Direction.AT_MOST), Standing.TOO_CLOSE),
        (Part(60, 100), Target(50, Direction.AT_MOST), Standing.MISSED),
        (Part(None, 100), Target(50, Direction.AT_LEAST), None),
        (Part(60, 100), None, None),
    ],
)
def test_target_is_reached_where_the_whole_interval_is(part: Part, target: Target | None, found: Standing | None) -> None:
    assert standing(part, target) == found


def test_change_is_the_newest_less_the_one_before() -> None:
    """40 of 100, then 60 of 100: as in the comparison of two surveys, 20 points, 6 to 33, beyond chance."""
    def value(people: int, base: int = 100) -> Value:
        return Value("1", Part(people, base), people, base)

    found = changes({"up": [value(90), value(40), value(60)], "same": [value(50), value(50)], "few": [value(10, 20), value(60)], "new": [value(50)]})

    assert {key: one.is_marked for key, one in found.items()} == {"up": True, "same": False}
    difference = found["up"].difference
    assert difference is not None
    assert [round(100 * x) for x in (difference.estimate, difference.low, difference.high)] == [20, 6, 33]
