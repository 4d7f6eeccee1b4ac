"""Statements as numbers: what the lexicon finds, the same in every language, and each language's own characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from analysis.lexicon.load import Lexicon
from analysis.lexicon.match import Hit, Matcher
from analysis.text.normalize import words_form

_NGRAMS = {"zh": ("char", (1, 3)), "ja": ("char", (1, 3)), "ko": ("char", (1, 3))}
"""Characters beat words in all ten languages on short answers (docs/decisions/0005-themes.md)."""


def family(language: str) -> str:
    """Traditional and Simplified Chinese are compared in one space, after conversion; `und` stays by itself."""
    return language.split("-", maxsplit=1)[0]


class CharacterSpaces:
    """One TF-IDF space of character n-grams per language, side by side: languages never share a column."""

    def __init__(self) -> None:
        self._spaces: dict[str, tuple[TfidfVectorizer, int]] = {}
        self.width = 0

    def fit(self, texts: Sequence[str], languages: Sequence[str]) -> CharacterSpaces:
        groups: dict[str, list[str]] = {}
        for text, language in zip(texts, languages, strict=True):
            groups.setdefault(family(language), []).append(words_form(text, language))
        for name in sorted(groups):
            analyzer, ngrams = _NGRAMS.get(name, ("char_wb", (2, 5)))
            space = TfidfVectorizer(
                analyzer=analyzer, ngram_range=ngrams, sublinear_tf=True, dtype=np.float32, max_features=60_000,
                min_df=2 if len(groups[name]) > 20 else 1,
            )  # fmt: skip
            try:
                space.fit(groups[name])
            except ValueError:
                continue  # no n-gram stands in two texts: nothing to learn from this language
            self._spaces[name] = (space, self.width)
            self.width += len(space.vocabulary_)
        return self

    def transform(self, texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
        """Return unit rows, shape (n_texts, width); an empty row for a language that was not seen."""
        blocks: dict[str, list[int]] = {}
        for position, language in enumerate(languages):
            blocks.setdefault(family(language), []).append(position)
        rows, columns, values = [], [], []
        for name, positions in blocks.items():
            if name not in self._spaces:
                continue
            space, offset = self._spaces[name]
            block = space.transform([words_form(texts[i], languages[i]) for i in positions]).tocoo()
            rows.append(np.asarray(positions)[block.row])
            columns.append(block.col + offset)
            values.append(block.data)
        if not rows:
            return sp.csr_matrix((len(texts), max(self.width, 1)), dtype=np.float32)
        return sp.csr_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
            shape=(len(texts), max(self.width, 1)),
        )


def find_hits(matcher: Matcher, texts: Sequence[str], languages: Sequence[str]) -> list[list[Hit]]:
    return [matcher.find(text, language) for text, language in zip(texts, languages, strict=True)]


def hit_matrix(hits: Sequence[Sequence[Hit]], n_concepts: int) -> sp.csr_matrix:
    """Weights of the concepts found, shape (n_texts, n_concepts)."""
    rows = [row for row, found in enumerate(hits) for _ in found]
    columns = [hit.concept for found in hits for hit in found]
    values = [hit.weight for found in hits for hit in found]
    return sp.csr_matrix((values, (rows, columns)), shape=(len(hits), n_concepts), dtype=np.float32)


def category_matrix(lexicon: Lexicon, categories: Sequence[str]) -> sp.csr_matrix:
    """1 where a concept (row) belongs to a category (column)."""
    place = {name: position for position, name in enumerate(categories)}
    columns = [place[concept.category] for concept in lexicon.concepts]
    return sp.csr_matrix((np.ones(len(columns), dtype=np.float32), (range(len(columns)), columns)),
                         shape=(len(columns), len(categories)))  # fmt: skip
