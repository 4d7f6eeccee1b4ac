"""The states of an invitation."""

from __future__ import annotations

from enum import StrEnum


class InvitationState(StrEnum):
    """The letter that stands for each in a batch's `states`."""

    UNUSED = "-"
    OPENED = "o"
    """The code was exchanged for the survey's page, perhaps only by a chat that shows a preview; no answer yet."""
    USED = "x"


class Refusal(StrEnum):
    """Why an invitation does not let an answer in."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
