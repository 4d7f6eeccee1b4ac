"""The ways by which a survey reaches people, and how many came by each."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Account, Area
from survey.authoring.tables import Survey


class Channel(Table):
    """A code on a poster or link. It tells the way, never the person.

    `short` is the whole of its short address: globally unique, and short enough to be read off a poster. A retired channel
    keeps its code and its counts.
    """

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    code = Varchar(length=32)
    name = Varchar(length=120)
    kind = Varchar(length=16, default="other")
    default_language = Varchar(length=16, default="")
    area = ForeignKey(Area, null=True, on_delete=OnDelete.set_null)
    place = Varchar(length=120, default="")
    short = Varchar(length=6, unique=True)
    is_active = Boolean(default=True)
    partner = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    """Who spreads it and may see its totals."""


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


class ChannelCount(Table):
    """How many pages were opened and how many forms begun by a channel: sums without days, so that none is joined to a person.

    0 stands for no channel.
    """

    id: Serial
    survey = Integer()
    channel = Integer()
    stage = Varchar(length=16)
    total = Integer()


class Event(Table):
    """A meeting. Without a survey it is for everybody; without an area for every area. Names and places by language tag."""

    id: Serial
    public_id = Varchar(length=32, unique=True)
    survey = ForeignKey(Survey, null=True, on_delete=OnDelete.cascade)
    area = ForeignKey(Area, null=True, on_delete=OnDelete.restrict)
    names = Text()
    place = Text()
    starts_at = Timestamptz(index=True)
    languages_spoken = Text()
    """A JSON list of tags."""
    is_cancelled = Boolean(default=False)


class EventCount(Table):
    """How many may come (`coming`, language ""), and how many need an interpreter (`interpreter`) for which language.

    Numbers alone: nothing tells who, when, or with which answer.
    """

    id: Serial
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(length=16)
    language = Varchar(length=16)
    total = Integer()
