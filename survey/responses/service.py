"""Storing responses: one transaction a batch, each submission exactly once (docs/decisions/0003-intake.md)."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from survey import __version__, clock
from survey.audit.service import intake_line, withdrawal_line
from survey.authoring.queries import checker_for
from survey.authoring.states import Access, SurveyState
from survey.codes import hash_code
from survey.db.bulk import Write, addition, find_rows, insertion, query_rows, replacement, write_rows
from survey.db.columns import from_json, to_json
from survey.db.failures import is_of_everybody
from survey.db.transaction import write_transaction
from survey.jobs.kinds import PREPARE_STATEMENTS, RECOUNT_THEMES, about_survey
from survey.jobs.service import waiting_job
from survey.outreach.invitations import HeldInvitations, hold_invitations
from survey.questionnaire.values import Answers
from survey.responses.errors import AnswerDiffers, AnswerWithdrawn, InvitationNeeded, SurveyClosed, invitation_error
from survey.responses.rules import (
    TALLY_CELL,
    Cell,
    Counts,
    Submission,
    TallySheet,
    document_of,
    receipt_code,
    text_version,
)
from survey.responses.tables import AnswerDocument, Consent, DayCount, Draft, Response, Tally, Withdrawal

IMPORT_CHUNK = 500
SENT_IN = {"form", "api", "assisted"}
"""Sources that come from people now: only an open survey takes them, and one by invitation only with a code."""


class Receipt(msgspec.Struct, frozen=True):
    """`is_repeat` tells that this very answer was stored before."""

    code: str
    response_id: str
    is_repeat: bool = False


class Fresh(NamedTuple):
    """What this transaction stores: no repeat. `wave` is the one that the survey is in until the commit."""

    submission: Submission
    receipt: Receipt
    wave: int


class Change(NamedTuple):
    """An answer that a cell of the tallies counts from now on, or with `step` -1 no more."""

    cell: Cell
    answers: Answers
    sheet: TallySheet
    step: int = 1


class _Known(NamedTuple):
    """Whether the survey takes answers now and in which wave, and what was stored under the client id before; no response id:
    nothing.
    """

    is_open: bool
    is_by_invitation: bool
    wave: int
    is_withdrawn: bool
    response_id: str
    payload_hash: str
    has_draft: bool


class Recorder:
    """Writes batches of submissions. `secret` is the server's, from which receipt codes are derived."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def record(self, submissions: Sequence[Submission]) -> list[Receipt | Exception]:
        """Store a batch in one transaction; return a receipt or the reason for each, in order, after the commit.

        A submission that cannot be stored fails alone: if the batch as a whole fails because of its rows, each is tried by
        itself. Where nothing can be written at all, all fail together and soon.
        """
        try:
            return await self._record_together(submissions)
        except Exception as error:  # noqa: BLE001 -- whatever failed, the others in the batch must not fail with it
            if len(submissions) > 1 and not is_of_everybody(error):
                return [(await self.record([submission]))[0] for submission in submissions]
        try:
            # Once more: another process may have stored it in the meantime (then it is a repeat), or a connection was lost.
            return await self._record_together(submissions)
        except Exception as error:  # noqa: BLE001 -- the same
            return [error] * len(submissions)

    async def record_all_or_nothing(
        self, submissions: Sequence[Submission], report: Callable[[int], None] | None = None
    ) -> list[Receipt]:
        """Store an import in one transaction; the first submission that cannot be stored undoes it all."""
        receipts: list[Receipt] = []
        fresh: list[Fresh] = []
        async with write_transaction(Response):
            for start in range(0, len(submissions), IMPORT_CHUNK):
                results, added = await self._sort_out(submissions[start : start + IMPORT_CHUNK])
                for result in results:
                    if isinstance(result, Exception):
                        raise result
                    receipts.append(result)
                await write_rows(*_rows(added))
                fresh += added
                if report:
                    report(len(receipts))
            await write_rows(*await _counted(fresh))
        return receipts

    async def _record_together(self, submissions: Sequence[Submission]) -> list[Receipt | Exception]:
        # Shared: unique constraints guard the rows, and the counters are locked one by one.
        async with write_transaction(Response, is_shared=True):
            return await self.record_inside(submissions)

    async def record_inside(self, submissions: Sequence[Submission]) -> list[Receipt | Exception]:
        """As `record`, in the caller's transaction: whatever fails there, fails all."""
        results, fresh = await self._sort_out(submissions)
        counts = await _counted(fresh)
        await write_rows(*_rows(fresh), *counts)
        return results

    async def _sort_out(self, submissions: Sequence[Submission]) -> tuple[list[Receipt | Exception], list[Fresh]]:
        """Return the result for each, and those among them that are new and may be stored."""
        # Locked before the look at what is stored: of one answer that two processes send with its code, the later finds the first.
        held = await hold_invitations(s.invitation for s in submissions if s.invitation)
        known = await self._known(submissions)
        results: list[Receipt | Exception] = []
        fresh: list[Fresh] = []
        ids = _new_ids(len(submissions))
        for submission in submissions:
            key = (submission.survey_id, submission.client_id)
            found = known.get(key, _NOWHERE)
            if found.is_withdrawn or found.response_id:
                results.append(self._repeat(submission, found))
                continue
            if not found.is_open and submission.source in SENT_IN:
                results.append(SurveyClosed("This survey is closed."))
                continue
            refused = _refused(submission, held) if found.is_by_invitation else None
            if refused is not None:
                results.append(refused)
                continue
            receipt = Receipt(code=self._code(submission), response_id=ids.pop())
            known[key] = found._replace(response_id=receipt.response_id, payload_hash=submission.payload_hash)
            fresh.append(Fresh(submission, receipt, found.wave))
            results.append(receipt)
        await held.store()
        await forget_drafts(key for key in known if known[key].has_draft and known[key].response_id)
        return results, fresh

    @staticmethod
    async def _known(submissions: Sequence[Submission]) -> dict[tuple[int, str], _Known]:
        """What the database knows of each survey and client id. Whether a survey is open and its wave stay so until the commit:
        who changes them waits for the survey's row, and whoever comes later reads it anew.
        """
        keys = sorted({(s.survey_id, s.client_id) for s in submissions})
        rows = await query_rows(Response, ("survey", "client_id"), keys, _KNOWN, held=" FOR SHARE OF s")
        return {
            (row["survey"], row["client_id"]): _Known(
                is_open=row["state"] == SurveyState.OPEN,
                is_by_invitation=row["access"] == Access.INVITATION,
                wave=row["wave"],
                is_withdrawn=row["withdrawal"] is not None,
                response_id=row["id"] or "",
                payload_hash=row["payload_hash"] or "",
                has_draft=bool(row["has_draft"]),
            )
            for row in rows
        }

    def _repeat(self, submission: Submission, found: _Known) -> Receipt | Exception:
        if found.is_withdrawn:
            return AnswerWithdrawn("This answer was withdrawn.")
        if found.payload_hash != submission.payload_hash:
            return AnswerDiffers("Another answer was sent from this page before.")
        return Receipt(code=self._code(submission), response_id=found.response_id, is_repeat=True)

    def _code(self, submission: Submission) -> str:
        return receipt_code(self._secret, submission.survey_public_id, submission.client_id)


_NOWHERE = _Known(
    is_open=False, is_by_invitation=False, wave=0, is_withdrawn=False, response_id="", payload_hash="", has_draft=False
)  # fmt: skip
"""Of a survey that is not there."""

_KNOWN = """
SELECT w."survey", w."client_id", s."state", s."access", s."wave", r."id", r."payload_hash", g."id" AS "withdrawal",
EXISTS (SELECT 1 FROM "draft" d WHERE d."survey" = w."survey" AND d."client_id" = w."client_id") AS "has_draft" FROM w
JOIN "survey" s ON s."id" = w."survey"
LEFT JOIN "response" r ON r."survey" = w."survey" AND r."client_id" = w."client_id"
LEFT JOIN "withdrawal" g ON g."survey" = w."survey" AND g."client_id" = w."client_id"
"""


def _refused(submission: Submission, held: HeldInvitations) -> Exception | None:
    """Use the invitation up, or say why it lets this answer not in. What is imported was asked for in another way."""
    if submission.source not in SENT_IN:
        return None
    if not submission.invitation:
        return InvitationNeeded("This survey needs an invitation code.")
    refusal = held.use(submission.invitation, survey_id=submission.survey_id, day=submission.day)
    return invitation_error(refusal) if refusal else None


async def mark_prepared(revisions: Mapping[str, int]) -> set[str]:
    """Remember that these answers, in the revision that was read of each, have become statements; in the caller's transaction.

    Returns those that this call marked: another worker may have been faster, or the answer was corrected or withdrawn in the
    meantime.
    """
    # Held first, as statements refer to them: a withdrawal takes the response, then what hangs on it, and the two would
    # else wait for each other.
    await hold_responses(revisions)
    marked: set[str] = set()
    for revision in sorted(set(revisions.values())):
        rows = await (
            AnswerDocument.update({AnswerDocument.is_prepared: True})
            .where(
                AnswerDocument.response.is_in([response for response, read in revisions.items() if read == revision])
                & (AnswerDocument.revision == revision)
                & (AnswerDocument.is_prepared == False)  # noqa: E712 -- piccolo's condition
            )
            .returning(AnswerDocument.response)
        )
        marked |= {row["response"] for row in rows}
    return marked


async def forget_drafts(keys: Iterable[tuple[int, str]]) -> None:
    """Delete what was kept for another phone under these surveys and client ids; in the caller's transaction."""
    for survey, client_id in sorted(keys):
        await Draft.delete().where((Draft.survey == survey) & (Draft.client_id == client_id))


async def flag_responses(response_ids: Iterable[str], flag: str) -> None:
    """Add a flag to those that lack it; in the caller's transaction."""
    await change_flags(response_ids, lambda flags: flags | {flag})


async def unflag_responses(response_ids: Iterable[str], flag: str) -> None:
    """Take a flag away from those that have it; in the caller's transaction."""
    await change_flags(response_ids, lambda flags: flags - {flag})


async def change_flags(response_ids: Iterable[str], change: Callable[[set[str]], set[str]]) -> bool:
    """One update for all with the same flags, on condition that they still have them: nobody's flag is overwritten. Returns
    whether anything changed.
    """
    has_changed = False
    ids = sorted(set(response_ids))
    for start in range(0, len(ids), IMPORT_CHUNK):
        part = ids[start : start + IMPORT_CHUNK]
        rows = await Response.select(Response.flags).where(Response.id.is_in(part)).group_by(Response.flags)
        for before in sorted(row["flags"] for row in rows):
            after = ",".join(sorted(change(set(filter(None, before.split(","))))))
            if after != before:
                has_changed = True
                await Response.update({Response.flags: after}).where(Response.id.is_in(part) & (Response.flags == before))
    return has_changed


async def hold_responses(response_ids: Iterable[str]) -> set[str]:
    """Those of them that are still there; they stay until the caller's transaction ends. Before anything that hangs on them is
    changed: a withdrawal takes the response first.
    """
    return {row["id"] for row in await find_rows(Response, ("id",), ("id",), [(key,) for key in response_ids], lock="SHARE")}


async def rewrite_answer(response_id: str, question: str, change: Callable[[str], str]) -> None:
    """Put `change` of a written answer in its place, in the caller's transaction, which holds the response.

    For taking personal data out. The hash of what was sent first stays, so that a phone that sends it again gets its receipt and
    brings nothing back; so does the revision: a correction that is being typed is not in its way.
    """
    [row] = await find_rows(AnswerDocument, ("answers",), ("response",), [(response_id,)], lock="UPDATE")
    answers: Answers = from_json(row["answers"], Answers)
    written = answers.get(question)
    if isinstance(written, str):
        document = document_of({**answers, question: change(written)})
        await AnswerDocument.update({AnswerDocument.answers: document}).where(AnswerDocument.response == response_id)


async def withdraw(code: str) -> bool:
    """Delete the response that belongs to a receipt code, with its statements and counts; return whether there was one.

    What stays is the client id, so that the same answer sent again does not come back. An invitation stays used: nothing
    stored tells which one it was, a code is for one answer, and who wants to change theirs corrects it instead.
    """
    async with write_transaction(Response):
        response = await Response.select().where(Response.receipt_hash == hash_code(code)).first()
        if response is None:
            return False
        document = await AnswerDocument.select(AnswerDocument.answers).where(AnswerDocument.response == response["id"]).first()
        assert document is not None
        checker = await checker_for(response["version"])
        cell = (response["version"], response["area"] or 0, response["language"], response["channel"] or 0, response["wave"])
        # The counters first, as a batch does that stores the same answer once more: else the two could wait for each other.
        tallies = await counted([Change(cell, from_json(document["answers"], Answers), TallySheet(checker.form), step=-1)])
        await Withdrawal.insert(
            Withdrawal(survey=response["survey"], client_id=response["client_id"], withdrawn_on=clock.today())
        )
        await Response.delete().where(Response.id == response["id"])
        await forget_drafts([(response["survey"], response["client_id"])])
        await write_rows(
            tallies,
            waiting_job(kind=RECOUNT_THEMES, subject=about_survey(response["survey"])),
            withdrawal_line(subject=f"survey:{response['survey']}"),
            addition(DayCount, ("survey", "day"), {(response["survey"], response["received_on"]): -1}),
        )
    return True


def _rows(fresh: Sequence[Fresh]) -> list[Write]:
    return [
        insertion(
            Response,
            ("id", "survey", "version", "client_id", "payload_hash", "receipt_hash", "respondent_kind", "language",
             "channel", "area", "wave", "source", "disposition", "received_on", "order_seed", "flags"),
            [
                (r.response_id, s.survey_id, s.version_id, s.client_id, s.payload_hash,
                 hash_code(r.code), s.respondent_kind, s.language, s.channel_id, s.area_id, wave,
                 s.source, "complete", s.day, s.order_seed, ",".join(s.flags))
                for s, r, wave in fresh
            ],
        ),
        insertion(AnswerDocument, ("response", "answers", "is_prepared"), [(r.response_id, s.document, False) for s, r, _ in fresh]),
        insertion(
            Consent,
            ("response", "purpose", "text_version", "language"),
            [(r.response_id, purpose, text_version(s.version_id, purpose, __version__), s.language) for s, r, _ in fresh for purpose in s.consents],
        ),
    ]  # fmt: skip


async def _counted(fresh: Sequence[Fresh]) -> list[Write]:
    """Lock the counters of what is new, and return what counts it and tells the audit and the worker.

    Once a transaction and at its end: other processes' batches wait for these rows until the commit.
    """
    days = Counter((s.survey_id, s.day) for s, _, _ in fresh)
    return [
        await counted([Change(s.cell(wave), s.answers, s.sheet) for s, _, wave in fresh]),
        *(waiting_job(kind=PREPARE_STATEMENTS, subject=about_survey(key)) for key in sorted({s.survey_id for s, _, _ in fresh})),
        *(intake_line(subject=f"survey:{survey}", day=day, total=total) for (survey, day), total in sorted(days.items())),
        addition(DayCount, ("survey", "day"), days),
    ]


async def counted(changes: Sequence[Change]) -> Write:
    """Lock the counts of these cells, and return them with the answers added, or taken out."""
    sheets = {change.cell: change.sheet for change in changes}
    cells = sorted(sheets)
    known = await _locked_tallies(cells)
    if len(known) < len(cells):
        rows = [(*cell, 0, to_json(sheets[cell].empty())) for cell in cells]
        await write_rows(insertion(Tally, (*TALLY_CELL, "total", "counts"), rows, skip_known=True))
        known = await _locked_tallies(cells)
    for cell, answers, sheet, step in changes:
        total, counts = known[cell]
        sheet.add(counts, answers, step)
        known[cell] = (total + step, counts)
    rows = [(*cell, known[cell][0], to_json(known[cell][1])) for cell in cells]
    return replacement(Tally, TALLY_CELL, ("total", "counts"), rows)


async def _locked_tallies(cells: Sequence[Cell]) -> dict[Cell, tuple[int, Counts]]:
    rows = await find_rows(Tally, (*TALLY_CELL, "total", "counts"), TALLY_CELL, cells, lock="UPDATE")
    return {
        (row["version"], row["area"], row["language"], row["channel"], row["wave"]): (
            row["total"], from_json(row["counts"], Counts),
        )
        for row in rows
    }  # fmt: skip


def _new_ids(total: int) -> list[str]:
    """Random ids of 128 bits, all from one request to the system."""
    data = secrets.token_bytes(16 * total)
    return [urlsafe_b64encode(data[start : start + 16]).rstrip(b"=").decode() for start in range(0, len(data), 16)]
