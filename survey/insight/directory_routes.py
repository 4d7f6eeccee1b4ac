"""The public directory of places and services, and the desk's pages on which it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from survey.accounts.guards import requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.errors import Conflict
from survey.i18n.languages import languages
from survey.insight.facilities import Areas, FacilityInvalid, FacilityView, Words, facility_areas, find_facility
from survey.insight.facility_figures import OpenTo, Walk
from survey.insight.facility_words import CHINESE, LONGEST, read_directory, read_place, show_facility, write_words
from survey.web.forms import FormData, first, read_form
from survey.web.pages import desk_language, html, resident_language
from survey.web.request import WebRequest


class PlacesController(Controller):
    path = "/directory"
    include_in_schema = False

    @get("/", name="insight.directory")
    async def show(self, request: WebRequest) -> Response[bytes]:
        language, choice = resident_language(request), {name: request.query_params.get(name, "") for name in ("area", "kind")}
        directory = await read_directory(language, **choice)
        kept = {name: value for name, value in choice.items() if value}
        return html(
            request, "resident/directory.html", language, directory=directory, choice=choice, is_chosen=bool(kept),
            language_links={tag: f"/directory?{urlencode({'lang': tag, **kept})}" for tag in languages()},
        )  # fmt: skip

    @get("/{public_id:str}", name="insight.directory_place")
    async def show_place(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        """`in` is the language of the description where it is not the page's."""
        language = resident_language(request)
        place, area = await read_place(public_id, language, request.query_params.get("in", ""))
        return html(
            request, "resident/directory_place.html", language, place=place, area=area,
            language_links={tag: f"/directory/{public_id}?lang={tag}" for tag in languages()},
        )  # fmt: skip


class FacilityWordsController(Controller):
    """What residents are told of a facility: one language at a time, so that the form stays short."""

    path = "/desk/facilities/{public_id:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/words", name="insight.facility_words")
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        facility, tag = await find_facility(public_id, await _areas(request)), request.query_params.get("in", "")
        return _page(request, facility, tag if tag in languages() else CHINESE, done=request.query_params.get("done", ""))

    @post("/words", name="insight.write_facility_words", status_code=303)
    async def write(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        areas, fields = await _areas(request), await read_form(request)
        facility, tag = await find_facility(public_id, areas), first(fields, "in")
        words = Words(who=first(fields, "who"), how=first(fields, "how"), hours=first(fields, "hours"), place=first(fields, "place"))
        try:
            await write_words(
                public_id, tag, first(fields, "name"), words, seen=first(fields, "seen"), areas=areas, actor=actor_of(request)
            )
        except FacilityInvalid as invalid:
            return _page(request, facility, tag, typed=fields, problems=invalid.problems, status=422)
        except Conflict:
            typed = fields | {"seen": [facility.words_version(tag)]}
            return _page(request, facility, tag, typed=typed, is_conflict=True, status=409)
        return Redirect(f"/desk/facilities/{public_id}/words?in={tag}&done=saved", status_code=303)

    @post("/shown", name="insight.show_facility", status_code=303)
    async def show_or_hide(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        areas, fields = await _areas(request), await read_form(request)
        facility = await find_facility(public_id, areas)
        try:
            after = await show_facility(
                public_id, open_to=first(fields, "open_to"), walk=first(fields, "walk"), is_public=bool(first(fields, "is_public")),
                areas=areas, actor=actor_of(request),
            )  # fmt: skip
        except FacilityInvalid as invalid:
            return _page(request, facility, CHINESE, chosen=fields, problems=invalid.problems, status=422)
        done = "shown" if after.is_public and not facility.is_public else "hidden" if facility.is_public and not after.is_public else "saved"
        return Redirect(f"/desk/facilities/{public_id}/words?done={done}", status_code=303)


async def _areas(request: WebRequest) -> Areas | None:
    return await facility_areas(actor_of(request))


def _page(
    request: WebRequest, facility: FacilityView, tag: str, *, typed: FormData | None = None, chosen: FormData | None = None,
    problems: Mapping[str, str] | None = None, is_conflict: bool = False, done: str = "", status: int = 200,
) -> Response[bytes]:  # fmt: skip
    words, language = facility.words_in(tag), desk_language(request)
    stored = {"name": facility.names.get(tag, ""), "who": words.who, "how": words.how, "hours": words.hours, "place": words.place}
    settings = {"open_to": [facility.open_to or ""], "walk": [facility.walk or ""], "is_public": ["yes"] if facility.is_public else []}
    return desk_page(
        request, "desk/facility_words.html", here="facilities", status=status, facility=facility, name=facility.name_in(language), tag=tag,
        typed=typed or {"seen": [facility.words_version(tag)], **{field: [text] for field, text in stored.items()}}, chosen=chosen or settings,
        first=first, problems=problems or {}, longest=LONGEST, open_to=list(OpenTo), walks=list(Walk), is_conflict=is_conflict, done=done,
        chinese=facility.words_in(CHINESE),
    )  # fmt: skip
