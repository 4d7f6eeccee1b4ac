"""The ways by which a survey reaches people."""

from __future__ import annotations

from piccolo.columns import Boolean, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Area
from survey.authoring.tables import Survey


class Channel(Table):
    """A code on a poster or link. It tells the way, never the person."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    code = Varchar(length=32)
    name = Varchar(length=120)


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
