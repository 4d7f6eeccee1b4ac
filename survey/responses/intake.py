"""The way of a submission from a request to its receipt: find the survey, check, queue, answer after the commit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from survey import clock
from survey.accounts.areas import area_ids
from survey.authoring.queries import SurveyView, checker_for, find_survey
from survey.db.group_commit import GroupCommitter
from survey.errors import InputInvalid
from survey.outreach.service import channel_id
from survey.questionnaire.answers import AnswerProblem, Answers, FormChecker
from survey.questionnaire.conditions import REFUSED
from survey.responses.service import Receipt, SurveyClosed
from survey.responses.submission import CLIENT_ID, Submission, consents_in, text_questions

LOOK_AGAIN_SECONDS = 1.0
"""How long a process may believe what it read of a survey. Whether it is open is checked again in the transaction."""


class AnswersRefused(InputInvalid):
    """Some answers do not fit their questions; `problems` says which and why."""

    def __init__(self, problems: list[AnswerProblem]) -> None:
        super().__init__("Some answers need another look.")
        self.problems = problems


class Intake:
    """One per process. `committer` must be running."""

    def __init__(self, committer: GroupCommitter[Submission, Receipt]) -> None:
        self._committer = committer
        self._surveys: dict[str, tuple[float, _Known]] = {}
        self._channels: dict[tuple[int, str], int | None] = {}

    async def submit(
        self, *, slug: str, client_id: str, language: str, raw: Mapping[str, Any], channel_code: str = "", source: str = "form"
    ) -> Receipt:
        """Store one submission and return its receipt, after the commit.

        Raises NotFound for an unknown survey, AnswersRefused for answers that do not fit, SurveyClosed, AnswerDiffers
        and AnswerWithdrawn as the transaction found it.
        """
        known = await self._survey(slug)
        if not known.view.is_open:
            raise SurveyClosed("This survey is closed.")
        if language not in known.checker.form.languages:
            raise InputInvalid(
                f"The survey does not speak {language!r}; it speaks {', '.join(known.checker.form.languages)}."
            )
        if not CLIENT_ID.fullmatch(client_id):
            raise InputInvalid("client_id takes 16 to 64 letters, digits, hyphens and underscores.")
        checked = known.checker.check(raw)
        if checked.problems:
            raise AnswersRefused(checked.problems)
        channel = await self._channel(known.view.id, channel_code)
        submission = make_submission(
            known.view, known.checker, known.areas, known.texts,
            client_id=client_id, language=language, answers=checked.answers, channel=channel, source=source,
        )  # fmt: skip
        return await self._committer.submit(submission)

    async def _survey(self, slug: str) -> _Known:
        now = time.monotonic()
        read_at, known = self._surveys.get(slug, (0.0, None))
        if known is None or now - read_at > LOOK_AGAIN_SECONDS:
            view = await find_survey(slug)
            checker = await checker_for(view.version_id)
            known = _Known(view=view, checker=checker, areas=await area_ids(), texts=text_questions(checker.form))
            self._surveys[slug] = (now, known)
        return known

    async def _channel(self, survey_id: int, code: str) -> int | None:
        key = (survey_id, code)
        if not code:
            return None
        if self._channels.get(key) is None:
            if len(self._channels) > 10_000:
                self._channels.clear()
            self._channels[key] = await channel_id(survey_id, code)
        return self._channels[key]


class _Known(msgspec.Struct, frozen=True):
    view: SurveyView
    checker: FormChecker
    areas: dict[str, int]
    texts: frozenset[str]


def make_submission(
    view: SurveyView,
    checker: FormChecker,
    areas: Mapping[str, int],
    texts: frozenset[str],
    *,
    client_id: str,
    language: str,
    answers: Answers,
    channel: int | None,
    source: str,
    day: Any = None,
) -> Submission:
    """Gather what is stored with the answers: where, by which way, what was agreed to."""
    return Submission(
        survey_id=view.id,
        survey_public_id=view.public_id,
        version_id=view.version_id,
        client_id=client_id,
        language=language,
        answers=answers,
        area_id=_area(checker, answers, areas, view.area_id),
        channel_id=channel,
        respondent_kind=view.respondent_kind,
        source=source,
        consents=consents_in(checker.form, answers),
        text_questions=texts,
        day=day or clock.today(),
    )


def _area(checker: FormChecker, answers: Answers, areas: Mapping[str, int], default: int | None) -> int | None:
    question = checker.form.question_for("area")
    if question is None:
        return default
    answer = answers.get(question.id)
    if answer == REFUSED or not isinstance(answer, str):
        return None
    return areas.get(answer)
