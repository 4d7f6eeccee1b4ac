"""Two surveys beside each other, by hand: what is the same, what is told of it, and that units are kept out."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from analysis.statistics.shares import Population
from survey.authoring.service import bundled_form
from survey.insight.comparisons import Comparison, Side, Why, compare, reasons_against
from survey.questionnaire.form import Form, Question
from survey.questionnaire.sameness import fingerprint

FORM = bundled_form()


def _form(*ids: str, languages: tuple[str, ...] = ("zh-Hans", "en"), more: tuple[Question, ...] = (), **section: object) -> Form:
    """Questions of the bundled form, in the order given, in one section."""
    by_id = {question.id: question for question in FORM.questions()}
    one = msgspec.structs.replace(FORM.sections[0], questions=[*(by_id[key] for key in ids), *more], **section)
    return msgspec.structs.replace(FORM, sections=[one], languages=list(languages))


def _side(form: Form, totals: Mapping[str, Mapping[str, int]], population: Population = Population.RESIDENT) -> Side:
    return Side(form, totals, [{question.id: fingerprint(question) for question in form.questions()}], population)


def _told(found: Comparison) -> dict[str, list[tuple[list[str], int | None, int | None]]]:
    return {
        one.question.id: [(answer.answers, answer.found.first.people, answer.found.second.people) for answer in one.answers]
        for one in found.questions
    }


def _why(found: Comparison) -> dict[str, Why]:
    return {one.question.id: one.why for one in found.left_out}


def test_difference_is_newcombes_of_the_shares_shown_and_marked_beyond_chance() -> None:
    """60 of 100 against 40 of 100. Wilson: .5020 to .6906 and .3094 to .4980; Newcombe: .2 - √(.0980² + .0980²), .2 + √(.0906² + .0906²)."""
    form = _form("aware_library", "aware_health_centre")
    first = _side(form, {"aware_library": {"yes": 60, "no": 40, "refused": 30}, "aware_health_centre": {"yes": 50, "no": 50}})
    second = _side(form, {"aware_library": {"yes": 40, "no": 60}, "aware_health_centre": {"yes": 50, "no": 50}})

    found = compare(first, second)

    library, health = [one.answers[0].found for one in found.questions]
    assert library.difference is not None
    assert [round(x, 3) for x in (library.difference.estimate, library.difference.low, library.difference.high)] == [0.2, 0.061, 0.328]
    assert (library.first.base, library.is_marked, health.is_marked, found.marked, found.tested) == (100, True, False, 1, 2)
    assert list(_told(found)) == ["aware_library", "aware_health_centre"]


def test_order_is_the_forms_and_a_scale_is_told_above_its_middle() -> None:
    """Satisfied are 4 and 5: 20 + 20 of 100; the safer body is not set first."""
    form = _form("satisfaction_safety", "satisfaction_home")
    points = {"1": 20, "2": 20, "3": 20, "4": 20, "5": 20}
    found = compare(
        _side(form, {"satisfaction_safety": points, "satisfaction_home": points}),
        _side(form, {"satisfaction_safety": points, "satisfaction_home": {**points, "5": 220}}),
    )

    assert _told(found) == {"satisfaction_safety": [(["4", "5"], 40, 40)], "satisfaction_home": [(["4", "5"], 40, 240)]}


def test_small_answers_are_counted_together_in_both_surveys_and_not_tested() -> None:
    """Under six months are 4 in the first: with the next smallest, 12 and 60 in the first, they are 16 and 80."""
    form = _form("time_in_beijing")
    first = {"under_6_months": 4, "6_months_to_2_years": 12, "2_to_5_years": 50, "over_5_years": 60}
    second = {"under_6_months": 20, "6_months_to_2_years": 60, "2_to_5_years": 50, "over_5_years": 60}

    found = compare(_side(form, {"time_in_beijing": first}), _side(form, {"time_in_beijing": second}))

    assert _told(found)["time_in_beijing"] == [
        (["2_to_5_years"], 50, 50), (["over_5_years"], 60, 60), (["under_6_months", "6_months_to_2_years"], 15, 80),
    ]  # fmt: skip
    assert (found.questions[0].answers[2].is_rest, found.questions[0].answers[2].found.difference, found.tested) == (True, None, 2)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"yes": 9, "no": 91}, {"yes": 50, "no": 50}),  # few said yes
        ({"yes": 91, "no": 9}, {"yes": 50, "no": 50}),  # few said no, which the base would tell
        ({"yes": 100, "no": 0}, {"yes": 50, "no": 50}),  # what everybody said, it tells of each
        ({"yes": 4, "no": 5}, {"yes": 50, "no": 50}),
        ({}, {"yes": 50, "no": 50}),
    ],
)
def test_few_people_hide_a_question_in_either_direction(first: dict[str, int], second: dict[str, int]) -> None:
    form = _form("aware_library")
    for one, other in ((first, second), (second, first)):
        found = compare(_side(form, {"aware_library": one}), _side(form, {"aware_library": other}))

        assert (found.questions, _why(found)) == ([], {"aware_library": Why.FEW})


def test_fewer_than_thirty_are_shown_and_not_tested() -> None:
    form = _form("aware_library")

    found = compare(_side(form, {"aware_library": {"yes": 14, "no": 14}}), _side(form, {"aware_library": {"yes": 90, "no": 10}}))

    [answer] = found.questions[0].answers
    assert (answer.found.first.people, answer.found.first.is_small_base, answer.found.difference, found.tested) == (15, False, None, 0)


def test_what_is_not_the_same_is_left_out_with_its_reason() -> None:
    own = Question(id="our_square", type="long_text", label={"zh-Hans": "广场？", "en": "The square?"}, use="needs")
    asked = {question.id: question for question in FORM.questions()}
    renamed = msgspec.structs.replace(asked["belonging"], label={**asked["belonging"].label, "en": "I like it here."})
    clinic = msgspec.structs.replace(asked["aware_health_centre"], label={**asked["aware_health_centre"].label, "en": "Heard of a clinic?"})
    korean = msgspec.structs.replace(asked["aware_library"], label={**asked["aware_library"].label, "ko": "다르다"})
    counts = {"aware_library": {"yes": 50, "no": 50}, "used_health_centre": {"yes": 20, "no": 30}, "belonging": {"1": 50, "5": 50}}
    here = _form("need_most", "participation", "subdistrict", "may_quote", "aware_library", "aware_health_centre", "used_health_centre", "belonging", more=(own,))
    there = _form("need_most", "participation", "subdistrict", "may_quote", "used_health_centre", "origin", more=(korean, clinic, renamed))
    first, second = _side(here, counts), _side(there, counts)

    found = compare(first, second)

    assert _why(found) == {
        "need_most": Why.WORDS, "participation": Why.SEVERAL, "subdistrict": Why.NO_SHARES, "may_quote": Why.NO_SHARES,
        "aware_health_centre": Why.DIFFERS, "used_health_centre": Why.CONDITION, "belonging": Why.DIFFERS, "our_square": Why.ONLY_HERE, "origin": Why.ONLY_THERE,
    }  # fmt: skip
    assert list(_told(found)) == ["aware_library"]  # it differs in a language that the two do not share
    assert found.languages == ["zh-Hans", "en"]


def test_question_changed_between_waves_or_asked_of_others_is_left_out() -> None:
    form, counts = _form("origin", "belonging"), {"belonging": {"1": 50, "5": 50}, "origin": {"mainland": 50, "another_country": 50, "hk_mo_tw": 50}}
    changed = msgspec.structs.replace(_side(form, counts), waves=[*_side(form, counts).waves, {"origin": "0", "belonging": "0"}])
    conditional = _form("origin", "belonging", relevant="${x} = 'yes'")

    assert set(_why(compare(_side(form, counts), changed)).values()) == {Why.WAVES}
    assert set(reasons_against(form, conditional).values()) == {Why.CONDITION}
    assert set(reasons_against(form, _form("origin", "belonging", languages=("ko",))).values()) == {Why.DIFFERS}


@pytest.mark.parametrize("population", [Population.UNIT, Population.ORGANISATION])
def test_units_are_never_set_beside_residents_nor_beside_each_other(population: Population) -> None:
    form, counts = _form("belonging"), {"belonging": {"1": 50, "5": 50}}
    residents, units = _side(form, counts), _side(form, counts, population)

    for pair in ((residents, units), (units, residents), (units, units)):
        with pytest.raises(ValueError, match="Only surveys of residents are compared"):
            compare(*pair)
