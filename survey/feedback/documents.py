"""One's own answer in words, and as a file to keep. No code in it: whoever finds the file must not be able to withdraw. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from survey.i18n.speech import speech
from survey.questionnaire.conditions import REFUSED
from survey.questionnaire.form import Form, Question

DONT_KNOW = "dont_know"


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
    return [
        ReadableAnswer(
            question=question.id,
            label=question.label[language],
            answer=answers[question.id],
            text=_words(question, answers[question.id], language),
        )
        for question in form.questions()
        if question.id in answers
    ]


def _words(question: Question, answer: Any, language: str) -> str:
    """Several choices stand one a line, in the order that is stored: for a ranking it is the person's."""
    say = speech("resident", language)
    words = {REFUSED: say.gettext("I prefer not to say"), DONT_KNOW: say.gettext("I do not know")}
    words |= {choice.value: choice.label[language] for choice in question.choices}
    if not question.choices and not question.is_text:
        words |= {"yes": say.gettext("Yes"), "no": say.gettext("No")}
    values = answer if isinstance(answer, list) else [answer]
    return "\n".join(words.get(value, value) if isinstance(value, str) else str(value) for value in values)


def as_json(copy: OwnCopy) -> bytes:
    return msgspec.json.format(msgspec.json.encode(copy), indent=2) + b"\n"


def as_text(copy: OwnCopy) -> bytes:
    """For people: the questions and, below each, what was answered."""
    head = f"{copy.survey}\n{speech('resident', copy.language).date(copy.received_on)}"
    parts = [head, *(f"{item.label}\n{item.text}" for item in copy.answers)]
    return ("\n\n".join(parts) + "\n").encode()
