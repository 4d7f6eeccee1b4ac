"""Need themes: what the model proposed, what people decided, and which statements belong where."""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    Boolean,
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

from survey.accounts.tables import Account, Area
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


# Review by several bodies. A theme is named by survey and key, as in ReviewEvent: a new analysis may drop a proposal, never what
# people said about it. Names, roles and areas stay as they were at the time.


class ReviewComment(Table):
    """What somebody says about a theme. Withdrawn ones keep their place and lose their text."""

    id: Serial
    public_id = Varchar(length=32, unique=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    theme_key = Varchar(length=120)
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    name = Varchar(length=80)
    role = Varchar(length=32)
    area = ForeignKey(Area, null=True, on_delete=OnDelete.set_null)
    text = Text()
    created_at = Timestamptz()
    edited_at = Timestamptz(null=True, default=None)
    is_withdrawn = Boolean(default=False)


class ReviewQuorum(Table):
    """The quorum of a committee, by its area. The newest row of an area holds; append-only."""

    id: Serial
    area = ForeignKey(Area, null=True, on_delete=OnDelete.cascade)
    people = Integer()
    share = Varchar(length=16)
    name = Varchar(length=80)
    role = Varchar(length=32)
    at = Timestamptz()


class ReviewMeeting(Table):
    """A meeting that decides on themes of one survey. `area` is that of the committee, whose quorum holds."""

    id: Serial
    public_id = Varchar(length=32, unique=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    area = ForeignKey(Area, null=True, on_delete=OnDelete.set_null)
    starts_at = Timestamptz()
    place = Varchar(length=200)
    revision = Integer(default=1)
    created_at = Timestamptz()


class ReviewSeat(Table):
    """Somebody's place in a meeting: a person with an account, who votes, or a guest of the body `guest_of`, who does not."""

    id: Serial
    meeting = ForeignKey(ReviewMeeting, null=False, on_delete=OnDelete.cascade)
    position = Integer()
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    name = Varchar(length=80)
    role = Varchar(length=32, default="")
    area = ForeignKey(Area, null=True, on_delete=OnDelete.set_null)
    guest_of = Varchar(length=200, default="")
    is_chair = Boolean(default=False)
    is_present = Boolean(default=False)


class ReviewItem(Table):
    """A theme on the agenda and what is put to the vote. Another motion is another `motion_revision`: votes on the old one lapse."""

    id: Serial
    public_id = Varchar(length=32, unique=True)
    meeting = ForeignKey(ReviewMeeting, null=False, on_delete=OnDelete.cascade)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    theme_key = Varchar(length=120)
    theme_names = Text()
    position = Integer()
    motion = Text(default="")
    act = Varchar(length=16)
    options = Text(default="[]")
    reason = Text(default="")
    motion_revision = Integer(default=1)
    revision = Integer(default=1)
    is_closed = Boolean(default=False)


class ReviewVote(Table):
    """One a person and theme. `words` are a dissent, or of what kind the interest of one's own is."""

    id: Serial
    item = ForeignKey(ReviewItem, null=False, on_delete=OnDelete.cascade)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    choice = Varchar(length=16)
    words = Text(default="")
    role = Varchar(length=32)
    motion_revision = Integer()
    at = Timestamptz()


class ReviewDecision(Table):
    """A vote that was closed, with its whole record. Reopening marks it and keeps it; at most one of an item is not reopened."""

    id: Serial
    item = ForeignKey(ReviewItem, null=False, on_delete=OnDelete.cascade)
    is_passed = Boolean()
    act = Varchar(length=16)
    record = Text()
    name = Varchar(length=80)
    role = Varchar(length=32)
    at = Timestamptz()
    is_applied = Boolean(default=False)
    reopened_at = Timestamptz(null=True, default=None)
    reopened_by = Varchar(length=80, default="")
    reopened_because = Text(default="")


class DirectoryMapping(Table):
    """To which entries of a service directory a person says that a theme belongs. Append-only; the newest holds.

    `entries` keeps the names beside the ids, so that it can be read when a later file knows them no more; None stands for the
    directory's default again.
    """

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    theme_key = Varchar(length=120)
    directory = Varchar(length=64)
    version = Varchar(length=32)
    entries = Text(null=True, default=None)
    reason = Text(default="")
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    name = Varchar(length=80)
    role = Varchar(length=32)
    at = Timestamptz()




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


class WaveAlert(Table):
    """A need that rose, or fell, from the wave before to this one, as the worker found it when it counted (survey/insight).

    `points` is by how much; `words` say it, by language of the desk: a heading, then what it rests on. Who looked at it is said
    once; the alert of an earlier wave stays as it was counted last.
    """

    id: Serial
    public_id = Varchar(length=32, unique=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    wave = Integer()
    theme = ForeignKey(Theme, null=False, on_delete=OnDelete.cascade)
    is_rise = Boolean()
    points = Integer()
    words = Text()
    counted_on = Date()
    seen_by = Varchar(length=80, default="")
    seen_on = Date(null=True, default=None)
