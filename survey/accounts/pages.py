"""Rendering a page of the desk: who is signed in, and in which language."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from survey.accounts.guards import ACTOR
from survey.accounts.rules import Actor, can_administer
from survey.web.pages import desk_language, html


def actor_of(request: Request) -> Actor:  # type: ignore[type-arg] -- any user, auth and state
    """The person behind a request that passed requires_sign_in."""
    actor: Actor = request.scope["state"][ACTOR]
    return actor


def desk_page(
    request: Request,  # type: ignore[type-arg] -- any user, auth and state
    template: str,
    *,
    here: str,
    status: int = 200,
    **context: Any,
) -> Response[bytes]:
    """`here` names the entry of the side menu that the page belongs to."""
    actor = actor_of(request)
    return html(
        request, template, desk_language(request), domain="desk", status=status, here=here, actor=actor,
        may_administer=can_administer(actor), **context,
    )  # fmt: skip
