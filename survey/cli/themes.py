"""linsheng themes FILE: need themes of any table of texts, without a database."""

from __future__ import annotations

import csv
import os
import re
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import rich_click as click
from rich.progress import Progress

from analysis.lexicon.load import Lexicon, LexiconError, load_lexicon, load_taxonomy
from analysis.text.language import UNKNOWN, identify
from analysis.text.statements import MAX_STATEMENT
from analysis.themes.model import ThemeModel
from analysis.themes.results import FoundTheme, Statement
from survey.cli.context import progress
from survey.cli.themes_report import Given, write_report
from survey.errors import InputInvalid
from survey.i18n.catalogs import DESK_LANGUAGES
from survey.i18n.languages import languages, match_language
from survey.settings import read_setting
from survey.tabular import read_rows
from survey.themes.runs import operators_model

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("themes")
@click.argument("file", type=FILE)
@click.option("--text-column", required=True, help="The column with the texts.")
@click.option("--lang-column", help="The column with language tags; without it, languages are identified.")
@click.option("--taxonomy", type=FILE, help="A YAML file of categories that replaces the bundled need lexicon.")
@click.option("--discover-only", is_flag=True, help="Use no known needs: group everything afresh.")
@click.option("--k", "k", type=click.IntRange(2, 200), help="How many new groups to make in each language.")
@click.option("--report-lang", type=click.Choice(DESK_LANGUAGES), default="en", show_default=True, help="The language of report.html.")
@click.option("--out-dir", required=True, type=click.Path(file_okay=False, path_type=Path))
def themes(
    file: Path, text_column: str, lang_column: str | None, taxonomy: Path | None, *, discover_only: bool, k: int | None,
    report_lang: str, out_dir: Path,
) -> None:  # fmt: skip
    """Find need themes in a table (CSV, TSV, XLSX); write assignments.csv, themes.json and report.html."""
    try:
        lexicon = load_taxonomy(taxonomy) if taxonomy else load_lexicon()
    except LexiconError as error:
        raise InputInvalid(" ".join(str(error).split())) from error  # YAML's own messages have several lines
    rows, notes = _read(file, text_column, lang_column)
    with progress() as bar:
        model = _fit(rows, lexicon, discover_only=discover_only, k=k, bar=bar)
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".linsheng-", dir=out_dir) as made:  # all three files or none
            _write_assignments(Path(made, "assignments.csv"), rows, model, notes)
            _write_themes(Path(made, "themes.json"), rows, model)
            given = Given(file.name, text_column, lang_column, taxonomy.name if taxonomy else None)
            write_report(Path(made, "report.html"), rows, model, given, language=report_lang)
            for path in Path(made).iterdir():
                path.replace(out_dir / path.name)
    except OSError as error:
        raise InputInvalid(f"{out_dir} cannot be written: {error.strerror}.") from error
    for number, told in notes.items():
        if CUT in told:
            click.echo(f"Row {number}: only the {CUT}.", err=True)
    click.echo(
        f"{len(rows)} texts, {len(model.themes_)} themes, {model.unsorted_share_:.0%} unsorted. See {out_dir / 'report.html'}"
    )


Row = tuple[int, str, str]
"""Row number, language tag, text as it is read: without what `Notes` says."""

Notes = defaultdict[int, list[str]]
"""By row number, what a person should know of how a row was read."""

CUT = f"first {MAX_STATEMENT} characters were read"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]+")
"""Control characters but tab and line breaks, and what is no character: HTML, which the report is, has no place for them."""


def _read(file: Path, text_column: str, lang_column: str | None) -> tuple[list[Row], Notes]:
    columns = [text_column, *([lang_column] if lang_column else [])]
    found: list[Row] = []
    notes: Notes = defaultdict(list)
    for number, cells in read_rows(file, columns, keep_empty=True):
        # An empty line of the file keeps its line in assignments.csv.
        found.extend((gap, UNKNOWN, "") for gap in range(len(found) + 1, number))
        text = cells[text_column][:MAX_STATEMENT]
        if text != cells[text_column]:
            notes[number].append(CUT)
        if _CONTROL.search(text):
            text = _CONTROL.sub(" ", text)
            notes[number].append("control characters were left out")
        given = match_language(cells[lang_column], list(languages())) if lang_column else None
        found.append((number, given or identify(text).language, text))
    if not found:
        raise InputInvalid(f"{file.name} has no rows below its header.")
    for number, _, text in found:
        if not text.strip():
            notes[number].append("no text")
    return found, notes


def _fit(rows: list[Row], lexicon: Lexicon, *, discover_only: bool, k: int | None, bar: Progress) -> ThemeModel:
    task = bar.add_task("Themes", total=1.0)
    statements = [Statement(text, language, number) for number, language, text in rows]
    embedder = operators_model(read_setting("LINSHENG_EMBEDDER", os.environ))
    model = ThemeModel(lexicon=lexicon, known=not discover_only, n_discovered=k, embedder=embedder)
    return model.fit(statements, report=lambda share, step: bar.update(task, completed=share, description=step))


def _write_assignments(path: Path, rows: list[Row], model: ThemeModel, notes: Notes) -> None:
    copies = _copies(rows, model)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["row", "lang", "category", "theme", "score", "status", "because", "note"])
        for (number, language, _), memberships, category, reasons in zip(
            rows, model.memberships_, model.categories_, model.reasons_, strict=True
        ):
            because = "; ".join(reasons)
            if memberships:
                lead = memberships[0]
                found = [category, lead.theme, f"{lead.score:.4f}", "assigned"]
            else:
                found = ["", "", "", "unsorted"]
            note = "; ".join([*notes.get(number, ()), *copies.get(number, ())])
            writer.writerow([number, language, *found, because, note])


def _copies(rows: list[Row], model: ThemeModel) -> dict[int, list[str]]:
    """What to note of the rows that say the same as another, or nearly: the first row with the words that most of them have."""
    first: dict[int, int] = {}
    pairs = list(enumerate(model.copy_of_.tolist()))
    for place, copied in pairs:
        if rows[place][2] == rows[copied][2]:
            first.setdefault(copied, place)
    noted = {}
    for place, copied in pairs:
        number, _, text = rows[place]
        of, _, words = rows[first[copied]]
        if number != of:
            noted[number] = [f"copy of row {of}" if text == words else f"near-copy of row {of}"]
    return noted


def _theme_entry(theme: FoundTheme, rows: list[Row]) -> dict[str, Any]:
    return {
        "id": theme.key,
        "category": theme.category,
        "names": theme.names,
        "keywords": theme.keywords,
        "size": theme.people,
        "stability": theme.stability,
        "quotes": [{"row": rows[i][0], "lang": rows[i][1], "text": rows[i][2]} for i in theme.quotes],
    }


def _write_themes(path: Path, rows: list[Row], model: ThemeModel) -> None:
    entries = [_theme_entry(theme, rows) for theme in model.themes_]
    path.write_bytes(msgspec.json.format(msgspec.json.encode(entries), indent=1) + b"\n")
