"""What a person decides about the mask over a statement: to lift it, to mask more, to let what is masked be forgotten for good."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import msgspec

from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.db.bulk import find_rows
from survey.db.columns import from_json, to_json
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid, NotAllowed, NotFound
from survey.questionnaire.values import Answers
from survey.responses.service import hold_responses, rewrite_answer
from survey.statements.queries import FullStatement, Unmasked, marks_by_response, unmasked
from survey.statements.states import PersonalData
from survey.statements.tables import Rendering, Statement
from survey.statements.wording import BY_HAND, Mark, marks_of, masked, masked_by_rules, placeholder, words_of

MOST_WORDS_AT_ONCE = 20


async def open_original(statement: FullStatement, *, actor: Actor) -> Unmasked:
    """The text as it was written, for who checks the mask. That they looked is recorded."""
    _require_right(actor)
    async with write_transaction(Statement):
        found = await unmasked(statement.id)
        if any(not mark.is_lifted for mark in found.marks):
            await _record(actor, "statement.unmasked", statement)
    return found


async def change_mask(
    statement: FullStatement, *, lifted: Collection[int], more: Collection[str], seen: str, actor: Actor
) -> None:
    """Lift the marks with these numbers (and no others), and mask every place of the words `more`.

    `seen` is the `marks_key` of the page. Raises InputInvalid where somebody changed the mask in the meantime, or for words that
    are not in the text.
    """
    _require_right(actor)
    async with write_transaction(Statement):
        found = await _held(statement)
        _require_seen(found, seen)
        marks = [msgspec.structs.replace(mark, is_lifted=number in lifted) for number, mark in enumerate(found.marks)]
        for words in _cleaned(more):
            kept = [mark for mark in marks if not mark.is_lifted]
            new = marks_of(found.original, words, kind=BY_HAND, rule="person", besides=kept)
            if not new and words not in found.original:
                raise InputInvalid("These words are not in the text as it is written here.")
            # What was lifted and is masked again by hand is one mark, not two that overlap.
            marks = [mark for mark in marks if all(mark.end <= one.start or one.end <= mark.start for one in new)] + new
        marks.sort(key=lambda mark: mark.start)
        state = PersonalData.UNREVIEWED if any(not mark.is_lifted for mark in marks) else PersonalData.LIFTED
        await _store(statement, found.original, marks, state if marks else PersonalData.NONE)
        kinds = sorted({mark.kind for mark in marks if mark.is_lifted})
        await _record(actor, "statement.mask_changed", statement, {"lifted": kinds, "by_hand": sum(m.kind == BY_HAND for m in marks)})


async def confirm_mask(
    statement: FullStatement, *, seen: str, actor: Actor, lifted: Collection[int] | None = None, more: Collection[str] = ()
) -> None:
    """Forget what is masked, for good: the statement and the answer that it came from hold the masked text from now on.

    `lifted` and `more` are what the page had at that moment: raises InputInvalid where it was not what is stored.
    """
    _require_right(actor)
    async with write_transaction(Statement):
        found = await _held(statement)
        _require_seen(found, seen)
        if more or (lifted is not None and set(lifted) != {n for n, mark in enumerate(found.marks) if mark.is_lifted}):
            raise InputInvalid("Store what you changed first, and look at the text again.")
        kept = [mark for mark in found.marks if not mark.is_lifted]
        if not kept:
            raise InputInvalid("Nothing is masked here.")
        redacted = masked(found.original, kept)
        # A hash of the text as it was would tell the number to who tries all numbers.
        await Statement.update({Statement.text_hash: ""}).where(
            (Statement.response == statement.response) & (Statement.question == statement.question)
        )
        await _renderings_without(statement.id, [(found.original[m.start : m.end], placeholder(m)) for m in kept])
        await _store(statement, redacted, [], PersonalData.CONFIRMED)
        await rewrite_answer(
            statement.response, statement.question, lambda text: _without(text, found.original, kept, statement.language)
        )
        await _record(actor, "statement.mask_confirmed", statement, {"kinds": sorted({mark.kind for mark in kept})})


def marks_key(found: Unmasked) -> str:
    """Names the state of a mask, so that nobody decides about another than the one that they saw."""
    return ",".join(f"{mark.start}-{mark.end}{'l' if mark.is_lifted else ''}" for mark in found.marks)


def _without(text: str, original: str, marks: list[Mark], language: str) -> str:
    """Take what was masked in a statement out of the answer. Where the statement was joined from parts of the answer, so that a
    piece is not found in it as it was, the rules mask the whole answer.
    """
    for mark in sorted(marks, key=lambda mark: mark.start - mark.end):
        piece = original[mark.start : mark.end]
        if piece in text:
            text = text.replace(piece, placeholder(mark))
        elif placeholder(mark) not in text:
            text = masked_by_rules(text, language)
    return text


async def _held(statement: FullStatement) -> Unmasked:
    """Its text and marks, which nobody changes before the transaction ends."""
    if not await hold_responses([statement.response]):
        raise NotFound("There is no such statement.")
    rows = await find_rows(Statement, ("original", "findings"), ("id",), [(statement.id,)], lock="UPDATE")
    if not rows:
        raise NotFound("There is no such statement.")
    return Unmasked(rows[0]["original"], from_json(rows[0]["findings"], list[Mark]))


async def _store(statement: FullStatement, original: str, marks: list[Mark], state: PersonalData) -> None:
    redacted = masked(original, marks)
    [row] = await Statement.select(Statement.needs).where(Statement.id == statement.id)
    renderings = await _renderings_without(statement.id, [(original[m.start : m.end], placeholder(m)) for m in marks if not m.is_lifted])
    await Statement.update(
        {
            Statement.original: original,
            Statement.redacted: redacted,
            Statement.findings: to_json(marks),
            Statement.personal_data: state,
            Statement.words: words_of(redacted, statement.language, row["needs"], renderings),
        }
    ).where(Statement.id == statement.id)


async def _renderings_without(statement: int, pieces: list[tuple[str, str]]) -> list[str]:
    """Mask the same pieces where somebody took them over into a rendering; return the texts."""
    texts = []
    for row in await Rendering.select(Rendering.id, Rendering.text).where(Rendering.statement == statement):
        text = row["text"]
        for piece, name in pieces:
            text = text.replace(piece, name)
        if text != row["text"]:
            await Rendering.update({Rendering.text: text}).where(Rendering.id == row["id"])
        texts.append(text)
    return texts


def _require_right(actor: Actor) -> None:
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot decide on personal data.")


def _require_seen(found: Unmasked, seen: str) -> None:
    if marks_key(found) != seen:
        raise InputInvalid("Somebody changed the mask in the meantime. Look at it again.")


def _cleaned(more: Iterable[str]) -> list[str]:
    """Longest first, so that a name inside a longer one does not cut it in two."""
    words = sorted({" ".join(line.split()) for line in more} - {""}, key=lambda line: (-len(line), line))
    if len(words) > MOST_WORDS_AT_ONCE:
        raise InputInvalid("Mask at most 20 pieces at once.")
    return words


async def _record(actor: Actor, action: str, statement: FullStatement, data: dict[str, object] | None = None) -> None:
    await record_act(actor=actor.name, role=actor.role, action=action, subject=f"statement:{statement.public_id}", data=data)


async def mask_answers(responses: Mapping[str, tuple[str, Answers]]) -> dict[str, Answers]:
    """Answers as they may leave the house, by response: language and answers in, answers with masked texts out. What people lifted
    is shown, what they masked by hand is masked.
    """
    decided = await marks_by_response(list(responses))
    found: dict[str, Answers] = {}
    for response, (language, answers) in responses.items():
        marks: dict[str, list[tuple[str, Mark]]] = {}
        for question, original, listed in decided.get(response, []):
            marks.setdefault(question, []).extend((original[mark.start : mark.end], mark) for mark in listed)
        found[response] = {
            question: _masked_answer(value, language, marks.get(question, []))
            if isinstance(value, str) and not _CHOICE.fullmatch(value)
            else value
            for question, value in answers.items()
        }
    return found


_CHOICE = re.compile(r"(?!(?:\w*\d){5})[a-z0-9_]{1,60}")
"""A choice is one of the form's own words; too few digits for any number of a person."""


async def record_export(survey_id: int) -> None:
    """Record that somebody at the server took out answers with what is personal in them."""
    async with write_transaction(Statement):
        await record_act(
            actor="command line", role="administrator", action="responses.exported_unmasked", subject=f"survey:{survey_id}"
        )


def _masked_answer(text: str, language: str, marks: list[tuple[str, Mark]]) -> str:
    lifted = {piece for piece, mark in marks if mark.is_lifted}
    for piece, mark in sorted(marks, key=lambda pair: -len(pair[0])):
        if not mark.is_lifted:
            text = text.replace(piece, placeholder(mark))
    return masked_by_rules(text, language, lifted)


def in_pieces(found: Unmasked) -> list[tuple[str, int | None]]:
    """The text cut where marks begin and end: each piece, and the number of the mark over it."""
    pieces: list[tuple[str, int | None]] = []
    at = 0
    for number, mark in enumerate(found.marks):
        pieces += [(found.original[at : mark.start], None), (found.original[mark.start : mark.end], number)]
        at = mark.end
    return [piece for piece in [*pieces, (found.original[at:], None)] if piece[0]]
