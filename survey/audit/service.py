"""Record who did what, inside the transaction of the act. Not here: showing it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from survey import clock
from survey.audit.tables import AuditEvent
from survey.db.columns import to_json


async def record_act(*, actor: str, role: str, action: str, subject: str, data: dict[str, Any] | None = None) -> None:
    """Record one act of staff."""
    await AuditEvent.insert(
        AuditEvent(at=clock.now(), actor=actor, role=role, action=action, subject=subject, total=1, data=to_json(data or {}))
    )


async def record_intake(*, subject: str, day: dt.date, total: int) -> None:
    """Record only how many came on which day, so that no exact time joins an answer."""
    at = dt.datetime.combine(day, dt.time(), tzinfo=clock.BEIJING)
    await AuditEvent.insert(
        AuditEvent(at=at, actor="", role="intake", action="responses.received", subject=subject, total=total, data="{}")
    )
