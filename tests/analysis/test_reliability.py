"""Alpha and omega of tables whose answer is known, and what may be done to a scale without changing them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import FactorAnalysis

from analysis.statistics.reliability import Reliability, cronbach_alpha, mcdonald_omega, one_factor_loadings
from analysis.statistics.resampling import StatisticUndefined


def table_of(covariances: np.ndarray, n: int = 60, seed: int = 1) -> np.ndarray:
    """Answers whose sample covariances are exactly these: independent columns, made orthogonal, then mixed."""
    raw = np.random.default_rng(seed).normal(size=(n, len(covariances)))
    raw -= raw.mean(axis=0)
    orthogonal, _ = np.linalg.qr(raw)
    return np.asarray(orthogonal * np.sqrt(n - 1) @ np.linalg.cholesky(covariances).T)


def one_factor(loadings: list[float], uniques: list[float]) -> np.ndarray:
    return np.outer(loadings, loadings) + np.diag(uniques)


def alpha(table: np.ndarray, resamples: int = 1) -> Reliability:
    return cronbach_alpha(table, rng=np.random.default_rng(1), resamples=resamples)


def omega(table: np.ndarray, resamples: int = 1) -> Reliability:
    return mcdonald_omega(table, rng=np.random.default_rng(1), resamples=resamples)


seeds = st.integers(0, 10_000)


def some_table(seed: int, items: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=(80, 1)) * rng.uniform(0.6, 1.5, items) + rng.normal(size=(80, items)))


def test_alpha_by_hand() -> None:
    """Variances 2, 3, 4 and covariances 1, 1.5, 0.5: 3/2 · (1 - 9 / 15)."""
    assert alpha(table_of(np.array([[2, 1, 1.5], [1, 3, 0.5], [1.5, 0.5, 4]]))).value == pytest.approx(0.6)


@settings(deadline=None)
@given(st.integers(2, 8), st.floats(0.05, 0.95))
def test_alpha_of_equal_items_is_spearman_and_browns(items: int, r: float) -> None:
    table = table_of(one_factor([r**0.5] * items, [1 - r] * items))

    assert alpha(table).value == pytest.approx(items * r / (1 + (items - 1) * r))


def test_alpha_of_items_against_each_other_is_below_0() -> None:
    assert alpha(table_of(np.array([[1, -0.5], [-0.5, 1]]))).value == pytest.approx(-2)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.3, 2), st.floats(0.2, 2)), min_size=3, max_size=7))
def test_omega_of_one_factor_is_that_of_its_loadings(items: list[tuple[float, float]]) -> None:
    loadings, uniques = [a for a, _ in items], [b for _, b in items]

    found = omega(table_of(one_factor(loadings, uniques))).value

    assert found == pytest.approx(sum(loadings) ** 2 / (sum(loadings) ** 2 + sum(uniques)), abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.3, 2), st.floats(0.2, 2)), min_size=3, max_size=7))
def test_alpha_is_at_most_omega_where_there_is_one_factor(items: list[tuple[float, float]]) -> None:
    table = table_of(one_factor([a for a, _ in items], [b for _, b in items]))

    assert alpha(table).value <= omega(table).value + 1e-6


def test_omega_is_close_to_that_of_maximum_likelihood() -> None:
    table = some_table(5, items=6)
    model = FactorAnalysis(n_components=1, tol=1e-8, max_iter=5000).fit(table)
    common = model.components_.sum() ** 2

    assert omega(table).value == pytest.approx(common / (common + model.noise_variance_.sum()), abs=0.01)


@settings(deadline=None)
@given(seeds, st.floats(0.01, 100), st.floats(-50, 50), st.permutations(range(4)))
def test_coefficients_know_no_unit_and_no_order(seed: int, factor: float, shift: float, order: list[int]) -> None:
    table = some_table(seed)
    other = (table * factor + shift)[::-1, order]

    assert alpha(other).value == pytest.approx(alpha(table).value, abs=1e-9)
    assert omega(other).value == pytest.approx(omega(table).value, abs=1e-6)


@settings(deadline=None)
@given(seeds)
def test_loadings_are_the_best(seed: int) -> None:
    """No step away from them fits the correlations better."""
    correlations = np.corrcoef(some_table(seed, items=5), rowvar=False)
    loadings = one_factor_loadings(correlations)

    def misfit(some: np.ndarray) -> float:
        rest = correlations - np.outer(some, some)
        return float((rest[~np.eye(5, dtype=bool)] ** 2).sum())

    for step in np.random.default_rng(seed).normal(scale=0.01, size=(20, 5)):
        assert misfit(np.clip(loadings + step, -1, 1)) >= misfit(loadings) - 1e-12


def test_loadings_keep_to_the_bound_where_a_unique_variance_would_be_negative() -> None:
    """Without the bound the first loading would be √(0.9 · 0.9 / 0.5) = 1.27."""
    loadings = one_factor_loadings(np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]]))

    assert loadings[0] == 1
    assert (np.abs(loadings) <= 1).all()


def test_loadings_point_upwards_whatever_the_signs() -> None:
    signs = np.diag([-1.0, -1.0, -1.0, 1.0])
    correlations = one_factor([0.8, 0.7, 0.6, 0.5], [0.36, 0.51, 0.64, 0.75])

    assert one_factor_loadings(signs @ correlations @ signs) == pytest.approx([0.8, 0.7, 0.6, -0.5], abs=1e-7)


def test_loadings_of_items_that_have_nothing_in_common_are_0() -> None:
    assert one_factor_loadings(np.eye(3)) == pytest.approx([0, 0, 0])


def test_loadings_that_do_not_settle_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.statistics.reliability.ROUNDS", 1)

    with pytest.raises(StatisticUndefined, match="settles"):
        one_factor_loadings(one_factor([0.8, 0.3, 0.6], [0.36, 0.91, 0.64]))


def test_rows_with_a_gap_are_dropped_and_counted() -> None:
    table = some_table(1)
    with_gaps = np.vstack([table[:10], np.full((3, 4), np.nan), table[10:], [[1, 2, np.nan, 4]]])

    found = alpha(with_gaps)

    assert (found.n, found.dropped, found.items) == (80, 4, 4)
    assert found.value == pytest.approx(alpha(table).value)


@pytest.mark.parametrize("coefficient", [alpha, omega])
def test_interval_holds_the_value_and_narrows_with_more_people(coefficient) -> None:  # type: ignore[no-untyped-def]  # one of two
    truth = one_factor([1, 1, 1, 1], [1, 1, 1, 1])
    few, many = (coefficient(table_of(truth, n=n), resamples=200).resampled.interval for n in (40, 400))

    assert few.contains(0.8)
    assert many.contains(0.8)
    assert 0 < many.high - many.low < few.high - few.low


@pytest.mark.parametrize(("coefficient", "table", "why"), [
    (alpha, np.ones((40, 1)), "at least 2 items"),
    (omega, np.ones((40, 2)), "at least 3 items"),
    (alpha, np.ones(40), "at least 2 items"),
    (alpha, some_table(1)[:29], "Only 29 respondents"),
    (alpha, np.vstack([some_table(1)[:29], np.full((9, 4), np.nan)]), "Only 29 respondents"),
    (alpha, np.full((40, 3), np.inf), "a number or missing"),
])  # fmt: skip
def test_what_is_no_scale_is_refused(coefficient, table: np.ndarray, why: str) -> None:  # type: ignore[no-untyped-def]  # one of two
    with pytest.raises(ValueError, match=why):
        coefficient(table)


def test_what_does_not_vary_has_no_reliability() -> None:
    column = some_table(1)[:, :1]

    with pytest.raises(StatisticUndefined, match="same sum"):
        alpha(np.hstack([column, -column]))
    with pytest.raises(StatisticUndefined, match="same answer to an item"):
        omega(np.hstack([some_table(1), np.ones((80, 1))]))
