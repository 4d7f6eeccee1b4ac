"""Links between new themes of different languages: proposed where they speak of the same concepts, for a person to confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linear_sum_assignment

from analysis.text.language import family
from analysis.themes.features import unit_rows
from analysis.themes.results import Members, Statement

LINKED_FROM = 0.5
"""Cosine of two themes' concept profiles from which they are proposed as one."""

HEARD_BY = 0.2
"""Share of a theme's statements in which the lexicon must hear anything; a profile of less is chance."""


@dataclass(frozen=True)
class Link:
    """Two themes, the keys in alphabetical order, and the cosine of what they speak of, 0.5 to 1."""

    one: str
    other: str
    likeness: float


def link_languages(found: Mapping[str, Members], statements: Sequence[Statement], concepts: sp.csr_matrix) -> list[Link]:
    """Propose which themes of two languages are one, each with at most one of every other language; the most alike first.

    Parameters
    ----------
    found : themes of one language each.
    concepts : sparse matrix of shape (n_statements, n_concepts)
        How strongly each statement speaks of each concept, the same in every language.

    """
    keys = sorted(key for key, theme in found.items() if theme.rows)
    having = np.asarray((concepts > 0).sum(axis=0)).ravel()
    rarity = np.log((concepts.shape[0] + 1) / (having + 1))
    profiles, families = [], []
    for key in keys:
        own = concepts[found[key].rows]
        is_heard = (np.diff(own.indptr) > 0).mean() >= HEARD_BY
        profiles.append(sp.csr_matrix(own.mean(axis=0)).multiply(rarity if is_heard else 0 * rarity))
        families.append(family(statements[found[key].rows[0]].language))
    if len(set(families)) < 2:
        return []
    rows = unit_rows(sp.csr_matrix(sp.vstack(profiles)))
    likeness = np.asarray((rows @ rows.T).todense())
    links = []
    names = sorted(set(families))
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            left = [place for place, name in enumerate(families) if name == one]
            right = [place for place, name in enumerate(families) if name == other]
            between = likeness[np.ix_(left, right)]
            worth = np.where(between >= LINKED_FROM, between, 0)  # else two chance ones outweigh a real one
            for a, b in zip(*linear_sum_assignment(-worth), strict=True):
                if worth[a, b]:
                    first, second = sorted([keys[left[a]], keys[right[b]]])
                    links.append(Link(first, second, round(float(worth[a, b]), 4)))
    return sorted(links, key=lambda link: (-link.likeness, link.one, link.other))
