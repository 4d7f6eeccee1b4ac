"""linsheng responses …: answers in from a table, answers out as CSV, XLSX, JSON."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from analysis.text.language import UNKNOWN, identify
from survey.accounts.queries import area_ids
from survey.authoring.queries import checker_for, find_survey, list_surveys
from survey.authoring.service import create_survey
from survey.authoring.text_form import text_form
from survey.cli.context import open_database, progress, run
from survey.errors import InputInvalid
from survey.i18n.languages import languages, match_language
from survey.outreach.service import add_channel, require_code
from survey.questionnaire.form import Form
from survey.responses.intake import entrance_to
from survey.responses.queries import count_responses, iterate_responses
from survey.responses.rules import Submission
from survey.responses.service import Recorder
from survey.statements.redaction import mask_answers, record_export
from survey.tabular import read_rows, safe_cell

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("responses")
def responses_group() -> None:
    """Answers in and out."""


@responses_group.command("import")
@click.argument("slug")
@click.argument("file", type=FILE)
@click.option("--text-column", required=True, help="The column with what people wrote.")
@click.option("--lang-column", help="The column with language tags; without it, languages are identified.")
@click.option("--area-column", help="The column with codes of areas (wangjing …).")
@click.option("--channel", help="The code of the channel by which these answers came.")
def import_(
    slug: str, file: Path, text_column: str, lang_column: str | None, area_column: str | None, channel: str | None
) -> None:
    """Import texts from a CSV, TSV or XLSX file as answers: all of them or none.

    A survey that does not exist is made, with one open question. Importing the same file again adds nothing.
    """

    async def work() -> tuple[int, int, int]:
        async with open_database() as settings:
            rows = _read(file, text_column, lang_column, area_column, await area_ids())
            is_new = slug not in {view.slug for view in await list_surveys()}
            form = text_form(slug) if is_new else (await entrance_to(slug)).checker.form
            question = _needs_question(form, slug)
            _require_short(file, rows, question.length_limit)
            if channel:
                require_code(channel)
            if is_new:  # only now, when nothing of the file can fail any more
                await create_survey(slug=slug, form=form)
            entrance = await entrance_to(slug)
            survey = entrance.view
            channel_id = await add_channel(survey_id=survey.id, code=channel, name=channel) if channel else None
            before = await count_responses(survey.id)
            submissions = []
            for _, client_id, language, area, text in rows:
                submission = entrance.submission(
                    client_id=client_id, language=language, answers={question.id: text}, channel=channel_id, source="import"
                )
                submissions.append(msgspec.structs.replace(submission, area_id=area or submission.area_id))
            await _record(settings.secret, submissions)
            return len(rows), await count_responses(survey.id) - before, survey.id

    read, added, _ = run(work())
    click.echo(f"{slug}: {added} answers imported from {file.name}, {read - added} were there already.")
    click.echo(f"Next: linsheng analyse {slug}")


Row = tuple[int, str, str, int | None, str]
"""Row number, client id, language, area id, text."""


def _read(
    file: Path, text_column: str, lang_column: str | None, area_column: str | None, areas: dict[str, int]
) -> list[Row]:
    columns = [column for column in (text_column, lang_column, area_column) if column]
    found: list[Row] = []
    seen: dict[str, int] = {}
    for number, cells in read_rows(file, columns):
        text = cells[text_column].replace("\x00", "").strip()
        if not text:
            continue
        area = None
        if area_column and cells[area_column].strip():
            area = areas.get(cells[area_column].strip().lower())
            if area is None:
                raise InputInvalid(
                    f"{file.name}, row {number}: there is no area {cells[area_column]!r}. Nothing was imported."
                )
        language = match_language(cells[lang_column], list(languages())) if lang_column else None
        if language is None:
            named = identify(text[:2000]).language
            language = "en" if named == UNKNOWN else named
        copy = seen[text] = seen.get(text, 0) + 1
        digest = hashlib.sha256(f"{file.name}\n{copy}\n{text}".encode()).hexdigest()[:40]
        found.append((number, f"import-{digest}", language, area, text))
    if not found:
        raise InputInvalid(f"{file.name} has no texts in the column {text_column!r}.")
    return found


def _require_short(file: Path, rows: list[Row], limit: int) -> None:
    for number, _, _, _, text in rows:
        if len(text) > limit:
            raise InputInvalid(
                f"{file.name}, row {number}: the text has {len(text)} characters; at most {limit} fit. Nothing was imported."
            )


def _needs_question(form: Form, slug: str) -> Any:
    questions = form.open_questions()
    if not questions:
        raise InputInvalid(f"The survey {slug} has no open question that could hold these texts.")
    return questions[0]


async def _record(secret: str, submissions: list[Submission]) -> None:
    with progress() as bar:
        task = bar.add_task("Import", total=len(submissions))
        await Recorder(secret).record_all_or_nothing(submissions, lambda done: bar.update(task, completed=done))


@responses_group.command("export")
@click.argument("slug")
@click.option("--format", "format_", type=click.Choice(["csv", "xlsx", "json"]), required=True)
@click.option("--out", required=True, type=FILE)
@click.option("--with-personal-data", is_flag=True, help="Leave telephone numbers, names in networks and the like in the texts; recorded.")
def export(slug: str, format_: str, out: Path, *, with_personal_data: bool) -> None:
    """Write all answers of a survey. For keeping and for analysis inside the house: small numbers are not hidden here.

    Nothing is left out: answers that look careless are marked in `flags` (docs/data-quality.md), so that results can be told
    with and without them; `source` tells what was entered by a helper (assisted). A matrix has a column for each of its scales,
    "other, please say" one for its words. What is personal in texts is masked, as at the desk, unless asked for: that is recorded.
    """

    async def work() -> tuple[bytes, int, int]:
        async with open_database():
            survey = await find_survey(slug)
            names = list((await checker_for(survey.version_id)).items)
            if with_personal_data:
                await record_export(survey.id)
                rows = [row async for row in iterate_responses(survey.id)]
            else:
                rows = await _masked(survey.id)
            cut = sum(len(cell) > EXCEL_CELL for row in rows for cell in _cells(row, names)) if format_ == "xlsx" else 0
            return {"json": _json, "csv": _csv, "xlsx": _xlsx}[format_](rows, names), len(rows), cut

    content, count, cut = run(work())
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputInvalid(f"{out} cannot be written: {error.strerror}.") from error
    click.echo(f"{count} answers written to {out}.")
    if cut:
        click.echo(f"{cut} cells hold more than Excel takes and were cut at {EXCEL_CELL} characters; csv and json have them whole.", err=True)


async def _masked(survey_id: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    part: list[dict[str, Any]] = []
    async for row in iterate_responses(survey_id):
        part.append(row)
        if len(part) == MASKED_AT_ONCE:
            rows += await _with_masks(part)
            part = []
    return rows + await _with_masks(part)


async def _with_masks(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    masked = await mask_answers({row["id"]: (row["language"], row["answers"]) for row in rows})
    return [{**row, "answers": masked[row["id"]]} for row in rows]


MASKED_AT_ONCE = 500
EXCEL_CELL = 32_000
_HEAD = ["id", "survey_version", "language", "channel", "area", "wave", "received_on", "source", "flags"]


def _json(rows: list[dict[str, Any]], _: list[str]) -> bytes:
    entries = [{**{name: row[name] for name in _HEAD}, "answers": row["answers"]} for row in rows]
    return msgspec.json.format(msgspec.json.encode(entries), indent=1) + b"\n"


def _cells(row: dict[str, Any], names: list[str]) -> list[str]:
    values = [row[name] for name in _HEAD] + [row["answers"].get(name) for name in names]
    return [safe_cell("" if v is None else ";".join(v) if isinstance(v, list) else str(v)) for v in values]


def _csv(rows: list[dict[str, Any]], names: list[str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_HEAD, *names])
    writer.writerows(_cells(row, names) for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def _xlsx(rows: list[dict[str, Any]], names: list[str]) -> bytes:
    import xlsxwriter  # slow import, only this format needs it

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("responses")
    for line, cells in enumerate([[*_HEAD, *names], *(_cells(row, names) for row in rows)]):
        for column, cell in enumerate(cells):
            sheet.write_string(line, column, cell[:EXCEL_CELL])
    book.close()
    return out.getvalue()
