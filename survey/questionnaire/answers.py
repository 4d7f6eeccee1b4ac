"""From what a person sent to clean answers, or to error codes with the question that they belong to.

frontend/modules/answers.mjs does the same on the phone; tests hold the two to one result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from survey.questionnaire.evaluation import holds
from survey.questionnaire.expressions import Tree, filled, parse
from survey.questionnaire.form import Form, Question, Texts
from survey.questionnaire.values import (
    DONT_KNOW,
    GRANTED,
    LARGEST,
    OTHER,
    REFUSED,
    Answer,
    Answers,
    clean_text,
    day_text,
    decimal_number,
    decimal_of,
    graphemes,
    whole_number,
)


class ErrorCode(StrEnum):
    REQUIRED = "required"
    UNKNOWN_QUESTION = "unknown_question"
    UNKNOWN_CHOICE = "unknown_choice"
    ONE_ANSWER_ONLY = "one_answer_only"
    ANSWER_AND_REFUSAL = "answer_and_refusal"
    EXCLUSIVE = "exclusive"
    CHOSEN_TWICE = "chosen_twice"
    TOO_MANY = "too_many"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DECIMAL = "not_a_decimal"
    NOT_A_DATE = "not_a_date"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    WRONG_TYPE = "wrong_type"
    CONSTRAINT = "constraint"


class AnswerProblem(msgspec.Struct, frozen=True):
    """`limit` is the bound that was passed, for the codes that have one; `message` is the form's own, for a constraint."""

    question: str
    code: ErrorCode
    limit: int | float | None = None
    message: Texts | None = None


class CheckedAnswers(msgspec.Struct, frozen=True):
    """`answers` holds what is clean, also when `problems` is not empty; only without problems may it be stored."""

    answers: Answers
    problems: list[AnswerProblem]


class _Item(NamedTuple):
    """An item with its conditions parsed."""

    question: Question
    relevant: list[Tree]
    """All must hold for it to be shown: the section's, the question's, its own."""
    required: Tree
    constraint: Tree | None
    choices: dict[str, Tree]
    """What must hold for each choice to be shown."""
    exclusive: frozenset[str]


def check_answers(form: Form, raw: Mapping[str, Any], today: str = "") -> CheckedAnswers:
    """Check one submission once. To check many against the same form, keep a FormChecker."""
    return FormChecker(form).check(raw, today)


class FormChecker:
    """A form prepared for checking many submissions: its conditions parsed, once.

    `raw` maps item ids to what came in: from JSON a string, a number or a list of strings; from an HTML form a list of
    strings. Empty values count as not answered. Answers to questions that are not relevant are dropped, so that nothing that
    was hidden when the form was sent is stored. `today` is the day in Beijing (ISO 8601), for conditions that ask for it.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._items = [
            _item(item, [section.relevant, question.relevant])
            for section in form.sections
            for question in section.questions
            for item in question.items()
        ]
        self.items = {item.question.id: item.question for item in self._items}
        """Every item by its id, in the order of the form."""

    def check(self, raw: Mapping[str, Any], today: str = "") -> CheckedAnswers:
        answers: Answers = {}
        problems = [AnswerProblem(name, ErrorCode.UNKNOWN_QUESTION) for name in raw if name not in self.items]
        for item in self._items:
            if not all(holds(part, answers, today=today) for part in item.relevant):
                continue
            result = _checked(item, raw.get(item.question.id), answers, today)
            if isinstance(result, AnswerProblem):
                problems.append(result)
            elif result is not None:
                answers[item.question.id] = result
        return CheckedAnswers(answers, problems)


def _item(item: Question, conditions: list[str | None]) -> _Item:
    own = item.relevant if item.relevant not in conditions else None
    choice_filter = parse(item.choice_filter) if item.choice_filter else True
    choices = {choice.value: filled(choice_filter, choice.attributes) for choice in item.choices}
    if item.allow_other:
        choices[OTHER] = True
    return _Item(
        question=item,
        relevant=[parse(part) for part in (*conditions, own) if part],
        required=parse(item.required) if isinstance(item.required, str) else item.required,
        constraint=parse(item.constraint) if item.constraint else None,
        choices=choices,
        exclusive=frozenset(choice.value for choice in item.choices if choice.is_exclusive),
    )


def _checked(item: _Item, value: Any, answers: Answers, today: str) -> Answer | AnswerProblem | None:
    question = item.question
    values = _as_list(value)
    if values is None:
        return AnswerProblem(question.id, ErrorCode.WRONG_TYPE)
    for nothing, is_allowed in ((REFUSED, question.may_be_refused), (DONT_KNOW, question.allow_dont_know)):
        if nothing in values:
            if not is_allowed:
                return AnswerProblem(question.id, ErrorCode.UNKNOWN_CHOICE)
            if len(values) > 1:
                return AnswerProblem(question.id, ErrorCode.ANSWER_AND_REFUSAL)
            return nothing
    if not values:
        return AnswerProblem(question.id, ErrorCode.REQUIRED) if holds(item.required, answers, today=today) else None
    if question.type in {"select_many", "ranking"}:
        result = _several(item, values, answers, today)
    elif len(values) > 1:
        return AnswerProblem(question.id, ErrorCode.ONE_ANSWER_ONLY)
    elif question.type == "select_one":
        result = _one(item, values[0], answers, today)
    else:
        result = _READERS[question.type](question, values[0])
    if isinstance(result, AnswerProblem) or item.constraint is None:
        return result
    if holds(item.constraint, answers, own=result, today=today):
        return result
    return AnswerProblem(question.id, ErrorCode.CONSTRAINT, message=question.constraint_message)


def _is_offered(item: _Item, value: Any, answers: Answers, today: str) -> bool:
    condition = item.choices.get(value) if isinstance(value, str) else None
    return condition is not None and holds(condition, answers, today=today)


def _one(item: _Item, value: Any, answers: Answers, today: str) -> Answer | AnswerProblem:
    if not _is_offered(item, value, answers, today):
        return AnswerProblem(item.question.id, ErrorCode.UNKNOWN_CHOICE)
    return str(value)


def _several(item: _Item, values: list[Any], answers: Answers, today: str) -> Answer | AnswerProblem:
    """Ticked choices come back in the order of the form, ranked ones in the person's own."""
    question = item.question
    if not all(_is_offered(item, value, answers, today) for value in values):
        return AnswerProblem(question.id, ErrorCode.UNKNOWN_CHOICE)
    chosen = set(values)
    is_ranking = question.type == "ranking"
    if is_ranking and len(chosen) < len(values):
        return AnswerProblem(question.id, ErrorCode.CHOSEN_TWICE)
    if len(chosen) > 1 and chosen & item.exclusive:
        return AnswerProblem(question.id, ErrorCode.EXCLUSIVE)
    if question.max_choices is not None and len(chosen) > question.max_choices:
        return AnswerProblem(question.id, ErrorCode.TOO_MANY, question.max_choices)
    return values if is_ranking else [value for value in item.choices if value in chosen]


def _bounded(question: Question, number: float) -> Answer | AnswerProblem:
    if question.minimum is not None and number < question.minimum:
        return AnswerProblem(question.id, ErrorCode.TOO_SMALL, question.minimum)
    if question.maximum is not None and number > question.maximum:
        return AnswerProblem(question.id, ErrorCode.TOO_LARGE, question.maximum)
    return number


def _integer(question: Question, value: Any) -> Answer | AnswerProblem:
    number = value if isinstance(value, int) else whole_number(value) if isinstance(value, str) else None
    if number is None or abs(number) > LARGEST:
        return AnswerProblem(question.id, ErrorCode.NOT_A_NUMBER)
    return _bounded(question, number)


def _decimal(question: Question, value: Any) -> Answer | AnswerProblem:
    number = decimal_number(value) if isinstance(value, str) else decimal_of(value)
    return AnswerProblem(question.id, ErrorCode.NOT_A_DECIMAL) if number is None else _bounded(question, number)


def _date(question: Question, value: Any) -> Answer | AnswerProblem:
    day = day_text(value) if isinstance(value, str) else None
    return AnswerProblem(question.id, ErrorCode.NOT_A_DATE) if day is None else day


def _text(question: Question, value: Any) -> Answer | AnswerProblem:
    if not isinstance(value, str):
        return AnswerProblem(question.id, ErrorCode.WRONG_TYPE)
    limit = question.length_limit
    # One character as readers count may be many in Unicode, but not without end.
    if len(value) > limit and (len(value) > 20 * limit or graphemes(value) > limit):
        return AnswerProblem(question.id, ErrorCode.TOO_LONG, limit)
    return value


def _consent(question: Question, value: Any) -> Answer | AnswerProblem:
    return GRANTED if value == GRANTED else AnswerProblem(question.id, ErrorCode.UNKNOWN_CHOICE)


_READERS: dict[str, Callable[[Question, Any], Answer | AnswerProblem]] = {
    "scale": _integer,
    "rating": _integer,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "short_text": _text,
    "long_text": _text,
    "consent": _consent,
}


def _as_list(value: Any) -> list[str | int | float] | None:
    """Return the non-empty values, or None for a type that no question takes."""
    if value is None:
        return []
    given = value if isinstance(value, list) else [value]
    cleaned: list[str | int | float] = []
    for item in given:
        if isinstance(item, str):
            text = clean_text(item)
            if text:
                cleaned.append(text)
        elif isinstance(item, int | float) and not isinstance(item, bool):
            cleaned.append(item)
        else:
            return None
    return cleaned
