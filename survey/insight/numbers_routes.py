"""The desk's pages of numbers: the six panels of a survey, each picture with its table, and their files."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from analysis.statistics.disclosure import exact
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey
from survey.authoring.queries import SurveyView, survey_title
from survey.errors import NotFound
from survey.fonts import APT_LINE
from survey.i18n.catalogs import DESK_LANGUAGES
from survey.insight.charts.files import as_csv
from survey.insight.counting import CountedSurvey, stored_figures
from survey.insight.panels import survey_panels
from survey.insight.pictures import KINDS
from survey.insight.service import ask_for_charts, find_chart, list_charts
from survey.jobs.kinds import DRAW_CHARTS, about_survey
from survey.jobs.service import newest_job
from survey.jobs.states import OPEN_STATES, JobState
from survey.responses.queries import count_responses
from survey.themes.alerts import list_alerts
from survey.web.pages import desk_language, download
from survey.web.request import WebRequest

MOST_FINDINGS = 3


class NumbersController(Controller):
    path = "/desk/surveys/{slug:str}/numbers"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="insight.numbers", opt=needs(Right.THEMES))
    async def panels(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await reach_survey(actor_of(request), slug)
        language = desk_language(request)
        counted = await stored_figures(view.id)
        job = await newest_job(kind=DRAW_CHARTS, subject=about_survey(view.id))
        state = job["state"] if job else ""
        charts = await list_charts(view.id, language)
        found = [chart for chart in charts.values() if chart.table is not None and chart.table.is_finding]
        return desk_page(
            request, "desk/numbers.html", here="surveys", survey=view, title=await survey_title(view, language),
            panels=await survey_panels(view, counted, language) if counted else None, charts=charts, **await _freshness(view, counted),
            findings=found[:MOST_FINDINGS], job=job, is_running=state in OPEN_STATES, failed=state == JobState.FAILED,
            alerts=await list_alerts(view.id, language, is_new=True),
        )  # fmt: skip

    @post("/", name="insight.count_again", status_code=303)
    async def count_again(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        """Have the worker count and draw anew."""
        view = await reach_survey(actor_of(request), slug)
        await ask_for_charts(view.id)
        return Redirect(f"/desk/surveys/{slug}/numbers", status_code=303)

    @get("/{kind:str}", name="insight.chart", opt=needs(Right.THEMES))
    async def chart(self, request: WebRequest, slug: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
        """One picture, its table and its files; before it is drawn, that it will be."""
        view = await reach_survey(actor_of(request), slug)
        if kind not in KINDS:
            raise NotFound("There is no such chart.")
        language = desk_language(request)
        job = await newest_job(kind=DRAW_CHARTS, subject=about_survey(view.id))
        state = job["state"] if job else ""
        return desk_page(
            request, "desk/chart.html", here="surveys", survey=view, title=await survey_title(view, language), kind=kind,
            chart=await find_chart(view.id, kind, language), **await _freshness(view, await stored_figures(view.id)), job=job, is_running=state in OPEN_STATES, failed=state == JobState.FAILED,
        )  # fmt: skip


class ChartFilesController(Controller):
    path = "/desk/surveys/{slug:str}/charts"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/{file:str}", name="insight.chart_file", opt=needs(Right.THEMES))
    async def file(self, request: WebRequest, slug: FromPath[str], file: FromPath[str]) -> Response[bytes]:
        """`themes.svg`, `groups.png`, `likert.csv`; `?in=` chooses the language."""
        view = await reach_survey(actor_of(request), slug)
        kind, _, form = file.rpartition(".")
        chart = await find_chart(view.id, kind, _language(request)) if kind in KINDS else None
        if chart is None or form not in {"svg", "png", "csv"}:
            raise NotFound("This chart has not been drawn yet.")
        if form == "svg":
            return Response(chart.svg.encode(), media_type="image/svg+xml")
        if form == "csv":
            if chart.table is None:
                raise NotFound("This chart has not been drawn yet.")
            content = as_csv(chart.title, chart.table, data_version=chart.data_version, language=_language(request))
            return download(content, "text/csv", f"{slug}-{kind}.csv")
        if chart.png is None:
            return desk_page(request, "desk/no_font.html", here="surveys", status=503, apt_line=APT_LINE)
        return download(chart.png, "image/png", f"{slug}-{kind}.png")


async def _freshness(view: SurveyView, counted: CountedSurvey | None) -> dict[str, Any]:
    """What was counted, of how many answers (`answered`), and how many came since (`newer`): None for a few, below 0 if withdrawn."""
    if counted is None:
        return {"counted": None, "answered": None, "newer": None}
    since = await count_responses(view.id) - counted.figures.answers
    return {"counted": counted, "answered": exact(counted.figures.answers), "newer": exact(since)}


def _language(request: WebRequest) -> str:
    wanted = request.query_params.get("in", "")
    return wanted if wanted in DESK_LANGUAGES else desk_language(request)
