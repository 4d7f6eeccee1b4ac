"""To which entries of a service directory a theme belongs: by default, or as a person said. Every change is kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from survey import clock
from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.db.columns import from_json, to_json
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, NotAllowed
from survey.themes.directories import Directory, Entry
from survey.themes.queries import ThemeView
from survey.themes.tables import DirectoryMapping

LONGEST_REASON = 500


class NamedEntry(msgspec.Struct, frozen=True):
    """An entry as it was called when somebody chose it."""

    id: str
    names: dict[str, str]

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names.get("zh-Hans") or self.id


class MappingEvent(msgspec.Struct, frozen=True):
    """What a person said. `entries` is None for "the default again", empty for "it belongs to none"."""

    id: int
    entries: list[NamedEntry] | None
    version: str
    reason: str
    name: str
    role: str
    at: dt.datetime


class Placement(msgspec.Struct, frozen=True):
    """Where a theme stands in a directory now. `gone` are entries that a person chose and the present file does not know."""

    entries: list[Entry]
    gone: list[NamedEntry]
    is_default: bool
    event: MappingEvent | None

    @property
    def seen(self) -> int:
        """Another one when anybody has said anything since."""
        return self.event.id if self.event else 0


def place(directory: Directory, category: str, event: MappingEvent | None) -> Placement:
    if event is None or event.entries is None:
        chosen = directory.defaults.get(category, [])
        return Placement([entry for entry in directory.entries if entry.id in chosen], [], is_default=True, event=event)
    chosen = [entry.id for entry in event.entries]
    known = [entry for entry in directory.entries if entry.id in chosen]
    gone = [entry for entry in event.entries if directory.find(entry.id) is None]
    return Placement(known, gone, is_default=False, event=event)


async def mappings_of(themes: list[ThemeView], directory: Directory) -> dict[str, Placement]:
    """Where themes of one survey stand, by their keys."""
    if not themes:
        return {}
    newest: dict[str, MappingEvent] = {}
    rows = await (
        DirectoryMapping.select()
        .where((DirectoryMapping.survey == themes[0].survey_id) & (DirectoryMapping.directory == directory.id))
        .order_by(DirectoryMapping.id)
    )
    for row in rows:
        newest[row["theme_key"]] = _event(row)
    return {theme.key: place(directory, theme.category, newest.get(theme.key)) for theme in themes}


async def mapping_history(theme: ThemeView, directory: Directory) -> list[MappingEvent]:
    """Newest first."""
    rows = await (
        DirectoryMapping.select()
        .where(
            (DirectoryMapping.survey == theme.survey_id)
            & (DirectoryMapping.directory == directory.id)
            & (DirectoryMapping.theme_key == theme.key)
        )
        .order_by(DirectoryMapping.id, ascending=False)
    )
    return [_event(row) for row in rows]


async def map_theme(
    theme: ThemeView, directory: Directory, entry_ids: list[str] | None, reason: str, *, seen: int, actor: Actor
) -> None:
    """Say where a theme belongs; None takes the default again. Nothing is stored where that is how it stands.

    Raises Conflict where somebody has said something since `seen`, InputInvalid for an entry that the directory does not have.
    """
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot say where themes belong.")
    if len(reason) > LONGEST_REASON:
        raise InputInvalid(f"A reason takes at most {LONGEST_REASON} characters.")
    found = None if entry_ids is None else [entry for entry in directory.entries if entry.id in entry_ids]
    if found is not None and len(found) < len(set(entry_ids or [])):
        raise InputInvalid("This directory has no such entry.")
    entries = None if found is None else [NamedEntry(entry.id, entry.names) for entry in found]
    async with write_transaction(DirectoryMapping):
        history = await mapping_history(theme, directory)
        newest = history[0] if history else None
        if (newest.id if newest else 0) != seen:
            raise Conflict("Somebody else has just said where this theme belongs.")
        if (newest.entries if newest else None) == entries and (newest is not None or entries is None):
            return
        await DirectoryMapping.insert(
            DirectoryMapping(
                survey=theme.survey_id, theme_key=theme.key, directory=directory.id, version=directory.version,
                entries=None if entries is None else to_json(entries), reason=reason, account=actor.account_id, name=actor.name,
                role=actor.role, at=clock.now(),
            )
        )  # fmt: skip
        data = {"directory": directory.id, "entries": None if entries is None else [entry.id for entry in entries]}
        await record_act(actor=actor.name, role=actor.role, action="theme.directory", subject=f"theme:{theme.key}", data=data)


def _event(row: dict[str, Any]) -> MappingEvent:
    return MappingEvent(
        id=row["id"], entries=from_json(row["entries"], list[NamedEntry]) if row["entries"] is not None else None,
        version=row["version"], reason=row["reason"], name=row["name"], role=row["role"], at=row["at"],
    )  # fmt: skip
