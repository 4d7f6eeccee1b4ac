"""Hot issues: many people who write of one concrete thing (a mixing plant beside one estate), whatever need it belongs to.

Groups are proposed by names that several write, and by average linkage at several heights; each grows by the columns that tell it
from the rest; it is an issue where most of its statements share names that hardly anybody else writes
(docs/decisions/0008-hot-issues.md).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from threadpoolctl import threadpool_limits

from analysis.text.names import names_in, searchable
from analysis.text.tokens import stem
from analysis.themes.features import rows_by_family, spaced, unit_rows

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")

LINKED_AT_MOST = 5_000
"""Statements, of all languages, that are all compared with each other; among more, names alone propose groups, in time that grows
with their number.
"""

HEIGHTS = (1.5, 2.0, 2.5, 3.5)
"""Likeness at which linkage stops, in multiples of the mean likeness of all statements: an issue is told one way, another another."""

TELLING = 3.0
"""Log odds inside a group against outside from which a column tells it from the rest (a factor of 20)."""

TOLD_BY = 0.12
"""And the least share of the group's statements that have the column, or a name."""

JOINS_FROM = (0.15, 0.5)
"""A statement joins a group with this share of the telling score that the group's median statement has. By the lower one more of
an issue is found; small ones drown in it, and come out by the higher one.
"""

ROUNDS = 2

OWN = 0.6
"""Share of the statements with a name that must lie in the group for the name to be the group's own."""

NAMED = (0.5, 0.8)
"""Share of a group's statements that must have one of its names, for each of these. Planted issues have 0.6 to 0.9, subjects below
0.4.
"""

MOST_NAMES = 6
LEAST_WRITTEN = 3
"""Statements of a group that must write a name as one; and how many names a group has at most."""

NAMES_FROM = 4
NAMES_UP_TO = 0.1
TOGETHER = 0.5
"""Names written in at least 4 statements and in at most a tenth of all propose groups; names that stand together in half of the
rarer one's statements propose one.
"""

COMPARED = 4_000
READ = 50
FIRST_READ = 12
"""Statements outside among which a name is counted; of a group, those that are read, and those that must show a name at all."""

READ_LETTERS = 500

SAME = 0.3
"""Two groups that share this much of the smaller one are one issue."""

LEAST_PEOPLE = 8
"""Fewer people than this are no issue, whatever the size of the survey."""


@dataclass(frozen=True)
class HotIssue:
    """`names` as people write them, the most written first; `rows` of those statements in which it was found. `weights` are of
    columns, shape (width,): any other statement belongs from a sum of `least`.
    """

    names: list[str]
    rows: np.ndarray
    weights: np.ndarray
    least: float


@dataclass(frozen=True)
class _Group:
    rows: np.ndarray
    weights: np.ndarray
    least: float


@dataclass(frozen=True)
class _Named:
    """A group with the names that tell it, and the share of its statements that have one."""

    group: _Group
    names: list[str]
    share: float

    @property
    def rank(self) -> tuple[float, float, int]:
        return -self.share * len(self.group.rows), -self.share, int(self.group.rows[0])


def find_hot_issues(
    features: sp.csr_matrix,
    texts: Sequence[str],
    languages: Sequence[str],
    persons: Sequence[Hashable],
    *,
    least_people: int = LEAST_PEOPLE,
    is_linked: bool = True,
) -> list[HotIssue]:
    """Find what many people of one language family write about, the most written about first.

    Parameters
    ----------
    features : sparse matrix of shape (n_statements, width)
        Rows of one language family; any positive weights.
    least_people : fewer people than this are no issue.
    is_linked : whether all statements are compared with each other; else names alone propose groups.

    """
    if features.shape[0] < 2 * least_people or features.shape[1] < 3:
        return []
    having = _having(features)
    reader = _Reader(texts, languages)
    with threadpool_limits(1):
        linked = _linked(unit_rows(features), least_people) if is_linked else []
        proposed = [
            named
            for proposals in [reader.named_groups(), *linked]
            for named in _named_groups(having, proposals, persons, reader, least_people)
        ]
    issues: list[HotIssue] = []
    taken: list[set[int]] = []
    for named in sorted(proposed, key=lambda one: one.rank):
        group, rows = named.group, set(named.group.rows.tolist())
        if all(len(rows & other) < SAME * min(len(rows), len(other)) for other in taken):
            taken.append(rows)
            least = _best_least(_scores(having, [group.weights])[:, 0], group.rows)
            issues.append(HotIssue(reader.spelled(group.rows, named.names), group.rows, group.weights, least))
    return issues


def _named_groups(
    having: sp.csr_matrix, proposals: list[np.ndarray], persons: Sequence[Hashable], reader: _Reader, least: int
) -> list[_Named]:
    """Let proposals grow, and keep what names tell; what grew too far for that, once more and less far."""
    found = []
    for joins_from, least_named in zip(JOINS_FROM, NAMED, strict=True):
        kept = set()
        for number, group in _grown(having, proposals, least, joins_from).items():
            if len({persons[row] for row in group.rows}) >= least:
                named = _Named(group, *reader.names_of(group.rows))
                if named.share >= least_named:
                    found.append(named)
                    kept.add(number)
        proposals = [rows for number, rows in enumerate(proposals) if number not in kept]
    return found


class HotIssues:
    """The issues of all language families: found in some statements, and from then on told in any."""

    def __init__(self) -> None:
        self.issues: list[HotIssue] = []
        self._families: dict[str, tuple[int, list[HotIssue]]] = {}

    def learn(
        self,
        features: sp.csr_matrix,
        texts: Sequence[str],
        languages: Sequence[str],
        persons: Sequence[Hashable],
        *,
        least_people: int,
    ) -> np.ndarray:
        """Find the issues of each family, whose columns are its own. Return what `of_rows` does, for these statements."""
        result = np.full(len(languages), -1)
        for name, rows in rows_by_family(languages).items():
            found = find_hot_issues(
                features[rows], [texts[row] for row in rows], [languages[row] for row in rows], [persons[row] for row in rows],
                least_people=least_people, is_linked=len(languages) <= LINKED_AT_MOST,
            )  # fmt: skip
            for number, issue in enumerate(found, start=len(self.issues)):
                result[rows[issue.rows]] = number
            self._families[name] = len(self.issues), found
            self.issues += found
        return result

    def of_rows(self, features: sp.csr_matrix, languages: Sequence[str]) -> np.ndarray:
        """The position in `issues` of each row's issue, shape (n,); -1 for none."""
        result = np.full(len(languages), -1)
        for name, rows in rows_by_family(languages).items():
            first, issues = self._families.get(name, (0, []))
            if issues:
                scores = _scores(_having(features[rows]), [issue.weights for issue in issues])
                nearest = _nearest(scores, [issue.least for issue in issues])
                result[rows] = np.where(nearest >= 0, first + nearest, -1)
        return result


def _having(features: sp.csr_matrix) -> sp.csr_matrix:
    return sp.csr_matrix((np.ones_like(features.data), features.indices, features.indptr), shape=features.shape)


def _linked(space: sp.csr_matrix, least: int) -> list[list[np.ndarray]]:
    """Groups by average linkage, one list for each height."""
    total = space.shape[0]
    sums = np.asarray(space.sum(axis=0)).ravel()
    base = (float(sums @ sums) - total) / (total * (total - 1))  # the mean likeness of two different rows of length 1
    likeness = np.asarray((space @ space.T).todense())
    np.fill_diagonal(likeness, 1)
    tree = linkage(squareform(np.clip(1 - likeness, 0, 1), checks=False), method="average")
    found = []
    for height in HEIGHTS:
        labels = fcluster(tree, 1 - height * max(base, 0.0), criterion="distance")
        parts = np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels)[1:])[:-1])
        found.append([part for part in parts if len(part) >= least])
    return found


def _grown(having: sp.csr_matrix, proposals: list[np.ndarray], least: int, joins_from: float) -> dict[int, _Group]:
    """Let every statement join the group whose telling columns it has most of; twice, since more members tell more.

    Groups that stay large enough, by their place among the proposals.
    """
    groups = {number: _Group(rows, np.zeros(0), 0.0) for number, rows in enumerate(proposals)}
    in_all = np.bincount(having.indices, minlength=having.shape[1])
    for _ in range(ROUNDS):
        if not groups:
            break
        weights = [_telling(having, group.rows, in_all) for group in groups.values()]
        scores = _scores(having, weights)
        medians = [float(np.median(scores[group.rows, i])) for i, group in enumerate(groups.values())]
        leasts = [max(joins_from * median, 1e-6) for median in medians]
        nearest = _nearest(scores, leasts)
        grown = {number: _Group(np.flatnonzero(nearest == i), weights[i], leasts[i]) for i, number in enumerate(groups)}
        groups = {number: group for number, group in grown.items() if len(group.rows) >= least}
    return groups


def _telling(having: sp.csr_matrix, rows: np.ndarray, in_all: np.ndarray) -> np.ndarray:
    """Log odds of each column in these rows against all others; 0 where it tells too little or too few have it."""
    counted = np.bincount(having[rows].indices, minlength=having.shape[1])
    size, rest = len(rows), having.shape[0] - len(rows)
    columns = np.flatnonzero(counted >= max(3, TOLD_BY * size))
    inside, outside = counted[columns], in_all[columns] - counted[columns]
    odds = np.log((inside + 0.5) / (size - inside + 1)) - np.log((outside + 0.5) / (rest - outside + 1))
    weights = np.zeros(having.shape[1], dtype=np.float32)
    weights[columns] = np.where(odds > TELLING, odds, 0)
    return weights


def _scores(having: sp.csr_matrix, weights: Sequence[np.ndarray]) -> np.ndarray:
    return np.asarray((having @ sp.csr_matrix(np.array(weights)).T.tocsr()).todense())


def _best_least(scores: np.ndarray, rows: np.ndarray) -> float:
    """The score from which a statement belongs, so that the group comes out best (F1): here it has no other groups beside it."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(np.isin(order, rows))
    ends = np.append(scores[order][1:] < scores[order][:-1], [True])  # only between different scores
    f1 = np.where(ends, 2 * hits / (len(rows) + np.arange(1, len(order) + 1)), 0)
    return max(float(scores[order][f1.argmax()]), 1e-6)


def _nearest(scores: np.ndarray, leasts: Sequence[float]) -> np.ndarray:
    """The group with the highest score, if that is enough for it."""
    best = scores.argmax(axis=1)
    return np.where(scores[np.arange(len(scores)), best] >= np.array(leasts)[best], best, -1)


class _Reader:
    """Reads statements for names, each at most once."""

    def __init__(self, texts: Sequence[str], languages: Sequence[str]) -> None:
        self._texts, self._languages = texts, languages
        self._names: dict[int, set[str]] = {}
        self._forms: dict[int, str | frozenset[str]] = {}
        self._others = spaced(range(len(texts)), COMPARED)
        self._turn = np.random.default_rng(0).permutation(len(texts))  # groups in one another are read in the same places

    def named_groups(self) -> list[np.ndarray]:
        """The statements that write a name, or names that stand together: the commonest first."""
        written: defaultdict[str, list[int]] = defaultdict(list)
        for row in range(len(self._texts)):
            for name in self._names_in(row):
                written[name].append(row)
        groups: list[set[int]] = []
        groups_of: defaultdict[int, set[int]] = defaultdict(set)
        for _, rows in sorted(written.items(), key=lambda item: (-len(item[1]), item[0])):
            if not NAMES_FROM <= len(rows) <= NAMES_UP_TO * len(self._texts):
                continue
            met = Counter(number for row in rows for number in groups_of[row])
            number, times = min(met.items(), key=lambda item: (-item[1], item[0]), default=(-1, 0))
            if times < TOGETHER * len(rows):
                number = len(groups)
                groups.append(set())
            groups[number].update(rows)
            for row in rows:
                groups_of[row].add(number)
        return [np.array(sorted(rows)) for rows in groups if len(rows) > NAMES_FROM]

    def names_of(self, rows: np.ndarray) -> tuple[list[str], float]:
        """The names of a group that belong together, and the share of its statements that have one of them.

        Two issues in one group have two lots of names: only those of the larger count, and name too few.
        """
        read: list[int] = rows[np.argsort(self._turn[rows], kind="stable")][:READ].tolist()
        if not self._own_names(rows, read[:FIRST_READ], least=LEAST_WRITTEN - 1):
            return [], 0.0
        names = self._own_names(rows, read, least=LEAST_WRITTEN)
        written = [{name for name in names if name in self._form(row)} for row in read]
        named, part = max(
            ((sum(not part.isdisjoint(own) for own in written), part) for part in _parts(names, written)),
            key=lambda item: item[0],
            default=(0, set()),
        )
        return [name for name in names if name in part], named / max(len(read), 1)

    def spelled(self, rows: np.ndarray, names: list[str]) -> list[str]:
        """Names as people write them: Chinese pieces put together again, stems as the commonest word.

        A Korean stem is a word, without its particle.
        """
        language = self._languages[rows[0]]
        if language.startswith("zh"):
            return put_together(names)
        if language == "ko":
            return names
        written: dict[str, Counter[str]] = {name: Counter() for name in names}
        for row in rows:
            for word in _WORD.findall(self._texts[row][:READ_LETTERS]):
                name = stem(word.lower(), self._languages[row])
                if name in written:
                    written[name][word] += 1
        return [min(found, key=lambda word: (-found[word], word)) if found else name for name, found in written.items()]

    def _own_names(self, rows: np.ndarray, read: list[int], least: int) -> list[str]:
        """Names that hardly anybody else writes, going by some of the group's statements."""
        written = Counter(name for row in read for name in self._names_in(row))
        members = set(rows.tolist())
        outside = [row for row in self._others if row not in members]
        weight = (len(self._texts) - len(members)) / max(len(outside), 1)
        own: list[tuple[int, str]] = []
        for name, as_name in sorted(written.items()):
            inside = sum(name in self._form(row) for row in read) if as_name >= least else 0
            if as_name >= inside / 2 and inside >= max(least, TOLD_BY * len(read)):
                elsewhere = weight * sum(name in self._form(row) for row in outside)
                expected = inside * len(rows) / len(read)
                if expected >= OWN * (expected + elsewhere):
                    own.append((-inside, name))
        return [name for _, name in sorted(own)][:MOST_NAMES]

    def _names_in(self, row: int) -> set[str]:
        if row not in self._names:
            self._names[row] = names_in(self._texts[row][:READ_LETTERS], self._languages[row])
        return self._names[row]

    def _form(self, row: int) -> str | frozenset[str]:
        if row not in self._forms:
            self._forms[row] = searchable(self._texts[row][:READ_LETTERS], self._languages[row])
        return self._forms[row]


def _parts(names: Sequence[str], written: Sequence[set[str]]) -> list[set[str]]:
    """Names that belong together: that stand in one statement, or begin with one another (푸안 and 푸안루)."""
    parts: list[set[str]] = []
    for name in names:
        together = set().union(*(own for own in written if name in own))
        together |= {other for other in names if other.startswith(name) or name.startswith(other)}
        near = [part for part in parts if not part.isdisjoint(together)]
        parts = [part for part in parts if part not in near] + [{name}.union(*near)]
    return parts


def put_together(pieces: Sequence[str]) -> list[str]:
    """Join pieces that overlap: 澜庭, 云栖 and 栖澜 are 云栖澜庭. The order of the first ones is kept.

    Examples
    --------
    >>> put_together(["澜庭", "云栖", "栖澜", "宏砼"])
    ['云栖澜庭', '宏砼']

    """
    names: list[str] = []
    left = list(pieces)
    while left:
        name = left.pop(0)
        while True:
            after = next((piece for piece in left if piece[0] == name[-1]), None)
            before = next((piece for piece in left if piece[-1] == name[0]), None)
            if after:
                name += after[1:]
                left.remove(after)
            elif before:
                name = before[:-1] + name
                left.remove(before)
            else:
                break
        names.append(name)
    return names
