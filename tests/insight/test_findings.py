"""Every number that panels and pictures show, against examples worked by hand; and that none tells of fewer than ten."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics.importance import Quadrant
from analysis.statistics.intervals import Design
from analysis.statistics.resampling import StatisticUndefined
from analysis.statistics.shares import Population
from survey.authoring.service import bundled_form
from survey.insight import findings
from survey.insight.findings import Part, part
from survey.insight.rules import importance_pairs, services
from survey.insight.schemas import Cut, Figures, WaveState, Weighting

FORM = bundled_form()


def _cut(wrote: dict[str, int], **themes: dict[str, int]) -> Cut:
    return Cut(answered=wrote, wrote=wrote, themes=themes)


@pytest.mark.parametrize(
    ("people", "base", "shown", "share"),
    [(22, 31, Part(20, 30), 20 / 30), (9, 31, Part(None, 30), None), (0, 31, Part(None, 30), None), (5, 9, Part(None, None), None), (13, 12, Part(15, 10), 1.0)],
)
def test_part_is_rounded_and_its_share_is_that_of_the_rounded(people: int, base: int, shown: Part, share: float | None) -> None:
    assert part(people, base) == shown
    assert part(people, base).share == share


def test_part_of_fewer_than_thirty_is_marked_and_its_interval_is_wilsons() -> None:
    assert part(12, 27).is_small_base
    assert not part(12, 30).is_small_base
    interval = part(80, 265).interval
    assert interval is not None
    # p = 80/265, z = 1.96: (p + z²/2n ± z √(p q / n + z²/4n²)) / (1 + z²/n)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2498, 0.3597)


# Groups: 200 and 100 people, a theme named by 80 and 20


def test_group_difference_is_the_difference_of_shares_with_newcombes_interval() -> None:
    [one] = findings.group_differences(["a"], {"a": (80, 20)}, (200, 100), with_totals=True)

    assert (one.first, one.second) == (Part(80, 200), Part(20, 100))
    assert one.difference is not None
    assert math.isclose(one.difference.estimate, 0.2)
    # Wilson 0.4 of 200: 0.3346..0.4692; 0.2 of 100: 0.1334..0.2888. low = .2 - √(.0654² + .0888²), high = .2 + √(.0692² + .0666²)
    assert (round(one.difference.low, 3), round(one.difference.high, 3)) == (0.09, 0.296)
    assert one.is_marked


def test_group_difference_that_may_be_chance_or_is_small_is_not_marked() -> None:
    chance = findings.group_differences(["a"], {"a": (20, 15)}, (100, 100), with_totals=True)
    small = findings.group_differences(["a"], {"a": (5200, 5000)}, (10_000, 10_000), with_totals=True)

    assert [one.is_marked for one in (*chance, *small)] == [False, False]
    assert small[0].difference is not None
    assert not small[0].difference.contains(0.0)


def test_group_of_fewer_than_thirty_is_not_compared_and_small_cells_are_hidden_with_another() -> None:
    assert findings.group_differences(["a"], {"a": (80, 15)}, (200, 29), with_totals=True) == []
    [one] = findings.group_differences(["a"], {"a": (80, 9)}, (200, 100), with_totals=True)
    assert (one.first.people, one.second.people, one.difference) == (None, None, None)


def test_marks_are_adjusted_for_how_many_are_compared() -> None:
    """p = 0.044 alone is a find; among twenty of which nineteen are none it is not."""
    counts = {"a": (50, 32)} | {f"n{i}": (40, 40) for i in range(19)}

    alone = findings.group_differences(["a"], counts, (150, 140), with_totals=True)
    among = findings.group_differences(list(counts), counts, (150, 140), with_totals=True)

    assert alone[0].is_marked
    assert not any(one.is_marked for one in among)


def test_few_expected_are_tested_by_fisher() -> None:
    # Expected 4.5 of 30: Fisher's exact p of (10, 0) of (100, 30)
    ways = [math.comb(100, k) * math.comb(30, 10 - k) for k in range(11)]
    expected = sum(n for n in ways if n <= ways[10] * (1 + 1e-9)) / math.comb(130, 10)
    assert findings.association_p(10, 100, 0, 30) == pytest.approx(expected)


def test_origins_are_elsewhere_mainland_or_neither() -> None:
    counts, bases, is_everybody = findings.by_origin(
        {"a": {"another_country": 30, "hk_mo_tw": 12, "mainland": 11, "": 3}}, {"another_country": 60, "hk_mo_tw": 20, "mainland": 40, "": 5}
    )

    assert (counts, bases, is_everybody) == ({"a": (42, 11)}, (80, 40), False)


def test_channel_that_differs_from_all_others_is_marked() -> None:
    cut = _cut({"1": 100, "2": 100, "0": 100}, a={"1": 60, "2": 20, "0": 20}, b={"1": 30, "2": 30, "0": 30})

    marks = findings.channel_marks(["a", "b"], cut)

    assert marks is not None
    # 1: 60% beside 40 of 200; 2 and 0: 20% beside 80 of 200
    assert [(mark.channel, mark.theme, mark.here, mark.elsewhere) for mark in marks] == [
        ("0", "a", 0.2, 0.4), ("1", "a", 0.6, 0.2), ("2", "a", 0.2, 0.4),
    ]  # fmt: skip
    assert findings.channel_marks(["a"], _cut({"1": 100, "2": 20}, a={"1": 60})) is None


# Waves


def test_wave_line_tells_the_last_change_and_marks_what_excludes_none() -> None:
    cut = _cut({"1": 100, "2": 200, "10": 200}, a={"1": 20, "2": 40, "10": 80}, b={"1": 30, "2": 60, "10": 60})

    waves, lines = findings.wave_lines(["a", "b"], cut)

    assert waves == ["1", "2", "10"]
    assert [[p.share for p in line.parts] for line in lines] == [[0.2, 0.2, 0.4], [0.3, 0.3, 0.3]]
    assert [line.change.estimate if line.change else None for line in lines] == [0.2, 0.0]
    assert [line.is_marked for line in lines] == [True, False]
    # Cochran-Armitage with scores 0, 1, 2: b does not move
    assert lines[1].trend_p == 1.0
    assert lines[0].trend_p is not None
    assert lines[0].trend_p < 0.001


def test_waves_of_fewer_than_thirty_are_left_out() -> None:
    assert findings.wave_lines(["a"], _cut({"1": 100, "2": 29}, a={"1": 20, "2": 15})) == (["1"], [])


def test_each_change_is_judged_by_its_own_p_value() -> None:
    """Of two themes the first stays; were its p-value taken for the second's, nothing would be marked."""
    cut = _cut({"1": 100, "2": 100}, a={"1": 30, "2": 30}, b={"1": 20, "2": 60})

    _, lines = findings.wave_lines(["a", "b"], cut)

    assert [line.is_marked for line in lines] == [False, True]


SAME = {"1": {"need": "x"}, "2": {"need": "x"}, "3": {"need": "x"}}


def _alerts(cut: Cut, rule: findings.WaveRule, questions: dict[str, dict[str, str]] = SAME) -> tuple[WaveState, int, list[tuple[str, int]]]:
    found, alerts = findings.wave_alerts(Figures(cuts={"wave": cut}, wave_questions=questions), list(cut.themes), ["need"], rule)
    return found.state, found.themes, [(one.key, round(1000 * one.difference.estimate)) for one in alerts]


def test_alerts_are_changes_by_the_rule_that_was_fixed_the_largest_first() -> None:
    cut = _cut(
        {"1": 200, "2": 400},
        up={"1": 20, "2": 100},  # 10% to 25%
        down={"1": 80, "2": 60},  # 40% to 15%
        little={"1": 10, "2": 40},  # 5% to 10%: an interval without 0, and fewer points than were asked for
        same={"1": 50, "2": 100},
        hidden={"1": 5, "2": 60},  # 5 people may not be told, and so neither may the change
    )

    assert _alerts(cut, findings.WaveRule(2, minimum=200, rise=6)) == (WaveState.COMPARED, 4, [("down", -250), ("up", 150)])
    assert _alerts(cut, findings.WaveRule(2, minimum=30, rise=15)) == (WaveState.COMPARED, 4, [("down", -250), ("up", 150)])
    assert _alerts(cut, findings.WaveRule(2, minimum=30, rise=16))[2] == [("down", -250)]
    [down, up] = findings.wave_alerts(Figures(cuts={"wave": cut}, wave_questions=SAME), list(cut.themes), ["need"], findings.WaveRule(2, rise=6))[1]
    assert (up.before, up.after, up.is_rise, down.is_rise) == (Part(20, 200), Part(100, 400), True, False)
    # Newcombe's method 10 from Wilson's limits of 20/200 (0.0657, 0.1494) and 100/400 (0.2101, 0.2947)
    assert (round(up.difference.low, 3), round(up.difference.high, 3)) == (0.086, 0.206)


def test_alert_needs_the_minimum_in_both_waves() -> None:
    cut = _cut({"1": 100, "2": 39}, up={"1": 10, "2": 20})

    # shown are 10 of 100 and 20 of 40
    assert _alerts(cut, findings.WaveRule(2, minimum=39)) == (WaveState.COMPARED, 1, [("up", 400)])
    assert _alerts(cut, findings.WaveRule(2, minimum=40)) == (WaveState.FEW, 0, [])
    assert _alerts(_cut({"1": 39, "2": 100}, up={"1": 10, "2": 90}), findings.WaveRule(2, minimum=40)) == (WaveState.FEW, 0, [])
    # below 30 on somebody's own wish: 10 of 25 and 40 of 50
    small = _cut({"1": 25, "2": 50}, up={"1": 10, "2": 40})
    assert _alerts(small, findings.WaveRule(2, minimum=20)) == (WaveState.COMPARED, 1, [("up", 400)])
    assert _alerts(small, findings.WaveRule(2))[0] == WaveState.FEW


def test_alert_is_between_the_present_wave_and_the_one_before_alone() -> None:
    cut = _cut({"1": 100, "2": 100, "3": 100}, up={"1": 20, "2": 60, "3": 60})

    assert _alerts(cut, findings.WaveRule(3)) == (WaveState.COMPARED, 1, [])
    assert _alerts(cut, findings.WaveRule(4)) == (WaveState.FEW, 0, [])  # nobody has answered it yet
    assert _alerts(cut, findings.WaveRule(1)) == (WaveState.FIRST, 0, [])


def test_alert_needs_open_questions_that_read_the_same_in_both_waves() -> None:
    cut = _cut({"1": 100, "2": 100, "3": 100}, up={"1": 20, "2": 20, "3": 60})
    other = {**SAME, "1": {"need": "y"}}

    assert _alerts(cut, findings.WaveRule(3), other) == (WaveState.COMPARED, 1, [("up", 400)])  # the first is not looked at
    assert _alerts(cut, findings.WaveRule(2), other) == (WaveState.CHANGED, 0, [])
    assert _alerts(cut, findings.WaveRule(3), {**SAME, "3": {}}) == (WaveState.CHANGED, 0, [])


def test_alerts_by_chance_are_few_among_many_themes() -> None:
    """One of twenty themes with p = 0.03 tells nothing; alone it would."""
    lone = _cut({"1": 200, "2": 200}, up={"1": 40, "2": 60})  # 20% to 30%: chi-square 5.33, p = 0.021
    many = _cut({"1": 200, "2": 200}, up={"1": 40, "2": 60}, **{f"same{n}": {"1": 50, "2": 50} for n in range(14)})

    assert _alerts(lone, findings.WaveRule(2))[2] == [("up", 100)]
    assert _alerts(many, findings.WaveRule(2)) == (WaveState.COMPARED, 15, [])


def test_waves_are_comparable_where_the_questions_read_the_same() -> None:
    same = {"1": {"need": "x", "more": "y"}, "2": {"need": "x", "more": "z"}}

    assert findings.are_comparable(Figures(wave_questions=same), ["need"])
    assert not findings.are_comparable(Figures(wave_questions=same), ["need", "more"])
    assert not findings.are_comparable(Figures(wave_questions={"1": {"need": "x"}, "2": {}}), ["need"])


# Scales


def _ratings(health: tuple[int, int], home: tuple[int, int]) -> dict[str, dict[str, int]]:
    """Importance and satisfaction: fifty times the point, and half as often the points beside it."""

    def around(point: int) -> dict[str, int]:
        return {str(point - 1): 25, str(point): 50, str(point + 1): 25}

    pairs = {"health": health, "home": home}
    return {f"{kind}_{key}": around(points[place]) for key, points in pairs.items() for place, kind in enumerate(("importance", "satisfaction"))}


def test_priorities_flip_with_the_rule_of_the_lines() -> None:
    """Both are important on the scale; beside one another one is more so and less satisfying."""
    found = findings.priorities(importance_pairs(FORM), _ratings(health=(4, 3), home=(3, 4)))

    assert found is not None
    assert (found.importance_line, found.satisfaction_line) == (3.5, 3.5)
    assert [(p.key, p.importance.estimate, p.satisfaction.estimate, p.people) for p in found.placed] == [("health", 4.0, 3.0, 100), ("home", 3.0, 4.0, 100)]
    assert [p.by_mean for p in found.placed] == [Quadrant.CONCENTRATE_HERE, Quadrant.POSSIBLE_OVERKILL]
    assert [p.by_middle for p in found.placed] == [Quadrant.KEEP_UP, Quadrant.KEEP_UP]
    assert all(p.is_certain for p in found.placed)


def test_priorities_of_too_few_people_are_none() -> None:
    assert findings.priorities(importance_pairs(FORM), {"importance_health": {"4": 29}, "satisfaction_health": {"4": 99}}) is None


def test_funnel_counts_the_satisfied_among_users_and_the_aware_among_all() -> None:
    totals = {
        "aware_library": {"yes": 60, "no": 140, "prefer_not_to_say": 5}, "used_library": {"yes": 40, "no": 20},
        "satisfied_library": {"1": 5, "2": 5, "3": 10, "4": 10, "5": 10, "dont_know": 3},
    }  # fmt: skip

    [one] = findings.funnels(services(FORM), totals)

    assert (one.key, one.aware, one.unknown) == ("library", Part(60, 200), Part(140, 200))
    assert (one.used, one.unused) == (Part(40, 60), Part(20, 60))
    assert one.satisfied == Part(20, 40)


def test_funnel_hides_a_part_whose_rest_is_small() -> None:
    [one] = findings.funnels(services(FORM), {"aware_library": {"yes": 195, "no": 5}})

    assert (one.aware, one.unknown) == (Part(None, 200), Part(None, 200))
    assert one.used == Part(None, None)


def test_opinions_are_below_at_and_above_the_middle_most_satisfied_first() -> None:
    points = range(1, 6)
    totals = {"bus": {"1": 20, "2": 20, "3": 20, "4": 20, "5": 20}, "park": {"2": 20, "3": 20, "5": 60}, "few": {"1": 9}, "thin": {"1": 5, "3": 20, "5": 20}}

    found = findings.opinions([(key, points) for key in ("bus", "park", "few", "thin")], totals)

    assert [(one.key, one.low.share, one.middle.share, one.high.share, one.mean) for one in found] == [
        ("park", 0.2, 0.2, 0.6, 4.0), ("bus", 0.4, 0.2, 0.4, 3.0), ("thin", None, None, None, 165 / 45),
    ]  # fmt: skip


# Places and weights


def test_coverage_keeps_the_order_of_residents_and_pools_small_areas_at_the_end() -> None:
    lines = findings.coverage({"1": 20, "2": 60, "3": 4, "9": 50}, {"1": 500, "2": 300, "3": 100, "4": 100})

    assert [(line.areas, line.answers, line.population, line.population_share) for line in lines] == [
        (["2"], Part(60, 85), 300, 0.3), (["1", "3", "4"], Part(25, 85), 700, 0.7),
    ]  # fmt: skip
    assert findings.coverage({"1": 9}, {"1": 500, "2": 300}) == []


def test_weighting_by_area_gives_each_its_printed_share() -> None:
    """60 and 40 people where as many live in both: weights 5/6 and 5/4, shares 0.5 · 30/60 + 0.5 · 10/40."""
    cut = _cut({"1": 60, "2": 40, "0": 7}, a={"1": 30, "2": 10})

    found = findings.weighting(cut, {"1": 900, "2": 900}, source="s", as_of=dt.date(2010, 3, 1), kind=Population.RESIDENT, themes=["a"], design=Design.OPEN)

    assert found is not None
    assert (found.people, found.trimmed, found.collapsed) == (100, 0, [])
    assert found.shares["a"] == pytest.approx((0.4, 0.375))
    # deff = n Σw² / (Σw)² = 100 (60 · 25/36 + 40 · 25/16) / 100²
    assert found.deff == pytest.approx((60 * 25 / 36 + 40 * 25 / 16) / 100)
    assert found.n_eff == pytest.approx(96.0)


def test_weighting_joins_areas_of_fewer_than_five_and_needs_thirty_people() -> None:
    def weigh(wrote: dict[str, int]):
        return findings.weighting(_cut(wrote), {"1": 100, "2": 100, "3": 100}, source="s", as_of=dt.date(2010, 3, 1), kind=Population.RESIDENT, themes=[], design=Design.PROBABILITY)

    joined = weigh({"1": 50, "2": 50, "3": 4})
    assert joined is not None
    assert len(joined.collapsed) == 1
    assert "3" in joined.collapsed[0]
    assert weigh({"1": 15, "2": 14}) is None
    assert weigh({"1": 60}) is None


def _weighed(design: Design, population: dict[str, int], *, themes: tuple[str, ...] = ("a", "b")) -> Weighting:
    cut = _cut({"1": 60, "2": 40}, a={"1": 30, "2": 10}, b={"1": 60})
    found = findings.weighting(cut, population, source="s", as_of=dt.date(2010, 3, 1), kind=Population.RESIDENT, themes=themes, design=design)
    assert found is not None
    return found


@pytest.mark.parametrize("design", [Design.PROBABILITY, Design.CENSUS])
def test_weighted_share_has_an_interval_in_a_sample_and_a_census(design: Design) -> None:
    """Variance 1/4 (1/4 / 60) + 1/4 (3/16 / 40), times (1,800 - 100) / 1,799 of those who live there: 0.375 - 0.0895 to + 0.0895."""
    found = _weighed(design, {"1": 900, "2": 900})

    assert found.population == 1800
    assert found.intervals["a"] == pytest.approx((0.2855, 0.4645), abs=0.015)
    # all of one area and none of the other: the share is the margin, whoever is drawn
    assert found.intervals["b"] == pytest.approx((0.5, 0.5))


def test_same_figures_have_the_same_interval_and_others_another() -> None:
    found = _weighed(Design.PROBABILITY, {"1": 900, "2": 900})

    assert _weighed(Design.PROBABILITY, {"2": 900, "1": 900}, themes=("b", "a")).intervals == found.intervals
    assert _weighed(Design.PROBABILITY, {"1": 900, "2": 901}).intervals["a"] != found.intervals["a"]


def test_figure_of_fewer_people_than_answered_corrects_nothing() -> None:
    small, large = _weighed(Design.PROBABILITY, {"1": 45, "2": 45}), _weighed(Design.PROBABILITY, {"1": 500, "2": 500})

    assert (small.population, large.population) == (None, 1000)
    low, high = small.intervals["a"]
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(1 / 960 + 3 / 2560), abs=0.03)


def test_open_survey_has_no_interval_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("an open survey has no interval")

    monkeypatch.setattr(findings, "weighted_share_intervals", never)

    found = _weighed(Design.OPEN, {"1": 900, "2": 900})
    assert (found.intervals, found.population) == ({}, None)
    assert found.shares["a"] == pytest.approx((0.4, 0.375))
    with pytest.raises(AssertionError):
        _weighed(Design.PROBABILITY, {"1": 900, "2": 900})


def test_too_many_resamples_that_cannot_be_weighted_leave_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    def undefined(*_: object, **__: object) -> None:
        raise StatisticUndefined

    monkeypatch.setattr(findings, "weighted_share_intervals", undefined)

    assert _weighed(Design.PROBABILITY, {"1": 900, "2": 900}).intervals == {}


# With and without flagged answers


def test_order_of_the_three_largest_may_change_without_the_flagged() -> None:
    figures = Figures(
        answers=200, wrote=180, careful_answers=150, careful_wrote=140,
        themes={"a": 80, "b": 70, "c": 60, "d": 9}, careful={"a": 40, "b": 69, "c": 58, "d": 9},
    )  # fmt: skip

    found = findings.with_and_without(figures, ["a", "b", "c", "d"])

    assert found is not None
    assert (found.flagged, found.is_order_same) == (50, False)
    assert found.rows[0] == ("a", Part(80, 180), Part(40, 140))
    assert found.rows[3] == ("d", Part(None, 180), Part(None, 140))
    assert findings.with_and_without(Figures(answers=9, careful_answers=9), ["a"]) is None


# No count of one to nine anywhere


counts = st.integers(0, 60)


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=6), counts, counts)
def test_no_comparison_tells_a_small_count(cells: list[tuple[int, int]], more: int, others: int) -> None:
    bases = (max(a for a, _ in cells) + more, max(b for _, b in cells) + others)
    themes = {str(n): pair for n, pair in enumerate(cells)}

    for one in findings.group_differences(list(themes), themes, bases, with_totals=True):
        for shown, people, base in ((one.first, themes[one.key][0], bases[0]), (one.second, themes[one.key][1], bases[1])):
            assert shown.people is None or (shown.people % 5 == 0 and people >= 10)
            assert shown.people is None or base - people >= 10  # who did not name it are counted by subtraction
        is_small = any(0 < n < 10 for n in themes[one.key])
        assert not is_small or (one.first.people is None and one.second.people is None)


@given(st.dictionaries(st.sampled_from(["1", "2", "3", "4", "5"]), counts, min_size=1), st.dictionaries(st.sampled_from(["yes", "no"]), counts))
def test_no_scale_and_no_funnel_tells_a_small_count(points: dict[str, int], aware: dict[str, int]) -> None:
    for opinion in findings.opinions([("x", range(1, 6))], {"x": points}):
        told = [opinion.low.people, opinion.middle.people, opinion.high.people]
        assert all(n is None or n >= 10 for n in told)
        assert None not in told or set(told) == {None}
    for funnel in findings.funnels(services(FORM), {"aware_library": aware}):
        assert all(one.people is None or one.people >= 10 for one in (funnel.aware, funnel.unknown))
        assert (funnel.aware.people is None) == (funnel.unknown.people is None)


@given(st.dictionaries(st.sampled_from("123456"), counts))
def test_no_area_tells_a_small_count(answers: dict[str, int]) -> None:
    for line in findings.coverage(answers, {"1": 90, "2": 80, "3": 70, "4": 60}):
        assert line.answers.people is None or line.answers.people >= 10
        assert line.answers.people is None or sum(answers.get(area, 0) for area in line.areas) >= 10
