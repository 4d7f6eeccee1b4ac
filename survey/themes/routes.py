"""The theme board and a theme's page: read, accept, rename, dismiss, run the analysis again."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from analysis.statistics.disclosure import THRESHOLD, exact, pool_small
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey, reach_survey_by_id
from survey.authoring.queries import find_survey_by_id, survey_title
from survey.errors import InputInvalid
from survey.i18n.languages import languages
from survey.jobs import service as jobs
from survey.jobs.kinds import ANALYSE, about_survey
from survey.jobs.states import OPEN_STATES, JobState
from survey.responses.queries import field_dates
from survey.statements.queries import statements_by_id
from survey.themes import service
from survey.themes.queries import ThemeView, find_theme, list_themes, newest_run, theme_history
from survey.themes.states import EventKind, ThemeState
from survey.web.forms import first, read_form
from survey.web.pages import desk_language
from survey.web.request import WebRequest

SORTS = {
    "people": lambda theme, _: (-theme.people, theme.key),
    "name": lambda theme, language: (theme.name_in(language), theme.key),
    "category": lambda theme, _: (theme.category, -theme.people, theme.key),
    "state": lambda theme, _: (theme.state, -theme.people, theme.key),
}


class BoardController(Controller):
    path = "/desk/surveys/{slug:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/themes", name="themes.board", opt=needs(Right.THEMES))
    async def board(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await reach_survey(actor_of(request), slug)
        language = desk_language(request)
        run = await newest_run(view.id)
        themes = await list_themes(view.id)
        sort = request.query_params.get("sort", "people")
        order = SORTS.get(sort, SORTS["people"])
        kept = sorted((t for t in themes if t.state != ThemeState.DISMISSED), key=lambda t: order(t, language))
        job = await jobs.newest_job(kind=ANALYSE, subject=about_survey(view.id))
        job_state = job["state"] if job else ""
        base = run.figures["people"] if run else 0
        return desk_page(
            request, "desk/themes.html", here="surveys", survey=view, title=await survey_title(view, language), run=run,
            themes=[theme_row(t, language, base) for t in kept if not t.is_rest],
            rests=[theme_row(t, language, base) for t in kept if t.is_rest],
            dismissed=[theme_row(t, language, base) for t in themes if t.state == ThemeState.DISMISSED],
            accepted=sum(t.state == ThemeState.ACCEPTED for t in themes), wrote=exact(base), sort=sort,
            finding=_finding(themes, language, base), dates=await field_dates(view.id),
            job=job, is_running=job_state in OPEN_STATES, failed=job_state == JobState.FAILED,
        )  # fmt: skip

    @post("/analysis", name="themes.analyse", status_code=303)
    async def analyse(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        view = await reach_survey(actor_of(request), slug)
        await service.ask_for_analysis(view.id)
        return Redirect(f"/desk/surveys/{slug}/themes", status_code=303)

    @post("/analysis/cancel", name="themes.cancel_analysis", status_code=303)
    async def cancel(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        view, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        job = await jobs.newest_job(kind=ANALYSE, subject=about_survey(view.id))
        if job is not None and job["public_id"] == first(fields, "job"):  # not any job's id, and not one that is over
            await jobs.ask_to_cancel(job["public_id"])
        return Redirect(f"/desk/surveys/{slug}/themes", status_code=303)

    @get("/unsorted", name="themes.unsorted", opt=needs(Right.THEMES))
    async def unsorted(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await reach_survey(actor_of(request), slug)
        language = desk_language(request)
        run = await newest_run(view.id)
        ids: list[int] = run.figures["unsorted_sample"] if run else []
        return desk_page(
            request, "desk/unsorted.html", here="surveys", survey=view, title=await survey_title(view, language), run=run,
            statements=await _readable(ids, language),
        )  # fmt: skip


class ThemeController(Controller):
    path = "/desk/themes/{public_id:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="themes.theme", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        return await self._page(request, await _reach_theme(request, public_id))

    @post("/", name="themes.decide", status_code=303)
    async def decide(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        theme = await _reach_theme(request, public_id)
        fields = await read_form(request)
        kind = first(fields, "decision")
        if kind not in set(EventKind):
            raise InputInvalid("This decision is not known.")
        names = {tag: first(fields, f"name_{tag}") for tag in ("zh-Hans", "en")}
        try:
            await service.decide(theme, EventKind(kind), actor=actor_of(request), names=names)
        except InputInvalid:
            return await self._page(request, theme, typed=names, problem="name", status=422)
        return Redirect(f"/desk/themes/{public_id}?done={kind}", status_code=303)

    @staticmethod
    async def _page(
        request: WebRequest, theme: ThemeView, *, typed: dict[str, str] | None = None, problem: str = "", status: int = 200
    ) -> Response[bytes]:
        language = desk_language(request)
        view = await find_survey_by_id(theme.survey_id)
        run = await newest_run(view.id)
        pooled = pool_small(theme.languages)
        done = request.query_params.get("done", "")
        return desk_page(
            request, "desk/theme.html", here="surveys", status=status, survey=view, title=await survey_title(view, language),
            theme=theme_row(theme, language, run.figures["people"] if run else 0), names=typed or theme.names,
            keywords=theme.keywords, quotes=await _readable(theme.quotes, language), stability=theme.stability,
            tongues=None if theme.people < THRESHOLD or pooled.is_hidden else pooled, problem=problem,
            history=await theme_history(view.id, theme.key), done=done if done in set(EventKind) else "",
            run=run,
        )  # fmt: skip


async def _reach_theme(request: WebRequest, public_id: str) -> ThemeView:
    theme = await find_theme(public_id)
    await reach_survey_by_id(actor_of(request), theme.survey_id)
    return theme


def theme_row(theme: ThemeView, language: str, base: int) -> dict[str, Any]:
    """A theme as tables show it: below the threshold neither number nor share."""
    is_small = theme.people < THRESHOLD
    words = list(dict.fromkeys(word for found in list(theme.keywords.values())[:4] for word in found[:2]))[:6]
    return {
        "id": theme.public_id,
        "name": theme.name_in(language),
        "category": service.category_names(language).get(theme.category, ""),
        "state": theme.state.value,
        "people": None if is_small else theme.people,
        "share": None if is_small or not base else theme.people / base,
        "words": words,
        "is_new": theme.stability is not None,
        "is_hot": theme.is_hot,
    }


def _finding(themes: list[ThemeView], language: str, base: int) -> dict[str, Any] | None:
    """The largest theme that may be told, for the page's heading; exact, as in the table below it."""
    shown = [t for t in themes if t.people >= THRESHOLD and t.state != ThemeState.DISMISSED and not t.is_rest]
    return {"name": shown[0].name_in(language), "share": shown[0].people / base} if shown and base else None


async def _readable(ids: list[int], language: str) -> list[dict[str, Any]]:
    """Statements with the names of the needs in them, for who cannot read the original."""
    found = await statements_by_id(ids)
    kept = [found[key] for key in ids if key in found]
    readings = service.concept_names([(s.text, s.language) for s in kept], language)
    return [
        {"text": s.text, "lang": s.language if s.language in languages() else "und",
         "reading": list(dict.fromkeys(reading)) if s.language != language else []}
        for s, reading in zip(kept, readings, strict=True)
    ]  # fmt: skip

