"""Static files under names with a hash of their content, which browsers may keep for ever."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from survey.resources import FRONTEND
from survey.web.assets import _NOTES, _by_hashed_name, asset_url
from tests.pages import PageClient

FILES = sorted(
    path for folder in ("styles", "modules", "icons") for path in (FRONTEND / folder).glob("*") if path.suffix in {".css", ".mjs", ".svg"}
)
MODULES = [path for path in FILES if path.suffix == ".mjs"]
KINDS = {".css": "text/css; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
async def test_file_is_served_under_the_hash_of_its_content_for_ever(client: httpx.AsyncClient, path):
    address = asset_url(f"{path.parent.name}/{path.name}")

    response = await client.get(address)

    content = response.content
    assert address == f"/static/{path.parent.name}/{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
    assert content == path.read_bytes() or path in MODULES
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"] == KINDS[path.suffix]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_there_is_a_style_and_a_script():
    assert {"linsheng.css", "survey.mjs"} <= {path.name for path in FILES}


def _served(path: Path) -> str:
    return _by_hashed_name()[asset_url(f"modules/{path.name}").removeprefix("/static/")][0].decode()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_module_is_served_without_its_notes_and_says_the_same(path: Path, tmp_path: Path):
    served = _served(path)

    assert 0 < len(served.strip()) < len(path.read_text(encoding="utf-8"))
    assert not re.search(r"^\s*//|/\*\*|^[ \t]", served, re.MULTILINE)
    assert _code(served) == _code(path.read_text(encoding="utf-8"))  # what was cut holds no code
    if shutil.which("node"):
        (tmp_path / path.name).write_text(served, encoding="utf-8")
        checked = subprocess.run(["node", "--check", tmp_path / path.name], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


_TOKENS = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)
        |(?P<pattern>(?<=[(=,:?!&|])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/)
        |(?P<note>/\*.*?\*/|//[^\n]*)""",
    re.DOTALL | re.VERBOSE,
)
"""Texts, patterns and notes, found by reading from the start: not as the server does it."""


def _code(source: str) -> str:
    """The source without notes, without the names of files and without white space between its words."""
    bare = _TOKENS.sub(lambda found: "" if found.lastgroup == "note" else found[0], source)
    return re.sub(r"\s", "", re.sub(r'"\./[^"]+"', '""', bare))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_import_hashed_names_that_are_there(path: Path):
    named = re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8"))

    imported = re.findall(r'(?:from|import) "([^"]+)"', _served(path))

    assert imported == [f"./{asset_url(f'modules/{name}').rsplit('/', maxsplit=1)[1]}" for name in named]
    assert {f"modules/{name[2:]}" for name in imported} <= _by_hashed_name().keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_text_in_a_module_looks_like_a_note(path: Path):
    """The server cuts notes by their look; a text or pattern with `/**` in it, or a text over several lines, would be cut too."""
    source = path.read_text(encoding="utf-8")

    texts = [found[0] for found in _TOKENS.finditer(source) if found.lastgroup != "note"]
    assert texts
    assert [text for text in texts if "/**" in text or "\n" in text] == []
    assert all(cut.strip().startswith(("/**", "//")) or not cut.strip() for cut in _NOTES.findall(source))


@pytest.mark.parametrize(
    "address",
    [
        "styles/linsheng.css",
        "styles/linsheng.000000000000.css",
        "../survey/settings.py",
        "styles/../../survey/settings.py",
        "%2e%2e/survey/settings.py",
        "..%2f..%2fetc/passwd",
        "/etc/passwd",
        "templates/resident/survey.html",
        "",
        "%00",
    ],
)
async def test_other_paths_are_not_files_and_are_not_kept(client: httpx.AsyncClient, address: str):
    response = await client.get(f"/static/{address}")

    page = PageClient.read(response, 404)
    assert page.response.headers["cache-control"] == "no-store"
    assert not re.search(r"root:|LINSHENG_|StrictUndefined|\{%", page.html)


async def test_file_whose_name_nobody_knows_cannot_be_linked():
    with pytest.raises(KeyError):
        asset_url("styles/nothing.css")
