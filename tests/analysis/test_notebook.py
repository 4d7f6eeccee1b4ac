"""docs/notebook.md does what it says: its code runs in the order of the page, and prints what stands below it."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parents[2] / "docs" / "notebook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_notebook_code_prints_what_the_page_shows() -> None:
    names: dict[str, Any] = {}
    shown, printed = [], []
    for kind, content in BLOCKS:
        if kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(content, names)
            printed.append(out.getvalue())
        else:
            shown.append(content)

    assert [text for text in printed if text] == shown


def test_notebook_needs_five_lines() -> None:
    [lines] = [content.splitlines() for kind, content in BLOCKS if "ThemeModel().fit(" in content]

    assert len(lines) == 5
    assert lines[0] == "from analysis.themes.model import ThemeModel"
