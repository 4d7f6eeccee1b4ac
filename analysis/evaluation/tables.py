"""The results as tables: for a terminal and for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.evaluation.datasets import LabelledTexts, second_reading
from analysis.evaluation.metrics import accuracy
from analysis.evaluation.protocol import COVERAGES, OURS, Coverage, Result, Stability
from analysis.statistics.agreement import krippendorff_alpha

_HEAD = ("method", "V (95 %)", "AMI", "ARI", "B³ F1", "accuracy (95 %)", "macro-F1", "unsorted", "V of language", "seconds")


def in_markdown(
    sets: Sequence[LabelledTexts],
    results: Sequence[Result],
    stabilities: Sequence[Stability],
    coverages: Sequence[Coverage],
) -> str:
    """Everything that was measured, with what has to be known to read it."""
    sections = [_section(data, [result for result in results if result.data == data.name]) for data in sets]
    parts = [_INTRODUCTION, *sections, _stability_table(stabilities), _coverage_table(coverages), _readers()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _section(data: LabelledTexts, results: Sequence[Result]) -> str:
    lines = [
        f"## {data.name}",
        "",
        f"{len(data):,} texts, {len(set(data.labels))} labels, {len(set(data.languages))} languages. "
        + ("Development: the method was chosen by looking at it." if data.is_development else "Test: not looked at before."),
        "",
        *_table(_HEAD, [_row(result) for result in results]),
    ]
    for result in results:
        if result.method == OURS:
            lines += ["", _ours(result)]
    return "\n".join(lines)


def _row(result: Result) -> list[str]:
    return [
        result.method, str(result.v), f"{result.ami:.3f}", f"{result.ari:.3f}", f"{result.b_cubed:.3f}",
        str(result.accuracy or "–"), _number(result.macro_f1), _share(result.unsorted), f"{result.language_v:.3f}",
        f"{result.seconds:.1f}",
    ]  # fmt: skip


def _ours(result: Result) -> str:
    covered = ", ".join(
        f"{value:.3f} among the surest {share:.0%}" for share, value in zip(COVERAGES, result.at_coverage, strict=True)
    )
    languages = ", ".join(f"{tag} {value:.2f}" for tag, value in result.by_language.items())
    return f"Ours, accuracy: {covered}. Macro-F1 by language: {languages}."


def _stability_table(stabilities: Sequence[Stability]) -> str:
    rows = [[item.data, f"{item.seeds:.3f}", f"{item.subsamples:.3f}", f"{item.shuffled:.3f}"] for item in stabilities]
    head = ("set", "other seeds", "subsamples of 80 %", "another order")
    return "\n".join(["## Stability", "", "Agreement (ARI) of the themes of pairs of runs of ours.", "", *_table(head, rows)])


def _coverage_table(coverages: Sequence[Coverage]) -> str:
    rows = [
        [item.language, f"{item.words:,}", f"{item.examples:,}", f"{item.clear:.0%}", f"{item.right:.0%}"]
        for item in coverages
    ]
    head = ("language", "words", "examples", "needs with a clear vote", "of these right")
    return "\n".join(
        ["## The lexicon in each language", "", "By its words alone, on our own texts. A thin language shows here first.", "", *_table(head, rows)]
    )


def _readers() -> str:
    _, first, second = second_reading()
    alpha = krippendorff_alpha(list(zip(first, second, strict=True)))
    return (
        "## How clear the labels of our own texts are\n\n"
        f"A second reader, who did not see the first one's labels, gave the same label to {accuracy(first, second):.1%} of "
        f"{len(first):,} texts (Krippendorff's α {alpha:.3f}). Author and reader are language models, "
        "so that says that the texts are clear, not that people would agree so well."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'|'.join('---' for _ in head)}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


_INTRODUCTION = """
# How good the themes are

Written by `make evaluate`; `linsheng evaluate --data DIR` takes the folder of the development sets, which are not part of the
project. All figures stand beside methods that see the same words. "By chance", "one group" and "by language" show what a figure is
worth; the keyword vote and the naive teacher know the same seed words as ours; k-means knows only how many labels there are;
"trained on all labels" is logistic regression on the labels of the other two thirds. BERTopic, CorEx and tomotopy join where they
are installed.

V-measure grows with the number of groups, so AMI and ARI stand beside it. "Unsorted" is what ours gives to no category; it counts
as a group, and as a miss in the accuracy. "V of language" tells how far the groups are languages: the lower, the better.
Intervals are from 1,000 resamplings of the texts; translations of one sentence are drawn together, and no method is trained
on one and judged on the other.

Our own texts (160 in each language) were written by a language model that had not seen the lexicon, as residents would type
them; they are no survey. Half of them chose thresholds (development), half did not (test).
"""
