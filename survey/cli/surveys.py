"""linsheng survey …: forms in and out, open and close."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import rich_click as click

from survey.authoring import service
from survey.authoring.queries import find_survey, form_of, list_surveys
from survey.authoring.states import Access
from survey.cli.context import open_database, run
from survey.errors import InputInvalid
from survey.questionnaire.form import Form, json_schema, write_form
from survey.questionnaire.form_check import missing_strings

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("survey")
def survey_group() -> None:
    """Surveys and their forms."""


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputInvalid(f"{file} cannot be read: {error.strerror}.") from error


@survey_group.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Check a form file and list what is missing in which language."""
    form = service.parse_form(_read(file))
    missing = missing_strings(form)
    for item in missing:
        click.echo(f"{item.language}: {item.where}")
    if missing:
        raise InputInvalid(f"{len(missing)} strings are missing; the survey could not open.")
    click.echo(f"{file}: {len(list(form.questions()))} questions in {len(form.languages)} languages, complete.")
    click.echo(_core_line(form))


def _core_line(form: Form) -> str:
    parts = service.core_parts(form)
    if not parts.core:
        return "None of them is a core question: what they come to cannot be compared with other surveys."
    return f"{len(parts.core)} of them are core questions (core {parts.version}) and can be compared with other surveys; {len(parts.local)} are its own."


@survey_group.command("import")
@click.argument("file", type=FILE)
@click.option("--slug", help="The name in addresses; the file's name by default.")
@click.option(
    "--access", type=click.Choice([access.value for access in Access]),
    help="Who can answer: whoever has the link (open, the default), or only who was given a code (invitation).",
)
def import_(file: Path, slug: str | None, access: str | None) -> None:
    """Create a draft from a form file, or give a draft a new version."""
    form = service.parse_form(_read(file))
    name = slug or file.stem.lower().replace("_", "-")

    async def work() -> None:
        async with open_database():
            known = {view.slug for view in await list_surveys()}
            if name in known:
                view = await service.replace_form(slug=name, form=form)
            else:
                view = await service.create_survey(slug=name, form=form)
            if access:
                await service.set_access(name, Access(access), actor="command line", role="administrator")
            click.echo(f"{view.slug}: version {view.version_number}, draft. Open it with: linsheng survey open {view.slug}")
            if not service.core_parts(form).core:
                click.echo(_core_line(form))

    run(work())


@survey_group.command()
@click.argument("slug", required=False)
@click.option("--format", "format_", type=click.Choice(["json", "schema"]), default="json", show_default=True)
def export(slug: str | None, format_: str) -> None:
    """Write a survey's form, or the JSON Schema of all forms (no SLUG needed), to standard output."""
    if format_ == "schema":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(json_schema()), indent=1).decode() + "\n")
        return
    if slug is None:
        raise click.UsageError("Which survey? Give its name: linsheng survey export SLUG. See: linsheng survey list")

    async def work() -> bytes:
        async with open_database():
            return write_form(await form_of((await find_survey(slug)).version_id))

    sys.stdout.write(run(work()).decode() + "\n")


@survey_group.command("list")
def list_() -> None:
    """List all surveys with their state."""

    async def work() -> None:
        async with open_database():
            views = await list_surveys()
            for view in views:
                click.echo(f"{view.slug}\t{view.state}\tversion {view.version_number}")
            if not views:
                click.echo("No surveys yet. Import one with: linsheng survey import FILE")

    run(work())


def _change(slug: str, change: str) -> None:
    async def work() -> None:
        async with open_database():
            act = service.open_survey if change == "open" else service.close_survey
            await act(slug, actor="command line", role="administrator")

    run(work())
    click.echo(f"{slug} is {'open' if change == 'open' else 'closed'}.")


@survey_group.command("open")
@click.argument("slug")
def open_(slug: str) -> None:
    """Open a survey. Refused, with a list, while a string is missing in any of its languages."""
    _change(slug, "open")


@survey_group.command()
@click.argument("slug")
def close(slug: str) -> None:
    """Close a survey: it takes no more answers."""
    _change(slug, "close")
