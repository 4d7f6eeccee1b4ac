"""What counts of visits say, worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from analysis.statistics.intervals import wilson_interval
from survey.insight.charts.facilities import AreaResources
from survey.insight.facility_figures import (
    Count,
    ServiceUse,
    Trend,
    Use,
    added_up,
    foreign_share,
    foreign_stretches,
    pool_areas,
    service_use,
    trend_of,
    use_of,
)

JANUARY, FEBRUARY = (dt.date(2026, 1, 1), dt.date(2026, 1, 31)), (dt.date(2026, 2, 1), dt.date(2026, 2, 28))


def _weeks(visits: list[int], foreign: list[int | None]) -> list[Count]:
    first = dt.date(2026, 1, 5)
    return [
        Count(first + dt.timedelta(weeks=week), first + dt.timedelta(weeks=week, days=6), n, few)
        for week, (n, few) in enumerate(zip(visits, foreign, strict=True))
    ]


def test_use_is_visits_by_capacity_and_open_hours():
    """24 seats, 40 hours a week, 126 visits in a week: 126 / (24 · 40) = 0.13125."""
    use = use_of(added_up(_weeks([126], [1])), capacity=24, hours_per_week=40)

    assert use == Use(visits=126, days=7, a_day=18.0, an_hour=126 / 40, a_place=126 / 24, utilisation=126 / 960)


def test_use_takes_counted_hours_where_there_are_some_and_the_usual_ones_else():
    """January was open 100 hours by the tally, February as usual: 28 days are four weeks of 40 hours."""
    counts = [Count(*JANUARY, 300, open_hours=100.0), Count(*FEBRUARY, 200)]

    use = use_of(added_up(counts), capacity=10, hours_per_week=40)

    assert use is not None
    assert use.an_hour == 500 / (100 + 160)
    assert use.utilisation == pytest.approx(500 / (10 * 260))
    assert use.a_day == 500 / 59


def test_use_of_what_is_not_known_is_none_and_its_visits_are_not_divided_by_other_hours():
    counts = [Count(*JANUARY, 300, open_hours=100.0), Count(*FEBRUARY, 200)]

    use = use_of(added_up(counts), capacity=None, hours_per_week=None)

    assert use == Use(visits=500, days=59, a_day=500 / 59, an_hour=3.0, a_place=None, utilisation=None)
    assert use_of(added_up([Count(*FEBRUARY, 200)]), capacity=10, hours_per_week=None) == Use(200, 28, 200 / 28, None, 20.0, None)
    assert use_of(added_up([]), capacity=10, hours_per_week=40) is None


def test_library_of_the_paper_has_a_wide_interval_and_needs_investigation():
    """At most 20 visits a day and one foreign reader a week, over a year: 52 of 7,300 is 0.71 %."""
    year = _weeks([140] * 52, [1] * 52)

    share = foreign_share(added_up(year), resident_share=0.0489)

    assert share is not None
    assert (share.visits, share.foreign_visits) == (7280, 52)
    assert share.interval == wilson_interval(52 / 7280, 7280)
    assert 0.005 < share.interval.low < share.interval.estimate <= 0.01
    assert share.interval.high - share.interval.low > share.interval.estimate / 2
    assert (share.is_wide, share.is_below_residents, share.needs_investigation) == (True, True, True)


def test_share_that_is_known_well_and_lies_below_the_residents_needs_investigation():
    """1,900 of 100,000: the interval is narrow, so it is the residents' share alone that asks."""
    counted = added_up(_weeks([100_000], [1900]))
    below, level = foreign_share(counted, 0.0489), foreign_share(counted, 0.019)

    assert below is not None
    assert level is not None
    assert (below.is_wide, below.is_below_residents, below.needs_investigation) == (False, True, True)
    assert (level.is_wide, level.is_below_residents, level.needs_investigation) == (False, False, False)


def test_few_foreign_visits_show_no_number_and_an_interval_that_does_not_tell_it():
    shares = [foreign_share(added_up(_weeks([140] * weeks, [1] * weeks)), None) for weeks in (3, 9)]
    of_the_same_size = [foreign_share(added_up(_weeks([420, 840], [few, 0])), None) for few in (1, 9)]

    assert [share and share.foreign_visits for share in [*shares, *of_the_same_size]] == [None] * 4
    assert of_the_same_size[0] == of_the_same_size[1]
    assert all(share is not None and share.needs_investigation and share.interval.low == 0 for share in shares)


def test_foreign_share_is_of_periods_in_which_foreign_visits_were_counted():
    share = foreign_share(added_up(_weeks([1000, 1000, 500], [100, None, 50])), 0.05)

    assert share is not None
    assert (share.visits, share.foreign_visits, share.needs_investigation) == (1500, 150, False)
    assert foreign_share(added_up(_weeks([1000], [None])), 0.05) is None


def test_foreign_visits_are_told_in_stretches_of_ten():
    counts = _weeks([100] * 6, [4, 5, None, 3, 12, 2])

    assert foreign_stretches(counts[::-1]) == [
        (dt.date(2026, 1, 5), dt.date(2026, 2, 1), 12),
        (dt.date(2026, 2, 2), dt.date(2026, 2, 15), 14),
    ]
    assert foreign_stretches(_weeks([100], [9])) == []


def test_trend_is_the_later_half_against_the_earlier():
    trend = trend_of(_weeks([70, 70, 140, 140], [None] * 4))

    assert trend == Trend(10.0, 20.0)
    assert trend.change == 1.0
    assert trend_of(_weeks([70, 70, 140], [None] * 3)) is None
    assert Trend(0.0, 5.0).change is None


def test_service_use_keeps_not_known_apart_from_not_wanted_and_rates_among_users():
    use = service_use({"yes": 60, "no": 140}, {"yes": 40, "no": 20}, {"1": 5, "3": 6, "4": 20, "5": 9}, range(1, 6))

    assert use == ServiceUse(people=200, unknown=140, known_unused=20, used=40, satisfied=29, rated=40)


@pytest.mark.parametrize(
    ("aware", "used", "satisfied", "expected"),
    [
        ({"yes": 4, "no": 5}, {}, {}, None),
        ({"yes": 60, "no": 140}, {"yes": 55}, {"5": 55}, ServiceUse(200, None, None, None, None, None)),
        ({"yes": 60, "no": 140}, {"yes": 40}, {"4": 35, "1": 5}, ServiceUse(200, 140, 20, 40, None, None)),
        ({"yes": 60, "no": 140}, {"yes": 40}, {"4": 20, "1": 15}, ServiceUse(200, 140, 20, 40, None, None)),
    ],
)
def test_service_use_hides_what_fewer_than_ten_people_did_and_what_would_tell_it(aware, used, satisfied, expected):
    assert service_use(aware, used, satisfied, range(1, 6)) == expected


def test_small_areas_are_told_together_with_one_more_where_one_is_alone():
    areas = [AreaResources("big", 4, 90_000, 4_000), AreaResources("middle", 2, 50_000, 350), AreaResources("small", 1, 30_000, 33)]

    assert pool_areas(areas, "others") == [AreaResources("big", 4, 90_000, 4_000), AreaResources("others", 3, 80_000, 383, is_pooled=True)]
    assert pool_areas(areas[:2], "others") == areas[:2]
