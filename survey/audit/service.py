"""Record who did what, inside the transaction of the act. Not here: showing it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from survey import clock
from survey.audit.tables import AuditEvent
from survey.db.bulk import Write, insertion
from survey.db.columns import to_json


async def record_act(*, actor: str, role: str, action: str, subject: str, data: dict[str, Any] | None = None) -> None:
    """Record one act of staff."""
    await AuditEvent.insert(
        AuditEvent(at=clock.now(), actor=actor, role=role, action=action, subject=subject, total=1, data=to_json(data or {}))
    )


def intake_line(*, subject: str, day: dt.date, total: int) -> Write:
    """How many came on which day, and no more, so that no exact time joins an answer."""
    return _day_line(role="intake", action="responses.received", subject=subject, day=day, total=total)


def withdrawal_line(*, subject: str) -> Write:
    """That somebody withdrew an answer today, not when, nor which."""
    return _day_line(role="resident", action="response.withdrawn", subject=subject, day=clock.today(), total=1)


def correction_line(*, subject: str) -> Write:
    """That somebody corrected an answer today, not when, nor which."""
    return _day_line(role="resident", action="response.corrected", subject=subject, day=clock.today(), total=1)


def _day_line(*, role: str, action: str, subject: str, day: dt.date, total: int) -> Write:
    columns = ("at", "actor", "role", "action", "subject", "total", "data")
    return insertion(AuditEvent, columns, [(clock.midnight(day), "", role, action, subject, total, "{}")])
