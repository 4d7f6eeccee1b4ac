"""A survey's form as data: sections, questions, choices, every text a map from language tag to string."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from survey.questionnaire.values import OTHER

Identifier = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,63}$")]
ChoiceValue = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_]{0,63}$")]
Expression = Annotated[str, msgspec.Meta(min_length=1)]
"""A condition in the language of expressions.py."""

Texts = dict[str, str]
"""From BCP 47 language tag to the text in that language. Labels, hints and messages may name an earlier question: `${its_id}`."""

QuestionType = Literal[
    "note", "select_one", "select_many", "scale", "rating", "matrix", "ranking", "integer", "decimal", "date", "short_text",
    "long_text", "consent",
]  # fmt: skip
QuestionUse = Literal[
    "area", "origin", "time_in_beijing", "needs", "quote_consent", "contact_consent", "share_consent", "sensitive_consent",
    "belonging", "participation", "conduct", "conduct_about",
]  # fmt: skip

MAX_TEXT = {"short_text": 200, "long_text": 4000}
"""Longest answers in characters as readers count them (graphemes), where a question sets no limit of its own."""

CHOOSING = frozenset({"select_one", "select_many", "ranking"})
"""Types whose answers are among `choices`."""

POINTS = frozenset({"scale", "rating"})
"""Types whose answer is a whole number from `minimum` to `maximum`, shown as one row of points."""

BODIES = frozenset({"committee", "service_station", "subdistrict", "property", "elsewhere"})
"""Whose staff a complaint can be about: the choices of a question with the use `conduct_about`."""

NUMBERS = frozenset({"integer", "decimal"})


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Choice(_Data, frozen=True, kw_only=True):
    """`value` is counted as one in every language and never changes; `label` is what people read.

    `hint` stands below it, such as what an option costs. `is_exclusive` goes with no other choice ("none of these"); `attributes` are what a choice filter asks about.
    """

    value: ChoiceValue
    label: Texts
    hint: Texts | None = None
    is_exclusive: bool = False
    attributes: dict[str, str] = {}


class MatrixColumn(_Data, frozen=True, kw_only=True):
    """What is asked of every row of a matrix: a scale with words at both ends."""

    id: Identifier
    label: Texts
    minimum: int
    maximum: int
    low_label: Texts
    high_label: Texts


class Question(_Data, frozen=True, kw_only=True):
    """One question. Which fields apply depends on `type`; `check_form` tells what does not fit.

    `allow_refusal` adds "prefer not to say", `allow_dont_know` "I don't know", `allow_other` a choice "other, please say" with
    a text of its own. `required` is true, or a condition under which it is. `constraint` must hold of an answer (`.`), else
    `constraint_message` is shown. `minimum` and `maximum` bound numbers; a scale or rating runs from one to the other.
    `agree` is what a consent's tick says. `max_choices` limits how many are chosen or ranked. `random_order` shows the choices in an order drawn for each person.
    `purpose` and `kept_until` say why something that identifies a person is asked, and for how long it is kept.
    `is_sensitive` (PIPL Art. 28) keeps an answer out of anything stored on a phone.
    `use` tells the analysis what the answer is for: `needs` marks the questions whose words are analysed (of a question to
    choose from, those at "other"), `area` the one whose choices are codes of areas, `…_consent` the ticks that allow something. `conduct` marks the words of a
    complaint about staff, and `conduct_about` whose staff: they are kept from those whom they are about, and out of the needs.
    """

    id: Identifier
    type: QuestionType
    label: Texts
    hint: Texts | None = None
    required: bool | Expression = False
    allow_refusal: bool = True
    allow_dont_know: bool = False
    allow_other: bool = False
    random_order: bool = False
    choices: list[Choice] = []
    choice_filter: Expression | None = None
    rows: list[Choice] = []
    columns: list[MatrixColumn] = []
    relevant: Expression | None = None
    constraint: Expression | None = None
    constraint_message: Texts | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    low_label: Texts | None = None
    high_label: Texts | None = None
    agree: Texts | None = None
    max_length: int | None = None
    max_choices: int | None = None
    is_sensitive: bool = False
    purpose: Texts | None = None
    kept_until: Texts | None = None
    use: QuestionUse | None = None

    @property
    def is_text(self) -> bool:
        return self.type in MAX_TEXT

    @property
    def length_limit(self) -> int:
        return self.max_length or MAX_TEXT[self.type]

    @property
    def may_be_refused(self) -> bool:
        return self.allow_refusal and self.type not in {"note", "matrix", "consent"}

    def points(self) -> range:
        """The points of a scale or rating; empty for any other question."""
        if self.type not in POINTS or not isinstance(self.minimum, int) or not isinstance(self.maximum, int):
            return range(0)
        return range(self.minimum, self.maximum + 1)

    def items(self) -> list[Question]:
        """The single questions that it consists of, each with one answer: for a matrix one scale for each row and column
        (`services.library.importance`), for a question with "other" also the text (`${id}_other`), for a note none.
        """
        if self.type == "note":
            return []
        if self.type == "matrix":
            return [self._cell(row, column) for row in self.rows for column in self.columns]
        if not self.allow_other:
            return [self]
        words = Question(
            id=f"{self.id}_{OTHER}", type="short_text", label=self.label, allow_refusal=False,
            relevant=f"selected(${{{self.id}}}, '{OTHER}')", max_length=self.max_length, is_sensitive=self.is_sensitive,
            use="needs" if self.use == "needs" else None,
        )  # fmt: skip
        return [self, words]

    def _cell(self, row: Choice, column: MatrixColumn) -> Question:
        return Question(
            id=f"{self.id}.{row.value}.{column.id}", type="scale", required=self.required, allow_refusal=False,
            label={tag: f"{row.label[tag]} · {column.label[tag]}" for tag in row.label if tag in column.label},
            allow_dont_know=self.allow_dont_know, minimum=column.minimum, maximum=column.maximum,
            low_label=column.low_label, high_label=column.high_label, is_sensitive=self.is_sensitive,
        )  # fmt: skip


class Section(_Data, frozen=True, kw_only=True):
    id: Identifier
    title: Texts
    intro: Texts | None = None
    questions: list[Question]
    relevant: Expression | None = None


class Notice(_Data, frozen=True, kw_only=True):
    """What PIPL Art. 17 asks to be told before the first question."""

    who: Texts
    why: Texts
    kept: Texts
    until: Texts
    rights: Texts
    contact: Texts


class Form(_Data, frozen=True, kw_only=True):
    """`minimum_age` is the age from which a person may answer alone (PIPL Art. 31); the page asks before the first question."""

    format: Literal["linsheng-form-1"] = "linsheng-form-1"
    title: Texts
    intro: Texts
    minutes: Annotated[int, msgspec.Meta(ge=1, le=60)]
    minimum_age: Annotated[int, msgspec.Meta(ge=14, le=99)] = 14
    languages: list[str]
    source_language: str
    notice: Notice
    sections: list[Section]
    closing: Texts

    def questions(self) -> Iterator[Question]:
        """The questions as an author wrote them."""
        for section in self.sections:
            yield from section.questions

    def items(self) -> Iterator[Question]:
        """Every single question with an answer of its own, in order (see Question.items)."""
        for question in self.questions():
            yield from question.items()

    def question_for(self, use: QuestionUse) -> Question | None:
        return next((question for question in self.questions() if question.use == use), None)

    def open_questions(self) -> list[Question]:
        """The items whose text is analysed for needs."""
        return [item for item in self.items() if item.use == "needs" and item.is_text]

    def read_questions(self) -> list[Question]:
        """The items that staff read answer by answer: needs, and complaints about staff with whose staff it was."""
        return self.open_questions() + [question for question in self.questions() if question.use in {"conduct", "conduct_about"}]


def read_form(data: bytes | str) -> Form:
    """Decode a form from JSON. Raises msgspec.ValidationError with the path of the first thing that does not fit."""
    return msgspec.json.decode(data, type=Form)


def write_form(form: Form) -> bytes:
    return msgspec.json.format(msgspec.json.encode(form), indent=1)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a form file."""
    schema = msgspec.json.schema(Form)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Linsheng form", **schema}
