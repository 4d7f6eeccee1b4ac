"""New needs: what no known need takes is grouped language by language, and a group is named after its own first words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from analysis.lexicon.match import Matcher
from analysis.text.language import family
from analysis.text.tokens import stem
from analysis.themes.describe import concepts_of
from analysis.themes.discover import Discovery, Group, discover_groups
from analysis.themes.embedder import Embedder, remove_language_means
from analysis.themes.features import TextSpaces, rows_by_family, spaced, squares, unit_rows
from analysis.themes.keywords import WordCounts, count_words, theme_keywords
from analysis.themes.results import DISCOVERED, LONGEST_LABEL, Members, Statement

SHARED_WORD = 0.3
"""A new theme has a word that stands in so large a part of its statements; a group without one is a heap of leftovers."""

COMMON = 0.1
"""A word that stands in so large a part of what known needs took (the town's name) tells no new theme from the others."""

COMPARED = 500

EVERY = ""
"""In the place of a language family, where an operator's own model compares statements of all languages."""

FAMILIAR = 0.1
"""Squared length that a row has at least when anything of the text was seen before: gibberish has 0.05, a later statement of a small
survey 0.15 and more.
"""


@dataclass(frozen=True)
class Space:
    """What is needed to find more statements of new themes: how texts become rows, the groups, and the key of each group."""

    rows_of: Callable[[Sequence[str], Sequence[str]], sp.csr_matrix]
    discovery: Discovery
    keys: list[str | None]


def find_new_themes(
    left: Sequence[int],
    statements: Sequence[Statement],
    copy_of: np.ndarray,
    matcher: Matcher,
    *,
    embedder: Embedder | None,
    n_groups: int | None,
    min_size: int,
    random_state: int,
    report: Callable[[float], None],
) -> tuple[dict[str, Members], dict[str, Space]]:
    """Group the rows in `left`, each language family by itself; all together where an operator's own model compares them.

    Parameters
    ----------
    copy_of : array of shape (n_statements,)
        The first row that says nearly the same: copies count once, by the logarithm of their number, when groups are formed.
    report : called with the share done.

    Returns
    -------
    the themes by key, and for each language family (or for every one) what `Space` holds.

    """
    is_left = np.zeros(len(statements), dtype=bool)
    is_left[list(left)] = True
    known = rows_by_family(["" if here else s.language for s, here in zip(statements, is_left.tolist(), strict=True)])
    common = {name: _common_words(rows.tolist(), statements) for name, rows in known.items() if name}
    families = _families(left, statements, embedder)
    found: dict[str, Members] = {}
    spaces: dict[str, Space] = {}
    for step, (name, rows) in enumerate(families.items()):
        report(step / len(families))
        once = _Once(rows, statements, copy_of)
        rows_of: Callable[[Sequence[str], Sequence[str]], sp.csr_matrix]
        if embedder:
            rows_of = _Embedded(embedder)
            features = rows_of(once.texts, once.languages)
        else:
            rows_of = own = _OwnColumns()
            features = own.learn(once.texts, once.languages)
        discovery = discover_groups(
            features, n_groups=n_groups, min_size=max(min_size, 3), weights=once.weights, random_state=random_state
        )
        namer = _Namer(once, matcher, common, is_chosen=n_groups is not None)
        spaces[name] = Space(rows_of, discovery, namer.add(discovery.groups, found))
    return found, spaces


def recognise(
    left: Sequence[int], statements: Sequence[Statement], spaces: Mapping[str, Space], embedder: Embedder | None
) -> dict[str, Members]:
    """Find the new themes of an earlier run again in the rows in `left`, by their centres alone."""
    found: dict[str, Members] = {}
    for name, rows in _families(left, statements, embedder).items():
        if name not in spaces:
            continue
        space = spaces[name]
        features = space.rows_of([statements[row].text for row in rows], [statements[row].language for row in rows])
        for row, group, score in zip(rows, *space.discovery.nearest(features), strict=True):
            key = space.keys[group] if group >= 0 else None
            if key is not None:
                members = found.setdefault(key, Members())
                members.rows.append(row)
                members.scores.append(float(score))
    return found


def _families(left: Sequence[int], statements: Sequence[Statement], embedder: Embedder | None) -> dict[str, list[int]]:
    if embedder:
        return {EVERY: list(left)} if left else {}
    places = rows_by_family([statements[row].language for row in left])
    return {name: [left[place] for place in own.tolist()] for name, own in places.items()}


class _Once:
    """Statements without their copies."""

    def __init__(self, rows: Sequence[int], statements: Sequence[Statement], copy_of: np.ndarray) -> None:
        copies: dict[int, list[int]] = {}
        for row in rows:
            copies.setdefault(int(copy_of[row]), []).append(row)
        self.copies = list(copies.values())
        self.statements = [statements[same[0]] for same in self.copies]
        self.texts, self.languages = [s.text for s in self.statements], [s.language for s in self.statements]
        self.weights = np.array([len({statements[row].person for row in same}) for same in self.copies], dtype=float)


class _OwnColumns:
    """Rows in the columns of some statements' own characters and words."""

    def __init__(self) -> None:
        self._columns = TextSpaces()

    def learn(self, texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
        """Learn the columns of these texts, and return their rows."""
        return unit_rows(self._columns.learn(texts, languages))

    def __call__(self, texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
        """Rows of other texts; none for a text of which too little was ever seen."""
        given = self._columns.read(texts, languages)
        is_familiar = squares(given) >= FAMILIAR
        return sp.csr_matrix(sp.diags(is_familiar.astype(np.float32)) @ unit_rows(given))


class _Embedded:
    """Rows of an operator's own model, without what the statements of a language have in common."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def __call__(self, texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
        return sp.csr_matrix(remove_language_means(self._embedder.embed(texts), languages))


class _Namer:
    """Gives groups a key of their own first words."""

    def __init__(self, once: _Once, matcher: Matcher, common: Mapping[str, set[str]], *, is_chosen: bool) -> None:
        self._once, self._matcher, self._common, self._is_chosen = once, matcher, common, is_chosen

    def add(self, groups: Sequence[Group], found: dict[str, Members]) -> list[str | None]:
        """Add each group to the themes found; return the keys, None for a heap of leftovers."""
        languages = [Counter(self._once.languages[place] for place in group.members).most_common(1)[0][0] for group in groups]
        counted = [self._count(group, language) for group, language in zip(groups, languages, strict=True)]
        keywords: dict[int, list[str]] = {}
        for language in set(languages):
            own = {i: words for i, words in enumerate(counted) if languages[i] == language}
            keywords |= theme_keywords(own, concept_of=concepts_of(self._matcher, language))
        keys: list[str | None] = []
        for i, group in enumerate(groups):
            common = self._common.get(family(languages[i]), set())
            own_words = [word for word in keywords[i] if stem(word, languages[i]) not in common]
            if not self._is_chosen and not _shares_a_word(counted[i], own_words, languages[i]):
                keys.append(None)
                continue
            label = "-".join(own_words[:2] or keywords[i][:2])[:LONGEST_LABEL] or str(i + 1)
            key = f"{DISCOVERED}.{family(languages[i])}.{label}"
            if key in found and self._is_chosen:
                key = f"{key}-{i + 1}"
            rows = [row for place in group.members for row in self._once.copies[place]]
            scores = [score for place, score in zip(group.members, group.scores, strict=True) for _ in self._once.copies[place]]
            new = Members(rows, scores, group.stability)
            found[key] = _joined(found[key], new) if key in found else new
            keys.append(key)
        return keys

    def _count(self, group: Group, language: str) -> WordCounts:
        """The words of those of its statements that are in its main language."""
        own = [place for place in group.members if self._once.languages[place] == language]
        return count_words([self._once.texts[place] for place in spaced(own, COMPARED)], language)


def _shares_a_word(counted: WordCounts, keywords: Sequence[str], language: str) -> bool:
    return bool(keywords) and counted.stems[stem(keywords[0], language)] >= SHARED_WORD * counted.texts


def _common_words(rows: Sequence[int], statements: Sequence[Statement]) -> set[str]:
    """Stems of words that people use whatever they speak of; none where too little is known to tell."""
    if len(rows) < 20:
        return set()
    chosen = spaced(rows, COMPARED)
    counted = count_words([statements[row].text for row in chosen], statements[chosen[0]].language)
    return {name for name, number in counted.stems.items() if number > COMMON * len(chosen)}


def _joined(one: Members, other: Members) -> Members:
    """Two groups that the same words tell from the rest are one theme."""
    sizes = [len(one.rows), len(other.rows)]
    stability = float(np.average([one.stability or 0.0, other.stability or 0.0], weights=sizes))
    return Members([*one.rows, *other.rows], [*one.scores, *other.scores], stability)
