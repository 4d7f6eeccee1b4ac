"""What a reader sees of themes: names, words, people, quotes. The work is bounded, however many statements there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from analysis.lexicon.load import Lexicon
from analysis.lexicon.match import Hit, Matcher, matcher_for
from analysis.themes.features import hit_matrix, own_rows, unit_rows
from analysis.themes.keywords import theme_keywords
from analysis.themes.quotes import choose_quotes, most_readable
from analysis.themes.results import FoundTheme, Members, Statement

LEAST_TEXTS = 2
MOST_TEXTS = 200
"""Texts of a theme in a language from which words in that language are given; of more, so many are read, evenly spaced."""


def describe_themes(
    found: Mapping[str, Members],
    statements: Sequence[Statement],
    hits: Sequence[Sequence[Hit]],
    lexicon: Lexicon,
    order: Sequence[int],
) -> list[FoundTheme]:
    """Describe the themes, most people first; `order` holds the position of each statement in the input."""
    keywords = _all_keywords(found, statements, matcher_for(lexicon))
    quotes = _Quotes(found, statements, hits, len(lexicon.concepts))
    themes = []
    for key, theme in found.items():
        persons: dict[Any, str] = {}
        for row in theme.rows:
            persons.setdefault(statements[row].person, statements[row].language)
        themes.append(
            FoundTheme(
                key=key,
                category=key.split(".", maxsplit=1)[0],
                names=_names(key, lexicon, keywords[key]),
                keywords=keywords[key],
                people=len(persons),
                statements=len(theme.rows),
                languages=dict(sorted(Counter(persons.values()).items(), key=lambda item: (-item[1], item[0]))),
                quotes=[order[row] for row in quotes.of(key)],
                public_quotes=[order[row] for row in quotes.of(key, is_public=True)],
                stability=theme.stability,
            )
        )
    return sorted(themes, key=lambda theme: (-theme.people, theme.key))


class _Quotes:
    """Chooses quotes. Only the statements that may become one are compared with each other."""

    def __init__(
        self,
        found: Mapping[str, Members],
        statements: Sequence[Statement],
        hits: Sequence[Sequence[Hit]],
        n_concepts: int,
    ) -> None:
        self._statements = statements
        self._scores = {key: dict(zip(theme.rows, theme.scores, strict=True)) for key, theme in found.items()}
        self._candidates = {
            (key, is_public): self._candidates_of(scores, is_public=is_public)
            for key, scores in self._scores.items()
            for is_public in (False, True)
        }
        rows = sorted({row for listed in self._candidates.values() for row in listed})
        self._place = {row: place for place, row in enumerate(rows)}
        texts, languages = [statements[row].text for row in rows], [statements[row].language for row in rows]
        # Statements of different languages meet where they speak of the same concepts.
        concepts = unit_rows(hit_matrix([hits[row] for row in rows], n_concepts))
        self._likeness = unit_rows(sp.hstack([concepts, unit_rows(own_rows(texts, languages))], format="csr"))

    def _candidates_of(self, scores: Mapping[int, float], *, is_public: bool) -> list[int]:
        rows = [row for row in scores if self._statements[row].is_quotable or not is_public]
        chosen = most_readable([scores[row] for row in rows], [len(self._statements[row].text) for row in rows])
        return [rows[i] for i in chosen]

    def of(self, key: str, *, is_public: bool = False) -> list[int]:
        """Rows to quote, the most typical first."""
        rows = self._candidates[key, is_public]
        given = [self._statements[row] for row in rows]
        chosen = choose_quotes(
            self._likeness[[self._place[row] for row in rows]],
            [self._scores[key][row] for row in rows],
            [statement.person for statement in given],
            [statement.language for statement in given],
            [len(statement.text) for statement in given],
        )
        return [rows[i] for i in chosen]


def concepts_of(matcher: Matcher, language: str) -> Callable[[str], list[int]]:
    """A function that names the concepts in a word."""
    return lambda word: [hit.concept for hit in matcher.find(word, language)]


def _all_keywords(
    found: Mapping[str, Members], statements: Sequence[Statement], matcher: Matcher
) -> dict[str, dict[str, list[str]]]:
    """Keywords of every theme in every language that some of its people wrote, the language of most people first.

    A word that the lexicon knows for the theme's category comes before one that happens to be frequent.
    """
    categories = {key: key.split(".", maxsplit=1)[0] for key in found}
    concepts = matcher.lexicon.concepts
    by_language: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
    for key, theme in found.items():
        for row in theme.rows:
            by_language[statements[row].language].setdefault(key, []).append(row)
    result: dict[str, dict[str, list[str]]] = {key: {} for key in found}
    for language in sorted(by_language, key=lambda tag: -sum(len(rows) for rows in by_language[tag].values())):
        groups = {
            key: [statements[row].text for row in spaced(rows, MOST_TEXTS)]
            for key, rows in by_language[language].items()
            if len(rows) >= LEAST_TEXTS
        }
        concept_of = concepts_of(matcher, language)

        def is_typical(key: str, word: str, concept_of: Callable[[str], list[int]] = concept_of) -> bool:
            return any(concepts[concept].category == categories[key] for concept in concept_of(word))

        for key, found_words in theme_keywords(groups, language, concept_of=concept_of, is_typical=is_typical).items():
            if found_words:
                result[key][language] = found_words
    return {
        key: dict(sorted(by_tag.items(), key=lambda item: -len(by_language[item[0]].get(key, []))))
        for key, by_tag in result.items()
    }


def spaced(rows: Sequence[int], most: int) -> list[int]:
    """All of them, or `most` that are spread evenly over them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[i] for i in np.linspace(0, len(rows) - 1, most).astype(int)]


def _names(key: str, lexicon: Lexicon, keywords: Mapping[str, list[str]]) -> dict[str, str]:
    """The names of a known need or category; for a new theme its first words, in the language that it came from."""
    if key in lexicon.index:
        return lexicon.concepts[lexicon.index[key]].names
    if key in lexicon.categories:
        return lexicon.categories[key]
    return {language: " · ".join(found[:3]) for language, found in list(keywords.items())[:1]}
