"""The ways by which a survey reaches people."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Text, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.authoring.tables import Survey


class Channel(Table):
    """A code on a poster or link. It tells the way, never the person."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    code = Varchar(length=32)
    name = Varchar(length=120)


class InvitationBatch(Table):
    """Printed one-time codes, such as a sheet for one building.

    `states` has a letter (InvitationState) for each invitation, at its `place`. One text and not a column of the
    invitations: PostgreSQL writes a changed row anew at the end of its table, so that the used codes would lie in the order
    in which the answers lie, and a row's own transaction number would name its answer. No time finer than the day.
    """

    id: Serial
    public_id = Varchar(length=32, unique=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    channel = ForeignKey(Channel, null=True, on_delete=OnDelete.set_null)
    name = Varchar(length=120)
    size = Integer()
    states = Text()
    expires_on = Date()
    created_on = Date()
    undelivered = Integer(default=0)
    declined = Integer(default=0)


class Invitation(Table):
    """One code, of which only the hash is stored. Never changed; `place` is in the order of the hashes, not of the sheet."""

    id: Serial
    batch = ForeignKey(InvitationBatch, null=False, on_delete=OnDelete.cascade)
    place = Integer()
    code_hash = Varchar(length=64, unique=True, secret=True)
