"""Statements as numbers: what the lexicon finds, the same in every language, and each language's own characters and words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import HashingVectorizer

from analysis.lexicon.load import Lexicon
from analysis.lexicon.match import Hit, Matcher
from analysis.text.language import family
from analysis.text.normalize import to_simplified, words_form
from analysis.text.tokens import stems

_NGRAMS = {"zh": ("char", (1, 3)), "ja": ("char", (1, 3)), "ko": ("char", (1, 3))}
"""Characters beat words in all ten languages on short answers; a few words beside them help (docs/decisions/0005-themes.md)."""

WORDS = 0.6
"""Weight of a row's words beside its characters."""

_HASHED = 2**20
MOST_COLUMNS = 120_000
"""Of each language's characters, and of its words."""


def rows_by_family(languages: Sequence[str]) -> dict[str, np.ndarray]:
    """Positions of the texts of each family, families in alphabetical order."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for position, language in enumerate(languages):
        groups[family(language)].append(position)
    return {name: np.array(groups[name], dtype=int) for name in sorted(groups)}


@dataclass(frozen=True)
class Counts:
    """Texts of one language family as they are hashed, before a survey decides what a column weighs.

    Both have a row a text and 2**20 columns, with 1 + ln(count).
    """

    characters: sp.csr_matrix
    stems: sp.csr_matrix


def count(texts: Sequence[str], languages: Sequence[str], rows: Sequence[int] | np.ndarray) -> Counts:
    """Count what these rows, all of one family, consist of. It depends on nothing else, and may be kept for texts that come again."""
    if not len(rows):
        nothing = sp.csr_matrix((0, _HASHED), dtype=np.float32)
        return Counts(nothing, nothing)
    given = [(texts[row], languages[row]) for row in rows]
    analyzer, ngrams = _NGRAMS.get(family(given[0][1]), ("char_wb", (2, 5)))
    characters = _hasher(analyzer=analyzer, ngram_range=ngrams).transform(words_form(*pair) for pair in given)
    stems = _hasher(analyzer=_stems).transform(given)
    for matrix in (characters, stems):
        matrix.data = 1 + np.log(matrix.data)
    return Counts(characters, stems)


def _hasher(**how: object) -> HashingVectorizer:
    return HashingVectorizer(n_features=_HASHED, alternate_sign=False, norm=None, dtype=np.float32, **how)


def _stems(pair: tuple[str, str]) -> list[str]:
    found = stems(*pair)
    return [to_simplified(word) for word in found] if pair[1] == "zh-Hant" else found


@dataclass(frozen=True)
class _Weights:
    """The hashed columns that are kept, in order, and their inverse document frequency; `rarest` is that of all others."""

    kept: np.ndarray
    idf: np.ndarray
    rarest: float

    def rows(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """TF-IDF rows in the kept columns. What was left out counts for the length: a text of unknown words has a short row."""
        given = counts[:, self.kept]
        left_out = squares(counts) - squares(given)
        given = sp.csr_matrix(given @ sp.diags(self.idf), dtype=np.float32)
        lengths = np.sqrt(squares(given) + self.rarest**2 * np.maximum(left_out, 0))
        return _divided(given, lengths)


def squares(matrix: sp.csr_matrix) -> np.ndarray:
    """The squared length of each row."""
    return np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()


def spaced(rows: Sequence[int], most: int) -> list[int]:
    """All of them, or `most` that are spread evenly over them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[i] for i in np.linspace(0, len(rows) - 1, most).astype(int)]


def unit_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Rows of length 1; empty ones stay empty, and so does a matrix without columns."""
    return _divided(matrix, np.sqrt(squares(matrix)))


def _divided(matrix: sp.csr_matrix, lengths: np.ndarray) -> sp.csr_matrix:
    return sp.csr_matrix(sp.diags(1 / np.maximum(lengths, 1e-9)) @ matrix, dtype=np.float32)


def _weigh(*parts: sp.csr_matrix) -> _Weights:
    total = sum(part.shape[0] for part in parts)
    frequency = np.sum([np.bincount(part.indices, minlength=_HASHED) for part in parts], axis=0)
    kept = np.flatnonzero(frequency >= (2 if total > 20 else 1))
    if len(kept) > MOST_COLUMNS:
        kept = np.sort(kept[np.argsort(-frequency[kept], kind="stable")[:MOST_COLUMNS]])
    idf = np.log((1 + total) / (1 + frequency[kept])) + 1
    return _Weights(kept, idf.astype(np.float32), float(np.log((1 + total) / 2) + 1))


class TextSpaces:
    """TF-IDF of character n-grams and of word stems, one space a language, side by side: languages never share a column."""

    def __init__(self) -> None:
        self._spaces: dict[str, tuple[_Weights, _Weights, slice]] = {}
        self.width = 0

    def fit(self, counts: Mapping[str, Sequence[Counts]]) -> TextSpaces:
        """Learn from the counts of each family which columns tell texts apart."""
        for name in sorted(counts):
            characters = _weigh(*(part.characters for part in counts[name]))
            stems = _weigh(*(part.stems for part in counts[name]))
            width = len(characters.kept) + len(stems.kept)
            self._spaces[name] = characters, stems, slice(self.width, self.width + width)
            self.width += width
        return self

    def columns(self, name: str) -> slice:
        """The columns of a language family; none for one that was not seen."""
        return self._spaces[name][2] if name in self._spaces else slice(0, 0)

    def learn(self, texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
        """Learn the columns of these texts alone, and return their rows."""
        groups = rows_by_family(languages)
        counts = {name: count(texts, languages, rows) for name, rows in groups.items()}
        return self.fit({name: [part] for name, part in counts.items()}).rows(counts, groups, len(texts))

    def read(self, texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
        """Return rows of other texts in the columns that were learnt."""
        groups = {name: rows for name, rows in rows_by_family(languages).items() if name in self._spaces}
        return self.rows({name: count(texts, languages, rows) for name, rows in groups.items()}, groups, len(texts))

    def stem_columns(self, name: str, stems: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """For each stem of a family its column and inverse document frequency; -1 and 0 for one that was not learnt."""
        characters, weights, own = self._spaces[name]
        hashed = _hasher(analyzer=lambda word: [word]).transform(stems).indices  # a stem is one column
        places = np.minimum(np.searchsorted(weights.kept, hashed), len(weights.kept) - 1)
        is_kept = weights.kept[places] == hashed
        return np.where(is_kept, own.start + len(characters.kept) + places, -1), np.where(is_kept, weights.idf[places], 0.0)

    def rows(self, counts: Mapping[str, Counts], groups: Mapping[str, np.ndarray], total: int) -> sp.csr_matrix:
        """Return rows of shape (total, width): characters as unit vectors, words as vectors of length WORDS.

        `groups` holds the positions of each family's rows; a family that was not learnt, or has no counts, has empty rows.
        """
        rows, columns, values = [], [], []
        for name, given in counts.items():
            if name not in self._spaces or name not in groups:
                continue
            characters, stems, own = self._spaces[name]
            block = sp.hstack([characters.rows(given.characters), WORDS * stems.rows(given.stems)], format="coo", dtype=np.float32)
            rows.append(groups[name][block.row])
            columns.append(block.col + own.start)
            values.append(block.data)
        shape = (total, max(self.width, 1))
        if not rows:
            return sp.csr_matrix(shape, dtype=np.float32)
        return sp.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def own_rows(texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
    """Return rows of texts by themselves, in columns that they alone decide."""
    return TextSpaces().learn(texts, languages)


def comparable_rows(
    texts: Sequence[str], languages: Sequence[str], hits: Sequence[Sequence[Hit]], n_concepts: int
) -> sp.csr_matrix:
    """Unit rows in which statements of one language meet by their words, and those of different ones by the concepts in them."""
    concepts = unit_rows(hit_matrix(hits, n_concepts))
    return unit_rows(sp.hstack([concepts, unit_rows(own_rows(texts, languages))], format="csr"))


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
