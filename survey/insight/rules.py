"""What a form asks that the panels know how to read: pairs of importance and satisfaction, services, scales. Pure.

Questions are recognised by what the bundled item bank calls them: `importance_x` with `satisfaction_x`; `aware_x`, `used_x`
and `satisfied_x`; or a matrix with the columns `importance` and `satisfaction`. A form without them has fewer charts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import NamedTuple

from survey.questionnaire.form import POINTS, Form, Question, Section, Texts
from survey.questionnaire.values import OTHER

MAINLAND = "mainland"
"""The answer to the question of origin that tells locals from all others, whom the figures of 2010 count as one group."""

OLD_AFTER = dt.timedelta(days=180)
"""Answers whose newest is older than this are marked as old wherever they are shown."""

PARTS_OF_GROWTH = 10
"""Figures are counted again by themselves when there are a tenth more answers than they know, and each day that brings some."""

MOST_COMPARED = 15
"""Themes that charts and tables compare: the largest."""

LARGEST_BASE_WITH_WARNING = 30
"""Shares of fewer people than this stand with a warning; of fewer than ten people there is none."""


class Pair(NamedTuple):
    """How important something is, and how satisfied people are with it, on one range of points."""

    key: str
    importance: Question
    satisfaction: Question


class Service(NamedTuple):
    """Whether a service is known, whether those used it, how satisfied those are."""

    key: str
    aware: Question
    used: Question
    satisfied: Question


class Battery(NamedTuple):
    """Scales that may be added up: those of a section, or of a column of a matrix, that everybody is asked on one range."""

    key: str
    title: Texts
    items: list[Question]


def importance_pairs(form: Form) -> list[Pair]:
    items = {item.id: item for item in form.items() if item.type in POINTS}
    found = []
    for key, item in items.items():
        if key.startswith("importance_"):
            name, other = key.removeprefix("importance_"), items.get(key.replace("importance_", "satisfaction_", 1))
        elif key.endswith(".importance"):
            name, other = key.removesuffix(".importance"), items.get(key.removesuffix("importance") + "satisfaction")
        else:
            continue
        if other is not None and other.points() == item.points():
            found.append(Pair(name, item, other))
    return found


def services(form: Form) -> list[Service]:
    items = {item.id: item for item in form.items()}
    found = []
    for key, aware in items.items():
        if key.startswith("aware_"):
            name = key.removeprefix("aware_")
            used, satisfied = items.get(f"used_{name}"), items.get(f"satisfied_{name}")
            if used is not None and satisfied is not None and satisfied.type in POINTS:
                found.append(Service(name, aware, used, satisfied))
    return found


def batteries(form: Form) -> list[Battery]:
    """Two items or more each, in the form's order."""
    found = []
    for section in form.sections:
        groups: dict[tuple[str, int, int], list[Question]] = defaultdict(list)
        for question in asked_of_everybody(section):
            for item in question.items():
                if item.type in POINTS:
                    column = item.id.rsplit(".", 1)[-1] if "." in item.id else ""
                    groups[column, item.points()[0], item.points()[-1]].append(item)
        for (column, low, high), items in groups.items():
            if len(items) > 1:
                found.append(Battery(f"{section.id}.{column}.{low}.{high}", section.title, items))
    return found


def likert_battery(form: Form) -> Battery | None:
    """The scales that are drawn: of satisfaction where the form has such, else the longest battery."""
    found = batteries(form)
    pairs = {pair.satisfaction.id for pair in importance_pairs(form)}
    asked = [battery for battery in found if pairs & {item.id for item in battery.items}]
    return max(asked or found, key=lambda battery: len(battery.items), default=None)


def asked_of_everybody(section: Section) -> list[Question]:
    """The questions that nobody is spared: of others a missing answer does not tell that somebody left it out."""
    return [] if section.relevant else [question for question in section.questions if not question.relevant]


def possible_answers(item: Question) -> list[str]:
    """The answers to a single question that are counted by people, in the form's order: what was refused or not known is none."""
    if item.type in POINTS:
        return [str(point) for point in item.points()]
    return [choice.value for choice in item.choices] + [OTHER] * item.allow_other


def usual_answers(item: Question) -> list[str]:
    """What is most likely meant: "yes", or the points above the middle of a scale; nothing where it has to be said."""
    if item.type in POINTS:
        middle = (item.points()[0] + item.points()[-1]) / 2
        return [str(point) for point in item.points() if point > middle]
    return [choice.value for choice in item.choices if choice.value == "yes"]


def is_old(last_answer: dt.date, today: dt.date) -> bool:
    return today - last_answer > OLD_AFTER


def should_count_again(*, counted: int, counted_on: dt.date, answers: int, today: dt.date) -> bool:
    """Whether figures of so many answers are counted anew without being asked to.

    By growth, so that a survey of a million is not counted for each answer. By the day, and no finer time: it would tell when
    the answer came that set it off.
    """
    return answers != counted and (counted_on < today or PARTS_OF_GROWTH * (answers - counted) >= counted)
