"""Which statements somebody asks for: by words, place and state, among those that they may read. Newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from analysis.text.search_words import query_words
from survey.db.search import Every, Group, Order, Query, Some, find_rows_by_words, merge_words, words_query
from survey.statements.rules import Audience
from survey.statements.states import PersonalData, Reading, RenderingState
from survey.statements.tables import Statement

Reach = Mapping[int, frozenset[int] | None]
"""By survey the areas of which somebody may read statements; None stands for all."""

MOST_CHARACTERS = 200
"""Of what was typed into the search."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; what is "" or None does not matter. `area` and `channel` 0 stand for none."""

    words: str = ""
    language: str = ""
    area: int | None = None
    channel: int | None = None
    wave: int | None = None
    reading: Reading | None = None
    rendering: tuple[RenderingState, ...] = ()
    personal_data: PersonalData | None = None
    is_flagged: bool = False
    audiences: tuple[Audience, ...] = ()
    """Complaints about staff that these may read; without any, needs."""


async def search_statements(
    wanted: Wanted, reach: Reach, *, limit: int, after: int | None = None, group: Group | None = None,
    is_oldest_first: bool = False,
) -> list[int]:  # fmt: skip
    """Return ids, newest first (or oldest), from behind the statement `after` on. None where nothing is reached, or where what was
    typed holds no letter or digit: nothing meets that.
    """
    query = _query(wanted, reach)
    if query is None:
        return []
    order = Order(tuple(sorted(reach)), wanted.wave, after, is_oldest_first)
    return await find_rows_by_words(Statement, query, order=order, limit=limit, group=group)


def _query(wanted: Wanted, reach: Reach) -> Query | None:
    places = [part for survey, areas in sorted(reach.items()) if (part := _place(survey, areas, wanted.audiences)) is not None]
    asked = query_words(wanted.words[:MOST_CHARACTERS])
    if not places or (wanted.words.strip() and not asked):
        return None
    parts: list[Query] = [_some(places), *words_query(asked)]
    for name, value in (("la", wanted.language), ("ar", wanted.area), ("ch", wanted.channel), ("wa", wanted.wave),
                        ("rd", wanted.reading), ("pd", wanted.personal_data)):  # fmt: skip
        if value not in (None, ""):
            parts.append(f"{name}_{value}")
    if wanted.rendering:
        parts.append(_some([f"re_{state}" for state in wanted.rendering]))
    if wanted.is_flagged:
        parts.append("flagged")
    return Every(tuple(parts))


def _place(survey: int, areas: frozenset[int] | None, audiences: Sequence[Audience]) -> Query | None:
    here: Query = Every((f"cd_{survey}", _some([f"au_{audience}" for audience in audiences]))) if audiences else f"sv_{survey}"
    if areas is None:
        return here
    return Every((here, _some([f"ar_{area}" for area in sorted(areas)]))) if areas else None


def _some(parts: list[Query] | list[str]) -> Query:
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


async def tidy_words() -> None:
    """Take the words of withdrawn and corrected answers out of the index's file, too, and leave it quick to search."""
    await merge_words(Statement)
