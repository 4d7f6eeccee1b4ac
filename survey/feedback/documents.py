"""One's own answer in words, and as a file to keep. No code in it: whoever finds the file must not be able to withdraw. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from survey.i18n.speech import Speech, speech
from survey.questionnaire.form import Form, Question
from survey.questionnaire.piping import parts_of
from survey.questionnaire.values import DONT_KNOW, OTHER, REFUSED
from survey.responses.forms import localized


class ReadableAnswer(msgspec.Struct, frozen=True):
    """`answer` as it is stored, `text` as the person saw it."""

    question: str
    label: str
    answer: Any
    text: str


class OwnCopy(msgspec.Struct, frozen=True):
    """What a downloaded file holds."""

    survey: str
    received_on: dt.date
    language: str
    answers: list[ReadableAnswer]


def readable(form: Form, answers: dict[str, Any], language: str) -> list[ReadableAnswer]:
    """Questions and answers in one of the form's languages, in the form's order."""
    say = speech("resident", language)
    own = {question.id for question in form.questions()}
    return [
        ReadableAnswer(
            question=item.id,
            label=_label(item, form, say, is_more=item.id not in own and item.is_text),
            answer=answers[item.id],
            text="\n".join(_words(item, answers[item.id], say)),
        )
        for item in form.items()
        if item.id in answers
    ]


def _label(item: Question, form: Form, say: Speech, *, is_more: bool) -> str:
    if is_more:
        return say.gettext("Other: please say what")
    label = localized(item.label, say.language, form)
    return "".join(part.words or "…" for part in parts_of(label))


def _words(item: Question, answer: Any, say: Speech) -> list[str]:
    """A line for each choice, in the order that is stored: for a ranking it is the person's."""
    if answer == REFUSED:
        return [say.gettext("I prefer not to say")]
    if answer == DONT_KNOW:
        return [say.gettext("I don’t know")]
    if item.type == "consent" and item.agree:
        return [item.agree[say.language]]
    if item.type == "date":
        return [say.date(dt.date.fromisoformat(answer))]
    if isinstance(answer, int | float):
        return [say.number(answer)]
    words = {choice.value: choice.label[say.language] for choice in item.choices}
    if item.allow_other:
        words[OTHER] = say.gettext("Other")
    lines = [words.get(str(value)) or str(value) for value in (answer if isinstance(answer, list) else [answer])]
    return [f"{say.number(place)}. {line}" for place, line in enumerate(lines, 1)] if item.type == "ranking" else lines


def as_json(copy: OwnCopy) -> bytes:
    return msgspec.json.format(msgspec.json.encode(copy), indent=2) + b"\n"


def as_text(copy: OwnCopy) -> bytes:
    """For people: the questions and, below each, what was answered."""
    head = f"{copy.survey}\n{speech('resident', copy.language).date(copy.received_on)}"
    parts = [head, *(f"{item.label}\n{item.text}" for item in copy.answers)]
    return ("\n\n".join(parts) + "\n").encode()
