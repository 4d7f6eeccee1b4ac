"""Need themes: what the model proposed, what people decided, and which statements belong where."""

from __future__ import annotations

from piccolo.columns import BigInt, Boolean, DoublePrecision, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Account
from survey.authoring.tables import Survey
from survey.statements.tables import Statement


class AnalysisRun(Table):
    """One run of the analysis: its settings, library versions and quality figures, so that it can be repeated.

    `state` is `applied`, or tells of a difference that waits for people: `waiting`, `taking` (a job is at it), `closed`.
    """

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    settings = Text()
    figures = Text()
    finished_at = Timestamptz()
    state = Varchar(length=16, default="applied")
    newest_statement = BigInt(default=0)
    """The newest statement that was there; younger ones are new to the next run."""


class Theme(Table):
    """A need theme with a stable id. `key` is the model's name for it and never changes.

    `state`, `names`, `category`, `is_pinned` and `became` come from people's events; keywords, reasons and quotes from the run
    that was applied last; sizes from the assignments as they stand.
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
    people_unflagged = Integer(default=0)
    """People whose answers bear no sign of carelessness."""
    is_pinned = Boolean(default=False)
    became = Text(default="[]")
    """Keys of the themes that it is now, where it was merged or split."""
    parent = Varchar(length=120, default="")
    reasons = Text(default="{}")
    """Language, then `lexicon` and `learnt`: the words for which statements are in the theme."""
    words = Text(default="{}")
    """Words by language that tell the theme and are not in the lexicon."""
    border = Text(default="[]")
    """Statements that are nearly as much in another theme, each with that theme's key."""
    is_settling = Boolean(default=False)
    """Many statements are on their way because of an act; a job is at it."""


class Assignment(Table):
    """A statement in a theme; a statement may be in several. `author` is `model` where the model said so, `person` where a
    person put it there, `act` where it follows from a merge or a split.
    """

    id: Serial
    statement = ForeignKey(Statement, null=False, on_delete=OnDelete.cascade)
    theme = ForeignKey(Theme, null=False, on_delete=OnDelete.cascade)
    score = DoublePrecision()
    author = Varchar(length=16)


class SetAside(Table):
    """What the model said and people's acts changed. With the assignments of author `model` it is all that the model said, so
    that an act can be undone.
    """

    id: Serial
    statement = ForeignKey(Statement, null=False, on_delete=OnDelete.cascade)
    theme = ForeignKey(Theme, null=False, on_delete=OnDelete.cascade)
    score = DoublePrecision()


class Unsorted(Table):
    """Statements that were analysed and are in no theme, so that a page finds fifty of them at once."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    statement = ForeignKey(Statement, null=False, on_delete=OnDelete.cascade, unique=True)
    language = Varchar(length=16)


class ReviewEvent(Table):
    """What a person decided. Append-only; every later run obeys it. `theme_key` is "" for an act about no theme."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    theme_key = Varchar(length=120)
    kind = Varchar(length=16)
    data = Text()
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    role = Varchar(length=32)
    at = Timestamptz()
    why = Text(default="")


class EventTheme(Table):
    """Each theme that an event speaks of, for the theme's history."""

    id: Serial
    event = ForeignKey(ReviewEvent, null=False, on_delete=OnDelete.cascade)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    theme_key = Varchar(length=120)


class Difference(Table):
    """What a run would change, row by row: a statement that comes into a theme with a score, or leaves it (no score).

    `layer` is `model` for what the model says now, `seen` for what people would see after their own decisions.
    """

    id: Serial
    run = ForeignKey(AnalysisRun, null=False, on_delete=OnDelete.cascade)
    statement = ForeignKey(Statement, null=False, on_delete=OnDelete.cascade)
    layer = Varchar(length=8)
    theme_key = Varchar(length=120)
    score = DoublePrecision(null=True, default=None)
    is_near = Boolean(default=False)
    """The statement copies one that a person placed, or stands in the same answer."""


class ThemeDifference(Table):
    """What a run would say of a theme: `is_new` makes a proposal, `is_gone` takes one away. `data` as the theme's row."""

    id: Serial
    run = ForeignKey(AnalysisRun, null=False, on_delete=OnDelete.cascade)
    theme_key = Varchar(length=120)
    is_new = Boolean()
    is_gone = Boolean()
    comes = Integer()
    goes = Integer()
    data = Text()


class LexiconWord(Table):
    """A word that somebody added to the lexicon of this installation. `key` is a need or a category."""

    id: Serial
    key = Varchar(length=120)
    language = Varchar(length=16)
    word = Varchar(length=80)
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    at = Timestamptz()
    removed_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    removed_at = Timestamptz(null=True, default=None)
