"""Reading areas."""

from __future__ import annotations

import datetime as dt

import msgspec

from survey.accounts.tables import Area, PopulationFigure
from survey.db.columns import from_json


async def area_ids() -> dict[str, int]:
    """Every area's id by its code."""
    return {row["code"]: row["id"] for row in await Area.select(Area.id, Area.code)}


async def area_names(language: str) -> dict[int, str]:
    """Every area's name by its id: in the language where there is one, else in Chinese."""
    rows = await Area.select(Area.id, Area.names)
    decoded: dict[int, dict[str, str]] = {row["id"]: from_json(row["names"], dict[str, str]) for row in rows}
    return {key: names.get(language) or names["zh-Hans"] for key, names in decoded.items()}


async def area_and_above(area_id: int) -> list[int]:
    """An area and all that it lies in, the smallest first; an unknown one is alone."""
    parents = {row["id"]: row["parent"] for row in await Area.select(Area.id, Area.parent)}
    found = [area_id]
    while (parent := parents.get(found[-1])) is not None:
        found.append(parent)
    return found


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
