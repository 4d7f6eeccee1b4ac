"""Channels: the ways by which a survey reaches people. They are added, changed and retired, never deleted."""

from __future__ import annotations

import secrets

from survey.accounts.queries import accounts_with, area_ids
from survey.accounts.rules import Actor, Right, RoleKind, may
from survey.audit.service import record_act
from survey.codes import letters_of
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid, NotAllowed
from survey.outreach.errors import ChannelInvalid
from survey.outreach.queries import ChannelView, channel_id, find_channel
from survey.outreach.rules import (
    SHORT_LENGTH,
    ChannelDetails,
    ChannelKind,
    code_from,
    details_problems,
    is_code,
)
from survey.outreach.tables import Channel


def require_code(code: str) -> None:
    """Raise InputInvalid for a code that no link could carry."""
    if not is_code(code):
        raise InputInvalid(f"The channel code {code!r} cannot be used in a link: use letters, digits, hyphens.")


async def add_channel(
    *, survey_id: int, code: str, name: str, kind: ChannelKind = ChannelKind.OTHER, default_language: str = "",
    partner_id: int | None = None,
) -> int:
    """Create a channel, or return the one that has this code already; for commands, where nobody is signed in."""
    require_code(code)
    details = ChannelDetails(name=name, kind=kind, default_language=default_language, partner_id=partner_id)
    async with write_transaction(Channel):
        known = await channel_id(survey_id, code)
        return known or await _insert(survey_id, code, details)


async def create_channel(*, survey_id: int, code: str, details: ChannelDetails, actor: Actor) -> ChannelView:
    """Create a channel; without a code, one is made of its name. Raises ChannelInvalid."""
    _require_review(actor)
    problems = details_problems(details)
    if code and not is_code(code):
        problems["code"] = "form"
    async with write_transaction(Channel):
        await _require(details, problems)
        if code and await channel_id(survey_id, code) is not None:
            raise ChannelInvalid({"code": "taken"})
        code = code or await _free_code(survey_id, details.name)
        await _insert(survey_id, code, details)
        await record_act(actor=actor.name, role=actor.role, action="channel.added", subject=f"channel:{survey_id}/{code}")
        return await find_channel(survey_id, code)


async def edit_channel(channel: ChannelView, *, details: ChannelDetails, actor: Actor) -> None:
    """Change what is said about a channel. Its codes stay: they are printed. Raises ChannelInvalid."""
    _require_review(actor)
    async with write_transaction(Channel):
        await _require(details, details_problems(details))
        await Channel.update({
            Channel.name: details.name, Channel.kind: str(details.kind), Channel.default_language: details.default_language,
            Channel.area: details.area_id, Channel.place: details.place, Channel.partner: details.partner_id,
        }).where(Channel.id == channel.id)  # fmt: skip
        await _record(actor, "channel.changed", channel)


async def set_active(channel: ChannelView, *, is_active: bool, actor: Actor) -> None:
    """Retire a channel or bring it back. The short address of a retired one still leads to the survey."""
    _require_review(actor)
    async with write_transaction(Channel):
        changed = await (
            Channel.update({Channel.is_active: is_active})
            .where((Channel.id == channel.id) & (Channel.is_active != is_active))
            .returning(Channel.id)
        )
        if changed:
            await _record(actor, "channel.brought_back" if is_active else "channel.retired", channel)


async def list_channels(survey_id: int) -> list[dict[str, str]]:
    return await Channel.select(Channel.id, Channel.code, Channel.name).where(Channel.survey == survey_id).order_by(Channel.id)


def _require_review(actor: Actor) -> None:
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Only committee members change channels.")


async def _require(details: ChannelDetails, problems: dict[str, str]) -> None:
    if details.area_id is not None and details.area_id not in (await area_ids()).values():
        problems["area"] = "unknown"
    if details.partner_id is not None and details.partner_id not in (await accounts_with(RoleKind.PARTNER)):
        problems["partner"] = "unknown"
    if problems:
        raise ChannelInvalid(problems)


async def _insert(survey_id: int, code: str, details: ChannelDetails) -> int:
    rows = await Channel.insert(
        Channel(
            survey=survey_id, code=code, name=details.name, kind=str(details.kind), default_language=details.default_language,
            area=details.area_id, place=details.place, short=await _free_short(), is_active=True,
            partner=details.partner_id,
        )
    ).returning(Channel.id)  # fmt: skip
    return int(rows[0]["id"])


async def _free_short() -> str:
    """A short code that no channel has: inside the transaction, so nobody takes it in between."""
    while True:
        short = _letters(SHORT_LENGTH)
        if not await Channel.exists().where(Channel.short == short):
            return short


async def _free_code(survey_id: int, name: str) -> str:
    """A code of this survey made of the name; random letters where the name has no Latin ones."""
    stem = code_from(name) or _letters(SHORT_LENGTH).lower()
    code, number = stem, 1
    while await channel_id(survey_id, code) is not None:
        number += 1
        code = f"{stem}-{number}"
    return code


def _letters(length: int) -> str:
    return letters_of(secrets.token_bytes(length), length)


async def _record(actor: Actor, action: str, channel: ChannelView) -> None:
    await record_act(actor=actor.name, role=actor.role, action=action, subject=f"channel:{channel.survey_id}/{channel.code}")
