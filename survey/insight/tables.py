"""What the worker counted and drew; a page only shows it."""

from __future__ import annotations

from piccolo.columns import Bytea, Date, ForeignKey, Integer, Serial, Text, Varchar
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
    rows = Text(default="")
    """The same figures as a table (charts.table.ChartTable), for the page and the download."""


class SurveyFigures(Table):
    """The newest count of a survey, from which its panels and charts are made: one document, read whole.

    `data_version` is a hash of it. No time finer than the day: what an answer sets off would tell when it came.
    """

    id: Serial
    survey = ForeignKey(Survey, null=False, unique=True, on_delete=OnDelete.cascade)
    answers = Integer()
    data = Text()
    data_version = Varchar(length=64)
    counted_on = Date()
