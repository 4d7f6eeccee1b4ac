"""The short address on posters, the count of begun forms, and a channel's facts at the desk."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from survey.accounts.guards import requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.queries import accounts_with, area_ids, area_names
from survey.accounts.rules import RoleKind
from survey.authoring.access import reach_survey
from survey.authoring.queries import SurveyView, find_survey, find_survey_by_id, form_of, survey_title
from survey.errors import InputInvalid, NotFound
from survey.outreach import service
from survey.outreach.errors import ChannelInvalid
from survey.outreach.queries import ChannelView, channel_id, find_channel, find_channel_by_short
from survey.outreach.rules import ChannelDetails, ChannelKind, Stage
from survey.web.forms import FormData, first, read_form
from survey.web.limits import require
from survey.web.pages import remembered_desk_language
from survey.web.request import WebRequest

UNKNOWN = -1
"""Stands for an area's code or a partner's name that is none: the service refuses it like any other mistake."""


class ShortController(Controller):
    include_in_schema = False

    @get("/c/{short:str}", name="outreach.short")
    async def follow(self, short: FromPath[str]) -> Response[Any]:
        """On to the survey, which then knows the way by which somebody came; a retired channel's address still leads there."""
        channel = await find_channel_by_short(short)
        if channel is None:
            raise NotFound("No survey has this short address.")
        survey = await find_survey_by_id(channel.survey_id)
        query = f"?{urlencode({'c': channel.code})}" if channel.is_active else ""
        return Redirect(f"/s/{survey.slug}{query}", status_code=303)


class StartController(Controller):
    include_in_schema = False

    @post("/s/{slug:str}/started", name="outreach.started", status_code=204)
    async def started(self, request: WebRequest, slug: FromPath[str]) -> None:
        """Sent once by a page on which the first question is being answered. It says by which channel, and nothing else."""
        fields = await read_form(request)
        view = await find_survey(slug)
        channel = await channel_id(view.id, first(fields, "_channel"))
        require(request, "started", view.id, channel)
        if view.is_open:
            request.app.state.funnel.count(view.id, channel, Stage.STARTED)


class ChannelController(Controller):
    path = "/desk/surveys/{slug:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/add-channel", name="outreach.new_channel")
    async def new(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await _form_page(request, await reach_survey(actor_of(request), slug), None, typed={})

    @post("/add-channel", name="outreach.add_channel", status_code=303)
    async def add(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        view = await reach_survey(actor_of(request), slug)
        fields = await read_form(request)
        try:
            details = await _details(view, fields)
            await service.create_channel(survey_id=view.id, code=first(fields, "code"), details=details, actor=actor_of(request))
        except ChannelInvalid as invalid:
            return await _form_page(request, view, None, typed=fields, problems=invalid.problems)
        return Redirect(f"/desk/surveys/{slug}/channels", status_code=303)

    @get("/channels/{code:str}/edit", name="outreach.channel")
    async def channel(self, request: WebRequest, slug: FromPath[str], code: FromPath[str]) -> Response[bytes]:
        view = await reach_survey(actor_of(request), slug)
        return await _form_page(request, view, await find_channel(view.id, code), typed={})

    @post("/channels/{code:str}/edit", name="outreach.edit_channel", status_code=303)
    async def edit(self, request: WebRequest, slug: FromPath[str], code: FromPath[str]) -> Response[Any]:
        view = await reach_survey(actor_of(request), slug)
        channel = await find_channel(view.id, code)
        fields = await read_form(request)
        try:
            await service.edit_channel(channel, details=await _details(view, fields), actor=actor_of(request))
        except ChannelInvalid as invalid:
            return await _form_page(request, view, channel, typed=fields, problems=invalid.problems)
        return Redirect(f"/desk/surveys/{slug}/channels", status_code=303)

    @post("/channels/{code:str}/state", name="outreach.change_channel_state", status_code=303)
    async def change_state(self, request: WebRequest, slug: FromPath[str], code: FromPath[str]) -> Response[Any]:
        channel = await find_channel((await reach_survey(actor_of(request), slug)).id, code)
        change = first(await read_form(request), "change")
        if change not in {"retire", "bring_back"}:
            raise InputInvalid("A channel can be retired or brought back.")
        await service.set_active(channel, is_active=change == "bring_back", actor=actor_of(request))
        return Redirect(f"/desk/surveys/{slug}/channels", status_code=303)


async def _details(view: SurveyView, fields: FormData) -> ChannelDetails:
    """What was typed, spaces as one: a name comes from a spreadsheet as often as from a keyboard."""
    form = await form_of(view.version_id)
    area, language = first(fields, "area"), first(fields, "default_language")
    partner, partners = first(fields, "partner"), await accounts_with(RoleKind.PARTNER)
    return ChannelDetails(
        name=_on_one_line(fields, "name"),
        kind=first(fields, "kind") or ChannelKind.OTHER,
        default_language=language if language in {"", *form.languages} else "?",
        area_id=(await area_ids()).get(area, UNKNOWN) if area else None,
        place=_on_one_line(fields, "place"),
        partner_id=next((key for key, name in partners.items() if name == partner), UNKNOWN) if partner else None,
    )


def _on_one_line(fields: FormData, name: str) -> str:
    return " ".join(first(fields, name).split())


async def _form_page(
    request: WebRequest,
    view: SurveyView,
    channel: ChannelView | None,
    *,
    typed: FormData,
    problems: dict[str, str] | None = None,
) -> Response[bytes]:
    """The form of a new channel or of one that is there; after a mistake with everything that was typed."""
    language = remembered_desk_language(request)
    form = await form_of(view.version_id)
    names, codes = await area_names(language), {key: code for code, key in (await area_ids()).items()}
    partners = await accounts_with(RoleKind.PARTNER)
    stored = _as_typed(channel, codes, partners) if channel else {}
    status = 409 if problems == {"code": "taken"} else 422 if problems else 200
    return desk_page(
        request, "desk/channel.html", here="surveys", status=status, survey=view, title=await survey_title(view, language),
        channel=channel, problems=problems or {}, kinds=list(ChannelKind), offered=form.languages,
        value={
            name: first(typed, name) if typed else stored.get(name, "")
            for name in ("name", "code", "kind", "place", "default_language", "area", "partner")
        },
        partners=list(partners.values()),
        areas=sorted(((codes[key], name) for key, name in names.items()), key=lambda area: area[1]),
    )  # fmt: skip


def _as_typed(channel: ChannelView, area_codes: dict[int, str], partners: dict[int, str]) -> dict[str, str]:
    return {
        "name": channel.name, "code": channel.code, "kind": channel.kind, "place": channel.place,
        "default_language": channel.default_language, "area": area_codes.get(channel.area_id or 0, ""),
        "partner": partners.get(channel.partner_id or 0, ""),
    }  # fmt: skip
