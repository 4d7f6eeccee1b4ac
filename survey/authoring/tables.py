"""Surveys and the versions of their forms."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Area
from survey.authoring.states import Access


class Survey(Table):
    id: Serial
    public_id = Varchar(length=32, unique=True)
    slug = Varchar(length=80, unique=True)
    state = Varchar(length=16)
    area = ForeignKey(Area, null=True, on_delete=OnDelete.restrict)
    sample_kind = Varchar(length=16)
    respondent_kind = Varchar(length=16)
    is_fictional = Boolean(default=False)
    opened_on = Date(null=True, default=None)
    closed_on = Date(null=True, default=None)
    created_at = Timestamptz()
    access = Varchar(length=16, default=Access.OPEN)


class SurveyVersion(Table):
    """The whole form as one JSON document; never changed once answers refer to it."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    number = Integer()
    form = Text()
    form_hash = Varchar(length=64)
    created_at = Timestamptz()
