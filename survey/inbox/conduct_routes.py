"""Complaints about the conduct of staff: a way of their own, apart from the needs, and never to those whom they are about."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Controller, Response, get

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import surveys_with_answers
from survey.inbox.queries import complaints_page
from survey.inbox.service import statement_id
from survey.statements.rules import Audience, audiences_for
from survey.web.pages import desk_language
from survey.web.request import WebRequest


class ConductController(Controller):
    path = "/desk/conduct"
    guards = [requires_sign_in]
    opt = needs(Right.CONDUCT)
    include_in_schema = False

    @get("/", name="inbox.conduct")
    async def show(self, request: WebRequest) -> Response[bytes]:
        actor = actor_of(request)
        is_new_only = request.query_params.get("state", "") == "new"
        after = request.query_params.get("after", "")
        page = await complaints_page(
            actor.role, await surveys_with_answers(actor), language=desk_language(request), is_new_only=is_new_only,
            after=await statement_id(after),
        )  # fmt: skip
        asked = {"state": "new"} if is_new_only else {}
        here = f"/desk/conduct?{urlencode(asked)}" if asked else "/desk/conduct"
        return desk_page(
            request, "desk/conduct.html", here="conduct", items=page.items, is_new_only=is_new_only, back=here,
            further=f"/desk/conduct?{urlencode({**asked, 'after': page.items[-1].statement.public_id})}" if page.has_more else "",
            is_first=not after, sees_all=len(audiences_for(actor.role)) == len(Audience),
        )  # fmt: skip
