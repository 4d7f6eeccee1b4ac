"""Why an answer was not taken: as exceptions, and in words that are translated in the `resident` catalog."""

from __future__ import annotations

from collections.abc import Callable

from survey.errors import Conflict, InputInvalid, LinshengError
from survey.questionnaire.answers import AnswerProblem, ErrorCode


class AnswersRefused(InputInvalid):
    """Some answers do not fit their questions; `problems` says which and why."""

    def __init__(self, problems: list[AnswerProblem]) -> None:
        super().__init__("Some answers need another look.")
        self.problems = problems


class SurveyClosed(LinshengError):
    """The survey does not take answers (any more)."""

    status = 410


class AnswerDiffers(Conflict):
    """This client id has sent another answer already; that one stands."""


class AnswerCorrected(Conflict):
    """The answer was corrected in the meantime (another tab, another phone), so that this page shows an older state of it.

    `revision` is the present one: who sends the page once more with it, means it.
    """

    def __init__(self, revision: int) -> None:
        super().__init__("This answer was corrected in the meantime.")
        self.revision = revision


class AnswerWithdrawn(LinshengError):
    """The person withdrew this answer; sending it again does not bring it back."""

    status = 410


def problem_text(problem: AnswerProblem, gettext: Callable[[str], str]) -> str:
    text = gettext(_MESSAGES[problem.code])
    return text % {"limit": problem.limit} if problem.limit is not None else text


def refusal_text(error: LinshengError, gettext: Callable[[str], str]) -> str:
    """Say why a whole answer was not taken."""
    message = _REFUSALS.get(type(error))
    return gettext(message) if message else error.message


def _(message: str) -> str:
    """Mark for extraction; the translation happens in problem_text."""
    return message


_MESSAGES = {
    ErrorCode.REQUIRED: _("Please answer this question, or choose “I prefer not to say”."),
    ErrorCode.UNKNOWN_QUESTION: _("This question is not part of the survey."),
    ErrorCode.UNKNOWN_CHOICE: _("Please choose one of the answers shown."),
    ErrorCode.ONE_ANSWER_ONLY: _("Please choose one answer only."),
    ErrorCode.ANSWER_AND_REFUSAL: _("You answered and also chose “I prefer not to say”. Please keep one of the two."),
    ErrorCode.NOT_A_NUMBER: _("Please write a whole number."),
    ErrorCode.TOO_SMALL: _("Please write a number that is not below %(limit)s."),
    ErrorCode.TOO_LARGE: _("Please write a number that is not above %(limit)s."),
    ErrorCode.TOO_LONG: _("This text is too long. Please keep it under %(limit)s characters."),
    ErrorCode.WRONG_TYPE: _("This answer cannot be read. Please answer again."),
}

_REFUSALS: dict[type[LinshengError], str] = {
    SurveyClosed: _("This survey is closed"),
    AnswerDiffers: _("An answer was already sent from this page, and it is kept."),
    AnswerWithdrawn: _("This answer was withdrawn"),
}
