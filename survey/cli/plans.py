"""linsheng plan …: plans as documents."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from survey.cli.context import open_database, run
from survey.errors import InputInvalid
from survey.insight.service import find_chart
from survey.plans.documents import FORMATS, write_document
from survey.plans.queries import find_plan, list_plans
from survey.plans.service import plan_document


@click.group("plan")
def plan_group() -> None:
    """Plans."""


@plan_group.command("list")
def list_() -> None:
    """List all plans with their ids."""

    async def work() -> None:
        async with open_database():
            plans = await list_plans()
            for plan in plans:
                click.echo(f"{plan.public_id}\t{plan.title}")
            if not plans:
                click.echo("No plans yet. Make one at the desk, of accepted themes.")

    run(work())


@plan_group.command()
@click.argument("plan")
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), required=True)
@click.option("--language", type=click.Choice(["zh-Hans", "en"]), default="zh-Hans", show_default=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export(plan: str, format_: str, language: str, out: Path) -> None:
    """Write a plan as a document. PLAN is its id, as `linsheng plan list` and the plan's address show it."""

    async def work() -> bytes:
        async with open_database():
            view = await find_plan(plan)
            chart = await find_chart(view.survey_id, "themes", language)
            return write_document(await plan_document(view, language), format_, chart.png if chart else None)

    content = run(work())
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputInvalid(f"{out} cannot be written: {error.strerror}.") from error
    click.echo(f"Written to {out}.")
