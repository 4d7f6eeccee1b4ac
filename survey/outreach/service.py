"""Channels: the ways by which a survey reaches people."""

from __future__ import annotations

import re

from survey.db.transaction import write_transaction
from survey.errors import InputInvalid
from survey.outreach.tables import Channel

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


def require_code(code: str) -> None:
    """Raise InputInvalid for a code that no link could carry."""
    if not _CODE.fullmatch(code):
        raise InputInvalid(f"The channel code {code!r} cannot be used in a link: use letters, digits, hyphens.")


async def add_channel(*, survey_id: int, code: str, name: str) -> int:
    """Create a channel, or return the one that has this code already."""
    require_code(code)
    async with write_transaction(Channel):
        row = await Channel.select(Channel.id).where((Channel.survey == survey_id) & (Channel.code == code)).first()
        if row:
            return int(row["id"])
        rows = await Channel.insert(Channel(survey=survey_id, code=code, name=name)).returning(Channel.id)
        return int(rows[0]["id"])


async def channel_id(survey_id: int, code: str) -> int | None:
    """Return the id of a channel of this survey; an unknown code is no channel, never an error for the resident."""
    if not _CODE.fullmatch(code):
        return None
    row = await Channel.select(Channel.id).where((Channel.survey == survey_id) & (Channel.code == code)).first()
    return int(row["id"]) if row else None


async def list_channels(survey_id: int) -> list[dict[str, str]]:
    return await Channel.select(Channel.id, Channel.code, Channel.name).where(Channel.survey == survey_id).order_by(Channel.id)


def survey_link(base_url: str, slug: str, code: str = "") -> str:
    return f"{base_url.rstrip('/')}/s/{slug}" + (f"?c={code}" if code else "")
