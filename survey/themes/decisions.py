"""From people's acts to the analysis's decisions: the one place where the two vocabularies meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.themes import decisions as told
from analysis.themes.decisions import Decision
from survey.themes.states import (
    Event,
    Forbid,
    Merge,
    Move,
    Pin,
    Rename,
    Split,
    ThemeState,
    Unpin,
    effective,
    replay,
)


def decisions_of(events: Sequence[Event]) -> list[Decision]:
    """What the analysis has to obey, oldest first. What was accepted stays, however few people name it."""
    found = [decision for event in effective(events) for decision in _decisions(event)]
    kept = [told.Pin(key) for key, theme in sorted(replay(events).items()) if theme.state == ThemeState.ACCEPTED]
    return [*found, *kept]


def _decisions(event: Event) -> Iterator[Decision]:
    match event.act:
        case Rename(names=names):
            yield told.Rename(event.key, names)
        case Merge(into=into):
            yield told.Merge(event.key, into)
        case Split(parts=parts, placed=placed):
            yield told.Split(event.key, [told.Part(part.key, part.names, part.examples) for part in parts])
            yield from (told.Move(statement, part) for statement, part in sorted(placed.items()))
        case Move():
            yield from _moves(event.act)
        case Forbid(statements=statements, of=of):
            yield from (told.Forbid(statement, key) for statement in statements for key in of)
        case Pin():
            yield told.Pin(event.key)
        case Unpin():
            yield told.Unpin(event.key)


def _moves(act: Move) -> Iterator[Decision]:
    if act.made:
        yield told.Pin(act.to)
        yield told.Rename(act.to, act.made.names)
    for statement in act.statements:
        yield told.Move(statement, act.to, act.out_of[0] if act.out_of else None)
        yield from (told.Forbid(statement, key) for key in act.out_of[1:])
