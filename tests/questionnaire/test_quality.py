"""Straight lines, too little time, copies: what is a sign, and what is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.authoring.service import bundled_form
from survey.questionnaire.form import Choice, MatrixColumn, Question, Section
from survey.questionnaire.quality import (
    ScaleItem,
    comparable,
    corrected_flags,
    flags_of,
    is_speeding,
    is_straight_lining,
    scale_items,
    share_answered,
)
from survey.questionnaire.values import DONT_KNOW, REFUSED

FORM = bundled_form()


def items(number: int, section: str = "s", low: int = 1, high: int = 5, start: int = 0) -> list[ScaleItem]:
    return [ScaleItem(f"{section}{n}", section, low, high) for n in range(start, start + number)]


def points(of: list[ScaleItem], *values: Any) -> dict[str, Any]:
    return dict(zip((item.id for item in of), values, strict=True))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((3, 3, 3, 3, 3), True),
        ((5, 5, 5, 5, 5), True),
        ((3, 3, 3, 3, 4), False),
        ((3, 3, 3, 3, REFUSED), False),
        ((3, 3, 3, 3, None), False),
        ((3, 3, 3, 3, 3, REFUSED, 3), True),
        ((3, 3, 3, 3, 3, 2), False),
        ((), False),
    ],
)
def test_straight_line_is_five_equal_points_and_none_that_differs(values: tuple[Any, ...], expected: bool) -> None:
    asked = items(len(values))

    assert is_straight_lining(asked, points(asked, *values)) is expected


def test_straight_line_is_within_one_section_and_one_range() -> None:
    two_sections = [*items(3, "a"), *items(3, "b")]
    two_ranges = [*items(3), *items(3, low=0, high=10, start=3)]
    one_line_of_two = [*items(5, "a"), *items(2, "b")]

    assert not is_straight_lining(two_sections, points(two_sections, *[4] * 6))
    assert not is_straight_lining(two_ranges, points(two_ranges, *[4] * 6))
    assert is_straight_lining(one_line_of_two, points(one_line_of_two, 4, 4, 4, 4, 4, 1, 2))


@given(st.lists(st.integers(1, 5), max_size=12))
def test_straight_line_is_never_seen_where_two_points_differ(values: list[int]) -> None:
    asked = items(len(values))

    assert is_straight_lining(asked, points(asked, *values)) is (len(values) >= 5 and len(set(values)) == 1)


def test_scale_items_of_the_bundled_form_are_its_scales_by_section() -> None:
    found = scale_items(FORM)

    assert [item.id for item in found] == [q.id for q in FORM.questions() if q.type == "scale"]
    assert {(item.low, item.high) for item in found} == {(q.minimum, q.maximum) for q in FORM.questions() if q.type == "scale"}
    assert len(found) >= 5


def test_scale_items_are_ratings_and_the_rows_of_a_matrix_too() -> None:
    text = {"en": "x"}
    column = MatrixColumn(id="use", label=text, minimum=1, maximum=5, low_label=text, high_label=text)
    rows = [Choice(value=value, label=text) for value in ("library", "clinic")]
    questions = [
        Question(id="grid", type="matrix", label=text, rows=rows, columns=[column]),
        Question(id="stars", type="rating", label=text, minimum=1, maximum=3),
        Question(id="age", type="integer", label=text, minimum=1, maximum=3),
    ]
    form = msgspec.structs.replace(FORM, sections=[Section(id="s", title=text, questions=questions)])

    assert scale_items(form) == [
        ScaleItem("grid.library.use", "s", 1, 5), ScaleItem("grid.clinic.use", "s", 1, 5), ScaleItem("stars", "s", 1, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "minutes", "share", "expected"),
    [
        (89.9, 5, 1.0, True),
        (90.0, 5, 1.0, False),
        (44.0, 5, 0.5, True),
        (46.0, 5, 0.5, False),
        (0.0, 5, 1.0, True),
        (0.0, 5, 0.0, False),
        (-3.0, 5, 1.0, False),
        (None, 5, 1.0, False),
        (89.0, 5, 7.0, True),
        (5.0, 60, -1.0, False),
    ],
)
def test_speeding_is_under_three_tenths_of_the_time_for_what_was_answered(
    seconds: float | None, minutes: int, share: float, expected: bool
) -> None:
    assert is_speeding(seconds, minutes, share) is expected


@given(st.floats(0, 10_000), st.integers(1, 60), st.floats(0, 1), st.floats(0, 1))
def test_speeding_is_no_likelier_for_who_answered_less(seconds: float, minutes: int, one: float, other: float) -> None:
    less, more = sorted((one, other))

    assert is_speeding(seconds, minutes, less) <= is_speeding(seconds, minutes, more)


def test_share_answered_leaves_out_refusals_and_questions_of_other_forms() -> None:
    asked = [item.id for item in FORM.items()]

    assert share_answered(FORM, {}) == 0
    assert share_answered(FORM, {asked[0]: ["x"], asked[1]: REFUSED, asked[2]: DONT_KNOW, "unknown": "x"}) == 1 / len(asked)
    assert share_answered(FORM, dict.fromkeys(asked, "x")) == 1


def test_flags_of_a_response_are_sorted_and_only_what_is_known() -> None:
    line = {item.id: 3 for item in scale_items(FORM)}

    assert flags_of(FORM, line, seconds=1.0) == ["speeding", "straight_lining"]
    assert flags_of(FORM, line) == ["straight_lining"]
    assert flags_of(FORM, {"need_most": "x"}, seconds=0.1) == ["speeding"]
    assert flags_of(FORM, {}, seconds=0.0) == []


def test_corrected_answer_keeps_what_stays_true_of_it_and_is_judged_anew() -> None:
    line = {item.id: 3 for item in scale_items(FORM)}

    assert corrected_flags({"speeding", "copied_text", "straight_lining"}, FORM, {}) == {"speeding", "copied_text"}
    assert corrected_flags({"speeding"}, FORM, line) == {"speeding", "straight_lining"}
    assert corrected_flags(set(), FORM, {}) == set()


def test_comparable_is_the_same_for_copies_that_differ_in_width_case_and_spaces() -> None:
    copies = ["We need a Doctor  who speaks English", "ｗｅ need a doctor who\nspeaks ENGLISH ", "we need a doctor who speaks english"]

    assert {comparable(text) for text in copies} == {"we need a doctor who speaks english"}


@pytest.mark.parametrize("text", ["", "没有", "无", "x" * 19, " " * 40, "没有什么意见，都挺好的"])
def test_comparable_is_nothing_for_short_texts(text: str) -> None:
    assert comparable(text) == ""


def test_comparable_begins_with_twenty_characters() -> None:
    assert comparable("x" * 20) == "x" * 20
