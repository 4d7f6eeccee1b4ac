"""The states of a theme, the events that change them, and what a history of events comes to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec


class ThemeState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class EventKind(StrEnum):
    ACCEPT = "accept"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    RENAME = "rename"


_BECOMES = {
    EventKind.ACCEPT: ThemeState.ACCEPTED,
    EventKind.DISMISS: ThemeState.DISMISSED,
    EventKind.REOPEN: ThemeState.PROPOSED,
}


class Decided(msgspec.Struct):
    """What people's events say of one theme: its state, and names that replace the model's."""

    state: ThemeState = ThemeState.PROPOSED
    names: dict[str, str] = {}


def replay(events: Iterable[tuple[str, EventKind, dict[str, Any]]]) -> dict[str, Decided]:
    """Apply events, oldest first, given as (theme key, kind, data); return what is decided about each theme."""
    decided: dict[str, Decided] = {}
    for key, kind, data in events:
        theme = decided.setdefault(key, Decided(names={}))
        if kind == EventKind.RENAME:
            theme.names = {**theme.names, **data["names"]}
        else:
            theme.state = _BECOMES[kind]
    return decided
