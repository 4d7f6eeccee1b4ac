"""Meetings for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from survey import clock
from survey.accounts.rules import Actor, RoleKind
from survey.outreach.events import EventDraft, EventView, create_event

CHEN = Actor(account_id=1, name="chen", role=RoleKind.COMMITTEE, area_id=None, session_id=0)
NAME = {"zh-Hans": "邻里见面会", "en": "Neighbours' evening", "ar": "أمسية الجيران"}
PLACE = {"zh-Hans": "社区服务站二楼", "ko": "주민센터 2층"}


def soon(days: float = 3) -> dt.datetime:
    return (clock.now() + dt.timedelta(days=days)).replace(microsecond=0)


def draft(**changes: Any) -> EventDraft:
    given: dict[str, Any] = {
        "survey_id": None, "area_id": None, "names": NAME, "places": PLACE, "starts_at": soon(),
        "languages_spoken": ["zh-Hans", "en"],
    }  # fmt: skip
    return EventDraft(**{**given, **changes})


async def meeting(**changes: Any) -> EventView:
    """A meeting in three days, or as the changes say; `name` is its Chinese name."""
    name = changes.pop("name", "")
    if name:
        changes["names"] = {"zh-Hans": name}
    return await create_event(draft(**changes), actor=CHEN, now=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
