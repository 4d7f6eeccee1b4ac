"""Surveys, the versions of their forms, and their waves."""

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
    wave = Integer(default=1)
    """The number of the wave that an answer belongs to when it is stored. Here and not with the waves, as this row is what an
    answer's transaction holds (survey/authoring/waves.py).
    """


class SurveyVersion(Table):
    """The whole form as one JSON document; never changed once answers refer to it."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    number = Integer()
    form = Text()
    form_hash = Varchar(length=64)
    created_at = Timestamptz()


class Wave(Table):
    """A later wave of a survey; the first is the survey as it was opened, and has no row.

    `names` by language of the desk, none where nobody gave one; `channels` are the ids of those that it is aimed at, none for
    all: never persons. `minimum` (people who wrote, in each of two waves) and `rise` (points) say from what on a change of a
    need is told; they were fixed when the wave started, so that nobody can choose them by what came out.
    """

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    number = Integer()
    started_on = Date()
    started_by = Varchar(length=80)
    names = Text(default="{}")
    channels = Text(default="[]")
    minimum = Integer()
    rise = Integer()
