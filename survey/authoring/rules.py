"""The core: questions that every survey may carry and none may change, so that surveys can be compared on them. Pure.

A survey is core and local: its core questions are those of the bundled item bank under their own ids, read as everywhere; all others
are its own.
"""

from __future__ import annotations

import msgspec

from survey.questionnaire.expression_check import FormProblem
from survey.questionnaire.form import Form, Question
from survey.questionnaire.sameness import differences


class CoreList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A core as it is stored: by id of each question, the fingerprint with which it went into this version."""

    name: str
    version: int
    questions: dict[str, str]


class Core(msgspec.Struct, frozen=True):
    name: str
    version: int
    questions: dict[str, Question]


class CoreParts(msgspec.Struct, frozen=True):
    """A form's questions, in its order: those of the core, and its own."""

    version: int
    core: list[Question]
    local: list[Question]


def core_problems(form: Form, core: Core) -> list[FormProblem]:
    """Each question of the form that has the id of a core question and is another one: where, in what, and what to do."""
    found = []
    for section in form.sections:
        for question in section.questions:
            parts = altered_parts(question, form, core)
            if question.id in core.questions and section.relevant is not None:
                parts = [*parts, f"asked only under the condition of its section ({section.id})"]
            if parts:
                found.append(FormProblem(f"sections.{section.id}.{question.id}", _message(core, parts)))
    return found


def _message(core: Core, parts: list[str]) -> str:
    return (
        f"This is a core question ({core.name}, core {core.version}), which reads the same in every survey; here it differs: {', '.join(parts)}. "
        "Leave it as the core has it, or give it another id."
    )


def altered_parts(question: Question, form: Form, core: Core) -> list[str]:
    """In what a question is not the core question of its id; empty for the core's own and for one that the core does not know."""
    model = core.questions.get(question.id)
    return [] if model is None else differences(model, question, form.languages)


def parts_of(form: Form, core: Core) -> CoreParts:
    problems = {problem.where.rpartition(".")[2] for problem in core_problems(form, core)}
    asked = [question for question in form.questions() if question.type != "note"]
    locked = {question.id for question in asked if question.id in core.questions} - problems
    return CoreParts(core.version, [one for one in asked if one.id in locked], [one for one in asked if one.id not in locked])
