"""Needs that rose or fell from one wave to the next: kept as the worker found them, shown on the board and above, marked as seen.

Not here: which ones did, and what is said of it (survey/insight).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from survey import clock
from survey.accounts.rules import Actor
from survey.audit.service import record_act
from survey.db.columns import from_json, to_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.themes.states import ThemeState
from survey.themes.tables import Theme, WaveAlert


class AlertDraft(msgspec.Struct, frozen=True):
    """See tables.WaveAlert."""

    theme: int
    is_rise: bool
    points: int
    words: dict[str, list[str]]


class AlertView(msgspec.Struct, frozen=True):
    """`theme` is the theme's public id; `seen_on` is None while nobody has looked at it."""

    public_id: str
    wave: int
    theme: str
    is_rise: bool
    heading: str
    basis: str
    meaning: str
    counted_on: dt.date
    seen_by: str
    seen_on: dt.date | None


async def keep_alerts(survey_id: int, wave: int, drafts: Sequence[AlertDraft]) -> None:
    """Put these in the place of what was known of this wave. Who has seen one stays, as long as it says the same way."""
    kept = {draft.theme: draft for draft in drafts}
    async with write_transaction(WaveAlert):
        mine = (WaveAlert.survey == survey_id) & (WaveAlert.wave == wave)
        known = {row["theme"]: bool(row["is_rise"]) for row in await WaveAlert.select(WaveAlert.theme, WaveAlert.is_rise).where(mine)}
        over = [theme for theme, is_rise in known.items() if theme not in kept or kept[theme].is_rise != is_rise]
        if over:
            await WaveAlert.delete().where(mine & WaveAlert.theme.is_in(over))
        # Of a wave that was taken back after all its answers had been withdrawn.
        await WaveAlert.delete().where((WaveAlert.survey == survey_id) & (WaveAlert.wave > wave))
        # An analysis may have taken one away since it was counted.
        there = {row["id"] for row in await Theme.select(Theme.id).where(Theme.id.is_in(list(kept)))} if kept else set()
        for theme in sorted(there):
            draft, words, today = kept[theme], to_json(kept[theme].words), clock.today()
            if theme in known and theme not in over:
                changes: dict[Any, Any] = {WaveAlert.points: draft.points, WaveAlert.words: words, WaveAlert.counted_on: today}
                await WaveAlert.update(changes).where(mine & (WaveAlert.theme == theme))
                continue
            await WaveAlert.insert(
                WaveAlert(
                    public_id=new_public_id(), survey=survey_id, wave=wave, theme=theme, is_rise=draft.is_rise, points=draft.points,
                    words=words, counted_on=today,
                )
            )  # fmt: skip


async def list_alerts(survey_id: int, language: str, *, is_new: bool = False) -> list[AlertView]:
    """The newest wave first; in it what rose before what fell, the largest change first. `is_new`: those that nobody has seen."""
    query = WaveAlert.select(*WaveAlert.all_columns(), WaveAlert.theme.public_id.as_alias("theme_id")).where(
        (WaveAlert.survey == survey_id) & (WaveAlert.theme.state != ThemeState.DISMISSED)
    )
    if is_new:
        query = query.where(WaveAlert.seen_by == "")
    rows = await query
    rows.sort(key=lambda row: (-row["wave"], not row["is_rise"], -abs(row["points"]), row["id"]))
    return [_view(row, language) for row in rows]


async def mark_seen(survey_id: int, public_id: str, *, actor: Actor) -> None:
    """Say who looked at it. Whoever is second changes nothing, and neither does who looks at what a new count has taken away."""
    async with write_transaction(WaveAlert):
        mine = (WaveAlert.survey == survey_id) & (WaveAlert.public_id == public_id)
        row = await WaveAlert.select(WaveAlert.wave, WaveAlert.theme, WaveAlert.seen_by).where(mine).first()
        if row is None or row["seen_by"]:
            return
        await WaveAlert.update({WaveAlert.seen_by: actor.name, WaveAlert.seen_on: clock.today()}).where(mine)
        await record_act(
            actor=actor.name, role=actor.role, action="wave.alert_seen", subject=f"survey:{survey_id}",
            data={"wave": row["wave"], "theme": row["theme"]},
        )  # fmt: skip


def _view(row: dict[str, Any], language: str) -> AlertView:
    words: dict[str, list[str]] = from_json(row["words"])
    heading, basis, meaning = words.get(language) or next(iter(words.values()))
    return AlertView(
        public_id=row["public_id"], wave=row["wave"], theme=row["theme_id"], is_rise=bool(row["is_rise"]), heading=heading, basis=basis,
        meaning=meaning, counted_on=row["counted_on"], seen_by=row["seen_by"], seen_on=row["seen_on"],
    )  # fmt: skip
