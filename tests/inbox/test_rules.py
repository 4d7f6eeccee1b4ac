"""What is told of who wrote a text, and where an act leads back to."""

from __future__ import annotations

import pytest

from analysis.statistics import disclosure
from survey.inbox import rules
from survey.inbox.rules import Shown, shown_place, way_back


def test_threshold_is_the_one_of_all_tables() -> None:
    assert rules.THRESHOLD == disclosure.THRESHOLD


@pytest.mark.parametrize(
    ("people", "has_area", "expected"),
    [
        (10, True, Shown(has_area=True, has_day=False)),
        (9, True, Shown(has_area=False, has_day=False)),
        (0, True, Shown(has_area=False, has_day=False)),
        (500, False, Shown(has_area=False, has_day=True)),
    ],
)
def test_area_language_and_day_are_never_told_together(people: int, has_area: bool, expected: Shown) -> None:
    assert shown_place(people, has_area=has_area) == expected


@pytest.mark.parametrize(
    "given",
    ["/desk/inbox", "/desk/surveys/community-needs/inbox?q=%E7%AD%BE&state=new", "/desk/statements/0123abc", "/desk/inbox?after=0a1"],
)
def test_way_back_is_the_page_of_the_act(given: str) -> None:
    assert way_back(given, "/desk") == given


@pytest.mark.parametrize(
    "given",
    ["", "//evil.example", "https://evil.example", "/desk/inbox#x", "/desk/inboxes", "/logout", "/desk/inbox?\\x", "/desk/surveys/../x/inbox",
     "/desk/inbox\r\nSet-Cookie: x", "/desk/inbox?q=签"],
)  # fmt: skip
def test_way_back_leads_nowhere_else(given: str) -> None:
    assert way_back(given, "/desk/inbox") == "/desk/inbox"
