"""linsheng account: people of the desk, with the link that sets their password."""

from __future__ import annotations

import re

import pytest

from survey.accounts.rules import RoleKind
from survey.accounts.service import find_link
from survey.accounts.tables import Account, Role
from tests.cli.conftest import Linsheng, in_database

LINK = re.compile(r"http://127\.0\.0\.1:8000/welcome/([\w-]{43})\n")


def _token(out: str) -> str:
    found = LINK.search(out)
    assert found is not None, out
    return found[1]


@pytest.mark.parametrize("role", list(RoleKind))
def test_add_makes_an_account_of_each_role_and_prints_a_link_for_its_password(linsheng: Linsheng, role: RoleKind) -> None:
    result = linsheng("account", "add", "vera", "--role", role)

    async def look() -> object:
        return [
            await find_link(_token(result.out)),
            await Account.select(Account.name, Account.password_hash),
            await Role.select(Role.kind, Role.area.code.as_alias("area")),
        ]

    assert result.status == 0
    assert result.out.startswith("Open this link within three days to set the password of the account vera:\n")
    assert in_database(look) == ["vera", [{"name": "vera", "password_hash": None}], [{"kind": role, "area": None}]]


def test_add_for_an_area(linsheng: Linsheng) -> None:
    assert linsheng("account", "add", "vera", "--role", "volunteer", "--area", "wangjing").status == 0

    assert in_database(lambda: Role.select(Role.area.code.as_alias("area")).run()) == [{"area": "wangjing"}]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["", "--role", "volunteer"], "An account needs a name of 1 to 80 characters."),
        (["x" * 81, "--role", "volunteer"], "An account needs a name of 1 to 80 characters."),
        (["vera", "--role", "volunteer", "--area", "atlantis"], "There is no area 'atlantis'."),
        (["vera", "--role", "mayor"], "Invalid value for '--role'"),
        (["vera"], "Missing option '--role'"),
    ],
)
def test_add_refuses_what_cannot_be_and_makes_nothing(linsheng: Linsheng, arguments: list[str], problem: str) -> None:
    result = linsheng("account", "add", *arguments)

    assert result.problem.startswith(problem)
    assert in_database(lambda: Account.count().run()) == 0


def test_add_of_a_known_name_is_refused(linsheng: Linsheng) -> None:
    linsheng("account", "add", "vera", "--role", "volunteer")

    result = linsheng("account", "add", "vera", "--role", "administrator")

    assert result.problem == "An account named vera exists already."
    assert in_database(lambda: Role.select(Role.kind).run()) == [{"kind": "volunteer"}]


def test_link_prints_another_one(linsheng: Linsheng) -> None:
    first = _token(linsheng("account", "add", "vera", "--role", "volunteer").out)

    second = _token(linsheng("account", "link", "vera").out)

    assert first != second
    assert in_database(lambda: find_link(second)) == "vera"


def test_link_of_nobody_is_refused(linsheng: Linsheng) -> None:
    assert linsheng("account", "link", "nobody").problem == "There is no account named nobody."


def test_roles_are_granted_and_taken_away(linsheng: Linsheng) -> None:
    linsheng("account", "add", "vera", "--role", "volunteer")

    granted = linsheng("account", "grant", "vera", "--role", "committee", "--area", "wangjing")
    again = linsheng("account", "grant", "vera", "--role", "committee", "--area", "wangjing")
    revoked = linsheng("account", "revoke", "vera", "--role", "volunteer")
    gone = linsheng("account", "revoke", "vera", "--role", "volunteer")

    assert (granted.status, revoked.status) == (0, 0)
    assert again.problem == "The account has this role already."
    assert gone.problem == "The account does not have this role."
    roles = in_database(lambda: Role.select(Role.kind, Role.area.code.as_alias("area")).run())
    assert roles == [{"kind": "committee", "area": "wangjing"}]
