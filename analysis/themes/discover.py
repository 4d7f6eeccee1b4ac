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


ONE_FROM = 0.15
"""Cosine that nearly all pairs of statements reach (19 of 20) if they are one group, within which nothing is sought. Twenty
sentences about one thing have 0.23, two things 0.01, thousands of messages to one city 0.04.
"""


@dataclass(frozen=True)
class Group:
    """`members` are row positions; `stability` is the mean best Jaccard over the runs, 0 to 1."""

    members: list[int]
    stability: float
    scores: list[float]
    """Cosine of each member to the group's centre."""


@dataclass(frozen=True)
class Discovery:
    """`groups`, the largest first. `proposed` is how many groups were asked for of k-means when they were found; `reasonable` the
    least and the most numbers whose groups are about as good (within one standard error), to tell a reader how far the number is
    a choice. None where nothing was tried.
    """

    groups: list[Group]
    proposed: int | None = None
    reasonable: tuple[int, int] | None = None
    _reduce: TruncatedSVD | None = None
    _centres: np.ndarray | None = None
    """Of the groups, then of those that were too loose to be told: what is nearest to one of these belongs nowhere."""

    def nearest(self, features: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """The nearest group of each row and the cosine to its centre; -1 and 0 where none is near enough. Nothing is learnt."""
        nowhere = np.full(features.shape[0], -1), np.zeros(features.shape[0])
        if self._reduce is None or self._centres is None or not self.groups or not features.shape[0]:
            return nowhere
        likeness = normalize(self._reduce.transform(features)) @ self._centres.T
        best = likeness.argmax(axis=1)
        score = likeness[np.arange(len(best)), best]
        is_near = (score >= LEAST_LIKENESS) & (best < len(self.groups))
        return np.where(is_near, best, -1), np.where(is_near, np.clip(score, 0, 1), 0.0)


def discover_groups(
    features: sp.csr_matrix,
    *,
    n_groups: int | None = None,
    min_size: int = 5,
    weights: np.ndarray | None = None,
    random_state: int = 0,
    report: Callable[[float], None] | None = None,
) -> Discovery:
    """Group the rows.

    Parameters
    ----------
    features : sparse matrix of shape (n_statements, n_features)
        Unit rows of one language; languages are never pooled (that would find languages).
    n_groups : how many groups to make at most; None lets stability choose between 2 and √n.
    min_size : groups of fewer statements are left out, and so are those with stability below 0.6, unless `n_groups` is given.
    weights : array of shape (n_statements,), of how many statements a row stands for; default 1.

    """
    rows = features.shape[0]
    least = max(2, min_size)
    standing = np.ones(rows) if weights is None else weights
    if rows < 2 or (not n_groups and standing.sum() < 2 * least) or features.shape[1] < 3:
        return Discovery(_heavy([], standing, least))
    # One thread: hundreds of small steps are faster so, and the result does not depend on how many cores a machine has.
    with threadpool_limits(1):
        return _most_stable(features, n_groups, least, standing, random_state, report)


def _most_stable(
    features: sp.csr_matrix,
    n_groups: int | None,
    least: int,
    weights: np.ndarray,
    random_state: int,
    report: Callable[[float], None] | None,
) -> Discovery:
    rows = features.shape[0]
    reduce, space = _reduced(features, random_state)
    if not n_groups and _is_one(space):
        centre = normalize(space.mean(axis=0, keepdims=True))
        whole = Group([*range(rows)], 1.0, np.clip(space @ centre.T, 0, 1).ravel().tolist())
        return Discovery([_close(whole)], 1, (1, 1), reduce, centre)
    sizes = [min(n_groups, rows, ANCHORS)] if n_groups else _sizes(rows)
    tried: list[tuple[float, float, list[Group], list[Group]]] = []
    for step, size in enumerate(sizes):
        groups, loose = _consensus(space, size, np.log1p(weights), random_state), []
        if not n_groups:
            close = [(_close(group), group) for group in groups]
            is_kept = [weights[g.members].sum() >= least and g.stability >= TENTATIVE for g, _ in close]
            groups = [g for (g, _), kept in zip(close, is_kept, strict=True) if kept]
            loose = [g for (_, g), kept in zip(close, is_kept, strict=True) if not kept]
        tried.append((*_value(groups, weights), groups, loose))
        if report:
            report((step + 1) / len(sizes))
    value, error, *_ = max(tried, key=lambda one: one[0])
    alike = [place for place, (other, *_) in enumerate(tried) if other >= value - error]
    *_, groups, loose = tried[alike[0]]  # the fewest groups of those that are about as good
    if not n_groups:
        groups += _heavy(groups, weights, least)
    groups.sort(key=lambda g: (-weights[g.members].sum(), g.members[0]))
    centres = np.vstack([space[g.members].mean(axis=0) for g in (*groups, *loose)]) if groups else None
    size, range_ = sizes[alike[0]], (sizes[alike[0]], sizes[alike[-1]])
    return Discovery(groups, size, range_, reduce, normalize(centres)) if centres is not None else Discovery([])


def _is_one(space: np.ndarray) -> bool:
    some = space[np.linspace(0, len(space) - 1, min(len(space), 500)).astype(int)]
    pairs = (some @ some.T)[np.triu_indices(len(some), 1)]
    return bool(np.quantile(pairs, 0.05) >= ONE_FROM)


def _heavy(groups: list[Group], weights: np.ndarray, least: int) -> list[Group]:
    """Rows that stand for enough statements to be a group alone, and are in none: one text that many sent."""
    held = {row for group in groups for row in group.members}
    return [Group([row], 1.0, [1.0]) for row in np.flatnonzero(weights >= 2 * least).tolist() if row not in held]


def _value(groups: list[Group], weights: np.ndarray) -> tuple[float, float]:
    """How much of the statements stable groups hold, more groups being a little better than few; and its standard error.

    A group of four is easily found again by chance: its stability counts for three quarters.
    """
    held = np.array([weights[group.members].sum() for group in groups])
    if not held.sum():
        return 0.0, 0.0
    stable = np.array([group.stability for group in groups]) * (1 - 1 / np.maximum(held, 1))
    factor = 1 - 1 / (1 + len(groups))
    share = float((held * stable).sum() / weights.sum()) * factor
    spread = float(np.sqrt(np.average((stable - np.average(stable, weights=held)) ** 2, weights=held)))
    return share, spread / np.sqrt(RUNS) * float(held.sum() / weights.sum()) * factor


def _close(group: Group) -> Group:
    kept = [i for i, score in enumerate(group.scores) if score >= LEAST_LIKENESS]
    return Group([group.members[i] for i in kept], group.stability, [group.scores[i] for i in kept])


def _sizes(rows: int) -> list[int]:
    root = np.sqrt(rows / 2)
    return sorted({int(np.clip(round(root * factor), 2, 40)) for factor in (0.5, 0.8, 1.2, 1.8)})


def _reduced(features: sp.csr_matrix, random_state: int) -> tuple[TruncatedSVD, np.ndarray]:
    width = min(60, features.shape[1] - 1, features.shape[0] - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # explained variance of equal rows divides by zero
        model = TruncatedSVD(width, random_state=random_state)
        model.fit(features[np.linspace(0, features.shape[0] - 1, min(features.shape[0], REDUCED_FROM)).astype(int)])
        reduced = model.transform(features)
    return model, np.asarray(normalize(reduced), dtype=np.float64)


def _consensus(space: np.ndarray, size: int, weights: np.ndarray, random_state: int) -> list[Group]:
    generator = np.random.default_rng(random_state)
    rows = len(space)
    anchors = np.sort(generator.choice(rows, ANCHORS, replace=False)) if rows > ANCHORS else np.arange(rows)
    together = np.zeros((len(anchors), len(anchors)), dtype=np.float32)
    present = np.zeros_like(together)
    runs: list[tuple[np.ndarray, np.ndarray]] = []
    for run in range(RUNS):
        chosen = np.sort(generator.choice(len(anchors), max(size, int(SHARE * len(anchors))), replace=False))
        labels = _k_means(space[anchors[chosen]], size, weights[anchors[chosen]], random_state + run)
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


def _k_means(space: np.ndarray, size: int, weights: np.ndarray, random_state: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct texts than groups
        model = KMeans(min(size, len(space)), n_init=1, random_state=random_state, max_iter=60).fit(space, sample_weight=weights)
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
