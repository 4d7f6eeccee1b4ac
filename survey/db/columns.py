"""JSON in a text column, the same on both engines (piccolo's JSON column comes back as text on SQLite: pitfall P9)."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder(order="deterministic")


def to_json(value: Any) -> str:
    """Canonical: the same value gives the same text, whatever the order of its keys."""
    return _encoder.encode(value).decode()


def to_json_in_order(value: Any) -> str:
    """For maps whose order says something (the largest first)."""
    return msgspec.json.encode(value).decode()


def from_json(text: str, type_: type[T] | Any = Any) -> T:
    return msgspec.json.decode(text, type=type_)
