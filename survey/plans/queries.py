"""Reading plans."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from survey.errors import NotFound
from survey.plans.tables import Plan, PlanItem


class PlanView(msgspec.Struct, frozen=True):
    id: int
    public_id: str
    survey_id: int
    title: str
    created_at: dt.datetime


class ItemView(msgspec.Struct, frozen=True):
    id: int
    public_id: str
    theme_id: int
    position: int
    goal: str
    lead: str
    deadline: dt.date | None
    measure: str
    revision: int


async def find_plan(public_id: str) -> PlanView:
    row = await Plan.select().where(Plan.public_id == public_id).first()
    if row is None:
        raise NotFound("There is no such plan.")
    return _plan(row)


async def list_plans(survey_id: int | None = None) -> list[PlanView]:
    """Newest first."""
    query = Plan.select().order_by(Plan.id, ascending=False)
    if survey_id is not None:
        query = query.where(Plan.survey == survey_id)
    return [_plan(row) for row in await query]


async def list_items(plan_id: int) -> list[ItemView]:
    rows = await PlanItem.select().where(PlanItem.plan == plan_id).order_by(PlanItem.position)
    return [
        ItemView(
            id=row["id"], public_id=row["public_id"], theme_id=row["theme"], position=row["position"], goal=row["goal"],
            lead=row["lead"], deadline=row["deadline"], measure=row["measure"], revision=row["revision"],
        )
        for row in rows
    ]  # fmt: skip


def _plan(row: dict[str, Any]) -> PlanView:
    return PlanView(
        id=row["id"], public_id=row["public_id"], survey_id=row["survey"], title=row["title"], created_at=row["created_at"]
    )
