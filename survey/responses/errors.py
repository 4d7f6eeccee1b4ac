"""Why an answer was not taken: as exceptions, and in words that are translated in the `resident` catalog."""

from __future__ import annotations

from collections.abc import Callable

from survey.errors import Conflict, InputInvalid, LinshengError
from survey.outreach.states import Refusal
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


class InvitationNeeded(LinshengError):
    """Only invitations let answers into this survey, and none came with this one."""

    status = 403


class InvitationUnknown(LinshengError):
    """No invitation of this survey has this code."""

    status = 404


class InvitationUsed(Conflict):
    """An answer came with this code before, perhaps a moment ago from another phone."""


class InvitationExpired(LinshengError):
    """The invitation's last day is over."""

    status = 410


INVITATION_ERRORS = (InvitationNeeded, InvitationUnknown, InvitationUsed, InvitationExpired)


def invitation_error(refusal: Refusal) -> LinshengError:
    return {
        Refusal.UNKNOWN: InvitationUnknown("No invitation of this survey has this code."),
        Refusal.USED: InvitationUsed("This code has been used."),
        Refusal.EXPIRED: InvitationExpired("This code has expired."),
    }[refusal]


def problem_text(problem: AnswerProblem, gettext: Callable[[str], str], language: str = "") -> str:
    """Say what is wrong with one answer; a constraint says what the form's author wrote in that language."""
    if problem.message:
        return problem.message.get(language) or next(iter(problem.message.values()))
    text = gettext(MESSAGES[problem.code])
    return text % {"limit": problem.limit} if problem.limit is not None else text


def page_messages(gettext: Callable[[str], str]) -> dict[str, str]:
    """All of them, for the module that checks on the phone; `%(limit)s` is left for it to fill in."""
    return {code: gettext(message) for code, message in MESSAGES.items() if code not in _NEVER_ON_A_PAGE}


def refusal_text(error: LinshengError, gettext: Callable[[str], str]) -> str:
    """Say why a whole answer was not taken."""
    message = _REFUSALS.get(type(error))
    return gettext(message) if message else error.message


def _(message: str) -> str:
    """Mark for extraction; the translation happens in problem_text."""
    return message


MESSAGES = {
    ErrorCode.REQUIRED: _("Please answer this question, or choose “I prefer not to say”."),
    ErrorCode.UNKNOWN_QUESTION: _("This question is not part of the survey."),
    ErrorCode.UNKNOWN_CHOICE: _("Please choose one of the answers shown."),
    ErrorCode.ONE_ANSWER_ONLY: _("Please choose one answer only."),
    ErrorCode.ANSWER_AND_REFUSAL: _("You answered and also chose “I prefer not to say”. Please keep one of the two."),
    ErrorCode.EXCLUSIVE: _("One of your choices cannot go with others. Please keep either that one or the others."),
    ErrorCode.CHOSEN_TWICE: _("You chose the same thing twice. Please choose each only once."),
    ErrorCode.TOO_MANY: _("Please choose no more than %(limit)s."),
    ErrorCode.NOT_A_DECIMAL: _("Please write a number, such as 12.5, without a sign between thousands."),
    ErrorCode.NOT_A_DATE: _("Please write a day as year, month, day, such as 2026-11-26."),
    ErrorCode.CONSTRAINT: _("This answer cannot be right. Please check it."),
    ErrorCode.NOT_A_NUMBER: _("Please write a whole number."),
    ErrorCode.TOO_SMALL: _("Please write a number that is not below %(limit)s."),
    ErrorCode.TOO_LARGE: _("Please write a number that is not above %(limit)s."),
    ErrorCode.TOO_LONG: _("This text is too long. Please keep it under %(limit)s characters."),
    ErrorCode.WRONG_TYPE: _("This answer cannot be read. Please answer again."),
}

_NEVER_ON_A_PAGE = {ErrorCode.UNKNOWN_QUESTION, ErrorCode.WRONG_TYPE, ErrorCode.ONE_ANSWER_ONLY}

_REFUSALS: dict[type[LinshengError], str] = {
    SurveyClosed: _("This survey is closed"),
    AnswerDiffers: _("An answer was already sent from this page, and it is kept."),
    AnswerWithdrawn: _("This answer was withdrawn"),
    InvitationNeeded: _("This survey needs an invitation code"),
    InvitationUnknown: _("No invitation has this code"),
    InvitationUsed: _("This code has been used"),
    InvitationExpired: _("This code has expired"),
}
