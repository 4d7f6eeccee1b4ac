"""Finding the lexicon's words in a text: one Aho-Corasick automaton a language, longest match first."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import ahocorasick

from analysis.lexicon.load import NO_NEED, Concept, Lexicon, Terms
from analysis.text.normalize import SPACELESS, words_form

COMBINATION_WEIGHT = 2.0
"""A combination (`doctor + english`) says more than one word does."""

_PREFIXES = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل", "ول", "ولل", "ف", "فال", "ك", "كال", "وب", "وبال")
"""What Arabic writes together with the next word: and, in, for, so, like, with and without the article."""

_LONGEST_NOTHING = 120

_MAX_CROSSING = 3
"""A Korean or Chinese term of so few characters may not run over a space: 다시 장 is not 시장."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One concept found in a text. `surface` is the matched words in normal form."""

    concept: int
    surface: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A part of some concept's terms: which concepts it proves alone, in which combinations it takes part, what it excludes."""

    concepts: tuple[int, ...]
    combinations: tuple[tuple[int, int, int], ...]
    """(concept, number of the combination, number of the part)"""
    excludes: tuple[int, ...]
    tail: re.Pattern[str] | None = None
    """What must follow where a word inside a phrase is open (`clase* de chino`): the automaton finds only what stands before."""


class Matcher:
    """All languages of a lexicon. Automata are built when a language is first seen."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._languages: dict[str, _LanguageMatcher | None] = {}

    def find(self, text: str, language: str) -> list[Hit]:
        """Return the concepts in a text, each once, strongest first; none for a language that the lexicon lacks."""
        if language not in self._languages:
            sources = _sources(self.lexicon, language)
            self._languages[language] = _LanguageMatcher(self.lexicon.concepts, language, sources) if sources else None
        matcher = self._languages[language]
        if matcher is None:
            return []
        nothing = matcher.asks_nothing(text)
        return [nothing] if nothing else matcher.find(text)


@lru_cache(maxsize=4)
def matcher_for(lexicon: Lexicon) -> Matcher:
    """The matcher of a lexicon, made once a process."""
    return Matcher(lexicon)


@lru_cache(maxsize=8)
def _relatives(language: str) -> tuple[str, ...]:
    """Traditional Chinese is matched in Simplified characters, so either file's words apply to both."""
    return ("zh-Hans", "zh-Hant") if language.startswith("zh") else (language,)


def _sources(lexicon: Lexicon, language: str) -> list[str]:
    return [tag for tag in _relatives(language) if tag in lexicon.languages]


class _LanguageMatcher:
    def __init__(self, concepts: tuple[Concept, ...], language: str, sources: list[str]) -> None:
        self._language = language
        self._is_spaceless = language in SPACELESS
        alone: defaultdict[str, set[int]] = defaultdict(set)
        combined: defaultdict[str, set[tuple[int, int, int]]] = defaultdict(set)
        excludes: defaultdict[str, set[int]] = defaultdict(set)
        self._parts: dict[int, int] = {}
        self._nothing = {
            words_form(example, language).strip(): index
            for index, concept in enumerate(concepts)
            if concept.category == NO_NEED
            for tag in sources
            for example in concept.by_language.get(tag, Terms()).examples
        }
        for index, concept in enumerate(concepts):
            for tag in sources:
                terms = concept.by_language.get(tag, Terms())
                for term in terms.terms:
                    parts = [part.strip() for part in term.split("+") if part.strip()]
                    if len(parts) == 1:
                        for key in self._keys(parts[0]):
                            alone[key].add(index)
                    elif parts:
                        number = len(self._parts)
                        self._parts[number] = len(parts)
                        for position, part in enumerate(parts):
                            for key in self._keys(part):
                                combined[key].add((index, number, position))
                for phrase in terms.excluded:
                    for key in self._keys(phrase):
                        excludes[key].add(index)
        by_anchor: defaultdict[str, list[_Pattern]] = defaultdict(list)
        known: dict[_Pattern, _Pattern] = {}  # Arabic has each word sixteen times, with what is written together with it
        for key in sorted({*alone, *combined, *excludes}):
            anchor, *open_ends = key.split("*")
            pattern = _Pattern(
                concepts=tuple(sorted(alone.get(key, ()))),
                combinations=tuple(sorted(combined.get(key, ()))),
                excludes=tuple(sorted(excludes.get(key, ()))),
                tail=re.compile("".join(f"[^ ]*{re.escape(end)}" for end in open_ends)) if open_ends else None,
            )
            by_anchor[anchor].append(known.setdefault(pattern, pattern))
        self._automaton = ahocorasick.Automaton()
        for anchor, patterns in by_anchor.items():
            self._automaton.add_word(anchor, (len(anchor), patterns))
        self._automaton.make_automaton()

    def asks_nothing(self, text: str) -> Hit | None:
        """Tell whether the whole text is one of the examples of "no need" (`없음`, `all good`): as parts of a longer text
        such words mean something else.
        """
        if len(text) > _LONGEST_NOTHING:
            return None
        plain = words_form(text, self._language).strip()
        concept = self._nothing.get(plain)
        return None if concept is None else Hit(concept, plain, COMBINATION_WEIGHT)

    def _keys(self, term: str) -> Iterable[str]:
        """Yield the strings that stand for a pattern in the prepared text."""
        opens, closes = not term.startswith("*"), not term.endswith("*")
        plain = term.strip("*")
        if self._is_spaceless:
            key = words_form(plain, self._language).replace(" ", "")
            if key:
                yield key
            return
        words = ("*".join(words_form(piece, self._language).strip() for piece in word.split("*")) for word in plain.split())
        body = " ".join(filter(None, words))
        if not body.strip("* "):
            return
        prefixes = _PREFIXES if self._language == "ar" and opens else ("",)
        for prefix in prefixes:
            start = prefix + body.removeprefix("ال") if prefix.endswith(("ال", "لل")) else prefix + body
            yield f"{' ' if opens else ''}{start}{' ' if closes else ''}"

    def find(self, text: str) -> list[Hit]:
        prepared, breaks = self._prepare(text)
        if not prepared or not len(self._automaton):
            return []
        spans: list[tuple[int, int, _Pattern]] = []
        for last, (length, patterns) in self._automaton.iter(prepared):
            start, end = last - length + 1, last + 1
            if breaks and length <= _MAX_CROSSING and any(start < place < end for place in breaks):
                continue
            for pattern in patterns:
                if pattern.tail is None:
                    spans.append((*_without_spaces(prepared, start, end), pattern))
                elif found := pattern.tail.match(prepared, end):
                    spans.append((*_without_spaces(prepared, start, found.end()), pattern))
        return self._decide(prepared, spans)

    def _prepare(self, text: str) -> tuple[str, list[int]]:
        """Return the text to search, and where spaces were taken out of it."""
        words = words_form(text, self._language)
        if not self._is_spaceless:
            return words, []
        pieces = words.split()
        breaks, length = [], 0
        for piece in pieces[:-1]:
            length += len(piece)
            breaks.append(length)
        return "".join(pieces), breaks

    def _decide(self, prepared: str, spans: list[tuple[int, int, _Pattern]]) -> list[Hit]:
        excluded = [(start, end, pattern.excludes) for start, end, pattern in spans if pattern.excludes]
        surfaces: defaultdict[int, dict[str, float]] = defaultdict(dict)
        times: Counter[int] = Counter()
        taken: list[tuple[int, int]] = []
        for start, end, pattern in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            if not pattern.concepts or any(a <= start and end <= b and (a, b) != (start, end) for a, b in taken):
                continue
            kept = [index for index in pattern.concepts if not _is_excluded(index, start, end, excluded)]
            if kept:
                taken.append((start, end))
            for index in kept:
                surfaces[index].setdefault(prepared[start:end], 1.0)
                times[index] += 1
        seen: defaultdict[tuple[int, int], dict[int, str]] = defaultdict(dict)
        for start, end, pattern in spans:
            for index, number, position in pattern.combinations:
                if not _is_excluded(index, start, end, excluded):
                    seen[index, number][position] = prepared[start:end]
        for (index, number), parts in seen.items():
            if len(parts) == self._parts[number]:
                surfaces[index][" + ".join(parts[key] for key in sorted(parts))] = COMBINATION_WEIGHT
        return sorted((_hit(index, found, times[index]) for index, found in surfaces.items()), key=lambda hit: (-hit.weight, hit.concept))


def _without_spaces(prepared: str, start: int, end: int) -> tuple[int, int]:
    """The words alone: `school` lies inside `driving school*`, though the space behind it does not."""
    return start + (prepared[start] == " "), end - (prepared[end - 1] == " ")


def _is_excluded(index: int, start: int, end: int, excluded: list[tuple[int, int, tuple[int, ...]]]) -> bool:
    return any(index in concepts and a <= start and end <= b for a, b, concepts in excluded)


def _hit(index: int, found: dict[str, float], times: int) -> Hit:
    """One hit a concept: its heaviest words; being said again adds ever less."""
    surface = min(found, key=lambda words: (-found[words], words))
    return Hit(index, surface, found[surface] * (1 + math.log(max(times, 1))))
