"""A survey's form as data: sections, questions, choices, every text a map from language tag to string."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from survey.questionnaire.conditions import And, Condition, grounded

Identifier = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,63}$")]
Texts = dict[str, str]
"""From BCP 47 language tag to the text in that language."""

QuestionType = Literal["note", "select_one", "select_many", "scale", "integer", "short_text", "long_text"]
QuestionUse = Literal[
    "area", "origin", "time_in_beijing", "needs", "quote_consent", "contact_consent", "belonging", "participation"
]

MAX_TEXT = {"short_text": 200, "long_text": 4000}
"""Longest answers in characters, where a question sets no limit of its own."""


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Choice(_Data, frozen=True, kw_only=True):
    """`value` is counted as one in every language and never changes; `label` is what people read."""

    value: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_]{0,63}$")]
    label: Texts


class Question(_Data, frozen=True, kw_only=True):
    """One question. Which fields apply depends on `type`; `check_form` tells what does not fit.

    `allow_refusal` adds "prefer not to say". `use` tells the analysis what the answer is for: `needs` marks the open
    questions, `area` the one whose choices are codes of areas, `quote_consent` the tick that allows quotes.
    `minimum` and `maximum` bound integers; a scale runs from `minimum` to `maximum` with words at both ends.
    """

    id: Identifier
    type: QuestionType
    label: Texts
    hint: Texts | None = None
    required: bool = False
    allow_refusal: bool = True
    choices: list[Choice] = []
    relevant: Condition | None = None
    minimum: int | None = None
    maximum: int | None = None
    low_label: Texts | None = None
    high_label: Texts | None = None
    max_length: int | None = None
    use: QuestionUse | None = None

    @property
    def has_answer(self) -> bool:
        return self.type != "note"

    @property
    def is_text(self) -> bool:
        return self.type in MAX_TEXT

    @property
    def length_limit(self) -> int:
        return self.max_length or MAX_TEXT[self.type]


class Section(_Data, frozen=True, kw_only=True):
    id: Identifier
    title: Texts
    intro: Texts | None = None
    questions: list[Question]
    relevant: Condition | None = None


class Notice(_Data, frozen=True, kw_only=True):
    """What PIPL Art. 17 asks to be told before the first question."""

    who: Texts
    why: Texts
    kept: Texts
    until: Texts
    rights: Texts
    contact: Texts


class Form(_Data, frozen=True, kw_only=True):
    format: Literal["linsheng-form-1"] = "linsheng-form-1"
    title: Texts
    intro: Texts
    minutes: Annotated[int, msgspec.Meta(ge=1, le=60)]
    languages: list[str]
    source_language: str
    notice: Notice
    sections: list[Section]
    closing: Texts

    def questions(self) -> Iterator[Question]:
        for section in self.sections:
            yield from section.questions

    def shown_when(self) -> dict[str, Condition]:
        """Return, for each question that is not always shown, what must hold on the page for it to be shown."""
        found: dict[str, Condition] = {}
        for section in self.sections:
            for question in section.questions:
                needed = [grounded(part, found) for part in (section.relevant, question.relevant) if part is not None]
                if needed:
                    found[question.id] = needed[0] if len(needed) == 1 else And(conditions=needed)
        return found

    def question_for(self, use: QuestionUse) -> Question | None:
        return next((question for question in self.questions() if question.use == use), None)

    def open_questions(self) -> list[Question]:
        """The questions whose text is analysed for needs."""
        return [question for question in self.questions() if question.use == "needs"]


def read_form(data: bytes | str) -> Form:
    """Decode a form from JSON. Raises msgspec.ValidationError with the path of the first thing that does not fit."""
    return msgspec.json.decode(data, type=Form)


def write_form(form: Form) -> bytes:
    return msgspec.json.format(msgspec.json.encode(form), indent=1)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a form file."""
    schema = msgspec.json.schema(Form)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Linsheng form", **schema}
