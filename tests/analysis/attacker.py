"""An attacker on published tables: looks for other people, whole persons, who would give everything that is published.

Written apart from analysis.statistics.audit: it counts persons by all that they have in common (language, area, set of themes) in
integer programs, and so knows as well that linked tables are about the same people.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.statistics.disclosure import THRESHOLD
from analysis.statistics.tables import Protected, Table

MANY = 5000


@dataclass(frozen=True)
class Person:
    language: str
    area: str
    themes: frozenset[str]
    wave: int = 0


Test = Callable[[Person], bool]


class Attacker:
    def __init__(self, *, languages: list[str], areas: list[str], themes: list[str], waves: int) -> None:
        subsets = [frozenset(s) for k in range(len(themes) + 1) for s in itertools.combinations(themes, k)]
        self.kinds = [Person(*kind) for kind in itertools.product(languages, areas, subsets, range(waves))]
        self.forms: list[Any] = []
        self.least: list[int] = []
        self.most: list[int] = []

    def reads(self, table: Table[Any, Any], shown: Protected[Any, Any], wave: int | None) -> None:
        for test, count in figures(table, shown):
            if count is not None:
                slack = 2 if shown.is_rounded else 0
                self.forms.append(self._form(test, wave))
                self.least.append(max(count - slack, THRESHOLD) if shown.is_rounded else count)
                self.most.append(count + slack)

    def width(self, test: Test, wave: int | None) -> float:
        aim = self._form(test, wave)
        ends = []
        for sign in (1, -1):
            constraints = [LinearConstraint(np.array(self.forms), self.least, self.most)] if self.forms else []
            found = milp(sign * aim, constraints=constraints, integrality=np.ones(len(aim)), bounds=Bounds(0, MANY))
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return round(ends[1] - ends[0])

    def _form(self, test: Test, wave: int | None) -> Any:
        return np.array([float((wave is None or kind.wave == wave) and test(kind)) for kind in self.kinds])


def figures(table: Table[Any, Any], counts: Protected[Any, Any]) -> Iterator[tuple[Test, int | None]]:
    """Each figure of a table as a question about a person, with its count."""

    def is_in(dimension: str, value: Any) -> Test:
        if dimension == "theme":
            return lambda person: value in person.themes
        return lambda person: getattr(person, dimension) == value

    for (row, column), count in counts.cells.items():
        here, there = is_in(table.rows_by, row), is_in(table.columns_by, column)
        yield (lambda person, here=here, there=there: here(person) and there(person)), count
    for row, count in counts.row_totals.items():
        yield is_in(table.rows_by, row), count
    for column, count in counts.column_totals.items():
        yield is_in(table.columns_by, column), count
    yield (lambda person: True), counts.total


def table_of(people: dict[Person, int], rows_by: str, columns_by: str, rows: list[str], columns: list[str], wave: int, **options: Any) -> Table[Any, Any]:
    """The true table of some people."""
    here = {person: n for person, n in people.items() if person.wave == wave}

    def count(row: str, column: str) -> int:
        return sum(n for p, n in here.items() if getattr(p, columns_by) == column
                   and (row in p.themes if rows_by == "theme" else getattr(p, rows_by) == row))  # fmt: skip

    everybody = {column: sum(n for p, n in here.items() if getattr(p, columns_by) == column) for column in columns}
    return Table(
        rows_by, columns_by, {(row, column): count(row, column) for row in rows for column in columns},
        people=everybody if rows_by == "theme" else None, **options,
    )  # fmt: skip
