"""The states of a statement: what was found in it about persons, how far its rendering is, whether it was read. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

CHINESE = "zh-Hans"
"""The language into which statements are rendered."""


class PersonalData(StrEnum):
    NONE = "none"
    UNREVIEWED = "unreviewed"
    """Something is masked, and nobody has looked at it yet; the original is kept."""
    CONFIRMED = "confirmed"
    """A person agreed; what was masked is nowhere any more."""
    LIFTED = "lifted"
    """A person found nothing personal in it."""


class Reading(StrEnum):
    NEW = "new"
    READ = "read"


class AuthorKind(StrEnum):
    MACHINE = "machine"
    VOLUNTEER = "volunteer"
    STAFF = "staff"


class RenderingState(StrEnum):
    NOT_NEEDED = "not_needed"
    """Written in Chinese."""
    MISSING = "missing"
    MACHINE = "machine"
    """Only a machine's, which nobody has accepted."""
    PROPOSED = "proposed"
    """A person's, which nobody has accepted."""
    ACCEPTED = "accepted"


class RenderingView(msgspec.Struct, frozen=True):
    """One version; `account_id` is None for a machine's."""

    id: int
    text: str
    kind: AuthorKind
    account_id: int | None
    is_accepted: bool


def chosen_rendering(versions: Iterable[RenderingView]) -> RenderingView | None:
    """Of versions, oldest first, the newest accepted one; where none is, the newest that a person wrote, else the machine's."""
    listed = list(versions)
    accepted = [version for version in listed if version.is_accepted]
    human = [version for version in listed if version.kind != AuthorKind.MACHINE]
    found = accepted or human or listed
    return found[-1] if found else None


def rendering_state(language: str, versions: Iterable[RenderingView]) -> RenderingState:
    chosen = chosen_rendering(versions)
    if chosen is not None:
        if chosen.is_accepted:
            return RenderingState.ACCEPTED
        return RenderingState.MACHINE if chosen.kind == AuthorKind.MACHINE else RenderingState.PROPOSED
    return RenderingState.NOT_NEEDED if is_chinese(language) else RenderingState.MISSING


def is_chinese(language: str) -> bool:
    return language.partition("-")[0] == "zh"
