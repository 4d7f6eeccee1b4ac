"""Who reads a complaint about staff."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.accounts.rules import RIGHTS, Right, RoleKind
from survey.questionnaire.form import BODIES
from survey.statements.rules import Audience, audience_of, audiences_for

OWN = {
    RoleKind.COMMITTEE: {"committee", "service_station", "subdistrict", "elsewhere"},
    RoleKind.SOCIAL_WORKER: {"committee", "service_station", "subdistrict", "elsewhere"},
    RoleKind.SUBDISTRICT: {"subdistrict", "elsewhere"},
}
"""One's own body, the one that one works for, and what does not say whom it is about."""


@pytest.mark.parametrize("role", list(RoleKind))
@pytest.mark.parametrize("body", sorted(BODIES))
def test_nobody_reads_what_is_about_their_own_body(role: RoleKind, body: str):
    is_read = audience_of([body]) in audiences_for(role)

    assert is_read is (Right.CONDUCT in RIGHTS[role] and body not in OWN.get(role, set()))


@given(st.sets(st.sampled_from(sorted(BODIES))), st.sampled_from(list(RoleKind)))
def test_a_complaint_about_several_is_kept_from_each(bodies: set[str], role: RoleKind):
    readable = audience_of(bodies) in audiences_for(role)

    if not bodies:
        assert audience_of(bodies) == Audience.DISTRICT
    elif readable:
        assert all(audience_of([body]) in audiences_for(role) for body in bodies)
