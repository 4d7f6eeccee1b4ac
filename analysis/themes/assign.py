"""Track A: known needs. The lexicon teaches, its examples are the prior, and each language's own statements refine it
(docs/decisions/0007-known-needs.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.naive_bayes import ComplementNB

from analysis.lexicon.load import NO_NEED, Lexicon, Terms
from analysis.lexicon.match import Hit, matcher_for
from analysis.text.normalize import to_simplified
from analysis.text.tokens import stem, words
from analysis.themes.embedder import Embedder, similarity_to_examples
from analysis.themes.features import (
    Counts,
    TextSpaces,
    category_matrix,
    count,
    find_hits,
    hit_matrix,
    rows_by_family,
    squares,
    unit_rows,
)

CONCEPTS = 0.3
"""Weight of what the lexicon found, beside the characters and words of a statement."""

SMOOTHING = 0.1
"""Lidstone smoothing of complement naive Bayes (Rennie et al. 2003); TF-IDF rows are far lighter than counts."""

LENGTH = 1.2
"""Length of every row that is judged: the longer, the surer naive Bayes is of itself."""

FAMILIAR = 0.35
"""Share of a statement's (squared) length that a classifier must have been taught to judge it: what speaks of something else
stays for the new needs, and is not pressed into a known one by its `the` and `ing` (CorEx#21).
"""

MIX = 0.65
"""Share of the examples' classifier in the first judgement; the rest is the lexicon's vote."""

EMBEDDED = 0.5
"""Weight of an operator's own model in the first judgement."""

ROUNDS = 5
SUREST = 0.8
"""Each round of self-training learns from the surest statements of each category, this share of them."""

OWN_FROM = 30
"""Statements in a language from which it gets a classifier of its own."""

OWN_HALF = 100
OWN_AT_MOST = 0.5
OWN_AT_MOST_UNTAUGHT = 0.75
"""Statements in a language at which its own classifier weighs as much as the first judgement, and the most it ever weighs:
more where there are no examples, only words. Above 0.5 the largest need of a town swallows its name and its downtown.
"""

TOLD = 3.0
"""What a statement weighs of which a person told the theme, beside an example or one that the model is sure of."""

CONTEXT = 0.25
"""Weight of a person's other statements in the decision about one."""

ASSIGN_FROM = 0.15
OVER_CHANCE = 1.2
NAMED_FROM = 0.3
ALSO_FROM = 0.6
"""A statement belongs to its best category from a probability of 0.15 or, where there are few categories, 1.2 times chance; 0.3
suffices where the lexicon names the category. It belongs to every other category with at least 0.6 of the best.
"""

LIKENESS = 3.0
NEED_FROM = 0.16
"""A need within a category is told by the lexicon's words and by the cosine to its examples, which weighs so much beside a
word; without a word it takes at least so much likeness.
"""


@dataclass(frozen=True)
class Evidence:
    """What is known of statements before anything is decided.

    `found` holds the weights of the lexicon's concepts, shape (n, n_concepts); `features` characters and words,
    shape (n, width); `votes` the lexicon's vote, shape (n, n_categories); `likeness` what an operator's own model makes of
    them, rows that sum to 1, shape (n, n_categories); None without such a model.
    """

    hits: list[list[Hit]]
    found: sp.csr_matrix
    features: sp.csr_matrix
    votes: np.ndarray
    likeness: np.ndarray | None = None


@dataclass(frozen=True)
class Judgement:
    """What the classifier makes of statements, an array row each and a column a category.

    `probabilities` (float32); `is_named`: the lexicon's words name the category; `needs` (int16): the concept within it that
    the statement would speak of, -1 for the category at large.
    """

    hits: list[list[Hit]]
    probabilities: np.ndarray
    is_named: np.ndarray
    needs: np.ndarray


@dataclass(frozen=True)
class Assigned:
    """Statement and category, one entry for each that belong together: four arrays of one length.

    `concepts` is the need within the category, -1 for the category at large; `scores` is 0 to 1.
    """

    rows: np.ndarray
    categories: np.ndarray
    concepts: np.ndarray
    scores: np.ndarray


class NeedClassifier:
    """Fitted once per run. Rows without anything to go by stay unsorted, which is shown and never hidden."""

    def __init__(self, lexicon: Lexicon, embedder: Embedder | None = None) -> None:
        self.lexicon = lexicon
        self._embedder = embedder
        self.categories = [*lexicon.categories, NO_NEED]
        self._examples = _examples_of(lexicon)
        self._example_vectors: np.ndarray | None = None
        self._to_category = category_matrix(lexicon, self.categories)
        self._members = [
            np.array([i for i, concept in enumerate(lexicon.concepts) if concept.category == name], dtype=int)
            for name in self.categories
        ]
        self._least = max(ASSIGN_FROM, OVER_CHANCE / max(len(lexicon.categories), 2))
        self._rarity = np.ones(len(lexicon.concepts), dtype=np.float32)

    def learn(
        self, texts: Sequence[str], languages: Sequence[str], told: Mapping[int, tuple[int, int]] | None = None
    ) -> Evidence:
        """Learn from the lexicon's examples and from these statements, which need no labels; return what is known of them.

        `told` holds what people said of some statements: row, then category and concept (-1 for the category at large).
        """
        groups = rows_by_family(languages)
        counts = {name: count(texts, languages, rows) for name, rows in groups.items()}
        shown = {name: self._examples.counts(name) for name in groups}
        self._spaces = TextSpaces().fit({name: [shown[name], counts[name]] for name in groups})
        hits = find_hits(matcher_for(self.lexicon), texts, languages)
        found = hit_matrix(hits, len(self.lexicon.concepts))
        if not self.lexicon.has_levels:  # a taxonomy's words are few and of unequal worth: a rare one tells more
            having = np.asarray((found > 0).sum(axis=0)).ravel()
            self._rarity = (np.log((len(texts) + 1) / (1 + having)) + 1).astype(np.float32)
        evidence = self._evidence(texts, hits, found, groups, counts)
        # Examples in languages that nobody wrote in have empty rows: they teach by their concepts.
        examples = self._spaces.rows(shown, self._examples.groups, len(self._examples.texts))
        self._labels = np.asarray(self._to_category[self._examples.concepts].argmax(axis=1)).ravel()
        people = _Told.of(told or {})
        self._teacher = self._teach(examples, evidence, people)
        first = self._first(evidence)
        self._own = {
            name: self._self_train(name, evidence.features[rows], first[rows], examples, people.within(rows))
            for name, rows in groups.items()
        }
        self._centres = self._centres_of(examples, evidence, people)
        return evidence

    def _teach(self, examples: sp.csr_matrix, evidence: Evidence, told: _Told) -> ComplementNB | None:
        """The classifier of all languages; None where there is nothing to learn from."""
        labels = np.concatenate([self._labels, told.categories])
        if not len(self._labels) or len(np.unique(labels)) < 2:
            return None
        rows = self._stack(self._examples.hits, examples)
        if len(told.rows):
            rows = sp.vstack([rows, self._stack(evidence.found[told.rows], evidence.features[told.rows])], format="csr")
        return _classifier(rows, labels, np.concatenate([np.ones(len(self._labels)), told.weights]))

    def gather(self, texts: Sequence[str], languages: Sequence[str]) -> Evidence:
        """What is known of more statements; a language that was not learnt has the lexicon's words alone."""
        groups = rows_by_family(languages)
        counts = {name: count(texts, languages, rows) for name, rows in groups.items() if name in self._own}
        hits = find_hits(matcher_for(self.lexicon), texts, languages)
        return self._evidence(texts, hits, hit_matrix(hits, len(self.lexicon.concepts)), groups, counts)

    def _evidence(
        self,
        texts: Sequence[str],
        hits: list[list[Hit]],
        found: sp.csr_matrix,
        groups: Mapping[str, np.ndarray],
        counts: Mapping[str, Counts],
    ) -> Evidence:
        votes = found @ sp.diags(self._rarity) @ self._to_category
        features = self._spaces.rows(counts, groups, len(hits))
        return Evidence(hits, found, features, np.asarray(votes.todense(), dtype=np.float32), self._likeness(texts))

    def _likeness(self, texts: Sequence[str]) -> np.ndarray | None:
        """How much an operator's own model finds texts like the examples of each category, by the needs within it.

        Every need has examples in every language, so what a language has in common favours none.
        """
        if self._embedder is None or not self._examples.texts:
            return None
        if self._example_vectors is None:
            self._example_vectors = self._embedder.embed(self._examples.texts)
        likeness = similarity_to_examples(
            self._embedder.embed(texts), self._example_vectors, self._examples.concepts, len(self.lexicon.concepts)
        )
        return np.asarray(likeness @ self._to_category, dtype=np.float32)

    def judge(self, evidence: Evidence, languages: Sequence[str]) -> Judgement:
        """Rows of probabilities sum to 1, or to 0 where there is nothing to go by."""
        probabilities = self._first(evidence)
        groups = rows_by_family(languages)
        for name, rows in groups.items():
            own = self._own.get(name)
            if own is None:
                continue
            given = evidence.features[rows][:, self._spaces.columns(name)]
            probabilities[rows] = _mixed(probabilities[rows], self._predicted(own.model, given), own.weight)
        return Judgement(evidence.hits, probabilities, evidence.votes > 0, self._needs(evidence, groups))

    def telling_words(
        self, texts: Sequence[str], languages: Sequence[str], categories: Sequence[int], most: int = 2
    ) -> list[list[str]]:
        """For each statement the words that spoke most for a category: what was learnt, where the lexicon knows none of its words."""
        result: list[list[str]] = [[] for _ in texts]
        for name, rows in rows_by_family(languages).items():
            own = self._own.get(name)
            model, offset = (own.model, self._spaces.columns(name).start) if own else (self._teacher, -self._concept_width)
            written = [list(dict.fromkeys(words(texts[row], languages[row]))) for row in rows]
            known = {word: stem(word, languages[row]) for row, found in zip(rows, written, strict=True) for word in found}
            if model is None or name not in self._own or not known:
                continue
            columns, idf = self._spaces.stem_columns(name, [to_simplified(known[word]) for word in known])
            taught = model.feature_log_prob_[:, np.where(columns >= 0, columns - offset, 0)]
            weights = np.where(columns >= 0, (taught - taught.mean(axis=0)) * idf, 0.0)
            place = {word: position for position, word in enumerate(known)}
            class_of = {int(category): position for position, category in enumerate(model.classes_)}
            for row, found in zip(rows, written, strict=True):
                if categories[row] in class_of:
                    line = weights[class_of[categories[row]]]
                    ranked = sorted((-line[place[word]], word) for word in found)
                    result[row] = [word for weight, word in ranked[:most] if weight < 0]
        return result

    @property
    def _concept_width(self) -> int:
        """Columns of the teacher that stand before those of characters and words."""
        return len(self.categories) + len(self.lexicon.concepts)

    def _first(self, evidence: Evidence) -> np.ndarray:
        """The first judgement: the examples' classifier, the lexicon's vote, and an operator's own model."""
        totals = evidence.votes.sum(axis=1, keepdims=True)
        first = np.asarray(evidence.votes / np.maximum(totals, 1e-9), dtype=np.float32)
        if self._teacher is not None:
            first = _mixed(first, self._predicted(self._teacher, self._stack(evidence.found, evidence.features)), MIX)
        return first if evidence.likeness is None else _mixed(first, evidence.likeness, EMBEDDED)

    def _stack(self, found: sp.csr_matrix, features: sp.csr_matrix) -> sp.csr_matrix:
        by_category = sp.csr_matrix(found @ self._to_category)
        by_category.data = CONCEPTS * np.log1p(by_category.data)
        by_concept = found.copy()
        by_concept.data = CONCEPTS * np.sqrt(by_concept.data)
        return sp.hstack([by_category, by_concept, features], format="csr")

    def _predicted(self, model: ComplementNB, given: sp.csr_matrix) -> np.ndarray:
        """Probabilities for all categories; none for a row of which the model was taught too little to judge it."""
        taught = given[:, model.feature_all_ > 0]
        is_familiar = squares(taught) >= FAMILIAR
        result = np.zeros((given.shape[0], len(self.categories)), dtype=np.float32)
        if is_familiar.any():
            result[np.ix_(is_familiar, model.classes_)] = model.predict_proba(_of_one_length(given[is_familiar]))
        return result

    def _self_train(
        self, name: str, features: sp.csr_matrix, first: np.ndarray, shown: sp.csr_matrix, told: _Told
    ) -> _Own | None:
        """A language's own classifier: learn from the surest statements, judge all again, and so on. What people told is sure."""
        columns = self._spaces.columns(name)
        own = features[:, columns]
        known = self._examples.groups.get(name, np.array([], dtype=int))
        most = OWN_AT_MOST if self._teacher else OWN_AT_MOST_UNTAUGHT
        if len(first) < OWN_FROM:
            return None
        weight = min(most, len(first) / (len(first) + OWN_HALF))
        judged, model = first, None
        for _ in range(ROUNDS):
            chosen, labels, sureness = _surest(judged, self._least)
            is_open = ~np.isin(chosen, told.rows)
            rows = sp.vstack([shown[known][:, columns], own[chosen[is_open]], own[told.rows]], format="csr")
            targets = np.concatenate([self._labels[known], labels[is_open], told.categories])
            if len(np.unique(targets)) < 2:
                break
            model = _classifier(rows, targets, np.concatenate([np.ones(len(known)), sureness[is_open], told.weights]))
            judged = _mixed(first, self._predicted(model, own), weight)
        return None if model is None else _Own(model, weight)

    def _centres_of(self, shown: sp.csr_matrix, evidence: Evidence, told: _Told) -> dict[str, sp.csr_matrix]:
        """The direction of each concept in each family's columns, shape (n_concepts, columns): of its examples, of the survey's
        own statements for which its words are the strongest, and of those of which people told it.
        """
        total = len(self.lexicon.concepts)
        having = np.flatnonzero(np.diff(evidence.found.indptr))
        having = having[~np.isin(having, told.rows)]
        strongest = np.asarray(evidence.found[having].argmax(axis=1)).ravel()
        having = np.concatenate([having, told.rows[told.concepts >= 0]])
        concepts = np.concatenate([self._examples.concepts, strongest, told.concepts[told.concepts >= 0]])
        belongs = sp.csr_matrix((np.ones(len(concepts), dtype=np.float32), (concepts, range(len(concepts)))), shape=(total, len(concepts)))
        sums = sp.csc_matrix(belongs @ sp.vstack([shown, evidence.features[having]], format="csr"))
        return {name: unit_rows(sp.csr_matrix(sums[:, self._spaces.columns(name)])) for name in self._own}

    def _needs(self, evidence: Evidence, groups: Mapping[str, np.ndarray]) -> np.ndarray:
        result = np.full((len(evidence.hits), len(self.categories)), -1, dtype=np.int16)
        if not self.lexicon.has_levels:
            return result
        hit = evidence.found.toarray()
        near = np.zeros_like(hit)
        for name, rows in groups.items():
            if name in self._centres:
                given = unit_rows(evidence.features[rows][:, self._spaces.columns(name)])
                near[rows] = np.asarray((given @ self._centres[name].T).todense())
        worth = hit + LIKENESS * near
        places = np.arange(len(hit))
        for category, members in enumerate(self._members):
            if len(members):
                best = members[worth[:, members].argmax(axis=1)]
                is_told = (hit[places, best] > 0) | (near[places, best] >= NEED_FROM)
                result[:, category] = np.where(is_told, best, -1)
        return result

    def decide(self, judgement: Judgement, probabilities: np.ndarray) -> Assigned:
        """Every category that is probable enough for a statement, with the need within it."""
        no_need = self.categories.index(NO_NEED)
        best = probabilities.max(axis=1, keepdims=True)
        least = np.where(judgement.is_named, min(self._least, NAMED_FROM), self._least)
        belongs = probabilities >= np.maximum(least, ALSO_FROM * best)
        belongs[:, no_need] = False
        belongs[probabilities.argmax(axis=1) == no_need] = False
        rows, categories = np.nonzero(belongs)
        return Assigned(rows, categories, judgement.needs[rows, categories], probabilities[rows, categories])


def joined(parts: Sequence[Judgement]) -> Judgement:
    """Put judgements of consecutive statements together."""
    return Judgement(
        [hits for part in parts for hits in part.hits],
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.is_named for part in parts]),
        np.concatenate([part.needs for part in parts]),
    )


def with_context(probabilities: np.ndarray, persons: Sequence[Any]) -> np.ndarray:
    """Let what a person said elsewhere help where a statement alone does not tell ("let us do it online")."""
    if not len(probabilities):
        return probabilities
    place = {person: position for position, person in enumerate(dict.fromkeys(persons))}
    columns = np.array([place[person] for person in persons], dtype=int)
    belongs = sp.csr_matrix((np.ones(len(columns)), (range(len(columns)), columns)), shape=(len(columns), len(place)))
    totals = np.asarray(belongs.T @ probabilities)[columns]
    others = np.asarray(belongs.sum(axis=0)).ravel()[columns] - 1
    context = (totals - probabilities) / np.maximum(others, 1)[:, None]
    is_alone = (others == 0)[:, None]
    return np.where(is_alone, probabilities, (1 - CONTEXT) * probabilities + CONTEXT * context)


@dataclass(frozen=True)
class _Own:
    """A language's own classifier, and how much it weighs against the first judgement."""

    model: ComplementNB
    weight: float


@dataclass(frozen=True)
class _Told:
    """Rows of which people told the category and the concept (-1: none), with what such a row weighs."""

    rows: np.ndarray
    categories: np.ndarray
    concepts: np.ndarray

    @classmethod
    def of(cls, told: Mapping[int, tuple[int, int]]) -> _Told:
        rows = sorted(told)
        return cls(*(np.array(column, dtype=int) for column in (rows, [told[row][0] for row in rows], [told[row][1] for row in rows])))

    @property
    def weights(self) -> np.ndarray:
        return np.full(len(self.rows), TOLD)

    def within(self, rows: np.ndarray) -> _Told:
        """Those among `rows`, which are in order, as positions in it."""
        is_here = np.isin(self.rows, rows)
        return _Told(np.searchsorted(rows, self.rows[is_here]), self.categories[is_here], self.concepts[is_here])


class _Examples:
    """The examples of a lexicon, with what does not depend on a survey: kept for the life of the process."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.texts: list[str] = []
        self.languages: list[str] = []
        concepts: list[int] = []
        for position, concept in enumerate(lexicon.concepts):
            for tag in lexicon.languages:
                for text in concept.by_language.get(tag, Terms()).examples:
                    self.texts.append(text)
                    self.languages.append(tag)
                    concepts.append(position)
        self.concepts = np.array(concepts, dtype=int)
        self.groups = rows_by_family(self.languages)
        self.hits = hit_matrix(find_hits(matcher_for(lexicon), self.texts, self.languages), len(lexicon.concepts))
        self._counts: dict[str, Counts] = {}

    def counts(self, name: str) -> Counts:
        if name not in self._counts:
            self._counts[name] = count(self.texts, self.languages, self.groups.get(name, ()))
        return self._counts[name]


_examples_of = lru_cache(maxsize=4)(_Examples)


def _classifier(rows: sp.csr_matrix, targets: np.ndarray, weights: np.ndarray | None = None) -> ComplementNB:
    model = ComplementNB(alpha=SMOOTHING).fit(_of_one_length(rows), targets, sample_weight=weights)
    model.feature_log_prob_[:, model.feature_all_ == 0] = 0  # what nobody taught says nothing: else it favours small categories
    return model


def _of_one_length(rows: sp.csr_matrix) -> sp.csr_matrix:
    return LENGTH * unit_rows(rows)


def _mixed(first: np.ndarray, second: np.ndarray, weight: float) -> np.ndarray:
    """`weight` of the second and the rest of the first; where one of them says nothing, the other alone."""
    says, also = first.any(axis=1, keepdims=True), second.any(axis=1, keepdims=True)
    share = np.where(says & also, weight, np.where(also, 1.0, 0.0))
    return np.asarray((1 - share) * first + share * second, dtype=np.float32)


def _surest(judged: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The surest statements of each category, none under `least`: their rows, categories, and how far ahead of the next."""
    labels, best = judged.argmax(axis=1), judged.max(axis=1)
    ordered = np.partition(judged, -2, axis=1)
    lead = ordered[:, -1] - ordered[:, -2]
    chosen = []
    for category in np.unique(labels[best >= least]):
        rows = np.flatnonzero((labels == category) & (best >= least))
        kept = max(1, int(SUREST * len(rows)))
        chosen.append(rows[np.argsort(-lead[rows], kind="stable")[:kept]])
    rows = np.sort(np.concatenate(chosen)) if chosen else np.array([], dtype=int)
    return rows, labels[rows], lead[rows]
