"""From people's acts to the analysis's decisions: the one place where the two vocabularies meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.themes import decisions as told
from analysis.themes.decisions import Decision
from survey.themes.states import Accept, Event, Forbid, Merge, Move, Pin, Rename, Split, ThemeState, Unpin, effective, replay


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
            for statement, part in sorted(placed.items()):
                yield told.Move(statement, part)
        case Move(statements=statements, to=to, out_of=out_of, made=made):
            if made:
                yield told.Pin(to)
                yield told.Rename(to, made.names)
            for statement in statements:
                yield told.Move(statement, to, out_of[0] if out_of else None)
                for other in out_of[1:]:
                    if other != to:
                        yield told.Forbid(statement, other)
        case Forbid(statements=statements, of=of):
            for statement in statements:
                for key in of:
                    yield told.Forbid(statement, key)
        case Pin():
            yield told.Pin(event.key)
        case Unpin():
            yield told.Unpin(event.key)
        case Accept():
            return
