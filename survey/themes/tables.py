"""Need themes: what the model proposed, what people decided, and which statements belong where."""

from __future__ import annotations

from piccolo.columns import Boolean, DoublePrecision, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Account, Area
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
