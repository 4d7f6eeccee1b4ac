"""Facilities and their counts as they are stored, and what charts are given, on both engines."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from survey.accounts.areas import SOURCE_2010
from survey.accounts.queries import area_ids
from survey.accounts.rules import Actor, RoleKind
from survey.audit.tables import AuditEvent
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, create_survey
from survey.errors import Conflict, NotFound
from survey.insight.charts.facilities import AreaResources, FacilityUse
from survey.insight.counting import store_figures
from survey.insight.facilities import (
    FacilityDraft,
    FacilityInvalid,
    FacilityView,
    Stored,
    counted_since,
    create_facility,
    edit_facility,
    facility_areas,
    facility_counts,
    facility_use,
    find_facility,
    known_facilities,
    list_facilities,
    remove_count,
    resources_per_1000,
    set_active,
    store_counts,
)
from survey.insight.facility_figures import Kind, added_up
from survey.insight.facility_import import CheckedRow, check_rows
from survey.insight.schemas import Figures
from survey.jobs.kinds import DRAW_CHARTS, about_survey
from survey.jobs.tables import Job
from survey.settings import Settings

TODAY = dt.date(2026, 11, 26)
ACTOR = Actor(account_id=0, name="chen", role=RoleKind.COMMITTEE, area_id=None, session_id=0)
CATEGORIES = ("culture_leisure", "health")


def draft(code: str, area: int | None, **changes: Any) -> FacilityDraft:
    return msgspec.structs.replace(
        FacilityDraft(
            code=code, names={"zh-Hans": f"{code} 设施", "en": ""}, area=str(area or ""), kind="library", level="community", capacity="24",
            hours_per_week="40", service="library", category="",
        ),
        **changes,
    )


async def facility(code: str = "library", area: str = "wangjing", **changes: Any) -> FacilityView:
    return await create_facility(draft(code, (await area_ids())[area], **changes), areas=None, categories=CATEGORIES, actor=ACTOR)


async def check(*rows: tuple[str, str, str, str, str]) -> list[CheckedRow]:
    names = ("facility", "start", "end", "visits", "foreign_visits")
    cells = [(number, dict(zip(names, row, strict=True))) for number, row in enumerate(rows, start=1)]
    checked = check_rows(cells, await known_facilities(None, cells), TODAY)
    assert checked.problems == []
    return checked.rows


JANUARY = ("library", "2026-01-01", "2026-01-31", "500", "4")
FEBRUARY = ("library", "2026-02-01", "2026-02-28", "460", "")


async def test_counts_are_added_replaced_and_left_alone(database: Settings):
    made = await facility()

    first = await store_counts(await check(JANUARY, FEBRUARY), actor=ACTOR)
    again = await store_counts(await check(JANUARY, FEBRUARY), actor=ACTOR)
    changed = await store_counts(await check((*JANUARY[:3], "510", "6"), FEBRUARY), actor=ACTOR)

    assert (first, again, changed) == (Stored(2, 0, 0), Stored(0, 0, 2), Stored(0, 1, 1))
    counts = await facility_counts(made.id)
    assert [(count.starts_on.month, count.visits, count.foreign_visits) for count in counts] == [(2, 460, None), (1, 510, 6)]
    assert await counted_since(dt.date(2025, 11, 26)) == {made.id: added_up(counts)}
    assert await counted_since(dt.date(2026, 2, 28)) == {}
    acts = await AuditEvent.select(AuditEvent.action, AuditEvent.data).where(AuditEvent.action == "facility.counted").order_by(AuditEvent.id)
    assert [act["data"] for act in acts] == ['{"added":2,"replaced":0}', '{"added":0,"replaced":1}']


async def test_whatever_changes_facilities_has_the_charts_of_their_surveys_drawn_again(database: Settings, monkeypatch: pytest.MonkeyPatch):
    """Of surveys around the facility that were counted before, in the same transaction; storing the same again changes nothing."""
    areas = await area_ids()
    surveys = {}
    for slug, area in {"everywhere": None, "around": "chaoyang", "here": "wangjing", "elsewhere": "donghu", "uncounted": "wangjing"}.items():
        await create_survey(slug=slug, form=bundled_form(), area_id=areas[area] if area else None)
        surveys[slug] = (await find_survey(slug)).id
        if slug != "uncounted":
            await store_figures(surveys[slug], Figures())
    concerned = {about_survey(surveys[slug]) for slug in ("everywhere", "around", "here")}

    async def drawn() -> set[str]:
        queued = {row["subject"] for row in await Job.select(Job.subject).where(Job.kind == DRAW_CHARTS)}
        await Job.delete(force=True)
        return queued

    made = await facility()
    assert await drawn() == concerned
    await store_counts(await check(JANUARY, FEBRUARY), actor=ACTOR)
    assert await drawn() == concerned
    await store_counts(await check(JANUARY, FEBRUARY), actor=ACTOR)
    assert await drawn() == set()
    await remove_count(made, dt.date(2026, 1, 1), dt.date(2026, 1, 31), actor=ACTOR)
    assert await drawn() == concerned
    await set_active(made.public_id, is_active=False, areas=None, actor=ACTOR)
    assert await drawn() == concerned
    closed = await find_facility(made.public_id, None)
    await edit_facility(made.public_id, draft("library", areas["donghu"]), seen=closed.version, areas=None, categories=CATEGORIES, actor=ACTOR)
    assert await drawn() == concerned | {about_survey(surveys["elsewhere"])}

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    await set_active(made.public_id, is_active=True, areas=None, actor=ACTOR)
    await drawn()
    rows = await check(JANUARY)
    monkeypatch.setattr("survey.insight.facilities.facility_record", fail)
    with pytest.raises(ZeroDivisionError):
        await store_counts(rows, actor=ACTOR)
    assert await drawn() == set()


async def test_counts_checked_before_somebody_else_stored_overlapping_ones_are_refused(database: Settings):
    made = await facility()
    early = await check(("library", "2026-01-15", "2026-02-14", "300", ""))
    await store_counts(await check(JANUARY), actor=ACTOR)

    with pytest.raises(Conflict):
        await store_counts([*early, *await check(FEBRUARY)], actor=ACTOR)

    assert [count.visits for count in await facility_counts(made.id)] == [500]


async def test_count_is_removed_and_kept_in_the_log(database: Settings):
    made = await facility()
    await store_counts(await check(JANUARY, FEBRUARY), actor=ACTOR)

    await remove_count(made, dt.date(2026, 1, 1), dt.date(2026, 1, 31), actor=ACTOR)

    assert [count.visits for count in await facility_counts(made.id)] == [460]
    act = await AuditEvent.select(AuditEvent.data).where(AuditEvent.action == "facility.count_removed").first()
    assert act == {"data": '{"ends_on":"2026-01-31","foreign_visits":4,"starts_on":"2026-01-01","visits":500}'}
    with pytest.raises(NotFound):
        await remove_count(made, dt.date(2026, 1, 1), dt.date(2026, 1, 31), actor=ACTOR)


async def test_facility_is_edited_by_who_saw_it_as_it_is_and_keeps_its_code(database: Settings):
    made = await facility(category="")
    area = (await area_ids())["wangjing"]
    assert (made.category, made.capacity, made.hours_per_week, made.names) == ("culture_leisure", 24, 40.0, {"zh-Hans": "library 设施"})

    await edit_facility(
        made.public_id, draft("other", area, capacity="", hours_per_week="37.5", category="health"), seen=made.version, areas=None,
        categories=CATEGORIES, actor=ACTOR,
    )  # fmt: skip

    now = await find_facility(made.public_id, None)
    assert (now.code, now.capacity, now.hours_per_week, now.category) == ("library", None, 37.5, "health")
    with pytest.raises(Conflict):
        await edit_facility(made.public_id, draft("x", area), seen=made.version, areas=None, categories=CATEGORIES, actor=ACTOR)
    await set_active(made.public_id, is_active=False, areas=None, actor=ACTOR)
    assert await known_facilities(None) == []
    assert [one.is_active for one in await list_facilities(None)] == [False]


async def test_facility_that_is_none_is_refused_field_by_field(database: Settings):
    await facility()
    ids = await area_ids()
    own = frozenset({ids["wangjing"]})
    bad = FacilityDraft(
        code="A b", names={"zh-Hans": " ", "ko": "가" * 121}, area=str(ids["sanlitun"]), kind="x", level="x", capacity="0", hours_per_week="169",
        service="A", category="x",
    )  # fmt: skip

    with pytest.raises(FacilityInvalid) as refused:
        await create_facility(bad, areas=own, categories=CATEGORIES, actor=ACTOR)
    with pytest.raises(FacilityInvalid) as taken:
        await create_facility(draft("library", ids["wangjing"]), areas=own, categories=CATEGORIES, actor=ACTOR)
    with pytest.raises(FacilityInvalid) as nowhere:
        await create_facility(draft("other", None), areas=own, categories=CATEGORIES, actor=ACTOR)

    assert refused.value.problems == {
        "name_zh-Hans": "needed", "name_ko": "too_long", "code": "form", "area": "unknown", "kind": "unknown", "level": "unknown",
        "capacity": "number", "hours_per_week": "number", "service": "form", "category": "unknown",
    }  # fmt: skip
    assert (taken.value.problems, nowhere.value.problems) == ({"code": "taken"}, {"area": "needed"})
    assert [one.code for one in await list_facilities(None)] == ["library"]


async def test_areas_hold_facilities_apart(database: Settings):
    here, there = await facility("here"), await facility("there", "sanlitun")
    ids = await area_ids()

    reached = {
        place: await facility_areas(msgspec.structs.replace(ACTOR, area_id=ids.get(place))) for place in ("wangjing", "chaoyang", "everywhere")
    }

    assert {place: [one.code for one in await list_facilities(areas)] for place, areas in reached.items()} == {
        "wangjing": ["here"], "chaoyang": ["here", "there"], "everywhere": ["here", "there"],
    }  # fmt: skip
    assert (await find_facility(here.public_id, reached["wangjing"])).code == "here"
    with pytest.raises(NotFound):
        await find_facility(there.public_id, reached["wangjing"])
    assert await list_facilities(frozenset()) == []


async def test_charts_get_use_that_may_be_told_and_resources_beside_residents(database: Settings):
    await facility("library")
    await facility("told", "sanlitun", capacity="")
    await facility("empty", "sanlitun", kind="health_centre")
    rows = await check(JANUARY, ("told", "2026-01-01", "2026-01-31", "310", "31"), ("told", "2026-02-01", "2026-02-28", "90", ""))
    await store_counts(rows, actor=ACTOR)

    assert await facility_use(None, "zh-Hans", TODAY) == [FacilityUse("told 设施", 310, 31, None, needs_investigation=True)]
    found = await resources_per_1000(None, "en", "others")
    assert found is not None
    areas, source = found
    assert areas[0] == AreaResources("Wangjing Subdistrict", 1, 264_037, 12_901)
    assert {area.name: area.resources for area in areas if area.resources} == {"Wangjing Subdistrict": 1, "Sanlitun Subdistrict": 2}
    assert areas[-1].name == "others"
    assert min(area.foreign for area in areas) >= 100
    assert (source.source, source.as_of) == (SOURCE_2010, dt.date(2010, 3, 1))
    libraries = await resources_per_1000(None, "en", "others", Kind.LIBRARY)
    assert libraries is not None
    assert sum(area.resources for area in libraries[0]) == 2
