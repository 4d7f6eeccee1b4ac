"""Who may do what at the desk. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

MIN_PASSWORD = 10


class RoleKind(StrEnum):
    ADMINISTRATOR = "administrator"
    """Of a district: surveys, accounts, the log."""
    SUBDISTRICT = "subdistrict"
    """Staff of a subdistrict office."""
    COMMITTEE = "committee"
    """A member of a residents' committee."""
    SOCIAL_WORKER = "social_worker"
    TRANSLATOR = "translator"
    VOLUNTEER = "volunteer"
    PARTNER = "partner"
    """An association, a property office or a hotel that spreads a survey, and sees totals only."""
    AUDITOR = "auditor"
    """Reads what staff read, and the log of what they did; changes nothing."""


class Right(StrEnum):
    """What a page of the desk is for. A handler names the one that it needs."""

    ADMINISTER = "administer"
    """Open and close surveys, see accounts."""
    REVIEW = "review"
    """Decide: on themes, renderings, plans, channels, meetings."""
    THEMES = "themes"
    """Read themes with their quotes, panels, charts, plans."""
    ANSWERS = "answers"
    """Read single answers with their language, area and day."""
    RENDER = "render"
    """Read single texts without anything about their writers, and put them into Chinese."""
    TOTALS = "totals"
    """Read numbers of the whole, rounded."""
    ASSIST = "assist"
    """Enter an answer for a resident who asks for it."""
    CONDUCT = "conduct"
    """Read complaints about the conduct of staff, but for those about one's own body."""
    AUDIT = "audit"
    """Read who did what."""


_STAFF = frozenset({Right.REVIEW, Right.THEMES, Right.ANSWERS, Right.RENDER, Right.TOTALS, Right.ASSIST, Right.CONDUCT})

RIGHTS: dict[RoleKind, frozenset[Right]] = {
    RoleKind.ADMINISTRATOR: _STAFF | {Right.ADMINISTER, Right.AUDIT},
    RoleKind.SUBDISTRICT: _STAFF,
    RoleKind.COMMITTEE: _STAFF,
    RoleKind.SOCIAL_WORKER: frozenset({Right.THEMES, Right.ANSWERS, Right.RENDER, Right.TOTALS, Right.ASSIST, Right.CONDUCT}),
    RoleKind.TRANSLATOR: frozenset({Right.RENDER}),
    RoleKind.VOLUNTEER: frozenset({Right.RENDER, Right.ASSIST}),
    RoleKind.PARTNER: frozenset({Right.TOTALS}),
    RoleKind.AUDITOR: frozenset({Right.THEMES, Right.ANSWERS, Right.TOTALS, Right.CONDUCT, Right.AUDIT}),
}


class Actor(msgspec.Struct, frozen=True):
    """The person who is signed in, in the role that they act in. Without an area a role is for all of them."""

    account_id: int
    name: str
    role: RoleKind
    area_id: int | None
    session_id: int
    area_names: dict[str, str] = {}
    has_other_roles: bool = False


def may(actor: Actor, right: Right) -> bool:
    return right in RIGHTS[actor.role]


def lies_within(area: int | None, outer: int | None, parents: Mapping[int, int | None]) -> bool:
    """Whether an area is another or a part of it. None is the whole of all areas: within nothing but itself, and around all."""
    if outer is None:
        return True
    while area is not None and area != outer:
        area = parents.get(area)
    return area == outer


def covers_all(actor: Actor, parents: Mapping[int, int | None]) -> bool:
    """Whether the role is for every area that there is."""
    return all(lies_within(area, actor.area_id, parents) for area in parents)


_HOMES = ((Right.THEMES, "/desk"), (Right.ASSIST, "/desk/assist"), (Right.RENDER, "/desk/renderings"), (Right.TOTALS, "/partner"))


def desk_homes(actor: Actor) -> list[str]:
    """Where this person's work lies, the page on which it begins first. The committee's is the whole desk."""
    return [home for right, home in _HOMES if may(actor, right)]


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
