"""Each picture from plain data: what its title says, what its table holds, what it hides, and what it may not claim."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Callable

import msgspec
import pytest

from analysis.statistics.importance import Quadrant
from analysis.statistics.intervals import Design, Interval, newcombe_interval
from survey.insight.charts.coverage import CoverageLine, draw_coverage
from survey.insight.charts.facilities import AreaResources, FacilityUse, draw_facilities, draw_resources
from survey.insight.charts.frame import DrawnChart
from survey.insight.charts.groups import DifferenceLine, draw_groups
from survey.insight.charts.likert import LikertLine, draw_likert
from survey.insight.charts.priorities import Rated, draw_priorities
from survey.insight.charts.services import ServiceLine, Step, draw_services
from survey.insight.charts.themes import ThemeBar, draw_themes
from survey.insight.charts.waves import WaveLine, draw_waves
from survey.insight.charts.words import (
    Facts,
    interval_meaning,
    margin_words,
    points_words,
    weighted_interval_words,
    weighted_meaning,
)
from survey.resources import FRONTEND

DATES = (dt.date(2026, 11, 1), dt.date(2026, 11, 21))
IN_2010 = dt.date(2010, 3, 1)


def facts(design: Design = Design.OPEN, language: str = "en") -> Facts:
    return Facts(survey="What do you need?", dates=DATES, design=design, language=language)


def groups(facts: Facts) -> DrawnChart:
    lines = [
        DifferenceLine("Doctors", 0.4, 0.2, newcombe_interval(0.4, 200, 0.2, 100), is_marked=True),
        DifferenceLine("Parking", 0.3, 0.35, newcombe_interval(0.3, 200, 0.35, 100), is_marked=False),
        DifferenceLine("Noise", 0.1, None, None, is_marked=False),
    ]
    return draw_groups(lines, groups=("from abroad", "from here"), bases=(200, 100), facts=facts)


def waves(facts: Facts) -> DrawnChart:
    lines = [
        WaveLine("Doctors", [0.2, 0.4], newcombe_interval(0.4, 200, 0.2, 200), is_marked=True),
        WaveLine("Parking", [0.3, None], None, is_marked=False),
    ]
    return draw_waves(lines, waves=["1", "2"], bases=[200, 200], facts=facts)


def importance(facts: Facts) -> DrawnChart:
    things = [
        Rated("Health", Interval(4.2, 4.0, 4.4), Interval(2.6, 2.4, 2.8), 100, Quadrant.CONCENTRATE_HERE, Quadrant.CONCENTRATE_HERE, is_certain=True),
        Rated("Home", Interval(3.4, 3.2, 3.6), Interval(3.6, 3.4, 3.8), 90, Quadrant.POSSIBLE_OVERKILL, Quadrant.KEEP_UP, is_certain=False),
    ]
    return draw_priorities(things, lines=(3.8, 3.1), scale=(1, 5), facts=facts)


def services(facts: Facts) -> DrawnChart:
    hidden = Step(None, None)
    lines = [
        ServiceLine("Library", Step(0.3, 200), Step(0.7, 200), Step(0.5, 60), Step(0.5, 60), Step(0.6, 25)),
        ServiceLine("Clinic", Step(0.6, 200), Step(0.4, 200), hidden, hidden, hidden),
    ]
    return draw_services(lines, people=200, facts=facts)


def likert(facts: Facts) -> DrawnChart:
    lines = [LikertLine("Bus", 100, 0.2, 0.3, 0.5, 3.4), LikertLine("Park", 25, 0.4, 0.2, 0.4, None), LikertLine("Pool", 15, None, None, None, None)]
    return draw_likert(lines, title_of="How satisfied you are", ends=("Not at all", "Very"), points=(1, 5), facts=facts)


def coverage(facts: Facts) -> DrawnChart:
    lines = [CoverageLine("Wangjing", 60, 0.6, 12_901, 0.8), CoverageLine("3 other subdistricts", None, None, 3_225, 0.2)]
    return draw_coverage(lines, people=100, who="Foreign residents", source="table 1", as_of=IN_2010, facts=facts)


def resources(facts: Facts) -> DrawnChart:
    areas = [AreaResources("Small", 2, 10_000, 500), AreaResources("Large", 5, 50_000, 10_000)]
    return draw_resources(areas, what="Libraries", source="table 1", as_of=IN_2010, facts=facts)


def facilities(facts: Facts) -> DrawnChart:
    """The paper's library: 20 visits a day, a foreign reader a week; and one that many use."""
    used = [FacilityUse("Library", 520, 4, 0.1), FacilityUse("Sports hall", 1000, 60, None)]
    return draw_facilities(used, resident_share=0.05, facts=facts, counted=DATES)


def themes(facts: Facts) -> DrawnChart:
    return draw_themes([ThemeBar("Doctors", 80, is_accepted=True), ThemeBar("Parking", 20, is_accepted=False)], base=265, facts=facts)


ALL: list[Callable[[Facts], DrawnChart]] = [themes, groups, waves, importance, services, likert, coverage, resources, facilities]


@pytest.fixture(scope="module")
def drawn() -> dict[str, DrawnChart]:
    """Every picture of an open survey, drawn once."""
    return {draw.__name__: draw(facts()) for draw in ALL}


def words_in(svg: str) -> str:
    return " ".join(re.findall(r">([^<>]+)</t(?:ext|span)>", svg))


def rows(chart: DrawnChart) -> list[list[object]]:
    return [[round(value, 3) if isinstance(value, float) else value for value in row] for row in chart.table.rows]


def test_titles_say_what_was_found(drawn: dict[str, DrawnChart]) -> None:
    assert {name: chart.title for name, chart in drawn.items()} == {
        "themes": "30% of those who wrote name “Doctors”",
        "groups": "“Doctors”: 40% (from abroad), 20% (from here)",
        "waves": "“Doctors” rose from 20% to 40% of those who wrote",
        "importance": "Important and least satisfying: “Health”",
        "services": "30% know of “Library”, fewer than of any other service",
        "likert": "How satisfied you are: least satisfied with “Park”, 40% below the middle",
        "coverage": "Wangjing: 60% of the answers, 80% of the residents registered in 2010",
        "resources": "Libraries per 1,000 foreign residents: 0.5 to 4 by area, 0.67 in all areas together",
        "facilities": "0.8% of the visits to “Library” are of foreign residents",
    }
    assert all(chart.table.is_finding for chart in drawn.values())


def test_tables_hold_the_same_figures_and_none_where_hidden(drawn: dict[str, DrawnChart]) -> None:
    assert rows(drawn["themes"]) == [["Doctors", "accepted", 80, 0.302, 0.25, 0.36], ["Parking", "proposed", 20, 0.075, 0.049, 0.114]]
    assert rows(drawn["groups"]) == [
        ["Doctors", 0.4, 0.2, 0.2, 0.09, 0.296, "yes"], ["Parking", 0.3, 0.35, -0.05, -0.164, 0.059, "no"], ["Noise", 0.1, None, None, None, None, None],
    ]  # fmt: skip
    assert rows(drawn["waves"]) == [["Doctors", 0.2, 0.4, 0.2, "+11 to +29 points", "yes"], ["Parking", 0.3, None, None, None, None]]
    assert rows(drawn["importance"]) == [
        ["Health", 100, 4.2, 2.6, "important, not satisfied: act here", "yes", "important, not satisfied: act here"],
        ["Home", 90, 3.4, 3.6, "less important, satisfied: perhaps too much", "no", "important, satisfied: keep it up"],
    ]
    assert rows(drawn["services"]) == [["Library", 200, 0.3, 0.7, 0.5, 0.5, 25, 0.6], ["Clinic", 200, 0.6, 0.4, None, None, None, None]]
    assert rows(drawn["likert"]) == [["Bus", 100, 0.2, 0.3, 0.5, 3.4], ["Park", 25, 0.4, 0.2, 0.4, None], ["Pool", 15, None, None, None, None]]
    assert rows(drawn["coverage"]) == [["Wangjing", 60, 0.6, 12_901, 0.8], ["3 other subdistricts", None, None, 3_225, 0.2]]
    # In the order of residents: 5 / 50,000 and 5 / 10,000; 2 / 10,000 and 2 / 500, by the thousand.
    assert rows(drawn["resources"]) == [["Large", 5, 50_000, 10_000, 0.1, 0.5], ["Small", 2, 10_000, 500, 0.2, 4.0]]
    # Wilson of 4 in 520: 0.3% to 2.0%, below the 5% of residents
    assert rows(drawn["facilities"]) == [["Library", 520, 0.008, 0.003, 0.02, 0.1], ["Sports hall", 1000, 0.06, 0.047, 0.076, None]]


def test_pictures_tell_source_n_dates_and_kind_of_sample(drawn: dict[str, DrawnChart]) -> None:
    for name in ("themes", "groups", "waves", "importance", "services", "likert", "coverage"):
        words = words_in(drawn[name].svg)
        assert re.search(r"Source: What do you need\? · [\d,]+ people · November 1, 2026 to November 21, 2026", words), name
        assert "no probability sample" in words, name
        assert drawn[name].title.split("”")[0] in words, name


def test_pictures_of_facilities_tell_the_days_of_the_counts_and_that_fiction_is_fiction(drawn: dict[str, DrawnChart]) -> None:
    assert "visits counted at the facilities, November 1, 2026 to November 21, 2026" in words_in(drawn["facilities"].svg)
    fiction = msgspec.structs.replace(facts(), is_fictional=True)
    for draw in (resources, facilities):
        assert "Fictional" not in words_in(drawn[draw.__name__].svg)
        assert "Fictional figures of a demonstration." in words_in(draw(fiction).svg)


def test_rates_that_differ_read_differently_and_pooled_areas_stand_last() -> None:
    areas = [AreaResources("One", 1, 90_000, 500), AreaResources("others", 3, 140_000, 215, is_pooled=True), AreaResources("Two", 2, 70_000, 500)]

    chart = draw_resources(areas, what="Libraries", source="table 1", as_of=IN_2010, facts=facts())

    assert [row[0] for row in chart.table.rows] == ["One", "Two", "others"]
    assert [rate in words_in(chart.svg) for rate in ("0.011 per 1,000 residents", "0.029 per 1,000 residents", "14 per 1,000 foreign")] == [True] * 3
    assert "told together" in words_in(chart.svg)
    assert "told together" not in words_in(resources(facts()).svg)


def test_hidden_numbers_stand_as_c_and_never_as_a_bar_of_zero(drawn: dict[str, DrawnChart]) -> None:
    for name in ("groups", "services", "likert", "coverage"):
        assert re.search(r">(?:[^<>]* )?c<", drawn[name].svg), name
        assert "stand as “c”" in words_in(drawn[name].svg), name
    assert "use it c " in words_in(drawn["services"].svg)
    assert "answers c" in words_in(drawn["coverage"].svg)
    assert "Pool" in words_in(drawn["likert"].svg)


def test_small_bases_have_an_asterisk_and_doubtful_use_a_word(drawn: dict[str, DrawnChart]) -> None:
    assert "satisfied 60%* (25 people)" in words_in(drawn["services"].svg)
    assert "25 people*" in words_in(drawn["likert"].svg)
    assert words_in(drawn["facilities"].svg).count("needs investigation") == 2  # the bar's, and the note's
    assert "use c" in words_in(drawn["facilities"].svg)


def test_importance_says_by_which_rule_its_lines_are_drawn(drawn: dict[str, DrawnChart]) -> None:
    assert "The lines are the means of all points (importance 3.8, satisfaction 3.1)" in words_in(drawn["importance"].svg)
    assert "By the middle of the scale (3)" in words_in(drawn["importance"].svg)


def test_nothing_of_an_open_survey_or_a_census_claims_a_margin(drawn: dict[str, DrawnChart]) -> None:
    for design in (Design.OPEN, Design.CENSUS):
        assert margin_words(design, 400, facts().say) is None
        assert "model-based" in interval_meaning(design, facts().say)
        assert "±" not in points_words(newcombe_interval(0.4, 200, 0.2, 100), design, facts().say)
        assert "±" not in str((weighted_interval_words(Interval(0.4, 0.3, 0.5), design, facts().say), weighted_meaning(design, 9000, facts().say)))
    for chart in drawn.values():
        told = chart.svg + chart.title + chart.description + str(chart.table)
        assert "±" not in told
        assert "confidence" not in told
        assert "margin of error" not in told.replace("no margin of error can be given", "")


def test_probability_sample_has_a_margin_and_confidence_intervals() -> None:
    assert margin_words(Design.PROBABILITY, 400, facts().say) == "± 4.9 points at most, at 95% confidence"
    assert interval_meaning(Design.PROBABILITY, facts().say) == "Lines are confidence intervals (95%)."


def test_only_one_place_in_the_program_writes_a_margin() -> None:
    root = FRONTEND.parent if (FRONTEND.parent / "survey").is_dir() else FRONTEND.parent.parent
    files = [*root.glob("survey/**/*.py"), *root.glob("frontend/templates/desk/**/*.html"), *root.glob("frontend/templates/components/*.html")]

    assert [path.name for path in files if "±" in path.read_text(encoding="utf-8")] == ["words.py"]


def test_limits_of_weighted_shares_are_told_of_all_but_open_surveys() -> None:
    interval, say = Interval(0.375, 0.28, 0.47), facts().say

    assert [weighted_interval_words(interval, design, say) for design in (Design.PROBABILITY, Design.CENSUS, Design.OPEN)] == [
        "28% to 47%", "28% to 47%", None,
    ]  # fmt: skip
    assert weighted_meaning(Design.OPEN, 1800, say) == []
    assert "confidence intervals (95%)" in weighted_meaning(Design.PROBABILITY, None, say)[0]
    meaning, correction = weighted_meaning(Design.CENSUS, 1800, say)
    assert "model-based (95%)" in meaning
    assert correction == "They are narrowed by the finite population correction for 1,800 registered residents."


@pytest.mark.parametrize("draw", [groups, importance, waves])
def test_same_figures_are_the_same_file(draw: Callable[[Facts], DrawnChart], drawn: dict[str, DrawnChart]) -> None:
    """Also after other charts: Vega counts on from chart to chart."""
    assert draw(facts()) == drawn[draw.__name__]


def test_every_sign_of_every_picture_is_in_its_fonts(drawn: dict[str, DrawnChart]) -> None:
    signs = {sign for chart in drawn.values() for sign in words_in(chart.svg) if not sign.isspace()} | set("“”·–…：，。、（）")
    charset = " ".join(f"{ord(sign):x}" for sign in sorted(signs))
    found = subprocess.run(["fc-list", f":charset={charset}", "family"], capture_output=True, text=True, check=True).stdout

    assert "Noto Sans CJK SC" in found


@pytest.mark.parametrize(
    "draw",
    [
        lambda: draw_groups([], groups=("a", "b"), bases=(0, 0), facts=facts()), lambda: draw_waves([], waves=["1", "2"], bases=[], facts=facts()),
        lambda: draw_priorities([], lines=(3, 3), scale=(1, 5), facts=facts()), lambda: draw_services([], people=0, facts=facts()),
        lambda: draw_likert([], title_of="", ends=("", ""), points=(1, 5), facts=facts()),
        lambda: draw_coverage([], people=0, who="", source="", as_of=IN_2010, facts=facts()),
        lambda: draw_resources([AreaResources("Tiny", 1, 100, 9)], what="x", source="", as_of=IN_2010, facts=facts()),
        lambda: draw_facilities([FacilityUse("Closed", 0, 0, None)], resident_share=None, facts=facts()),
    ],
)  # fmt: skip
def test_picture_of_nothing_is_refused(draw: Callable[[], DrawnChart]) -> None:
    with pytest.raises(ValueError, match=r"^no |^nothing |of so few residents"):
        draw()


def test_nothing_found_says_so_and_is_no_finding() -> None:
    line = DifferenceLine("Parking", 0.3, 0.35, newcombe_interval(0.3, 200, 0.35, 100), is_marked=False)

    chart = draw_groups([line], groups=("from abroad", "from here"), bases=(200, 100), facts=facts())

    assert chart.title == "No theme differs beyond chance between “from abroad” and “from here”"
    assert not chart.table.is_finding
