"""The way of a submission from a request to its receipt: find the survey, check, queue, answer after the commit."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from survey import clock
from survey.accounts.queries import area_ids
from survey.authoring.queries import SurveyView, checker_for, find_survey
from survey.db.group_commit import GroupCommitter
from survey.errors import InputInvalid
from survey.outreach.queries import channel_id
from survey.questionnaire.answers import FormChecker
from survey.questionnaire.quality import flags_of
from survey.questionnaire.values import Answers
from survey.responses.errors import AnswersRefused, SurveyClosed
from survey.responses.rules import (
    CLIENT_ID,
    Submission,
    TallySheet,
    confirmations_given,
    consent_questions,
    consents_given,
    document_of,
    payload_hash,
)
from survey.responses.service import Receipt

LOOK_AGAIN_SECONDS = 1.0
"""How long a process may believe what it read of a survey. Whether it is open is checked again in the transaction."""


class Intake:
    """One per process. `committer` must be running."""

    def __init__(self, committer: GroupCommitter[Submission, Receipt]) -> None:
        self._committer = committer
        self._surveys: dict[str, tuple[float, Entrance]] = {}
        self._channels: dict[tuple[int, str], int | None] = {}
        self._reading = asyncio.Lock()

    async def check(self, *, slug: str, raw: Mapping[str, Any]) -> None:
        """Check answers without storing anything. Raises NotFound, AnswersRefused, and SurveyClosed."""
        known = await self._survey(slug)
        if not known.view.is_open:
            raise SurveyClosed("This survey is closed.")
        known.clean(raw)

    async def submit(
        self,
        *,
        slug: str,
        client_id: str,
        language: str,
        raw: Mapping[str, Any],
        channel_code: str = "",
        source: str = "form",
        confirmed: Sequence[str] = (),
        seed: int | None = None,
        invitation: str | None = None,
        seconds: float | None = None,
    ) -> Receipt:
        """Store one submission and return its receipt, after the commit.

        `confirmed` are what the person ticked besides the questions (rules.CONFIRMATIONS); `seed` is the order in which
        choices were shown; `invitation` is the hash of a code; `seconds` since the page was opened, where they are known, from which a flag
        may follow and which are then forgotten. Raises NotFound for an unknown survey, AnswersRefused for answers
        that do not fit, SurveyClosed, AnswerDiffers, AnswerWithdrawn and the errors of invitations as the transaction found it.
        """
        known = await self._survey(slug)
        try:
            _require_readable(client_id, language, known)
            answers = known.clean(raw)
        except InputInvalid:
            if known.view.is_open:
                raise
            raise SurveyClosed("This survey is closed.") from None
        submission = known.submission(
            client_id=client_id, language=language, answers=answers, source=source, confirmed=confirmed, seed=seed,
            invitation=invitation, seconds=seconds, channel=await self._channel(known.view.id, channel_code),
        )  # fmt: skip
        # A closed survey too: the transaction gives who reloads a receipt the same one again, and refuses the others.
        return await self._committer.submit(submission)

    async def _survey(self, slug: str) -> Entrance:
        known = self._fresh(slug)
        if known is None:
            async with self._reading:  # one looks, the others wait: a busy second would else open a connection a request
                known = self._fresh(slug) or await self._read(slug)
        return known

    def _fresh(self, slug: str) -> Entrance | None:
        read_at, known = self._surveys.get(slug, (0.0, None))
        return known if time.monotonic() - read_at <= LOOK_AGAIN_SECONDS else None

    async def _read(self, slug: str) -> Entrance:
        known = await entrance_to(slug)
        self._surveys[slug] = (time.monotonic(), known)
        return known

    async def way(self, slug: str, code: str) -> tuple[int, int | None]:
        """The ids of a survey and of the channel by which somebody came: what limits count by. Raises NotFound."""
        view = (await self._survey(slug)).view
        return view.id, await self._channel(view.id, code)

    async def _channel(self, survey_id: int, code: str) -> int | None:
        code = code[:32]  # as long as a code may be: what strangers send is kept here
        key = (survey_id, code)
        if not code:
            return None
        if self._channels.get(key) is None:
            if len(self._channels) > 10_000:
                self._channels.clear()
            self._channels[key] = await channel_id(survey_id, code)
        return self._channels[key]


def _require_readable(client_id: str, language: str, known: Entrance) -> None:
    spoken = known.checker.form.languages
    if language not in spoken:
        raise InputInvalid(f"The survey does not speak {language!r}; it speaks {', '.join(spoken)}.")
    if not CLIENT_ID.fullmatch(client_id):
        raise InputInvalid("client_id takes 16 to 64 letters, digits, hyphens and underscores.")


class Entrance(msgspec.Struct, frozen=True):
    """What has to be known of a survey to make submissions of clean answers. Read once, used for many."""

    view: SurveyView
    checker: FormChecker
    areas: dict[str, int]
    """Area id by code."""
    area_question: str | None
    consents: dict[str, str]
    """The question that asks for a consent, by its purpose."""
    sheet: TallySheet
    has_random_order: bool

    def clean(self, raw: Mapping[str, Any]) -> Answers:
        """Return the clean answers, or raise AnswersRefused."""
        checked = self.checker.check(raw, clock.today().isoformat())
        if checked.problems:
            raise AnswersRefused(checked.problems)
        return checked.answers

    def submission(
        self,
        *,
        client_id: str,
        language: str,
        answers: Answers,
        channel: int | None,
        source: str,
        confirmed: Sequence[str] = (),
        seed: int | None = None,
        day: dt.date | None = None,
        invitation: str | None = None,
        seconds: float | None = None,
    ) -> Submission:
        """Gather what is stored with the answers: where, by which way, what was agreed to."""
        document = document_of(answers)
        return Submission(
            survey_id=self.view.id,
            survey_public_id=self.view.public_id,
            version_id=self.view.version_id,
            client_id=client_id,
            language=language,
            answers=answers,
            area_id=self._area(answers),
            channel_id=channel,
            respondent_kind=self.view.respondent_kind,
            source=source,
            consents=[*confirmations_given(confirmed), *consents_given(self.consents, answers)],
            order_seed=seed if self.has_random_order else None,
            sheet=self.sheet,
            day=day or clock.today(),
            document=document,
            payload_hash=payload_hash(self.view.version_id, document),
            invitation=invitation,
            flags=flags_of(self.checker.form, answers, seconds),
        )

    def _area(self, answers: Answers) -> int | None:
        if self.area_question is None:
            return self.view.area_id
        answer = answers.get(self.area_question)
        return self.areas.get(answer) if isinstance(answer, str) else None  # a refusal is no area's code


async def entrance_to(slug: str) -> Entrance:
    """Raise NotFound for an unknown survey."""
    view = await find_survey(slug)
    checker = await checker_for(view.version_id)
    area = checker.form.question_for("area")
    return Entrance(
        view=view,
        checker=checker,
        areas=await area_ids(),
        area_question=area.id if area else None,
        consents=consent_questions(checker.form),
        sheet=TallySheet(checker.form),
        has_random_order=any(question.random_order for question in checker.form.questions()),
    )
