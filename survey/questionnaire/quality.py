"""Signs that an answer was given without care. They are told beside the answer and drop nothing: who ticks the same number
everywhere may mean it. Pure.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from survey.questionnaire.form import POINTS, Form
from survey.questionnaire.values import DONT_KNOW, REFUSED


class Flag(StrEnum):
    """What is stored with a response, and stands in exports."""

    STRAIGHT_LINING = "straight_lining"
    SPEEDING = "speeding"
    COPIED_TEXT = "copied_text"
    ABUSE = "abuse"
    """Insults or threats in a text (analysis.text.abuse); set when it is prepared, as for copies."""


MIN_ITEMS = 5
"""Fewer equal points in a row are ordinary agreement."""
FAST = 0.3
"""Below this share of the expected time nobody has read the questions."""
MIN_COPIED = 20
"""Characters. Shorter texts ("没有", "No problems at all") are written by many who never met."""


class ScaleItem(NamedTuple):
    """A question answered by a point: of a scale, a rating, or a row of a matrix."""

    id: str
    section: str
    low: int
    high: int


def scale_items(form: Form) -> list[ScaleItem]:
    return [
        ScaleItem(item.id, section.id, item.points()[0], item.points()[-1])
        for section in form.sections
        for question in section.questions
        for item in question.items()
        if item.type in POINTS
    ]


def is_straight_lining(items: Iterable[ScaleItem], answers: Mapping[str, Any]) -> bool:
    """Whether all points that were given are the same in some section, over at least MIN_ITEMS items of one range.

    Non-differentiation in its strictest form (Kim, Dykema, Stevenson, Black and Moberg 2019, "Straightlining: Overview of
    Measurement, Comparison of Indicators, and Effects in Mail-Web Mixed-Mode Surveys", Social Science Computer Review 37).
    What was skipped or refused is no point.
    """
    points: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for item in items:
        given = answers.get(item.id)
        if isinstance(given, int):
            points[item.section, item.low, item.high].append(given)
    return any(len(given) >= MIN_ITEMS and len(set(given)) == 1 for given in points.values())


def is_speeding(seconds: float | None, minutes: int, share_answered: float) -> bool:
    """Whether a form was filled in within less than FAST of the time that it says it takes, for what was answered of it.

    Greszki, Meyer and Schoen 2015 ("Exploring the Effects of Removing 'Too Fast' Responses and Respondents from Web
    Surveys", Public Opinion Quarterly 79) judge by thresholds relative to the usual time, and find that removal changes
    results little: another reason to tell and not to drop. `seconds` is None, or below nothing where clocks differ: then nobody knows.
    """
    if seconds is None or seconds < 0:
        return False
    return seconds < FAST * minutes * 60 * min(1.0, max(0.0, share_answered))


def share_answered(form: Form, answers: Mapping[str, Any]) -> float:
    """How much of the form was answered, from 0 to 1. To give no opinion takes no time, and what was hidden took none."""
    asked = [item.id for item in form.items()]
    given = sum(answers.get(question, REFUSED) not in (REFUSED, DONT_KNOW) for question in asked)
    return given / len(asked) if asked else 0.0


def flags_of(form: Form, answers: Mapping[str, Any], seconds: float | None = None) -> list[str]:
    """The flags that follow from one response alone, sorted; `seconds` since the page was opened, where they are known."""
    found = []
    if is_speeding(seconds, form.minutes, share_answered(form, answers)):
        found.append(Flag.SPEEDING)
    if is_straight_lining(scale_items(form), answers):
        found.append(Flag.STRAIGHT_LINING)
    return sorted(flag.value for flag in found)


def corrected_flags(former: set[str], form: Form, answers: Mapping[str, Any]) -> set[str]:
    """The flags of a corrected answer. How fast it came stays true; copies are looked for when its text is prepared anew."""
    return (former - {Flag.STRAIGHT_LINING}) | set(flags_of(form, answers))


def comparable(text: str) -> str:
    """A text as it is compared with others: the same letters, cases and widths, one space between words. "" if too short."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return plain if len(plain) >= MIN_COPIED else ""
