"""The states of a survey, and which may follow which."""

from __future__ import annotations

from enum import StrEnum


class SurveyState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Access(StrEnum):
    """Who can answer: whoever has the link, or who was given a code. Only invitations have a response rate."""

    OPEN = "open"
    INVITATION = "invitation"


class SampleKind(StrEnum):
    """Only a probability sample may show margins of error (decision 8)."""

    OPEN = "open"
    PROBABILITY = "probability"
    CENSUS = "census"


_NEXT = {
    SurveyState.DRAFT: {SurveyState.OPEN},
    SurveyState.OPEN: {SurveyState.CLOSED},
    SurveyState.CLOSED: {SurveyState.OPEN},
}


def may_become(now: SurveyState, then: SurveyState) -> bool:
    return then in _NEXT[now]
