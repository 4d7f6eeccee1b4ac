"""What the analysis says of one text: its pieces, what is personal in it, which needs it names, the words that find it. No database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

import msgspec

from analysis.lexicon.load import NO_NEED, load_lexicon
from analysis.lexicon.match import Matcher
from analysis.text.abuse import find_abuse
from analysis.text.language import UNKNOWN, identify
from analysis.text.normalize import without_bidi_controls
from analysis.text.personal_data import CHINESE_NAMES, Finding, find, mask
from analysis.text.search_words import index_words
from analysis.text.statements import MAX_STATEMENT, split_statements
from survey.i18n.languages import interface_language

BY_HAND = "other"
"""The kind of what a person masks: which one it is, no rule tells."""
MARK_NAMES = {**CHINESE_NAMES, BY_HAND: "个人信息"}


class Mark(msgspec.Struct, frozen=True):
    """Personal data from `start` to `end` of a statement's original. A lifted one is shown."""

    kind: str
    start: int
    end: int
    rule: str
    is_lifted: bool = False


class Piece(msgspec.Struct, frozen=True):
    """A statement to be: `text` without tricks of direction, and what is personal in it."""

    position: int
    text: str
    language: str
    marks: list[Mark]


@lru_cache(maxsize=1)
def bundled_matcher() -> Matcher:
    return Matcher(load_lexicon())


def without_tricks(text: str) -> str:
    """Without the characters that turn the direction of writing; statements from before were stored with them."""
    return without_bidi_controls(text)


def cut(answer: str, page: str) -> list[Piece]:
    """Cut a written answer into statements. Personal data is looked for in the whole and in each piece: the word that tells
    a number's kind may stand in the sentence before.
    """
    answer = without_tricks(answer)
    spoken = interface_language(page)
    named = identify(answer[:MAX_STATEMENT], spoken).language
    language = spoken if named == UNKNOWN else named
    known = {answer[one.start : one.end]: one for one in find(answer[:MAX_STATEMENT], language)}
    return [
        Piece(position, text, language, _marks_in(text, language, known))
        for position, text in enumerate(split_statements(answer, _topics_in(language)))
    ]


def _marks_in(text: str, language: str, known: dict[str, Finding]) -> list[Mark]:
    marks = [Mark(one.kind, one.start, one.end, one.rule) for one in find(text, language)]
    for words, one in known.items():
        marks += marks_of(text, words, kind=one.kind, rule=one.rule, besides=marks)
    return sorted(marks, key=lambda mark: mark.start)


def marks_of(text: str, words: str, *, kind: str, rule: str, besides: Iterable[Mark] = ()) -> list[Mark]:
    """Mark every place of `words` in a text that overlaps none of the marks that are there."""
    taken = [(mark.start, mark.end) for mark in besides]
    found = []
    start = text.find(words) if words else -1
    while start >= 0:
        end = start + len(words)
        if all(end <= before or after <= start for before, after in taken):
            found.append(Mark(kind, start, end, rule))
        start = text.find(words, end)
    return found


def masked(text: str, marks: Iterable[Mark]) -> str:
    """The text with a name in place of each mark that is not lifted (`[电话]`)."""
    kept = [Finding(mark.kind, mark.start, mark.end, mark.rule) for mark in marks if not mark.is_lifted]
    return mask(text, kept, MARK_NAMES)


def masked_by_rules(text: str, language: str, lifted: Collection[str] = ()) -> str:
    """A text that is no statement (what stands under "other, please say") as it may be shown; pieces in `lifted` stay."""
    return mask(text, [one for one in find(text, language) if text[one.start : one.end] not in lifted], MARK_NAMES)


def placeholder(mark: Mark) -> str:
    return f"[{MARK_NAMES[mark.kind]}]"


def is_abusive(text: str, language: str) -> bool:
    """Whether it insults or threatens somebody; a few plain words only (analysis.text.abuse)."""
    return bool(find_abuse(text, language))


def needs_in(text: str, language: str) -> str:
    """The ids of the needs that the lexicon finds in a text, surest first, as they are stored: one space between them.

    For the worker: with the lexicon of all ten languages at hand a process takes 170 MB more.
    """
    matcher = bundled_matcher()
    return " ".join(dict.fromkeys(matcher.lexicon.concepts[hit.concept].id for hit in matcher.find(text, language)))


def need_names(needs: str, language: str) -> list[str]:
    """The names of needs that were found before. One that a newer lexicon no longer has is left out."""
    known = _names()
    return [known[key].get(language, key) for key in needs.split() if key in known]


@lru_cache(maxsize=1)
def _names() -> dict[str, Mapping[str, str]]:
    return {concept.id: concept.names for concept in load_lexicon().concepts}


def words_of(redacted: str, language: str, needs: str, renderings: Iterable[str] = ()) -> str:
    """The pieces by which a statement is found: of its text, its renderings, and the names of its needs in the desk's languages."""
    found = index_words(redacted, language)
    for text in renderings:
        found |= index_words(text, "zh-Hans")
    for tag in ("zh-Hans", "en"):
        for name in need_names(needs, tag):
            found |= index_words(name, tag)
    return " ".join(sorted(found))


@lru_cache(maxsize=16)
def _topics_in(language: str) -> Callable[[str], frozenset[str]]:
    matcher = bundled_matcher()
    concepts = matcher.lexicon.concepts

    def topics(text: str) -> frozenset[str]:
        return frozenset(concepts[hit.concept].category for hit in matcher.find(text, language)) - {NO_NEED}

    return topics
