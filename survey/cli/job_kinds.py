"""Which function runs which kind of job."""

from __future__ import annotations

from survey.insight.service import count_if_grown, draw_charts
from survey.jobs.kinds import ANALYSE, DRAW_CHARTS, PREPARE_STATEMENTS, RECOUNT_THEMES, survey_of
from survey.jobs.worker import JobFunction, RunningJob
from survey.settings import load_settings
from survey.statements.service import prepare_statements
from survey.themes.service import analyse_survey, operators_model, recount_themes


async def _prepare(job: RunningJob) -> None:
    await prepare_statements(survey_of(job.subject))
    await count_if_grown(survey_of(job.subject))


async def _analyse(job: RunningJob) -> None:
    model = operators_model(load_settings().embedder)
    await analyse_survey(survey_of(job.subject), job.report, embedder=model)


async def _recount(job: RunningJob) -> None:
    await recount_themes(survey_of(job.subject))


async def _draw(job: RunningJob) -> None:
    await draw_charts(survey_of(job.subject), job.report)


JOB_KINDS: dict[str, JobFunction] = {
    PREPARE_STATEMENTS: _prepare,
    ANALYSE: _analyse,
    RECOUNT_THEMES: _recount,
    DRAW_CHARTS: _draw,
}
