"""The survey as a page: what a template needs to draw it, in one language. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from survey.questionnaire.expressions import Tree, filled, parse
from survey.questionnaire.form import Choice, Form, Question, Section, Texts
from survey.questionnaire.piping import Part, parts_of
from survey.questionnaire.selectors import Selectors
from survey.questionnaire.values import DONT_KNOW, GRANTED, NO_OPINION, OTHER, REFUSED

FORM_ID = "survey-form"

Raw = Mapping[str, Sequence[str]]
"""What was typed so far, by item, as the form sent it."""


class PageChoice(msgspec.Struct, frozen=True):
    value: str
    label: str
    is_chosen: bool
    hint: str = ""
    is_exclusive: bool = False
    css_class: str = ""
    condition: str = ""
    """The tree under which it is offered, as JSON; empty: always."""


class PageItem(msgspec.Struct, frozen=True):
    """One question with one answer."""

    id: str
    type: str
    label: list[Part]
    hint: list[Part]
    is_required: bool
    allow_refusal: bool
    allow_dont_know: bool
    given: list[str]
    choices: list[PageChoice]
    text: str
    length_limit: int
    low_label: str
    high_label: str
    agree: str
    max_choices: int
    purpose: str
    kept_until: str
    error: str
    css_class: str
    """`when-…` for a question that the browser shows only while its condition holds; else empty."""
    data: dict[str, str]
    """What the module on the page needs to know, as data attributes."""
    other: PageItem | None = None
    rows: list[PageRow] = []
    columns: list[PageColumn] = []

    @property
    def is_refused(self) -> bool:
        return REFUSED in self.given

    @property
    def is_unknown(self) -> bool:
        return DONT_KNOW in self.given


class PageRow(msgspec.Struct, frozen=True):
    """A row of a matrix with its single questions, one a column."""

    id: str
    label: str
    cells: list[PageItem]


class PageColumn(msgspec.Struct, frozen=True):
    label: str
    low_label: str
    high_label: str


class PageSection(msgspec.Struct, frozen=True):
    id: str
    title: str
    intro: str
    css_class: str
    relevant: str
    questions: list[PageItem]


class SurveyDrawing:
    """Draws a form in a language with what was typed so far (`raw`) and the errors by item. `seed` orders what is shown in
    random order: the same seed, the same order, in every language.
    """

    def __init__(self, form: Form, language: str, *, raw: Raw, errors: Mapping[str, str], seed: int) -> None:
        self._form = form
        self._language = language
        self._raw = raw
        self._errors = errors
        self._seed = seed
        self._items = {item.id: item for item in form.items()}
        self._shown: dict[str, str] = {}
        self._selectors = Selectors(self._items, self._shown)
        self._rules: dict[str, str] = {}

    def sections(self) -> list[PageSection]:
        return [self._section(section) for section in self._form.sections]

    def style(self) -> str:
        """The rules by which a browser that knows :has() shows and hides without a script; call after `sections`.

        An older browser shows every question; the server drops answers to questions that are not relevant.
        """
        rules = [
            f"#{FORM_ID}:not({selector}) .{name}{{display:none}}"
            for selector, name in self._rules.items()
        ]
        return f"@supports selector(:has(*)){{{''.join(rules)}}}" if rules else ""

    def _section(self, section: Section) -> PageSection:
        needed = [parse(section.relevant)] if section.relevant else []
        around = self._selectors.needed(needed)
        return PageSection(
            id=section.id,
            title=self._text(section.title),
            intro=self._text(section.intro),
            css_class=self._class(around),
            relevant=_json(needed[0]) if needed else "",
            questions=[self._question(question, around) for question in section.questions],
        )

    def _question(self, question: Question, around: str) -> PageItem:
        needed = [parse(question.relevant)] if question.relevant else []
        own = self._selectors.needed(needed)
        drawn = self._item(question, own, needed)
        items = question.items()
        for item in items:
            self._shown[item.id] = around + own
        if question.allow_other:
            words = items[1]
            assert words.relevant is not None
            when = parse(words.relevant)
            selector = self._selectors.needed([when])
            self._shown[words.id] = around + own + selector
            drawn = msgspec.structs.replace(drawn, other=self._item(words, selector, [when]))
        if question.type == "matrix":
            drawn = msgspec.structs.replace(drawn, rows=self._rows(question, items), columns=self._columns(question))
        return drawn

    def _rows(self, question: Question, items: list[Question]) -> list[PageRow]:
        width = len(question.columns)
        return [
            PageRow(row.value, self._text(row.label), [self._item(cell, "", []) for cell in items[at * width : (at + 1) * width]])
            for at, row in enumerate(question.rows)
        ]

    def _columns(self, question: Question) -> list[PageColumn]:
        return [
            PageColumn(self._text(column.label), self._text(column.low_label), self._text(column.high_label))
            for column in question.columns
        ]

    def _item(self, item: Question, selector: str, needed: list[Tree]) -> PageItem:
        given = [value.strip() for value in self._raw.get(item.id, []) if value.strip()]
        return PageItem(
            id=item.id,
            type=item.type,
            label=self._parts(item.label),
            hint=self._parts(item.hint),
            is_required=item.required is True,
            allow_refusal=item.may_be_refused,
            allow_dont_know=item.allow_dont_know and item.type != "matrix",
            given=given,
            choices=self._choices(item, given),
            text=next((value for value in self._raw.get(item.id, []) if value not in NO_OPINION), ""),
            length_limit=item.length_limit if item.is_text else 0,
            low_label=self._text(item.low_label),
            high_label=self._text(item.high_label),
            agree=self._text(item.agree),
            max_choices=item.max_choices or (len(item.choices) if item.type == "ranking" else 0),
            purpose=self._text(item.purpose),
            kept_until=self._text(item.kept_until),
            error=self._errors.get(item.id, ""),
            css_class=self._class(selector),
            data=self._data(item, needed),
        )

    def _choices(self, item: Question, given: list[str]) -> list[PageChoice]:
        if item.points():
            return [PageChoice(str(point), str(point), str(point) in given) for point in item.points()]
        if item.type == "consent":
            return [PageChoice(GRANTED, self._text(item.agree), GRANTED in given)]
        tree = parse(item.choice_filter) if item.choice_filter else None
        shown = [self._choice(choice, tree, given) for choice in self._ordered(item)]
        if item.allow_other:
            shown.insert(_before_exclusive(shown), PageChoice(OTHER, "", OTHER in given))
        return shown

    def _choice(self, choice: Choice, tree: Tree | None, given: list[str]) -> PageChoice:
        condition = None if tree is None else filled(tree, choice.attributes)
        selector = "" if condition is None else self._selectors.needed([condition])
        return PageChoice(
            choice.value, self._text(choice.label), choice.value in given, self._text(choice.hint), choice.is_exclusive,
            self._class(selector), "" if condition is None else _json(condition),
        )  # fmt: skip

    def _ordered(self, item: Question) -> list[Choice]:
        """The choices as this person sees them; what goes with nothing else stays at the end."""
        if not item.random_order:
            return item.choices
        return sorted(item.choices, key=lambda choice: (choice.is_exclusive, _drawn(self._seed, item.id, choice.value)))

    def _data(self, item: Question, needed: list[Tree]) -> dict[str, str]:
        found: dict[str, str] = {}
        if needed:
            found["relevant"] = _json(needed[0])
        if item.required:
            found["required"] = _json(parse(item.required) if isinstance(item.required, str) else True)
        if item.constraint:
            found["constraint"] = _json(parse(item.constraint))
            found["message"] = self._text(item.constraint_message)
        if item.minimum is not None:
            found["min"] = str(item.minimum)
        if item.maximum is not None:
            found["max"] = str(item.maximum)
        if item.is_text:
            found["limit"] = str(item.length_limit)
        if item.max_choices:
            found["most"] = str(item.max_choices)
        if item.is_sensitive:
            found["sensitive"] = "true"
        return found

    def _class(self, selector: str) -> str:
        if not selector:
            return ""
        return self._rules.setdefault(selector, f"when-{hashlib.sha256(selector.encode()).hexdigest()[:8]}")

    def _parts(self, texts: Texts | None) -> list[Part]:
        """The pieces of a text, with answers where they are known already; the module fills in the others as they are given."""
        text = self._text(texts)
        return [part._replace(words=self._piped(part.item)) if part.item else part for part in parts_of(text)] if text else []

    def _piped(self, name: str) -> str:
        item = self._items.get(name)
        given = [value for value in self._raw.get(name, []) if value.strip() and value not in NO_OPINION]
        if given == [OTHER]:
            given = [value for value in self._raw.get(f"{name}_{OTHER}", []) if value.strip()]
        labels = {choice.value: self._text(choice.label) for choice in item.choices} if item else {}
        return ", ".join(labels.get(value, value) for value in given)

    def _text(self, texts: Texts | None) -> str:
        return localized(texts, self._language, self._form)


def localized(texts: Texts | None, language: str, form: Form) -> str:
    """The text in a language, or in the form's source language; empty where there is none."""
    if texts is None:
        return ""
    return texts.get(language) or texts.get(form.source_language, "")


def written_texts(form: Form, raw: Raw, language: str) -> list[dict[str, str]]:
    """What was written in answers that cannot be taken any more, with its questions, so that it can be copied."""
    return [
        {"label": localized(item.label, language, form), "text": text}
        for item in form.items()
        if item.is_text
        for text in raw.get(item.id, [])
        if text.strip()
    ]


def _before_exclusive(choices: list[PageChoice]) -> int:
    return next((at for at, choice in enumerate(choices) if choice.is_exclusive), len(choices))


def _drawn(seed: int, *names: str) -> bytes:
    return hashlib.sha256(":".join((str(seed), *names)).encode()).digest()


def _json(tree: Any) -> str:
    return msgspec.json.encode(tree).decode()
