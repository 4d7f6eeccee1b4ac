"""The theme board of a survey: themes side by side, runs of the analysis and what they would change, links between languages."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from analysis.statistics.disclosure import THRESHOLD, exact
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey
from survey.authoring.queries import SurveyView, survey_title
from survey.db.transaction import read_transaction
from survey.errors import InputInvalid, LinshengError
from survey.jobs import service as jobs
from survey.jobs.kinds import ANALYSE, SETTLE_THEMES, about_survey
from survey.jobs.states import OPEN_STATES, JobState
from survey.responses.queries import field_dates
from survey.themes import differences, service
from survey.themes.alerts import list_alerts
from survey.themes.pages import after_of, changes_of_order, first_quotes, lines_of, shown_theme, trouble_of
from survey.themes.queries import (
    RunView,
    ThemeView,
    list_survey_events,
    list_themes,
    newest_event,
    newest_run,
    refused_links,
    themes_by_key,
)
from survey.themes.runs import ask_for_analysis
from survey.themes.states import ThemeState
from survey.themes.stories import stories_of
from survey.themes.tables import Theme
from survey.web.forms import first, read_form
from survey.web.pages import desk_language
from survey.web.request import WebRequest

SORTS = {
    "people": lambda theme, _: (-theme.people, theme.key),
    "name": lambda theme, language: (theme.name_in(language), theme.key),
    "category": lambda theme, _: (theme.category, -theme.people, theme.key),
    "stability": lambda theme, _: (-(theme.stability if theme.stability is not None else 1.0), -theme.people, theme.key),
}
MOST_LINKS = 20
EXAMPLES_SHOWN = 2


class BoardController(Controller):
    path = "/desk/surveys/{slug:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/themes", name="themes.board", opt=needs(Right.THEMES))
    async def board(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view, language = await reach_survey(actor_of(request), slug), desk_language(request)
        async with read_transaction(Theme):
            run, themes = await newest_run(view.id), await list_themes(view.id)
            quotes = await first_quotes([t for t in themes if t.state != ThemeState.DISMISSED and not t.is_rest], language)
            job = await jobs.newest_job(kind=ANALYSE, subject=about_survey(view.id))
            settling = await jobs.newest_job(kind=SETTLE_THEMES, subject=about_survey(view.id))
            waiting = await differences.find_difference(view.id)
            links = await _links(view.id, run, themes)
            dates = await field_dates(view.id)
            alerts = await list_alerts(view.id, language, is_new=True)
        sort = request.query_params.get("sort", "people")
        order = SORTS.get(sort, SORTS["people"])
        base = run.figures["people"] if run else 0
        kept = sorted((t for t in themes if t.state != ThemeState.DISMISSED), key=lambda t: order(t, language))

        def shown(chosen: list[ThemeView]) -> list[Any]:
            return [shown_theme(t, language, base, quotes.get(t.id)) for t in chosen]

        known = [t for t in kept if not t.is_rest]
        new = [t for t in known if t.state == ThemeState.PROPOSED and t.stability is not None]
        is_waiting = job is not None and job["state"] in OPEN_STATES
        return desk_page(
            request, "desk/themes.html", here="surveys", survey=view, title=await survey_title(view, language), run=run,
            proposed=shown([t for t in known if t.state == ThemeState.PROPOSED and t.stability is None]),
            accepted=shown([t for t in known if t.state == ThemeState.ACCEPTED]), new=shown(new),
            rests=shown([t for t in kept if t.is_rest]), dismissed=shown([t for t in themes if t.state == ThemeState.DISMISSED]),
            total=len(known), wrote=exact(base), sort=sort if sort in SORTS else "people", finding=_finding(themes, language, base),
            dates=dates, alerts=alerts, job=job, is_running=is_waiting, failed=job is not None and job["state"] == JobState.FAILED,
            settling=settling if settling is not None and settling["state"] in OPEN_STATES else None, waiting=waiting,
            links=[(shown_theme(a, language, base, quotes.get(a.id)), shown_theme(b, language, base, quotes.get(b.id))) for a, b in links],
            is_order_changed=changes_of_order([t for t in themes if t.state != ThemeState.DISMISSED and not t.is_rest]),
            without=request.query_params.get("without") == "flagged",
        )  # fmt: skip

    @post("/analysis", name="themes.analyse", status_code=303)
    async def analyse(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        view = await reach_survey(actor_of(request), slug)
        await ask_for_analysis(view.id)
        return _to_board(slug)

    @post("/analysis/cancel", name="themes.cancel_analysis", status_code=303)
    async def cancel(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        view, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        job = await jobs.newest_job(kind=ANALYSE, subject=about_survey(view.id))
        if job is not None and job["public_id"] == first(fields, "job"):  # not any job's id, and not one that is over
            await jobs.ask_to_cancel(job["public_id"])
        return _to_board(slug)

    @post("/settling/cancel", name="themes.cancel_settling", status_code=303)
    async def cancel_settling(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        """Stop an act on many statements: what it moved already is brought back; of a run that is taken, the rest waits again."""
        view, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        job = await jobs.newest_job(kind=SETTLE_THEMES, subject=about_survey(view.id))
        if job is None or job["public_id"] != first(fields, "job") or job["state"] not in OPEN_STATES:
            return _to_board(slug)
        await differences.stop_taking(view.id, actor=actor_of(request))
        await service.cancel_settling(view.id, actor=actor_of(request))
        if job["state"] == JobState.RUNNING:  # one that waits is the one that brings back what was moved
            await jobs.ask_to_cancel(job["public_id"])
        return _to_board(slug)

    @post("/links", name="themes.link", status_code=303)
    async def link(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        """Say whether new themes of two languages are one need: then they are merged, else that is remembered."""
        view, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        keys = [first(fields, "one"), first(fields, "other")]
        found = await themes_by_key(view.id, keys)
        if len(found) < 2:
            raise InputInvalid("This pair of themes is not known.")
        one, other = (found[key] for key in keys)
        if first(fields, "answer") == "same":
            smaller, larger = sorted((one, other), key=lambda theme: (theme.people, theme.key))
            await service.merge(smaller, larger, actor=actor_of(request), why=first(fields, "why"))
        elif first(fields, "answer") == "two":
            await service.refuse_link(one, other, actor=actor_of(request), why=first(fields, "why"))
        else:
            raise InputInvalid("This answer is not known.")
        return Redirect(f"/desk/surveys/{slug}/themes#links", status_code=303)

    @get("/difference", name="themes.difference", opt=needs(Right.THEMES))
    async def difference(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view, language = await reach_survey(actor_of(request), slug), desk_language(request)
        async with read_transaction(Theme):
            waiting = await differences.find_difference(view.id)
            run = await newest_run(view.id)
            samples = await _samples(waiting) if waiting else {}
            lines = {line.id: line for line in await lines_of(sorted({e.statement for found in samples.values() for e in found}), language)}
            keys = {key for found in samples.values() for e in found for key in (*e.leaves, *e.enters)}
            names = await _names(view.id, waiting, keys, language)
        return desk_page(
            request, "desk/difference.html", here="surveys", survey=view, title=await survey_title(view, language), waiting=waiting,
            samples={key: [(lines[e.statement], e) for e in found if e.statement in lines] for key, found in samples.items()},
            names=names, run=run, threshold=THRESHOLD, seen=await newest_event(view.id),
        )  # fmt: skip

    @post("/difference", name="themes.answer_difference", status_code=303)
    async def answer_difference(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        view, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        run, key, why = first(fields, "run"), first(fields, "theme"), first(fields, "why")
        if not run.isascii() or not run.isdigit() or len(run) > 18:
            raise InputInvalid("This difference is not known.")
        answer = {"take": differences.take, "reject": differences.reject}.get(first(fields, "answer"))
        if answer is None:
            raise InputInvalid("This answer is not known.")
        await answer(view.id, int(run), key, actor=actor_of(request), why=why)
        is_left = await differences.find_difference(view.id) is not None
        return Redirect(f"/desk/surveys/{slug}/{'difference' if key and is_left else 'themes'}", status_code=303)

    @get("/themes/history", name="themes.history", opt=needs(Right.THEMES))
    async def history(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await _history(request, await reach_survey(actor_of(request), slug))

    @post("/themes/history", name="themes.undo", status_code=303)
    async def undo(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        view, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        event = first(fields, "event")
        if not event.isascii() or not event.isdigit() or len(event) > 18:
            raise InputInvalid("This act is not known.")
        try:
            await service.undo(view.id, int(event), actor=actor_of(request))
        except LinshengError as error:
            return await _history(request, view, error)
        return Redirect(f"/desk/surveys/{slug}/themes/history", status_code=303)


async def _history(request: WebRequest, view: SurveyView, error: LinshengError | None = None) -> Response[bytes]:
    language = desk_language(request)
    trouble = await trouble_of(error, view.id, {}, language) if error else None
    past = await list_survey_events(view.id, before=after_of(request.query_params.get("before", "")))
    return desk_page(
        request, "desk/theme_history.html", here="surveys", status=trouble.status if trouble else 200, survey=view,
        title=await survey_title(view, language), history=await stories_of(view.id, past.events, language),
        further=past.next, trouble=trouble,
    )  # fmt: skip


def _to_board(slug: str) -> Redirect:
    return Redirect(f"/desk/surveys/{slug}/themes", status_code=303)


async def _links(survey_id: int, run: RunView | None, themes: list[ThemeView]) -> list[tuple[ThemeView, ThemeView]]:
    """Pairs of new themes that may be one need and about which nobody has said anything yet."""
    if run is None:
        return []
    standing = {theme.key: theme for theme in themes if theme.state != ThemeState.DISMISSED}
    pairs = [(one, other) for one, other, _ in run.figures.get("links", []) if one in standing and other in standing]
    refused = await refused_links(survey_id) if pairs else set()
    return [(standing[a], standing[b]) for a, b in pairs if frozenset((a, b)) not in refused][:MOST_LINKS]


async def _samples(waiting: differences.DifferenceView) -> dict[str, list[differences.Example]]:
    return {
        theme.key: await differences.examples_of(waiting.run, theme.key, limit=EXAMPLES_SHOWN)
        for theme in waiting.themes[:50] if theme.comes or theme.goes
    }  # fmt: skip


async def _names(
    survey_id: int, waiting: differences.DifferenceView | None, keys: set[str], language: str
) -> dict[str, str]:
    """The names of themes in a difference: of those that stand, and of those that are only proposed."""
    if waiting is None:
        return {}
    changes = {change.key: change for change in waiting.themes}
    found = await themes_by_key(survey_id, keys | changes.keys())
    proposed = {
        key: change.names.get(language) or change.names.get("zh-Hans") or next(iter(change.names.values()), key)
        for key, change in changes.items()
    }
    return proposed | {key: theme.name_in(language) for key, theme in found.items()}


def _finding(themes: list[ThemeView], language: str, base: int) -> dict[str, Any] | None:
    """The largest theme that may be told, for the page's heading; exact, as in the list below it."""
    shown = [t for t in themes if t.people >= THRESHOLD and t.state != ThemeState.DISMISSED and not t.is_rest]
    return {"name": shown[0].name_in(language), "share": shown[0].people / base} if shown and base else None
