"""Storing responses: one transaction a batch, each submission exactly once (docs/decisions/0003-intake.md)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from survey import clock
from survey.audit.service import record_act, record_intake
from survey.authoring.queries import checker_for
from survey.authoring.states import SurveyState
from survey.authoring.tables import Survey
from survey.db.bulk import add_counts, insert_rows
from survey.db.columns import from_json, to_json
from survey.db.transaction import write_transaction
from survey.errors import Conflict, LinshengError
from survey.jobs.kinds import PREPARE_STATEMENTS, about_survey
from survey.jobs.service import enqueue
from survey.questionnaire.answers import Answers
from survey.responses.receipts import receipt_code, receipt_hash
from survey.responses.submission import TALLY_KEY, Submission, tally_keys, text_questions
from survey.responses.tables import AnswerDocument, Consent, DayCount, ReceiptHash, Response, Tally, Withdrawal

IMPORT_CHUNK = 500


class Receipt(msgspec.Struct, frozen=True):
    """`is_repeat` tells that this very answer was stored before."""

    code: str
    response_id: str
    is_repeat: bool = False


class SurveyClosed(LinshengError):
    """The survey does not take answers (any more)."""

    status = 410


class AnswerDiffers(Conflict):
    """This client id has sent another answer already; that one stands."""


class AnswerWithdrawn(LinshengError):
    """The person withdrew this answer; sending it again does not bring it back."""

    status = 410


class Recorder:
    """Writes batches of submissions. `secret` is the server's, from which receipt codes are derived."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def record(self, submissions: Sequence[Submission]) -> list[Receipt | Exception]:
        """Store a batch in one transaction; return a receipt or the reason for each, in order, after the commit.

        A submission that cannot be stored fails alone: if the batch as a whole fails, each is tried by itself.
        """
        try:
            return await self._record_together(submissions)
        except Exception as error:  # noqa: BLE001 -- whatever failed, the others in the batch must not fail with it
            if len(submissions) > 1:
                return [(await self.record([submission]))[0] for submission in submissions]
            if _is_unique_violation(error):
                return await self._record_together(submissions)  # another process stored it in the meantime: a repeat
            return [error]

    async def record_all_or_nothing(
        self, submissions: Sequence[Submission], report: Callable[[int], None] | None = None
    ) -> list[Receipt]:
        """Store an import in one transaction; the first submission that cannot be stored undoes it all."""
        receipts: list[Receipt] = []
        async with write_transaction(Response):
            for start in range(0, len(submissions), IMPORT_CHUNK):
                for result in await self._record_inside(submissions[start : start + IMPORT_CHUNK]):
                    if isinstance(result, Exception):
                        raise result
                    receipts.append(result)
                if report:
                    report(len(receipts))
        return receipts

    async def _record_together(self, submissions: Sequence[Submission]) -> list[Receipt | Exception]:
        async with write_transaction(Response):
            return await self._record_inside(submissions)

    async def _record_inside(self, submissions: Sequence[Submission]) -> list[Receipt | Exception]:
        open_ids = await self._open_surveys({s.survey_id for s in submissions})
        known = await self._known(submissions)
        results: list[Receipt | Exception] = []
        fresh: list[tuple[Submission, Receipt]] = []
        for submission in submissions:
            key = (submission.survey_id, submission.client_id)
            earlier = known.get(key)
            if earlier is not None:
                results.append(self._repeat(submission, *earlier))
                continue
            if submission.survey_id not in open_ids and submission.source in {"form", "api"}:
                results.append(SurveyClosed("This survey is closed."))
                continue
            receipt = Receipt(code=self._code(submission), response_id=secrets.token_urlsafe(16))
            known[key] = (receipt.response_id, submission.payload_hash())
            fresh.append((submission, receipt))
            results.append(receipt)
        await _insert(fresh)
        return results

    @staticmethod
    async def _open_surveys(ids: set[int]) -> set[int]:
        rows = await Survey.select(Survey.id).where(Survey.id.is_in(sorted(ids)) & (Survey.state == SurveyState.OPEN))
        return {row["id"] for row in rows}

    @staticmethod
    async def _known(submissions: Sequence[Submission]) -> dict[tuple[int, str], tuple[str, str]]:
        """Map survey and client id to response id and payload hash; both are empty for a withdrawn answer."""
        surveys = sorted({s.survey_id for s in submissions})
        clients = [s.client_id for s in submissions]
        rows = await Response.select(Response.id, Response.survey, Response.client_id, Response.payload_hash).where(
            Response.survey.is_in(surveys) & Response.client_id.is_in(clients)
        )
        gone = await Withdrawal.select(Withdrawal.survey, Withdrawal.client_id).where(
            Withdrawal.survey.is_in(surveys) & Withdrawal.client_id.is_in(clients)
        )
        known = {(row["survey"], row["client_id"]): (row["id"], row["payload_hash"]) for row in rows}
        known.update({(row["survey"], row["client_id"]): ("", "") for row in gone})
        return known

    def _repeat(self, submission: Submission, response_id: str, payload_hash: str) -> Receipt | Exception:
        if not response_id:
            return AnswerWithdrawn("This answer was withdrawn.")
        if payload_hash != submission.payload_hash():
            return AnswerDiffers("Another answer was sent from this page before.")
        return Receipt(code=self._code(submission), response_id=response_id, is_repeat=True)

    def _code(self, submission: Submission) -> str:
        return receipt_code(self._secret, submission.survey_public_id, submission.client_id)


async def mark_prepared(response_ids: list[str]) -> None:
    """Remember that these answers have become statements; in the caller's transaction."""
    await AnswerDocument.update({AnswerDocument.is_prepared: True}).where(AnswerDocument.response.is_in(response_ids))


async def withdraw(code: str) -> bool:
    """Delete the response that belongs to a receipt code, with its statements and counts; return whether there was one.

    What stays is the client id, so that the same answer sent again does not come back.
    """
    async with write_transaction(Response):
        row = await ReceiptHash.select(ReceiptHash.response).where(ReceiptHash.receipt_hash == receipt_hash(code)).first()
        if row is None:
            return False
        response = await Response.select().where(Response.id == row["response"]).first()
        document = await AnswerDocument.select(AnswerDocument.answers).where(AnswerDocument.response == row["response"]).first()
        assert response is not None
        assert document is not None
        checker = await checker_for(response["version"])
        keys = tally_keys(
            version_id=response["version"],
            answers=from_json(document["answers"], Answers),
            texts=text_questions(checker.form),
            place=(response["area"] or 0, response["language"], response["channel"] or 0, response["wave"]),
        )
        await add_counts(Tally, TALLY_KEY, dict.fromkeys(keys, -1))
        await add_counts(DayCount, ("survey", "day"), {(response["survey"], response["received_on"]): -1})
        await Withdrawal.insert(
            Withdrawal(survey=response["survey"], client_id=response["client_id"], withdrawn_on=clock.today())
        )
        await Response.delete().where(Response.id == row["response"])
        await record_act(actor="", role="resident", action="response.withdrawn", subject=f"survey:{response['survey']}")
    return True


async def _insert(fresh: list[tuple[Submission, Receipt]]) -> None:
    if not fresh:
        return
    await insert_rows(
        Response,
        ("id", "survey", "version", "client_id", "payload_hash", "respondent_kind", "language", "channel", "area",
         "wave", "source", "disposition", "received_on"),
        [
            (r.response_id, s.survey_id, s.version_id, s.client_id, s.payload_hash(), s.respondent_kind, s.language,
             s.channel_id, s.area_id, s.wave, s.source, "complete", s.day)
            for s, r in fresh
        ],
    )  # fmt: skip
    await insert_rows(
        AnswerDocument,
        ("response", "answers", "is_prepared"),
        [(r.response_id, to_json(s.answers), False) for s, r in fresh],
    )
    await insert_rows(ReceiptHash, ("response", "receipt_hash"), [(r.response_id, receipt_hash(r.code)) for _, r in fresh])
    await insert_rows(
        Consent,
        ("response", "purpose", "is_granted", "text_version", "language"),
        [
            (r.response_id, purpose, granted, str(s.version_id), s.language)
            for s, r in fresh
            for purpose, granted in s.consents
        ],
    )
    counts: Counter[tuple[Any, ...]] = Counter()
    days: Counter[tuple[Any, ...]] = Counter()
    for submission, _ in fresh:
        counts.update(submission.tally_keys())
        days[submission.survey_id, submission.day] += 1
    await add_counts(Tally, TALLY_KEY, counts)
    await add_counts(DayCount, ("survey", "day"), days)
    for (survey_id, day), total in sorted(days.items()):
        await record_intake(subject=f"survey:{survey_id}", day=day, total=total)
    for survey_id in sorted({s.survey_id for s, _ in fresh}):
        await enqueue(kind=PREPARE_STATEMENTS, subject=about_survey(survey_id))


def _is_unique_violation(error: Exception) -> bool:
    return type(error).__name__ in {"UniqueViolationError", "IntegrityError"}
