"""What is wrong with a form, said to its author: where it is and what to do. One check, one function."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from survey.questionnaire.expression_check import FormProblem, check_expressions
from survey.questionnaire.form import BODIES, CHOOSING, NUMBERS, POINTS, Form, Question, QuestionUse, Texts
from survey.questionnaire.identifier_check import check_identifiers
from survey.questionnaire.values import DONT_KNOW, OTHER, REFUSED


class MissingString(msgspec.Struct, frozen=True):
    language: str
    where: str


def check_form(form: Form) -> list[FormProblem]:
    """Return every problem of structure, in the order of the form; missing translations are apart."""
    return [problem for check in _CHECKS for problem in check(form)]


def missing_strings(form: Form) -> list[MissingString]:
    """Return every text that lacks one of the form's languages. A survey with any may not open (S01 c)."""
    return [
        MissingString(language, where)
        for where, texts in form_texts(form)
        for language in form.languages
        if not texts.get(language, "").strip()
    ]


def form_texts(form: Form) -> Iterator[tuple[str, Texts]]:
    """Yield every text of the form with its dotted path, the same order each time."""
    yield "title", form.title
    yield "intro", form.intro
    for name in form.notice.__struct_fields__:
        yield f"notice.{name}", getattr(form.notice, name)
    for section in form.sections:
        here = f"sections.{section.id}"
        yield f"{here}.title", section.title
        if section.intro is not None:
            yield f"{here}.intro", section.intro
        for question in section.questions:
            yield from _question_texts(f"{here}.{question.id}", question)
    yield "closing", form.closing


def _question_texts(here: str, question: Question) -> Iterator[tuple[str, Texts]]:
    for name in ("label", "hint", "constraint_message", "low_label", "high_label", "agree", "purpose", "kept_until"):
        texts = getattr(question, name)
        if texts is not None:
            yield f"{here}.{name}", texts
    for kind in ("choices", "rows"):
        for choice in getattr(question, kind):
            yield f"{here}.{kind}.{choice.value}.label", choice.label
            if choice.hint is not None:
                yield f"{here}.{kind}.{choice.value}.hint", choice.hint
    for column in question.columns:
        for name in ("label", "low_label", "high_label"):
            yield f"{here}.columns.{column.id}.{name}", getattr(column, name)


def _languages(form: Form) -> Iterator[FormProblem]:
    if not form.languages:
        yield FormProblem("languages", "A form needs at least one language.")
    if len(set(form.languages)) != len(form.languages):
        yield FormProblem("languages", "A language is listed twice.")
    if form.source_language not in form.languages:
        yield FormProblem("source_language", f"{form.source_language} is not among the form's languages.")


def _unique_ids(form: Form) -> Iterator[FormProblem]:
    if not form.sections:
        yield FormProblem("sections", "A form needs at least one section.")
    seen: set[str] = set()
    for section in form.sections:
        if f"section {section.id}" in seen:
            yield FormProblem(f"sections.{section.id}", "Two sections have this id. Give one of them another.")
        seen.add(f"section {section.id}")
        if not section.questions:
            yield FormProblem(f"sections.{section.id}", "This section has no questions. Add one or delete it.")
        for question in section.questions:
            ids = {question.id, *(item.id for item in question.items())}
            if ids & seen:
                yield FormProblem(
                    f"sections.{section.id}.{question.id}", "Two questions have this id. Give one of them another."
                )
            seen |= ids


_KEPT_VALUES = {REFUSED: "allow_refusal", DONT_KNOW: "allow_dont_know"}


def _choices(form: Form) -> Iterator[FormProblem]:
    for here, question in _placed(form):
        values = [choice.value for choice in question.choices]
        if question.type in CHOOSING and not values:
            yield FormProblem(here, "A question to choose from needs choices.")
        if question.type not in CHOOSING and values:
            yield FormProblem(here, f"A question of type {question.type} has no choices. Delete them.")
        if len(set(values)) != len(values):
            yield FormProblem(here, "Two choices have the same value. Give one of them another.")
        for value, field in _KEPT_VALUES.items():
            if value in values:
                yield FormProblem(here, f"The value {value} is kept for an answer of its own. Use {field} instead.")
        if question.allow_other and question.type not in {"select_one", "select_many"}:
            yield FormProblem(here, "Only select_one and select_many have allow_other. Delete it.")
        if question.allow_other and OTHER in values:
            yield FormProblem(here, f"allow_other adds the choice {OTHER}. Delete yours, or allow_other.")
        if question.type == "ranking" and any(choice.is_exclusive for choice in question.choices):
            yield FormProblem(here, "A ranked choice cannot be is_exclusive. Delete it.")
        if question.max_choices is not None and question.type not in {"select_many", "ranking"}:
            yield FormProblem(here, "Only select_many and ranking have max_choices. Delete it.")
        if question.max_choices is not None and not 1 <= question.max_choices <= len(values):
            yield FormProblem(here, "max_choices must be between 1 and the number of choices.")
        if question.random_order and question.type not in CHOOSING:
            yield FormProblem(here, "Only a question with choices has random_order. Delete it.")


def _matrices(form: Form) -> Iterator[FormProblem]:
    for here, question in _placed(form):
        if question.type != "matrix":
            if question.rows or question.columns:
                yield FormProblem(here, f"A question of type {question.type} has no rows and columns. Delete them.")
            continue
        if not question.rows or not question.columns:
            yield FormProblem(here, "A matrix needs rows and columns.")
        for name, ids in (("rows", [row.value for row in question.rows]), ("columns", [c.id for c in question.columns])):
            if len(set(ids)) != len(ids):
                yield FormProblem(f"{here}.{name}", "Two of them have the same id. Give one of them another.")
        for column in question.columns:
            if not 2 <= column.maximum - column.minimum + 1 <= 11:
                yield FormProblem(f"{here}.columns.{column.id}", "A scale needs minimum and maximum with 2 to 11 points.")
        if question.constraint is not None:
            yield FormProblem(here, "A matrix has no constraint. Delete it.")


def _bounds(form: Form) -> Iterator[FormProblem]:
    for here, question in _placed(form):
        low, high = question.minimum, question.maximum
        if question.type in POINTS and not 2 <= len(question.points()) <= 11:
            yield FormProblem(here, f"A {question.type} needs minimum and maximum, whole numbers, with 2 to 11 points.")
        if question.type == "scale" and (question.low_label is None or question.high_label is None):
            yield FormProblem(here, "A scale needs low_label and high_label: words for both ends.")
        if question.type == "rating" and question.minimum != 1:
            yield FormProblem(here, "A rating counts from 1: set minimum to 1.")
        if low is not None and high is not None and low > high:
            yield FormProblem(here, "minimum is larger than maximum.")
        if question.type not in POINTS | NUMBERS and (low is not None or high is not None):
            yield FormProblem(here, f"A question of type {question.type} has no minimum or maximum. Delete them.")
        if question.type == "integer" and not all(bound is None or isinstance(bound, int) for bound in (low, high)):
            yield FormProblem(here, "The bounds of an integer are whole numbers.")


def _applicable(form: Form) -> Iterator[FormProblem]:
    """Fields that a type does not have."""
    for here, question in _placed(form):
        if question.type not in POINTS and (question.low_label is not None or question.high_label is not None):
            yield FormProblem(here, "Only a scale or a rating has low_label and high_label. Delete them.")
        if question.max_length is not None and not (question.is_text or question.allow_other):
            yield FormProblem(here, f"A question of type {question.type} has no max_length. Delete it.")
        if question.max_length is not None and question.max_length < 1:
            yield FormProblem(here, "max_length must be at least 1.")
        if (question.type == "consent") != (question.agree is not None):
            yield FormProblem(here, "A consent, and nothing else, has agree: the words of its tick.")
        if question.type == "note" and question.required:
            yield FormProblem(here, "A note cannot be required.")
        if question.allow_dont_know and (question.is_text or question.type in {"note", "consent", "ranking"}):
            yield FormProblem(here, f"A question of type {question.type} has no allow_dont_know. Delete it.")


def _sensitive(form: Form) -> Iterator[FormProblem]:
    """Sensitive personal information needs a consent of its own, asked before (PIPL Art. 29)."""
    has_consent = False
    for here, question in _placed(form):
        has_consent = has_consent or question.use == "sensitive_consent"
        if question.is_sensitive and not has_consent:
            yield FormProblem(
                here, "A sensitive question needs a consent before it: a question of type consent with the use sensitive_consent."
            )


_USE_TYPES: dict[QuestionUse, set[str]] = {
    "area": {"select_one"},
    "needs": {"short_text", "long_text", "select_one", "select_many"},
    "quote_consent": {"consent"},
    "contact_consent": {"consent"},
    "share_consent": {"consent"},
    "sensitive_consent": {"consent"},
    "conduct": {"short_text", "long_text"},
    "conduct_about": {"select_one", "select_many"},
}
"""Where the type matters to who reads the answer."""

def _uses(form: Form) -> Iterator[FormProblem]:
    seen: set[QuestionUse] = set()
    for here, question in _placed(form):
        if question.use is None:
            continue
        if question.type not in _USE_TYPES.get(question.use, {question.type}):
            fitting = " or ".join(sorted(_USE_TYPES[question.use]))
            yield FormProblem(here, f"The use {question.use} needs a question of type {fitting}.")
        elif question.use == "needs" and not question.is_text and not question.allow_other:
            yield FormProblem(here, "Only words are analysed for needs: give this question allow_other, or delete its use.")
        elif question.type == "consent" and question.required is not False:
            yield FormProblem(here, "A consent is free: it cannot be required (PIPL Art. 16).")
        elif question.use == "conduct_about" and {choice.value for choice in question.choices} - BODIES:
            yield FormProblem(here, f"The choices of a question with the use conduct_about are among: {', '.join(sorted(BODIES))}.")
        if question.use in seen and question.use != "needs":
            yield FormProblem(here, f"Another question has the use {question.use}. Keep one.")
        seen.add(question.use)
    if ("conduct" in seen) != ("conduct_about" in seen):
        yield FormProblem("sections", "A complaint needs both: a question with the use conduct, and one with the use conduct_about.")


def _placed(form: Form) -> Iterator[tuple[str, Question]]:
    for section in form.sections:
        for question in section.questions:
            yield f"sections.{section.id}.{question.id}", question


_CHECKS: list[Callable[[Form], Iterator[FormProblem]]] = [
    _languages, _unique_ids, _choices, _matrices, _bounds, _applicable, _sensitive, _uses, check_identifiers, check_expressions,
]  # fmt: skip
