"""The ways by which a survey reaches people."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Serial, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.authoring.tables import Survey


class Channel(Table):
    """A code on a poster or link. It tells the way, never the person."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    code = Varchar(length=32)
    name = Varchar(length=120)
