"""ThemeModel: statements in, need themes out. Known needs by the lexicon, then new ones among what is left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator

from analysis.lexicon.load import Lexicon, load_lexicon
from analysis.lexicon.match import Hit, Matcher, matcher_for
from analysis.text.tokens import stem, words
from analysis.themes.assign import Assigned, NeedClassifier, with_context
from analysis.themes.discover import discover_groups
from analysis.themes.features import family, hit_matrix, own_rows, unit_rows
from analysis.themes.keywords import theme_keywords
from analysis.themes.quotes import choose_quotes

DISCOVERED = "discovered"
"""The category of themes that no category of the lexicon covers."""

Report = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the step's name; may raise to cancel."""


@dataclass(frozen=True)
class Statement:
    """One need in one answer. `person` tells who wrote it, so that people are counted once a theme.

    `is_quotable`: the person allowed these words to be quoted outside.
    """

    text: str
    language: str
    person: Any
    is_quotable: bool = True


@dataclass(frozen=True)
class Membership:
    theme: str
    score: float


@dataclass(frozen=True)
class FoundTheme:
    """`key` is stable: `health.doctor_language`, `health` for its category's other needs, `discovered.ko.주차장` for a new one.

    `people` counts persons, `languages` persons by language. `quotes` are positions in the input; `public_quotes` are
    chosen among the quotable statements alone. `stability` is None for known needs, which do not depend on chance.
    """

    key: str
    category: str
    names: dict[str, str]
    keywords: dict[str, list[str]]
    people: int
    statements: int
    languages: dict[str, int]
    quotes: list[int]
    public_quotes: list[int]
    stability: float | None = None


@dataclass
class _Found:
    members: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    stability: float | None = None


class ThemeModel(BaseEstimator):
    """Find need themes in statements of several languages.

    Parameters
    ----------
    lexicon : Lexicon, default: the bundled need lexicon
    min_people : int, default: 1 % of the people, at least 2 and at most 10
        Needs of fewer people are shown together as the other needs of their category.
    pinned : sequence of str
        Keys of themes that people have accepted: kept however small they become.
    known : bool, default True
        Whether to assign known needs first; False groups everything afresh (`--discover-only`).
    n_discovered : int, optional
        How many groups to make of the statements of each language that no known need takes.
    random_state : int, default 0

    Attributes
    ----------
    themes_ : list of FoundTheme, most people first
    memberships_ : list, one entry a statement, of lists of Membership, the leading theme first; empty: unsorted
    reasons_ : list, one entry a statement, of the lexicon's words found in it
    unsorted_share_ : float

    Examples
    --------
    >>> model = ThemeModel(min_people=1).fit([
    ...     Statement("We need a doctor who speaks English", "en", 1),
    ...     Statement("没有停车位", "zh-Hans", 2),
    ... ])
    >>> [theme.key for theme in model.themes_]
    ['health.doctor_language', 'transport_parking.parking_space']

    """

    def __init__(
        self,
        *,
        lexicon: Lexicon | None = None,
        min_people: int | None = None,
        pinned: Sequence[str] = (),
        known: bool = True,
        n_discovered: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.lexicon = lexicon
        self.min_people = min_people
        self.pinned = pinned
        self.known = known
        self.n_discovered = n_discovered
        self.random_state = random_state

    def fit(self, X: Sequence[Statement], y: Any = None, *, report: Report | None = None) -> ThemeModel:  # noqa: ARG002, N803 -- scikit-learn's signature
        """Learn the themes of these statements. `y` is ignored. The order of the statements does not change the result."""
        tell = report or (lambda _share, _step: None)
        lexicon = self.lexicon or load_lexicon()
        matcher = matcher_for(lexicon)
        order = sorted(range(len(X)), key=lambda i: (X[i].language, X[i].text, str(X[i].person), X[i].is_quotable))
        statements = [X[i] for i in order]
        least = self.min_people or int(np.clip(round(0.01 * len({s.person for s in statements})), 2, 10))
        texts, languages = [s.text for s in statements], [s.language for s in statements]
        tell(0.05, "words")
        if self.known and statements:
            classifier = NeedClassifier(lexicon)
            evidence = classifier.learn(texts, languages)
            probabilities = with_context(classifier.probabilities(evidence, languages), [s.person for s in statements])
            assigned, hits, features = classifier.decide(probabilities, evidence, languages), evidence.hits, evidence.features
        else:
            nothing = np.array([], dtype=int)
            assigned, hits = Assigned(nothing, nothing, nothing, nothing), [[] for _ in statements]
            features = own_rows(texts, languages)
        tell(0.5, "known needs")
        found = self._known_themes(assigned, lexicon, statements, least)
        is_assigned = np.zeros(len(statements), dtype=bool)
        is_assigned[assigned.rows] = True
        left = [i for i in range(len(statements)) if not is_assigned[i] and not _asks_nothing(hits[i], lexicon)]
        found |= self._new_themes(left, features, statements, matcher, least, tell)
        tell(0.85, "quotes")
        likeness = _comparable(hits, features, len(lexicon.concepts))
        self.themes_ = self._describe(found, statements, likeness, matcher, lexicon, order)
        self._remember(found, hits, lexicon, order)
        tell(1.0, "done")
        return self

    def _known_themes(
        self, assigned: Assigned, lexicon: Lexicon, statements: list[Statement], least: int
    ) -> dict[str, _Found]:
        categories = list(lexicon.categories)
        wanted: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for row, category, concept, score in zip(
            assigned.rows.tolist(), assigned.categories.tolist(), assigned.concepts.tolist(), assigned.scores.tolist(),
            strict=True,
        ):  # fmt: skip
            key = lexicon.concepts[concept].id if concept >= 0 else categories[category]
            wanted[key][row] = max(score, wanted[key].get(row, 0.0))
        for key in [key for key in wanted if "." in key]:
            if len({statements[row].person for row in wanted[key]}) < least and key not in self.pinned:
                at_large = wanted[key.split(".", maxsplit=1)[0]]
                for row, score in wanted.pop(key).items():
                    at_large[row] = max(score, at_large.get(row, 0.0))
        return {key: _Found(list(rows), list(rows.values())) for key, rows in sorted(wanted.items()) if rows}

    def _new_themes(
        self, left: list[int], features: sp.csr_matrix, statements: list[Statement], matcher: Matcher,
        least: int, tell: Report,
    ) -> dict[str, _Found]:  # fmt: skip
        """Group what is left, language by language; a new theme is named after its own first words."""
        found: dict[str, _Found] = {}
        families: defaultdict[str, list[int]] = defaultdict(list)
        known: defaultdict[str, list[int]] = defaultdict(list)
        is_left = set(left)
        for row, statement in enumerate(statements):
            (families if row in is_left else known)[family(statement.language)].append(row)
        for step, name in enumerate(sorted(families)):
            rows = families[name]
            tell(0.5 + 0.35 * step / len(families), "new needs")
            block = features[rows]
            block = block[:, np.unique(block.indices)] if block.nnz else block
            groups = discover_groups(
                block, n_groups=self.n_discovered, min_size=max(least, 3), random_state=self.random_state
            )
            members = {str(i): [statements[rows[m]].text for m in group.members] for i, group in enumerate(groups)}
            language = statements[rows[0]].language
            keywords = theme_keywords(members, language, concept_of=_concepts_of(matcher, language))
            elsewhere = _common_words(known[name], statements)
            for i, group in enumerate(groups):
                own = [word for word in keywords[str(i)] if stem(word, language) not in elsewhere]
                if self.n_discovered is None and not _shares_a_word(members[str(i)], own, language):
                    continue
                label = "-".join(own[:2] or keywords[str(i)][:2]) or str(i + 1)
                key = f"{DISCOVERED}.{name}.{label}"
                new = _Found([rows[m] for m in group.members], group.scores, group.stability)
                if key in found and self.n_discovered is None:
                    found[key] = _joined(found[key], new)
                else:
                    found[key if key not in found else f"{key}-{i + 1}"] = new
        return found

    def _describe(
        self, found: dict[str, _Found], statements: list[Statement], likeness: sp.csr_matrix, matcher: Matcher,
        lexicon: Lexicon, order: list[int],
    ) -> list[FoundTheme]:  # fmt: skip
        keywords = _all_keywords(found, statements, matcher)
        themes = []
        for key, theme in found.items():
            persons: dict[Any, str] = {}
            for row in theme.members:
                persons.setdefault(statements[row].person, statements[row].language)
            own_words = keywords[key]
            themes.append(
                FoundTheme(
                    key=key,
                    category=key.split(".", maxsplit=1)[0],
                    names=_names(key, lexicon, own_words),
                    keywords=own_words,
                    people=len(persons),
                    statements=len(theme.members),
                    languages=dict(sorted(Counter(persons.values()).items(), key=lambda item: (-item[1], item[0]))),
                    quotes=[order[row] for row in _quotes(theme, statements, likeness)],
                    public_quotes=[order[row] for row in _quotes(theme, statements, likeness, is_public=True)],
                    stability=theme.stability,
                )
            )
        return sorted(themes, key=lambda theme: (-theme.people, theme.key))

    def _remember(
        self, found: dict[str, _Found], hits: list[list[Hit]], lexicon: Lexicon, order: list[int]
    ) -> None:
        memberships: list[list[Membership]] = [[] for _ in order]
        for key, theme in found.items():
            for row, score in zip(theme.members, theme.scores, strict=True):
                memberships[order[row]].append(Membership(key, round(float(score), 4)))
        self.memberships_ = [sorted(items, key=lambda item: (-item.score, item.theme)) for items in memberships]
        self.reasons_: list[list[str]] = [[] for _ in order]
        for row, row_hits in enumerate(hits):
            self.reasons_[order[row]] = [f"{lexicon.concepts[hit.concept].id}: {hit.surface}" for hit in row_hits]
        unsorted = sum(not items for items in self.memberships_)
        self.unsorted_share_ = unsorted / len(order) if order else 0.0


def _quotes(
    theme: _Found, statements: list[Statement], likeness: sp.csr_matrix, *, is_public: bool = False
) -> list[int]:
    """Rows to quote, the most typical first."""
    kept = [i for i, row in enumerate(theme.members) if statements[row].is_quotable or not is_public]
    rows = [theme.members[i] for i in kept]
    chosen = choose_quotes(
        likeness[rows],
        [theme.scores[i] for i in kept],
        [statements[row].person for row in rows],
        [statements[row].language for row in rows],
        [len(statements[row].text) for row in rows],
    )
    return [rows[i] for i in chosen]


SHARED_WORD = 0.3
"""A new theme has a word that stands in so large a part of its statements; a group without one is a heap of leftovers."""


def _shares_a_word(texts: list[str], keywords: list[str], language: str) -> bool:
    if not keywords:
        return False
    wanted = stem(keywords[0], language)
    having = sum(any(stem(word, language) == wanted for word in words(text, language)) for text in texts)
    return having >= SHARED_WORD * len(texts)


COMMON = 0.1
"""A word that stands in so large a part of what known needs took (the town's name) tells no new theme from the others."""

COMPARED = 500


def _common_words(rows: list[int], statements: list[Statement]) -> set[str]:
    """Stems of words that people use whatever they speak of; none where too little is known to tell."""
    if len(rows) < 20:
        return set()
    chosen = [rows[i] for i in np.linspace(0, len(rows) - 1, min(COMPARED, len(rows))).astype(int)]
    counts: Counter[str] = Counter()
    for row in chosen:
        language = statements[row].language
        counts.update({stem(word, language) for word in words(statements[row].text, language)})
    return {name for name, count in counts.items() if count > COMMON * len(chosen)}


def _joined(one: _Found, other: _Found) -> _Found:
    """Two groups that the same words tell from the rest are one theme (many copies of one text fall into several)."""
    sizes = [len(one.members), len(other.members)]
    stability = float(np.average([one.stability or 0.0, other.stability or 0.0], weights=sizes))
    return _Found([*one.members, *other.members], [*one.scores, *other.scores], stability)


LEAST_TEXTS = 2
"""Texts of a theme in a language from which words in that language are given."""


def _comparable(hits: list[list[Hit]], features: sp.csr_matrix, n_concepts: int) -> sp.csr_matrix:
    """Unit rows in which statements of different languages meet where they speak of the same concepts."""
    if not hits:
        return features
    concepts = unit_rows(hit_matrix(hits, n_concepts))
    return unit_rows(sp.hstack([concepts, features], format="csr"))


def _asks_nothing(hits: list[Hit], lexicon: Lexicon) -> bool:
    return bool(hits) and all(lexicon.concepts[hit.concept].category not in lexicon.categories for hit in hits)


def _concepts_of(matcher: Matcher, language: str) -> Callable[[str], list[int]]:
    return lambda word: [hit.concept for hit in matcher.find(word, language)]


def _all_keywords(
    found: dict[str, _Found], statements: list[Statement], matcher: Matcher
) -> dict[str, dict[str, list[str]]]:
    """Keywords of every theme in every language that some of its people wrote, the language of most people first.

    A word that the lexicon knows for the theme's category comes before one that happens to be frequent.
    """
    categories = {key: key.split(".", maxsplit=1)[0] for key in found}
    concepts = matcher.lexicon.concepts
    by_language: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for key, theme in found.items():
        for row in theme.members:
            by_language[statements[row].language].setdefault(key, []).append(statements[row].text)
    result: dict[str, dict[str, list[str]]] = {key: {} for key in found}
    for language in sorted(by_language, key=lambda tag: -sum(len(texts) for texts in by_language[tag].values())):
        groups = {key: texts for key, texts in by_language[language].items() if len(texts) >= LEAST_TEXTS}
        concept_of = _concepts_of(matcher, language)

        def is_typical(key: str, word: str, concept_of: Callable[[str], list[int]] = concept_of) -> bool:
            return any(concepts[concept].category == categories[key] for concept in concept_of(word))

        for key, found_words in theme_keywords(groups, language, concept_of=concept_of, is_typical=is_typical).items():
            if found_words:
                result[key][language] = found_words
    return {
        key: dict(sorted(by_tag.items(), key=lambda item: -len(by_language[item[0]].get(key, []))))
        for key, by_tag in result.items()
    }


def _names(key: str, lexicon: Lexicon, keywords: dict[str, list[str]]) -> dict[str, str]:
    """The names of a known need or category; for a new theme its first words, in the language that it came from."""
    if key in lexicon.index:
        return lexicon.concepts[lexicon.index[key]].names
    if key in lexicon.categories:
        return lexicon.categories[key]
    return {language: " · ".join(found[:3]) for language, found in list(keywords.items())[:1]}
