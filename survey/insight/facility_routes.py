"""The desk's pages of facilities: how they are used, and counts of visits in from a table."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from survey import clock
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.queries import area_names
from survey.accounts.rules import Actor, Right
from survey.authoring.access import reachable_surveys
from survey.authoring.queries import SurveyView, form_of, survey_title
from survey.errors import Conflict, InputInvalid
from survey.i18n.languages import languages
from survey.i18n.speech import speech
from survey.insight.facilities import (
    Areas,
    FacilityDraft,
    FacilityInvalid,
    FacilityView,
    counted_since,
    create_facility,
    edit_facility,
    facility_areas,
    facility_counts,
    find_facility,
    known_facilities,
    list_facilities,
    remove_count,
    residents_around,
    set_active,
    store_counts,
    survey_answers,
)
from survey.insight.facility_figures import (
    YEAR,
    Count,
    Counted,
    ForeignShare,
    Kind,
    Level,
    Use,
    added_up,
    foreign_share,
    foreign_stretches,
    trend_of,
    use_of,
)
from survey.insight.facility_import import (
    CHINESE,
    COLUMNS,
    MOST_ROWS,
    Checked,
    as_table,
    check_rows,
    parse_day,
    read_counts,
    read_pasted,
)
from survey.tabular import TableInvalid, safe_cell, uploaded
from survey.themes.service import category_names
from survey.web.forms import FormData, Upload, first, read_form, read_form_with_file, whole_number
from survey.web.pages import desk_language, download
from survey.web.request import WebRequest

A_PAGE = 50
MOST_SHOWN = 30
"""Rows of an import on its preview, and mistakes."""


class Line(msgspec.Struct, frozen=True):
    """A facility in the list."""

    facility: FacilityView
    name: str
    area: str
    use: Use | None
    share: ForeignShare | None


SORTS: dict[str, Callable[[Line], Any]] = {
    "": lambda line: (not (line.share and line.share.needs_investigation), -(line.use.a_day if line.use else -1), line.name),
    "name": lambda line: line.name,
    "area": lambda line: (line.area, line.name),
    "level": lambda line: (line.facility.level, line.name),
    "visits": lambda line: (-(line.use.a_day if line.use else -1), line.name),
    "use": lambda line: (-((line.use.utilisation if line.use else None) or -1), line.name),
    "foreign": lambda line: (-_told_share(line), line.name),
}


def _told_share(line: Line) -> float:
    """By what is shown: an order by hidden numbers would tell them."""
    return -1.0 if line.share is None else line.share.interval.estimate if line.share.foreign_visits else -0.5


class FacilitiesController(Controller):
    path = "/desk/facilities"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="insight.facilities", opt=needs(Right.THEMES))
    async def list_all(self, request: WebRequest) -> Response[bytes]:
        language = desk_language(request)
        lines = await _lines(await _areas(request), language)
        sort = request.query_params.get("sort", "")
        lines.sort(key=SORTS.get(sort, SORTS[""]))
        page = _page(request.query_params.get("page", ""), len(lines))
        return desk_page(
            request, "desk/facilities.html", here="facilities", lines=lines[(page - 1) * A_PAGE : page * A_PAGE], total=len(lines),
            page=page, pages=-(-len(lines) // A_PAGE), sort=sort if sort in SORTS else "",
            doubtful=sum(line.share is not None and line.share.needs_investigation for line in lines if line.facility.is_active),
            counted=sum(line.use is not None for line in lines), fine=_fine(language), done=request.query_params.get("done", ""),
        )  # fmt: skip

    @get("/new", name="insight.new_facility")
    async def new(self, request: WebRequest) -> Response[bytes]:
        return await _form_page(request, None, {"level": ["community"]})

    @post("/new", name="insight.create_facility", status_code=303)
    async def create(self, request: WebRequest) -> Response[Any]:
        fields = await read_form(request)
        try:
            facility = await create_facility(
                _draft(fields), areas=await _areas(request), categories=category_names("en"), actor=actor_of(request)
            )
        except FacilityInvalid as invalid:
            return await _form_page(request, None, fields, problems=invalid.problems, status=422)
        return Redirect(f"/desk/facilities/{facility.public_id}?done=created", status_code=303)

    @get("/counts", name="insight.facility_import")
    async def import_page(self, request: WebRequest) -> Response[bytes]:
        return await _import_page(request)

    @post("/counts", name="insight.import_counts", status_code=200)
    async def import_counts(self, request: WebRequest) -> Response[Any]:
        """Show what a table would store, then store it when it is sent again with `step`: nothing is kept in between."""
        fields, upload = await read_form_with_file(request, "file")
        text = fields.get("rows", [""])[0]
        try:
            rows = await asyncio.to_thread(_read, upload, text)
        except TableInvalid as invalid:
            return await _import_page(request, text=text, invalid=invalid, status=422)
        checked = check_rows(rows, await known_facilities(await _areas(request), rows), clock.today())
        step = first(fields, "step")
        if step == "store" and checked.rows and not checked.problems:
            try:
                stored = await store_counts(checked.rows, actor=actor_of(request))
            except Conflict:
                return _preview(request, checked, is_late=True, status=409)
            return Redirect(f"/desk/facilities?done={stored.added}-{stored.replaced}-{stored.unchanged}", status_code=303)
        return _preview(request, checked, status=422 if checked.problems or not checked.rows else 200)

    @get("/counts/template.csv", name="insight.facility_template")
    async def template(self, request: WebRequest) -> Response[bytes]:
        """A table to fill in: the columns, and a line for each facility with the days of last month."""
        end = clock.today().replace(day=1) - dt.timedelta(days=1)
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow([CHINESE[column] for column in COLUMNS] if desk_language(request) == "zh-Hans" else COLUMNS)
        for facility in await known_facilities(await _areas(request)):
            writer.writerow([safe_cell(facility.code), end.replace(day=1), end, "", "", "", ""])
        # The mark before it tells Excel that this is UTF-8.
        return download(("\ufeff" + out.getvalue()).encode(), "text/csv", "visits.csv")

    @get("/{public_id:str}", name="insight.facility", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        facility = await find_facility(public_id, await _areas(request))
        return await _facility_page(request, facility)

    @get("/{public_id:str}/edit", name="insight.facility_form")
    async def edit_page(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        facility = await find_facility(public_id, await _areas(request))
        return await _form_page(request, facility, _fields_of(facility))

    @post("/{public_id:str}/edit", name="insight.edit_facility", status_code=303)
    async def edit(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        areas = await _areas(request)
        facility, fields = await find_facility(public_id, areas), await read_form(request)
        draft = msgspec.structs.replace(_draft(fields), code=facility.code)
        try:
            await edit_facility(
                public_id, draft, seen=first(fields, "seen"), areas=areas, categories=category_names("en"), actor=actor_of(request)
            )
        except FacilityInvalid as invalid:
            return await _form_page(request, facility, fields, problems=invalid.problems, status=422)
        except Conflict:
            return await _form_page(request, facility, fields | {"seen": [facility.version]}, is_conflict=True, status=409)
        return Redirect(f"/desk/facilities/{public_id}?done=saved", status_code=303)

    @post("/{public_id:str}/state", name="insight.facility_state", status_code=303)
    async def change_state(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        areas = await _areas(request)
        await find_facility(public_id, areas)
        change = first(await read_form(request), "change")
        if change not in {"close", "reopen"}:
            raise InputInvalid("A facility can be closed or reopened.")
        await set_active(public_id, is_active=change == "reopen", areas=areas, actor=actor_of(request))
        return Redirect(f"/desk/facilities/{public_id}?done={change}", status_code=303)

    @post("/{public_id:str}/remove-count", name="insight.remove_count", status_code=303)
    async def remove(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        """Ask first; `step` says the answer."""
        facility, fields = await find_facility(public_id, await _areas(request)), await read_form(request)
        start, end = parse_day(first(fields, "start")), parse_day(first(fields, "end"))
        if start is None or end is None:
            raise InputInvalid("Which count is to be removed?")
        if first(fields, "step") != "remove":
            name = facility.name_in(desk_language(request))
            return desk_page(
                request, "desk/facility_remove.html", here="facilities", status=200, facility=facility, name=name, start=start, end=end
            )
        await remove_count(facility, start, end, actor=actor_of(request))
        return Redirect(f"/desk/facilities/{public_id}?done=removed", status_code=303)


async def _areas(request: WebRequest) -> Areas | None:
    return await facility_areas(actor_of(request))


async def _lines(areas: Areas | None, language: str) -> list[Line]:
    names, residents = await area_names(language), await residents_around()
    counted = await counted_since(_since())
    lines = []
    for facility in await list_facilities(areas):
        sums = counted.get(facility.id, Counted())
        lines.append(
            Line(
                facility=facility, name=facility.name_in(language), area=names.get(facility.area_id or 0, ""),
                use=use_of(sums, capacity=facility.capacity, hours_per_week=facility.hours_per_week),
                share=foreign_share(sums, residents(facility.area_id)),
            )
        )  # fmt: skip
    return lines


def _fine(language: str) -> Callable[[float], str]:
    """Percent with a tenth: foreign shares are small."""
    number = speech("desk", language).number
    return lambda share: f"{number(round(100 * share, 1))}%"


def _since() -> dt.date:
    return clock.today() - dt.timedelta(days=YEAR)


def _page(text: str, total: int) -> int:
    return max(1, min(whole_number(text, 6) or 1, -(-total // A_PAGE)))


async def _facility_page(request: WebRequest, facility: FacilityView) -> Response[bytes]:
    language, since = desk_language(request), _since()
    counts = await facility_counts(facility.id)
    newest = [count for count in counts if count.ends_on > since]
    share_of, names = await residents_around(), await area_names(language)
    survey = await _survey_about(actor_of(request), facility)
    return desk_page(
        request, "desk/facility.html", here="facilities", facility=facility, name=facility.name_in(language), fine=_fine(language),
        category=category_names(language).get(facility.category, ""),
        area=names.get(facility.area_id or 0, ""), counts=counts[:A_PAGE], more=max(len(counts) - A_PAGE, 0),
        use=use_of(added_up(newest), capacity=facility.capacity, hours_per_week=facility.hours_per_week),
        share=_share(newest, counts, share_of(facility.area_id)), resident_share=share_of(facility.area_id),
        stretches=foreign_stretches(newest), trend=trend_of(newest), top=max((count.visits / count.days for count in counts), default=0.0),
        dates=(newest[-1].starts_on, newest[0].ends_on) if newest else None, sources=_sources(newest),
        about=survey, title=await survey_title(survey, language) if survey else "",
        answers=await survey_answers(survey, facility) if survey else None, done=request.query_params.get("done", ""),
    )  # fmt: skip


def _share(newest: list[Count], counts: list[Count], resident_share: float | None) -> ForeignShare | None:
    """Of the newest year; of all that was counted where ten foreign visits do not come together in it."""
    found = foreign_share(added_up(newest), resident_share)
    longer = foreign_share(added_up(counts), resident_share)
    return longer if found is None or (found.foreign_visits is None and longer is not None) else found


def _sources(counts: list[Count]) -> list[str]:
    return list(dict.fromkeys(count.source for count in counts if count.source))


async def _survey_about(actor: Actor, facility: FacilityView) -> SurveyView | None:
    """The newest survey that this person reaches which was opened, one that asks about the facility's service before others."""
    found = [view for view in await reachable_surveys(actor) if view.opened_on is not None and view.respondent_kind == "resident"]
    for view in found:
        if facility.service and f"aware_{facility.service}" in {item.id for item in (await form_of(view.version_id)).items()}:
            return view
    return found[0] if found else None


def _read(upload: Upload | None, text: str) -> list[tuple[int, dict[str, str]]]:
    if upload is not None:
        with uploaded(upload.name, upload.data) as path:
            return read_counts(path)
    if not text.strip():
        raise TableInvalid("Choose a file, or paste a table with the names of its columns.", "nothing")
    return read_pasted(text)


async def _import_page(request: WebRequest, *, text: str = "", invalid: TableInvalid | None = None, status: int = 200) -> Response[bytes]:
    has_any = bool(await known_facilities(await _areas(request)))
    return desk_page(
        request, "desk/facility_import.html", here="facilities", status=status, text=text, has_any=has_any, most=MOST_ROWS,
        columns=[(CHINESE[column], column) for column in COLUMNS], problem=invalid.code if invalid else "",
    )  # fmt: skip


def _preview(request: WebRequest, checked: Checked, *, is_late: bool = False, status: int = 200) -> Response[bytes]:
    language = desk_language(request)
    changes = [row for row in checked.rows if row.is_new or row.is_change]
    return desk_page(
        request, "desk/facility_preview.html", here="facilities", status=status, checked=checked, rows=checked.rows[:MOST_SHOWN],
        problems=checked.problems[:MOST_SHOWN], new=sum(row.is_new for row in checked.rows), table=as_table(checked.rows),
        replaced=sum(row.is_change for row in checked.rows), same=len(checked.rows) - len(changes), is_late=is_late,
        columns=CHINESE if language == "zh-Hans" else dict(zip(COLUMNS, COLUMNS, strict=True)),
        names={row.facility.code: row.facility.names.get(language) or row.facility.names.get("zh-Hans", "") for row in checked.rows[:MOST_SHOWN]},
    )  # fmt: skip


async def _form_page(
    request: WebRequest, facility: FacilityView | None, fields: FormData, *, problems: Mapping[str, str] | None = None,
    is_conflict: bool = False, status: int = 200,
) -> Response[bytes]:  # fmt: skip
    own = await _areas(request)
    return desk_page(
        request, "desk/facility_form.html", here="facilities", status=status, facility=facility, typed=fields, first=first,
        name=facility.name_in(desk_language(request)) if facility else "", problems=problems or {}, is_conflict=is_conflict,
        areas={key: name for key, name in (await area_names(desk_language(request))).items() if own is None or key in own},
        is_everywhere=own is None, kinds=list(Kind), levels=list(Level), categories=category_names(desk_language(request)),
    )  # fmt: skip


def _draft(fields: FormData) -> FacilityDraft:
    return FacilityDraft(
        code=first(fields, "code").lower(), names={tag: first(fields, f"name_{tag}") for tag in languages()}, area=first(fields, "area"),
        kind=first(fields, "kind"), level=first(fields, "level"), capacity=first(fields, "capacity"),
        hours_per_week=first(fields, "hours_per_week"), service=first(fields, "service"), category=first(fields, "category"),
    )  # fmt: skip


def _fields_of(facility: FacilityView) -> FormData:
    """A stored facility as its form would send it."""
    hours = facility.hours_per_week
    return {f"name_{tag}": [name] for tag, name in facility.names.items()} | {
        "code": [facility.code], "area": [str(facility.area_id or "")], "kind": [facility.kind], "level": [facility.level],
        "capacity": [str(facility.capacity or "")], "hours_per_week": ["" if hours is None else f"{hours:g}"],
        "service": [facility.service], "category": [facility.category], "seen": [facility.version],
    }  # fmt: skip
