"""What callers may give as statements, and what is said of the rest."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

from analysis.text.language import identify
from analysis.text.statements import MAX_STATEMENT
from analysis.themes.results import Statement

_TAG = re.compile(r"(?:[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8})*)?")
"""BCP 47 by its looks, or nothing: lists of words are files named after languages."""


def as_statements(given: Iterable[Statement | str]) -> list[Statement]:
    """Statements as they are; a text becomes one, by a person of its own, in the language that it seems to be.

    Of a longer text the first 10,000 characters are read. Half a character, which no encoding has, is read as a question mark.
    Raises TypeError for what is no text, with its position, the first being 0; ValueError for two statements with one id, for a
    language that is no tag, and for a table.

    Examples
    --------
    >>> as_statements(["没有停车位"])
    [Statement(text='没有停车位', language='zh-Hans', person='text 0', is_quotable=True, id=None)]
    >>> as_statements(["No parking", 3])
    Traceback (most recent call last):
    TypeError: Position 1: int is neither a text nor a Statement.

    """
    if isinstance(given, str):
        raise TypeError("One text is not a list of texts: pass [text].")
    dimensions: Any = getattr(given, "ndim", 1)
    if dimensions != 1:
        raise ValueError(f"Texts have one dimension, not {dimensions}: of a table pass one column.")
    statements = [_as_statement(one, position) for position, one in enumerate(given)]
    first: dict[Hashable, int] = {}
    for position, statement in enumerate(statements):
        if statement.id is not None and first.setdefault(statement.id, position) != position:
            raise ValueError(f"Positions {first[statement.id]} and {position}: two statements have the id {statement.id!r}.")
    return statements


def _as_statement(one: Any, position: int) -> Statement:
    if isinstance(one, str):
        text = _as_read(one)
        return Statement(text, identify(text).language, f"text {position}")
    if not isinstance(one, Statement):
        raise TypeError(f"Position {position}: {type(one).__name__} is neither a text nor a Statement.")
    for name in ("text", "language"):
        value: Any = getattr(one, name)
        if not isinstance(value, str):
            raise TypeError(f"Position {position}: the {name} is not str but {type(value).__name__}.")
    if not _TAG.fullmatch(one.language):
        raise ValueError(f"Position {position}: {one.language[:40]!r} is not a language tag, such as zh-Hans or und.")
    for name in ("person", "id"):
        if not _is_hashable(getattr(one, name)):
            raise TypeError(f"Position {position}: the {name} is {type(getattr(one, name)).__name__}, which cannot be hashed.")
    text = _as_read(one.text)
    return one if text == one.text else replace(one, text=text)


def _as_read(text: str) -> str:
    return text[:MAX_STATEMENT].encode(errors="replace").decode()


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)  # a tuple of lists is told only so
    except TypeError:
        return False
    return True
