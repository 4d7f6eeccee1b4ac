"""Making the model's themes obey what people decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from analysis.themes.decisions import CannotLink, Constraints, Merge, MustLink, Split, StatementId
from analysis.themes.results import Members

Nearest = Callable[[Sequence[int], Sequence[Sequence[int]]], list[int]]
"""Rows, and for each choice its example rows: which choice each row is most like."""

DECIDED = 1.0
"""The score of a membership that a person decided."""


@dataclass
class Obeyed:
    """`leading`: for rows about which a person decided, the theme that comes first. `unmet`: links that contradict other decisions."""

    found: dict[str, Members]
    leading: dict[int, str] = field(default_factory=dict)
    unmet: list[MustLink | CannotLink] = field(default_factory=list)


def obey(found: Mapping[str, Members], held: Constraints, row_of: Mapping[StatementId, int], nearest: Nearest) -> Obeyed:
    """Return the themes as people decided. Statements that are no longer there are passed over; their decisions wait for them."""
    scores = {key: dict(zip(theme.rows, theme.scores, strict=True)) for key, theme in found.items()}
    for change in held.structure:
        _restructure(scores, change, row_of, nearest)
    outside = {row_of[name]: set(keys) for name, keys in held.outside.items() if name in row_of}
    for row, keys in outside.items():
        for key in keys:
            scores.get(key, {}).pop(row, None)
    inside = {row_of[name]: keys for name, keys in held.inside.items() if name in row_of}
    leading = _place(scores, inside, nearest)
    unmet = _link(scores, leading, outside, held, row_of)
    for key in held.pinned:
        scores.setdefault(key, {})
    kept = {}
    for key, rows in sorted(scores.items()):
        if rows or key in held.pinned:
            kept[key] = replace(found.get(key, Members()), rows=sorted(rows), scores=[rows[row] for row in sorted(rows)])
    return Obeyed(kept, leading, unmet)


Scores = dict[str, dict[int, float]]
"""For each theme, its rows with their scores."""


def _restructure(scores: Scores, change: Merge | Split, row_of: Mapping[StatementId, int], nearest: Nearest) -> None:
    if isinstance(change, Merge):
        target = scores.setdefault(change.into, {})
        for row, score in scores.pop(change.theme, {}).items():
            target[row] = max(score, target.get(row, 0.0))
        return
    moving = scores.pop(change.theme, {})
    examples = [[row_of[name] for name in part.examples if name in row_of] for part in change.parts]
    for part in change.parts:
        scores.setdefault(part.theme, {})
    rows = sorted(moving)
    for row, choice in zip(rows, nearest(rows, examples) if rows else [], strict=True):
        scores[change.parts[choice].theme][row] = moving[row]


def _place(scores: Scores, inside: Mapping[int, frozenset[str]], nearest: Nearest) -> dict[int, str]:
    """Put statements where a person put them; of the parts of a split, into the one that the split chose, or the most alike."""
    leading = {}
    for row, keys in sorted(inside.items()):
        choices = [key for key in sorted(keys) if row in scores.get(key, {})] or sorted(keys)
        if len(choices) > 1:
            [place] = nearest([row], [sorted(scores.get(key, {})) for key in choices])
            choices = [choices[place]]
        scores.setdefault(choices[0], {})[row] = DECIDED
        leading[row] = choices[0]
    return leading


def _link(
    scores: Scores, leading: dict[int, str], outside: Mapping[int, set[str]], held: Constraints, row_of: Mapping[StatementId, int]
) -> list[MustLink | CannotLink]:
    must = [(row_of[a], row_of[b], MustLink(a, b)) for a, b in held.must_link if a in row_of and b in row_of]
    cannot = [(row_of[a], row_of[b], CannotLink(a, b)) for a, b in held.cannot_link if a in row_of and b in row_of]
    if not must and not cannot:
        return []
    rows = sorted({row for pair in (*must, *cannot) for row in pair[:2]})
    place = {row: i for i, row in enumerate(rows)}
    edges = sp.csr_matrix((np.ones(len(must)), ([place[a] for a, *_ in must], [place[b] for _, b, _ in must])), shape=(len(rows),) * 2)
    _, component = connected_components(edges, directed=False)
    groups = defaultdict(list)
    for row, number in zip(rows, component.tolist(), strict=True):
        groups[number].append(row)
    linked = [_Linked(scores, members, leading, outside) for _, members in sorted(groups.items())]
    of_row = {row: group for group in linked for row in group.rows}
    for group in linked:
        group.choose()
    _separate([(of_row[a], of_row[b]) for a, b, _ in cannot if of_row[a] is not of_row[b]])
    for group in linked:
        group.write(leading)
    first = {row: leading.get(row) or _best(scores, row) for row in rows}
    unmet: list[MustLink | CannotLink] = [link for a, b, link in must if first[a] != first[b]]
    return [*unmet, *(link for a, b, link in cannot if _themes(scores, a) & _themes(scores, b))]


class _Linked:
    """Statements that belong together, as one."""

    def __init__(self, scores: Scores, rows: list[int], leading: Mapping[int, str], outside: Mapping[int, set[str]]) -> None:
        self.rows = rows
        self._scores = scores
        self.decided = {leading[row] for row in rows if row in leading}
        self.barred: set[str] = set().union(*(outside.get(row, set()) for row in rows))
        self.chosen: str | None = None

    def choose(self) -> None:
        """The theme that all have first: the decided one, else the one with most score that is barred for none of them."""
        sums: defaultdict[str, float] = defaultdict(float)
        for key, members in self._scores.items():
            for row in self.rows:
                if row in members and key not in self.barred:
                    sums[key] += members[row]
        if self.decided:
            only = min(self.decided)
            self.chosen = only if len(self.decided) == 1 and only not in self.barred else None
        else:
            self.chosen = min(sums, key=lambda key: (-sums[key], key), default=None)

    def themes(self) -> dict[str, float]:
        """Themes of any of the statements, with the highest score; the chosen one for all."""
        found: dict[str, float] = {}
        for row in self.rows:
            for key in _themes(self._scores, row):
                found[key] = max(found.get(key, 0.0), self._scores[key][row])
        if self.chosen:
            found.setdefault(self.chosen, 0.0)
        return found

    def leave(self, key: str) -> None:
        self.barred.add(key)
        for row in self.rows:
            self._scores.get(key, {}).pop(row, None)
        self.choose()

    def write(self, leading: dict[int, str]) -> None:
        if len(self.rows) == 1 and not self.decided:
            return
        if self.chosen is None:
            return
        members = self._scores.setdefault(self.chosen, {})
        together = max((members[row] for row in self.rows if row in members), default=DECIDED)
        for row in self.rows:
            members.setdefault(row, together)
            leading[row] = self.chosen


def _separate(pairs: list[tuple[_Linked, _Linked]]) -> None:
    """Take shared themes from the less sure of two, until no two that must not meet do, but for what people decided about both."""
    changed = True
    while changed:
        changed = False
        for one, other in pairs:
            ours, theirs = one.themes(), other.themes()
            for key in sorted(set(ours) & set(theirs)):
                loser = other if (key in one.decided, ours[key], -min(one.rows)) >= (key in other.decided, theirs[key], -min(other.rows)) else one
                if key not in loser.decided and key not in loser.barred:
                    loser.leave(key)
                    changed = True


def _themes(scores: Scores, row: int) -> set[str]:
    return {key for key, members in scores.items() if row in members}


def _best(scores: Scores, row: int) -> str | None:
    return min((key for key in _themes(scores, row)), key=lambda key: (-scores[key][row], key), default=None)
