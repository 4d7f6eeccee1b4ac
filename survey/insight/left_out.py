"""Who was shown which question and left it empty (item non-response), from stored answers and their form. Pure.

What was hidden is not stored (questionnaire.answers.FormChecker), and so an answer's own conditions say again what its person was shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from analysis.statistics.disclosure import THRESHOLD
from survey.insight.findings import ENOUGH, Part, part
from survey.insight.schemas import Asked, LeftOut
from survey.questionnaire.evaluation import holds
from survey.questionnaire.expressions import Tree, parse, questions_in, walk
from survey.questionnaire.form import Form, Question

MOST_PATTERNS = 5_000
"""So many combinations of answers that conditions ask for are remembered; where numbers are asked for there is no end of them."""


class Why(StrEnum):
    """Why nobody can tell how many left a question out."""

    NOTHING_FITS = "nothing_fits"
    """Several may be ticked and no choice says that nothing fits: who ticked none may mean just that."""
    DAY = "day"
    """Whether it is shown depends on the day, which a correction moves."""
    WORDS = "words"
    """Whether it is shown depends on written words, in which personal data may have been masked since."""


class Shown(NamedTuple):
    """An item that is assessed, and what must hold for it to be shown."""

    item: Question
    conditions: list[Tree]


def assessed(form: Form) -> tuple[list[Shown], dict[str, Why]]:
    """The items that can be left empty or refused, and why some of them cannot be assessed.

    Not among them: ticks (consents, or a single choice to tick), where none is an answer; and complaints about staff, which
    nobody is expected to have.
    """
    texts = {item.id for item in form.items() if item.is_text}
    found, unknown = [], {}
    for section in form.sections:
        for question in section.questions:
            for item in question.items():
                if _is_tick(item) or item.use in {"conduct", "conduct_about"} or not (_may_be_empty(item) or item.may_be_refused):
                    continue
                conditions = [parse(part) for part in dict.fromkeys((section.relevant, question.relevant, item.relevant)) if part]
                why = _why_not(item, conditions, texts)
                if why is None:
                    found.append(Shown(item, conditions))
                else:
                    unknown[item.id] = why
    return found, unknown


def _is_tick(item: Question) -> bool:
    return item.type == "consent" or (item.type == "select_many" and len(item.choices) == 1 and not item.allow_other)


def _may_be_empty(item: Question) -> bool:
    return item.required is not True


def _why_not(item: Question, conditions: Iterable[Tree], texts: set[str]) -> Why | None:
    parts = [part for condition in conditions for part in walk(condition)]
    if any(isinstance(part, list) and part[0] == "today" for part in parts):
        return Why.DAY
    if any(texts & set(questions_in(condition)) for condition in conditions):
        return Why.WORDS
    if item.type == "select_many" and _may_be_empty(item) and not any(choice.is_exclusive for choice in item.choices):
        return Why.NOTHING_FITS
    return None


class LeftOutCount:
    """The running counts over the answers to one version of a form, by language."""

    def __init__(self, form: Form) -> None:
        self._shown, self._unknown = assessed(form)
        everything = {part for shown in self._shown for condition in shown.conditions for part in questions_in(condition)}
        self._asked_about = sorted(everything)
        self._decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self._patterns: dict[tuple[bytes, ...], frozenset[str]] = {}
        self._people: Counter[tuple[str, frozenset[str]]] = Counter()
        self._asked: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._empty: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._optional = {shown.item.id for shown in self._shown if _may_be_empty(shown.item)}
        self._refusable = {shown.item.id for shown in self._shown if shown.item.may_be_refused}

    def add(self, language: str, document: str) -> None:
        answers = self._decoder.decode(document)
        pattern = tuple([bytes(answers.get(question, b"")) for question in self._asked_about])
        shown = self._patterns.get(pattern)
        if shown is None:
            shown = self._remember(pattern)
        self._people[language, shown] += 1
        self._empty[language].update(shown.difference(answers))

    def _remember(self, pattern: tuple[bytes, ...]) -> frozenset[str]:
        if len(self._patterns) >= MOST_PATTERNS:
            self._sum_up()
        answers: dict[str, Any] = {
            question: msgspec.json.decode(raw) for question, raw in zip(self._asked_about, pattern, strict=True) if raw
        }
        found = frozenset(shown.item.id for shown in self._shown if all(holds(part, answers) for part in shown.conditions))
        self._patterns[pattern] = found
        return found

    def _sum_up(self) -> None:
        """Turn people by what they were shown into people by question, so that memory has an end."""
        for (language, shown), people in self._people.items():
            for question in shown:
                self._asked[language][question] += people
        self._people.clear()
        self._patterns.clear()

    def add_to(self, sums: LeftOut, refused: Mapping[str, Mapping[str, int]]) -> None:
        """Add what was counted; `refused`: by language and question, who preferred not to say."""
        self._sum_up()
        if not self._empty:  # nobody answered this version
            return
        sums.not_assessed.update({question: str(why) for question, why in self._unknown.items()})
        for language, counts in self._asked.items():
            of_language = sums.by_language.setdefault(language, {})
            for question, people in sorted(counts.items()):
                asked = of_language.setdefault(question, Asked())
                if question in self._optional:
                    asked.asked += people
                    asked.left_out += self._empty[language][question]
                if question in self._refusable:
                    asked.offered += people
                    asked.refused += refused.get(language, {}).get(question, 0)


def without_unassessed(sums: LeftOut) -> LeftOut:
    """Take out what one version of the form does not let be assessed: the others alone would speak for some of the people only."""
    for counts in sums.by_language.values():
        for question in sums.not_assessed:
            counts.pop(question, None)
    return sums


# What it comes to, as it may be told outside


class Rate(msgspec.Struct, frozen=True):
    """How often something happened of the times that it could; None where that could tell of fewer than ten people."""

    share: float | None


def rate_of(pairs: Sequence[tuple[int, int]]) -> Rate | None:
    """Over questions, each with (how many did, how many could); None where nobody could. Of a single question these are people."""
    told = [(did, could) for did, could in pairs if could]
    if not told:
        return None
    did, could = sum(n for n, _ in told), sum(n for _, n in told)
    is_hidden = len(told) == 1 and any(0 < n < THRESHOLD for n in (did, could - did))
    return Rate(None if is_hidden else did / could)


def left_out_most(counts: Mapping[str, Asked], questions: Iterable[str]) -> tuple[str, Part] | None:
    """The question that most left out, of those put to enough people; where at least ten did, and nobody or at least ten did not."""
    found: tuple[str, Part] | None = None
    most = 0.0
    for key in questions:
        one = counts.get(key, Asked())
        if one.asked < ENOUGH or one.left_out < THRESHOLD or 0 < one.asked - one.left_out < THRESHOLD:
            continue
        if one.left_out / one.asked > most:
            most, found = one.left_out / one.asked, (key, part(one.left_out, one.asked))
    return found
