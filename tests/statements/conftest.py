from __future__ import annotations

from survey.accounts.rules import Actor, RoleKind
from tests.conftest import add_account


async def actor(name: str = "chen", role: RoleKind = RoleKind.COMMITTEE) -> Actor:
    return Actor(account_id=await add_account(name, role), name=name, role=role, area_id=None, session_id=0)
