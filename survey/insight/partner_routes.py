"""What a partner sees who spreads a survey: how many answered, rounded, and the way to spread it. No answer, no page of the desk."""

from __future__ import annotations

from litestar import Controller, Response, get

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.insight.service import partner_totals
from survey.outreach.rules import readable, short_link
from survey.web.pages import desk_language
from survey.web.request import WebRequest


class PartnerController(Controller):
    path = "/partner"
    guards = [requires_sign_in]
    opt = needs(Right.TOTALS)
    include_in_schema = False

    @get("/", name="insight.partner")
    async def show(self, request: WebRequest) -> Response[bytes]:
        rows = await partner_totals(actor_of(request).account_id, desk_language(request))
        base = request.app.state.settings.url
        links = {row.channel.short: short_link(base, row.channel.short) for row in rows}
        return desk_page(request, "desk/partner.html", here="partner", rows=rows, links=links, readable=readable)
