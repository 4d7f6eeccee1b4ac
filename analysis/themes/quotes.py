"""Quotes: verbatim, typical first (the medoid), then different ones (maximal marginal relevance)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

RELEVANCE = 0.7
"""Weight of being typical against being different (λ of MMR; Carbonell and Goldstein 1998)."""

COPY = 0.98
"""Likeness from which a statement is a copy of a quote: it is quoted when nothing else is left."""

CANDIDATES = 150
"""More statements than this are not compared with each other: the strongest by score are enough to choose from."""


def most_readable(scores: Sequence[float], lengths: Sequence[int]) -> list[int]:
    """Positions of the statements among which quotes are chosen: of a length that reads well, and sure to belong."""
    return sorted(range(len(scores)), key=lambda i: (not 12 <= lengths[i] <= 400, -scores[i], i))[:CANDIDATES]


def choose_quotes(
    features: sp.csr_matrix,
    scores: Sequence[float],
    persons: Sequence[Any],
    languages: Sequence[str],
    lengths: Sequence[int],
    *,
    most: int = 6,
) -> list[int]:
    """Return positions of statements to quote, the most typical first, at most one a person.

    Parameters
    ----------
    features : sparse matrix of shape (n_statements, n_features)
        Unit rows, with features that languages share (concepts) beside each language's own.
    scores : how surely each statement belongs to the theme, 0 to 1.
    lengths : letters of each statement; very short and very long ones read badly and come last.

    """
    order = most_readable(scores, lengths)
    if not order:
        return []
    rows = features[order]
    similarity = np.asarray((rows @ rows.T).todense())
    tongue = np.array([languages[i] for i in order])
    typical = (similarity.sum(axis=1) - similarity.diagonal()) / max(len(order) - 1, 1)  # to the others, not to itself
    typical = typical / max(float(typical.max()), 1e-9)
    readable = np.array([1.0 if 12 <= lengths[i] <= 400 else 0.3 for i in order])
    relevance = typical * readable * np.array([scores[i] for i in order])
    shares = {language: float((tongue == language).mean()) for language in set(tongue.tolist())}
    chosen: list[int] = []
    while len(chosen) < min(most, len(order)):
        best, best_value = -1, -np.inf
        for position in range(len(order)):
            if position in chosen or any(persons[order[position]] == persons[order[other]] for other in chosen):
                continue
            nearest = max((similarity[position, other] for other in chosen), default=0.0)
            already = sum(tongue[other] == tongue[position] for other in chosen)
            crowded = already / (1 + shares[str(tongue[position])] * most)  # a language speaks about as often as it is there
            value = RELEVANCE * relevance[position] - (1 - RELEVANCE) * nearest - 0.2 * crowded - (nearest >= COPY)
            if value > best_value:
                best, best_value = position, value
        if best < 0:
            break
        chosen.append(best)
    return [order[position] for position in chosen]
