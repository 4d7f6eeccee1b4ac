"""A picture's figures as a file that leaves the house."""

from __future__ import annotations

import csv
import io

from survey.i18n.speech import speech
from survey.insight.charts.frame import ChartTable
from survey.tabular import safe_cell

HIDDEN_IN_FILES = "[c]"
"""What stands for a hidden number in a file, as spreadsheets of official statistics have it."""


def as_csv(title: str, table: ChartTable, *, data_version: str, language: str) -> bytes:
    """Title, figures, then the notes, each on a line of its own.

    UTF-8 with a mark, without which Excel takes Chinese for something else.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(title)])
    writer.writerow([safe_cell(column.name) for column in table.columns])
    for row in table.rows:
        writer.writerow([_cell(value) for value in row])
    writer.writerow([])
    say = speech("desk", language)
    version = say.gettext("Data version %(version)s", version=data_version[:12])
    hidden = say.gettext("[c]: hidden, since fewer than 10 people stand behind it or could be worked out")
    for note in [*table.notes, version, hidden]:
        writer.writerow([safe_cell(note)])
    return ("\ufeff" + out.getvalue()).encode()


def _cell(value: str | float | None) -> str | float:
    if value is None:
        return HIDDEN_IN_FILES
    return safe_cell(value) if isinstance(value, str) else round(value, 3)
