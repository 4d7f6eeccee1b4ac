"""Who did what. Append-only. Intake is recorded as a count a day, so that no exact time joins an answer."""

from __future__ import annotations

from piccolo.columns import Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table


class AuditEvent(Table):
    id: Serial
    at = Timestamptz()
    actor = Varchar(length=80)
    role = Varchar(length=32)
    action = Varchar(length=64)
    subject = Varchar(length=120)
    total = Integer(default=1)
    data = Text(default="{}")
