"""From answers to statements: language, and one need each. Runs as a job, after the answers are stored or corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from analysis.lexicon.load import NO_NEED, load_lexicon
from analysis.lexicon.match import Matcher
from analysis.text.language import UNKNOWN, identify
from analysis.text.statements import MAX_STATEMENT, split_statements
from survey.authoring.queries import checker_for
from survey.db.bulk import find_rows, insert_rows
from survey.db.transaction import write_transaction
from survey.i18n.languages import interface_language
from survey.jobs.kinds import RECOUNT_THEMES, about_survey
from survey.jobs.service import enqueue
from survey.questionnaire.quality import Flag, comparable
from survey.questionnaire.values import REFUSED
from survey.responses.queries import unprepared_answers
from survey.responses.service import flag_responses, mark_prepared, unflag_responses
from survey.statements.tables import Statement

CHUNK = 500


@lru_cache(maxsize=1)
def bundled_matcher() -> Matcher:
    return Matcher(load_lexicon())


async def prepare_statements(survey_id: int, report: Callable[[int], Any] | None = None) -> int:
    """Make statements of every answer that has none yet; return how many answers were read.

    Each chunk is written in its own transaction and marks its answers, so that a stopped job goes on where it was.
    """
    done = 0
    while True:
        rows = await unprepared_answers(survey_id, CHUNK)
        if not rows:
            return done
        found = []
        for row in rows:
            questions = (await checker_for(row["version"])).form.open_questions()
            for question in questions:
                found.extend(_statements(row["id"], row["language"], question.id, row["answers"].get(question.id)))
        async with write_transaction(Statement):
            marked = await mark_prepared({row["id"]: row["revision"] for row in rows})
            has_old = await _take_back([row["id"] for row in rows if row["revision"] and row["id"] in marked])
            kept = [statement for statement in found if statement[0] in marked]
            await insert_rows(
                Statement,
                ("survey", "response", "question", "position", "original", "language", "text_hash"),
                [(survey_id, *statement) for statement in kept],
            )
            await _flag_copies(survey_id, marked, {statement[-1] for statement in kept} - {""})
            if has_old:  # themes and charts follow. Last: a withdrawal holds its response when it asks for the same job
                await enqueue(kind=RECOUNT_THEMES, subject=about_survey(survey_id))
        done += len(marked)
        if report:
            report(done)


async def _take_back(responses: list[str]) -> bool:
    """Delete what was made of these answers before they were corrected; return whether there was anything."""
    if not responses:
        return False
    return bool(await Statement.delete().where(Statement.response.is_in(responses)).returning(Statement.id))


async def _flag_copies(survey_id: int, prepared: set[str], hashes: set[str]) -> None:
    """Flag the responses that gave a text which another response gave as well: those of this chunk, and the others.

    Who corrected an answer is judged afresh. The flag of the other, who keeps the text that came twice, stays.
    """
    found = await find_rows(
        Statement, ("response", "text_hash"), ("survey", "text_hash"), [(survey_id, key) for key in sorted(hashes)]
    )
    writers: dict[str, set[str]] = {}
    for row in found:
        writers.setdefault(row["text_hash"], set()).add(row["response"])
    copies = {response for responses in writers.values() if len(responses) > 1 for response in responses}
    await unflag_responses(prepared - copies, Flag.COPIED_TEXT)
    await flag_responses(copies, Flag.COPIED_TEXT)


def _text_hash(answer: str) -> str:
    plain = comparable(answer)
    return hashlib.sha256(plain.encode()).hexdigest() if plain else ""


def _statements(response: str, page: str, question: str, answer: Any) -> list[tuple[str, str, int, str, str, str]]:
    if not isinstance(answer, str) or answer == REFUSED:
        return []
    spoken = interface_language(page)
    named = identify(answer[:MAX_STATEMENT], spoken).language
    language = spoken if named == UNKNOWN else named
    copied = _text_hash(answer)
    pieces = split_statements(answer, _topics_in(language))
    return [
        (response, question, position, text, language, "" if position else copied) for position, text in enumerate(pieces)
    ]


def _topics_in(language: str) -> Callable[[str], frozenset[str]]:
    matcher = bundled_matcher()
    concepts = matcher.lexicon.concepts

    def topics(text: str) -> frozenset[str]:
        return frozenset(concepts[hit.concept].category for hit in matcher.find(text, language)) - {NO_NEED}

    return topics
