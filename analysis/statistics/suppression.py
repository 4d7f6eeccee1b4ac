"""Which figures of linked tables are hidden, so that no small one can be worked out from what is shown.

The rule that is kept (proved by :func:`protect` for each figure, and asked again from outside by :mod:`analysis.statistics.audit`):
whoever sees everything that is shown, in all tables, waves and their sum, and knows the threshold and the rounding, finds for
every hidden count of 1 to 9 people that it may be any of a range at least THRESHOLD wide. A range is proved by giving its ends:
other counts that agree with all that is shown. They keep the shown figures at their true values, so that the proof holds for
rounded ones as well, about which less is known.

Complementary suppression after Cox (1980), "Suppression methodology and statistical disclosure control", Journal of the American
Statistical Association 75, 377-385, who hides cycles of cells; the wish for ranges, not only for unknown values, is the
sliding protection of the literature since. Every hidden cell looks the same, whether it is small or stands beside a small one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from analysis.statistics.disclosure import THRESHOLD
from analysis.statistics.tables import (
    EVERYBODY,
    Flags,
    Numbers,
    Protected,
    System,
    Table,
    build_system,
    in_order,
    sensitive_figures,
)

Name = TypeVar("Name")
Floats = npt.NDArray[np.float64]

_MANY = 10**7
_LARGEST_PROGRAM = 400
"""Hidden cells of a grid up to which a linear program is asked before more is hidden."""
_LARGEST_TIDIED = 900
"""Figures of a grid up to which it is tried what can be shown again."""


def protect(waves: Sequence[Mapping[Name, Table[Any, Any]]]) -> list[dict[Name, Protected[Any, Any]]]:
    """Decide what may be shown of linked tables; one mapping of tables by name for each wave, one for a survey without waves.

    Everything that is shown beside each other belongs in one call. The same figures are hidden in all waves, so that sums over
    the waves may be shown wherever they are shown in each; answers of no wave are a wave of their own.
    Counts of 0 are shown inside the house, except in lines of few people; outside (:meth:`Protected.outside`) they are not.
    A wave of fewer than THRESHOLD people is hidden as a whole, and belongs into no sum (:func:`sum_over_waves`). Pool small groups first (:func:`disclosure.pool_small`):
    a column of few people takes another column with it. Neither the order of tables nor of rows makes a difference.
    """
    search = _Search(build_system(waves))
    search.run()
    return [
        {name: _shown(search, wave, table) for name, table in tables.items()} for wave, tables in enumerate(waves)
    ]  # fmt: skip


def protect_table(table: Table[Any, Any]) -> Protected[Any, Any]:
    """Decide what may be shown of one table that stands alone."""
    return protect([{"": table}])[0][""]


def sum_over_waves(waves: Sequence[Protected[Any, Any]]) -> Protected[Any, Any]:
    """Add up the waves of one table as :func:`protect` gave them, without those that are withheld. A hidden part hides a sum."""
    told = [wave for wave in waves if not wave.is_withheld]

    def added(name: str) -> dict[Any, int | None]:
        parts: list[dict[Any, int | None]] = [getattr(wave, name) for wave in told]
        sums: dict[Any, int | None] = {}
        for label in in_order(label for part in parts for label in part):
            counts = [part.get(label, 0) for part in parts]
            sums[label] = None if None in counts else sum(n for n in counts if n is not None)
        return sums

    totals = [wave.total for wave in told]
    return Protected(
        cells=added("cells"), row_totals=added("row_totals"), column_totals=added("column_totals"),
        total=None if None in totals or not totals else sum(n for n in totals if n is not None), is_withheld=not told,
    )  # fmt: skip


def _shown(search: _Search, wave: int, table: Table[Any, Any]) -> Protected[Any, Any]:
    system = search.system

    def count(*conditions: tuple[Any, Any]) -> int | None:
        figure = system.number(*conditions)
        is_hidden = search.hidden[figure] or search.is_withheld[wave] or not system.published[figure]
        return None if is_hidden else int(system.values[wave, figure])

    def row(label: Any) -> tuple[Any, Any]:
        return (table.rows_by, label) if table.people is None else ((table.rows_by, label), True)

    rows, columns = table.rows, [(table.columns_by, label) for label in table.columns]
    return Protected(
        cells={(label, column[1]): count(row(label), column) for label in rows for column in columns},
        row_totals={label: count(row(label)) if table.shows_row_totals else None for label in rows},
        column_totals={column[1]: count(column) if table.shows_column_totals else None for column in columns},
        total=count() if table.shows_total else None,
        is_withheld=bool(search.is_withheld[wave]),
    )  # fmt: skip


@dataclass
class _Search:
    """The hiding of figures: only ever more of them, until every sensitive one is proved; then what was too much is shown again."""

    system: System
    hidden: Flags = field(init=False)
    needed: Flags = field(init=False)
    """Sensitive, by wave."""
    proved: Flags = field(init=False)
    """Sensitive and proved in a way that :meth:`_widths` does not see, by wave."""
    is_total: Flags = field(init=False)
    is_held: Flags = field(init=False)
    """Totals that are told, or that another table has too: they stay as they are while cells are moved."""
    in_lines: Flags = field(init=False)
    """Totals that are hidden with their whole line in all tables. People may be moved between such lines of a dimension, for any
    other table can follow: its lines are free to hold the same people as before, in other proportions."""
    is_withheld: Flags = field(init=False)

    def __post_init__(self) -> None:
        system = self.system
        people = system.values[:, system.figures[EVERYBODY]] if system.figures else np.zeros(len(system.values), dtype=np.int64)
        self.is_withheld = (people > 0) & (people < THRESHOLD)
        self.needed = sensitive_figures(system) & ~self.is_withheld[:, None]
        self.hidden = ~system.published | self.needed.any(axis=0)
        self.proved = np.zeros_like(self.needed)
        self.in_lines = np.zeros(len(system.figures), dtype=np.bool_)
        uses = np.zeros(len(system.figures), dtype=np.int64)
        for grid in system.grids:
            np.add.at(uses, grid.ravel(), 1)
        self.is_total = np.zeros(len(system.figures), dtype=np.bool_)
        for grid in system.grids:
            self.is_total[grid[-1, :]] = True
            self.is_total[grid[:-1, -1]] = True
        self.is_held = self.is_total & (system.published | (uses > 1))
        for grid in system.grids:
            if len(grid) == 3 and self.is_held[grid[-1, :-1]].all():  # one of two parts follows from the other
                self.hidden[grid[:-1, :-1]] |= self.hidden[grid[:-1, :-1]].any(axis=0)
        self._dimensions: dict[Any, list[int]] = {}
        for key, figure in system.figures.items():
            if len(key) == 1:
                self._dimensions.setdefault(key[0][0], []).append(figure)
        self._members: dict[int, list[int]] = {figure: [] for figures in self._dimensions.values() for figure in figures}
        for key, figure in system.figures.items():
            if len(key) == 2:
                for pair in key:
                    self._members[system.figures[(pair,)]].append(figure)

    def run(self) -> None:
        stacks = self._stacks()
        while not self.hidden.all():
            self._hide_lines()
            mended = [self._mend(grid) for stack in stacks for grid in self._unproved(stack)]
            if not any(mended):
                break
        for grid in self.system.grids:
            self._show_again(grid)

    # -- totals of few people ------------------------------------------------------------------------------------------

    def _hide_lines(self) -> None:
        """Hide a small total with its whole line, and with it lines enough that their people may be of one or the other.

        Moving people between the lines changes nothing that is shown, in no table: their cells are hidden in all.
        """
        values = self.system.values
        for figures in self._dimensions.values():
            lines = [f for f in figures if self.hidden[f] and self.is_held[f] and (self.in_lines[f] or self.needed[:, f].any())]
            waves = self.needed[:, lines].any(axis=1)
            if not lines or not (waves.any() or self.in_lines[lines].any()):
                continue
            while (missing := THRESHOLD - values[waves][:, lines].sum(axis=1)).max(initial=0) > 0 or len(lines) < 2:
                others = [f for f in figures if f not in lines]
                if not others:
                    self.hidden[:] = True
                    return
                enough = [f for f in others if (values[waves, f] >= missing).all() and values[waves, f].all()]
                lines.append(
                    min(enough, key=lambda f: (values[:, f].sum(), f)) if enough
                    else max(others, key=lambda f: (values[:, f].sum(), -f))
                )  # fmt: skip
            for line in lines:
                self.hidden[line] = self.in_lines[line] = True
                self.hidden[self._members[line]] = True

    # -- proofs --------------------------------------------------------------------------------------------------------

    def _stacks(self) -> list[Numbers]:
        shapes: dict[tuple[int, ...], list[Numbers]] = {}
        for grid in self.system.grids:
            shapes.setdefault(grid.shape, []).append(grid)
        return [np.stack(grids) for grids in shapes.values()]

    def _unproved(self, grids: Numbers) -> list[Numbers]:
        """Those of the grids, all of one shape, that have a sensitive figure without a proof."""
        return [grids[b] for b in np.flatnonzero(self._open(grids).any(axis=(0, 2, 3)))]

    def _open(self, grids: Numbers) -> Flags:
        """By wave and place: sensitive figures for which no range is proved yet. Totals in hidden lines are proved by those."""
        needed = self.needed[:, grids] & ~self.proved[:, grids] & ~self.is_held[grids]
        if not needed.any():
            return needed
        return np.asarray(needed & (self._widths(grids) < THRESHOLD), dtype=np.bool_)

    def _stays(self, grids: Numbers) -> Flags:
        return np.asarray(self.is_held[grids] & ~self.in_lines[grids], dtype=np.bool_)

    def _room(self, grids: Numbers) -> tuple[Floats, Floats]:
        """How far each figure of the grids may go up and down, with totals as negative, while shown figures stay."""
        values = self.system.values[:, grids].astype(np.float64)
        free = np.broadcast_to(self.hidden[grids] & ~self._stays(grids), values.shape)
        is_negative = np.zeros(grids.shape[-2:], dtype=np.bool_)
        is_negative[-1, :-1] = is_negative[:-1, -1] = True
        up = np.where(free, np.where(is_negative, values, _MANY), 0.0)
        down = np.where(free, np.where(is_negative, _MANY, values), 0.0)
        return up, down

    def _widths(self, grids: Numbers) -> Floats:
        """A range that each figure surely has, by wave and place: people moved around within the grid, or between hidden lines."""
        up, down = self._room(grids)
        width = _raised(up, down) + _lowered(up, down)
        values = self.system.values[:, grids].astype(np.float64)[..., :-1, :-1]
        across = self.in_lines[grids[..., :-1, -1]][None, ..., :, None]
        along = self.in_lines[grids[..., -1, :-1]][None, ..., None, :]
        if across.any() or along.any():
            in_rows = np.where(across, (values * across).sum(axis=-2, keepdims=True), 0.0)
            in_columns = np.where(along, (values * along).sum(axis=-1, keepdims=True), 0.0)
            corner = values * (across & along)
            rest = corner.sum(axis=(-2, -1), keepdims=True) - corner.sum(axis=-1, keepdims=True) - corner.sum(axis=-2, keepdims=True)
            in_corner = np.where(across & along, rest + 2 * corner, 0.0)
            width[..., :-1, :-1] = np.maximum.reduce([width[..., :-1, :-1], in_rows, in_columns, in_corner])
        return np.asarray(width)

    def _width_by_program(self, grid: Numbers, wave: int, i: int, j: int) -> float:
        """The exact range of a figure of one grid, by two linear programs, with totals held as in :meth:`_room`."""
        up, down = (room[wave] for room in self._room(grid))
        places = np.argwhere((up > 0) | (down > 0))
        sums = np.zeros((sum(grid.shape), len(places)))
        sums[places[:, 0], np.arange(len(places))] = 1
        sums[grid.shape[0] + places[:, 1], np.arange(len(places))] = 1
        aim = ((places[:, 0] == i) & (places[:, 1] == j)).astype(np.float64)
        bounds = [(-down[r, c], up[r, c]) for r, c in places]
        ends = [
            linprog(sign * aim, A_eq=sums, b_eq=np.zeros(len(sums)), bounds=bounds, method="highs") for sign in (1, -1)
        ]
        return float(-ends[1].fun - ends[0].fun + 1e-6) if all(end.status == 0 for end in ends) else 0.0

    # -- hiding more ---------------------------------------------------------------------------------------------------

    def _mend(self, grid: Numbers) -> bool:
        """Hide what the open figures of a grid need, in the order of the grid, and say whether there were any."""
        waiting = [(int(i), int(j)) for i, j in np.argwhere(self._open(grid).any(axis=0))]
        is_open = bool(waiting)
        at_once = 16  # others are often proved by what is hidden for the first; asking costs as much as hiding for a few
        choice = self._choice(grid)
        while waiting and not self.hidden.all():
            for i, j in waiting[:at_once]:
                if not self._hide_for(grid, i, j, choice):
                    self._hide_totals(grid, i, j)
                    choice = self._choice(grid)
            at_once *= 2
            still = _any_wave(self._open(grid))
            waiting = [(i, j) for i, j in waiting if still[i, j]]
        return is_open

    def _choice(self, grid: Numbers) -> _Choice:
        stays = self._stays(grid)
        total = self.system.values[:, grid].sum(axis=0).astype(np.float64)
        # Fewest cells first, then fewest people; a cell of nobody tells least.
        price = np.where(self.hidden[grid], 0.0, 1.0 + total / (1.0 + total[:-1, :-1].sum()))
        price[stays] = np.inf
        before = self.hidden[grid]
        self.hidden[grid] = True
        up, down = self._room(grid)
        self.hidden[grid] = before
        return _Choice(price, up, down)

    def _hide_for(self, grid: Numbers, i: int, j: int, choice: _Choice) -> bool:
        """Hide the cheapest cycle through a figure that gives it its range; else the one that gives most for its price.

        A cycle is the figure, one in its row, one in its column and the one where those meet: people move around it.
        False where no cycle gives anything.
        """
        figure = grid[i, j]
        waves = np.flatnonzero(self.needed[:, figure] & ~self.proved[:, figure])
        if len(waves) == 0:
            return True
        # In a grid of two rows the range that _widths gives is exact already, unless totals move.
        is_asked = (len(grid) > 3 or self.in_lines[grid].any()) and self.hidden[grid].sum() <= _LARGEST_PROGRAM
        if is_asked and all(self._width_by_program(grid, int(wave), i, j) >= THRESHOLD for wave in waves):
            self.proved[waves, figure] = True
            return True
        cost, gain = choice.cycles(i, j, waves)
        is_enough = np.isfinite(cost) & (gain >= THRESHOLD)
        is_new = np.isfinite(cost) & (cost > 0) & (gain > 0)
        if is_enough.any():
            r, c = _least(np.where(is_enough, cost, np.inf))
            self.proved[waves, figure] = True
        elif is_new.any():
            r, c = _least(np.where(is_new, cost / np.maximum(gain, 1e-9), np.inf))
        else:
            return False
        for place in ((i, c), (r, j), (r, c)):
            self.hidden[grid[place]] = True
            choice.price[place] = 0.0
        return True

    def _hide_totals(self, grid: Numbers, i: int, j: int) -> None:
        """Where cells are not enough, the totals go as well: the smaller of row and column, then all."""
        totals = [f for f in (grid[i, -1], grid[-1, j]) if self.is_held[f] and not self.in_lines[f] and f != grid[-1, -1]]
        if totals:
            total = min(totals, key=lambda f: (self.system.values[:, f].sum(), f))
            self.hidden[total] = self.in_lines[total] = True
            self._hide_lines()
            return
        others = [f for figures in self._dimensions.values() for f in figures if not self.in_lines[f] and self.is_held[f]]
        others = [f for f in others if f in grid]
        if others:
            more = min(others, key=lambda f: (self.system.values[:, f].sum(), f))
            self.hidden[more] = self.in_lines[more] = True
            self._hide_lines()
        else:
            self.hidden[:] = True

    # -- showing again -------------------------------------------------------------------------------------------------

    def _show_again(self, grid: Numbers) -> None:
        """Show what was hidden beside sensitive figures and turned out not to be needed, the largest first."""
        extra = self.hidden[grid] & self.system.published[grid] & ~self.needed[:, grid].any(axis=0) & ~self.is_total[grid]
        extra[:-1, :-1] &= ~self.in_lines[grid[:-1, -1]][:, None] & ~self.in_lines[grid[-1, :-1]][None, :]
        if grid.size > _LARGEST_TIDIED or not extra.any() or self.hidden.all():
            return
        values = self.system.values[:, grid].sum(axis=0)
        proved = self.proved[:, grid].copy()
        needed = _any_wave(self.needed[:, grid])
        for i, j in sorted(map(tuple, np.argwhere(extra)), key=lambda place: (-values[place], place)):
            free = self.hidden[grid] & ~self._stays(grid)
            lines = ((free[i], needed[i]), (free[:, j], needed[:, j]))
            if any(line.sum() == 2 and (line & asked).any() for line, asked in lines):
                continue  # it would leave a sensitive figure alone in its line
            self.hidden[grid[i, j]] = False
            self.proved[:, grid] = False
            if self._open(grid).any():
                self.hidden[grid[i, j]] = True
        self.proved[:, grid] = proved


@dataclass(frozen=True)
class _Choice:
    """What hiding each figure of a grid would cost, 0 where it is hidden, and by wave how far it could then go up and down."""

    price: Floats
    up: Floats
    down: Floats

    def cycles(self, i: int, j: int, waves: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Cost and range, the narrowest over the waves, of the cycle through (i, j) by the opposite corner, for each corner."""
        cost = self.price[:, [j]] + self.price[[i], :] + self.price
        cost[i, :] = cost[:, j] = np.inf
        gain = np.full(cost.shape, np.inf)
        for up, down in zip(self.up[waves], self.down[waves], strict=True):
            raised = np.minimum(np.minimum(np.minimum(down[i, :], up[i, j]), down[:, [j]]), up)
            lowered = np.minimum(np.minimum(np.minimum(up[i, :], down[i, j]), up[:, [j]]), down)
            gain = np.minimum(gain, raised + lowered)
        return cost, gain


def _any_wave(flags: Flags) -> Flags:
    return np.asarray(flags.any(axis=0), dtype=np.bool_)


def _least(cost: Floats) -> tuple[int, int]:
    place = int(np.argmin(cost))
    return place // len(cost[0]), place % len(cost[0])


def _raised(up: Floats, down: Floats) -> Floats:
    """How far each figure can surely rise: others of its row and column give way, the places where those meet rise.

    Of the flow through those places, one in proportion to what either end can give is taken, which is allowed at every place and
    carries the sum of products over the larger end; and cycles of any length, of which one that carries THRESHOLD is enough.
    """
    open_up = (up >= THRESHOLD).astype(np.float64)
    best = np.zeros_like(up)
    for cap in (THRESHOLD, 100 * THRESHOLD, _MANY):
        best = np.maximum(best, _carried(np.minimum(down, cap), open_up))
    best[_is_reached(open_up, (down >= THRESHOLD).astype(np.float64))] = THRESHOLD
    return np.asarray(np.minimum(np.minimum(np.floor(best + 1e-9), THRESHOLD), up))


def _is_reached(open_up: Floats, open_down: Floats) -> Flags:
    """Whether a cycle raises each figure that cannot itself fall as far: from its column to its row by steps down and up."""
    step = np.minimum(np.swapaxes(open_down, -1, -2) @ open_up, 1.0) + np.eye(open_up.shape[-1])
    for _ in range(int(np.ceil(np.log2(step.shape[-1])))):
        step = np.minimum(step @ step, 1.0)
    return np.asarray((np.swapaxes(step @ np.swapaxes(open_down, -1, -2), -1, -2) > 0.5) & (open_down < 0.5))


def _carried(down: Floats, open_up: Floats) -> Floats:
    rows = down.sum(axis=-1, keepdims=True) - down
    columns = down.sum(axis=-2, keepdims=True) - down
    larger = np.maximum(rows, columns)
    return np.asarray(np.divide(_through(down, open_up, down), larger, out=np.zeros_like(down), where=larger > 0))


def _lowered(up: Floats, down: Floats) -> Floats:
    """How far each figure can surely fall: others of its row and column rise, the places where those meet give way."""
    open_up = (up >= THRESHOLD).astype(np.float64)
    flow = _through(open_up, np.minimum(down, THRESHOLD), open_up)
    return np.asarray(np.minimum(np.minimum(np.floor(flow + 1e-9), THRESHOLD), down))


def _through(first: Floats, middle: Floats, last: Floats) -> Floats:
    """For each place (i, j) the sum over other rows r and columns c of first[i, c] · middle[r, c] · last[r, j]."""
    every = first @ (np.swapaxes(middle, -1, -2) @ last)  # tables have more rows than columns, mostly
    in_row = last * (first * middle).sum(axis=-1, keepdims=True)
    in_column = first * (middle * last).sum(axis=-2, keepdims=True)
    return np.asarray(every - in_row - in_column + first * middle * last)
