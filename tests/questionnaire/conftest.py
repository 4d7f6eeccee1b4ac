"""Small forms and questions, and hypothesis strategies for any form and for anything that may be sent to it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from survey.questionnaire.conditions import REFUSED, And, Answered, Condition, Equals, Includes, Not, Or

from survey.questionnaire.form import Choice, Form, Notice, Question, Section

CHOICES = {"select_one", "select_many"}


def said(text: str = "x") -> dict[str, str]:
    return {"en": text}


def choices(*values: str) -> list[Choice]:
    return [Choice(value=value, label=said(value)) for value in values]


def a_question(type_: str = "select_one", id_: str = "q", **changes: Any) -> Question:
    """A question that passes the checks; `changes` spoil it."""
    fitting: dict[str, Any] = {}
    if type_ in CHOICES:
        fitting["choices"] = choices("yes", "no", "maybe")
    if type_ == "scale":
        fitting = {"minimum": 1, "maximum": 5, "low_label": said("low"), "high_label": said("high")}
    return Question(**({"id": id_, "type": type_, "label": said(id_)} | fitting | changes))


def a_section(*questions: Question, **changes: Any) -> Section:
    return Section(**({"id": "s", "title": said(), "questions": list(questions)} | changes))


def a_form(*parts: Question | Section, **changes: Any) -> Form:
    """A form of these sections, or of one section with these questions."""
    questions = [part for part in parts if isinstance(part, Question)]
    sections = [part for part in parts if isinstance(part, Section)]
    told = Notice(who=said(), why=said(), kept=said(), until=said(), rights=said(), contact=said())
    fitting: dict[str, Any] = {
        "title": said(),
        "intro": said(),
        "minutes": 5,
        "languages": ["en"],
        "source_language": "en",
        "notice": told,
        "sections": sections or [a_section(*questions)],
        "closing": said(),
    }
    return Form(**(fitting | changes))


@st.composite
def conditions(draw: st.DrawFn, earlier: list[Question], depth: int = 2) -> Condition:
    """Any condition on earlier questions that passes the checks."""
    kind = draw(st.sampled_from(["leaf", "and", "or", "not"] if depth else ["leaf"]))
    if kind == "not":
        return Not(condition=draw(conditions(earlier, depth - 1)))
    if kind in {"and", "or"}:
        parts = [draw(conditions(earlier, depth - 1)) for _ in range(draw(st.integers(0, 2)))]
        return And(conditions=parts) if kind == "and" else Or(conditions=parts)
    question = draw(st.sampled_from(earlier))
    leaves: list[Condition] = [Answered(question=question.id)]
    if question.type == "select_many":
        leaves += [Includes(question=question.id, value=choice.value) for choice in question.choices]
    if question.type == "select_one":
        leaves += [Equals(question=question.id, value=choice.value) for choice in question.choices]
    if question.type == "scale":
        leaves += [Equals(question=question.id, value=point) for point in (1, 3, 5)]
    return draw(st.sampled_from(leaves))


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Any form that passes the checks: up to three sections, conditions on sections and questions."""
    types = ["note", "select_one", "select_many", "scale", "integer", "short_text", "long_text"]
    earlier: list[Question] = []

    def relevant() -> Condition | None:
        askable = [question for question in earlier if question.has_answer]
        return draw(conditions(askable)) if askable and draw(st.booleans()) else None

    sections = []
    for number in range(draw(st.integers(1, 3))):
        section_relevant = relevant()
        questions = []
        for _ in range(draw(st.integers(1, 4))):
            type_ = draw(st.sampled_from(types))
            question = a_question(
                type_, f"q{len(earlier)}", relevant=relevant(), allow_refusal=draw(st.booleans()),
                required=type_ != "note" and draw(st.booleans()),
            )  # fmt: skip
            questions.append(question)
            earlier.append(question)
        sections.append(a_section(*questions, id=f"s{number}", relevant=section_relevant))
    return a_form(*sections)


texts = st.text(
    st.characters(codec="utf-8") | st.sampled_from("e\u0301\u0300 \x00\r\n가\u1100\u1161\u11a8"), max_size=12
)
"""Texts that hold what phones and pastes hold: separate accents and jamo, NUL, line ends of every kind."""


def fitting_values(question: Question) -> st.SearchStrategy[Any]:
    """Values that a person can send by filling in the page."""
    values = [choice.value for choice in question.choices]
    given: dict[str, st.SearchStrategy[Any]] = {
        "select_one": st.sampled_from(values or [""]),
        "select_many": st.lists(st.sampled_from(values or [""]), max_size=4),
        "scale": st.integers(1, 5) | st.sampled_from("12345٣５"),
        "integer": st.integers(-100, 100) | st.integers(-100, 100).map(str),
        "short_text": texts,
        "long_text": texts,
    }
    refusal = [st.just(REFUSED)] if question.allow_refusal else []
    return st.one_of(given[question.type], st.just(""), *refusal)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.just(REFUSED),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)


def raw_answers(form: Form, *, is_wild: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What is sent: from the page, or (wild) anything that JSON can carry, to unknown questions too."""
    askable = [question for question in form.questions() if question.has_answer]
    fitting = {question.id: fitting_values(question) for question in askable}
    if not is_wild:
        return st.fixed_dictionaries({}, optional=fitting)
    wild = {question.id: fitting[question.id] | junk for question in askable}
    return st.fixed_dictionaries({}, optional={**wild, "unknown": junk})
