"""From what came in to clean answers or problems: each code, each type, and what holds for any form and anything sent."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaire.answers import AnswerProblem, CheckedAnswers, ErrorCode, FormChecker, check_answers
from survey.questionnaire.evaluation import holds
from survey.questionnaire.expressions import parse
from survey.questionnaire.form import Choice, Form, Question
from survey.questionnaire.values import DONT_KNOW, GRANTED, OTHER, REFUSED, graphemes
from tests.every_type import every_type
from tests.questionnaire.conftest import a_form, a_question, a_section, choices, said
from tests.questionnaire.strategies import ASKED_TYPES, forms, sent_to


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
        (a_question("short_text", max_length=2), "🇨🇳👩‍👩‍👧", "🇨🇳👩‍👩‍👧"),
        (a_question("rating"), ["4"], 4),
        (a_question("decimal"), "12,5", 12.5),
        (a_question("decimal"), "١٢٫٥", 12.5),
        (a_question("decimal"), 2, 2.0),
        (a_question("decimal"), 0.1234567, 0.123457),
        (a_question("date"), "2024-02-29", "2024-02-29"),
        (a_question("date"), "2026年2月3日", "2026-02-03"),
        (a_question("consent"), ["yes"], GRANTED),
        (a_question("ranking"), ["maybe", "", "yes"], ["maybe", "yes"]),
        (a_question("select_one", allow_other=True), OTHER, OTHER),
        (a_question("select_one", allow_dont_know=True), DONT_KNOW, DONT_KNOW),
        (a_question("integer", allow_dont_know=True), ["", DONT_KNOW], DONT_KNOW),
        (a_question("integer", constraint=". mod 2 = 0", constraint_message=said()), "4", 4),
        (a_question("select_one"), REFUSED, REFUSED),
        (a_question("select_many"), [REFUSED], REFUSED),
        (a_question("scale", required=True), REFUSED, REFUSED),
        (a_question("long_text"), ["", REFUSED], REFUSED),
    ],
)  # fmt: skip
def test_check_answers_cleans_what_fits(question: Question, value: Any, clean: Any) -> None:
    assert _check(question, value) == CheckedAnswers(answers={"q": clean}, problems=[])


@pytest.mark.parametrize("value", [None, "", "  ", "\x00", [], [""], ["", " "]])
@pytest.mark.parametrize("type_", [type_ for type_ in ASKED_TYPES if type_ not in {"note", "matrix"}])
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
    (a_question("integer"), "5²", ErrorCode.NOT_A_NUMBER, None),
    (a_question("integer"), "①", ErrorCode.NOT_A_NUMBER, None),
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
    (a_question("integer"), 1.0, ErrorCode.NOT_A_NUMBER, None),
    (a_question("decimal"), "1,000", ErrorCode.NOT_A_DECIMAL, None),
    (a_question("decimal"), "1.5 km", ErrorCode.NOT_A_DECIMAL, None),
    (a_question("decimal"), float("nan"), ErrorCode.NOT_A_DECIMAL, None),
    (a_question("decimal"), "999999999999999999", ErrorCode.NOT_A_DECIMAL, None),
    (a_question("decimal", maximum=2.5), "2.6", ErrorCode.TOO_LARGE, 2.5),
    (a_question("date"), "2026-02-30", ErrorCode.NOT_A_DATE, None),
    (a_question("date"), "29/02/2024", ErrorCode.NOT_A_DATE, None),
    (a_question("date"), 20240229, ErrorCode.NOT_A_DATE, None),
    (a_question("consent"), "no", ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("consent"), REFUSED, ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_one"), DONT_KNOW, ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_one"), OTHER, ErrorCode.UNKNOWN_CHOICE, None),
    (a_question("select_many", max_choices=2), ["yes", "no", "maybe"], ErrorCode.TOO_MANY, 2),
    (a_question("ranking"), ["yes", "no", "yes"], ErrorCode.CHOSEN_TWICE, None),
    (a_question("ranking", max_choices=1), ["yes", "no"], ErrorCode.TOO_MANY, 1),
    (
        a_question("select_many", choices=[*choices("yes"), Choice(value="none", label=said(), is_exclusive=True)]),
        ["yes", "none"], ErrorCode.EXCLUSIVE, None,
    ),
    (a_question("short_text", max_length=1), "🇨🇳👩‍👩‍👧", ErrorCode.TOO_LONG, 1),
    (a_question("short_text", max_length=1), "e" + "\u0301" * 21, ErrorCode.TOO_LONG, 1),
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
    elsewhere = {ErrorCode.UNKNOWN_QUESTION, ErrorCode.CONSTRAINT}

    assert {code for _, _, code, _ in PROBLEMS} | elsewhere == set(ErrorCode)


def test_check_answers_of_a_constraint_says_what_the_form_says() -> None:
    question = a_question("integer", constraint=". mod 2 = 0", constraint_message=said("An even number, please."))

    assert _check(question, "3").problems == [
        AnswerProblem("q", ErrorCode.CONSTRAINT, message={"en": "An even number, please."})
    ]
    assert _check(question, REFUSED).answers == {"q": REFUSED}
    assert _check(question, "").problems == []


def test_check_answers_asks_where_the_form_says_it_must() -> None:
    form = a_form(a_question("integer", "visits"), a_question("short_text", "why", required="${visits} > 20"))

    assert check_answers(form, {"visits": "20"}).problems == []
    assert check_answers(form, {"visits": "21"}).problems == [AnswerProblem("why", ErrorCode.REQUIRED)]


def test_check_answers_takes_only_choices_that_the_filter_shows() -> None:
    form = every_type()

    assert check_answers(form, {"kind": "sport", "place": "sports_hall"}).problems == []
    assert check_answers(form, {"kind": "sport", "place": "library"}).problems == [
        AnswerProblem("place", ErrorCode.UNKNOWN_CHOICE)
    ]
    assert check_answers(form, {"kind": "sport", "place": "other", "place_other": "the river"}).answers == {
        "kind": "sport", "place": "other", "place_other": "the river",
    }  # fmt: skip


def test_check_answers_keeps_the_words_of_other_only_while_other_is_chosen() -> None:
    form = a_form(a_question("select_many", allow_other=True))

    assert check_answers(form, {"q": ["no"], "q_other": "secret"}) == CheckedAnswers({"q": ["no"]}, [])
    assert check_answers(form, {"q": ["other", "no"], "q_other": " a bench "}) == CheckedAnswers(
        {"q": ["no", "other"], "q_other": "a bench"}, []
    )


def test_check_answers_of_a_matrix_has_one_answer_a_cell() -> None:
    form = a_form(a_question("matrix", required=True))

    checked = check_answers(form, {"q.park.liked": ["4"], "q": "5"})

    assert checked.answers == {"q.park.liked": 4}
    assert checked.problems == [
        AnswerProblem("q", ErrorCode.UNKNOWN_QUESTION),
        AnswerProblem("q.road.liked", ErrorCode.REQUIRED),
    ]


def test_check_answers_knows_the_day_on_which_it_is_asked() -> None:
    form = every_type()

    assert check_answers(form, {"kind": "neither", "since": "2026-11-26"}, "2026-11-26").problems == []
    assert [p.code for p in check_answers(form, {"kind": "neither", "since": "2026-11-27"}, "2026-11-26").problems] == [
        ErrorCode.CONSTRAINT
    ]


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
    a_question("select_one", "used", relevant="${aware} = 'yes'", required=True),
    a_question("scale", "satisfied", relevant="${used} = 'yes'", required=True),
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
        a_question("long_text", "why", required=True), id="t", relevant="${aware} = 'no'"
    )
    form = a_form(a_section(a_question("select_one", "aware")), hidden)

    assert check_answers(form, {"aware": "yes", "why": "private"}) == CheckedAnswers({"aware": "yes"}, [])
    assert check_answers(form, {"aware": "no", "why": "far"}) == CheckedAnswers({"aware": "no", "why": "far"}, [])


def test_form_checker_is_the_same_for_each_submission() -> None:
    checker = FormChecker(a_form(a_question("select_many", choices=choices("a", "b"))))

    first = checker.check({"q": ["b"]})
    checker.check({"q": ["nonsense"], "other": "x"})

    assert checker.check({"q": ["b"]}) == first == CheckedAnswers({"q": ["b"]}, [])


def _shown(form: Form, answers: dict[str, Any]) -> dict[str, tuple[Question, bool]]:
    """The items that an evaluation from scratch shows, each with whether it must be answered."""
    found = {}
    for section in form.sections:
        for question in section.questions:
            around = [text for text in (section.relevant, question.relevant) if text]
            for item in question.items():
                own = [item.relevant] if item.relevant else []
                if all(holds(parse(text), answers, today=TODAY) for text in around + own):
                    required = item.required if isinstance(item.required, bool) else holds(parse(item.required), answers, today=TODAY)
                    found[item.id] = item, required
    return found


TODAY = "2026-11-26"


@given(st.data())
def test_clean_answers_are_never_of_a_hidden_question(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(sent_to(form, is_wild=data.draw(st.booleans())))

    answers = check_answers(form, raw, TODAY).answers

    assert answers.keys() <= _shown(form, answers).keys()


@given(st.data())
def test_clean_answers_checked_again_are_the_same(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(sent_to(form, is_wild=data.draw(st.booleans())))

    answers = check_answers(form, raw, TODAY).answers

    assert check_answers(form, answers, TODAY).answers == answers


@given(st.data())
def test_clean_answers_fit_their_questions_and_can_be_stored(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(sent_to(form, is_wild=True))

    checked = check_answers(form, raw, TODAY)

    by_id = {item.id: item for item in form.items()}
    for name, answer in checked.answers.items():
        _assert_fits(by_id[name], answer)
    assert msgspec.json.decode(msgspec.json.encode(checked.answers)) == checked.answers


def _assert_fits(item: Question, answer: Any) -> None:
    values = [choice.value for choice in item.choices] + ([OTHER] if item.allow_other else [])
    if answer == REFUSED:
        assert item.may_be_refused
    elif answer == DONT_KNOW:
        assert item.allow_dont_know
    elif item.type == "select_many":
        assert answer == [value for value in values if value in answer] != []  # the form's order, each once
        assert len(answer) <= (item.max_choices or len(values))
        assert len(answer) == 1 or not any(choice.is_exclusive for choice in item.choices if choice.value in answer)
    elif item.type == "ranking":
        assert set(answer) <= set(values)
        assert len(set(answer)) == len(answer) <= (item.max_choices or len(values))
    elif item.type == "select_one":
        assert answer in values
    elif item.type == "consent":
        assert answer == GRANTED
    elif item.type in {"scale", "rating", "integer", "decimal"}:
        assert isinstance(answer, float if item.type == "decimal" else int)
        assert item.minimum is None or answer >= item.minimum
        assert item.maximum is None or answer <= item.maximum
    elif item.type == "date":
        assert dt.date(1900, 1, 1) <= dt.date.fromisoformat(answer) <= dt.date(2100, 12, 31)
    else:
        assert isinstance(answer, str)
        assert 0 < graphemes(answer) <= item.length_limit
        assert not {"\x00", "\r"} & set(answer)
        assert answer == unicodedata.normalize("NFC", answer.strip())


@given(st.data())
def test_every_shown_required_question_has_an_answer_or_a_problem(data: st.DataObject) -> None:
    form = data.draw(forms())
    raw = data.draw(sent_to(form, is_wild=True))

    checked = check_answers(form, raw, TODAY)

    with_problem = {problem.question for problem in checked.problems}
    assert with_problem.isdisjoint(checked.answers)
    needed = {name for name, (_, is_required) in _shown(form, checked.answers).items() if is_required}
    assert needed <= checked.answers.keys() | with_problem
