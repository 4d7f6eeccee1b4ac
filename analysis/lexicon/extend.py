"""Adding an installation's own words to a lexicon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from analysis.lexicon.load import Concept, Lexicon, Terms

OWN = "own_words"
"""The need, within a category, of words that were added to the category and to none of its needs."""


def with_words(lexicon: Lexicon, words: Iterable[tuple[str, str, str]]) -> Lexicon:
    """Return the lexicon with further words, given as (need or category, language, word); others' keys and languages are passed over.

    Words of a category, and of none of its needs, are a need of their own (`health.own_words`) with the category's name.
    """
    added: dict[str, dict[str, list[str]]] = {}
    for key, language, word in words:
        if language in lexicon.languages and (key in lexicon.index or key in lexicon.categories):
            place = key if key in lexicon.index else f"{key}.{OWN}"
            added.setdefault(place, {}).setdefault(language, []).append(word)
    if not added:
        return lexicon
    concepts = [_with(concept, added.pop(concept.id, {})) for concept in lexicon.concepts]
    for key, by_language in sorted(added.items()):
        category = key.removesuffix(f".{OWN}")
        concepts.append(_with(Concept(key, category, lexicon.categories[category], {}), by_language))
    return replace(lexicon, concepts=tuple(concepts))


def _with(concept: Concept, words: dict[str, list[str]]) -> Concept:
    if not words:
        return concept
    by_language = dict(concept.by_language)
    for language, found in words.items():
        terms = by_language.get(language, Terms())
        by_language[language] = replace(terms, terms=tuple(dict.fromkeys((*terms.terms, *found))))
    return replace(concept, by_language=by_language)
