"""Whether small counts can be worked out from what is shown: an attack on published tables, all of them together.

The attacker knows the tables' shape, that counts are whole and never negative, the threshold, the rounding, and everything that
is shown, totals, waves and sums over waves included; not which hidden figures are small and which stand beside small ones, nor
how :mod:`analysis.statistics.suppression` chooses. Two questions are asked about every count of 1 to 9: is it determined, that is,
does it lie in the row space of the equations between the hidden figures (as in the R package rmoriedata, ``cellsupp``); and
how narrow is its range, by two linear programs (as sdcTable's ``attack`` and GaussSuppression's ``ComputeIntervals`` ask)?
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array

from analysis.statistics.disclosure import ROUNDING, THRESHOLD
from analysis.statistics.tables import Figure, Flags, Protected, System, Table, build_system, sensitive_figures

Name = TypeVar("Name", bound=Hashable)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Leak:
    """A count of few people that lies between `least` and `most`, by what is shown. Waves are numbered from 0."""

    wave: int
    figure: Figure
    least: int
    most: int
    is_determined: bool


def audit(
    waves: Sequence[Mapping[Name, Table[Any, Any]]],
    shown: Sequence[Mapping[Name, Protected[Any, Any]]],
    sums: Mapping[Name, Protected[Any, Any]] | None = None,
    threshold: int = THRESHOLD,
) -> list[Leak]:
    """Find what can be worked out from tables shown beside each other: nothing, if they come from :func:`suppression.protect`.

    `waves` is the truth, `shown` what is published of it, `sums` what is published over the waves that are not withheld. A small count that
    is shown is a leak as well, its range as wide as what is shown.
    """
    system = build_system(waves)
    n = len(system.figures)
    is_withheld = [any(table.is_withheld for table in wave.values()) for wave in shown]
    told = [wave for wave in range(len(waves)) if not is_withheld[wave]]
    # Unknowns are the figures of each wave, then of the sum over the waves.
    least, most = np.zeros((len(waves) + 1, n)), np.full((len(waves) + 1, n), np.inf)
    for wave, tables in enumerate([*shown, sums or {}]):
        for name, table in tables.items():
            kind = next(known[name] for known in waves if name in known)
            for figure, count in _told(system, kind, table):
                low, high = _known(count, is_rounded=table.is_rounded)
                least[wave, figure], most[wave, figure] = max(least[wave, figure], low), min(most[wave, figure], high)
    equations = _equations(system, len(waves), told if sums is not None else [])
    truth = np.concatenate([system.values, system.values[told].sum(axis=0, keepdims=True)]).astype(np.float64)
    asked = np.concatenate([sensitive_figures(system) & ~np.array(is_withheld)[:, None], np.zeros((1, n), dtype=np.bool_)])
    lows, highs, determined = _ranges(equations, least.ravel(), most.ravel(), truth.ravel(), asked.ravel(), threshold)
    names = {number: key for key, number in system.figures.items()}
    return [
        Leak(int(k) // n, names[int(k) % n], int(np.ceil(lows[k] - 1e-6)), int(np.floor(highs[k] + 1e-6)), bool(determined[k]))
        for k in np.flatnonzero(asked.ravel())
        if determined[k] or highs[k] - lows[k] < threshold - 1e-6
    ]  # fmt: skip


def _told(system: System, kind: Table[Any, Any], table: Protected[Any, Any]) -> Iterator[tuple[int, int]]:
    def row(label: Any) -> tuple[Any, Any]:
        return (kind.rows_by, label) if kind.people is None else ((kind.rows_by, label), True)

    found = [
        *((system.number(row(label), (kind.columns_by, column)), count) for (label, column), count in table.cells.items()),
        *((system.number(row(label)), count) for label, count in table.row_totals.items()),
        *((system.number((kind.columns_by, column)), count) for column, count in table.column_totals.items()),
        (system.number(), table.total),
    ]
    yield from ((figure, count) for figure, count in found if count is not None)


def _known(count: int, *, is_rounded: bool) -> tuple[int, int]:
    """The counts that are shown as `count`."""
    if not is_rounded:
        return count, count
    return max(count - ROUNDING // 2, THRESHOLD), count + ROUNDING // 2


def _equations(system: System, waves: int, told: list[int]) -> csr_array:
    """Sums that hold: of each line of each grid, its total taken as negative, in each wave; and of the waves that are told."""
    n = len(system.figures)
    lines = [(line.tolist(), [1.0] * (len(line) - 1) + [-1.0]) for grid in system.grids for line in (*grid, *grid.T)]
    entries = [(row, wave * n + figure, sign) for row, (wave, line) in enumerate((w, x) for w in range(waves) for x in lines)
               for figure, sign in zip(*line, strict=True)]  # fmt: skip
    rows = waves * len(lines)
    if told:
        for figure in range(n):
            entries += [*((rows + figure, wave * n + figure, 1.0) for wave in told), (rows + figure, waves * n + figure, -1.0)]
        rows += n
    places, columns, signs = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_array((signs, (places, columns)), shape=(rows, (waves + 1) * n))


def _ranges(
    equations: csr_array, least: Floats, most: Floats, truth: Floats, asked: Flags, threshold: int
) -> tuple[Floats, Floats, Flags]:
    """The least and most that each figure can be, exact where narrower than `threshold`, and whether it is determined.

    Every solution of a program counts for all figures, so that few programs are needed.
    """
    low, high = truth.copy(), truth.copy()
    determined = asked & (least == most)
    unknown = np.flatnonzero(least < most)
    waiting = [int(k) for k in unknown if asked[k]]
    if waiting:
        matrix = equations[:, unknown]
        is_used = np.diff(matrix.indptr) > 0
        matrix, right = matrix[is_used], (equations[:, np.flatnonzero(least == most)] @ least[least == most])[is_used]
        determined[unknown] |= asked[unknown] & _in_row_space(matrix)
        place = {int(k): position for position, k in enumerate(unknown)}
        bounds = np.stack([least[unknown], most[unknown]], axis=1)
        for k in waiting:
            for sign in (-1.0, 1.0):
                if high[k] - low[k] >= threshold:
                    break
                aim = np.zeros(len(unknown))
                aim[place[k]] = sign
                found = linprog(aim, A_eq=matrix, b_eq=-right, bounds=bounds, method="highs")
                if found.status == 3:  # without a bound
                    low[k], high[k] = (low[k], np.inf) if sign < 0 else (-np.inf, high[k])
                elif found.status == 0:
                    low[unknown], high[unknown] = np.minimum(low[unknown], found.x), np.maximum(high[unknown], found.x)
                else:
                    raise RuntimeError(f"the range of a figure was not found: {found.message}")
    return low, high, determined


def _in_row_space(matrix: csr_array) -> Flags:
    """Which unknowns the equations determine: those that no solution of the homogeneous equations changes."""
    if matrix.shape[0] == 0:
        return np.zeros(matrix.shape[1], dtype=np.bool_)
    _, sizes, directions = np.linalg.svd(matrix.toarray(), full_matrices=True)
    rank = int((sizes > 1e-9 * max(1.0, sizes.max(initial=0.0))).sum())
    return np.asarray(np.abs(directions[rank:]).max(axis=0, initial=0.0) < 1e-9, dtype=np.bool_)
