"""Reading statements."""

from __future__ import annotations

from typing import Any

import msgspec

from survey.db.bulk import find_rows
from survey.statements.tables import Statement

PAGE = 5000


class StatementView(msgspec.Struct, frozen=True):
    id: int
    response: str
    text: str
    language: str


async def list_statements(survey_id: int) -> list[StatementView]:
    """All statements of a survey, for the analysis; page by page by key."""
    found: list[StatementView] = []
    last = 0
    while True:
        rows = await (
            Statement.select(Statement.id, Statement.response, Statement.original, Statement.language)
            .where((Statement.survey == survey_id) & (Statement.id > last))
            .order_by(Statement.id)
            .limit(PAGE)
        )
        found.extend(_view(row) for row in rows)
        if len(rows) < PAGE:
            return found
        last = rows[-1]["id"]


async def statements_by_id(ids: list[int]) -> dict[int, StatementView]:
    """Those that are still there: withdrawn answers are gone."""
    if not ids:
        return {}
    rows = await Statement.select(Statement.id, Statement.response, Statement.original, Statement.language).where(
        Statement.id.is_in(ids)
    )
    return {row["id"]: _view(row) for row in rows}


async def hold_statements(ids: list[int]) -> set[int]:
    """Those of them that are still there; they stay until the caller's transaction ends."""
    rows = await find_rows(Statement, ("id",), ("id",), [(key,) for key in ids], lock="SHARE")
    return {row["id"] for row in rows}


def _view(row: dict[str, Any]) -> StatementView:
    return StatementView(id=row["id"], response=row["response"], text=row["original"], language=row["language"])
