"""The survey as a page: what a template needs to draw it, in one language. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from survey.questionnaire.conditions import Condition, css_selector, grounded
from survey.questionnaire.form import Form, Question, Section, Texts

FORM_ID = "survey-form"


class PageChoice(msgspec.Struct, frozen=True):
    value: str
    label: str
    is_chosen: bool


class PageQuestion(msgspec.Struct, frozen=True):
    id: str
    type: str
    label: str
    hint: str
    required: bool
    allow_refusal: bool
    is_refused: bool
    choices: list[PageChoice]
    text: str
    length_limit: int
    low_label: str
    high_label: str
    error: str
    css_class: str
    """`when-…` for a question that the browser shows only while its condition holds; else empty."""


class PageSection(msgspec.Struct, frozen=True):
    id: str
    title: str
    intro: str
    css_class: str
    questions: list[PageQuestion]


def page_sections(
    form: Form, language: str, raw: Mapping[str, list[str]], errors: Mapping[str, str]
) -> list[PageSection]:
    """Prepare the sections with what was typed so far (`raw`, as the form sent it) and the errors by question id."""
    return [
        PageSection(
            id=section.id,
            title=_text(section.title, language, form),
            intro=_text(section.intro, language, form),
            css_class=condition_class(section.relevant),
            questions=[_question(question, form, language, raw, errors) for question in section.questions],
        )
        for section in form.sections
    ]


def _question(
    question: Question, form: Form, language: str, raw: Mapping[str, list[str]], errors: Mapping[str, str]
) -> PageQuestion:
    given = raw.get(question.id, [])
    values = [(c.value, _text(c.label, language, form)) for c in question.choices]
    if question.type == "scale":
        assert question.minimum is not None
        assert question.maximum is not None
        values = [(str(point), str(point)) for point in range(question.minimum, question.maximum + 1)]
    return PageQuestion(
        id=question.id,
        type=question.type,
        label=_text(question.label, language, form),
        hint=_text(question.hint, language, form),
        required=question.required,
        allow_refusal=question.allow_refusal and question.has_answer,
        is_refused="prefer_not_to_say" in given,
        choices=[PageChoice(value, label, value in given) for value, label in values],
        text=next((value for value in given if value != "prefer_not_to_say"), ""),
        length_limit=question.length_limit if question.is_text else 0,
        low_label=_text(question.low_label, language, form),
        high_label=_text(question.high_label, language, form),
        error=errors.get(question.id, ""),
        css_class=condition_class(question.relevant),
    )


def condition_class(condition: Condition | None) -> str:
    """A class name that is the same for the same condition."""
    if condition is None:
        return ""
    return f"when-{hashlib.sha256(msgspec.json.encode(condition)).hexdigest()[:8]}"


def visibility_style(form: Form) -> str:
    """Compile the form's conditions to CSS: a browser that knows :has() shows and hides without a script.

    An older browser shows every question; the server drops answers to questions that are not relevant.
    """
    shown_when = form.shown_when()
    conditions = {
        condition_class(part.relevant): part.relevant
        for section in form.sections
        for part in _parts(section)
        if part.relevant is not None
    }
    if not conditions:
        return ""
    rules = [
        f".{name}{{display:none}}{css_selector(grounded(condition, shown_when), f'#{FORM_ID}')} .{name}{{display:block}}"
        for name, condition in conditions.items()
    ]
    return f"@supports selector(:has(*)){{{''.join(rules)}}}"


def _parts(section: Section) -> list[Section | Question]:
    return [section, *section.questions]


def _text(texts: Texts | None, language: str, form: Form) -> str:
    if texts is None:
        return ""
    return texts.get(language) or texts.get(form.source_language, "")
