"""Reading who did what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from survey.audit.tables import AuditEvent
from survey.db.columns import from_json

PAGE = 50


class ActView(msgspec.Struct, frozen=True):
    """`total` is how many, for lines that count (answers received on a day)."""

    id: int
    at: dt.datetime
    actor: str
    role: str
    action: str
    subject: str
    total: int
    data: dict[str, Any]


async def list_acts(*, actor: str = "", before: int | None = None) -> list[ActView]:
    """Newest first, at most PAGE: those older than `before` (an id), where given only those of one person."""
    query = AuditEvent.select().order_by(AuditEvent.id, ascending=False).limit(PAGE)
    if before is not None:
        query = query.where(AuditEvent.id < before)
    if actor:
        query = query.where(AuditEvent.actor == actor)
    return [ActView(**{**row, "data": from_json(row["data"])}) for row in await query]
