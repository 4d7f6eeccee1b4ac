"""Tables of people in up to two dimensions, and how their figures hang together: within a table, between tables, over waves.

What may be shown of them is decided in :mod:`analysis.statistics.suppression` and checked in :mod:`analysis.statistics.audit`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from analysis.statistics.disclosure import THRESHOLD, pool_small, rounded

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)
Figure = tuple[tuple[Any, Any], ...]
"""A figure is known by what its people have in common: pairs of a dimension and a value, none for everybody."""
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

EVERYBODY: Figure = ()


@dataclass(frozen=True)
class Table(Generic[Row, Column]):
    """Counts of people by `rows_by` and `columns_by`. A pair that is not in `cells` stands for nobody.

    Each person is in one column. Without `people` each is in one row as well, and totals are the sums of the cells. With `people`
    (of each column, everybody who could be in a row) rows overlap, as themes do: a row is then a question with two answers,
    in it or not, and who is not in it counts like who is.

    Dimensions are names: a margin of the same name and value in two tables is one figure, which links them. `is_sensitive`: that
    everybody in a row is in one column (an answer) is hidden too; for rows that overlap it always is.
    """

    rows_by: str
    columns_by: str
    cells: Mapping[tuple[Row, Column], int]
    people: Mapping[Column, int] | None = None
    shows_row_totals: bool = True
    shows_column_totals: bool = True
    shows_total: bool = True
    is_sensitive: bool = False

    def __post_init__(self) -> None:
        if self.rows_by == self.columns_by:
            raise ValueError("a table needs two different dimensions")
        for key, n in self.cells.items():
            if n < 0:
                raise ValueError(f"a count of people is never negative: {key} has {n}")
            if self.people is not None and n > self.people.get(key[1], 0):
                raise ValueError(f"{key} has {n} of {self.people.get(key[1], 0)} people")

    @property
    def rows(self) -> list[Row]:
        return in_order(row for row, _ in self.cells)

    @property
    def columns(self) -> list[Column]:
        return in_order([*(column for _, column in self.cells), *(self.people or ())])


@dataclass(frozen=True)
class Protected(Generic[Row, Column]):
    """What may be shown of a table; None stands for a figure that is hidden, and never tells why."""

    cells: dict[tuple[Row, Column], int | None]
    row_totals: dict[Row, int | None]
    column_totals: dict[Column, int | None]
    total: int | None
    is_rounded: bool = False
    is_withheld: bool = False
    """So few people in this wave that nothing of it is told, and no sum may have it as a part."""

    def outside(self) -> Protected[Row, Column]:
        """The same as it may leave the house: rounded to 5, nothing below the threshold, nobody included."""
        return Protected(
            cells={key: _leaving(n) for key, n in self.cells.items()},
            row_totals={key: _leaving(n) for key, n in self.row_totals.items()},
            column_totals={key: _leaving(n) for key, n in self.column_totals.items()},
            total=_leaving(self.total), is_rounded=True, is_withheld=self.is_withheld,
        )  # fmt: skip


def _leaving(count: int | None) -> int | None:
    return None if count is None else rounded(count)


T = TypeVar("T", bound=Hashable)


def in_order(labels: Iterable[T]) -> list[T]:
    """Each label once, in an order that does not depend on the order in which they come."""
    return sorted(set(labels), key=lambda label: (type(label).__name__, repr(label)))


def pool_columns(table: Table[Row, Column], others: Column) -> Table[Row, Column]:
    """Count small columns together as `others`, so that no column has to be hidden for being small (:func:`disclosure.pool_small`).

    It is worth doing before :func:`suppression.protect`: a hidden column takes another one with it.
    """
    sizes = dict(table.people or dict.fromkeys(table.columns, 0))
    if table.people is None:
        for (_, column), n in table.cells.items():
            sizes[column] += n
    pool = set(pool_small(sizes).others)
    pool |= {column for column, n in sizes.items() if n == 0} if pool else set()
    cells: dict[tuple[Row, Column], int] = {}
    for (row, column), n in table.cells.items():
        place = (row, others if column in pool else column)
        cells[place] = cells.get(place, 0) + n
    people: dict[Column, int] = {}
    for column, n in sizes.items():
        place_of = others if column in pool else column
        people[place_of] = people.get(place_of, 0) + n
    return replace(table, cells=cells, people=None if table.people is None else people)


@dataclass
class System:
    """All figures of linked tables as numbers 0..n-1, with the tables as grids of those numbers.

    A grid has the cells of a table and behind them its totals: line sums of a grid, its last line taken as negative, are zero.
    `values[wave, figure]` are the counts; `published` says which figures somebody may want to show; `uniform` marks the cells of
    wholes that are all in one answer.
    """

    figures: dict[Figure, int] = field(default_factory=dict)
    grids: list[Numbers] = field(default_factory=list)
    lines: list[tuple[list[Any], list[Any]]] = field(default_factory=list)
    values: Numbers = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    published: Flags = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    uniform: Flags = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))

    def number(self, *conditions: tuple[Any, Any]) -> int:
        key = tuple(sorted(conditions, key=lambda pair: repr(pair[0]))) if len(conditions) > 1 else conditions
        return self.figures.setdefault(key, len(self.figures))


def build_system(waves: Sequence[Mapping[Any, Table[Any, Any]]]) -> System:
    """Number the figures of the tables in all waves. Raises ValueError where tables disagree about a figure, or link in a ring."""
    system = System()
    found: list[dict[int, int]] = [{} for _ in waves]
    published: set[int] = set()
    known_pairs: list[frozenset[str]] = []
    uniform: list[set[int]] = [set() for _ in waves]
    for name in in_order(name for wave in waves for name in wave):
        tables = [wave.get(name) for wave in waves]
        known = [table for table in tables if table is not None]
        shape = {(t.rows_by, t.columns_by, t.people is None, t.shows_row_totals, t.shows_column_totals, t.shows_total) for t in known}
        if len(shape) > 1:
            raise ValueError(f"the waves of {name} are not the same table")
        rows = in_order(row for table in known for row in table.rows)
        columns = in_order(column for table in known for column in table.columns)
        overlaps = known[0].people is not None
        known_pairs.append(frozenset((known[0].rows_by, known[0].columns_by)))
        for part in [[row] for row in rows or [None]] if overlaps else [rows]:
            _add_grid(system, known[0], part, columns, published)
            grid = system.grids[-1]
            for wave, table in enumerate(tables):
                counts = _counts(table, part, columns, overlaps=overlaps)
                for figure, count in zip(grid.ravel().tolist(), counts.ravel().tolist(), strict=True):
                    if found[wave].setdefault(figure, count) != count:
                        key = next(key for key, number in system.figures.items() if number == figure)
                        raise ValueError(f"the tables disagree about {dict(key) or 'everybody'}: {found[wave][figure]} and {count}")
                if table is not None:
                    uniform[wave].update(grid[_uniform(counts, overlaps=overlaps, is_sensitive=table.is_sensitive)].tolist())
    n = len(system.figures)
    _refuse_rings(known_pairs)
    system.values = np.array([[wave.get(figure, 0) for figure in range(n)] for wave in found], dtype=np.int64)
    system.published = np.zeros(n, dtype=np.bool_)
    system.published[sorted(published)] = True
    system.uniform = np.zeros((len(waves), n), dtype=np.bool_)
    for wave, figures in enumerate(uniform):
        system.uniform[wave, sorted(figures)] = True
    return system


def _refuse_rings(pairs: list[frozenset[str]]) -> None:
    """Tables that link in a ring (A by B, B by C, A by C) say more together than each does with its margins."""
    group: dict[str, str] = {}

    def found(name: str) -> str:
        while group.get(name, name) != name:
            name = group[name]
        return name

    for pair in pairs:
        one, other = (found(name) for name in sorted(pair))
        if one == other:
            raise ValueError(f"the tables link in a ring, with {' by '.join(sorted(pair))}: publish one of them less")
        group[other] = one


def _add_grid(system: System, table: Table[Any, Any], part: list[Any], columns: list[Any], published: set[int]) -> None:
    """Number the figures of a table, or of one row of a table whose rows overlap: in it, not in it, together."""
    overlaps = table.people is not None
    rows_by: Any = (table.rows_by, part[0]) if overlaps else table.rows_by
    values = [True, False] if overlaps else part
    across = [(table.columns_by, column) for column in columns]
    grid = np.empty((len(values) + 1, len(columns) + 1), dtype=np.int64)
    for i, value in enumerate(values):
        grid[i, :-1] = [system.number((rows_by, value), pair) for pair in across]
        grid[i, -1] = system.number((rows_by, value))
    grid[-1, :-1] = [system.number(pair) for pair in across]
    grid[-1, -1] = system.number()
    published.update(grid[:-1, :-1].ravel().tolist())
    for figures, is_shown in (
        (grid[:-1, -1], table.shows_row_totals), (grid[-1, :-1], table.shows_column_totals), (grid[-1:, -1], table.shows_total),
    ):  # fmt: skip
        published.update(figures.tolist() if is_shown else ())
    system.grids.append(grid)
    system.lines.append(([system.number((rows_by, value)) for value in values], [system.number(pair) for pair in across]))


def _counts(table: Table[Any, Any] | None, part: list[Any], columns: list[Any], *, overlaps: bool) -> Numbers:
    cells = np.zeros((2 if overlaps else len(part), len(columns)), dtype=np.int64)
    if table is not None:
        for i, row in enumerate(part):
            cells[i] = [table.cells.get((row, column), 0) for column in columns]
        if table.people is not None:
            cells[1] = [table.people.get(column, 0) for column in columns] - cells[0]
    with_rows = np.concatenate([cells, cells.sum(axis=1, keepdims=True)], axis=1)
    return np.concatenate([with_rows, with_rows.sum(axis=0, keepdims=True)], axis=0)


def _uniform(counts: Numbers, *, overlaps: bool, is_sensitive: bool) -> Flags:
    """The cells that tell of each of some people the same: nobody is missing from a row, or a row has one answer only."""
    marks = np.zeros(counts.shape, dtype=np.bool_)
    if overlaps:
        marks[1, :] = (counts[1, :] == 0) & (counts[-1, :] > 0)
    elif is_sensitive:
        cells = counts[:-1, :-1]
        marks[:-1, :-1] = (cells > 0) & ((cells > 0).sum(axis=1, keepdims=True) == 1)
    return marks


def sensitive_figures(system: System) -> Flags:
    """By wave: what is to be protected, counts of 1 to 9 people and what is the same for everybody in a group."""
    few = (system.values > 0) & (system.values < THRESHOLD)
    return np.asarray(few | system.uniform, dtype=np.bool_)
