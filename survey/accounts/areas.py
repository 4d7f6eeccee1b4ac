"""The areas that ship: Chaoyang District and its subdistricts, with the figures of 2010 as they were printed."""

from __future__ import annotations

import csv
import datetime as dt
import io
from importlib import resources

from survey.accounts.tables import Area, PopulationFigure
from survey.db.columns import to_json
from survey.db.transaction import write_transaction

SOURCE_2010 = "Wang Ming, Yang Li: table 1, police-registered, March 2010, as printed"
_AS_OF = dt.date(2010, 3, 1)
_OFFICIAL = {"Shoudujichang": ("首都机场", "Capital Airport")}


async def create_bundled_areas() -> int:
    """Create district, subdistricts and figures where they are missing; return how many areas were added."""
    text = resources.files("survey.accounts").joinpath("chaoyang_2010.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["no"] != "total"]
    async with write_transaction(Area):
        if await Area.exists().where(Area.code == "chaoyang"):
            return 0
        created = await Area.insert(
            Area(code="chaoyang", level="district", parent=None, names=to_json({"zh-Hans": "朝阳区", "en": "Chaoyang"}))
        ).returning(Area.id)
        district = created[0]["id"]
        for row in rows:
            zh, en = _OFFICIAL.get(row["name_en"], (row["name_zh"], row["name_en"]))
            added = await Area.insert(
                Area(
                    code=row["name_en"].lower(),
                    level="subdistrict",
                    parent=district,
                    names=to_json({"zh-Hans": f"{zh}街道", "en": f"{en} Subdistrict"}),
                )
            ).returning(Area.id)
            await PopulationFigure.insert(
                *[
                    PopulationFigure(
                        area=added[0]["id"], population_group=group, people=int(row[column]), source=SOURCE_2010, as_of=_AS_OF
                    )
                    for group, column in (("foreign", "foreign"), ("total", "total"))
                ]
            )
    return len(rows) + 1
