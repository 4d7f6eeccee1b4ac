"""Plans: accepted themes with goal, lead, deadline and measure."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Account
from survey.authoring.tables import Survey
from survey.themes.tables import Theme


class Plan(Table):
    id: Serial
    public_id = Varchar(length=32, unique=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    title = Varchar(length=200)
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    created_at = Timestamptz()


class PlanItem(Table):
    """One theme in a plan. The four fields are the committee's; the figures are read from the theme."""

    id: Serial
    public_id = Varchar(length=32, unique=True)
    plan = ForeignKey(Plan, null=False, on_delete=OnDelete.cascade)
    theme = ForeignKey(Theme, null=False, on_delete=OnDelete.restrict)
    position = Integer()
    goal = Text(default="")
    lead = Varchar(length=200, default="")
    deadline = Date(null=True, default=None)
    measure = Text(default="")
    revision = Integer(default=1)
