"""Writing to the logs: acts of people, runs of the analysis."""

from __future__ import annotations

from typing import Any

from survey import clock
from survey.accounts.rules import Actor
from survey.db.bulk import insert_rows
from survey.db.columns import to_json, to_json_in_order
from survey.themes.states import Event, Undo
from survey.themes.tables import AnalysisRun, EventTheme, ReviewEvent


async def record_event(survey_id: int, event: Event, actor: Actor) -> int:
    """Write an event and the themes that it speaks of, in the caller's transaction; return its number."""
    rows = await ReviewEvent.insert(
        ReviewEvent(
            survey=survey_id, theme_key=event.key, kind=event.kind, data=to_json_in_order(event.act), account=actor.account_id,
            role=actor.role, at=event.at, why=event.why, area=actor.area_id,
        )
    ).returning(ReviewEvent.id)  # fmt: skip
    number = int(rows[0]["id"])
    keys = set(event.keys)
    if isinstance(event.act, Undo):
        keys |= {row["theme_key"] for row in await EventTheme.select(EventTheme.theme_key).where(EventTheme.event == event.act.event)}
    await insert_rows(EventTheme, ("event", "survey", "theme_key"), [(number, survey_id, key) for key in sorted(keys)])
    return number


async def add_run(
    survey_id: int, settings: dict[str, Any], figures: dict[str, Any], newest: int, state: str = "applied"
) -> int:
    rows = await AnalysisRun.insert(
        AnalysisRun(
            survey=survey_id, settings=to_json(settings), figures=to_json(figures), finished_at=clock.now(), state=state,
            newest_statement=newest,
        )
    ).returning(AnalysisRun.id)  # fmt: skip
    return int(rows[0]["id"])
