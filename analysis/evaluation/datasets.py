"""Labelled texts to judge by: our own, which travel with the package, and the development sets of a folder."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from analysis.lexicon.load import Lexicon, load_lexicon, load_taxonomy

NONE = "none"
"""The label of a text that asks for nothing."""

LONGEST = 10_000


@dataclass(frozen=True)
class LabelledTexts:
    """Texts with the label that people gave. `lexicon` is what the seeded methods know of the labels."""

    name: str
    texts: list[str]
    languages: list[str]
    labels: list[str]
    lexicon: Lexicon
    is_development: bool
    """Whether thresholds were chosen by looking at it: its figures flatter."""

    groups: list[str] = field(default_factory=list)
    """What belongs together: translations of one sentence. Empty where every text stands alone."""

    def __len__(self) -> int:
        return len(self.texts)

    def rows_by_language(self) -> dict[str, list[int]]:
        return {tag: [i for i, own in enumerate(self.languages) if own == tag] for tag in sorted(set(self.languages))}

    def taken(self, rows: list[int]) -> LabelledTexts:
        return replace(
            self,
            texts=[self.texts[i] for i in rows],
            languages=[self.languages[i] for i in rows],
            labels=[self.labels[i] for i in rows],
            groups=[self.groups[i] for i in rows] if self.groups else [],
        )


def gold_needs(part: str) -> LabelledTexts:
    """Short answers to our own survey, written by people who had not seen the lexicon.

    `part` is "development" or "test"; the second half was never looked at while the method was chosen.
    """
    texts, languages, labels = [], [], []
    for path in sorted(_data("gold"), key=lambda path: path.name):
        language = path.name.removesuffix(".tsv")
        for row in _rows(path):
            if row["part"] == part:
                texts.append(row["text"])
                languages.append(language)
                labels.append(row["label"])
    return LabelledTexts(f"own survey, {part}", texts, languages, labels, load_lexicon(), part == "development")


def both_parts() -> LabelledTexts:
    """All of our own texts, for what is no judgement of the method."""
    one, other = gold_needs("development"), gold_needs("test")
    return replace(
        one,
        name="own survey",
        texts=one.texts + other.texts,
        languages=one.languages + other.languages,
        labels=one.labels + other.labels,
    )


def second_reading() -> tuple[list[str], list[str], list[str]]:
    """Language and both readers' labels of every text of our own."""
    rows = [(path.name.removesuffix(".tsv"), row) for path in _data("gold") for row in _rows(path)]
    return [tag for tag, _ in rows], [row["label"] for _, row in rows], [row["second"] for _, row in rows]


@dataclass(frozen=True)
class _Source:
    name: str
    left_out: str = ""
    languages: tuple[tuple[str, str], ...] = ()


_SOURCES = (
    _Source("zh_government_messages", languages=(("zh", "zh-Hans"),)),
    _Source("ko_petitions", left_out="기타"),
    _Source("sib200_train_10_languages"),
)


def development_sets(folder: Path) -> Iterator[LabelledTexts]:
    """The sets of a folder that are there, each with seed words of our own that were written from the names of its labels."""
    for source in _SOURCES:
        path = folder / f"{source.name}.tsv"
        if not path.is_file():
            continue
        tags = dict(source.languages)
        rows = [row for row in _rows(path) if row["label"] != source.left_out]
        with resources.as_file(resources.files(__package__).joinpath(f"data/seeds/{source.name}.yaml")) as seeds:
            lexicon = load_taxonomy(seeds)
        yield LabelledTexts(
            source.name,
            [row["text"][:LONGEST] for row in rows],
            [tags.get(row["lang"], row["lang"]) for row in rows],
            [row["label"] for row in rows],
            lexicon,
            is_development=True,
            groups=[row["index_id"] for row in rows] if "index_id" in rows[0] else [],
        )


def _data(folder: str) -> Iterator[Traversable]:
    for path in resources.files(__package__).joinpath(f"data/{folder}").iterdir():
        if path.name.endswith(".tsv"):
            yield path


def _rows(path: Traversable) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return list(csv.DictReader(filter(None, lines), delimiter="\t", quoting=csv.QUOTE_NONE))
