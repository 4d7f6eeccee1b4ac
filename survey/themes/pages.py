"""What the pages of themes show of a theme, and what several of them have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from analysis.statistics.disclosure import THRESHOLD, pool_small
from survey import clock
from survey.errors import LinshengError
from survey.i18n.languages import name_in
from survey.statements.queries import full_statements
from survey.statements.readings import ReadingView, readings
from survey.statements.states import CHINESE, RenderingState
from survey.themes.errors import ActInvalid, ActsClash, CannotNow, CannotUndo, NothingLeft
from survey.themes.queries import ThemeView
from survey.themes.rules import MOST_DAYS
from survey.themes.service import category_names
from survey.themes.stories import Story, tell_events
from survey.web.forms import FormData, first, whole_number

STABLE, TENTATIVE = 0.75, 0.6
"""Bands of stability (analysis.md, 4.5): from the first a theme is stable, from the second tentative, below not to be reported."""

REASONS_SHOWN = 4


class Shown(msgspec.Struct, frozen=True):
    """A theme as pages show it: below the threshold neither number nor share nor languages."""

    id: str
    key: str
    name: str
    category: str
    state: str
    people: int | None
    share: float | None
    unflagged: int | None
    """People without signs of carelessness; None where it is not told, because fewer than ten make the difference."""
    is_same_unflagged: bool
    tongues: list[tuple[str, float]]
    """Languages by their names with their share, the small ones together under ""."""
    words: list[str]
    learnt: list[str]
    is_by_lexicon: bool
    band: str
    is_hot: bool
    is_pinned: bool
    is_settling: bool
    quote: ReadingView | None
    waits: int | None
    """Days that it has waited to be decided; None where it is."""
    is_overdue: bool


def shown_theme(theme: ThemeView, language: str, base: int, quote: ReadingView | None = None, *, days: int = MOST_DAYS) -> Shown:
    """`days` is the survey's limit for deciding on a theme."""
    is_small = theme.people < THRESHOLD
    fewer = theme.people - theme.people_unflagged
    is_told = not is_small and (fewer == 0 or (fewer >= THRESHOLD and theme.people_unflagged >= THRESHOLD))
    lexicon, learnt = _words(theme, language)
    waits = theme.waits(clock.today())
    return Shown(
        id=theme.public_id,
        key=theme.key,
        name=theme.name_in(language),
        category=category_names(language).get(theme.category, ""),
        state=theme.state.value,
        people=None if is_small else theme.people,
        share=None if is_small or not base else theme.people / base,
        unflagged=theme.people_unflagged if is_told else None,
        is_same_unflagged=is_told and fewer == 0,
        tongues=[] if is_small else _tongues(theme, language),
        words=lexicon,
        learnt=learnt,
        is_by_lexicon=bool(theme.reasons),
        band=stability_band(theme.stability),
        is_hot=theme.is_hot,
        is_pinned=theme.is_pinned,
        is_settling=theme.is_settling,
        quote=quote,
        waits=waits,
        is_overdue=waits is not None and waits > days,
    )


def stability_band(stability: float | None) -> str:
    """`known` for needs of the lexicon, which do not depend on chance."""
    if stability is None:
        return "known"
    return "stable" if stability >= STABLE else "tentative" if stability >= TENTATIVE else "loose"


def _words(theme: ThemeView, language: str) -> tuple[list[str], list[str]]:
    """The words for which statements are in the theme, the lexicon's and learnt ones: the reader's language first."""
    if theme.reasons:
        told = [reasons for _, reasons in sorted(theme.reasons.items(), key=lambda item: not _is_read(item[0], language))]
        return _mixed([reasons.lexicon for reasons in told]), _mixed([reasons.learnt for reasons in told])
    return _mixed([words for _, words in sorted(theme.keywords.items(), key=lambda item: not _is_read(item[0], language))]), []


def _is_read(tag: str, language: str) -> bool:
    return tag.split("-", maxsplit=1)[0] == language.split("-", maxsplit=1)[0]


def _mixed(lists: Sequence[Sequence[str]]) -> list[str]:
    words = [word for start in (0, 2, 4) for found in lists[:4] for word in found[start : start + 2]]
    return list(dict.fromkeys(words))[:REASONS_SHOWN]


def _tongues(theme: ThemeView, language: str) -> list[tuple[str, float]]:
    pooled = pool_small(theme.languages)
    if pooled.is_hidden or not theme.people:
        return []
    total = sum(theme.languages.values())
    told = [(name_in(tag, language), n / total) for tag, n in list(pooled.shown.items())[:3]]
    rest = 1 - sum(share for _, share in told)
    return [*told, ("", rest)] if told and rest > 0.005 else told


async def first_quotes(themes: Iterable[ThemeView], language: str) -> dict[int, ReadingView]:
    """A typical statement of each theme as it reads in the desk's language, by the theme's id: the first that can be read as a
    sentence, by a rendering or as it is, else the most typical.
    """
    quoted = {theme.id: theme.quotes for theme in themes if theme.quotes}
    there = {s.id: s for s in await full_statements(sorted({key for keys in quoted.values() for key in keys}))}
    wanted = {}
    for theme, keys in quoted.items():
        known = [key for key in keys if key in there]
        readable = [
            key for key in known
            if _is_read(there[key].language, language) or (language == CHINESE and there[key].rendering not in {RenderingState.NOT_NEEDED, RenderingState.MISSING})
        ]  # fmt: skip
        if known:
            wanted[theme] = (readable or known)[0]
    found = await readings(sorted(set(wanted.values())), language)
    return {theme: found[statement] for theme, statement in wanted.items() if statement in found}


class Line(msgspec.Struct, frozen=True):
    """A statement on a page of many: how it reads, the other themes that it is in, and where it stands at the border."""

    id: int
    reading: ReadingView
    also: list[str] = []
    near: str = ""


async def lines_of(
    ids: Sequence[int], language: str, *, also: Mapping[int, Sequence[ThemeView]] | None = None, near: Mapping[int, str] | None = None
) -> list[Line]:
    """Statements in the order of their ids; what was withdrawn meanwhile is left out."""
    found = await readings(list(ids), language)
    return [
        Line(key, found[key], [theme.name_in(language) for theme in (also or {}).get(key, [])], (near or {}).get(key, ""))
        for key in ids if key in found
    ]  # fmt: skip


def changes_of_order(themes: Sequence[ThemeView], most: int = 5) -> bool:
    """Whether the largest themes stand in another order without the answers that bear a sign of carelessness."""
    told = [theme for theme in themes if theme.people >= THRESHOLD][:most]
    return sorted(told, key=lambda t: (-t.people, t.key)) != sorted(told, key=lambda t: (-t.people_unflagged, t.key))



class Posted(msgspec.Struct, frozen=True):
    """What a form of an act carries beside the act: the reason, the newest act that its writer saw, and whether to go on anyway."""

    why: str = ""
    seen: int = 0
    anyway: bool = False


def posted(fields: FormData) -> Posted:
    return Posted(first(fields, "why"), whole_number(first(fields, "seen")) or 0, first(fields, "anyway") == "1")


def typed_in(fields: FormData) -> dict[str, str]:
    """What was typed, for the form that comes back."""
    return {name: first(fields, name) for name in fields}


def chosen_statements(fields: FormData) -> list[int]:
    """The ticked statements; what is no number is nobody's."""
    return [number for value in fields.get("statement", []) if (number := whole_number(value)) is not None]


def after_of(value: str) -> int:
    return whole_number(value) or 0


class Trouble(msgspec.Struct, frozen=True):
    """Why an act was not done, for the page that keeps what was typed: a code, and the acts that are in its way.

    `again` are the fields to send once more to do it all the same; none where that is not possible.
    """

    code: str
    status: int
    stories: list[Story] = []
    again: list[tuple[str, str]] = []


async def trouble_of(error: LinshengError, survey_id: int, fields: FormData, language: str) -> Trouble:
    """Raises the error again where no page of its own is made for it."""
    if isinstance(error, ActInvalid):
        return Trouble(error.code, 422)
    if isinstance(error, ActsClash):
        again = [(name, value) for name, values in fields.items() for value in values if name != "anyway"]
        return Trouble("clash", 409, await tell_events(survey_id, error.events, language), again if error.can_go_on else [])
    if isinstance(error, CannotUndo):
        return Trouble("undo", 409, await tell_events(survey_id, error.events, language))
    if isinstance(error, CannotNow):
        return Trouble(error.code, 409)
    if isinstance(error, NothingLeft):
        return Trouble("gone", 409)
    raise error
