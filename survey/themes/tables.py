"""Need themes: what the model proposed, what people decided, and which statements belong where."""

from __future__ import annotations

from piccolo.columns import DoublePrecision, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Account
from survey.authoring.tables import Survey
from survey.statements.tables import Statement


class AnalysisRun(Table):
    """One run of the analysis: its settings, library versions and quality figures, so that it can be repeated."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    settings = Text()
    figures = Text()
    finished_at = Timestamptz()


class Theme(Table):
    """A need theme with a stable id. `key` is the model's name for it and never changes.

    `state` and `name` come from people's events alone; sizes, keywords and quotes from the newest run.
    """

    id: Serial
    public_id = Varchar(length=32, unique=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    key = Varchar(length=120)
    category = Varchar(length=64)
    state = Varchar(length=16)
    names = Text()
    people = Integer()
    statements = Integer()
    languages = Text()
    keywords = Text()
    quotes = Text()
    public_quotes = Text()
    stability = DoublePrecision(null=True, default=None)
    run = ForeignKey(AnalysisRun, null=True, on_delete=OnDelete.set_null)


class Assignment(Table):
    """A statement in a theme; a statement may be in several. `author` is `model` or `person`."""

    id: Serial
    statement = ForeignKey(Statement, null=False, on_delete=OnDelete.cascade)
    theme = ForeignKey(Theme, null=False, on_delete=OnDelete.cascade)
    score = DoublePrecision()
    author = Varchar(length=16)


class ReviewEvent(Table):
    """What a person decided about a theme. Append-only; every later run obeys it."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    theme_key = Varchar(length=120)
    kind = Varchar(length=16)
    data = Text()
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    role = Varchar(length=32)
    at = Timestamptz()
