"""Reading channels and their counts."""

from __future__ import annotations

from typing import Any

import msgspec

from survey.codes import as_typed
from survey.errors import NotFound
from survey.outreach.rules import ChannelKind, Stage, is_code
from survey.outreach.tables import Channel, ChannelCount


class ChannelView(msgspec.Struct, frozen=True):
    id: int
    survey_id: int
    code: str
    short: str
    name: str
    kind: ChannelKind
    default_language: str
    area_id: int | None
    place: str
    is_active: bool
    partner_id: int | None = None


async def list_channel_views(survey_id: int) -> list[ChannelView]:
    """In the order in which they were added, retired ones too."""
    return [_view(row) for row in await Channel.select().where(Channel.survey == survey_id).order_by(Channel.id)]


async def find_channel(survey_id: int, code: str) -> ChannelView:
    """Raise NotFound for a code that this survey does not have."""
    found = await channel_by_code(survey_id, code)
    if found is None:
        raise NotFound("This survey has no such channel.")
    return found


async def channel_by_code(survey_id: int, code: str) -> ChannelView | None:
    """Return the channel of a code in an address; an unknown code is no channel, never an error for the resident.

    A retired channel too: who came by an old poster came by it.
    """
    if not is_code(code):
        return None
    row = await Channel.select().where((Channel.survey == survey_id) & (Channel.code == code)).first()
    return _view(row) if row else None


async def find_channel_by_short(short: str) -> ChannelView | None:
    """Find the channel of a short address however it was typed: case and look-alike letters do not matter."""
    row = await Channel.select().where(Channel.short == as_typed(short[:40])).first()
    return _view(row) if row else None


async def channels_of_partner(account_id: int) -> list[ChannelView]:
    """Those that belong to a partner, newest first."""
    rows = await Channel.select().where(Channel.partner == account_id).order_by(Channel.id, ascending=False)
    return [_view(row) for row in rows]


async def channel_id(survey_id: int, code: str) -> int | None:
    """The id of `channel_by_code`."""
    found = await channel_by_code(survey_id, code)
    return found.id if found else None


async def stage_counts(survey_id: int) -> dict[int, dict[Stage, int]]:
    """Channel id to stage to count; 0 stands for no channel. What a running process has not yet written is missing."""
    rows = await (
        ChannelCount.select(ChannelCount.channel, ChannelCount.stage, ChannelCount.total)
        .where(ChannelCount.survey == survey_id)
        .order_by(ChannelCount.channel)
    )
    found: dict[int, dict[Stage, int]] = {}
    for row in rows:
        found.setdefault(row["channel"], {})[Stage(row["stage"])] = row["total"]
    return found


def _view(row: dict[str, Any]) -> ChannelView:
    return ChannelView(
        id=row["id"], survey_id=row["survey"], code=row["code"], short=row["short"], name=row["name"],
        kind=ChannelKind(row["kind"]), default_language=row["default_language"], area_id=row["area"], place=row["place"],
        is_active=bool(row["is_active"]), partner_id=row["partner"],
    )  # fmt: skip
