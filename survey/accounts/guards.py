"""May this person reach this handler? Object-level questions belong to the services."""

from __future__ import annotations

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from survey.accounts.rules import Actor, can_administer, can_assist, can_review, desk_home
from survey.accounts.service import find_actor
from survey.errors import LinshengError, NotAllowed, NotFound
from survey.web.problems import DESK_HOME

ACTOR = "actor"
FOR_ASSISTANTS = {"for_assistants": True}
"""A handler's `opt`: it serves those too who may only enter answers for residents."""


class SignInNeeded(LinshengError):
    """Nobody is signed in; the answer is a redirect to the sign-in page."""

    status = 401


def session_cookie_name(*, is_secure: bool) -> str:
    """`__Host-` needs HTTPS; on plain loopback (demo, tests) the name goes without."""
    return "__Host-session" if is_secure else "session"


async def requires_sign_in(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]  # of any state
    """Let in who is signed in and may be here: a page is the committee's unless its handler says FOR_ASSISTANTS.

    Who may not gets the answer of a page that does not exist, so that a page which forgot to say so stays shut.
    """
    name = session_cookie_name(is_secure=connection.app.state.settings.has_secure_cookies)
    token = connection.cookies.get(name)
    actor = await find_actor(token) if token else None
    if actor is None:
        raise SignInNeeded("Please sign in.")
    connection.scope["state"][ACTOR] = actor
    connection.scope["state"][DESK_HOME] = desk_home(actor)
    is_for_them = can_assist(actor) if handler.opt.get("for_assistants") else can_review(actor)
    if not is_for_them:
        raise NotFound("Nothing is here.")


async def requires_administrator(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]  # of any state
    """Use after requires_sign_in, on the same or an inner layer."""
    actor: Actor = connection.scope["state"][ACTOR]
    if not can_administer(actor):
        raise NotAllowed("This is for administrators.")
