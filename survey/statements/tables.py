"""What people wrote, one need each."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Text, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from survey.authoring.tables import Survey
from survey.responses.tables import Response


class Statement(Table):
    """A part of an answer that speaks of one need. `original` is verbatim; `language` is that of the text."""

    id: Serial
    survey = ForeignKey(Survey, null=False, on_delete=OnDelete.cascade)
    response = ForeignKey(Response, null=False, on_delete=OnDelete.cascade)
    question = Varchar(length=64)
    position = Integer()
    original = Text()
    language = Varchar(length=16)
    text_hash = Varchar(length=64, default="")
    """On the first statement of an answer: a hash of the whole answer, by which copies are found. "" for short ones."""


