"""What the worker counts of a survey: people by theme and by who they are, in one pass over its answers. No finding yet.

Everything here is exact and for the worker alone; what may be shown is decided in findings.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np

from analysis.statistics.reliability import Reliability as Coefficient
from analysis.statistics.reliability import cronbach_alpha, mcdonald_omega
from analysis.statistics.resampling import StatisticUndefined
from survey import clock
from survey.authoring.queries import form_of, version_ids
from survey.db.bulk import replacement, write_rows
from survey.db.columns import from_json, to_json
from survey.db.transaction import read_transaction, write_transaction
from survey.insight.left_out import LeftOutCount, without_unassessed
from survey.insight.rules import MAINLAND, likert_battery
from survey.insight.schemas import Choices, Cut, Figures, LeftOut, Reliability
from survey.insight.tables import SurveyFigures
from survey.questionnaire.form import Form
from survey.questionnaire.sameness import fingerprint
from survey.questionnaire.values import DONT_KNOW, REFUSED
from survey.responses.queries import CountedCell, counted_cells, counts_by_flag, field_dates, responses_after
from survey.themes.queries import ThemeView, list_themes, newest_run, themes_of_responses
from survey.themes.states import ThemeState

CHUNK = 5_000
SCALE_SAMPLE = 2_000
"""Answers of a language from which the reliability of its scales is computed. Ids are random, so the first are any."""

SEED, RESAMPLES = 1, 400

DIMENSIONS = ("language", "area", "channel", "wave", "origin")


class _Trait(NamedTuple):
    """What is known of one person: the values of DIMENSIONS, and whether the answer bears a flag."""

    language: str
    area: str
    channel: str
    wave: str
    origin: str
    is_flagged: bool


class _Reader:
    """Reads of an answer document of one version what the count needs, and skips the rest undecoded."""

    def __init__(self, form: Form) -> None:
        self.left_out = LeftOutCount(form)
        origin = form.question_for("origin")
        self._battery = likert_battery(form)
        self._origin = origin.id if origin else ""
        shape = msgspec.defstruct("Origin", [("value", Any, None)], rename={"value": self._origin or "_"})
        self._decoder = msgspec.json.Decoder(shape)

    def origin(self, document: str) -> str:
        if not self._origin:
            return ""
        value = self._decoder.decode(document).value  # type: ignore[attr-defined]  # the struct was made above
        return "" if value is None or value in {REFUSED, DONT_KNOW} else str(value)

    def points(self, document: str) -> tuple[str, list[float]] | None:
        """The battery's key, and a point for each of its items, NaN for none."""
        if self._battery is None:
            return None
        answers: dict[str, Any] = from_json(document)
        found = [answers.get(item.id) for item in self._battery.items]
        return self._battery.key, [float(value) if isinstance(value, int) else math.nan for value in found]


class _Count:
    """The running sums of a pass."""

    def __init__(self, readers: Mapping[int, _Reader], themes: Iterable[ThemeView]) -> None:
        self._readers = readers
        self._category = {t.id: t.category for t in themes if t.state != ThemeState.DISMISSED}
        self.people: Counter[_Trait] = Counter()
        self.writers: Counter[_Trait] = Counter()
        self.pairs: Counter[tuple[int, _Trait]] = Counter()
        self.categories: Counter[tuple[str, _Trait]] = Counter()
        self.question_writers: Counter[str] = Counter()
        self.question_pairs: Counter[tuple[int, str]] = Counter()
        self.scales: defaultdict[tuple[str, str], list[list[float]]] = defaultdict(list)
        """By battery and language: a row a person, a column an item. Never stored: it is what single people answered."""
        self._sampled: Counter[str] = Counter()

    def add(self, responses: list[dict[str, Any]], written: list[dict[str, Any]]) -> None:
        found: defaultdict[str, set[tuple[str, int | None]]] = defaultdict(set)
        for row in written:
            found[row["response"]].add((row["question"], row["theme"]))
        for row in responses:
            reader = self._readers[row["version"]]
            trait = _Trait(
                row["language"], str(row["area"] or 0), str(row["channel"] or 0), str(row["wave"]),
                reader.origin(row["answers"]), bool(row["flags"]),
            )  # fmt: skip
            self.people[trait] += 1
            reader.left_out.add(trait.language, row["answers"])
            if self._sampled[trait.language] < SCALE_SAMPLE:
                self._sampled[trait.language] += 1
                if (points := reader.points(row["answers"])) is not None:
                    self.scales[points[0], trait.language].append(points[1])
            mine = found.get(row["id"])
            if not mine:
                continue
            self.writers[trait] += 1
            self.question_writers.update({question for question, _ in mine})
            self.question_pairs.update({(theme, question) for question, theme in mine if theme is not None})
            themes = {theme for _, theme in mine if theme is not None}
            self.pairs.update((theme, trait) for theme in themes)
            self.categories.update((key, trait) for key in {self._category[theme] for theme in themes if theme in self._category})

    def left_out(self, cells: Iterable[CountedCell]) -> LeftOut:
        """Who left what empty from the answers, who refused from the tallies."""
        refused: defaultdict[int, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for cell in cells:
            of_language = refused[cell.version][cell.language]
            of_language.update({question: counts[REFUSED] for question, counts in cell.counts.items() if REFUSED in counts})
        found = LeftOut()
        for version, reader in self._readers.items():
            reader.left_out.add_to(found, refused[version])
        return without_unassessed(found)

    def cut(self, dimension: str) -> Cut:
        return _cut(self.people, self.writers, self.pairs, self.categories, dimension)

    def places(self) -> Cut:
        """By area, of who is known not to come from the mainland."""

        def is_from_elsewhere(trait: _Trait) -> bool:
            return trait.origin not in {"", MAINLAND}

        return _cut(
            {trait: n for trait, n in self.people.items() if is_from_elsewhere(trait)},
            {trait: n for trait, n in self.writers.items() if is_from_elsewhere(trait)},
            {(theme, trait): n for (theme, trait), n in self.pairs.items() if is_from_elsewhere(trait)}, {}, "area",
        )

    def questions(self) -> Cut:
        cut = Cut(answered=dict(self.question_writers), wrote=dict(self.question_writers), themes={})
        for (theme, question), people in sorted(self.question_pairs.items()):
            cut.themes.setdefault(str(theme), {})[question] = people
        return cut

    def by_category(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for (category, _), people in self.categories.items():
            found[category] += people
        return dict(found)

    def by_theme(self, *, careful: bool) -> dict[str, int]:
        found: Counter[str] = Counter()
        for (theme, trait), people in self.pairs.items():
            if not (careful and trait.is_flagged):
                found[str(theme)] += people
        return dict(found)


def _cut(
    people: Mapping[_Trait, int],
    writers: Mapping[_Trait, int],
    themes: Mapping[tuple[int, _Trait], int],
    categories: Mapping[tuple[str, _Trait], int],
    dimension: str,
) -> Cut:
    place = _Trait._fields.index(dimension)

    def sums(counts: Mapping[_Trait, int]) -> dict[str, int]:
        found: Counter[str] = Counter()
        for trait, n in counts.items():
            found[str(trait[place])] += n
        return dict(found)

    def sums_of(counts: Mapping[tuple[Any, _Trait], int]) -> dict[str, dict[str, int]]:
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (key, trait), n in counts.items():
            found[str(key)][str(trait[place])] += n
        return {key: dict(values) for key, values in found.items()}

    return Cut(answered=sums(people), wrote=sums(writers), themes=sums_of(themes), categories=sums_of(categories))


async def count_survey(survey_id: int) -> Figures:
    """Count everything anew, of one moment: tallies, answers and assignments agree."""
    async with read_transaction(SurveyFigures):
        forms = {version: await form_of(version) for version in await version_ids(survey_id)}
        count = _Count({version: _Reader(form) for version, form in forms.items()}, await list_themes(survey_id))
        last = ""
        while True:
            responses = await responses_after(survey_id, last, CHUNK)
            if not responses:
                break
            first, last = last, responses[-1]["id"]
            count.add(responses, await themes_of_responses(survey_id, first, last))
        cells = await counted_cells(survey_id)
        run = await newest_run(survey_id)
        figures = Figures(
            answers=count.people.total(), wrote=count.writers.total(), dates=await field_dates(survey_id),
            run=run.id if run else None, themes=count.by_theme(careful=False),
            careful_answers=sum(n for trait, n in count.people.items() if not trait.is_flagged),
            careful_wrote=sum(n for trait, n in count.writers.items() if not trait.is_flagged),
            careful=count.by_theme(careful=True), categories=count.by_category(),
            cuts={dimension: count.cut(dimension) for dimension in DIMENSIONS}, questions=count.questions(),
            places=count.places(), choices=_choices(cells), left_out=count.left_out(cells), flags=await counts_by_flag(survey_id),
            wave_questions=_wave_questions(cells, forms),
        )  # fmt: skip
    figures.reliability = await asyncio.to_thread(_reliability, dict(count.scales))
    return figures


def _reliability(scales: Mapping[tuple[str, str], list[list[float]]]) -> list[Reliability]:
    """Of each battery and language that enough people answered; where everybody gave the same answers there is nothing to tell."""
    found = []
    for (battery, language), rows in sorted(scales.items()):
        try:
            alpha = cronbach_alpha(rows, rng=np.random.default_rng(SEED), resamples=RESAMPLES)
        except (ValueError, StatisticUndefined):
            continue
        try:
            omega = _limits(mcdonald_omega(rows, rng=np.random.default_rng(SEED), resamples=RESAMPLES))
        except (ValueError, StatisticUndefined):  # two items, or no single factor
            omega = None
        found.append(Reliability(battery, language, alpha.n, alpha.items, _limits(alpha), omega))
    return found


def _limits(found: Coefficient) -> tuple[float, float, float]:
    interval = found.resampled.interval
    return interval.estimate, interval.low, interval.high


def _choices(cells: Iterable[CountedCell]) -> Choices:
    choices = Choices()
    for cell in cells:
        wave = choices.by_wave.setdefault(str(cell.wave), {})
        for question, counts in cell.counts.items():
            _add(choices.total.setdefault(question, {}), counts)
            _add(wave.setdefault(question, {}), counts)
    return choices


def _add(sums: dict[str, int], counts: Mapping[str, int]) -> None:
    for key, people in counts.items():
        sums[key] = sums.get(key, 0) + people


def _wave_questions(cells: Iterable[CountedCell], forms: Mapping[int, Form]) -> dict[str, dict[str, str]]:
    versions: defaultdict[str, set[int]] = defaultdict(set)
    for cell in cells:
        versions[str(cell.wave)].add(cell.version)
    found = {}
    for wave, seen in sorted(versions.items()):
        prints = [{question.id: fingerprint(question) for question in forms[version].questions()} for version in seen]
        found[wave] = {
            key: value for key, value in prints[0].items() if all(other.get(key) == value for other in prints[1:])
        }  # fmt: skip
    return found


class CountedSurvey(msgspec.Struct, frozen=True):
    """The figures as they are stored, and the day on which they were counted."""

    figures: Figures
    data_version: str
    counted_on: dt.date


async def store_figures(survey_id: int, figures: Figures) -> CountedSurvey:
    data = to_json(figures)
    version, today = hashlib.sha256(data.encode()).hexdigest(), clock.today()
    async with write_transaction(SurveyFigures):
        await write_rows(
            replacement(
                SurveyFigures, ("survey",), ("answers", "data", "data_version", "counted_on"),
                [(survey_id, figures.answers, data, version, today)],
            )
        )  # fmt: skip
    return CountedSurvey(figures, version, today)


async def stored_figures(survey_id: int) -> CountedSurvey | None:
    row = await SurveyFigures.select().where(SurveyFigures.survey == survey_id).first()
    if row is None:
        return None
    return CountedSurvey(from_json(row["data"], Figures), row["data_version"], row["counted_on"])
