"""Two surveys beside each other: which of their questions are the same, and what people answered to those. Pure.

Compared are shares of residents alone, question by question in the order of the form: nothing is added up to a mark of a survey, and
nothing is sorted by who is ahead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from analysis.statistics.disclosure import THRESHOLD, pool_small, rounded
from analysis.statistics.shares import Population
from survey.insight.findings import ENOUGH, GroupDifference, Part, compared
from survey.insight.rules import possible_answers, usual_answers
from survey.questionnaire.form import CHOOSING, POINTS, Form, Question
from survey.questionnaire.sameness import fingerprint


class Side(msgspec.Struct, frozen=True):
    """One survey: `totals` by question and answer, `waves` for each wave the fingerprints of its questions (see Figures)."""

    form: Form
    totals: Mapping[str, Mapping[str, int]]
    waves: Sequence[Mapping[str, str]]
    population: Population


class Why(StrEnum):
    """Why a question is not compared."""

    ONLY_HERE = "only_here"
    ONLY_THERE = "only_there"
    DIFFERS = "differs"
    """It reads otherwise, in a language that both surveys have."""
    CONDITION = "condition"
    """It reads the same, and is asked of other people: a condition before it differs."""
    WAVES = "waves"
    """It was changed from one wave to the next."""
    WORDS = "words"
    SEVERAL = "several"
    """Several answers to one question: counted is what was chosen, not by how many people."""
    NO_SHARES = "no_shares"
    """A number, a date, a consent, or where people live: no shares of what they say."""
    FEW = "few"


class LeftOut(msgspec.Struct, frozen=True):
    question: Question
    why: Why


class ComparedAnswer(msgspec.Struct, frozen=True):
    """`answers` are the values counted; more than one where small ones are counted together (`is_rest`), which is not tested."""

    answers: list[str]
    found: GroupDifference
    is_rest: bool = False


class ComparedQuestion(msgspec.Struct, frozen=True):
    question: Question
    answers: list[ComparedAnswer]


class Comparison(msgspec.Struct, frozen=True):
    questions: list[ComparedQuestion]
    left_out: list[LeftOut]
    languages: list[str]
    """Those that both surveys have: in these the questions compared read the same."""

    @property
    def marked(self) -> int:
        return sum(answer.found.is_marked for question in self.questions for answer in question.answers)

    @property
    def tested(self) -> int:
        return sum(answer.found.difference is not None for question in self.questions for answer in question.answers)


def compare(first: Side, second: Side) -> Comparison:
    """Raises ValueError where the two are not both of residents: a unit speaks for many, and has no share among people."""
    if {first.population, second.population} != {Population.RESIDENT}:
        raise ValueError("Only surveys of residents are compared.")
    languages = [tag for tag in first.form.languages if tag in second.form.languages]
    here, there = dict(_placed(first.form)), dict(_placed(second.form))
    left_out: list[LeftOut] = []
    counted: list[tuple[Question, list[_Counts]]] = []
    reasons = reasons_against(first.form, second.form)
    for key, (question, _) in here.items():
        why = reasons[key]
        if why is None:
            why = why_no_shares(question) or _why_waves(question, first, there[key][0], second)
        if why is not None:
            left_out.append(LeftOut(question, why))
            continue
        for item in counted_items(question):
            counts = _told(item, first.totals.get(item.id, {}), second.totals.get(item.id, {}))
            if counts:
                counted.append((item, counts))
            else:
                left_out.append(LeftOut(item, Why.FEW))
    left_out += [LeftOut(question, Why.ONLY_THERE) for key, (question, _) in there.items() if key not in here]
    return Comparison(_tested(counted), left_out, languages)


def reasons_against(first: Form, second: Form) -> dict[str, Why | None]:
    """For each question of the first form why it is not the same in the second; None where it reads the same and is asked of the same people."""
    languages = [tag for tag in first.languages if tag in second.languages]
    there = dict(_placed(second))
    same: set[str] = set()
    found: dict[str, Why | None] = {}
    for key, (question, condition) in _placed(first):
        found[key] = _why_not(question, condition, *there[key], languages, same) if key in there else Why.ONLY_HERE
        if found[key] is None:
            same.add(key)
    return found


def counted_items(question: Question) -> list[Question]:
    """What of a question is counted by answer and people: not the words at "other", which are read."""
    return [] if why_no_shares(question) else [item for item in question.items() if item.type in POINTS | {"select_one"}]


def _placed(form: Form) -> list[tuple[str, tuple[Question, str]]]:
    """Each question with the condition of its section."""
    return [
        (question.id, (question, section.relevant or ""))
        for section in form.sections
        for question in section.questions
        if question.type != "note"
    ]


def _why_not(
    question: Question, condition: str, other: Question, other_condition: str, languages: list[str], same: set[str]
) -> Why | None:
    if not languages or fingerprint(question, languages) != fingerprint(other, languages):
        return Why.DIFFERS
    named = set(re.findall(r"\$\{(\w+)", f"{question.relevant or ''} {condition}"))
    return Why.CONDITION if condition != other_condition or named - same else None


def why_no_shares(question: Question) -> Why | None:
    if question.is_text:
        return Why.WORDS
    if question.type in CHOOSING - {"select_one"}:
        return Why.SEVERAL
    has_shares = question.type in POINTS | {"select_one", "matrix"} and question.use != "area"
    return None if has_shares else Why.NO_SHARES


def _why_waves(question: Question, first: Side, other: Question, second: Side) -> Why | None:
    kept = [wave.get(asked.id) == fingerprint(asked) for asked, side in ((question, first), (other, second)) for wave in side.waves]
    return None if all(kept) else Why.WAVES


class _Counts(msgspec.Struct, frozen=True):
    answers: list[str]
    counts: tuple[int, int]
    bases: tuple[int, int]
    is_rest: bool


def _told(item: Question, first: Mapping[str, int], second: Mapping[str, int]) -> list[_Counts]:
    """What may be shown of one question in both surveys, and empty where too little may.

    Of two answers the first, of a scale the points above its middle: the other is the rest of the base. Small answers are counted
    together, the same in both surveys, as :func:`pool_small` does for one: the sums are made of what each survey alone may tell.
    """
    sides = [{key: counts.get(key, 0) for key in possible_answers(item)} for counts in (first, second)]
    bases = (sum(sides[0].values()), sum(sides[1].values()))
    groups = [[key] for key in sides[0]]
    if item.type in POINTS:
        high = usual_answers(item)
        groups = [high, [point for point in possible_answers(item) if point not in high]]
    sums = [tuple(sum(side[key] for key in group) for side in sides) for group in groups]
    pooled = _pooled(sums)
    kept = [place for place in range(len(groups)) if place not in pooled]
    if min(bases) < THRESHOLD or not kept:
        return []
    rest = [key for place in sorted(pooled) for key in groups[place]]
    found = [_Counts(groups[place], (sums[place][0], sums[place][1]), bases, is_rest=False) for place in kept]
    if rest:
        together = (sum(sums[place][0] for place in pooled), sum(sums[place][1] for place in pooled))
        found.append(_Counts(rest, together, bases, is_rest=True))
    return found[:1] if len(groups) == 2 else found


def _pooled(sums: Sequence[tuple[int, ...]]) -> set[int]:
    """The places of answers that are counted together: small in one survey, or hidden with a small one there."""
    pooled = {place for place, counts in enumerate(sums) if min(counts) < THRESHOLD}
    for side in (0, 1):
        pooled |= set(pool_small({place: counts[side] for place, counts in enumerate(sums)}).others)
    while pooled and len(pooled) < len(sums):
        together = [sum(sums[place][side] for place in pooled) for side in (0, 1)]
        if len(pooled) > 1 and min(together) >= THRESHOLD:
            break
        pooled.add(min((place for place in range(len(sums)) if place not in pooled), key=lambda place: (min(sums[place]), place)))
    return pooled


def _tested(counted: Sequence[tuple[Question, list[_Counts]]]) -> list[ComparedQuestion]:
    """Differences of all answers are one family of tests. Groups of fewer than 30 are shown and not tested, nor is what is counted together."""
    shown = {
        f"{item.id} {place}": (one, rounded(one.counts[0]), rounded(one.counts[1]))
        for item, answers in counted
        for place, one in enumerate(answers)
    }
    tested = {
        found.key: found
        for found in compared([
            (key, first, second, one.counts, one.bases) for key, (one, first, second) in shown.items() if min(one.bases) >= ENOUGH and not one.is_rest
        ])
    }  # fmt: skip
    return [
        ComparedQuestion(
            item,
            [
                ComparedAnswer(one.answers, tested.get(key) or _untested(key, *shown[key]), one.is_rest)
                for place, one in enumerate(answers)
                if (key := f"{item.id} {place}")
            ],
        )
        for item, answers in counted
    ]


def _untested(key: str, one: _Counts, first: int | None, second: int | None) -> GroupDifference:
    return GroupDifference(key, Part(first, rounded(one.bases[0])), Part(second, rounded(one.bases[1])), None, is_marked=False)
