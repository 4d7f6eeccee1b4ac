"""What a reader sees of themes: names, words, people, quotes. The work is bounded, however many statements there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence

import scipy.sparse as sp

from analysis.lexicon.load import Lexicon
from analysis.lexicon.match import Hit, Matcher, matcher_for
from analysis.text.tokens import stem
from analysis.themes.features import comparable_rows, spaced
from analysis.themes.keywords import WordCounts, count_words, theme_keywords
from analysis.themes.quotes import choose_quotes, most_readable
from analysis.themes.results import FoundTheme, Members, Statement, category_of

LEAST_TEXTS = 2
MOST_TEXTS = 200
"""Texts of a theme in a language from which words in that language are given; of more, so many are read, evenly spaced."""

LEAST_TO_SUGGEST = 3
MOST_SUGGESTED = 6
"""Statements in which a word must stand to be suggested for the lexicon, and words suggested for a theme and language."""

SPEAKS_OF = 0.25
"""Share of a new theme's statements in which the lexicon hears one need, from which the need stands in the theme's name: so that
who cannot read its words knows what it is near.
"""


class Describer:
    """Describes themes of the same statements, again and again as people decide; what has not changed is not worked out anew.

    `order` holds the position of each statement in the input.
    """

    def __init__(
        self, statements: Sequence[Statement], hits: Sequence[Sequence[Hit]], lexicon: Lexicon, order: Sequence[int]
    ) -> None:
        self._statements, self._hits, self._lexicon, self._order = statements, hits, lexicon, order
        self._matcher = matcher_for(lexicon)
        self._words: dict[tuple[str, str], tuple[list[int], WordCounts]] = {}
        self._concepts: dict[tuple[str, str], list[int]] = {}
        self._told: dict[str, tuple[dict[str, WordCounts], dict[str, list[str]]]] = {}
        self._quotes: dict[tuple[str, bool], tuple[list[int], list[int]]] = {}

    def describe(self, found: Mapping[str, Members], given: Mapping[str, Mapping[str, str]]) -> list[FoundTheme]:
        """Most people first. `given` are names that people gave, by theme and language."""
        keywords = self._keywords(found)
        quotes = self._choose_quotes(found)
        themes = []
        for key, theme in found.items():
            persons: dict[Hashable, str] = {}
            for row in theme.rows:
                persons.setdefault(self._statements[row].person, self._statements[row].language)
            themes.append(
                FoundTheme(
                    key=key,
                    category=category_of(key),
                    names={**(theme.names or self._names(key, theme.rows, keywords[key])), **given.get(key, {})},
                    keywords=keywords[key],
                    people=len(persons),
                    statements=len(theme.rows),
                    languages=dict(sorted(Counter(persons.values()).items(), key=lambda item: (-item[1], item[0]))),
                    quotes=[self._order[row] for row in quotes[key, False]],
                    public_quotes=[self._order[row] for row in quotes[key, True]],
                    stability=theme.stability,
                    is_hot=theme.is_hot,
                )
            )
        return sorted(themes, key=lambda theme: (-theme.people, theme.key))

    def _keywords(self, found: Mapping[str, Members]) -> dict[str, dict[str, list[str]]]:
        """Keywords of every theme in every language that some of its people wrote, the language of most people first."""
        by_language: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
        for key, theme in found.items():
            for row in theme.rows:
                by_language[self._statements[row].language].setdefault(key, []).append(row)
        result: dict[str, dict[str, list[str]]] = {key: {} for key in found}
        for language, listed in by_language.items():
            groups = {key: self._counted(key, language, rows) for key, rows in listed.items() if len(rows) >= LEAST_TEXTS}
            known = self._told.get(language)
            if known is None or not _are_same(known[0], groups):
                known = self._told[language] = groups, self._keywords_in(language, groups)
            for key, found_words in known[1].items():
                if found_words:
                    result[key][language] = found_words
        return {
            key: dict(sorted(by_tag.items(), key=lambda item: (-len(by_language[item[0]].get(key, [])), item[0])))
            for key, by_tag in result.items()
        }

    def unknown_words(self, found: Mapping[str, Members]) -> dict[str, dict[str, list[str]]]:
        """Words of each theme and language, best first, in which the lexicon hears nothing: what people may add to it."""
        by_language: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
        for key, theme in found.items():
            for row in theme.rows:
                by_language[self._statements[row].language].setdefault(key, []).append(row)
        result: dict[str, dict[str, list[str]]] = {key: {} for key in found}
        for language, listed in by_language.items():
            if language not in self._lexicon.languages:
                continue
            groups = {key: self._counted(key, language, rows) for key, rows in listed.items() if len(rows) >= LEAST_TO_SUGGEST}
            for key, ranked in theme_keywords(groups, concept_of=lambda _word: (), most=4 * MOST_SUGGESTED).items():
                counted = groups[key]
                unknown = [
                    word for word in ranked
                    if counted.stems[stem(word, language)] >= LEAST_TO_SUGGEST and not self._matcher.find(word, language)
                ]  # fmt: skip
                if unknown:
                    result[key][language] = unknown[:MOST_SUGGESTED]
        return result

    def _keywords_in(self, language: str, groups: Mapping[str, WordCounts]) -> dict[str, list[str]]:
        """A word that the lexicon knows for the theme's category comes before one that happens to be frequent."""
        concepts = self._lexicon.concepts

        def concept_of(word: str) -> list[int]:
            if (language, word) not in self._concepts:
                self._concepts[language, word] = [hit.concept for hit in self._matcher.find(word, language)]
            return self._concepts[language, word]

        def is_typical(key: str, word: str) -> bool:
            return any(concepts[concept].category == category_of(key) for concept in concept_of(word))

        return theme_keywords(groups, concept_of=concept_of, is_typical=is_typical)

    def _counted(self, key: str, language: str, rows: list[int]) -> WordCounts:
        chosen = spaced(rows, MOST_TEXTS)
        known = self._words.get((key, language))
        if known is None or known[0] != chosen:
            known = chosen, count_words([self._statements[row].text for row in chosen], language)
            self._words[key, language] = known
        return known[1]

    def _choose_quotes(self, found: Mapping[str, Members]) -> dict[tuple[str, bool], list[int]]:
        """Rows to quote, the most typical first; with True, of those alone that may be quoted outside.

        Only the statements that may become a quote are compared with each other.
        """
        scores = {key: dict(zip(theme.rows, theme.scores, strict=True)) for key, theme in found.items()}
        candidates = {
            (key, is_public): self._candidates(theme, is_public=is_public) for key, theme in scores.items() for is_public in (False, True)
        }
        anew = {place: rows for place, rows in candidates.items() if self._quotes.get(place, (None,))[0] != rows}
        compared = sorted({row for rows in anew.values() for row in rows})
        given = [self._statements[row] for row in compared]
        likeness = comparable_rows(
            [s.text for s in given], [s.language for s in given], [self._hits[row] for row in compared], len(self._lexicon.concepts)
        )
        place_of = {row: place for place, row in enumerate(compared)}
        for place, rows in anew.items():
            self._quotes[place] = rows, self._chosen(likeness[[place_of[row] for row in rows]], rows, scores[place[0]])
        return {place: self._quotes[place][1] for place in candidates}

    def _candidates(self, scores: Mapping[int, float], *, is_public: bool) -> list[int]:
        rows = [row for row in scores if self._statements[row].is_quotable or not is_public]
        chosen = most_readable([scores[row] for row in rows], [len(self._statements[row].text) for row in rows])
        return [rows[i] for i in chosen]

    def _chosen(self, likeness: sp.csr_matrix, rows: list[int], scores: Mapping[int, float]) -> list[int]:
        given = [self._statements[row] for row in rows]
        chosen = choose_quotes(
            likeness,
            [scores[row] for row in rows],
            [statement.person for statement in given],
            [statement.language for statement in given],
            [len(statement.text) for statement in given],
        )
        return [rows[i] for i in chosen]

    def _names(self, key: str, rows: Sequence[int], keywords: Mapping[str, list[str]]) -> dict[str, str]:
        """The names of a known need or category; for a new theme its first words, in the language that it came from, and in the
        lexicon's languages the need that it is near.
        """
        if key in self._lexicon.index:
            return self._lexicon.concepts[self._lexicon.index[key]].names
        if key in self._lexicon.categories:
            return self._lexicon.categories[key]
        own = {language: " · ".join(found[:3]) for language, found in list(keywords.items())[:1]}
        heard = Counter(concept for row in rows for concept in {hit.concept for hit in self._hits[row]})
        concept, times = min(heard.items(), key=lambda item: (-item[1], item[0]), default=(0, 0))
        if not own or times < SPEAKS_OF * len(rows):
            return own
        words = next(iter(own.values()))
        near = {language: f"{name}: {words}" for language, name in self._lexicon.concepts[concept].names.items()}
        return {**near, **own}


def concepts_of(matcher: Matcher, language: str) -> Callable[[str], list[int]]:
    """A function that names the concepts in a word."""
    return lambda word: [hit.concept for hit in matcher.find(word, language)]


def _are_same(one: Mapping[str, WordCounts], other: Mapping[str, WordCounts]) -> bool:
    return one.keys() == other.keys() and all(one[key] is other[key] for key in one)


def keywords_of(texts: Sequence[str], languages: Sequence[str], most: int = 6) -> dict[str, list[str]]:
    """The most frequent words of some statements by themselves, by language, the language of most statements first.

    The lexicon is not asked, so that it need not be at hand.
    """
    found = {}
    for language, number in sorted(Counter(languages).items(), key=lambda item: (-item[1], item[0])):
        own = [text for text, tag in zip(texts, languages, strict=True) if tag == language]
        counted = count_words(own[:MOST_TEXTS], language)
        words = theme_keywords({"": counted}, concept_of=lambda _word: (), most=most)[""]
        if words and number >= LEAST_TEXTS:
            found[language] = words
    return found
