"""What pages with meetings need of a request: which meetings this browser was counted for. Shared with higher features' pages."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from litestar.datastructures import Cookie

from survey import clock
from survey.outreach.events import Wish, next_events
from survey.web.request import WebRequest

COOKIE = "events"
"""The meetings that this browser was counted for, each with the language of the interpreter asked for: `id.ko~id`."""
MOST_REMEMBERED = 20
_REMEMBERED = re.compile(r"([a-z0-9]{20})(?:\.([A-Za-z0-9-]{2,16}))?")


async def next_meetings(request: WebRequest, *, survey_id: int, area_id: int | None, language: str) -> dict[str, Any]:
    """What components/next_events.html needs, but for `contact`."""
    events = await next_events(survey_id, area_id, language, clock.now())
    return {"events": events, **card_context(wishes_of(request))}


def card_context(wishes: Mapping[str, Wish]) -> dict[str, Any]:
    """What components/event_card.html needs beside its meeting. `once` makes a doubled tap known as one."""
    return {"wishes": wishes, "once": secrets.token_urlsafe(9)}


def wishes_of(request: WebRequest) -> dict[str, Wish]:
    """What this browser was counted for, by meeting; the oldest first."""
    entries = (_REMEMBERED.fullmatch(part) for part in request.cookies.get(COOKIE, "").split("~")[-MOST_REMEMBERED:])
    return {entry[1]: entry[2] or "" for entry in entries if entry}


def wishes_cookie(wishes: Mapping[str, Wish], *, is_secure: bool) -> Cookie:
    value = "~".join(f"{key}.{wish}" if wish else key for key, wish in list(wishes.items())[-MOST_REMEMBERED:])
    return Cookie(
        key=COOKIE, value=value, path="/", httponly=True, samesite="lax", secure=is_secure,
        max_age=180 * 86400 if value else 0,
    )  # fmt: skip
