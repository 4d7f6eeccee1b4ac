"""Conditions on answers (`relevant`): their shape, their evaluation, and the CSS selector that says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

REFUSED = "prefer_not_to_say"
"""The value of an answer whose question the person preferred not to answer. No choice may use it."""


class _Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op"):
    pass


class Equals(_Node, frozen=True, tag="equals"):
    """The question's single answer is this value."""

    question: str
    value: str | int


class Includes(_Node, frozen=True, tag="includes"):
    """One of the ticked choices is this value."""

    question: str
    value: str


class Answered(_Node, frozen=True, tag="answered"):
    """The question has an answer; a refusal is none."""

    question: str


class And(_Node, frozen=True, tag="and"):
    conditions: list[Condition]


class Or(_Node, frozen=True, tag="or"):
    conditions: list[Condition]


class Not(_Node, frozen=True, tag="not"):
    condition: Condition


Condition = Equals | Includes | Answered | And | Or | Not


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Evaluate against clean answers. A question without an answer equals and includes nothing."""
    match condition:
        case Equals(question=question, value=value):
            return bool(answers.get(question) == value)
        case Includes(question=question, value=value):
            given = answers.get(question)
            return isinstance(given, list) and value in given
        case Answered(question=question):
            return question in answers and answers[question] != REFUSED
        case And(conditions=parts):
            return all(holds(part, answers) for part in parts)
        case Or(conditions=parts):
            return any(holds(part, answers) for part in parts)
        case Not(condition=part):
            return not holds(part, answers)


def questions_in(condition: Condition) -> Iterator[str]:
    match condition:
        case And(conditions=parts) | Or(conditions=parts):
            for part in parts:
                yield from questions_in(part)
        case Not(condition=part):
            yield from questions_in(part)
        case _:
            yield condition.question


def grounded(condition: Condition, shown_when: Mapping[str, Condition]) -> Condition:
    """Join each question that the condition asks about with what must hold for that question to be shown.

    Clean answers hold nothing that was hidden, but a page still holds what was chosen before it was hidden. On the page
    the grounded condition says what the plain one says of clean answers. `shown_when` holds grounded conditions.
    """
    match condition:
        case And(conditions=parts):
            return And(conditions=[grounded(part, shown_when) for part in parts])
        case Or(conditions=parts):
            return Or(conditions=[grounded(part, shown_when) for part in parts])
        case Not(condition=part):
            return Not(condition=grounded(part, shown_when))
        case leaf:
            needed = shown_when.get(leaf.question)
            return leaf if needed is None else And(conditions=[needed, leaf])


def css_selector(condition: Condition, scope: str) -> str:
    """Return a selector for `scope` (the form element) in the state in which the condition holds.

    Inputs are expected as the survey page writes them: `name` is the question's id (on the select for a long list),
    `value` the choice's; an empty text field shows its placeholder. So the browser itself shows and hides questions, without a script.
    """
    return f"{scope}{_css(condition)}"


def _css(condition: Condition) -> str:
    match condition:
        case Equals(question=question, value=value) | Includes(question=question, value=value):
            named = f'[name="{question}"]'
            return f':has({named}[value="{value}"]:checked, {named} [value="{value}"]:checked)'
        case Answered(question=question):
            named = f'[name="{question}"]'
            chosen = f':checked:not([value="{REFUSED}"], [value=""])'
            written = ":is(textarea, [type=text]):not(:placeholder-shown)"
            return f":has({named}{chosen}, {named} {chosen}, {named}{written})"
        case And(conditions=parts):
            return "".join(_css(part) for part in parts)
        case Or(conditions=parts):
            return f":is({', '.join(_css(part) for part in parts)})"
        case Not(condition=part):
            return f":not({_css(part)})"
