"""The desk's page of a survey's waves: what there is, what changed since the last one, starting the next."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from analysis.statistics.disclosure import THRESHOLD, merge_neighbours
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey
from survey.authoring.queries import SurveyView, survey_title
from survey.authoring.states import SurveyState
from survey.authoring.waves import (
    FIRST,
    LARGEST_MINIMUM,
    LARGEST_RISE,
    LONGEST_NAME,
    SMALLEST_MINIMUM,
    USUAL_MINIMUM,
    USUAL_RISE,
    HasAnswers,
    WaveDraft,
    draft_problems,
    list_waves,
    start_wave,
    take_back_wave,
)
from survey.errors import Conflict, InputInvalid
from survey.i18n.catalogs import DESK_LANGUAGES
from survey.insight.counting import stored_figures
from survey.insight.schemas import WaveState
from survey.insight.service import ask_for_charts
from survey.outreach.queries import ChannelView, list_channel_views
from survey.responses.queries import counts_by_wave, has_answers_in
from survey.themes.alerts import list_alerts, mark_seen
from survey.web.forms import FormData, first, read_form, whole_number
from survey.web.pages import desk_language
from survey.web.request import WebRequest

LIMITS = {
    "minimum": (SMALLEST_MINIMUM, LARGEST_MINIMUM), "rise": (1, LARGEST_RISE),
}  # fmt: skip


class WavesController(Controller):
    path = "/desk/surveys/{slug:str}/waves"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="insight.waves", opt=needs(Right.THEMES))
    async def waves(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await _page(request, await reach_survey(actor_of(request), slug))

    @post("/", name="insight.start_wave", status_code=303)
    async def start(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        """First asks, then starts the wave after the one that the page showed."""
        actor, fields = actor_of(request), await read_form(request)
        view = await reach_survey(actor, slug)
        if first(fields, "step") == "change":
            return await _page(request, view, typed=fields)
        channels = [channel for channel in await list_channel_views(view.id) if channel.is_active]
        draft, problems = _draft(fields, channels)
        if problems:
            return await _page(request, view, typed=fields, problems=problems, status=422)
        if whole_number(first(fields, "after"), 9) != view.wave:
            return await _page(request, view, typed=fields, is_moved=True, status=409)
        if first(fields, "step") != "start":
            return desk_page(
                request, "desk/wave_start.html", here="surveys", survey=view, title=await survey_title(view, desk_language(request)),
                wave=view.wave + 1, draft=draft, aimed=[c.name for c in channels if c.id in draft.channels], typed=fields,
            )  # fmt: skip
        try:
            await start_wave(
                view, draft, channels=[c.id for c in channels], has_answers=_answers_of(view), actor=actor.name, role=actor.role
            )
        except Conflict:
            now = await reach_survey(actor, slug)
            return await _page(request, now, typed=fields, is_moved=now.wave != view.wave, status=409)
        await ask_for_charts(view.id)
        return Redirect(f"/desk/surveys/{slug}/waves", status_code=303)

    @post("/undo", name="insight.take_back_wave", status_code=303)
    async def undo(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        """Take back the last wave, which nobody has answered yet."""
        actor, fields = actor_of(request), await read_form(request)
        view = await reach_survey(actor, slug)
        number = whole_number(first(fields, "wave"), 9)
        if number is None:
            raise InputInvalid("This wave is not known.")
        try:
            await take_back_wave(view, number, has_answers=_answers_of(view), actor=actor.name, role=actor.role)
        except Conflict:
            return await _page(request, await reach_survey(actor, slug), is_kept=True, status=409)
        await ask_for_charts(view.id)
        return Redirect(f"/desk/surveys/{slug}/waves", status_code=303)

    @post("/seen", name="insight.alert_seen", status_code=303)
    async def seen(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        """Say that one has looked at an alert: it stays here, and leaves the other pages."""
        actor, fields = actor_of(request), await read_form(request)
        view = await reach_survey(actor, slug)
        await mark_seen(view.id, first(fields, "alert"), actor=actor)
        return Redirect(f"/desk/surveys/{slug}/waves#alerts", status_code=303)


class Told(msgspec.Struct, frozen=True):
    """How many answered a wave, as it may be told: `people` of waves `first` to `last`, or None where they are few in all."""

    people: int | None
    first: int
    last: int


def told_by_wave(counts: dict[int, int], last: int) -> dict[int, Told]:
    """Waves of fewer than ten are told together with their neighbours; that nobody has answered one is no secret."""
    numbers = range(FIRST, last + 1)
    answered = [(number, counts[number]) for number in numbers if counts.get(number)]
    together = merge_neighbours(answered)
    told = {number: Told(0, number, number) for number in numbers}
    for number, _ in answered:
        told[number] = next((Told(n, a, b) for a, b, n in together if a <= number <= b), Told(None, number, number))
    return told


async def _page(
    request: WebRequest, view: SurveyView, *, typed: FormData | None = None, problems: dict[str, str] | None = None,
    is_moved: bool = False, is_kept: bool = False, status: int = 200,
) -> Response[bytes]:  # fmt: skip
    """`typed` is what a form sent; `is_moved`: somebody else started a wave; `is_kept`: the wave could not be taken back."""
    language = desk_language(request)
    waves, channels = await list_waves(view), {channel.id: channel for channel in await list_channel_views(view.id)}
    counts, counted = await counts_by_wave(view.id), await stored_figures(view.id)
    found = counted.figures.comparison if counted else None
    is_fresh = found is not None and found.number == view.wave
    return desk_page(
        request, "desk/waves.html", here="surveys", status=status, survey=view, title=await survey_title(view, language),
        waves=[(wave, wave.label(language), [channels[key] for key in wave.channels if key in channels]) for wave in reversed(waves)],
        told=told_by_wave(counts, view.wave), alerts=await list_alerts(view.id, language), states=WaveState, threshold=THRESHOLD,
        comparison=found if is_fresh else None, counted=counted if is_fresh else None, is_draft=view.state == SurveyState.DRAFT,
        is_empty=not counts.get(view.wave), channels=[channel for channel in channels.values() if channel.is_active],
        typed=typed if typed is not None else {"minimum": [str(USUAL_MINIMUM)], "rise": [str(USUAL_RISE)]},
        problems=problems or {}, limits=LIMITS, longest=LONGEST_NAME, tongues=list(DESK_LANGUAGES), is_moved=is_moved, is_kept=is_kept,
    )  # fmt: skip


def _draft(fields: FormData, channels: list[ChannelView]) -> tuple[WaveDraft, dict[str, str]]:
    """What the form wants, and what is wrong with it by field."""
    ids = {channel.code: channel.id for channel in channels}
    numbers = {name: whole_number(first(fields, name), 9) for name in ("minimum", "rise")}
    draft = WaveDraft(
        channels=sorted({ids.get(code, 0) for code in fields.get("channel", [])}), minimum=numbers["minimum"] or 0, rise=numbers["rise"] or 0,
        names={tag: name for tag in DESK_LANGUAGES if (name := " ".join(first(fields, f"name_{tag}").split()))},
    )
    return draft, draft_problems(draft, ids.values())


def _answers_of(view: SurveyView) -> HasAnswers:
    async def ask(wave: int) -> bool:
        return await has_answers_in(view.id, wave)

    return ask
