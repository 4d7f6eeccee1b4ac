"""linsheng facilities …: counts of visits in from a table."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from survey import clock
from survey.accounts.rules import Actor, RoleKind
from survey.cli.context import open_database, run
from survey.errors import InputInvalid
from survey.insight.facilities import Stored, known_facilities, store_counts
from survey.insight.facility_import import Checked, check_rows, problem_text, read_counts

MOST_TOLD = 20


@click.group("facilities")
def facilities_group() -> None:
    """Facilities and how they are used."""


@facilities_group.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--keep-good-rows", is_flag=True, help="Store the good rows of a file that has bad ones too.")
def import_(file: Path, *, keep_good_rows: bool) -> None:
    """Import counts of visits from a CSV, TSV or XLSX file: all of them or none.

    Columns: facility, start, end, visits; and foreign_visits, open_hours, source where they were counted (docs/facilities.md). The same
    period again replaces what is stored, so that a file may be imported twice.
    """
    actor = Actor(account_id=0, name="command line", role=RoleKind.ADMINISTRATOR, area_id=None, session_id=0)

    async def work() -> tuple[Checked, Stored]:
        async with open_database():
            rows = read_counts(file)
            checked = check_rows(rows, await known_facilities(None, rows), clock.today())
            if checked.problems and not keep_good_rows:
                raise InputInvalid(_refusal(file, checked))
            if not checked.rows:
                raise InputInvalid(f"{file.name} has no row that can be stored." + (f" {_listed(checked)}" if checked.problems else ""))
            return checked, await store_counts(checked.rows, actor=actor)

    checked, stored = run(work())
    click.echo(f"{file.name}: {stored.added} counts stored, {stored.replaced} replaced, {stored.unchanged} were there already.")
    if checked.problems:
        click.echo(f"{checked.bad_rows} rows were left out: {_listed(checked)}")


def _refusal(file: Path, checked: Checked) -> str:
    kept = f" The other {len(checked.rows)} rows are good: --keep-good-rows stores them." if checked.rows else ""
    return f"{file.name} was not imported, {checked.bad_rows} rows are wrong: {_listed(checked)}{kept}"


def _listed(checked: Checked) -> str:
    more = len(checked.problems) - MOST_TOLD
    told = " ".join(problem_text(problem) for problem in checked.problems[:MOST_TOLD])
    return f"{told} … and {more} more." if more > 0 else told
