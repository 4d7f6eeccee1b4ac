"""What the worker counted and drew; a page only shows it."""

from __future__ import annotations

from piccolo.columns import (
    Boolean,
    Bytea,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Area
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


class Resource(Table):
    """A facility that residents use. Without an area it is for all of them; names are a JSON map from language tag to text.

    `capacity` is how many can be served at one time, `service` the id in questions such as `aware_library`, `category` the need that
    it answers to. One that is closed for good is inactive: its counts stay.

    `texts` is a JSON map from language tag to what residents are told (facilities.Words); they are told it where `is_public`.
    """

    id: Serial
    public_id = Varchar(length=32, unique=True)
    code = Varchar(length=64, unique=True)
    area = ForeignKey(Area, null=True, on_delete=OnDelete.restrict)
    kind = Varchar(length=32)
    level = Varchar(length=16)
    names = Text()
    capacity = Integer(null=True, default=None)
    hours_per_week = DoublePrecision(null=True, default=None)
    service = Varchar(length=64, default="")
    category = Varchar(length=64, default="")
    is_active = Boolean(default=True)
    texts = Text(default="{}")
    open_to = Varchar(length=16, default="")
    walk = Varchar(length=16, default="")
    is_public = Boolean(default=False)


class UsageCount(Table):
    """Visits counted in a period, both days included; foreign visits and open hours are null where nobody counted them."""

    id: Serial
    resource = ForeignKey(Resource, null=False, on_delete=OnDelete.cascade)
    starts_on = Date()
    ends_on = Date()
    days = Integer()
    visits = Integer()
    foreign_visits = Integer(null=True, default=None)
    open_hours = DoublePrecision(null=True, default=None)
    source = Text(default="")


class Indicator(Table):
    """A share that the body of an area watches: those who gave one of `answers` (a JSON list), of those who answered `question`.

    `names` is a JSON map from language tag to text. Without an area it is of who works for all of them. A retired one is inactive.
    """

    id: Serial
    public_id = Varchar(length=32, unique=True)
    area = ForeignKey(Area, null=True, on_delete=OnDelete.restrict)
    place = Integer()
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    question = Varchar(length=200)
    answers = Text()
    names = Text()
    purpose = Text()
    caveat = Text()
    is_active = Boolean(default=True)
    revision = Integer(default=1)


class IndicatorTarget(Table):
    """A target as it was set; the newest holds, and without a percentage there is none any more."""

    id: Serial
    indicator = ForeignKey(Indicator, null=False, on_delete=OnDelete.cascade)
    percent = Integer(null=True, default=None)
    direction = Varchar(length=16)
    name = Varchar(length=80)
    role = Varchar(length=32)
    set_at = Timestamptz()
