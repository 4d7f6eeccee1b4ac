"""Work that has to happen, as rows: enqueued in the transaction of its cause, claimed by one worker."""

from __future__ import annotations

from piccolo.columns import Boolean, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table


class Job(Table):
    """`subject` names what the job is about ('survey:3'), so that a second like it need not be queued."""

    id: Serial
    public_id = Varchar(length=32, unique=True)
    kind = Varchar(length=32)
    subject = Varchar(length=80)
    state = Varchar(length=16)
    attempts = Integer(default=0)
    steps_done = Integer(default=0)
    steps_total = Integer(default=0)
    message = Text(default="")
    is_cancelled = Boolean(default=False)
    worker = Varchar(length=32, null=True, default=None)
    created_at = Timestamptz()
    touched_at = Timestamptz()
