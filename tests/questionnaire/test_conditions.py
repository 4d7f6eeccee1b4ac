"""What conditions say of clean answers, and the CSS that says the same (that browsers agree is tested in one)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from survey.questionnaire.conditions import (
    REFUSED,
    And,
    Answered,
    Condition,
    Equals,
    Includes,
    Not,
    Or,
    css_selector,
    grounded,
    holds,
    questions_in,
)

from survey.questionnaire.answers import check_answers
from survey.questionnaire.form import Form
from tests.questionnaire.conftest import a_form, forms, raw_answers

YES = Equals(question="a", value="yes")
THREE = Equals(question="b", value=3)
TICKED = Includes(question="c", value="x")
GIVEN = Answered(question="a")


@pytest.mark.parametrize(
    ("condition", "answers", "expected"),
    [
        (YES, {"a": "yes"}, True),
        (YES, {"a": "no"}, False),
        (YES, {}, False),
        (YES, {"a": REFUSED}, False),
        (THREE, {"b": 3}, True),
        (THREE, {"b": 4}, False),
        (TICKED, {"c": ["w", "x"]}, True),
        (TICKED, {"c": ["w"]}, False),
        (TICKED, {"c": REFUSED}, False),
        (Includes(question="c", value="say"), {"c": "prefer_not_to_say"}, False),
        (TICKED, {}, False),
        (GIVEN, {"a": ""}, True),
        (GIVEN, {"a": "no"}, True),
        (GIVEN, {"a": REFUSED}, False),
        (GIVEN, {"b": 3}, False),
        (And(conditions=[YES, THREE]), {"a": "yes", "b": 3}, True),
        (And(conditions=[YES, THREE]), {"a": "yes"}, False),
        (And(conditions=[]), {}, True),
        (Or(conditions=[YES, THREE]), {"b": 3}, True),
        (Or(conditions=[YES, THREE]), {"b": 4}, False),
        (Or(conditions=[]), {"a": "yes"}, False),
        (Not(condition=YES), {}, True),
        (Not(condition=YES), {"a": "yes"}, False),
        (Not(condition=Or(conditions=[YES, THREE])), {"a": "no"}, True),
    ],
)
def test_holds_on_clean_answers(condition: Condition, answers: dict[str, Any], expected: bool) -> None:
    assert holds(condition, answers) is expected


def test_questions_in_names_every_question_of_a_nested_condition() -> None:
    condition = And(conditions=[Not(condition=Or(conditions=[YES, TICKED])), THREE, GIVEN])

    assert list(questions_in(condition)) == ["a", "c", "b", "a"]


@pytest.mark.parametrize(
    ("condition", "selector"),
    [
        (YES, '#f:has([name="a"][value="yes"]:checked, [name="a"] [value="yes"]:checked)'),
        (THREE, '#f:has([name="b"][value="3"]:checked, [name="b"] [value="3"]:checked)'),
        (TICKED, '#f:has([name="c"][value="x"]:checked, [name="c"] [value="x"]:checked)'),
        (And(conditions=[]), "#f"),
        (Or(conditions=[]), "#f:is()"),
        (
            Not(condition=Or(conditions=[YES, THREE])),
            (
                '#f:not(:is(:has([name="a"][value="yes"]:checked, [name="a"] [value="yes"]:checked), '
                ':has([name="b"][value="3"]:checked, [name="b"] [value="3"]:checked)))'
            ),
        ),
    ],
)
def test_css_selector_of_each_kind_of_condition(condition: Condition, selector: str) -> None:
    assert css_selector(condition, "#f") == selector


def test_css_selector_of_answered_leaves_out_the_refusal_and_the_empty_choice() -> None:
    selector = css_selector(GIVEN, "#f")

    assert selector == (
        '#f:has([name="a"]:checked:not([value="prefer_not_to_say"], [value=""]), '
        '[name="a"] :checked:not([value="prefer_not_to_say"], [value=""]), '
        '[name="a"]:is(textarea, [type=text]):not(:placeholder-shown))'
    )


def test_grounded_condition_needs_the_question_that_it_asks_about_to_be_shown() -> None:
    condition = Or(conditions=[Not(condition=YES), And(conditions=[THREE])])

    found = grounded(condition, {"a": GIVEN})

    assert found == Or(conditions=[Not(condition=And(conditions=[GIVEN, YES])), And(conditions=[THREE])])


@given(st.data())
def test_grounded_condition_on_the_pages_state_is_the_plain_one_on_clean_answers(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(raw_answers(form, is_wild=False))
    every_question = [question for question in form.questions() if question.has_answer]
    on_the_page = {
        question.id: answer
        for question in every_question
        if (answer := _alone(form, question.id, raw.get(question.id))) is not None
    }

    clean = check_answers(form, raw).answers
    shown_when = form.shown_when()

    shown = {q.id for q in every_question if q.id not in shown_when or holds(shown_when[q.id], on_the_page)}
    assert clean == {name: answer for name, answer in on_the_page.items() if name in shown}


def _alone(form: Form, name: str, value: Any) -> Any:
    """What the question's field stands for on the page, hidden or not."""
    [question] = [question for question in form.questions() if question.id == name]
    bare = msgspec.structs.replace(question, relevant=None, required=False)
    return check_answers(a_form(bare), {name: value}).answers.get(name)
