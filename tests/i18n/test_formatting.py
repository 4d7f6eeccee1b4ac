"""Dates, numbers and lists as each language writes them."""

from __future__ import annotations

import datetime as dt

import pytest

from survey.i18n.formatting import date_text, list_text, moment_text, number_text, percent_text
from survey.i18n.languages import languages

DAY = dt.date(2026, 3, 5)
LATE = dt.datetime(2026, 3, 5, 16, 30, tzinfo=dt.UTC)
"""Past midnight in Beijing."""


def _plain(text: str) -> str:
    """Which kind of unbroken space a language takes changes with the edition of its data."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_date_text_in_every_language() -> None:
    assert {tag: _plain(date_text(DAY, tag)) for tag in languages()} == {
        "zh-Hans": "2026年3月5日", "zh-Hant": "2026年3月5日", "en": "March 5, 2026", "ko": "2026년 3월 5일",
        "ja": "2026年3月5日", "ru": "5 марта 2026 г.", "fr": "5 mars 2026", "de": "5. März 2026",
        "es": "5 de marzo de 2026", "ar": "5 مارس 2026",
    }  # fmt: skip


def test_date_text_can_be_short() -> None:
    assert date_text(DAY, "de", "short") == "05.03.26"


def test_date_text_of_a_language_that_we_do_not_speak_is_english() -> None:
    assert date_text(DAY, "vi") == "March 5, 2026"


@pytest.mark.parametrize(
    ("tag", "expected"), [("zh-Hans", "2026年3月6日 00:30"), ("de", "06.03.2026, 00:30"), ("en", "Mar 6, 2026, 12:30\u202fAM")]
)
def test_moment_text_is_the_time_in_beijing(tag: str, expected: str) -> None:
    assert moment_text(LATE, tag) == expected


def test_number_text_groups_as_the_language_does() -> None:
    written = {tag: _plain(number_text(1234567.5, tag)) for tag in ("zh-Hans", "en", "de", "es", "fr", "ru", "ar")}

    assert written == {
        "zh-Hans": "1,234,567.5", "en": "1,234,567.5", "de": "1.234.567,5", "es": "1.234.567,5",
        "fr": "1 234 567,5", "ru": "1 234 567,5", "ar": "1,234,567.5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("share", "tag", "expected"),
    [(0, "en", "0%"), (0.004, "en", "0%"), (0.006, "en", "1%"), (0.376, "zh-Hans", "38%"), (1, "de", "100 %"),
     (0.5, "fr", "50 %"), (0.5, "ar", "50%")],
)  # fmt: skip
def test_percent_text_is_in_whole_percent(share: float, tag: str, expected: str) -> None:
    assert _plain(percent_text(share, tag)) == expected


def test_list_text_joins_as_the_language_does() -> None:
    items = ["a", "b", "c"]

    assert {tag: list_text(items, tag) for tag in ("zh-Hans", "en", "ja", "de", "ar")} == {
        "zh-Hans": "a、b和c", "en": "a, b, and c", "ja": "a、b、c", "de": "a, b und c", "ar": "a وb وc",
    }  # fmt: skip
    assert list_text(["a"], "en") == "a"
    assert list_text([], "en") == ""
