"""Random but valid answers to a form, as the bytes of finished HTTP requests."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec

from survey.questionnaire.answers import FormChecker
from survey.questionnaire.evaluation import holds
from survey.questionnaire.expressions import parse
from survey.questionnaire.form import Form, Question
from survey.questionnaire.values import GRANTED, REFUSED, Answer, Answers

SLUG = "community-needs"
FORM_FILE = Path(__file__).parents[1] / "survey" / "authoring" / "bundled" / f"{SLUG}.json"

REFUSALS = 0.03
YES = 0.95
"""Most services are known and used, so that nearly every question of the form is asked: about 40 answers a body."""

Request = Callable[[], tuple[str, bytes]]


def random_answers(form: Form, language: str, rng: random.Random) -> Answers:
    """Answer every question that the earlier answers make relevant."""
    answers: Answers = {}
    for question in form.questions():
        if question.relevant is None or holds(parse(question.relevant), answers):
            for item in question.items():
                answers[item.id] = _answer(form, item, language, rng)
    return answers


def _answer(form: Form, question: Question, language: str, rng: random.Random) -> Answer:
    if question.type == "consent":
        return GRANTED
    if question.may_be_refused and not question.required and rng.random() < REFUSALS:
        return REFUSED
    values = [choice.value for choice in question.choices]
    if values == ["yes", "no"]:
        return "yes" if rng.random() < YES else "no"
    if question.type == "select_many":
        return rng.sample(values, rng.randint(1, min(3, len(values))))
    if question.type == "select_one":
        return rng.choice(values)
    if question.type in {"scale", "integer"}:
        return rng.randint(int(question.minimum or 0), int(question.maximum or 100))
    return rng.choice([other.label[language] for other in form.questions()])  # a real sentence in the right language


def make_requests(form: Form, *, path: str, total: int, seed: int) -> list[Request]:
    """Return functions that each build one request around a new client id, given back with it."""
    rng = random.Random(seed)
    checker = FormChecker(form)
    requests = []
    for _ in range(total):
        language = rng.choice(form.languages)
        answers = random_answers(form, language, rng)
        if checker.check(answers).problems:
            raise RuntimeError(f"the benchmark sends answers that do not fit: {checker.check(answers).problems}")
        requests.append(_request(path, language, answers))
    return requests


def _request(path: str, language: str, answers: Answers) -> Request:
    """Everything but the client id is made beforehand; ids are of one length, and so are the requests."""
    tail = b'","language":"%s","answers":%s}' % (language.encode(), msgspec.json.encode(answers))
    start = b'{"client_id":"'
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(start) + 32 + len(tail)}\r\n\r\n"
    ).encode() + start

    def build() -> tuple[str, bytes]:
        client_id = secrets.token_urlsafe(24)  # 32 characters
        return client_id, b"".join((head, client_id.encode(), tail))

    return build
