"""Track A: known needs. The lexicon teaches a linear classifier; its examples are the prior, the survey's clear
statements refine it (docs/decisions/0005-themes.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.svm import LinearSVC

from analysis.lexicon.load import NO_NEED, Lexicon, Terms
from analysis.lexicon.match import Hit, Matcher
from analysis.themes.features import CharacterSpaces, category_matrix, find_hits, hit_matrix

REFINE_FROM = 300
"""Statements in a language from which its clear ones join the training: below, they only repeat the lexicon's errors."""

REFINE_AT_MOST = 20_000
CLEAR_MARGIN = 1.0
MIX = 0.65
"""Share of the classifier in the probability; the rest is the lexicon's vote."""

SHARPNESS = 4.0
"""Turns margins into probabilities (softmax); chosen so that 0.3 separates right from wrong on development data."""

CONTEXT = 0.25
"""Weight of a person's other statements in the decision about one."""

ASSIGN_FROM = 0.3
ALSO_FROM = 0.6
"""A statement belongs to every category with at least 0.3 and 0.6 of its best (analysis.md 4.4)."""

NEED_FROM = 0.12
"""Least likeness to a need's examples, where no word of the lexicon names the need."""


@dataclass(frozen=True)
class Decision:
    """`needs` are (concept position or -1 for the category at large, category position, score), best first."""

    needs: list[tuple[int, int, float]]
    best_score: float


class NeedClassifier:
    """Fitted once per run. Rows without anything to go by stay unsorted, which is shown and never hidden."""

    def __init__(self, lexicon: Lexicon, matcher: Matcher) -> None:
        self.lexicon = lexicon
        self.matcher = matcher
        self.categories = [*lexicon.categories, NO_NEED]
        self._to_category = category_matrix(lexicon, self.categories)

    def classify(
        self, texts: Sequence[str], languages: Sequence[str], persons: Sequence[Any]
    ) -> tuple[list[Decision], list[list[Hit]]]:
        """Decide for all statements of a survey together; return the decisions and the hits that explain them."""
        hits = find_hits(self.matcher, texts, languages)
        found = hit_matrix(hits, len(self.lexicon.concepts))
        votes = np.asarray((found @ self._to_category).todense())
        examples = self._examples()
        spaces = CharacterSpaces().fit([*examples.texts, *texts], [*examples.languages, *languages])
        characters = spaces.transform(texts, languages)
        example_characters = spaces.transform(examples.texts, examples.languages)
        probabilities = self._probabilities(examples, example_characters, found, characters, votes, languages)
        likeness = self._likeness(examples, example_characters, characters)
        return self._decide(_with_context(probabilities, persons), found, likeness), hits

    def _examples(self) -> _Examples:
        texts, languages, concepts = [], [], []
        for position, concept in enumerate(self.lexicon.concepts):
            for tag in self.lexicon.languages:
                for text in concept.by_language.get(tag, Terms()).examples:
                    texts.append(text)
                    languages.append(tag)
                    concepts.append(position)
        hits = find_hits(self.matcher, texts, languages)
        return _Examples(texts, languages, np.array(concepts, dtype=int), hit_matrix(hits, len(self.lexicon.concepts)))

    def _stack(self, found: sp.csr_matrix, characters: sp.csr_matrix) -> sp.csr_matrix:
        by_category = sp.csr_matrix(found @ self._to_category)
        by_category.data = 0.5 * np.log1p(by_category.data)
        by_concept = found.copy()
        by_concept.data = 0.5 * np.sqrt(by_concept.data)
        return sp.hstack([by_category, by_concept, characters], format="csr")

    def _probabilities(
        self,
        examples: _Examples,
        example_characters: sp.csr_matrix,
        found: sp.csr_matrix,
        characters: sp.csr_matrix,
        votes: np.ndarray,
        languages: Sequence[str],
    ) -> np.ndarray:
        """Mix of classifier and vote, shape (n_statements, n_categories); rows sum to 1 or, without evidence, less."""
        features = self._stack(found, characters)
        chosen, labels = _clear(votes, languages)
        example_labels = np.asarray((self._to_category[examples.concepts]).argmax(axis=1)).ravel()
        rows = [self._stack(examples.hits, example_characters)] if len(example_labels) else []
        targets = [example_labels] if len(example_labels) else []
        weights = [np.ones(len(example_labels))] if len(example_labels) else []
        if len(chosen):
            rows.append(features[chosen])
            targets.append(labels)
            weights.append(np.full(len(labels), 0.5))
        shares: np.ndarray = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-9)
        known = np.unique(np.concatenate(targets)) if targets else np.array([], dtype=int)
        if len(known) < 2:
            return shares
        model = LinearSVC(C=0.5, class_weight="balanced", random_state=0, dual=True, max_iter=3000)
        model.fit(sp.vstack(rows, format="csr"), np.concatenate(targets), sample_weight=np.concatenate(weights))
        margins = model.decision_function(features)
        if margins.ndim == 1:
            margins = np.column_stack([-margins, margins])
        powers = np.exp(SHARPNESS * (margins - margins.max(axis=1, keepdims=True)))
        classified = np.zeros_like(votes)
        classified[:, known] = powers / powers.sum(axis=1, keepdims=True)
        if not self.lexicon.has_levels:  # a taxonomy has no examples of other things: little better than chance is nothing
            classified = (np.maximum(classified - 1 / len(known), 0) / (1 - 1 / len(known))) ** 2
        has_vote = votes.sum(axis=1) > 0
        has_any = has_vote | (np.diff(characters.indptr) > 0)
        mixed = np.where(has_vote[:, None], MIX * classified + (1 - MIX) * shares, classified)
        return np.asarray(mixed * has_any[:, None])

    def _likeness(
        self, examples: _Examples, example_characters: sp.csr_matrix, characters: sp.csr_matrix
    ) -> sp.csr_matrix:
        """Cosine of each statement to the mean of each concept's examples, shape (n_statements, n_concepts)."""
        count = len(self.lexicon.concepts)
        if not len(examples.concepts):
            return sp.csr_matrix((characters.shape[0], count), dtype=np.float32)
        # Languages have columns of their own, so one sum over a concept's examples holds one centre per language.
        belongs = sp.csr_matrix(
            (np.ones(len(examples.concepts), dtype=np.float32), (examples.concepts, range(len(examples.concepts)))),
            shape=(count, len(examples.concepts)),
        )
        per_language = np.maximum(
            np.asarray(belongs.sum(axis=1)).ravel() / max(len(self.lexicon.languages), 1), 1
        )
        centres = sp.diags(1 / per_language).astype(np.float32) @ belongs @ example_characters
        return sp.csr_matrix(characters @ centres.T)

    def _decide(self, probabilities: np.ndarray, found: sp.csr_matrix, likeness: sp.csr_matrix) -> list[Decision]:
        no_need = self.categories.index(NO_NEED)
        members = [
            [i for i, concept in enumerate(self.lexicon.concepts) if concept.category == name] for name in self.categories
        ]
        decisions = []
        for row, line in enumerate(probabilities):
            best = float(line.max()) if line.size else 0.0
            if best < ASSIGN_FROM or line.argmax() == no_need:
                decisions.append(Decision([], best))
                continue
            hit = dict(zip(found[row].indices.tolist(), found[row].data.tolist(), strict=True))
            near = dict(zip(likeness[row].indices.tolist(), likeness[row].data.tolist(), strict=True))
            needs = []
            for category in np.argsort(-line, kind="stable"):
                if line[category] < max(ASSIGN_FROM, ALSO_FROM * best) or category == no_need:
                    continue
                needs.append((self._need(members[category], hit, near), int(category), float(line[category])))
            decisions.append(Decision(needs, best))
        return decisions

    def _need(self, concepts: list[int], hit: dict[int, float], near: dict[int, float]) -> int:
        """The concept of a category that a statement speaks of; -1 for the category at large."""
        if not self.lexicon.has_levels:
            return concepts[0]
        scored = {i: hit.get(i, 0.0) + 2 * near.get(i, 0.0) for i in concepts}
        best = max(concepts, key=lambda i: (scored[i], -i))
        is_named = best in hit or near.get(best, 0.0) >= NEED_FROM
        return best if is_named else -1


def _with_context(probabilities: np.ndarray, persons: Sequence[Any]) -> np.ndarray:
    """Let what a person said elsewhere help where a statement alone does not tell ("let us do it online")."""
    place = {person: position for position, person in enumerate(dict.fromkeys(persons))}
    columns = np.array([place[person] for person in persons], dtype=int)
    belongs = sp.csr_matrix((np.ones(len(columns)), (range(len(columns)), columns)), shape=(len(columns), len(place)))
    totals = np.asarray(belongs.T @ probabilities)[columns]
    others = np.asarray(belongs.sum(axis=0)).ravel()[columns] - 1
    context = (totals - probabilities) / np.maximum(others, 1)[:, None]
    is_alone = (others == 0)[:, None]
    return np.where(is_alone, probabilities, (1 - CONTEXT) * probabilities + CONTEXT * context)


@dataclass(frozen=True)
class _Examples:
    texts: list[str]
    languages: list[str]
    concepts: np.ndarray
    hits: sp.csr_matrix


def _clear(votes: np.ndarray, languages: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose vote is clear, in languages with enough statements, and their categories; evenly spaced when many."""
    if not votes.size:
        return np.array([], dtype=int), np.array([], dtype=int)
    ordered = np.sort(votes, axis=1)
    margin = ordered[:, -1] - (ordered[:, -2] if votes.shape[1] > 1 else 0)
    tongues = np.asarray(languages)
    names, counts = np.unique(tongues, return_counts=True)
    large = np.isin(tongues, names[counts >= REFINE_FROM])
    chosen = np.flatnonzero(large & (margin >= CLEAR_MARGIN))
    if len(chosen) > REFINE_AT_MOST:
        chosen = chosen[np.linspace(0, len(chosen) - 1, REFINE_AT_MOST).astype(int)]
    return chosen, votes[chosen].argmax(axis=1)
