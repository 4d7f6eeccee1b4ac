"""Who may do what at the desk. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec

MIN_PASSWORD = 10
ASSIST_PAGE = "/desk/assist"


class RoleKind(StrEnum):
    ADMINISTRATOR = "administrator"
    COMMITTEE = "committee"
    SOCIAL_WORKER = "social_worker"
    VOLUNTEER = "volunteer"
    """The last two enter answers for residents who ask them to, and reach nothing else at the desk."""


class Actor(msgspec.Struct, frozen=True):
    """The person who is signed in, in the role that they act in."""

    account_id: int
    name: str
    role: RoleKind
    area_id: int | None
    session_id: int


def can_administer(actor: Actor) -> bool:
    """Open and close surveys, see accounts."""
    return actor.role == RoleKind.ADMINISTRATOR


def can_review(actor: Actor) -> bool:
    """Read answers, decide on themes, write plans: everything at the desk but what administrators keep to themselves."""
    return actor.role in {RoleKind.ADMINISTRATOR, RoleKind.COMMITTEE}


def can_assist(actor: Actor) -> bool:
    """Enter an answer for a resident who asks for it."""
    return can_review(actor) or actor.role in {RoleKind.SOCIAL_WORKER, RoleKind.VOLUNTEER}


def desk_home(actor: Actor) -> str:
    """The page on which this person's work begins."""
    return "/desk" if can_review(actor) else ASSIST_PAGE


def password_problem(password: str, name: str) -> str | None:
    """Return a code for what is wrong with a new password: `too_short`, `too_long`, `too_common`; None where it is good."""
    if len(password) < MIN_PASSWORD:
        return "too_short"
    if len(password) > 200:
        return "too_long"
    lowered = password.casefold()
    if lowered == name.casefold() or len(set(lowered)) < 5 or lowered.strip("0123456789!@#") in _COMMON:
        return "too_common"
    return None


_COMMON = {"", "password", "passwort", "linsheng", "qwertyuiop", "administrator", "committee", "iloveyou", "woaini", "chaoyang", "wangjing", "beijing", "letmein", "welcome"}  # fmt: skip
