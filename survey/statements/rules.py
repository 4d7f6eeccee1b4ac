"""Who may read a complaint about the conduct of staff: never those whom it is about, nor those who work under their orders. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from survey.accounts.rules import RoleKind


class Audience(StrEnum):
    """Who may read a text. What is no complaint has none of these: everybody who reads answers reads it."""

    STAFF = "staff"
    """It is about a body outside, such as the property management."""
    OFFICE = "office"
    """It is about the committee or the service station: the subdistrict office reads it, and the district."""
    DISTRICT = "district"
    """It is about the subdistrict office, which everybody else works for, or does not say about whom."""


_LEAST = {"property": Audience.STAFF, "committee": Audience.OFFICE, "service_station": Audience.OFFICE}
_ORDER = list(Audience)

_READERS: dict[Audience, frozenset[RoleKind]] = {
    Audience.DISTRICT: frozenset({RoleKind.ADMINISTRATOR, RoleKind.AUDITOR}),
    Audience.OFFICE: frozenset({RoleKind.ADMINISTRATOR, RoleKind.AUDITOR, RoleKind.SUBDISTRICT}),
    Audience.STAFF: frozenset(
        {RoleKind.ADMINISTRATOR, RoleKind.AUDITOR, RoleKind.SUBDISTRICT, RoleKind.COMMITTEE, RoleKind.SOCIAL_WORKER}
    ),
}


def audience_of(bodies: Iterable[str]) -> Audience:
    """The narrowest of the audiences of all bodies that a complaint is about (questionnaire.form.BODIES); without any, the district."""
    return max((_LEAST.get(body, Audience.DISTRICT) for body in bodies), key=_ORDER.index, default=Audience.DISTRICT)


def audiences_for(role: RoleKind) -> list[Audience]:
    """The complaints that a role may read."""
    return [audience for audience in Audience if role in _READERS[audience]]
