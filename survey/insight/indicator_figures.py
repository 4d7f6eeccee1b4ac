"""What an indicator comes to: its share in each wave of each survey, as it may be shown, and how that stands to its own past and target. Pure.

An indicator is never set beside another area's: nothing here takes two areas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from analysis.statistics.disclosure import THRESHOLD, pool_small, rounded
from analysis.statistics.intervals import Interval
from survey.insight.findings import ENOUGH, GroupDifference, Part, compared, protected
from survey.insight.rules import possible_answers, usual_answers
from survey.questionnaire.form import POINTS, Question


class Direction(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Target(msgspec.Struct, frozen=True):
    """In percent, as the body set it for itself."""

    percent: int
    direction: Direction


class Standing(StrEnum):
    """How a value stands to its target; too close where the target lies within what chance alone may do."""

    REACHED = "reached"
    MISSED = "missed"
    TOO_CLOSE = "too_close"


class Value(msgspec.Struct, frozen=True):
    """Those of one wave who gave a counted answer: as shown, and exactly (`counted` of `base`), for tests alone."""

    wave: str
    shown: Part
    counted: int
    base: int


def values_of(by_wave: Mapping[str, Mapping[str, int]], item: Question, answers: Sequence[str]) -> list[Value]:
    """A value for each wave in which anybody answered, in order. All waves are made fit to be shown together, since their sum is known too."""
    keys = possible_answers(item)
    bases = {wave: sum(counts.get(key, 0) for key in keys) for wave, counts in by_wave.items()}
    waves = sorted((wave for wave, base in bases.items() if base), key=int)
    if not waves:
        return []
    yes = {wave: sum(by_wave[wave].get(key, 0) for key in answers) for wave in waves}
    shown = protected({"wave": ({"yes": yes}, {wave: bases[wave] for wave in waves})}, ["yes"])["wave"]["yes"]
    if not _is_told_by_answer([by_wave[wave] for wave in waves if bases[wave] >= THRESHOLD], item, answers):
        shown = dict.fromkeys(waves)
    return [Value(wave, Part(shown[wave], rounded(bases[wave])), yes[wave], bases[wave]) for wave in waves]


def _is_told_by_answer(waves: Sequence[Mapping[str, int]], item: Question, answers: Sequence[str]) -> bool:
    """Whether the answers chosen are made of parts of at least ten people each, in every wave.

    Several indicators of one question may choose other answers of it: `5` and `4, 5` would tell how few said 4. So small answers stay
    together (:func:`pool_small`), of a scale on each side of its middle, which other pages tell.
    """
    usual, chosen = usual_answers(item), set(answers)
    sides = [usual, [key for key in possible_answers(item) if key not in usual]] if item.type in POINTS else [possible_answers(item)]
    for side in sides:
        together = {key for counts in waves for key in pool_small({key: counts.get(key, 0) for key in side}).others}
        if together & chosen and together - chosen:
            return False
    return True


def standing(value: Part, target: Target | None) -> Standing | None:
    """None without a target, or without a share to tell."""
    if target is None or value.interval is None:
        return None
    limit, interval = target.percent / 100, value.interval
    if target.direction is Direction.AT_MOST:
        interval = Interval(1 - interval.estimate, 1 - interval.high, 1 - interval.low)
        limit = 1 - limit
    if interval.low >= limit:
        return Standing.REACHED
    return Standing.MISSED if interval.high < limit else Standing.TOO_CLOSE


def changes(histories: Mapping[str, Sequence[Value]]) -> dict[str, GroupDifference]:
    """By indicator how its newest value differs from the one before; of those with at least 30 people in both, tested as one family.

    `first` is the newest. Other people answered each time (nobody is known again), so the two are different groups.
    """
    pairs = {key: (history[-1], history[-2]) for key, history in histories.items() if len(history) > 1}
    return {
        one.key: one
        for one in compared([
            (key, now.shown.people, before.shown.people, (now.counted, before.counted), (now.base, before.base))
            for key, (now, before) in pairs.items()
            if min(now.base, before.base) >= ENOUGH
        ])
        if one.difference is not None
    }  # fmt: skip
