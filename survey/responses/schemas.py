"""What the JSON interface takes and gives."""

from __future__ import annotations

from typing import Any

import msgspec


class SubmissionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person's answers. `client_id` is made by the caller (16 to 64 characters of A-Z a-z 0-9 _ -): sending the same
    answers again under the same id gives the same receipt. `answers` maps question ids to a value, a number or a list of values.
    """

    client_id: str
    language: str
    answers: dict[str, Any]
    channel: str = ""
    invitation: str = ""
    """The code of an invitation, for surveys that only invitations let in."""


class ReceiptReply(msgspec.Struct, frozen=True, kw_only=True):
    receipt: str
    survey: str
    is_repeat: bool


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why an answer was not taken, in the language of the request; nothing was stored."""

    status: int
    detail: str


class ProblemReply(msgspec.Struct, frozen=True, kw_only=True):
    question: str
    code: str
    message: str


class AnswersReply(Refusal, frozen=True, kw_only=True):
    """Which answers do not fit their questions, and why."""

    problems: list[ProblemReply]
