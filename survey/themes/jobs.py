"""Acts that move more statements than a page can wait for: done by a worker, some statements at a time, until all stand where the
log of acts puts them. A stopped job goes on where it was; an act that was undone in between is obeyed like any other.
"""

from __future__ import annotations

from survey.db.transaction import write_transaction
from survey.jobs.kinds import DRAW_CHARTS, about_survey
from survey.jobs.service import enqueue
from survey.themes.answering import go_on, work_of
from survey.themes.differences import TAKING
from survey.themes.queries import events_by_id, newest_event, newest_run
from survey.themes.runs import AsyncReport
from survey.themes.settling import AT_ONCE, read_ground, settle, statements_touched
from survey.themes.tables import Theme


async def settle_survey(survey_id: int, report: AsyncReport) -> None:
    """Settle the themes that wait for it, and what is being taken of a run."""
    await _take(survey_id, report)
    while await _settle_themes(survey_id, report):
        pass
    async with write_transaction(Theme):
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))


async def _take(survey_id: int, report: AsyncReport) -> None:
    run = await newest_run(survey_id)
    if run is None or run.state != TAKING:
        return
    act = (await events_by_id([work_of(run)]))[work_of(run)].act
    total, done = getattr(act, "statements", 0), 0
    while True:
        await report(min(done, total), total, "statements")
        if not (taken := await go_on(survey_id)):
            return
        done += taken


async def _settle_themes(survey_id: int, report: AsyncReport) -> bool:
    """Go once through the statements of the waiting themes; return whether there is more to do, since somebody acted meanwhile."""
    rows = await Theme.select(Theme.id, Theme.statements).where((Theme.survey == survey_id) & (Theme.is_settling == True))  # noqa: E712 -- piccolo's condition
    if not rows:
        return False
    themes, total = [row["id"] for row in rows], sum(row["statements"] for row in rows)
    began = await newest_event(survey_id)
    last, done = 0, 0
    while True:
        await report(min(done, total), total, "statements")
        async with write_transaction(Theme):
            part = await statements_touched(themes, after=last, limit=AT_ONCE)
            await settle(await read_ground(survey_id), part)
        if not part:
            break
        last, done = part[-1], done + len(part)
    async with write_transaction(Theme):
        if await newest_event(survey_id) == began:
            await Theme.update({Theme.is_settling: False}).where(Theme.id.is_in(themes))
    return True
