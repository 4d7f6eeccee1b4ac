"""The ways by which a survey reaches people, and how many came by each."""

from __future__ import annotations

from piccolo.columns import Boolean, ForeignKey, Integer, Serial, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Area
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


class ChannelCount(Table):
    """How many pages were opened and how many forms begun by a channel: sums without days, so that none is joined to a person.

    0 stands for no channel.
    """

    id: Serial
    survey = Integer()
    channel = Integer()
    stage = Varchar(length=16)
    total = Integer()
