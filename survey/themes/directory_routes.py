"""The desk's pages of service directories: which themes stand where, what stands nowhere, and a theme's place with its history."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from analysis.statistics.disclosure import THRESHOLD
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey, reach_survey_by_id
from survey.authoring.queries import SurveyView, survey_title
from survey.db.transaction import read_transaction
from survey.errors import Conflict, InputInvalid
from survey.themes.directories import find_directory, load_directories
from survey.themes.mappings import (
    LONGEST_REASON,
    MappingEvent,
    Placement,
    map_theme,
    mapping_history,
    mappings_of,
    place,
)
from survey.themes.queries import ThemeView, find_theme, list_themes
from survey.themes.states import ThemeState
from survey.themes.tables import Theme
from survey.web.forms import FormData, first, read_form, whole_number
from survey.web.pages import desk_language
from survey.web.request import WebRequest

_SHOWN = {ThemeState.PROPOSED, ThemeState.ACCEPTED}


class DirectoryController(Controller):
    path = "/desk/surveys/{slug:str}/directory"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="themes.directory", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        language, folder = desk_language(request), request.app.state.settings.directories
        directories = load_directories(folder)
        wanted = request.query_params.get("directory", "")
        directory = directories.get(wanted) or next(iter(directories.values()))
        sort = "people" if request.query_params.get("sort") == "people" else "order"
        async with read_transaction(Theme):
            survey = await reach_survey(actor_of(request), slug)
            themes = [theme for theme in await list_themes(survey.id) if theme.state in _SHOWN]
            placed = await mappings_of(themes, directory)
        rows = [_entry_row(entry.id, themes, placed, language) | {"entry": entry, "name": entry.name_in(language)} for entry in directory.entries]
        if sort == "people":
            rows.sort(key=lambda row: -row["namings"])
        nowhere = [theme for theme in themes if not placed[theme.key].entries]
        told = [theme for theme in themes if theme.people >= THRESHOLD]
        namings = sum(theme.people for theme in told)
        return desk_page(
            request, "desk/directory.html", here="surveys", survey=survey, title=await survey_title(survey, language),
            directories=[(found.id, found.name_in(language)) for found in directories.values()], directory=directory,
            name=directory.name_in(language), source=_text(directory.source, language), note=_text(directory.note, language),
            rows=rows, sort=sort, count=len(themes), nowhere=[_theme_row(theme, placed[theme.key], language) for theme in nowhere],
            share_of_themes=len(nowhere) / len(themes) if themes else None,
            share_of_namings=sum(theme.people for theme in told if theme in nowhere) / namings if namings else None,
        )  # fmt: skip


class ThemeDirectoryController(Controller):
    path = "/desk/themes/{public_id:str}/directory"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="themes.mapping", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        return await _theme_page(request, *await _reach_theme(request, public_id))

    @post("/", name="themes.map", status_code=303)
    async def change(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        theme, survey = await _reach_theme(request, public_id)
        fields = await read_form(request)
        wanted = first(fields, "directory")
        folder = request.app.state.settings.directories
        if wanted not in load_directories(folder):
            return await _theme_page(request, theme, survey, problem="invalid", status=422)
        try:
            await map_theme(
                theme, find_directory(folder, wanted), None if first(fields, "step") == "default" else fields.get("entries", []),
                " ".join(first(fields, "reason").split()), seen=whole_number(first(fields, "seen"), 9) or 0,
                actor=actor_of(request),
            )  # fmt: skip
        except Conflict:
            return await _theme_page(request, theme, survey, at=wanted, problem="conflict", typed=fields, status=409)
        except InputInvalid:
            return await _theme_page(request, theme, survey, at=wanted, problem="invalid", typed=fields, status=422)
        return Redirect(f"/desk/themes/{public_id}/directory?done={wanted}#{wanted}", status_code=303)


def _entry_row(entry_id: str, themes: list[ThemeView], placed: dict[str, Placement], language: str) -> dict[str, Any]:
    """What stands at an entry. A person counts once in each theme, so the sum is of namings; small themes are not in it."""
    here = [theme for theme in themes if any(entry.id == entry_id for entry in placed[theme.key].entries)]
    return {
        "themes": [_theme_row(theme, placed[theme.key], language) for theme in here],
        "namings": sum(theme.people for theme in here if theme.people >= THRESHOLD),
        "small": sum(theme.people < THRESHOLD for theme in here),
    }


def _theme_row(theme: ThemeView, placement: Placement, language: str) -> dict[str, Any]:
    return {
        "id": theme.public_id, "name": theme.name_in(language), "people": theme.people if theme.people >= THRESHOLD else None,
        "is_default": placement.is_default, "gone": [entry.name_in(language) for entry in placement.gone],
    }  # fmt: skip


async def _theme_page(
    request: WebRequest, theme: ThemeView, survey: SurveyView, *, at: str = "", problem: str = "", typed: FormData | None = None,
    status: int = 200,
) -> Response[bytes]:  # fmt: skip
    language, directories = desk_language(request), load_directories(request.app.state.settings.directories)
    rows, placed = [], 0
    async with read_transaction(Theme):
        for directory in directories.values():
            placement = (await mappings_of([theme], directory))[theme.key]
            placed += bool(placement.entries)
            given = typed if directory.id == at else None
            rows.append(
                {
                    "directory": directory, "name": directory.name_in(language), "placement": placement,
                    "default": [entry.name_in(language) for entry in place(directory, theme.category, None).entries],
                    "gone": [entry.name_in(language) for entry in placement.gone],
                    "chosen": set(given.get("entries", [])) if given is not None else {entry.id for entry in placement.entries},
                    "reason": first(given, "reason") if given is not None else "", "problem": problem if directory.id == at else "",
                    "history": [_event_row(event, language) for event in await mapping_history(theme, directory)],
                }
            )  # fmt: skip
    return desk_page(
        request, "desk/directory_theme.html", here="surveys", status=status, survey=survey, title=await survey_title(survey, language),
        theme=theme, name=theme.name_in(language), rows=rows, done=request.query_params.get("done", ""), longest=LONGEST_REASON,
        placed=placed,
    )  # fmt: skip


def _event_row(event: MappingEvent, language: str) -> dict[str, Any]:
    names = None if event.entries is None else [entry.name_in(language) for entry in event.entries]
    return {"names": names, "version": event.version, "reason": event.reason, "name": event.name, "role": event.role, "at": event.at}


def _text(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts.get("zh-Hans", "")


async def _reach_theme(request: WebRequest, public_id: str) -> tuple[ThemeView, SurveyView]:
    theme = await find_theme(public_id)
    return theme, await reach_survey_by_id(actor_of(request), theme.survey_id)
