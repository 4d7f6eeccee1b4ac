"""May this person reach this handler? Object-level questions belong to the services."""

from __future__ import annotations

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from survey.accounts.rules import Actor, can_administer
from survey.accounts.service import find_actor
from survey.errors import LinshengError, NotAllowed

ACTOR = "actor"


class SignInNeeded(LinshengError):
    """Nobody is signed in; the answer is a redirect to the sign-in page."""

    status = 401


def session_cookie_name(*, is_secure: bool) -> str:
    """`__Host-` needs HTTPS; on plain loopback (demo, tests) the name goes without."""
    return "__Host-session" if is_secure else "session"


async def requires_sign_in(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]  # of any state
    name = session_cookie_name(is_secure=connection.app.state.settings.has_secure_cookies)
    token = connection.cookies.get(name)
    actor = await find_actor(token) if token else None
    if actor is None:
        raise SignInNeeded("Please sign in.")
    connection.scope["state"][ACTOR] = actor


async def requires_administrator(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]  # of any state
    """Use after requires_sign_in, on the same or an inner layer."""
    actor: Actor = connection.scope["state"][ACTOR]
    if not can_administer(actor):
        raise NotAllowed("This is for administrators.")
