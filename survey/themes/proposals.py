"""Asking the analysis how a theme may be split."""

from __future__ import annotations

import asyncio

import msgspec

from analysis.themes.parts import propose_split
from survey.statements.queries import statements_by_id
from survey.themes.queries import ThemeView, sample_of_theme

READ = 400
"""Statements from which parts are proposed: enough to tell them, few enough that a page does not wait."""


class Part(msgspec.Struct, frozen=True):
    examples: list[int]
    words: list[str]
    language: str = ""


async def propose_parts(theme: ThemeView, parts: int) -> list[Part]:
    """Propose parts by examples that are typical of them. Where statements do not fall apart, the parts are there to be filled."""
    ids = await sample_of_theme(theme, READ)
    views = await statements_by_id(ids)
    there = [key for key in ids if key in views]
    found = await asyncio.to_thread(
        propose_split, [views[key].text for key in there], [views[key].language for key in there], parts
    )
    if found:
        return [Part([there[place] for place in part.examples], part.words, part.language) for part in found]
    shown = there[: 5 * parts]
    return [Part(shown[number::parts], []) for number in range(parts)]
