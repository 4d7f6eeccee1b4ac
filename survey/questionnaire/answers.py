"""From what a person sent to clean answers, or to error codes with the question that they belong to."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from survey.questionnaire.conditions import REFUSED, holds
from survey.questionnaire.form import Form, Question, Section

Answer = str | int | list[str]
Answers = dict[str, Answer]


class ErrorCode(StrEnum):
    REQUIRED = "required"
    UNKNOWN_QUESTION = "unknown_question"
    UNKNOWN_CHOICE = "unknown_choice"
    ONE_ANSWER_ONLY = "one_answer_only"
    ANSWER_AND_REFUSAL = "answer_and_refusal"
    NOT_A_NUMBER = "not_a_number"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    WRONG_TYPE = "wrong_type"


class AnswerProblem(msgspec.Struct, frozen=True):
    """`limit` is the bound that was passed, for the codes that have one."""

    question: str
    code: ErrorCode
    limit: int | None = None


class CheckedAnswers(msgspec.Struct, frozen=True):
    """`answers` holds what is clean, also when `problems` is not empty; only without problems may it be stored."""

    answers: Answers
    problems: list[AnswerProblem]


def check_answers(form: Form, raw: Mapping[str, Any]) -> CheckedAnswers:
    """Check one submission once. To check many against the same form, keep a FormChecker."""
    return FormChecker(form).check(raw)


class FormChecker:
    """A form prepared for checking many submissions.

    `raw` maps question ids to what came in: from JSON a string, a number or a list of strings; from an HTML form a list
    of strings. Empty values count as not answered. Answers to questions that are not relevant are dropped, so that
    nothing that was hidden when the form was sent is stored.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._choices = {question.id: frozenset(c.value for c in question.choices) for question in form.questions()}
        self._known = frozenset(question.id for question in form.questions() if question.has_answer)

    def check(self, raw: Mapping[str, Any]) -> CheckedAnswers:
        answers: Answers = {}
        problems = [AnswerProblem(name, ErrorCode.UNKNOWN_QUESTION) for name in raw if name not in self._known]
        for section in self.form.sections:
            if section.relevant is None or holds(section.relevant, answers):
                self._check_section(section, raw, answers, problems)
        return CheckedAnswers(answers, problems)

    def _check_section(
        self, section: Section, raw: Mapping[str, Any], answers: Answers, problems: list[AnswerProblem]
    ) -> None:
        for question in section.questions:
            if question.type == "note":
                continue
            if question.relevant is not None and not holds(question.relevant, answers):
                continue
            result = self._check_question(question, raw.get(question.id))
            if isinstance(result, AnswerProblem):
                problems.append(result)
            elif result is not None:
                answers[question.id] = result

    def _check_question(self, question: Question, value: Any) -> Answer | AnswerProblem | None:
        values = _as_list(value)
        if values is None:
            return AnswerProblem(question.id, ErrorCode.WRONG_TYPE)
        if REFUSED in values:
            if not question.allow_refusal:
                return AnswerProblem(question.id, ErrorCode.UNKNOWN_CHOICE)
            if len(values) > 1:
                return AnswerProblem(question.id, ErrorCode.ANSWER_AND_REFUSAL)
            return REFUSED
        if not values:
            return AnswerProblem(question.id, ErrorCode.REQUIRED) if question.required else None
        if question.type == "select_many":
            return self._select_many(question, values)
        if len(values) > 1:
            return AnswerProblem(question.id, ErrorCode.ONE_ANSWER_ONLY)
        return _READERS[question.type](self, question, values[0])

    def _select_many(self, question: Question, values: list[str | int]) -> Answer | AnswerProblem:
        if not all(value in self._choices[question.id] for value in values):
            return AnswerProblem(question.id, ErrorCode.UNKNOWN_CHOICE)
        chosen = set(values)
        return [choice.value for choice in question.choices if choice.value in chosen]

    def _select_one(self, question: Question, value: str | int) -> Answer | AnswerProblem:
        if value not in self._choices[question.id]:
            return AnswerProblem(question.id, ErrorCode.UNKNOWN_CHOICE)
        return value

    def _number(self, question: Question, value: str | int) -> Answer | AnswerProblem:
        number = value if isinstance(value, int) else _whole_number(value)
        if number is None or abs(number) > _LARGEST:
            return AnswerProblem(question.id, ErrorCode.NOT_A_NUMBER)
        if question.minimum is not None and number < question.minimum:
            return AnswerProblem(question.id, ErrorCode.TOO_SMALL, question.minimum)
        if question.maximum is not None and number > question.maximum:
            return AnswerProblem(question.id, ErrorCode.TOO_LARGE, question.maximum)
        return number

    def _text(self, question: Question, value: str | int) -> Answer | AnswerProblem:
        if not isinstance(value, str):
            return AnswerProblem(question.id, ErrorCode.WRONG_TYPE)
        if len(value) > question.length_limit:
            return AnswerProblem(question.id, ErrorCode.TOO_LONG, question.length_limit)
        return value


_READERS: dict[str, Callable[[FormChecker, Question, str | int], Answer | AnswerProblem]] = {
    "select_one": FormChecker._select_one,  # noqa: SLF001 -- a table of this module's own methods
    "scale": FormChecker._number,  # noqa: SLF001 -- the same
    "integer": FormChecker._number,  # noqa: SLF001 -- the same
    "short_text": FormChecker._text,  # noqa: SLF001 -- the same
    "long_text": FormChecker._text,  # noqa: SLF001 -- the same
}


_MAX_DIGITS = 18
_LARGEST = 10**_MAX_DIGITS - 1
"""Whole numbers beyond this are not counts of anything, and no database column holds them."""


def _as_list(value: Any) -> list[str | int] | None:
    """Return the non-empty values, or None for a type that no question takes."""
    if value is None:
        return []
    given = value if isinstance(value, list) else [value]
    cleaned: list[str | int] = []
    for item in given:
        if isinstance(item, str):
            text = _clean_text(item)
            if text:
                cleaned.append(text)
        elif isinstance(item, int) and not isinstance(item, bool):
            cleaned.append(item)
        else:
            return None
    return cleaned


def _clean_text(text: str) -> str:
    """Return the text in NFC, trimmed, with Unix line ends, without NUL (PostgreSQL refuses it) and lone surrogates.

    What is dropped goes first: a NUL between a letter and its accent would leave the two apart.
    """
    text = text.replace("\x00", "")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _whole_number(text: str) -> int | None:
    """Read digits of any script, as phones type them (٣, ３)."""
    digits = text.replace(" ", "")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.removeprefix("-")
    if not digits or len(digits) > _MAX_DIGITS or not all(unicodedata.category(c) == "Nd" for c in digits):
        return None
    return sign * int(digits)
