"""From answers to statements: one need each, masked, in the language of the text. Runs as a job, after answers are stored or corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from survey.authoring.queries import checker_for
from survey.db.bulk import find_rows, insert_rows, update_rows
from survey.db.columns import to_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.jobs.kinds import RECOUNT_THEMES, about_survey
from survey.jobs.service import enqueue
from survey.questionnaire.quality import Flag, comparable
from survey.questionnaire.values import REFUSED
from survey.responses.queries import flags_by_response, unprepared_answers
from survey.responses.service import flag_responses, mark_prepared, unflag_responses
from survey.statements.states import PersonalData, rendering_state
from survey.statements.tables import Statement
from survey.statements.wording import Piece, cut, is_abusive, masked, needs_in, without_tricks, words_of

CHUNK = 500
PART = 500
"""Responses in one condition."""

_PLACE = ("area", "channel", "wave", "received_on")
_TEXT = ("original", "redacted", "findings", "personal_data", "needs", "words", "rendering")


class _Wanted(msgspec.Struct, frozen=True):
    """A statement as it should be stored."""

    response: str
    question: str
    piece: Piece
    text_hash: str
    place: tuple[Any, ...]

    @property
    def key(self) -> tuple[str, str, int]:
        return self.response, self.question, self.piece.position

    @property
    def text_values(self) -> tuple[Any, ...]:
        piece = self.piece
        redacted = masked(piece.text, piece.marks)
        state = PersonalData.UNREVIEWED if piece.marks else PersonalData.NONE
        needs = needs_in(redacted, piece.language)
        return (
            piece.text, redacted, to_json(piece.marks), state, needs, words_of(redacted, piece.language, needs),
            rendering_state(piece.language, []),
        )  # fmt: skip


async def prepare_statements(survey_id: int, report: Callable[[int], Any] | None = None) -> int:
    """Make statements of every answer that has none yet, or was changed; return how many answers were read.

    Each chunk is written in its own transaction and marks its answers, so that a stopped job goes on where it was. Of an answer
    that was prepared before, statements whose text is the same stay, with what people decided about them.
    """
    done = 0
    while True:
        rows = await unprepared_answers(survey_id, CHUNK)
        if not rows:
            return done
        wanted, abusive = [], set()
        for row in rows:
            for question in (await checker_for(row["version"])).form.open_questions():
                found = _wanted(row, question.id)
                wanted += found
                if any(is_abusive(one.piece.text, one.piece.language) for one in found):
                    abusive.add(row["id"])
        # Texts are read for this before the transaction: on SQLite everybody else waits for it.
        values = {one.key: one.text_values for one in wanted}
        async with write_transaction(Statement):
            marked = await mark_prepared({row["id"]: row["revision"] for row in rows})
            kept = [one for one in wanted if one.response in marked]
            has_gone = await _store(survey_id, marked, kept, values)
            await unflag_responses(marked - abusive, Flag.ABUSE)
            await flag_responses(marked & abusive, Flag.ABUSE)
            copies = await _flag_copies(survey_id, marked, {one.text_hash for one in kept} - {""})
            await show_flags(marked | copies)
            if has_gone:  # themes and charts follow. Last: a withdrawal holds its response when it asks for the same job
                await enqueue(kind=RECOUNT_THEMES, subject=about_survey(survey_id))
        done += len(marked)
        if report:
            report(done)


def _wanted(row: dict[str, Any], question: str) -> list[_Wanted]:
    answer = row["answers"].get(question)
    if not isinstance(answer, str) or answer == REFUSED:
        return []
    place = (row["area"] or 0, row["channel"] or 0, row["wave"], row["received_on"])
    copied = _text_hash(answer)
    return [
        _Wanted(row["id"], question, piece, "" if piece.position else copied, place)
        for piece in cut(answer, row["language"])
    ]


async def _store(
    survey_id: int, responses: Collection[str], wanted: list[_Wanted], values: dict[tuple[str, str, int], tuple[Any, ...]]
) -> bool:
    """Bring the statements of these responses to what is wanted; return whether one had to go."""
    rows = await find_rows(
        Statement,
        ("id", "response", "question", "position", "original", "redacted", "language", "text_hash", *_PLACE),
        ("response",),
        [(response,) for response in sorted(responses)],
    )
    stored = {(row["response"], row["question"], row["position"]): row for row in rows}
    new, gone, moved, filled = [], set(stored), [], []
    for one in wanted:
        row = stored.get(one.key)
        if row is None or not _is_same(row, one.piece):
            new.append(one)
            continue
        gone.discard(one.key)
        if (row["text_hash"], *(row[name] for name in _PLACE)) != (one.text_hash, *one.place):
            moved.append((row["id"], one.text_hash, *one.place))
        if not row["redacted"]:  # from before texts were masked
            filled.append((row["id"], *values[one.key]))
    ids = [stored[key]["id"] for key in gone]
    for start in range(0, len(ids), PART):
        await Statement.delete().where(Statement.id.is_in(ids[start : start + PART]))
    await update_rows(Statement, ("id",), ("text_hash", *_PLACE), moved)
    await update_rows(Statement, ("id",), _TEXT, filled)
    await insert_rows(
        Statement,
        ("public_id", "survey", "response", "question", "position", "language", "text_hash", *_PLACE, *_TEXT,
         "reading", "is_flagged"),
        [
            (new_public_id(), survey_id, *one.key, one.piece.language, one.text_hash, *one.place, *values[one.key], "new", False)
            for one in new
        ],
    )  # fmt: skip
    return bool(ids)


def _is_same(row: dict[str, Any], piece: Piece) -> bool:
    """Whether a stored statement is still what the person says. Once confirmed, its original is the masked text, as in the answer."""
    return row["language"] == piece.language and piece.text == without_tricks(row["original"])


async def _flag_copies(survey_id: int, prepared: set[str], hashes: set[str]) -> set[str]:
    """Flag the responses that gave a text which another response gave as well: those of this chunk, and the others; return them.

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
    return copies


async def show_flags(responses: Collection[str]) -> None:
    """Carry the responses' flags over to their statements, for the inbox's filter; in the caller's transaction."""
    listed = sorted(responses)
    for start in range(0, len(listed), PART):
        part = listed[start : start + PART]
        flags = await flags_by_response(part)
        for is_flagged in (True, False):
            changed = [response for response in part if bool(flags.get(response)) is is_flagged]
            if changed:
                await Statement.update({Statement.is_flagged: is_flagged}).where(
                    Statement.response.is_in(changed) & (Statement.is_flagged == (not is_flagged))
                )


def _text_hash(answer: str) -> str:
    plain = comparable(answer)
    return hashlib.sha256(plain.encode()).hexdigest() if plain else ""
