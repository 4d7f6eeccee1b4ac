"""One checked submission on its way into the database, and what it becomes there. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from survey.db.columns import to_json
from survey.questionnaire.answers import Answers
from survey.questionnaire.conditions import REFUSED
from survey.questionnaire.form import Form, QuestionUse

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")

TallyKey = tuple[Any, ...]
TALLY_KEY = ("version", "question", "choice", "area", "language", "channel", "wave")

ALL_RESPONSES = "_responses"
"""The tally's question under which each response counts once, so that totals need no counting of rows."""

TEXT_GIVEN = "_text"
"""The tally's choice for a written answer."""

CONSENT_PURPOSES: dict[QuestionUse, str] = {"quote_consent": "quote", "contact_consent": "contact"}


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """Clean answers of one person to one version of a form. `day` is when they came, in Beijing."""

    survey_id: int
    survey_public_id: str
    version_id: int
    client_id: str
    language: str
    answers: Answers
    area_id: int | None
    channel_id: int | None
    respondent_kind: str
    source: str
    consents: list[tuple[str, bool]]
    text_questions: frozenset[str]
    day: dt.date
    wave: int = 1

    def payload_hash(self) -> str:
        """Two posts are the same when version and answers are; language and channel may differ by how the page was opened."""
        return hashlib.sha256(f"{self.version_id}:{to_json(self.answers)}".encode()).hexdigest()

    def tally_keys(self) -> Iterator[TallyKey]:
        """Yield the counters that this response adds one to."""
        return tally_keys(
            version_id=self.version_id,
            answers=self.answers,
            texts=self.text_questions,
            place=(self.area_id or 0, self.language, self.channel_id or 0, self.wave),
        )


def tally_keys(
    *, version_id: int, answers: Answers, texts: frozenset[str], place: tuple[int, str, int, int]
) -> Iterator[TallyKey]:
    """Yield the counters of one response; `place` is area, language, channel and wave."""
    yield (version_id, ALL_RESPONSES, "", *place)
    for question, answer in answers.items():
        if isinstance(answer, list):
            for choice in answer:
                yield (version_id, question, choice, *place)
        elif question in texts and answer != REFUSED:
            yield (version_id, question, TEXT_GIVEN, *place)
        else:
            yield (version_id, question, str(answer), *place)


def text_questions(form: Form) -> frozenset[str]:
    return frozenset(question.id for question in form.questions() if question.is_text)


def consents_in(form: Form, answers: Answers) -> list[tuple[str, bool]]:
    """Return purpose and whether it was granted, for every consent that the form asks for."""
    found = []
    for use, purpose in CONSENT_PURPOSES.items():
        question = form.question_for(use)
        if question is not None:
            found.append((purpose, bool(answers.get(question.id))))
    return found
