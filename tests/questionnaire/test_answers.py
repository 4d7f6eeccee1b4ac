"""From what came in to clean answers or problems: each code, each type, and what holds for any form and anything sent."""

from __future__ import annotations

import unicodedata
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from survey.questionnaire.conditions import REFUSED, Equals, holds

from survey.questionnaire.answers import AnswerProblem, CheckedAnswers, ErrorCode, FormChecker, check_answers
from survey.questionnaire.form import Question
from tests.questionnaire.conftest import a_form, a_question, a_section, choices, forms, raw_answers


def _check(question: Question, value: Any) -> CheckedAnswers:
    return check_answers(a_form(question), {question.id: value})


@pytest.mark.parametrize(
    ("question", "value", "clean"),
    [
        (a_question("select_one"), "yes", "yes"),
        (a_question("select_one"), ["yes"], "yes"),
        (a_question("select_one"), ["", "yes"], "yes"),
        (a_question("select_many"), "yes", ["yes"]),
        (a_question("select_many"), ["no", "yes", "no"], ["yes", "no"]),
        (a_question("scale"), 5, 5),
        (a_question("scale"), ["1"], 1),
        (a_question("integer"), "-12", -12),
        (a_question("integer"), " 1 200 ", 1200),
        (a_question("integer"), "٣٤", 34),
        (a_question("integer"), "１２", 12),
        (a_question("integer"), 10**18 - 1, 10**18 - 1),
        (a_question("integer", minimum=0, maximum=9), "0", 0),
        (a_question("integer", minimum=0, maximum=9), "9", 9),
        (a_question("short_text"), "  clinic \t", "clinic"),
        (a_question("short_text"), "x" * 200, "x" * 200),
        (a_question("long_text"), "one\r\ntwo\rthree\n", "one\ntwo\nthree"),
        (a_question("long_text"), "cafe\u0301", "café"),
        (a_question("long_text"), "cafe\x00\u0301", "café"),
        (a_question("long_text"), "cafe\ud800\u0301", "café"),
        (a_question("long_text"), "\u1112\u1161\u11ab", "한"),
        (a_question("long_text"), "a\x00b", "ab"),
        (a_question("long_text", max_length=3), "我需要", "我需要"),
        (a_question("select_one"), REFUSED, REFUSED),
        (a_question("select_many"), [REFUSED], REFUSED),
        (a_question("scale", required=True), REFUSED, REFUSED),
        (a_question("long_text"), ["", REFUSED], REFUSED),
    ],
)  # fmt: skip
def test_check_answers_cleans_what_fits(question: Question, value: Any, clean: Any) -> None:
    assert _check(question, value) == CheckedAnswers(answers={"q": clean}, problems=[])


@pytest.mark.parametrize("value", [None, "", "  ", "\x00", [], [""], ["", " "]])
@pytest.mark.parametrize("type_", ["select_one", "select_many", "scale", "integer", "short_text", "long_text"])
def test_check_answers_takes_nothing_for_an_empty_value_and_asks_for_it_where_required(type_: str, value: Any) -> None:
    left_out = CheckedAnswers(answers={}, problems=[])
    asked_for = CheckedAnswers(answers={}, problems=[AnswerProblem("q", ErrorCode.REQUIRED)])

    assert _check(a_question(type_), value) == left_out
    assert _check(a_question(type_, required=True), value) == asked_for


PROBLEMS = [
    (a_question("select_one"), "perhaps", ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_one"), 1, ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_one"), "Yes", ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_many"), ["yes", "perhaps"], ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_many"), ["yes", 1], ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_one", allow_refusal=False), REFUSED, ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("long_text", allow_refusal=False), ["hello", REFUSED], ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_one"), ["yes", "no"], ErrorCode.ONE_ANSWER_ONLY, None),
    (a_question("select_one"), ["yes", "yes"], ErrorCode.ONE_ANSWER_ONLY, None),
    (a_question("scale"), [1, 2], ErrorCode.ONE_ANSWER_ONLY, None),
    (a_question("long_text"), ["one", "two"], ErrorCode.ONE_ANSWER_ONLY, None),
    (a_question("select_many"), ["yes", REFUSED], ErrorCode.ANSWER_AND_REFUSAL, None),
    (a_question("long_text"), ["a need", REFUSED], ErrorCode.ANSWER_AND_REFUSAL, None),
    (a_question("integer"), "three", ErrorCode.NOT_A_NUMBER, None),
    (a_question("integer"), "1.5", ErrorCode.NOT_A_NUMBER, None),
    (a_question("integer"), "²", ErrorCode.NOT_A_NUMBER, None),
    (a_question("integer"), "--1", ErrorCode.NOT_A_NUMBER, None),
    (a_question("integer"), "-", ErrorCode.NOT_A_NUMBER, None),
    (a_question("integer"), "9" * 19, ErrorCode.NOT_A_NUMBER, None),
    (a_question("integer"), 10**18, ErrorCode.NOT_A_NUMBER, None),
    (a_question("integer"), -(10**4000), ErrorCode.NOT_A_NUMBER, None),
    (a_question("scale"), "good", ErrorCode.NOT_A_NUMBER, None),
    (a_question("scale"), 0, ErrorCode.TOO_SMALL, 1),
    (a_question("integer", minimum=3), "2", ErrorCode.TOO_SMALL, 3),
    (a_question("scale"), "6", ErrorCode.TOO_LARGE, 5),
    (a_question("integer", maximum=120), 121, ErrorCode.TOO_LARGE, 120),
    (a_question("short_text"), "x" * 201, ErrorCode.TOO_LONG, 200),
    (a_question("long_text"), "长" * 4001, ErrorCode.TOO_LONG, 4000),
    (a_question("long_text", max_length=3), "four", ErrorCode.TOO_LONG, 3),
    (a_question("short_text"), 5, ErrorCode.WRONG_TYPE, None),
    (a_question("short_text"), True, ErrorCode.WRONG_TYPE, None),
    (a_question("integer"), 1.0, ErrorCode.WRONG_TYPE, None),
    (a_question("integer"), False, ErrorCode.WRONG_TYPE, None),
    (a_question("select_many"), {"yes": True}, ErrorCode.WRONG_TYPE, None),
    (a_question("select_many"), ["yes", None], ErrorCode.WRONG_TYPE, None),
    (a_question("select_many"), [["yes"]], ErrorCode.WRONG_TYPE, None),
    (a_question("long_text", required=True), "", ErrorCode.REQUIRED, None),
]


@pytest.mark.parametrize(("question", "value", "code", "limit"), PROBLEMS)
def test_check_answers_names_the_problem_and_keeps_nothing(
    question: Question, value: Any, code: ErrorCode, limit: int | None
) -> None:
    assert _check(question, value) == CheckedAnswers(answers={}, problems=[AnswerProblem("q", code, limit)])


def test_check_answers_every_code_is_tried_here() -> None:
    assert {code for _, _, code, _ in PROBLEMS} | {ErrorCode.UNKNOWN_QUESTION} == set(ErrorCode)


def test_check_answers_refuses_names_that_the_form_does_not_ask_for() -> None:
    form = a_form(a_question("note", "told"), a_question("select_one"))

    checked = check_answers(form, {"passport": "E123", "told": "read", "q": "yes"})

    assert checked == CheckedAnswers(
        answers={"q": "yes"},
        problems=[
            AnswerProblem("passport", ErrorCode.UNKNOWN_QUESTION),
            AnswerProblem("told", ErrorCode.UNKNOWN_QUESTION),
        ],
    )


def test_check_answers_keeps_what_is_clean_beside_what_is_not_and_names_problems_in_the_forms_order() -> None:
    form = a_form(
        a_section(a_question("select_one", "one", required=True), a_question("long_text", "two")),
        a_section(a_question("scale", "three"), a_question("integer", "four"), id="t"),
    )

    checked = check_answers(form, {"four": "many", "two": "a clinic", "three": 9})

    assert checked.answers == {"two": "a clinic"}
    assert [(problem.question, problem.code) for problem in checked.problems] == [
        ("one", ErrorCode.REQUIRED),
        ("three", ErrorCode.TOO_LARGE),
        ("four", ErrorCode.NOT_A_NUMBER),
    ]


AWARE_USED_SATISFIED = a_form(
    a_question("select_one", "aware"),
    a_question("select_one", "used", relevant=Equals(question="aware", value="yes"), required=True),
    a_question("scale", "satisfied", relevant=Equals(question="used", value="yes"), required=True),
)


@pytest.mark.parametrize(
    ("raw", "answers"),
    [
        ({"aware": "no", "used": "yes", "satisfied": "5"}, {"aware": "no"}),
        ({"aware": "yes", "used": "no", "satisfied": "5"}, {"aware": "yes", "used": "no"}),
        ({"aware": REFUSED, "used": "yes", "satisfied": "5"}, {"aware": REFUSED}),
        ({"used": "yes", "satisfied": "5"}, {}),
        ({"aware": "no", "used": "what", "satisfied": {"bad": 1}}, {"aware": "no"}),
        ({"aware": "yes", "used": "yes", "satisfied": "5"}, {"aware": "yes", "used": "yes", "satisfied": 5}),
    ],
)
def test_check_answers_drops_what_was_hidden_and_never_asks_for_it(
    raw: dict[str, Any], answers: dict[str, Any]
) -> None:
    assert check_answers(AWARE_USED_SATISFIED, raw) == CheckedAnswers(answers=answers, problems=[])


def test_check_answers_asks_for_a_required_question_once_it_is_shown() -> None:
    checked = check_answers(AWARE_USED_SATISFIED, {"aware": "yes"})

    assert checked.problems == [AnswerProblem("used", ErrorCode.REQUIRED)]


def test_check_answers_drops_a_hidden_section_whole() -> None:
    hidden = a_section(
        a_question("long_text", "why", required=True), id="t", relevant=Equals(question="aware", value="no")
    )
    form = a_form(a_section(a_question("select_one", "aware")), hidden)

    assert check_answers(form, {"aware": "yes", "why": "private"}) == CheckedAnswers({"aware": "yes"}, [])
    assert check_answers(form, {"aware": "no", "why": "far"}) == CheckedAnswers({"aware": "no", "why": "far"}, [])


def test_form_checker_is_the_same_for_each_submission() -> None:
    checker = FormChecker(a_form(a_question("select_many", choices=choices("a", "b"))))

    first = checker.check({"q": ["b"]})
    checker.check({"q": ["nonsense"], "other": "x"})

    assert checker.check({"q": ["b"]}) == first == CheckedAnswers({"q": ["b"]}, [])


@given(st.data())
def test_clean_answers_are_never_of_a_hidden_question(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(raw_answers(form, is_wild=data.draw(st.booleans())))

    answers = check_answers(form, raw).answers

    for section in form.sections:
        for question in section.questions:
            conditions = [part.relevant for part in (section, question) if part.relevant is not None]
            if not all(holds(condition, answers) for condition in conditions):
                assert question.id not in answers


@given(st.data())
def test_clean_answers_checked_again_are_the_same(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(raw_answers(form, is_wild=data.draw(st.booleans())))

    answers = check_answers(form, raw).answers

    assert check_answers(form, answers).answers == answers


@given(st.data())
def test_clean_answers_fit_their_questions_and_can_be_stored(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(raw_answers(form, is_wild=True))

    checked = check_answers(form, raw)

    by_id = {question.id: question for question in form.questions()}
    for name, answer in checked.answers.items():
        question = by_id[name]
        values = [choice.value for choice in question.choices]
        if answer == REFUSED:
            assert question.allow_refusal
        elif question.type == "select_many":
            assert answer == [value for value in values if value in answer] != []  # the form's order, each once
        elif question.type == "select_one":
            assert answer in values
        elif question.type in {"scale", "integer"}:
            assert isinstance(answer, int)
            assert (question.minimum or answer) <= answer <= (question.maximum or answer)
        else:
            assert isinstance(answer, str)
            assert 0 < len(answer) <= question.length_limit
            assert "\x00" not in answer
            assert "\r" not in answer
            assert answer == unicodedata.normalize("NFC", answer.strip())
    assert msgspec.json.decode(msgspec.json.encode(checked.answers)) == checked.answers


@given(st.data())
def test_every_relevant_required_question_has_an_answer_or_a_problem(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(raw_answers(form, is_wild=True))

    checked = check_answers(form, raw)

    with_problem = {problem.question for problem in checked.problems}
    assert with_problem.isdisjoint(checked.answers)
    for section in form.sections:
        for question in section.questions:
            conditions = [part.relevant for part in (section, question) if part.relevant is not None]
            if question.required and all(holds(condition, checked.answers) for condition in conditions):
                assert question.id in checked.answers.keys() | with_problem
