"""linsheng account …: who may use the desk, and as what."""

from __future__ import annotations

import rich_click as click

from survey.accounts.queries import area_ids
from survey.accounts.rules import RoleKind
from survey.accounts.service import account_id, create_account, grant_role, make_one_time_link, revoke_role
from survey.cli.context import open_database, run
from survey.errors import InputInvalid
from survey.settings import Settings


@click.group("account")
def account_group() -> None:
    """Accounts of the desk."""


_role = click.option("--role", required=True, type=click.Choice([kind.value for kind in RoleKind]), help="What the account may do.")
_area = click.option("--area", help="The code of the area that the role is for, such as wangjing; without it, all areas.")


@account_group.command()
@click.argument("name")
@_role
@_area
def add(name: str, role: str, area: str | None) -> None:
    """Create an account and print a one-time link that sets its password.

    What each role may do is told in docs/roles.md.
    """
    if not name.strip() or len(name) > 80:
        raise InputInvalid("An account needs a name of 1 to 80 characters.")

    async def work() -> None:
        async with open_database() as settings:
            created = await create_account(name=name.strip(), roles=[(RoleKind(role), await _area_id(area))])
            _tell(settings, name.strip(), await make_one_time_link(created))

    run(work())


@account_group.command()
@click.argument("name")
def link(name: str) -> None:
    """Print a new one-time link for an account whose password is lost or whose first link has expired."""

    async def work() -> None:
        async with open_database() as settings:
            _tell(settings, name, await make_one_time_link(await account_id(name)))

    run(work())


@account_group.command()
@click.argument("name")
@_role
@_area
def grant(name: str, role: str, area: str | None) -> None:
    """Let an account act in one more role, or in the same role for one more area."""

    async def work() -> None:
        async with open_database():
            await grant_role(await account_id(name), RoleKind(role), await _area_id(area))

    run(work())


@account_group.command()
@click.argument("name")
@_role
@_area
def revoke(name: str, role: str, area: str | None) -> None:
    """Take a role away from an account, at once."""

    async def work() -> None:
        async with open_database():
            await revoke_role(await account_id(name), RoleKind(role), await _area_id(area))

    run(work())


async def _area_id(code: str | None) -> int | None:
    areas = await area_ids()
    if code is not None and code not in areas:
        raise InputInvalid(f"There is no area {code!r}.")
    return areas[code] if code else None


def _tell(settings: Settings, name: str, token: str) -> None:
    click.echo(f"Open this link within three days to set the password of the account {name}:")
    click.echo(f"{settings.url.rstrip('/')}/welcome/{token}")
