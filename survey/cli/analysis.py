"""linsheng analyse SLUG: run the analysis now, in this process."""

from __future__ import annotations

import rich_click as click

from survey.authoring.queries import find_survey
from survey.cli.context import open_database, progress, run
from survey.insight.service import draw_charts
from survey.responses.queries import count_responses
from survey.themes.queries import list_themes
from survey.themes.runs import analyse_survey, operators_model


@click.command()
@click.argument("slug")
def analyse(slug: str) -> None:
    """Analyse a survey's answers: statements, need themes, charts."""

    async def work() -> str:
        async with open_database() as settings:
            survey = await find_survey(slug)
            with progress() as bar:
                task = bar.add_task("Analysis", total=100)

                async def report(done: int, total: int, step: str) -> None:
                    bar.update(task, completed=95 * done / total, description=f"Analysis: {step}")

                model = await analyse_survey(survey.id, report, embedder=operators_model(settings.embedder))
                bar.update(task, completed=95, description="Charts")
                await draw_charts(survey.id)
            shown = len(await list_themes(survey.id))
            return f"{slug}: {await count_responses(survey.id)} answers, {shown} themes, {model.unsorted_share_:.0%} of statements unsorted."

    click.echo(run(work()))
