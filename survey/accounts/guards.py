"""May this person reach this handler? Object-level questions belong to the services."""

from __future__ import annotations

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from survey.accounts.rules import Right, desk_homes, may
from survey.accounts.service import find_actor
from survey.errors import LinshengError, NotFound
from survey.web.problems import DESK_HOME

ACTOR = "actor"



FOR_EVERYBODY = {"right": None}
"""A handler's `opt`: it serves whoever is signed in."""


def needs(right: Right) -> dict[str, Right]:
    """A handler's `opt`: which right it takes. One that says nothing takes the right to decide."""
    return {"right": right}


class SignInNeeded(LinshengError):
    """Nobody is signed in; the answer is a redirect to the sign-in page."""

    status = 401


def session_cookie_name(*, is_secure: bool) -> str:
    """`__Host-` needs HTTPS; on plain loopback (demo, tests) the name goes without."""
    return "__Host-session" if is_secure else "session"


async def requires_sign_in(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]  # of any state
    """Let in who is signed in and has the right that the handler needs.

    Who has not gets the answer of a page that does not exist. Whether what a page is about lies in the person's area is asked
    where it is looked up (authoring/access.py).
    """
    name = session_cookie_name(is_secure=connection.app.state.settings.has_secure_cookies)
    token = connection.cookies.get(name)
    actor = await find_actor(token) if token else None
    if actor is None:
        raise SignInNeeded("Please sign in.")
    connection.scope["state"][ACTOR] = actor
    connection.scope["state"][DESK_HOME] = desk_homes(actor)[0]
    right = handler.opt.get("right", Right.REVIEW)
    if right is not None and not may(actor, right):
        raise NotFound("Nothing is here.")
