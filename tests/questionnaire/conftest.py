"""Small forms and questions that pass the checks. Hypothesis strategies for any form stand in strategies.py."""

from __future__ import annotations

from typing import Any

from survey.questionnaire.form import Choice, Form, MatrixColumn, Notice, Question, Section


def said(text: str = "x") -> dict[str, str]:
    return {"en": text}


def choices(*values: str) -> list[Choice]:
    return [Choice(value=value, label=said(value)) for value in values]


def a_column(id_: str = "liked", maximum: int = 5) -> MatrixColumn:
    return MatrixColumn(
        id=id_, label=said(id_), minimum=1, maximum=maximum, low_label=said("low"), high_label=said("high")
    )


_FITTING: dict[str, dict[str, Any]] = {
    "select_one": {"choices": choices("yes", "no", "maybe")},
    "select_many": {"choices": choices("yes", "no", "maybe")},
    "ranking": {"choices": choices("yes", "no", "maybe")},
    "scale": {"minimum": 1, "maximum": 5, "low_label": said("low"), "high_label": said("high")},
    "rating": {"minimum": 1, "maximum": 5},
    "matrix": {"rows": choices("park", "road"), "columns": [a_column()]},
    "consent": {"agree": said("I agree")},
}


def a_question(type_: str = "select_one", id_: str = "q", **changes: Any) -> Question:
    """A question that passes the checks; `changes` spoil it."""
    return Question(**({"id": id_, "type": type_, "label": said(id_)} | _FITTING.get(type_, {}) | changes))


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
