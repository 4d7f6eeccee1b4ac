"""The time, in one place, so that tests can set it. Stored in UTC, shown in Asia/Shanghai."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def midnight(day: dt.date) -> dt.datetime:
    """The first moment of a day in Beijing: what is stored where the time of day would tell too much."""
    return dt.datetime.combine(day, dt.time(), tzinfo=BEIJING)


def today() -> dt.date:
    """The day in Beijing, which is the day that residents and the committee live in."""
    return now().astimezone(BEIJING).date()
