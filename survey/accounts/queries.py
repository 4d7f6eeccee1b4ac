"""Reading areas."""

from __future__ import annotations

from survey.accounts.tables import Area
from survey.db.columns import from_json


async def area_ids() -> dict[str, int]:
    """Every area's id by its code."""
    return {row["code"]: row["id"] for row in await Area.select(Area.id, Area.code)}


async def area_names(language: str) -> dict[int, str]:
    """Every area's name by its id: in the language where there is one, else in Chinese."""
    rows = await Area.select(Area.id, Area.names)
    decoded: dict[int, dict[str, str]] = {row["id"]: from_json(row["names"], dict[str, str]) for row in rows}
    return {key: names.get(language) or names["zh-Hans"] for key, names in decoded.items()}
