"""Agreement of found groups with labels that people gave. All take two sequences of one length, of any hashable labels."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, f1_score, v_measure_score

Labels = Sequence[Hashable]


def _codes(labels: Labels) -> np.ndarray:
    place = {label: position for position, label in enumerate(dict.fromkeys(labels))}
    return np.array([place[label] for label in labels], dtype=int)


def v_measure(gold: Labels, found: Labels) -> float:
    """Harmonic mean of homogeneity and completeness, 0 to 1 (Rosenberg and Hirschberg 2007). Grows with the number of groups."""
    return float(v_measure_score(_codes(gold), _codes(found))) if len(gold) else 0.0


def adjusted_mutual_information(gold: Labels, found: Labels) -> float:
    """Mutual information above chance, at most 1 (Vinh, Epps and Bailey 2010)."""
    return float(adjusted_mutual_info_score(_codes(gold), _codes(found))) if len(gold) else 0.0


def adjusted_rand(gold: Labels, found: Labels) -> float:
    """Pairs that are together or apart in both, above chance, at most 1 (Hubert and Arabie 1985)."""
    return float(adjusted_rand_score(_codes(gold), _codes(found))) if len(gold) else 0.0


def b_cubed(gold: Labels, found: Labels) -> tuple[float, float, float]:
    """Precision, recall and F1 of items' neighbours, each 0 to 1 (Bagga and Baldwin 1998).

    Precision is how much of an item's group has its label, on average over items; recall how much of its label is in its
    group. F1 is of the two means.

    Examples
    --------
    >>> b_cubed("aabb", "xxxy")
    (0.6666666666666666, 0.75, 0.7058823529411765)

    """
    if not len(gold):
        return 0.0, 0.0, 0.0
    rows, columns = _codes(gold), _codes(found)
    table = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(table, (rows, columns), 1)
    together = table[rows, columns]
    precision = float((together / table.sum(axis=0)[columns]).mean())
    recall = float((together / table.sum(axis=1)[rows]).mean())
    return precision, recall, 2 * precision * recall / (precision + recall)


def accuracy(gold: Labels, found: Labels) -> float:
    """Share of items whose group has the name of their label."""
    return float(np.mean([one == other for one, other in zip(gold, found, strict=True)])) if len(gold) else 0.0


def macro_f1(gold: Labels, found: Labels) -> float:
    """Mean F1 of the labels that people gave; a group of another name counts as a miss."""
    names = sorted({str(label) for label in gold})
    if not names:
        return 0.0
    return float(f1_score([str(x) for x in gold], [str(x) for x in found], labels=names, average="macro", zero_division=0))


def accuracy_at_coverage(gold: Labels, found: Labels, scores: Sequence[float], coverage: float) -> float:
    """Accuracy among the `coverage` (0 to 1) of the items that have the highest scores."""
    order = sorted(range(len(gold)), key=lambda i: (-scores[i], i))[: max(1, round(coverage * len(gold)))]
    return accuracy([gold[i] for i in order], [found[i] for i in order])


@dataclass(frozen=True)
class Interval:
    """A figure with the limits between which it lies 95 times of a hundred, by resampling."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.2f}-{self.high:.2f})"


def bootstrap(
    measure: Callable[[Labels, Labels], float], gold: Labels, found: Labels, *, rounds: int = 1000, random_state: int = 0,
    groups: Labels = (),
) -> Interval:  # fmt: skip
    """Interval of a measure over resampled items (Efron 1979), or groups of them: an item stands for one respondent.

    Resampling repeats texts, and that alone raises V: the spread is taken from it and the shift is left out.
    """
    generator = np.random.default_rng(random_state)
    one, other = np.split(_codes([*gold, *found]), 2)  # one name, one number: some measures look at the names
    order = np.argsort(_codes(groups), kind="stable") if groups else np.arange(len(one))
    starts = np.unique(_codes(groups)[order], return_index=True)[1] if groups else order
    members = np.split(order, starts[1:]) if groups else []
    values = []
    for _ in range(rounds):
        chosen = generator.integers(0, len(starts), len(starts))
        rows = np.concatenate([members[i] for i in chosen]) if groups else chosen
        values.append(measure(one[rows].tolist(), other[rows].tolist()))
    value = measure(gold, found)
    low, high = np.percentile(values, [2.5, 97.5]) - np.mean(values) + value
    return Interval(value, float(low), float(high))
