"""What the panels recognise in a form, and when answers are counted again or called old."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from survey.authoring.service import bundled_form
from survey.insight.rules import (
    batteries,
    importance_pairs,
    is_old,
    likert_battery,
    services,
    should_count_again,
)
from survey.questionnaire.form import Form, MatrixColumn, Question, Section

TODAY = dt.date(2026, 11, 26)
FIELDS = ["health", "home", "safety", "environment", "transport", "information", "neighbours"]


def _with(*questions: Question, relevant: str | None = None) -> Form:
    form = bundled_form()
    section = Section(id="more", title=form.title, questions=list(questions), relevant=relevant)
    return msgspec.structs.replace(form, sections=[section])


def _scale(key: str, *, relevant: str | None = None, maximum: int = 5) -> Question:
    return Question(id=key, type="scale", label={"en": key}, minimum=1, maximum=maximum, relevant=relevant)


def test_bundled_form_has_seven_pairs_six_services_and_a_battery_of_satisfaction() -> None:
    form = bundled_form()

    assert [pair.key for pair in importance_pairs(form)] == FIELDS
    assert [service.key for service in services(form)] == [
        "health_centre", "service_station", "library", "sports_rooms", "classes_events", "registration",
    ]  # fmt: skip
    battery = likert_battery(form)
    assert battery is not None
    assert [item.id for item in battery.items] == [f"satisfaction_{field}" for field in FIELDS]


def test_matrix_of_importance_and_satisfaction_is_pairs_and_two_batteries() -> None:
    ends = {"en": "low"}, {"en": "high"}
    columns = [
        MatrixColumn(id=key, label={"en": key}, minimum=1, maximum=5, low_label=ends[0], high_label=ends[1])
        for key in ("importance", "satisfaction")
    ]
    rows = bundled_form().sections[0].questions[1].choices[:2]
    form = _with(Question(id="services", type="matrix", label={"en": "Services"}, rows=rows, columns=columns))

    assert [(pair.key, pair.satisfaction.id) for pair in importance_pairs(form)] == [
        (f"services.{row.value}", f"services.{row.value}.satisfaction") for row in rows
    ]
    assert [[item.id for item in battery.items] for battery in batteries(form)] == [
        [f"services.{row.value}.{column}" for row in rows] for column in ("importance", "satisfaction")
    ]


def test_scales_of_different_range_are_no_pair_and_no_battery() -> None:
    form = _with(_scale("importance_bus"), _scale("satisfaction_bus", maximum=7))

    assert importance_pairs(form) == []
    assert batteries(form) == []
    assert likert_battery(form) is None




@pytest.mark.parametrize(
    ("counted", "days_ago", "answers", "again"),
    [(100, 0, 100, False), (100, 0, 109, False), (100, 0, 110, True), (100, 1, 101, True), (100, 1, 100, False), (0, 0, 1, True)],
)
def test_counted_again_a_tenth_later_or_on_the_next_day(counted: int, days_ago: int, answers: int, again: bool) -> None:
    counted_on = TODAY - dt.timedelta(days=days_ago)

    assert should_count_again(counted=counted, counted_on=counted_on, answers=answers, today=TODAY) is again


@pytest.mark.parametrize(("days", "old"), [(180, False), (181, True)])
def test_answers_are_old_after_half_a_year(days: int, old: bool) -> None:
    assert is_old(TODAY - dt.timedelta(days=days), TODAY) is old
