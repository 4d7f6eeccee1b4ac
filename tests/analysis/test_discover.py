"""Finding groups: planted ones come back, chance ones do not, and the same rows always give the same groups."""

from __future__ import annotations

import time

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import normalize

from analysis.themes import discover
from analysis.themes.discover import ANCHORS, STABLE, TENTATIVE, Group, discover_groups

OWN = 3
ANY = 200


def planted(sizes: list[int], *, noise: int = 0, seed: int = 0) -> tuple[sp.csr_matrix, np.ndarray]:
    """Rows of several groups: the three words of its group in each, and one from anywhere; noise has four from anywhere."""
    chance = np.random.default_rng(seed)
    labels = np.repeat([*range(len(sizes)), -1], [*sizes, noise])
    dense = np.zeros((len(labels), OWN * len(sizes) + ANY), dtype=np.float32)
    for row, label in enumerate(labels):
        if label >= 0:
            dense[row, label * OWN : (label + 1) * OWN] = 1
        dense[row, OWN * len(sizes) + chance.choice(ANY, 1 if label >= 0 else 4, replace=False)] = 0.7
    lengths = np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
    return sp.csr_matrix(dense / lengths), labels


def as_labels(groups: list[Group], rows: int) -> np.ndarray:
    labels = np.full(rows, -1)
    for number, group in enumerate(groups):
        labels[group.members] = number
    return labels


@pytest.mark.parametrize("sizes", [[40, 40, 40], [25, 20, 15, 12, 10], [20] * 8])
def test_planted_groups_are_found_by_stability_alone(sizes: list[int]) -> None:
    features, labels = planted(sizes)

    groups = discover_groups(features).groups

    assert adjusted_rand_score(labels, as_labels(groups, len(labels))) > 0.9
    assert len(groups) == len(sizes)
    assert all(group.stability >= STABLE for group in groups)


def test_planted_groups_are_found_among_leftovers_which_stay_out() -> None:
    features, labels = planted([40, 30], noise=100)

    groups = discover_groups(features).groups

    found = as_labels(groups, len(labels))
    for label in (0, 1):
        [best] = np.unique(found[labels == label][found[labels == label] >= 0])
        assert (found[labels == label] == best).mean() > 0.9
        assert (labels[found == best] == label).mean() > 0.9


def test_row_that_is_like_no_other_joins_no_group() -> None:
    features, _ = planted([30, 30])
    alone = sp.csr_matrix(([1.0], ([0], [features.shape[1] - 1])), shape=(1, features.shape[1]), dtype=np.float32)

    groups = discover_groups(sp.vstack([features, alone], format="csr")).groups

    assert 60 not in {row for group in groups for row in group.members}
    assert sum(len(group.members) for group in groups) >= 55


def test_rows_without_structure_are_not_made_into_themes() -> None:
    """takahiroanno2024/anno-broadlistening#39: a fixed number of groups forces unrelated opinions together."""
    chance = np.random.default_rng(0)
    features = normalize(sp.random(150, 400, density=0.02, format="csr", random_state=chance, dtype=np.float32))

    groups = discover_groups(features).groups

    assert sum(len(group.members) for group in groups) < 30


@settings(max_examples=8)
@given(st.lists(st.integers(3, 20), min_size=1, max_size=3), st.integers(0, 20), st.integers(0, 5))
def test_groups_keep_what_they_promise(sizes: list[int], noise: int, seed: int) -> None:
    features, _ = planted(sizes, noise=noise, seed=seed)

    groups = discover_groups(features, min_size=5).groups

    members = [row for group in groups for row in group.members]
    assert len(members) == len(set(members))
    assert set(members) <= set(range(features.shape[0]))
    assert [len(group.members) for group in groups] == sorted((len(group.members) for group in groups), reverse=True)
    for group in groups:
        assert len(group.members) >= 5
        assert TENTATIVE <= group.stability <= 1
        assert len(group.scores) == len(group.members)
        assert all(0 <= score <= 1 for score in group.scores)


@pytest.mark.parametrize("count", [2, 3, 6])
def test_n_groups_is_how_many_there_are(count: int) -> None:
    features, _ = planted([20] * 6)

    groups = discover_groups(features, n_groups=count).groups

    assert len(groups) == count
    assert sum(len(group.members) for group in groups) == features.shape[0]


def test_n_groups_of_more_than_there_are_rows_makes_one_a_row_at_most() -> None:
    features, _ = planted([2, 2])

    groups = discover_groups(features, n_groups=50).groups

    assert sum(len(group.members) for group in groups) == 4


def test_n_groups_of_more_than_there_are_anchors_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "ANCHORS", 40)
    features, _ = planted([60])

    groups = discover_groups(features, n_groups=50).groups

    assert sum(len(group.members) for group in groups) == 60


def test_groups_are_the_same_each_time_and_another_seed_finds_the_same_ones() -> None:
    features, labels = planted([20, 15, 10], noise=10)

    first, second, other = (discover_groups(features, random_state=seed).groups for seed in (0, 0, 7))

    assert first == second
    assert adjusted_rand_score(as_labels(first, len(labels)), as_labels(other, len(labels))) > 0.8


def test_rows_beyond_the_anchors_join_the_nearest_group() -> None:
    features, labels = planted([ANCHORS, 900, 500])

    started = time.process_time()
    groups = discover_groups(features, n_groups=3).groups

    assert time.process_time() - started < 15
    assert adjusted_rand_score(labels, as_labels(groups, len(labels))) > 0.95


@pytest.mark.parametrize("rows", [0, 1, 2, 9])
def test_too_few_rows_have_no_groups(rows: int) -> None:
    features, _ = planted([rows])

    assert discover_groups(features).groups == []


def test_equal_rows_are_one_group() -> None:
    features = normalize(sp.csr_matrix(np.ones((40, 6), dtype=np.float32)))

    [group] = discover_groups(features).groups

    assert (len(group.members), group.stability) == (40, 1.0)


def test_rows_without_any_feature_are_no_reason_to_stop() -> None:
    features = sp.csr_matrix((30, 50), dtype=np.float32)

    assert discover_groups(features).groups == []
    assert sum(len(group.members) for group in discover_groups(features, n_groups=2).groups) == 30


def test_report_is_called_with_the_share_done_and_may_cancel() -> None:
    features, _ = planted([40, 40])
    shares: list[float] = []

    discover_groups(features, report=shares.append)

    def cancel(_share: float) -> None:
        raise KeyboardInterrupt

    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(KeyboardInterrupt):
        discover_groups(features, report=cancel)


@pytest.mark.parametrize("count", [None, 3])
def test_one_text_that_many_sent_is_a_group(count: int | None) -> None:
    features = normalize(sp.csr_matrix(np.ones((1, 6), dtype=np.float32)))

    [group] = discover_groups(features, n_groups=count, weights=np.array([3000.0])).groups

    assert group.members == [0]
