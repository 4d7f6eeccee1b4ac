"""What is wrong with a form, said to its author: where it is and what to do. One check, one function."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from survey.questionnaire.conditions import REFUSED, Condition, Equals, Includes, questions_in
from survey.questionnaire.form import Form, Question, QuestionUse, Texts


class FormProblem(msgspec.Struct, frozen=True):
    where: str
    """Dotted path: `sections.services.aware_library.choices.yes.label`."""
    message: str


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
    for name in ("label", "hint", "low_label", "high_label"):
        texts = getattr(question, name)
        if texts is not None:
            yield f"{here}.{name}", texts
    for choice in question.choices:
        yield f"{here}.choices.{choice.value}.label", choice.label


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
            if question.id in seen:
                yield FormProblem(
                    f"sections.{section.id}.{question.id}", "Two questions have this id. Give one of them another."
                )
            seen.add(question.id)


def _choices(form: Form) -> Iterator[FormProblem]:
    for here, question in _placed(form):
        is_select = question.type in {"select_one", "select_many"}
        values = [choice.value for choice in question.choices]
        if is_select and not values:
            yield FormProblem(here, "A question to choose from needs choices.")
        if not is_select and values:
            yield FormProblem(here, f"A question of type {question.type} has no choices. Delete them.")
        if len(set(values)) != len(values):
            yield FormProblem(here, "Two choices have the same value. Give one of them another.")
        if REFUSED in values:
            yield FormProblem(here, f"The value {REFUSED} is kept for 'prefer not to say'. Use allow_refusal instead.")


def _bounds(form: Form) -> Iterator[FormProblem]:
    for here, question in _placed(form):
        low, high = question.minimum, question.maximum
        if question.type == "scale" and (low is None or high is None or not 2 <= high - low + 1 <= 11):
            yield FormProblem(here, "A scale needs minimum and maximum with 2 to 11 points.")
        if question.type == "scale" and (question.low_label is None or question.high_label is None):
            yield FormProblem(here, "A scale needs low_label and high_label: words for both ends.")
        if low is not None and high is not None and low > high:
            yield FormProblem(here, "minimum is larger than maximum.")
        if question.type not in {"scale", "integer"} and (low is not None or high is not None):
            yield FormProblem(here, f"A question of type {question.type} has no minimum or maximum. Delete them.")
        if question.type != "scale" and (question.low_label is not None or question.high_label is not None):
            yield FormProblem(here, "Only a scale has low_label and high_label. Delete them.")
        if question.max_length is not None and not question.is_text:
            yield FormProblem(here, f"A question of type {question.type} has no max_length. Delete it.")
        if question.max_length is not None and question.max_length < 1:
            yield FormProblem(here, "max_length must be at least 1.")
        if question.type == "note" and question.required:
            yield FormProblem(here, "A note cannot be required.")


_USE_TYPES: dict[QuestionUse, set[str]] = {
    "area": {"select_one"},
    "needs": {"short_text", "long_text"},
    "quote_consent": {"select_many"},
    "contact_consent": {"select_many"},
}
"""Where the type matters to who reads the answer."""

_CONSENTS = {"quote_consent", "contact_consent"}


def _uses(form: Form) -> Iterator[FormProblem]:
    seen: set[QuestionUse] = set()
    for here, question in _placed(form):
        if question.use is None:
            continue
        if question.type not in _USE_TYPES.get(question.use, {question.type}):
            fitting = " or ".join(sorted(_USE_TYPES[question.use]))
            yield FormProblem(here, f"The use {question.use} needs a question of type {fitting}.")
        elif question.use in _CONSENTS and (len(question.choices) != 1 or question.required or question.allow_refusal):
            # Any answer to it counts as consent, so there may be none but the tick.
            yield FormProblem(here, "A consent is one tick: one choice, not required, allow_refusal false.")
        if question.use in seen and question.use != "needs":
            yield FormProblem(here, f"Another question has the use {question.use}. Keep one.")
        seen.add(question.use)


def _conditions(form: Form) -> Iterator[FormProblem]:
    known: dict[str, Question] = {}
    for section in form.sections:
        if section.relevant is not None:
            yield from _condition(f"sections.{section.id}.relevant", section.relevant, known)
        for question in section.questions:
            if question.relevant is not None:
                yield from _condition(f"sections.{section.id}.{question.id}.relevant", question.relevant, known)
            known[question.id] = question


def _condition(here: str, condition: Condition, known: dict[str, Question]) -> Iterator[FormProblem]:
    for name in questions_in(condition):
        if name not in known:
            yield FormProblem(here, f"{name} is not a question that comes earlier.")
        elif not known[name].has_answer:
            yield FormProblem(here, f"{name} is a note and has no answer.")
    for leaf in _leaves(condition):
        question = known.get(leaf.question)
        if question is None:
            continue
        # A typed number cannot be compared: the page hides and shows by CSS, which sees only that something is typed.
        kinds = {"select_many"} if isinstance(leaf, Includes) else {"select_one", "scale"}
        if question.type not in kinds:
            fitting = "includes" if question.type == "select_many" else "answered"
            yield FormProblem(here, f"{leaf.question} is of type {question.type}: use {fitting}.")
        elif question.choices and leaf.value not in {choice.value for choice in question.choices}:
            yield FormProblem(here, f"{leaf.question} has no choice {leaf.value!r}.")
        elif question.type == "scale" and leaf.value not in _points(question):
            yield FormProblem(here, f"{leaf.question} has no point {leaf.value!r}.")


def _leaves(condition: Condition) -> Iterator[Equals | Includes]:
    for part in getattr(condition, "conditions", None) or [getattr(condition, "condition", None)]:
        if part is not None:
            yield from _leaves(part)
    if isinstance(condition, Equals | Includes):
        yield condition


def _points(question: Question) -> range:
    if question.minimum is None or question.maximum is None:
        return range(0)
    return range(question.minimum, question.maximum + 1)


def _placed(form: Form) -> Iterator[tuple[str, Question]]:
    for section in form.sections:
        for question in section.questions:
            yield f"sections.{section.id}.{question.id}", question


_CHECKS: list[Callable[[Form], Iterator[FormProblem]]] = [
    _languages, _unique_ids, _choices, _bounds, _uses, _conditions,
]  # fmt: skip
