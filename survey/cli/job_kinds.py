"""Which function runs which kind of job."""

from __future__ import annotations

from survey.insight.service import count_if_grown, draw_charts
from survey.jobs.kinds import (
    ANALYSE,
    DRAW_CHARTS,
    PREPARE_STATEMENTS,
    RECOUNT_THEMES,
    RENDER_STATEMENTS,
    SETTLE_THEMES,
    survey_of,
)
from survey.jobs.worker import JobFunction, RunningJob
from survey.settings import load_settings
from survey.statements.delays import note_delay
from survey.statements.renderings import ask_for_renderings, render_by_machine
from survey.statements.search import forget_withdrawn_words
from survey.statements.service import prepare_statements
from survey.statements.translator import LibreTranslate
from survey.themes.jobs import settle_survey
from survey.themes.runs import analyse_survey, operators_model, recount_themes


async def _prepare(job: RunningJob) -> None:
    survey_id = survey_of(job.subject)
    prepared = await prepare_statements(survey_id)
    waited = job.longest_wait()
    if prepared and load_settings().translator:
        await ask_for_renderings(survey_id)
    await count_if_grown(survey_id)
    await note_delay(survey_id, waited)  # last: a job that fails is counted when its successor has succeeded


async def _render(job: RunningJob) -> None:
    settings = load_settings()
    if settings.translator:  # it may have been taken away since
        await render_by_machine(survey_of(job.subject), await LibreTranslate.open(settings.translator, settings.translator_key))


async def _analyse(job: RunningJob) -> None:
    model = operators_model(load_settings().embedder)
    await analyse_survey(survey_of(job.subject), job.report, embedder=model)


async def _recount(job: RunningJob) -> None:
    await recount_themes(survey_of(job.subject))
    await forget_withdrawn_words()


async def _settle(job: RunningJob) -> None:
    await settle_survey(survey_of(job.subject), job.report)


async def _draw(job: RunningJob) -> None:
    await draw_charts(survey_of(job.subject), job.report)


JOB_KINDS: dict[str, JobFunction] = {
    PREPARE_STATEMENTS: _prepare,
    ANALYSE: _analyse,
    RECOUNT_THEMES: _recount,
    SETTLE_THEMES: _settle,
    DRAW_CHARTS: _draw,
    RENDER_STATEMENTS: _render,
}

_APART = [{PREPARE_STATEMENTS}, {RENDER_STATEMENTS}, {SETTLE_THEMES}]
LANES = [*_APART, set(JOB_KINDS) - set().union(*_APART)]
"""A worker runs one job of each lane at a time: an answer is in the inbox within a minute, however long an analysis runs or a
translator takes.
"""
