"""Answers inside later texts: `How was your visit to ${place}?`. Splits a text; who shows it fills it in."""

from __future__ import annotations

import re
from typing import NamedTuple

_PIPE = re.compile(r"\$\{\s*([A-Za-z][A-Za-z0-9_.]*)\s*\}")


class Part(NamedTuple):
    """A piece of a text: words as they stand, or the id of the item whose answer belongs here."""

    words: str
    item: str = ""


def parts_of(text: str) -> list[Part]:
    """Return the pieces of a text in order."""
    found: list[Part] = []
    position = 0
    for match in _PIPE.finditer(text):
        if match.start() > position:
            found.append(Part(text[position : match.start()]))
        found.append(Part("", match[1]))
        position = match.end()
    if position < len(text) or not found:
        found.append(Part(text[position:]))
    return found


def pipes_in(text: str) -> list[str]:
    """Return the ids of the items that a text names."""
    return [part.item for part in parts_of(text) if part.item]
