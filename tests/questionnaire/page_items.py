"""A form as the page describes it to frontend/modules/answers.mjs, and results in the shape that both sides can be compared in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from survey.questionnaire.answers import AnswerProblem
from survey.questionnaire.expressions import filled, parse
from survey.questionnaire.form import Form, Question
from survey.questionnaire.values import OTHER


def page_items(form: Form) -> list[dict[str, Any]]:
    return [
        page_item(item, [section.relevant, item.relevant or question.relevant])
        for section in form.sections
        for question in section.questions
        for item in question.items()
    ]


def page_item(item: Question, relevant: Iterable[str | None]) -> dict[str, Any]:
    """What readItems of page.mjs makes of a question on the page (that it does is tested in a browser)."""
    choices: list[dict[str, Any]] = []
    for choice in item.choices:
        found: dict[str, Any] = {"value": choice.value, "exclusive": choice.is_exclusive}
        if item.choice_filter:
            found["when"] = filled(parse(item.choice_filter), choice.attributes)
        choices.append(found)
    if item.allow_other:
        choices.append({"value": OTHER, "exclusive": False})
    described = {
        "id": item.id,
        "type": item.type,
        "relevant": [parse(text) for text in relevant if text],
        "required": parse(item.required) if isinstance(item.required, str) else item.required,
        "refusal": item.may_be_refused,
        "unknown": item.allow_dont_know,
        "choices": choices,
        "constraint": parse(item.constraint) if item.constraint else None,
        "message": (item.constraint_message or {}).get("en"),
        "min": item.minimum,
        "max": item.maximum,
        "limit": item.length_limit if item.is_text else None,
        "most": item.max_choices,
    }
    plain: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode({name: value for name, value in described.items() if value is not None})
    )
    return plain


def plain_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as JavaScript holds them: doubles. Of a whole number beyond 2^53 the phone knows only about how large it is."""
    return {name: float(answer) if isinstance(answer, int) else answer for name, answer in answers.items()}


def plain_problems(problems: Iterable[AnswerProblem]) -> list[dict[str, Any]]:
    found = []
    for problem in problems:
        plain: dict[str, Any] = {"question": problem.question, "code": str(problem.code)}
        if problem.limit is not None:
            plain["limit"] = problem.limit
        if problem.message is not None:
            plain["message"] = problem.message["en"]
        found.append(plain)
    return found
