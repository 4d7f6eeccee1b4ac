"""The evaluation: every method on every set, with what hides behind a pooled figure (analysis.md 5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.evaluation import metrics
from analysis.evaluation.baselines import (
    BASELINES,
    TRAINED,
    Method,
    installed_systems,
    keyword_vote,
    left_out,
    supervised,
)
from analysis.evaluation.datasets import NONE, LabelledTexts
from analysis.themes.model import ThemeModel
from analysis.themes.results import Statement

OURS = "Linsheng"
SEEDS = 5
SUBSAMPLE = 0.8
COVERAGES = (0.5, 0.8)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """One method on one set. `by_language` is macro-F1 where groups have the labels' names."""

    method: str
    data: str
    v: metrics.Interval
    ami: float
    ari: float
    b_cubed: float
    language_v: float
    seconds: float
    accuracy: metrics.Interval | None = None
    macro_f1: float | None = None
    unsorted: float | None = None
    at_coverage: tuple[float, ...] = ()
    by_language: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Stability:
    """Mean agreement (ARI) of pairs of runs: other seeds, other subsamples of four fifths, another order of the same texts."""

    data: str
    seeds: float
    subsamples: float
    shuffled: float


@dataclass(frozen=True)
class Coverage:
    """What the bundled lexicon holds in a language, and how far its words reach by themselves.

    `clear` is the share of needs of our own texts for which one category has most words; `right` the share of those that it
    names rightly.
    """

    language: str
    words: int
    examples: int
    clear: float
    right: float


def coverage(data: LabelledTexts) -> list[Coverage]:
    """The lexicon's reach in each language, judged by texts of which those that ask for nothing are left out."""
    data = data.taken([i for i, label in enumerate(data.labels) if label != NONE])
    found = keyword_vote(data, 0)
    result = []
    for tag, rows in data.rows_by_language().items():
        clear = [i for i in rows if found[i] != NONE]
        terms = [concept.by_language[tag] for concept in data.lexicon.concepts]
        result.append(
            Coverage(
                language=tag,
                words=sum(len(entry.terms) for entry in terms),
                examples=sum(len(entry.examples) for entry in terms),
                clear=len(clear) / len(rows),
                right=metrics.accuracy([data.labels[i] for i in clear], [found[i] for i in clear]),
            )
        )
    return result


def leading_categories(data: LabelledTexts, random_state: int = 0) -> tuple[list[str], list[float]]:
    """Our category for each text, and how sure; new themes and unsorted texts are `none`."""
    model = _fitted(data, range(len(data)), random_state)
    found = [category if category in data.lexicon.categories else NONE for category in model.categories_]
    return found, [memberships[0].score if memberships else 0.0 for memberships in model.memberships_]


def _fitted(data: LabelledTexts, rows: Sequence[int], random_state: int) -> ThemeModel:
    """Our themes of these texts, each as if from a person of its own."""
    statements = [Statement(data.texts[row], data.languages[row], row) for row in rows]
    return ThemeModel(lexicon=data.lexicon, random_state=random_state).fit(statements)


def evaluate(sets: Iterable[LabelledTexts], tell: Tell = lambda _: None, *, rounds: int = 1000) -> list[Result]:
    """Run every method on every set, ours last. Other systems that are not installed are left out, and `tell` hears of it."""
    for name, module in left_out().items():
        tell(f"{name} is left out: {module} is not installed.")
    results = []
    for data in sets:
        for name, method in {**BASELINES, **installed_systems(), TRAINED: supervised}.items():
            tell(f"{data.name}: {name}")
            results.append(_judge(name, data, method, rounds))
        tell(f"{data.name}: {OURS}")
        started = time.perf_counter()
        found, scores = leading_categories(data)
        results.append(_result(OURS, data, found, time.perf_counter() - started, rounds, scores))
    return results


def _judge(name: str, data: LabelledTexts, method: Method, rounds: int) -> Result:
    started = time.perf_counter()
    found = method(data, 0)
    return _result(name, data, found, time.perf_counter() - started, rounds)


def _result(
    name: str, data: LabelledTexts, found: list[str], seconds: float, rounds: int, scores: list[float] | None = None
) -> Result:
    gold = data.labels
    has_names = len(set(found) & set(gold)) > 1
    return Result(
        method=name,
        data=data.name,
        v=metrics.bootstrap(metrics.v_measure, gold, found, rounds=rounds, groups=data.groups),
        ami=metrics.adjusted_mutual_information(gold, found),
        ari=metrics.adjusted_rand(gold, found),
        b_cubed=metrics.b_cubed(gold, found)[2],
        language_v=metrics.v_measure(data.languages, found),
        seconds=seconds,
        accuracy=metrics.bootstrap(metrics.accuracy, gold, found, rounds=rounds, groups=data.groups) if has_names else None,
        macro_f1=metrics.macro_f1(gold, found) if has_names else None,
        unsorted=found.count(NONE) / len(found) if scores is not None else None,
        at_coverage=tuple(metrics.accuracy_at_coverage(gold, found, scores, share) for share in COVERAGES) if scores else (),
        by_language=_by_language(data, found) if has_names else {},
    )


def _by_language(data: LabelledTexts, found: list[str]) -> dict[str, float]:
    return {
        tag: metrics.macro_f1([data.labels[i] for i in rows], [found[i] for i in rows])
        for tag, rows in data.rows_by_language().items()
    }


def stability(data: LabelledTexts) -> Stability:
    """Run again with other seeds, on subsamples and in another order; known needs do not depend on chance, new ones do."""
    generator = np.random.default_rng(0)
    everything = list(range(len(data)))
    first = _themes(data, everything, 0)
    seeds = [first, *(_themes(data, everything, seed) for seed in range(1, SEEDS))]
    samples = []
    for seed in range(SEEDS):
        rows = sorted(generator.choice(len(data), int(SUBSAMPLE * len(data)), replace=False).tolist())
        samples.append(_themes(data, rows, seed))
    shuffled = _themes(data, generator.permutation(len(data)).tolist(), 0)
    return Stability(data.name, _agreement(seeds), _agreement(samples), _agreement([first, shuffled]))


def _themes(data: LabelledTexts, rows: list[int], random_state: int) -> dict[int, str]:
    """The leading theme of each of these texts, new ones included."""
    model = _fitted(data, rows, random_state)
    return {row: found[0].theme if found else NONE for row, found in zip(rows, model.memberships_, strict=True)}


def _agreement(runs: list[dict[int, str]]) -> float:
    values = []
    for i, one in enumerate(runs):
        for other in runs[i + 1 :]:
            common = sorted(one.keys() & other.keys())
            values.append(metrics.adjusted_rand([one[row] for row in common], [other[row] for row in common]))
    return float(np.mean(values))
