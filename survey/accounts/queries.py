"""Reading areas, and who works where."""

from __future__ import annotations

import datetime as dt

import msgspec

from survey.accounts.rules import RoleKind
from survey.accounts.tables import Area, PopulationFigure, Role
from survey.db.columns import from_json


async def area_ids() -> dict[str, int]:
    """Every area's id by its code."""
    return {row["code"]: row["id"] for row in await Area.select(Area.id, Area.code)}


async def area_names(language: str) -> dict[int, str]:
    """Every area's name by its id: in the language where there is one, else in Chinese."""
    return {key: names.get(language) or names["zh-Hans"] for key, (_, names) in (await names_of_areas()).items()}


async def names_of_areas() -> dict[int, tuple[str, dict[str, str]]]:
    """Every area's code and its names by language, by its id: for pages that say which language a name is in."""
    rows = await Area.select(Area.id, Area.code, Area.names)
    return {row["id"]: (row["code"], from_json(row["names"], dict[str, str])) for row in rows}


async def accounts_with(kind: RoleKind) -> dict[int, str]:
    """Ids and names of the accounts that have a role of this kind anywhere, by name."""
    rows = await (
        Role.select(Role.account, Role.account.name.as_alias("name"))
        .where((Role.kind == kind) & (Role.account.is_active == True))  # noqa: E712 -- piccolo's condition
        .order_by(Role.account.name)
    )
    return {row["account"]: row["name"] for row in rows}


async def area_parents() -> dict[int, int | None]:
    """Every area with the one that it lies in, None for the outermost."""
    return {row["id"]: row["parent"] for row in await Area.select(Area.id, Area.parent)}


async def area_and_above(area_id: int) -> list[int]:
    """An area and all that it lies in, the smallest first; an unknown one is alone."""
    parents = await area_parents()
    found = [area_id]
    while (parent := parents.get(found[-1])) is not None:
        found.append(parent)
    return found


class StaffView(msgspec.Struct, frozen=True):
    """Somebody in one of their roles."""

    role_id: int
    account_id: int
    name: str
    role: str
    area_id: int | None
    area_names: dict[str, str]


async def staff_at(area_ids: list[int]) -> list[StaffView]:
    """Who has a role at one of these areas, or for all of them: by name, those of one person after each other."""
    here = Role.area.is_null() | Role.area.is_in(area_ids) if area_ids else Role.area.is_null()
    rows = await (
        Role.select(
            Role.id, Role.account, Role.kind, Role.area, Role.account.name.as_alias("name"), Role.area.names.as_alias("area_names")
        )
        .where(here & (Role.account.is_active == True))  # noqa: E712 -- piccolo's condition
        .order_by(Role.account.name)
        .order_by(Role.id)
    )
    return [
        StaffView(
            role_id=row["id"], account_id=row["account"], name=row["name"], role=row["kind"], area_id=row["area"],
            area_names=from_json(row["area_names"], dict[str, str]) if row["area_names"] else {},
        )
        for row in rows
    ]  # fmt: skip


class PopulationView(msgspec.Struct, frozen=True):
    """One printed figure; figures of several sources stand side by side and are never merged."""

    area_id: int
    group: str
    people: int
    source: str
    as_of: dt.date


async def population_figures() -> list[PopulationView]:
    """Every figure of every area, newest source first."""
    rows = await PopulationFigure.select().order_by(PopulationFigure.as_of, ascending=False).order_by(PopulationFigure.id)
    return [
        PopulationView(
            area_id=row["area"], group=row["population_group"], people=row["people"], source=row["source"], as_of=row["as_of"]
        )
        for row in rows
    ]
