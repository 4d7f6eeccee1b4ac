"""Complaints about conduct are hidden from those whom they are about, and from who works with them."""

from __future__ import annotations

import pytest

from survey.accounts.rules import RoleKind
from survey.responses.rules import BodyComplained, complaint_hidden_from, hidden_from

OVERSEERS = {RoleKind.ADMINISTRATOR, RoleKind.AUDITOR}
SEEN_BY = {
    BodyComplained.COMMITTEE: OVERSEERS | {RoleKind.SUBDISTRICT},
    BodyComplained.SERVICE_STATION: OVERSEERS | {RoleKind.SUBDISTRICT},
    BodyComplained.SUBDISTRICT: OVERSEERS,
    BodyComplained.PROPERTY: set(RoleKind) - {RoleKind.PARTNER},
    BodyComplained.ELSEWHERE: OVERSEERS,
    BodyComplained.NOT_SAID: OVERSEERS,
}


@pytest.mark.parametrize("body", list(BodyComplained))
def test_complaint_is_hidden_from_the_body_complained_about(body: BodyComplained) -> None:
    assert {role for role in RoleKind if not hidden_from(body, role)} == SEEN_BY[body]


def test_what_nobody_is_named_in_is_hidden_as_strictly_as_anything() -> None:
    """Whoever it is about must not read it, so that who may read it is among those who may read all others."""
    assert all(SEEN_BY[BodyComplained.NOT_SAID] <= seen for seen in SEEN_BY.values())


@pytest.mark.parametrize("role", list(RoleKind))
def test_complaint_about_several_bodies_is_hidden_from_each_of_them(role: RoleKind) -> None:
    both = [BodyComplained.PROPERTY, BodyComplained.SUBDISTRICT]

    assert complaint_hidden_from(both, role) == (role not in OVERSEERS)
    assert complaint_hidden_from([BodyComplained.PROPERTY], role) == (role == RoleKind.PARTNER)
    assert complaint_hidden_from([], role) == hidden_from(BodyComplained.NOT_SAID, role)
