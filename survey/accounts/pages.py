"""Rendering a page of the desk: who is signed in, and in which language."""

from __future__ import annotations

from typing import Any

from litestar import Response

from survey.accounts.guards import ACTOR
from survey.accounts.rules import Actor, Right, desk_homes, may
from survey.web.pages import desk_language, html
from survey.web.request import WebRequest


def actor_of(request: WebRequest) -> Actor:
    """The person behind a request that passed requires_sign_in."""
    actor: Actor = request.scope["state"][ACTOR]
    return actor


def desk_page(
    request: WebRequest,
    template: str,
    *,
    here: str,
    status: int = 200,
    language: str = "",
    **context: Any,
) -> Response[bytes]:
    """`here` names the entry of the side menu that the page belongs to; `language` is for pages whose `lang` is about something
    else.
    """
    actor = actor_of(request)
    return html(
        request, template, language or desk_language(request), domain="desk", status=status, here=here, actor=actor,
        may=lambda right: may(actor, Right(right)), home=desk_homes(actor)[0], **context,
    )  # fmt: skip
