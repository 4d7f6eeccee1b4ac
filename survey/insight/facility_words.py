"""What residents are told of facilities: written at the desk one language at a time, shown when somebody says so, read by everybody.

A facility is told in a language where its name, who may use it and how are written in it; in the others residents see what there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from survey.accounts.queries import area_parents, names_of_areas
from survey.accounts.rules import Actor, lies_within
from survey.db.columns import to_json
from survey.db.transaction import read_transaction, write_transaction
from survey.errors import Conflict, InputInvalid, NotFound
from survey.i18n.languages import interface_language, languages
from survey.insight.facilities import (
    LONGEST_NAME,
    Areas,
    FacilityInvalid,
    FacilityView,
    Words,
    facility_record,
    find_facility,
    list_facilities,
)
from survey.insight.facility_figures import Kind, OpenTo, Walk
from survey.insight.tables import Resource

CHINESE = "zh-Hans"
READ_CHARACTERS = {"zh-Hans", "zh-Hant", "ja"}
LONGEST = {"name": LONGEST_NAME, "who": 300, "how": 1000, "hours": 300, "place": 300}
"""The fields of a language's form, and how many characters each takes."""


# At the desk


async def write_words(
    public_id: str, tag: str, name: str, words: Words, *, seen: str, areas: Areas | None, actor: Actor
) -> FacilityView:  # fmt: skip
    """Store a facility's name and words in one language; an empty text is taken away. Half of them may be stored and are not shown.

    Raises FacilityInvalid with `too_long`, `needed` (the Chinese name), or `last` where residents could read about a shown facility in no
    language any more; Conflict where somebody changed this language since it was shown as `seen`.
    """
    if tag not in languages():
        raise InputInvalid("The form offers no such language.")
    name = " ".join(name.split())
    words = Words(**{field: _tidy(text) for field, text in msgspec.structs.asdict(words).items()})
    texts = {"name": name, **msgspec.structs.asdict(words)}
    problems = {field: "too_long" for field, text in texts.items() if len(text) > LONGEST[field]}
    if tag == CHINESE and not name:
        problems["name"] = "needed"
    if problems:
        raise FacilityInvalid(problems)
    async with write_transaction(Resource):
        before = await find_facility(public_id, areas)
        if before.words_version(tag) != seen:
            raise Conflict("Somebody else changed these words in the meantime.")
        after = msgspec.structs.replace(before, names=_with(before.names, tag, name), texts=_with(before.texts, tag, words))
        if before.is_shown and not after.complete_languages:
            raise FacilityInvalid(dict.fromkeys(after.missing_in(tag), "last"))
        await Resource.update({Resource.names: to_json(after.names), Resource.texts: to_json(after.texts)}).where(Resource.id == before.id)
        await facility_record(actor, "facility.described", public_id, {"language": tag, **texts})
    return after


async def show_facility(
    public_id: str, *, open_to: str, walk: str, is_public: bool, areas: Areas | None, actor: Actor
) -> FacilityView:  # fmt: skip
    """Store who it is open to and how far it is, and whether residents see it.

    Raises FacilityInvalid: `is_public` is `incomplete` where no language is complete; `open_to` is `needed` for one that is to be shown.
    """
    if open_to not in {"", *OpenTo} or walk not in {"", *Walk}:
        raise InputInvalid("The form offers no such choice.")
    async with write_transaction(Resource):
        before = await find_facility(public_id, areas)
        problems = {}
        if is_public and not before.complete_languages:
            problems["is_public"] = "incomplete"
        if is_public and not open_to:
            problems["open_to"] = "needed"
        if problems:
            raise FacilityInvalid(problems)
        values: dict[Any, Any] = {Resource.open_to: open_to, Resource.walk: walk, Resource.is_public: is_public}
        await Resource.update(values).where(Resource.id == before.id)
        if is_public != before.is_public:
            await facility_record(actor, "facility.shown" if is_public else "facility.hidden", public_id, {})
        if (open_to, walk) != (before.open_to or "", before.walk or ""):
            await facility_record(actor, "facility.described", public_id, {"open_to": open_to, "walk": walk})
        return await find_facility(public_id, areas)


def _tidy(text: str) -> str:
    """Lines stay lines."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def _with(map_: Mapping[str, Any], tag: str, value: Any) -> dict[str, Any]:
    rest = {key: other for key, other in map_.items() if key != tag}
    return rest | ({tag: value} if value and value != Words() else {})


# For residents


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A facility as a resident reads of it, in `language`: the one that was asked for where it is complete, else another."""

    public_id: str
    kind: Kind
    level: str
    open_to: OpenTo | None
    walk: Walk | None
    area_id: int | None
    language: str
    name: str
    words: Words
    sign: str
    """The Chinese name, as it stands at the door; empty where it is the name."""
    complete: list[str]
    """Every language in which it is described."""
    is_described: bool
    """In the language of the page."""


class AreaName(msgspec.Struct, frozen=True):
    text: str
    language: str


class AreaPlaces(msgspec.Struct, frozen=True):
    """`name` is None for what is there for all areas."""

    name: AreaName | None
    kinds: list[tuple[Kind, list[Place]]]


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    described: list[AreaPlaces]
    others: list[Place]
    """Those that are not described in the reader's language."""
    areas: dict[str, AreaName]
    """By code: those that something is in."""
    kinds: list[Kind]
    total: int
    """Without any choice."""


async def read_directory(language: str, *, area: str = "", kind: str = "") -> Directory:
    """Everything that residents are shown, or what is of a kind and in an area, given by its code; what is for all areas is in each.

    A choice that nothing belongs to leaves nothing.
    """
    async with read_transaction(Resource):
        shown = [one for one in await list_facilities(None) if one.is_shown]
        parents, names = await area_parents(), await names_of_areas()
    ids = {code: key for key, (code, _) in names.items()}
    chosen = [
        place_of(one, language)
        for one in shown
        if (not kind or one.kind == kind) and (not area or one.area_id is None or (area in ids and lies_within(one.area_id, ids[area], parents)))
    ]
    spoken = interface_language(language)
    told = {key: _name_in(found, spoken) for key, (_, found) in names.items()}
    return Directory(
        described=_grouped([place for place in chosen if place.is_described], told),
        others=sorted((place for place in chosen if not place.is_described), key=_order),
        areas={names[key][0]: told[key] for key in sorted({one.area_id for one in shown if one.area_id is not None}, key=lambda key: told[key].text)},
        kinds=[one for one in Kind if any(one == facility.kind for facility in shown)],
        total=len(shown),
    )  # fmt: skip


async def read_place(public_id: str, language: str, wanted: str = "") -> tuple[Place, AreaName | None]:
    """One that residents are shown, in the `wanted` language where it is described in it. Raises NotFound for any other."""
    facility = await find_facility(public_id, None)
    if not facility.is_shown:
        raise NotFound("There is no such facility.")
    place = place_of(facility, language, wanted)
    if facility.area_id is None:
        return place, None
    _, names = (await names_of_areas())[facility.area_id]
    return place, _name_in(names, interface_language(language))


def place_of(facility: FacilityView, language: str, wanted: str = "") -> Place:
    """A facility that is complete in some language, for a reader of one, who may have asked for another."""
    complete, spoken = facility.complete_languages, interface_language(language)
    told = next((tag for tag in (wanted, spoken, CHINESE) if tag in complete), complete[0])
    name, chinese = facility.names[told], facility.names.get(CHINESE, "")
    return Place(
        public_id=facility.public_id, kind=facility.kind, level=facility.level, open_to=facility.open_to, walk=facility.walk,
        area_id=facility.area_id, language=told, name=name, words=facility.words_in(told), sign=chinese if chinese != name else "",
        complete=complete, is_described=spoken in complete,
    )  # fmt: skip


def _grouped(places: Sequence[Place], names: Mapping[int, AreaName]) -> list[AreaPlaces]:
    """By area, what is for all of them first; then by kind."""
    found = []
    for area in sorted({place.area_id for place in places}, key=lambda key: (key is not None, names[key].text if key is not None else "")):
        here = sorted((place for place in places if place.area_id == area), key=_order)
        kinds = [(kind, [place for place in here if place.kind == kind]) for kind in Kind]
        found.append(AreaPlaces(None if area is None else names[area], [(kind, of_kind) for kind, of_kind in kinds if of_kind]))
    return found


def _order(place: Place) -> tuple[int, str]:
    return list(Kind).index(place.kind), place.name


def _name_in(names: Mapping[str, str], language: str) -> AreaName:
    """In the reader's language, else in the script that they are likelier to read: Chinese for who reads characters, Latin for the others."""
    wanted = (language, CHINESE) if language in READ_CHARACTERS else (language, "en", CHINESE)
    tag = next(tag for tag in wanted if names.get(tag))
    return AreaName(names[tag], tag)
