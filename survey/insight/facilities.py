"""Facilities and their counts of visits: kept, read by area, and put beside what people answer. Counts alone: nobody who visits is stored."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from analysis.statistics.disclosure import THRESHOLD, exact
from survey import clock
from survey.accounts.queries import PopulationView, area_names, area_parents, population_figures
from survey.accounts.rules import Actor, lies_within
from survey.audit.service import record_act
from survey.authoring.queries import SurveyView, find_survey_by_id, form_of
from survey.db.bulk import replacement, write_rows
from survey.db.columns import from_json, to_json
from survey.db.ids import new_public_id
from survey.db.transaction import read_transaction, write_transaction
from survey.errors import Conflict, InputInvalid, NotFound
from survey.i18n.languages import languages
from survey.insight.charts.facilities import AreaResources, FacilityUse
from survey.insight.counting import stored_figures
from survey.insight.facility_figures import (
    CATEGORIES,
    YEAR,
    Count,
    Counted,
    Kind,
    Level,
    OpenTo,
    ServiceUse,
    Walk,
    foreign_share,
    pool_areas,
    service_use,
    use_of,
)
from survey.insight.facility_import import CheckedRow, Known, name_of
from survey.insight.rules import IMPORTANCE
from survey.insight.tables import Resource, SurveyFigures, UsageCount
from survey.jobs.kinds import DRAW_CHARTS, about_survey
from survey.jobs.service import enqueue
from survey.themes.queries import ThemeView, list_themes, newest_run
from survey.themes.states import ThemeState

LONGEST_NAME = 120
MOST_CAPACITY = 100_000
HOURS_A_WEEK = 168
MOST_THEMES = 5

Areas = frozenset[int]


class Words(msgspec.Struct, frozen=True, omit_defaults=True):
    """What residents are told of a facility in one language, beside its name."""

    who: str = ""
    how: str = ""
    hours: str = ""
    place: str = ""


class FacilityView(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    public_id: str
    code: str
    area_id: int | None
    kind: Kind
    level: Level
    names: dict[str, str]
    capacity: int | None
    hours_per_week: float | None
    service: str
    category: str
    is_active: bool
    texts: dict[str, Words] = {}
    open_to: OpenTo | None = None
    walk: Walk | None = None
    is_public: bool = False

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names.get("zh-Hans") or self.code

    @property
    def version(self) -> str:
        """Another one when anything has been changed but what residents are told, which has forms of its own."""
        told: dict[str, Any] = {"texts": {}, "open_to": None, "walk": None, "is_public": False}
        return _hash(msgspec.structs.asdict(msgspec.structs.replace(self, **told)))

    def words_in(self, tag: str) -> Words:
        return self.texts.get(tag, Words())

    def words_version(self, tag: str) -> str:
        """Another one when the name or the words in this language have been changed."""
        return _hash([self.names.get(tag, ""), self.words_in(tag)])

    def missing_in(self, tag: str) -> list[str]:
        """What must be written in a language before residents read about it there: name, who, how."""
        words = self.words_in(tag)
        return [field for field, text in (("name", self.names.get(tag)), ("who", words.who), ("how", words.how)) if not text]

    @property
    def complete_languages(self) -> list[str]:
        return [tag for tag in languages() if not self.missing_in(tag)]

    @property
    def is_shown(self) -> bool:
        """Whether residents see it."""
        return self.is_public and self.is_active and bool(self.complete_languages)


def _hash(content: Any) -> str:
    return hashlib.sha256(to_json(content).encode()).hexdigest()[:16]


class FacilityDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A facility as somebody typed it, everything as text. `area` is an area's id, empty for all areas."""

    code: str
    names: dict[str, str]
    area: str
    kind: str
    level: str
    capacity: str
    hours_per_week: str
    service: str
    category: str


class FacilityInvalid(InputInvalid):
    """`problems` has, by field of the form, what is wrong: needed, too_long, form, taken, unknown, number, last."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


# Who sees which


async def facility_areas(actor: Actor) -> Areas | None:
    """The areas whose facilities are this person's; None for all, those without an area too."""
    if actor.area_id is None:
        return None
    parents = await area_parents()
    return frozenset(area for area in parents if lies_within(area, actor.area_id, parents))


def _reached(areas: Areas | None) -> Any:
    return Resource.area.is_in(sorted(areas)) if areas else Resource.id > 0 if areas is None else Resource.id < 0


async def list_facilities(areas: Areas | None) -> list[FacilityView]:
    """In the order of their codes, closed ones too."""
    return [_view(row) for row in await Resource.select().where(_reached(areas)).order_by(Resource.code)]


async def find_facility(public_id: str, areas: Areas | None) -> FacilityView:
    """Raise NotFound for one that is not there, and for one of another area alike."""
    row = await Resource.select().where((Resource.public_id == public_id) & _reached(areas)).first()
    if row is None:
        raise NotFound("There is no such facility.")
    return _view(row)


def _view(row: Mapping[str, Any]) -> FacilityView:
    return FacilityView(
        id=row["id"], public_id=row["public_id"], code=row["code"], area_id=row["area"], kind=Kind(row["kind"]), level=Level(row["level"]),
        names=from_json(row["names"], dict[str, str]), capacity=row["capacity"], hours_per_week=row["hours_per_week"],
        service=row["service"], category=row["category"], is_active=bool(row["is_active"]),
        texts=from_json(row["texts"], dict[str, Words]), open_to=OpenTo(row["open_to"]) if row["open_to"] else None,
        walk=Walk(row["walk"]) if row["walk"] else None, is_public=bool(row["is_public"]),
    )  # fmt: skip


# Changing


async def create_facility(draft: FacilityDraft, *, areas: Areas | None, categories: Iterable[str], actor: Actor) -> FacilityView:
    """Raise FacilityInvalid for what is no facility yet."""
    values = _checked(draft, areas, categories)
    async with write_transaction(Resource):
        if await Resource.exists().where(Resource.code == values["code"]):
            raise FacilityInvalid({"code": "taken"})
        public_id = new_public_id()
        await Resource.insert(Resource(public_id=public_id, is_active=True, **values))
        await _redraw({values["area"]})
        await facility_record(actor, "facility.created", public_id, values)
    return await find_facility(public_id, None)


async def edit_facility(
    public_id: str, draft: FacilityDraft, *, seen: str, areas: Areas | None, categories: Iterable[str], actor: Actor
) -> None:
    """Raise Conflict where somebody changed it since it was shown as `seen`. The code stays: tables of counts name it."""
    values = _checked(draft, areas, categories)
    values.pop("code")
    async with write_transaction(Resource):
        before = await find_facility(public_id, areas)
        if before.version != seen:
            raise Conflict("Somebody else changed this facility in the meantime.")
        after = msgspec.structs.replace(before, names=from_json(values["names"], dict[str, str]))
        if before.is_shown and not after.complete_languages:
            raise FacilityInvalid({f"name_{tag}": "last" for tag in before.complete_languages})
        await Resource.update({getattr(Resource, name): value for name, value in values.items()}).where(Resource.public_id == public_id)
        await _redraw({before.area_id, values["area"]})
        await facility_record(actor, "facility.edited", public_id, values)


async def set_active(public_id: str, *, is_active: bool, areas: Areas | None, actor: Actor) -> None:
    async with write_transaction(Resource):
        facility = await find_facility(public_id, areas)
        if facility.is_active != is_active:
            await Resource.update({Resource.is_active: is_active}).where(Resource.id == facility.id)
            await _redraw({facility.area_id})
            await facility_record(actor, "facility.reopened" if is_active else "facility.closed", public_id, {})


def _checked(draft: FacilityDraft, areas: Areas | None, categories: Iterable[str]) -> dict[str, Any]:
    problems: dict[str, str] = {}
    names = {tag: " ".join(name.split()) for tag, name in draft.names.items() if name.strip()}
    if "zh-Hans" not in names:
        problems["name_zh-Hans"] = "needed"
    problems |= {f"name_{tag}": "too_long" for tag, name in names.items() if len(name) > LONGEST_NAME}
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", draft.code):
        problems["code"] = "form"
    area = int(draft.area) if draft.area.isascii() and draft.area.isdigit() and len(draft.area) < 19 else None
    if (area is None and (draft.area or areas is not None)) or (areas is not None and area not in areas):
        problems["area"] = "unknown" if draft.area else "needed"
    if draft.kind not in set(Kind):
        problems["kind"] = "unknown"
    if draft.level not in set(Level):
        problems["level"] = "unknown"
    capacity, hours = _number(draft.capacity), _number(draft.hours_per_week)
    if draft.capacity and (capacity is None or capacity != int(capacity) or not 1 <= capacity <= MOST_CAPACITY):
        problems["capacity"] = "number"
    if draft.hours_per_week and (hours is None or not 0 < hours <= HOURS_A_WEEK):
        problems["hours_per_week"] = "number"
    if draft.service and not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", draft.service):
        problems["service"] = "form"
    if draft.category and draft.category not in set(categories):
        problems["category"] = "unknown"
    if problems:
        raise FacilityInvalid(problems)
    return {
        "code": draft.code, "names": to_json(names), "area": area, "kind": draft.kind, "level": draft.level,
        "capacity": None if capacity is None else int(capacity), "hours_per_week": hours, "service": draft.service,
        "category": draft.category or CATEGORIES[Kind(draft.kind)],
    }  # fmt: skip


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", text) else None


async def _redraw(areas: Collection[int | None]) -> None:
    """Queue the charts of the surveys that show facilities of these areas, in the caller's transaction: those counted before."""
    parents = await area_parents()
    for row in await SurveyFigures.select(SurveyFigures.survey):
        home = (await find_survey_by_id(row["survey"])).area_id
        if any(lies_within(area, home, parents) for area in areas):
            await enqueue(kind=DRAW_CHARTS, subject=about_survey(row["survey"]))


async def facility_record(actor: Actor, action: str, subject: str, data: dict[str, Any]) -> None:
    """An act about a facility, or about several of them by their codes, for the log. In the caller's transaction."""
    await record_act(actor=actor.name, role=actor.role, action=action, subject=f"facility:{subject}", data=data)


# Counts


async def known_facilities(areas: Areas | None, rows: Sequence[tuple[int, Mapping[str, str]]] = ()) -> list[Known]:
    """Those that counts may come for, with what is stored of those that `rows` of a table are about."""
    known = [Known(one.id, one.code, one.names) for one in await list_facilities(areas) if one.is_active]
    named = {name_of(cells.get("facility", "")) for _, cells in rows}
    counts = await _counts_by_facility([one.id for one in known if named & {name_of(name) for name in (one.code, *one.names.values())}])
    return [msgspec.structs.replace(one, counts=counts.get(one.id, ())) for one in known]


class Stored(msgspec.Struct, frozen=True):
    added: int
    replaced: int
    unchanged: int


async def store_counts(rows: Sequence[CheckedRow], *, actor: Actor) -> Stored:
    """Store checked rows, all or none; a period that is there already is replaced. Storing the same again changes nothing.

    Raises Conflict where a period that overlaps one of them was stored since they were checked.
    """
    async with write_transaction(UsageCount):
        before = await _counts_by_facility({row.facility.id for row in rows})
        added = replaced = 0
        changed: list[CheckedRow] = []
        for row in rows:
            same = next((c for c in before[row.facility.id] if (c.starts_on, c.ends_on) == (row.count.starts_on, row.count.ends_on)), None)
            if same is None and any(c.starts_on <= row.count.ends_on and row.count.starts_on <= c.ends_on for c in before[row.facility.id]):
                raise Conflict("Counts for the same days were stored in the meantime. Look at the table again.")
            if same != row.count:
                changed.append(row)
                added, replaced = added + (same is None), replaced + (same is not None)
        columns = ("days", "visits", "foreign_visits", "open_hours", "source")
        await write_rows(
            replacement(
                UsageCount, ("resource", "starts_on", "ends_on"), columns,
                [(row.facility.id, row.count.starts_on, row.count.ends_on, *(getattr(row.count, name) for name in columns)) for row in changed],
            )
        )  # fmt: skip
        if changed:
            ids = sorted({row.facility.id for row in changed})
            await _redraw({row["area"] for row in await Resource.select(Resource.area).where(Resource.id.is_in(ids))})
            codes = sorted({row.facility.code for row in changed})
            await facility_record(actor, "facility.counted", ",".join(codes)[:100], {"added": added, "replaced": replaced})
    return Stored(added, replaced, len(rows) - len(changed))


async def remove_count(facility: FacilityView, starts_on: dt.date, ends_on: dt.date, *, actor: Actor) -> None:
    """Take a period out that was counted wrongly. Raises NotFound where it is not there."""
    async with write_transaction(UsageCount):
        removed = await (
            UsageCount.delete()
            .where((UsageCount.resource == facility.id) & (UsageCount.starts_on == starts_on) & (UsageCount.ends_on == ends_on))
            .returning(UsageCount.visits, UsageCount.foreign_visits)
        )
        if not removed:
            raise NotFound("There is no such count.")
        await _redraw({facility.area_id})
        await facility_record(actor, "facility.count_removed", facility.public_id, {"starts_on": starts_on, "ends_on": ends_on, **removed[0]})


async def facility_counts(facility_id: int, limit: int = 400) -> list[Count]:
    """The newest first."""
    rows = await UsageCount.select().where(UsageCount.resource == facility_id).order_by(UsageCount.starts_on, ascending=False).limit(limit)
    return [_as_count(row) for row in rows]


async def _counts_by_facility(ids: Iterable[int]) -> dict[int, list[Count]]:
    wanted = sorted(ids)
    found: dict[int, list[Count]] = {key: [] for key in wanted}
    if wanted:
        for row in await UsageCount.select().where(UsageCount.resource.is_in(wanted)).order_by(UsageCount.starts_on):
            found[row["resource"]].append(_as_count(row))
    return found


def _as_count(row: Mapping[str, Any]) -> Count:
    return Count(row["starts_on"], row["ends_on"], row["visits"], row["foreign_visits"], row["open_hours"], row["source"])


_SUMS = """
    SELECT "resource", SUM("days") AS "days", SUM("visits") AS "visits",
        SUM(CASE WHEN "open_hours" IS NOT NULL THEN "visits" ELSE 0 END) AS "timed_visits",
        SUM(COALESCE("open_hours", 0)) AS "open_hours",
        SUM(CASE WHEN "open_hours" IS NULL THEN "days" ELSE 0 END) AS "untimed_days",
        SUM(CASE WHEN "foreign_visits" IS NOT NULL THEN "visits" ELSE 0 END) AS "told_visits",
        SUM(COALESCE("foreign_visits", 0)) AS "foreign_visits",
        SUM(CASE WHEN "foreign_visits" IS NOT NULL THEN 1 ELSE 0 END) AS "told_periods"
    FROM "usage_count" WHERE "ends_on" > {} GROUP BY "resource"
"""


async def counted_since(since: dt.date) -> dict[int, Counted]:
    """What was counted in periods that end after a day, by facility."""
    rows = await UsageCount.raw(_SUMS, since)
    return {row["resource"]: msgspec.convert({**row, "resource": None}, Counted, strict=False) for row in rows}


async def counted_between(areas: Areas | None, today: dt.date | None = None) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of the newest year's counts."""
    ids = [one.id for one in await list_facilities(areas) if one.is_active]
    since = (today or clock.today()) - dt.timedelta(days=YEAR)
    if not ids:
        return None
    days = UsageCount.select(UsageCount.starts_on, UsageCount.ends_on).where(UsageCount.resource.is_in(ids) & (UsageCount.ends_on > since))
    first = await days.order_by(UsageCount.starts_on).first()
    last = await days.order_by(UsageCount.ends_on, ascending=False).first()
    return (first["starts_on"], last["ends_on"]) if first and last else None


# Beside what people answer, and beside who lives there


async def resident_shares() -> dict[int, tuple[float, PopulationView]]:
    """The foreign share of residents by area, after the newest source that has both figures, and that source."""
    found: dict[int, tuple[float, PopulationView]] = {}
    by_source: dict[tuple[int, str, dt.date], dict[str, PopulationView]] = defaultdict(dict)
    for figure in await population_figures():  # the newest first
        by_source[figure.area_id, figure.source, figure.as_of][figure.group] = figure
    for (area, _, _), groups in by_source.items():
        total, foreign = groups.get("total"), groups.get("foreign")
        if total and foreign and total.people > 0 and area not in found:
            found[area] = (foreign.people / total.people, foreign)
    return found


async def residents_around() -> Callable[[int | None], float | None]:
    """The foreign share of residents of an area, or of the smallest area around it that has figures."""
    shares, parents = await resident_shares(), await area_parents()

    def share(area: int | None) -> float | None:
        while area is not None and area not in shares:
            area = parents.get(area)
        return None if area is None else shares[area][0]

    return share


async def resident_share_of(areas: Areas | None) -> float | None:
    """The foreign share of all residents of some areas, after the newest source that has figures of them."""
    found = [(share, figure) for area, (share, figure) in (await resident_shares()).items() if areas is None or area in areas]
    newest = max((figure.as_of for _, figure in found), default=None)
    told = [(share, figure.people) for share, figure in found if figure.as_of == newest and share > 0]
    return sum(people for _, people in told) / sum(people / share for share, people in told) if told else None


class Answers(msgspec.Struct, frozen=True):
    """What one survey says about a facility's service and the needs that it answers to."""

    service: ServiceUse | None
    importance: tuple[int, int] | None
    """How many call the field important (above the middle), of how many who answered."""
    themes: list[tuple[ThemeView, int | None]]
    """Needs of the category, with people; the largest first, None for fewer than ten."""
    wrote: int | None


async def survey_answers(survey: SurveyView, facility: FacilityView) -> Answers:
    async with read_transaction(Resource):
        return await _answers(survey, facility)


async def _answers(survey: SurveyView, facility: FacilityView) -> Answers:
    form = await form_of(survey.version_id)
    items = {item.id: item for item in form.items()}
    aware, used, satisfied = (f"{step}_{facility.service}" for step in ("aware", "used", "satisfied"))
    importance = f"importance_{IMPORTANCE.get(facility.category, '')}"
    stored = await stored_figures(survey.id)
    counts = defaultdict(dict, stored.figures.choices.total if stored else {})
    has_service = facility.service and all(name in items for name in (aware, used, satisfied)) and items[satisfied].points()
    themes = [
        (theme, exact(theme.people))
        for theme in await list_themes(survey.id)
        if theme.category == facility.category and theme.state != ThemeState.DISMISSED and theme.people
    ]
    run = await newest_run(survey.id)
    return Answers(
        service=service_use(counts[aware], counts[used], counts[satisfied], items[satisfied].points()) if has_service else None,
        importance=_important(counts[importance], items[importance].points()) if importance in items else None,
        themes=themes[:MOST_THEMES],
        wrote=exact(run.figures["people"]) if run else None,
    )


def _important(counts: Mapping[str, int], points: range) -> tuple[int, int] | None:
    people = sum(counts.get(str(point), 0) for point in points)
    high = sum(counts.get(str(point), 0) for point in points if point > (points[0] + points[-1]) / 2)
    return None if people < THRESHOLD or 0 < high < THRESHOLD or 0 < people - high < THRESHOLD else (high, people)


# For charts


async def facility_use(areas: Areas | None, language: str, today: dt.date | None = None) -> list[FacilityUse]:
    """Use and foreign visits of the newest year, of facilities whose foreign visits may be told, in the order of their names."""
    counted, residents = await counted_since((today or clock.today()) - dt.timedelta(days=YEAR)), await residents_around()
    found = []
    for facility in await list_facilities(areas):
        sums = counted.get(facility.id, Counted())
        share = foreign_share(sums, residents(facility.area_id))
        use = use_of(sums, capacity=facility.capacity, hours_per_week=facility.hours_per_week)
        if facility.is_active and use is not None and share is not None and share.foreign_visits is not None:
            found.append(FacilityUse(facility.name_in(language), sums.told_visits, share.foreign_visits, use.utilisation, share.needs_investigation))
    return sorted(found, key=lambda use: use.name)


async def resources_per_1000(
    areas: Areas | None, language: str, others: str, kind: Kind | None = None
) -> tuple[list[AreaResources], PopulationView] | None:
    """Facilities of each subdistrict beside its residents, by the newest source, small areas told together as `others`.

    A community's facility counts for its subdistrict. None where no source has figures of two areas. Comes with one figure of the source, for
    its name and its day.
    """
    shares, parents, names = await resident_shares(), await area_parents(), await area_names(language)
    newest = max((figure for _, figure in shares.values()), key=lambda figure: (figure.as_of, figure.source), default=None)
    if newest is None:
        return None
    told = {area: (share, figure) for area, (share, figure) in shares.items()
            if (figure.source, figure.as_of) == (newest.source, newest.as_of) and (areas is None or area in areas)}  # fmt: skip
    totals = dict.fromkeys(told, 0)
    for facility in await list_facilities(areas):
        area = facility.area_id
        while area is not None and area not in totals:
            area = parents.get(area)
        if area is not None and facility.is_active and (kind is None or facility.kind == kind):
            totals[area] += 1
    rows = [AreaResources(names[area], totals[area], round(figure.people / share), figure.people)
            for area, (share, figure) in told.items() if figure.people]  # fmt: skip
    return (pool_areas(rows, others), newest) if len(rows) > 1 else None
