"""Words that tell one theme from the others: c-TF-IDF, one word a concept (BERTopic#1621: juego/jeu/게임 are one word)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from analysis.text.tokens import label_words, stem


def class_tf_idf(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Weigh words per theme: tf · log(1 + A / f).

    Parameters
    ----------
    counts : sparse matrix of shape (n_themes, n_words)
        How often each word stands in each theme's statements.

    Returns
    -------
    sparse matrix of the same shape
        `tf` is the word's share of its theme's words, `f` its count over all themes, `A` the mean words a theme.
        Source: M. Grootendorst, BERTopic (2022), arXiv 2203.05794, equation 2; tf made relative, so that a large theme
        does not win by its size.

    Examples
    --------
    >>> class_tf_idf(sp.csr_matrix([[4.0, 1.0], [0.0, 5.0]])).toarray().round(2).tolist()
    [[0.65, 0.12], [0.0, 0.61]]

    """
    counts = sp.csr_matrix(counts, dtype=np.float64)
    per_theme = np.asarray(counts.sum(axis=1)).ravel()
    per_word = np.asarray(counts.sum(axis=0)).ravel()
    average = per_theme.mean() if per_theme.size else 0.0
    idf = np.log1p(average / np.maximum(per_word, 1))
    share = sp.diags(1 / np.maximum(per_theme, 1))
    return sp.csr_matrix(share @ counts @ sp.diags(idf))


@dataclass(frozen=True)
class WordCounts:
    """How many of a group's `texts` have each stem, and how often each spelling of it was written."""

    texts: int
    stems: Counter[str]
    spellings: dict[str, Counter[str]]


def count_words(texts: Sequence[str], language: str) -> WordCounts:
    counted = WordCounts(len(texts), Counter(), defaultdict(Counter))
    for text in texts:
        found = set()
        for word in label_words(text, language):
            key = stem(word, language)
            found.add(key)
            counted.spellings[key][word] += 1
        counted.stems.update(found)
    return counted


TYPICAL = 3.0


def theme_keywords(
    groups: Mapping[Any, WordCounts],
    *,
    concept_of: Callable[[str], Iterable[int]],
    is_typical: Callable[[Any, str], bool] = lambda _group, _word: False,
    most: int = 6,
) -> dict[Any, list[str]]:
    """Return up to `most` words for each group of texts of one language, best first, in the spelling that people used most.

    Words with one stem count together. Two words that name the same concept give one keyword. A word must stand in at
    least two of the group's texts where the group has five or more. Words that `is_typical` knows for a group weigh
    three times.
    """
    names = list(groups)
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for counted in groups.values():
        for key, written in counted.spellings.items():
            spellings[key].update(written)
    vocabulary = {key: position for position, key in enumerate(sorted(spellings))}
    if not vocabulary:
        return {name: [] for name in names}
    rows, columns, values = [], [], []
    for row, counted in enumerate(groups.values()):
        for key, number in counted.stems.items():
            rows.append(row)
            columns.append(vocabulary[key])
            values.append(float(number))
    weights = class_tf_idf(sp.csr_matrix((values, (rows, columns)), shape=(len(names), len(vocabulary))))
    keys = list(vocabulary)
    result = {}
    for row, (name, counted) in enumerate(groups.items()):
        least = 2 if counted.texts >= 5 else 1
        line = weights.getrow(row)
        ranked = sorted(
            (-weight * (TYPICAL if is_typical(name, _spelling(spellings[keys[column]])) else 1.0), keys[column])
            for column, weight in zip(line.indices, line.data, strict=True)
        )
        result[name] = _one_per_concept(
            (_spelling(spellings[key]) for _, key in ranked if counted.stems[key] >= least), concept_of, most
        )
    return result


def _spelling(counter: Counter[str]) -> str:
    return min(counter, key=lambda word: (-counter[word], word))


def _one_per_concept(ranked: Iterable[str], concept_of: Callable[[str], Iterable[int]], most: int) -> list[str]:
    kept: list[str] = []
    named: set[int] = set()
    for word in ranked:
        concepts = set(concept_of(word))
        if concepts & named or any(word in other or other in word for other in kept):
            continue
        named |= concepts
        kept.append(word)
        if len(kept) == most:
            break
    return kept
