"""What the inbox shows of who wrote a text, and which filters it has. Pure.

A text with area, language and day together can point to one person. So the area is told only where at least ten people of that area
answered in that language, and the day of a text whose area is known is told as its month: also where the area is not told, since who
filters by area knows it.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

THRESHOLD = 10
"""As in analysis.statistics.disclosure."""

PAGE = 30


class InboxState(StrEnum):
    """What can be asked for besides the place of a statement."""

    NEW = "new"
    READ = "read"
    NEEDS_RENDERING = "needs_rendering"
    TO_ACCEPT = "to_accept"
    PERSONAL_DATA = "personal_data"
    FLAGGED = "flagged"
    UNSORTED = "unsorted"


class Shown(msgspec.Struct, frozen=True):
    """What is told beside a text."""

    has_area: bool
    has_day: bool
    """Else the month."""


def shown_place(people: int, *, has_area: bool) -> Shown:
    """`people` answered in the text's language from its area."""
    return Shown(has_area=has_area and people >= THRESHOLD, has_day=not has_area)


_BACK = re.compile(r"/desk/(?:inbox|surveys/[a-z0-9-]+/inbox|statements/[a-z0-9]+)(?:\?[!-~]*)?")


def way_back(given: str, otherwise: str) -> str:
    """The page that an act was done on, if it is one of the inbox's: nothing else is led to."""
    return given if _BACK.fullmatch(given) and "\\" not in given and "#" not in given else otherwise
