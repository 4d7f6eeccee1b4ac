"""Who may do what, and which passwords are good enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.accounts.rules import Actor, RoleKind, can_administer, can_assist, can_review, desk_home, password_problem


def person(role: RoleKind) -> Actor:
    return Actor(account_id=1, name="chen", role=role, area_id=None, session_id=1)


@pytest.mark.parametrize(
    ("role", "administers", "reviews", "home"),
    [
        (RoleKind.ADMINISTRATOR, True, True, "/desk"),
        (RoleKind.COMMITTEE, False, True, "/desk"),
        (RoleKind.SOCIAL_WORKER, False, False, "/desk/assist"),
        (RoleKind.VOLUNTEER, False, False, "/desk/assist"),
    ],
)
def test_roles_and_what_they_may_do(role: RoleKind, administers: bool, reviews: bool, home: str):
    actor = person(role)

    assert (can_administer(actor), can_review(actor), can_assist(actor), desk_home(actor)) == (administers, reviews, True, home)


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
