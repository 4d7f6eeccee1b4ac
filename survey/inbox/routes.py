"""The committee's reading page: statements as they come, in Chinese first, with filters that combine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.queries import area_ids, area_names
from survey.accounts.rules import Right
from survey.authoring.access import Areas, areas_within, reach_answers, surveys_with_answers
from survey.authoring.queries import SurveyView, form_of, survey_title
from survey.authoring.waves import list_waves
from survey.i18n.languages import languages
from survey.inbox.queries import MOST_NEW, Filters, count_new, inbox_page
from survey.inbox.rules import InboxState
from survey.inbox.service import statement_id
from survey.outreach.queries import list_channel_views
from survey.themes.queries import ThemeView, list_themes
from survey.themes.states import ThemeState
from survey.web.forms import whole_number
from survey.web.pages import desk_language
from survey.web.request import WebRequest

MOST_SEARCHED = 200

Surveys = list[tuple[SurveyView, Areas | None]]


class InboxController(Controller):
    path = "/desk"
    guards = [requires_sign_in]
    opt = needs(Right.ANSWERS)
    include_in_schema = False

    @get("/inbox", name="inbox.all")
    async def everything(self, request: WebRequest) -> Response[bytes]:
        """Across all surveys that one reaches. What belongs to a single one (channel, wave, theme) is asked for there."""
        surveys = await surveys_with_answers(actor_of(request))
        chosen = request.query_params.get("survey", "")
        kept = [pair for pair in surveys if pair[0].slug == chosen] or surveys
        language = desk_language(request)
        options = {"surveys": [(view.slug, await survey_title(view, language)) for view, _ in surveys]}
        return await _page(request, "/desk/inbox", kept, options=options, chosen={"survey": chosen if len(kept) < len(surveys) else ""})

    @get("/surveys/{slug:str}/inbox", name="inbox.survey")
    async def one_survey(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view, areas = await reach_answers(actor_of(request), slug)
        options = {
            "channels": [(channel.code, channel.name) for channel in await list_channel_views(view.id)],
            "waves": [(str(wave.number), wave.label(desk_language(request))) for wave in await list_waves(view)],
        }
        themes = [theme for theme in await list_themes(view.id) if theme.state != ThemeState.DISMISSED]
        return await _page(request, f"/desk/surveys/{slug}/inbox", [(view, areas)], options=options, survey=view, themes=themes)


async def _page(
    request: WebRequest, address: str, surveys: Surveys, *, options: dict[str, list[tuple[str, str]]],
    chosen: dict[str, str] | None = None, survey: SurveyView | None = None, themes: list[ThemeView] | None = None,
) -> Response[bytes]:  # fmt: skip
    language = desk_language(request)
    areas = await _areas(request, surveys, language)
    known = _Known(
        areas={code: key for code, key, _ in areas}, channels=await _channels(survey),
        themes={theme.public_id: theme for theme in themes or []},
    )  # fmt: skip
    filters = _filters(request, known, is_one_survey=survey is not None)
    after = await statement_id(request.query_params.get("after", ""))
    page = await inbox_page(filters, surveys, language=language, after=after)
    asked = (chosen or {}) | _as_query(filters, known)
    asked = {name: value for name, value in asked.items() if value}
    here = f"{address}?{urlencode(asked)}" if asked else address
    further = urlencode({**asked, "after": page.items[-1].statement.public_id}) if page.has_more else ""
    spoken: dict[str, None] = {}
    for view, _ in surveys:
        spoken |= dict.fromkeys((await form_of(view.version_id)).languages)
    return desk_page(
        request, "desk/inbox.html", here="inbox" if survey is None else "surveys", items=page.items, filters=filters, asked=asked,
        address=address, back=here if after is None else f"{here}{'&' if asked else '?'}after={request.query_params['after']}",
        newest=here, further=f"{address}?{further}" if further else "", is_first=after is None,
        is_whole=all(reached is None for _, reached in surveys), new=await count_new(surveys), most_new=MOST_NEW, options=options, areas=[(code, name) for code, _, name in sorted(areas, key=lambda area: area[2])],
        themes=[(theme.public_id, theme.name_in(language)) for theme in themes or []],
        tongues=[tag for tag in languages() if tag in spoken] or list(languages()), states=list(InboxState),
        **({"survey": survey, "title": await survey_title(survey, language)} if survey else {"title": ""}),
    )  # fmt: skip


class _Known(msgspec.Struct, frozen=True):
    """What can be chosen, by how the address calls it."""

    areas: dict[str, int]
    channels: dict[str, int]
    themes: dict[str, ThemeView]


async def _channels(survey: SurveyView | None) -> dict[str, int]:
    return {channel.code: channel.id for channel in await list_channel_views(survey.id)} if survey else {}


async def _areas(request: WebRequest, surveys: Surveys, language: str) -> list[tuple[str, int, str]]:
    """Code, id and name of the areas that can be chosen: those of the role, and of the one survey where it is read in part."""
    reached = await areas_within(actor_of(request))
    limits = [areas for _, areas in surveys]
    if limits and all(areas is not None for areas in limits):
        reached = frozenset().union(*(areas or frozenset() for areas in limits))
    names = await area_names(language)
    return [(code, key, names[key]) for code, key in (await area_ids()).items() if key in reached]


def _filters(request: WebRequest, known: _Known, *, is_one_survey: bool) -> Filters:
    """What the address asks for; what is not known there is left open."""
    query = request.query_params
    language, state = query.get("language", ""), query.get("state", "")
    return Filters(
        words=" ".join(query.get("q", "").replace("\x00", "").split())[:MOST_SEARCHED],
        language=language if language in languages() else "",
        area=known.areas.get(query.get("area", "")),
        channel=known.channels.get(query.get("channel", "")),
        wave=whole_number(query.get("wave", ""), 9) if is_one_survey else None,
        theme=known.themes.get(query.get("theme", "")),
        state=InboxState(state) if state in set(InboxState) else None,
    )


def _as_query(filters: Filters, known: _Known) -> dict[str, str]:
    areas = {key: code for code, key in known.areas.items()}
    channels = {key: code for code, key in known.channels.items()}
    found: dict[str, Any] = {
        "q": filters.words, "language": filters.language, "area": areas.get(filters.area or 0),
        "channel": channels.get(filters.channel or 0), "wave": filters.wave,
        "theme": filters.theme.public_id if filters.theme else "", "state": filters.state or "",
    }  # fmt: skip
    return {name: str(value) for name, value in found.items() if value not in (None, "")}
