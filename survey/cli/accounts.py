"""linsheng account …: who may use the desk, and as what."""

from __future__ import annotations

import rich_click as click

from survey.accounts.queries import area_ids
from survey.accounts.rules import RoleKind
from survey.accounts.service import account_id, create_account, make_one_time_link
from survey.cli.context import open_database, run
from survey.errors import InputInvalid
from survey.settings import Settings


@click.group("account")
def account_group() -> None:
    """Accounts of the desk."""


@account_group.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([kind.value for kind in RoleKind]), help="What the account may do.")
@click.option("--area", help="The code of the area that the role is for, such as wangjing.")
def add(name: str, role: str, area: str | None) -> None:
    """Create an account and print a one-time link that sets its password.

    A social worker and a volunteer only enter answers for residents who ask them to.
    """
    if not name.strip() or len(name) > 80:
        raise InputInvalid("An account needs a name of 1 to 80 characters.")

    async def work() -> None:
        async with open_database() as settings:
            areas = await area_ids()
            if area is not None and area not in areas:
                raise InputInvalid(f"There is no area {area!r}.")
            created = await create_account(name=name.strip(), roles=[(RoleKind(role), areas[area] if area else None)])
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


def _tell(settings: Settings, name: str, token: str) -> None:
    click.echo(f"Open this link within three days to set the password of the account {name}:")
    click.echo(f"{settings.url.rstrip('/')}/welcome/{token}")
