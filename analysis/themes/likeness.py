"""Which of several sets of examples a statement is most like: how a split sends statements to its parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from analysis.lexicon.match import Hit
from analysis.themes.features import TextSpaces, hit_matrix, unit_rows
from analysis.themes.results import Statement


def most_alike(
    rows: Sequence[int],
    choices: Sequence[Sequence[int]],
    statements: Sequence[Statement],
    hits: Sequence[Sequence[Hit]],
    n_concepts: int,
) -> list[int]:
    """For each row the choice whose example rows it is most like; an example goes where it stands, and what is like none to the first.

    Statements of one language meet by their words, those of different ones by the concepts in them. The examples alone decide
    what a word weighs, so that the answer for a statement does not depend on which others are asked about.
    """
    examples = sorted({row for choice in choices for row in choice})
    likeness = np.zeros((len(rows), len(choices)))
    if examples:
        spaces = TextSpaces()
        given = [statements[row] for row in examples]
        own = spaces.learn([s.text for s in given], [s.language for s in given])
        told = _joined(own, [hits[row] for row in examples], n_concepts)
        asked = [statements[row] for row in rows]
        words = spaces.read([s.text for s in asked], [s.language for s in asked])
        cosines = np.asarray((_joined(words, [hits[row] for row in rows], n_concepts) @ told.T).todense())
        place = {row: i for i, row in enumerate(examples)}
        for number, choice in enumerate(choices):
            if choice:
                likeness[:, number] = cosines[:, [place[row] for row in choice]].max(axis=1)
    for position, row in enumerate(rows):
        for number, choice in enumerate(choices):
            likeness[position, number] += row in choice
    return [int(best) for best in np.round(likeness, 6).argmax(axis=1)]


def _joined(own: sp.csr_matrix, hits: Sequence[Sequence[Hit]], n_concepts: int) -> sp.csr_matrix:
    return unit_rows(sp.hstack([unit_rows(hit_matrix(hits, n_concepts)), unit_rows(own)], format="csr"))
