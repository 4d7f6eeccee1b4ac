"""The desk's first page, a survey's overview with its counts, and the funnel of its channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from analysis.statistics.disclosure import exact
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.queries import area_names
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey, surveys_with_answers
from survey.authoring.queries import form_of, survey_title
from survey.authoring.service import SurveyIncomplete, close_survey, core_parts, open_survey
from survey.authoring.waves import find_wave
from survey.errors import InputInvalid
from survey.i18n.speech import speech
from survey.insight.pictures import full_label
from survey.insight.service import FunnelRow, find_chart, survey_funnel, survey_overview, themes_version
from survey.outreach.queries import list_channel_views
from survey.outreach.rules import readable, short_link, survey_link
from survey.qr import qr_svg
from survey.questionnaire.form_check import MissingString
from survey.responses.queries import count_responses, counts_by_language
from survey.themes.alerts import list_alerts
from survey.themes.queries import newest_run
from survey.web.forms import first, read_form
from survey.web.pages import desk_language
from survey.web.request import WebRequest


class DeskController(Controller):
    path = "/desk"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="insight.desk", opt=needs(Right.THEMES))
    async def surveys(self, request: WebRequest) -> Response[bytes]:
        language = desk_language(request)
        rows = []
        reached = await surveys_with_answers(actor_of(request))
        for view in [view for view, areas in reached if areas is None]:
            run = await newest_run(view.id)
            rows.append(
                {
                    "view": view,
                    "title": await survey_title(view, language),
                    "responses": exact(await count_responses(view.id)),
                    "languages": len(await counts_by_language(view.id)),
                    "analysed": run.finished_at if run else None,
                }
            )
        in_part = [
            (view.slug, await survey_title(view, language))
            for view, areas in reached
            if areas is not None
        ]
        return desk_page(request, "desk/surveys.html", here="surveys", rows=rows, in_part=in_part)

    @get("/surveys/{slug:str}", name="insight.survey", opt=needs(Right.THEMES))
    async def survey(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await self._overview(request, slug)

    @post("/surveys/{slug:str}/state", name="insight.change_state", opt=needs(Right.ADMINISTER), status_code=303)
    async def change_state(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        actor = actor_of(request)
        await reach_survey(actor, slug)
        fields = await read_form(request)
        change = {"open": open_survey, "close": close_survey}.get(first(fields, "change"))
        if change is None:
            raise InputInvalid("A survey can be opened or closed.")
        try:
            await change(slug, actor=actor.name, role=actor.role)
        except SurveyIncomplete as incomplete:
            return await self._overview(request, slug, missing=incomplete.missing, status=409)
        return Redirect(f"/desk/surveys/{slug}", status_code=303)

    @get("/surveys/{slug:str}/qr.svg", name="insight.qr", opt=needs(Right.THEMES))
    async def qr(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await reach_survey(actor_of(request), slug)
        code = request.query_params.get("c", "")
        known = {channel.code for channel in await list_channel_views(view.id)}
        link = survey_link(request.app.state.settings.url, view.slug, code if code in known else "")
        return Response(qr_svg(link), media_type="image/svg+xml")

    @staticmethod
    async def _overview(
        request: WebRequest, slug: str, *, missing: list[MissingString] | None = None, status: int = 200
    ) -> Response[bytes]:
        view = await reach_survey(actor_of(request), slug)
        language = desk_language(request)
        unknown = speech("desk", language).gettext("Area not known")
        chart = await find_chart(view.id, "themes", language)
        base = request.app.state.settings.url
        overview, run = await survey_overview(view.id, language, unknown), await newest_run(view.id)
        form, say = await form_of(view.version_id), speech("desk", language)
        core = core_parts(form)
        return desk_page(
            request, "desk/survey.html", here="surveys", status=status, survey=view, title=await survey_title(view, language),
            overview=overview, answered=exact(overview.total), run=run, chart=chart,
            wrote=exact(run.figures["people"]) if run else None,
            is_stale=chart is not None and chart.data_version != await themes_version(view.id),
            link=survey_link(base, view.slug), missing=missing or [], core=core,
            alerts=await list_alerts(view.id, language, is_new=True), wave=await find_wave(view, view.wave),
            core_labels=[full_label(question, form, say) for question in core.core],
            local_labels=[full_label(question, form, say) for question in core.local],
            channels=[
                {"code": channel.code, "name": channel.name, "link": survey_link(base, view.slug, channel.code)}
                for channel in await list_channel_views(view.id)
                if channel.is_active
            ],
        )  # fmt: skip


SORTS: dict[str, Callable[[FunnelRow], Any]] = {
    "name": lambda row: row.channel.name.casefold() if row.channel else "",
    "kind": lambda row: row.channel.kind if row.channel else "",
    "place": lambda row: row.channel.place.casefold() if row.channel else "",
    "opened": lambda row: -(row.opened or 0),
    "started": lambda row: -(row.started or 0),
    "sent": lambda row: -(row.sent or 0),
}
"""By what is shown: an order by hidden numbers would tell them."""


class ChannelsController(Controller):
    path = "/desk/surveys/{slug:str}/channels"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="insight.channels", opt=needs(Right.THEMES))
    async def channels(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        """Which way brought how many: pages opened, forms begun, answers sent."""
        view = await reach_survey(actor_of(request), slug)
        language = desk_language(request)
        rows = await survey_funnel(view.id)
        sort = request.query_params.get("sort", "")
        if sort in SORTS:
            rows.sort(key=lambda row: (row.channel is None, SORTS[sort](row)))
        base = request.app.state.settings.url
        return desk_page(
            request, "desk/channels.html", here="surveys", survey=view, title=await survey_title(view, language), rows=rows,
            sort=sort, areas=await area_names(language), links={
                row.channel.short: readable(short_link(base, row.channel.short)) for row in rows if row.channel
            },
        )  # fmt: skip
