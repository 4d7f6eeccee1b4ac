"""What residents sent. No address, no browser, no time finer than the day."""

from __future__ import annotations

from piccolo.columns import Boolean, Bytea, Date, ForeignKey, Integer, Serial, Text, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.accounts.tables import Area
from survey.authoring.tables import Survey, SurveyVersion
from survey.outreach.tables import Channel


class Response(Table):
    """One answered form, unique by survey and client id (exactly once, docs/decisions/0003-intake.md)."""

    id = Varchar(length=32, primary_key=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    version = ForeignKey(SurveyVersion, null=False, on_delete=OnDelete.restrict)
    client_id = Varchar(length=64)
    payload_hash = Varchar(length=64)
    receipt_hash = Varchar(length=64, unique=True, secret=True)
    respondent_kind = Varchar(length=16)
    language = Varchar(length=16)
    channel = ForeignKey(Channel, null=True, on_delete=OnDelete.set_null)
    area = ForeignKey(Area, null=True, on_delete=OnDelete.set_null)
    wave = Integer()
    source = Varchar(length=16)
    disposition = Varchar(length=16)
    received_on = Date()
    order_seed = Integer(null=True, default=None)
    """What the random order of choices was drawn from, where the form has one."""
    flags = Text(default="")
    """Signs of carelessness, sorted, joined by commas."""


class AnswerDocument(Table):
    """The clean answers as JSON, apart from the row that is counted and joined."""

    id: Serial
    response = ForeignKey(Response, null=False, on_delete=OnDelete.cascade, unique=True)
    answers = Text()
    is_prepared = Boolean(default=False, index=True)
    """Whether the written answers have been cut into statements."""
    revision = Integer(default=0)
    """How often the person corrected it."""


class Consent(Table):
    """What a person agreed to: to which version of the text, in which language (PIPL Art. 14). What was not agreed to has no row."""

    id: Serial
    response = ForeignKey(Response, null=False, on_delete=OnDelete.cascade)
    purpose = Varchar(length=32)
    text_version = Varchar(length=64)
    language = Varchar(length=16)


class Tally(Table):
    """The counts of one cell (version, area, language, channel, wave), kept in the same transaction as the response.

    `total` is responses; `counts` how many people gave each answer, as rules.TallySheet arranges it. One row a cell and not
    one a choice: a response answers forty questions, and forty counters cost more than all its other rows
    (docs/decisions/0003-intake.md).
    0 stands for 'no area' and 'no channel'.
    """

    id: Serial
    version = Integer()
    area = Integer()
    language = Varchar(length=16)
    channel = Integer()
    wave = Integer()
    total = Integer()
    counts = Text()


class PlaceCount(Table):
    """Answers by area and language: the tallies' cells added up, in the same transaction, so that a page reads a few short rows
    where there are thousands of long ones.
    """

    id: Serial
    version = Integer()
    area = Integer()
    language = Varchar(length=16)
    total = Integer()


class WayCount(Table):
    """The same by channel, language and wave."""

    id: Serial
    version = Integer()
    channel = Integer()
    language = Varchar(length=16)
    wave = Integer()
    total = Integer()


class DayCount(Table):
    """Answers by day: apart from the tallies, so that a day is never joined to an area or a language."""

    id: Serial
    survey = Integer()
    day = Date()
    total = Integer()


class Withdrawal(Table):
    """What is left of a withdrawn response: enough to keep it from coming back by being sent again, and nothing else."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    client_id = Varchar(length=64)
    withdrawn_on = Date()


class Draft(Table):
    """What somebody typed and has not sent, to go on with on another phone. `sealed` can be read with the code alone, of which
    only a hash is here.
    """

    id: Serial
    code_hash = Varchar(length=64, unique=True, secret=True)
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    client_id = Varchar(length=64)
    language = Varchar(length=16)
    channel = Varchar(length=32)
    sealed = Bytea()
    expires_on = Date()
