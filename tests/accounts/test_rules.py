"""Who may do what, and which passwords are good enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.accounts.rules import RIGHTS, Actor, Right, RoleKind, desk_homes, lies_within, may, password_problem


def person(role: RoleKind) -> Actor:
    return Actor(account_id=1, name="chen", role=role, area_id=None, session_id=1)


@pytest.mark.parametrize(
    ("role", "home", "has", "has_not"),
    [
        (RoleKind.ADMINISTRATOR, "/desk", {Right.ADMINISTER, Right.REVIEW, Right.AUDIT}, set()),
        (RoleKind.SUBDISTRICT, "/desk", {Right.REVIEW, Right.ANSWERS}, {Right.ADMINISTER, Right.AUDIT}),
        (RoleKind.COMMITTEE, "/desk", {Right.REVIEW, Right.ANSWERS, Right.CONDUCT}, {Right.ADMINISTER, Right.AUDIT}),
        (RoleKind.SOCIAL_WORKER, "/desk", {Right.THEMES, Right.ANSWERS, Right.RENDER, Right.ASSIST}, {Right.REVIEW}),
        (RoleKind.TRANSLATOR, "/desk/renderings", {Right.RENDER}, set(Right) - {Right.RENDER}),
        (RoleKind.VOLUNTEER, "/desk/assist", {Right.ASSIST, Right.RENDER}, set(Right) - {Right.ASSIST, Right.RENDER}),
        (RoleKind.PARTNER, "/partner", {Right.TOTALS}, set(Right) - {Right.TOTALS}),
        (RoleKind.AUDITOR, "/desk", {Right.AUDIT, Right.ANSWERS}, {Right.REVIEW, Right.RENDER, Right.ASSIST, Right.ADMINISTER}),
    ],
)
def test_roles_and_what_they_may_do(role: RoleKind, home: str, has: set[Right], has_not: set[Right]):
    actor = person(role)

    assert desk_homes(actor)[0] == home
    assert {right for right in has | has_not if may(actor, right)} == has


def test_every_role_has_its_rights():
    assert set(RIGHTS) == set(RoleKind)


PARENTS = {1: None, 2: 1, 3: 1, 4: 2, 9: None}


@pytest.mark.parametrize(
    ("area", "outer", "is_within"),
    [(4, 4, True), (4, 2, True), (4, 1, True), (4, 3, False), (2, 4, False), (9, 1, False), (4, None, True), (None, 1, False), (None, None, True), (77, 1, False)],
)  # fmt: skip
def test_areas_lie_in_areas(area: int | None, outer: int | None, is_within: bool):
    assert lies_within(area, outer, PARENTS) is is_within


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "too_short"),
        ("nine char", "too_short"),
        ("ten chars!", None),
        ("正确的马电池订书钉在这里", None),
        ("短密码", "too_short"),
        ("x" * 201, "too_long"),
        (("abcde" * 40), None),
        ("aaaabbbbccccdddd", "too_common"),
        ("Password123", "too_common"),
        ("!!WELCOME2026", "too_common"),
        ("0123456789", "too_common"),
        ("committee!!", "too_common"),
        ("Ada Lovelace", "too_common"),
        ("a-wangjing-b", None),
    ],
)
def test_passwords(password: str, problem: str | None):
    assert password_problem(password, "ada lovelace") == problem


@given(st.text(max_size=220))
def test_passwords_that_pass_are_long_enough_and_varied(password: str):
    if password_problem(password, "chen") is None:
        assert 10 <= len(password) <= 200
        assert len(set(password.casefold())) >= 5
