"""What is wrong with an answer, in words. The strings are translated in the `resident` catalog."""

from __future__ import annotations

from collections.abc import Callable

from survey.questionnaire.answers import AnswerProblem, ErrorCode


def problem_text(problem: AnswerProblem, gettext: Callable[[str], str]) -> str:
    text = gettext(_MESSAGES[problem.code])
    return text % {"limit": problem.limit} if problem.limit is not None else text


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
