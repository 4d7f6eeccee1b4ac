"""What people wrote, one need each, and how it reads in Chinese."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Account
from survey.authoring.tables import Survey
from survey.responses.tables import Response
from survey.statements.states import PersonalData, Reading, RenderingState


class Statement(Table):
    """A part of an answer that speaks of one need. `language` is that of the text.

    `redacted` is what everybody reads; "" until it has been masked, and then nothing shows the statement. `original` is verbatim
    and for who checks the mask; once a person has confirmed it, it is the redacted text.
    """

    id: Serial
    public_id = Varchar(length=32, default="", unique=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    response = ForeignKey(Response, null=False, on_delete=OnDelete.cascade)
    question = Varchar(length=64)
    position = Integer()
    original = Text()
    language = Varchar(length=16)
    text_hash = Varchar(length=64, default="")
    """On the first statement of an answer: a hash of the whole answer, by which copies are found. "" for short ones."""
    redacted = Text(default="")
    findings = Text(default="[]")
    """What is personal in `original`: redaction.Mark, as JSON."""
    personal_data = Varchar(length=16, default=PersonalData.NONE)
    area = Integer(default=0)
    """This and the next three are those of the response, 0 for none, so that statements are filtered without a join."""
    channel = Integer(default=0)
    wave = Integer(default=0)
    received_on = Date(null=True, default=None)
    needs = Text(default="")
    """Ids of the lexicon's concepts in it, found when it was prepared."""
    words = Text(default="")
    """Pieces by which it is found (analysis.text.search_words), of its text, its renderings and the names of the needs in it."""
    reading = Varchar(length=16, default=Reading.NEW)
    rendering = Varchar(length=16, default=RenderingState.MISSING)
    audience = Varchar(length=16, default="")
    """Of a complaint about staff: who may read it (rules.Audience); "" for a need."""
    concerns = Text(default="")
    """Whose staff a complaint is about, joined by commas."""
    is_flagged = Boolean(default=False)
    """Whether the response has a sign of carelessness or abuse."""


class Rendering(Table):
    """A version of a statement in another language. Versions are kept; states.chosen_rendering tells which one is shown.

    `account` is null for a machine's, whose `created_at` shows only the day: it would tell when the answer came.
    """

    id: Serial
    statement = ForeignKey(Statement, null=False, on_delete=OnDelete.cascade)
    language = Varchar(length=16)
    text = Text()
    author_kind = Varchar(length=16)
    account = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    created_at = Timestamptz()
    accepted_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    accepted_at = Timestamptz(null=True, default=None)


class InboxDelay(Table):
    """How many batches of answers were in the inbox within so many `seconds` (delays.BOUNDS, or delays.LONGER), by the day of their
    preparation. No time of day, and no answer: who wrote when cannot be told by it.
    """

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    day = Date()
    seconds = Integer()
    total = Integer()
