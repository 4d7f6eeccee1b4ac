"""Track B: needs that the lexicon does not know. Spherical k-means, many times over, and what the runs agree on."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

RUNS = 12
SHARE = 0.8
ANCHORS = 1500
"""Statements that are compared with each other; the rest joins the nearest group, so that memory stays bounded."""

REDUCED_FROM = 20_000
"""Statements from which the latent dimensions are learnt, at most."""

TENTATIVE = 0.6
STABLE = 0.75
"""Bands of a group's stability (Hennig 2007): from 0.75 stable, from 0.6 tentative, below not reported."""


LEAST_LIKENESS = 0.3
"""Cosine to the centre under which a statement is in a group only because it had to be in some."""


@dataclass(frozen=True)
class Group:
    """`members` are row positions; `stability` is the mean best Jaccard over the runs, 0 to 1."""

    members: list[int]
    stability: float
    scores: list[float]
    """Cosine of each member to the group's centre."""


def discover_groups(
    features: sp.csr_matrix,
    *,
    n_groups: int | None = None,
    min_size: int = 5,
    random_state: int = 0,
    report: Callable[[float], None] | None = None,
) -> list[Group]:
    """Group the rows, largest group first.

    Parameters
    ----------
    features : sparse matrix of shape (n_statements, n_features)
        Unit rows of one language; languages are never pooled (that would find languages).
    n_groups : how many groups to make at most; None lets stability choose between 2 and √n.
    min_size : smaller groups are left out, and so are groups with stability below 0.6 unless `n_groups` is given.

    """
    rows = features.shape[0]
    least = max(2, min_size)
    if rows < (2 if n_groups else 2 * least) or features.shape[1] < 3:
        return []
    # One thread: hundreds of small steps are faster so, and the result does not depend on how many cores a machine has.
    with threadpool_limits(1):
        best = _most_stable(features, n_groups, least, random_state, report)
    return sorted(best, key=lambda g: (-len(g.members), g.members[0]))


def _most_stable(
    features: sp.csr_matrix, n_groups: int | None, least: int, random_state: int, report: Callable[[float], None] | None
) -> list[Group]:
    rows = features.shape[0]
    space = _reduce(features, random_state)
    best: list[Group] = []
    best_value = -1.0
    sizes = [min(n_groups, rows, ANCHORS)] if n_groups else _sizes(rows)
    for step, size in enumerate(sizes):
        groups = _consensus(space, size, random_state)
        kept = groups if n_groups else [g for g in map(_close, groups) if len(g.members) >= least and g.stability >= TENTATIVE]
        covered = sum(len(g.members) for g in kept)
        value = sum(g.stability * len(g.members) for g in kept) / rows * (1 - 1 / (1 + len(kept))) if covered else 0.0
        if value > best_value:
            best, best_value = kept, value
        if report:
            report((step + 1) / len(sizes))
    return best


def _close(group: Group) -> Group:
    kept = [i for i, score in enumerate(group.scores) if score >= LEAST_LIKENESS]
    return Group([group.members[i] for i in kept], group.stability, [group.scores[i] for i in kept])


def _sizes(rows: int) -> list[int]:
    root = np.sqrt(rows / 2)
    return sorted({int(np.clip(round(root * factor), 2, 40)) for factor in (0.5, 0.8, 1.2, 1.8)})


def _reduce(features: sp.csr_matrix, random_state: int) -> np.ndarray:
    width = min(60, features.shape[1] - 1, features.shape[0] - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # explained variance of equal rows divides by zero
        model = TruncatedSVD(width, random_state=random_state)
        model.fit(features[np.linspace(0, features.shape[0] - 1, min(features.shape[0], REDUCED_FROM)).astype(int)])
        reduced = model.transform(features)
    return np.asarray(normalize(reduced), dtype=np.float64)


def _consensus(space: np.ndarray, size: int, random_state: int) -> list[Group]:
    generator = np.random.default_rng(random_state)
    rows = len(space)
    anchors = np.sort(generator.choice(rows, ANCHORS, replace=False)) if rows > ANCHORS else np.arange(rows)
    together = np.zeros((len(anchors), len(anchors)), dtype=np.float32)
    present = np.zeros_like(together)
    runs: list[tuple[np.ndarray, np.ndarray]] = []
    for run in range(RUNS):
        chosen = np.sort(generator.choice(len(anchors), max(size, int(SHARE * len(anchors))), replace=False))
        labels = _k_means(space[anchors[chosen]], size, random_state + run)
        one_hot = sp.csr_matrix((np.ones(len(chosen), dtype=np.float32), (chosen, labels)), shape=(len(anchors), size))
        seen = np.zeros(len(anchors), dtype=np.float32)
        seen[chosen] = 1
        together += (one_hot @ one_hot.T).toarray()
        present += np.outer(seen, seen)
        runs.append((chosen, labels))
    distance = 1 - together / np.maximum(present, 1)
    np.fill_diagonal(distance, 0)
    labels = fcluster(linkage(squareform(distance, checks=False), method="average"), size, criterion="maxclust") - 1
    return _groups(space, anchors, labels, runs)


def _k_means(space: np.ndarray, size: int, random_state: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct texts than groups
        model = KMeans(min(size, len(space)), n_init=1, random_state=random_state, max_iter=60).fit(space)
    return np.asarray(model.labels_)


def _groups(
    space: np.ndarray, anchors: np.ndarray, labels: np.ndarray, runs: list[tuple[np.ndarray, np.ndarray]]
) -> list[Group]:
    names = np.unique(labels)
    centres = normalize(np.vstack([space[anchors[labels == name]].mean(axis=0) for name in names]))
    likeness = space @ centres.T
    nearest = likeness.argmax(axis=1)
    position = {int(row): place for place, row in enumerate(anchors)}
    for row, place in position.items():
        nearest[row] = int(np.searchsorted(names, labels[place]))
    groups = []
    for place, name in enumerate(names):
        members = np.flatnonzero(nearest == place)
        own = np.flatnonzero(labels == name)
        groups.append(
            Group(members.tolist(), _stability(own, runs), np.clip(likeness[members, place], 0, 1).tolist())
        )
    return groups


def _stability(own: np.ndarray, runs: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Mean over the runs of the best Jaccard index between this group and a cluster of the run (on the rows it saw)."""
    values = []
    for chosen, labels in runs:
        inside = np.isin(chosen, own)
        if not inside.any():
            continue
        best = 0.0
        for label in np.unique(labels[inside]):
            cluster = labels == label
            best = max(best, float((cluster & inside).sum() / (cluster | inside).sum()))
        values.append(best)
    return float(np.mean(values)) if values else 0.0
