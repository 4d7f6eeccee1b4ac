"""A channel's posters: the choice, the PDF, the page to print, the code alone. At the desk, and for the partner who spreads it."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey
from survey.authoring.queries import SurveyView, find_survey_by_id, form_of, survey_title
from survey.errors import NotFound
from survey.fonts import APT_LINE, FontMissing
from survey.outreach.documents import (
    FORMATS,
    Format,
    Poster,
    PosterFull,
    document_pdf,
    make_poster,
    picture_png,
    poster_languages,
)
from survey.outreach.queries import ChannelView, channels_of_partner, find_channel
from survey.outreach.rules import short_link
from survey.qr import qr_svg
from survey.web.pages import html, remembered_desk_language
from survey.web.request import WebRequest


class PosterController(Controller):
    path = "/desk/surveys/{slug:str}/channels/{code:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/posters", name="outreach.posters")
    async def choose(self, request: WebRequest, slug: FromPath[str], code: FromPath[str]) -> Response[bytes]:
        return await _choice_page(request, await _desk_sheet(request, slug, code))

    @get("/poster", name="outreach.poster")
    async def poster(self, request: WebRequest, slug: FromPath[str], code: FromPath[str]) -> Response[bytes]:
        return await _document(request, await _desk_sheet(request, slug, code))

    @get("/code.svg", name="outreach.qr")
    async def qr(self, request: WebRequest, slug: FromPath[str], code: FromPath[str]) -> Response[bytes]:
        return _code(request, await find_channel((await reach_survey(actor_of(request), slug)).id, code))


class PartnerPosterController(Controller):
    """The same for who spreads it, as long as answers come in by it. Another's channel is answered like one that does not exist."""

    path = "/partner/{short:str}"
    guards = [requires_sign_in]
    opt = needs(Right.TOTALS)
    include_in_schema = False

    @get("/posters", name="outreach.partner_posters")
    async def choose(self, request: WebRequest, short: FromPath[str]) -> Response[bytes]:
        return await _choice_page(request, await _partner_sheet(request, short))

    @get("/poster", name="outreach.partner_poster")
    async def poster(self, request: WebRequest, short: FromPath[str]) -> Response[bytes]:
        return await _document(request, await _partner_sheet(request, short))

    @get("/code.svg", name="outreach.partner_qr")
    async def qr(self, request: WebRequest, short: FromPath[str]) -> Response[bytes]:
        return _code(request, (await _own_channel(request, short))[1])


class _Sheet(msgspec.Struct, frozen=True):
    """What somebody wants printed. `address` is where this channel's posters are for who asks."""

    view: SurveyView
    channel: ChannelView
    address: str
    format: Format
    offered: list[str]
    languages: list[str]
    poster: Poster

    @property
    def is_partners(self) -> bool:
        return self.address.startswith("/partner/")

    @property
    def query(self) -> str:
        return urlencode([("format", self.format), *(("lang", tag) for tag in self.languages)])


async def _desk_sheet(request: WebRequest, slug: str, code: str) -> _Sheet:
    view = await reach_survey(actor_of(request), slug)
    channel = await find_channel(view.id, code)
    return await _sheet(request, view, channel, f"/desk/surveys/{view.slug}/channels/{channel.code}")


async def _partner_sheet(request: WebRequest, short: str) -> _Sheet:
    view, channel = await _own_channel(request, short)
    return await _sheet(request, view, channel, f"/partner/{channel.short}")


async def _own_channel(request: WebRequest, short: str) -> tuple[SurveyView, ChannelView]:
    """Raise NotFound for a channel that is not this person's, and for one by which nobody can answer any more."""
    for channel in await channels_of_partner(actor_of(request).account_id):
        if channel.short == short and channel.is_active:
            view = await find_survey_by_id(channel.survey_id)
            if view.is_open:
                return view, channel
    raise NotFound("There is no such channel.")


async def _sheet(request: WebRequest, view: SurveyView, channel: ChannelView, address: str) -> _Sheet:
    """Read the choice from the address. Without one: a poster in Chinese and the channel's own language, or English."""
    form = await form_of(view.version_id)
    format_: Format = next((known for known in FORMATS if known == request.query_params.get("format")), "poster")
    wanted = request.query_params.getall("lang", None)
    if wanted is None:
        wanted = [channel.default_language or "en"] if "format" not in request.query_params else []
    link = short_link(request.app.state.settings.url, channel.short)
    return _Sheet(
        view=view, channel=channel, address=address, format=format_, offered=poster_languages(form, form.languages),
        languages=poster_languages(form, wanted),
        poster=make_poster(form=form, wanted=wanted, link=link, is_fictional=view.is_fictional),
    )  # fmt: skip


async def _document(request: WebRequest, sheet: _Sheet) -> Response[bytes]:
    """PDF; with `print=1` a page that a browser prints without fonts on the server, with `picture=1` what is shown before."""
    query = request.query_params
    if query.get("print"):
        return _print_page(request, sheet)
    try:
        if query.get("picture"):
            content = await asyncio.to_thread(picture_png, sheet.poster, sheet.format)
            return Response(content, media_type="image/png")
        content = await asyncio.to_thread(document_pdf, sheet.poster, sheet.format)
    except PosterFull:
        return await _choice_page(request, sheet, problem="full", status=422)
    except FontMissing as missing:
        return await _choice_page(request, sheet, problem=missing.message, status=503)
    name = "-".join([sheet.view.slug, sheet.channel.code, sheet.format, *sheet.languages])
    return Response(
        content, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name[:120]}.pdf"'}
    )


async def _choice_page(request: WebRequest, sheet: _Sheet, *, problem: str = "", status: int = 200) -> Response[bytes]:
    language = remembered_desk_language(request)  # `lang` in this address is about the poster
    return desk_page(
        request, "desk/posters.html", here="partner" if sheet.is_partners else "surveys", status=status, language=language,
        survey=sheet.view, title=await survey_title(sheet.view, language), channel=sheet.channel, sheet=sheet, formats=FORMATS,
        address=sheet.poster.address, is_full=problem == "full", font_problem="" if problem == "full" else problem,
        apt_line=APT_LINE,
    )  # fmt: skip


def _print_page(request: WebRequest, sheet: _Sheet) -> Response[bytes]:
    copies = {"poster": 1, "hanger": 2, "cards": 10}[sheet.format]
    return html(
        request, "desk/poster_print.html", remembered_desk_language(request), domain="desk", sheet=sheet, copies=copies,
    )  # fmt: skip


def _code(request: WebRequest, channel: ChannelView) -> Response[bytes]:
    return Response(qr_svg(short_link(request.app.state.settings.url, channel.short)), media_type="image/svg+xml")
