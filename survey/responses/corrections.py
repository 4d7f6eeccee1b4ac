"""Correcting an answer with its receipt code, until the survey closes (docs/decisions/0003-intake.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey import __version__
from survey.audit.service import correction_line
from survey.authoring.states import SurveyState
from survey.codes import as_typed, hash_code, in_groups
from survey.db.bulk import insertion, write_rows
from survey.db.columns import from_json
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid, NotFound
from survey.jobs.kinds import PREPARE_STATEMENTS, about_survey
from survey.jobs.service import waiting_job
from survey.questionnaire.quality import corrected_flags
from survey.questionnaire.values import Answers
from survey.responses.errors import AnswerCorrected, SurveyClosed
from survey.responses.intake import Entrance, entrance_to
from survey.responses.queries import find_own_answer
from survey.responses.rules import CONSENT_PURPOSES, RECEIPT_GROUP_LENGTH, Submission, text_version
from survey.responses.service import Change, Receipt, change_flags, counted
from survey.responses.tables import AnswerDocument, Consent, Response


async def correct(code: str, *, raw: Mapping[str, Any], language: str, revision: int) -> Receipt:
    """Put these answers in the place of those that belong to a receipt code, in one transaction.

    `raw` is what `Intake.submit` takes; `revision` is the one that the page was drawn from (`OwnAnswer.revision`). The same
    correction sent twice is one, and its receipt says so. The day on which the answer came stays, and so does the hash of
    what was sent first: a phone that sends its original again gets its receipt and overwrites nothing.

    Raises NotFound for an unknown or withdrawn code, SurveyClosed, AnswersRefused for answers that do not fit, and
    AnswerCorrected where somebody corrected the answer after the page was drawn.
    """
    own = await find_own_answer(code)
    if own is None:
        raise _unknown()
    entrance = await entrance_to(own.survey_slug)  # its form is the answer's own: no version follows an opened one
    try:
        wanted = _checked(entrance, raw, language)
    except InputInvalid:
        if own.is_open:
            raise
        raise SurveyClosed("This survey is closed.") from None
    # Not shared: corrections and withdrawals wait for each other, so that none brings back what the other took away.
    async with write_transaction(Response):
        return await _replace(code, wanted, entrance, revision)


async def _replace(code: str, wanted: Submission, entrance: Entrance, revision: int) -> Receipt:
    stored = await _stored(code)
    receipt = Receipt(code=in_groups(as_typed(code), RECEIPT_GROUP_LENGTH), response_id=stored["id"])
    if (stored["answers"], stored["language"]) == (wanted.document, wanted.language):
        return Receipt(code=receipt.code, response_id=receipt.response_id, is_repeat=True)
    if stored["state"] != SurveyState.OPEN:
        raise SurveyClosed("This survey is closed.")
    if stored["revision"] != revision:
        raise AnswerCorrected(stored["revision"])
    former: Answers = from_json(stored["answers"], Answers)
    channel = stored["channel"] or 0
    old_cell = (stored["version"], stored["area"] or 0, stored["language"], channel, stored["wave"])
    new_cell = (stored["version"], wanted.area_id or 0, wanted.language, channel, stored["wave"])
    # The counters first, as intake and withdrawal do.
    tallies = await counted(
        [Change(old_cell, former, entrance.sheet, step=-1), Change(new_cell, wanted.answers, entrance.sheet)]
    )
    await Response.update({Response.language: wanted.language, Response.area: wanted.area_id}).where(
        Response.id == stored["id"]
    )
    form = entrance.checker.form
    has_new_flags = await change_flags([stored["id"]], lambda flags: corrected_flags(flags, form, wanted.answers))
    changes: dict[Any, Any] = {AnswerDocument.answers: wanted.document, AnswerDocument.revision: revision + 1}
    is_said_anew = _written(entrance, former, stored["language"]) != _written(entrance, wanted.answers, wanted.language)
    # Statements whose text stays the same stay themselves, and with them what people decided about them.
    is_prepared_anew = is_said_anew or has_new_flags or (stored["area"] != wanted.area_id)
    if is_prepared_anew:
        changes[AnswerDocument.is_prepared] = False
    await AnswerDocument.update(changes).where(AnswerDocument.response == stored["id"])
    # What was ticked besides the questions stays as it was given: age, agreement.
    asked = list(CONSENT_PURPOSES.values())
    await Consent.delete().where((Consent.response == stored["id"]) & Consent.purpose.is_in(asked))
    await write_rows(
        insertion(
            Consent,
            ("response", "purpose", "text_version", "language"),
            [(stored["id"], purpose, text_version(stored["version"], purpose, __version__), wanted.language) for purpose in wanted.consents],
        ),
        *tallies,
        *([waiting_job(kind=PREPARE_STATEMENTS, subject=about_survey(stored["survey"]))] if is_prepared_anew else []),
        correction_line(subject=f"survey:{stored['survey']}"),
    )
    return receipt


def _checked(entrance: Entrance, raw: Mapping[str, Any], language: str) -> Submission:
    if language not in entrance.checker.form.languages:
        raise InputInvalid(f"The survey does not speak {language!r}.")
    # Only what follows from the answers is used of it: where they count, what was agreed to, how they are stored.
    return entrance.submission(client_id="", language=language, answers=entrance.clean(raw), channel=None, source="form")


async def _stored(code: str) -> dict[str, Any]:
    found = await (
        AnswerDocument.select(
            AnswerDocument.answers,
            AnswerDocument.revision,
            AnswerDocument.response.id.as_alias("id"),
            AnswerDocument.response.survey.as_alias("survey"),
            AnswerDocument.response.survey.state.as_alias("state"),  # type: ignore[union-attr]  # a join
            AnswerDocument.response.version.as_alias("version"),
            AnswerDocument.response.language.as_alias("language"),
            AnswerDocument.response.channel.as_alias("channel"),
            AnswerDocument.response.area.as_alias("area"),
            AnswerDocument.response.wave.as_alias("wave"),
        )
        .where(AnswerDocument.response.receipt_hash == hash_code(code))
        .first()
    )
    if found is None:
        raise _unknown()
    return dict(found)


def _written(entrance: Entrance, answers: Answers, language: str) -> list[Any]:
    """What statements are made of: the texts about needs and staff, and the page's language where there is any."""
    texts = [answers.get(question.id) for question in entrance.checker.form.read_questions()]
    return [language, *texts] if any(texts) else texts


def _unknown() -> NotFound:
    return NotFound("No answer belongs to this code.")
