"""What is wrong with a form's conditions, said to its author. Every condition may ask about what comes earlier, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from survey.questionnaire.expressions import (
    ExpressionInvalid,
    Tree,
    asks_own,
    attributes_in,
    parse,
    questions_in,
    walk,
)
from survey.questionnaire.form import POINTS, Form, Question
from survey.questionnaire.piping import pipes_in
from survey.questionnaire.values import OTHER


class FormProblem(msgspec.Struct, frozen=True):
    where: str
    """Dotted path: `sections.services.aware_library.choices.yes.label`."""
    message: str


Known = dict[str, Question]
"""Items that come earlier, by id."""


def check_expressions(form: Form) -> Iterator[FormProblem]:
    known: Known = {}
    for section in form.sections:
        here = f"sections.{section.id}"
        yield from _condition(f"{here}.relevant", section.relevant, known)
        for question in section.questions:
            yield from _question(f"{here}.{question.id}", question, known)
            known |= {item.id: item for item in question.items()}


def _question(here: str, question: Question, known: Known) -> Iterator[FormProblem]:
    yield from _condition(f"{here}.relevant", question.relevant, known)
    if isinstance(question.required, str):
        yield from _condition(f"{here}.required", question.required, known)
    if question.constraint is not None:
        if not question.items() or question.type == "consent":
            yield FormProblem(f"{here}.constraint", f"A question of type {question.type} has no constraint. Delete it.")
        if question.constraint_message is None:
            yield FormProblem(here, "A constraint needs a constraint_message that says what to do.")
        yield from _condition(f"{here}.constraint", question.constraint, known, has_own=True)
    elif question.constraint_message is not None:
        yield FormProblem(here, "A constraint_message without a constraint is never shown. Delete it.")
    if question.choice_filter is not None:
        if not question.choices:
            yield FormProblem(here, f"A question of type {question.type} has no choices to filter. Delete choice_filter.")
        attributes = {name for choice in question.choices for name in choice.attributes}
        yield from _condition(f"{here}.choice_filter", question.choice_filter, known, attributes=attributes)
    for name in ("label", "hint", "constraint_message"):
        for tag, text in (getattr(question, name) or {}).items():
            for piped in pipes_in(text):
                if piped not in known:
                    yield FormProblem(f"{here}.{name}.{tag}", f"{piped} is not a question that comes earlier.")


def _condition(
    here: str, text: str | None, known: Known, *, has_own: bool = False, attributes: set[str] | None = None
) -> Iterator[FormProblem]:
    if text is None:
        return
    try:
        tree = parse(text)
    except ExpressionInvalid as error:
        yield FormProblem(here, str(error))
        return
    for name in questions_in(tree):
        if name not in known:
            yield FormProblem(here, f"{name} is not a question with an answer that comes earlier.")
    if asks_own(tree) and not has_own:
        yield FormProblem(here, "`.` stands for the answer itself and is for constraints only.")
    for name in attributes_in(tree):
        if attributes is None:
            yield FormProblem(here, f"{name} is no question; a question is written ${{{name}}}.")
        elif name not in attributes:
            yield FormProblem(here, f"No choice has the attribute {name}.")
    for part in walk(tree):
        yield from _value(here, part, known)


_OF_ONE_TEXT = {"contains", "starts-with", "ends-with", "string-length", "number", "<", "<=", ">", ">="}


def _value(here: str, part: Tree, known: Known) -> Iterator[FormProblem]:
    """A comparison with a value that the question cannot have is a mistake that nobody would notice."""
    if isinstance(part, list) and part[0] in _OF_ONE_TEXT:
        for argument in part[1:]:
            several = known.get(argument[1]) if isinstance(argument, list) and argument[0] == "q" else None
            if several is not None and several.type == "select_many":  # in which order they stand as a text is nobody's choice
                yield FormProblem(here, f"{several.id} has several answers: use selected() or count-selected().")
    if not isinstance(part, list) or part[0] not in {"=", "!=", "selected"}:
        return
    _, left, right = part
    if not (isinstance(left, list) and left[0] == "q"):
        left, right = right, left
    question = known.get(left[1]) if isinstance(left, list) and left[0] == "q" else None
    if question is None or isinstance(right, list | bool) or right == "":
        return
    if question.type in {"select_many", "ranking"} and part[0] != "selected":
        yield FormProblem(here, f"{question.id} is of type {question.type}: use selected(${{{question.id}}}, …).")
    elif question.choices and right not in _values(question):
        yield FormProblem(here, f"{question.id} has no choice {right!r}.")
    elif question.type in POINTS and isinstance(right, float) and right not in question.points():
        yield FormProblem(here, f"{question.id} has no point {right:g}.")


def _values(question: Question) -> set[str]:
    return {choice.value for choice in question.choices} | ({OTHER} if question.allow_other else set())
