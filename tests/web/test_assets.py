"""Static files under names with a hash of their content, which browsers may keep for ever."""

from __future__ import annotations

import hashlib
import re

import httpx
import pytest

from survey.resources import FRONTEND
from survey.web.assets import asset_url
from tests.pages import PageClient

FILES = sorted(
    path for folder in ("styles", "modules", "icons") for path in (FRONTEND / folder).glob("*") if path.suffix in {".css", ".mjs", ".svg"}
)
KINDS = {".css": "text/css; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
async def test_file_is_served_under_the_hash_of_its_content_for_ever(client: httpx.AsyncClient, path):
    content = path.read_bytes()
    name = f"{path.parent.name}/{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"

    response = await client.get(f"/static/{name}")

    assert asset_url(f"{path.parent.name}/{path.name}") == f"/static/{name}"
    assert response.content == content
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"] == KINDS[path.suffix]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_there_is_a_style_and_a_script():
    assert {"linsheng.css", "survey.mjs"} <= {path.name for path in FILES}


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
