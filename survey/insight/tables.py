"""Charts as the worker drew them; a page only shows them."""

from __future__ import annotations

from piccolo.columns import Bytea, ForeignKey, Serial, Text, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.authoring.tables import Survey


class Chart(Table):
    """One drawn chart. `data_version` is a hash of the figures in it: another hash means that it is out of date."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(length=32)
    language = Varchar(length=16)
    data_version = Varchar(length=64)
    title = Text()
    description = Text()
    svg = Text()
    png = Bytea(null=True, default=None)
