"""One checked submission on its way into the database, what it counts for, and its receipt code. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

import msgspec

from survey.codes import in_groups, letters_of
from survey.questionnaire.form import Form, Question, QuestionUse
from survey.questionnaire.values import DONT_KNOW, GRANTED, OTHER, REFUSED, Answers

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")

TALLY_CELL = ("version", "area", "language", "channel", "wave")
Cell = tuple[int, int, str, int, int]
"""The place of a response in the tallies, in the order of TALLY_CELL; 0 stands for no area and no channel."""

TEXT_GIVEN = "_text"
"""The choice under which written answers are counted."""

CONSENT_PURPOSES: dict[QuestionUse, str] = {
    "quote_consent": "quote", "contact_consent": "contact", "share_consent": "share", "sensitive_consent": "sensitive",
}  # fmt: skip


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
    consents: list[str]
    sheet: TallySheet
    day: dt.date
    document: str
    payload_hash: str
    order_seed: int | None = None
    """From which the random order of choices was drawn; None where the form has none."""
    invitation: str | None = None
    """The hash of the invitation that lets the answer in. Used up with it, and stored nowhere beside it."""
    flags: list[str] = []
    """Signs of carelessness (questionnaire/quality.py), sorted. How long it took is not stored."""

    def cell(self, wave: int) -> Cell:
        """Where it counts. Which wave it belongs to, the transaction tells that stores it."""
        return self.version_id, self.area_id or 0, self.language, self.channel_id or 0, wave


def document_of(answers: Answers) -> str:
    """Answers as they are stored: the same ones give the same text, whatever the order in which they came."""
    return msgspec.json.encode(answers, order="deterministic").decode()


def payload_hash(version_id: int, document: str) -> str:
    """Two posts are the same when version and answers are; language and channel may differ by how the page was opened."""
    return hashlib.sha256(f"{version_id}:{document}".encode()).hexdigest()


class Counts(msgspec.Struct, array_like=True):
    """How many people gave each answer, as it is stored: `[[3, 0, 1, …], {}]`.

    `places` are in the order of the form's TallySheet; `more` holds answers that a form cannot list (numbers), by question.
    """

    places: list[int]
    more: dict[str, dict[str, int]] = {}


class TallySheet:
    """Where each possible answer to a form is counted. A form never changes once answers refer to it, and so neither does this."""

    def __init__(self, form: Form) -> None:
        self._places: dict[str, dict[str | int | float, int]] = {}
        self.size = 0
        for question in form.items():
            answers = _countable(question)
            if answers:
                self._places[question.id] = {answer: self.size + place for place, answer in enumerate(answers)}
                self.size += len(answers)

    def empty(self) -> Counts:
        return Counts([0] * self.size, {})

    def add(self, counts: Counts, answers: Answers, step: int = 1) -> None:
        """Add one response's answers, in place; `step` -1 takes them out again."""
        places = counts.places
        for question, answer in answers.items():
            known = self._places.get(question)
            if known is None:
                _add_more(counts.more, question, str(answer), step)
            elif isinstance(answer, list):
                for choice in answer:
                    places[known[choice]] += step
            else:
                place = known.get(answer)
                places[known[TEXT_GIVEN] if place is None else place] += step

    def read(self, counts: Counts) -> dict[str, dict[str, int]]:
        """Return question to answer to people; what nobody gave is left out."""
        found = {
            question: {str(answer): counts.places[place] for answer, place in known.items() if counts.places[place]}
            for question, known in self._places.items()
        }
        return {question: people for question, people in (found | counts.more).items() if people}


def _countable(question: Question) -> list[str | int]:
    """The answers that a question can have; none for a number or a day, which can be any."""
    if question.is_text or question.type in {"date", "decimal"}:
        return [TEXT_GIVEN, REFUSED, DONT_KNOW]
    if question.type == "consent":
        return [GRANTED]
    choices = [choice.value for choice in question.choices] + ([OTHER] if question.allow_other else [])
    listed: list[str | int] = [*question.points(), *choices]
    return [*listed, REFUSED, DONT_KNOW] if listed else []


def _add_more(more: dict[str, dict[str, int]], question: str, answer: str, step: int) -> None:
    people = more.setdefault(question, {})
    people[answer] = people.get(answer, 0) + step
    if not people[answer]:
        del people[answer]
    if not people:
        del more[question]


CONFIRMATIONS = {"_age": "age", "_agree": "processing"}
"""What a person ticks besides the questions, and the purpose under which the proof is kept (PIPL Art. 14, 31)."""


def confirmations_given(ticked: Sequence[str]) -> list[str]:
    """Return the purposes of the confirmations that were ticked."""
    return [purpose for name, purpose in CONFIRMATIONS.items() if name in ticked]


def text_version(version_id: int, purpose: str, program: str) -> str:
    """Name the text that was agreed to: it stands in a version of the form, or, for what every page asks, in the program's."""
    return f"{version_id}/{program}" if purpose in CONFIRMATIONS.values() else str(version_id)


def consent_questions(form: Form) -> dict[str, str]:
    """Return the question that asks for each consent, by purpose; a tick there grants it."""
    asked = {purpose: form.question_for(use) for use, purpose in CONSENT_PURPOSES.items()}
    return {purpose: question.id for purpose, question in asked.items() if question is not None}


def consents_given(questions: Mapping[str, str], answers: Answers) -> list[str]:
    """Return the purposes that were agreed to."""
    return [purpose for purpose, question in questions.items() if answers.get(question) == GRANTED]


RECEIPT_GROUPS = 7
RECEIPT_GROUP_LENGTH = 4
"""28 characters of 5 bits: 140 bits, above the 128 that S03 asks for, in groups that can be typed."""


def receipt_code(secret: str, survey_public_id: str, client_id: str) -> str:
    """Return e.g. `7KQM-3FZD-…`: HMAC-SHA-256 of survey and client id, in Crockford's base 32.

    Derived, so that a repeated post gets the same code although only hashes of codes are stored.
    """
    digest = hmac.digest(secret.encode(), f"receipt:{survey_public_id}:{client_id}".encode(), "sha256")
    letters = letters_of(digest, RECEIPT_GROUPS * RECEIPT_GROUP_LENGTH)
    return in_groups(letters, RECEIPT_GROUP_LENGTH)
