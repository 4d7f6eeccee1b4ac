"""Static files under names with a hash of their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from survey.resources import FRONTEND
from survey.web.compression import compressed
from survey.web.request import WebRequest

FOLDERS = ("styles", "modules", "icons")


_NOTES = re.compile(r"/\*\*.*?\*/ ?|^\s*//[^\n]*\n|^\s+", re.DOTALL | re.MULTILINE)
"""Comments that start a line, JSDoc, and indentation: a quarter of a module's bytes on a phone's line."""

_IMPORT = re.compile(r'(?<=")\./([a-z-]+\.mjs)(?=")')


class _Asset(NamedTuple):
    hashed: str
    content: bytes
    kind: str


@lru_cache
def _assets() -> dict[str, _Asset]:
    """Map `styles/linsheng.css` to its hashed name, content and type."""
    files = [
        path
        for folder in FOLDERS
        for path in sorted((FRONTEND / folder).glob("*"))
        if path.is_file() and path.suffix in {".css", ".mjs", ".svg"}
    ]
    found: dict[str, _Asset] = {}
    for path in files:
        _add(path, found)
    return found


def _add(path: Path, found: dict[str, _Asset]) -> _Asset:
    name = f"{path.parent.name}/{path.name}"
    if name not in found:
        content = path.read_bytes()
        kind = mimetypes.guess_type(path.name)[0] or "text/plain"
        if path.suffix == ".mjs":
            content, kind = _module(path, found), "text/javascript"
        digest = hashlib.sha256(content).hexdigest()[:12]
        found[name] = _Asset(f"{path.parent.name}/{path.stem}.{digest}{path.suffix}", content, kind)
    return found[name]


def _module(path: Path, found: dict[str, _Asset]) -> bytes:
    """A module without its notes, its imports under their hashed names; modules do not import each other in a circle."""
    lean = _NOTES.sub("", path.read_text(encoding="utf-8"))

    def renamed(match: re.Match[str]) -> str:
        return "./" + _add(path.parent / match[1], found).hashed.split("/")[-1]

    return _IMPORT.sub(renamed, lean).encode()


@lru_cache
def _by_hashed_name() -> dict[str, tuple[bytes, str]]:
    return {hashed: (content, kind) for hashed, content, kind in _assets().values()}


def asset_url(name: str) -> str:
    return f"/static/{_assets()[name].hashed}"


@get("/sw.js", name="static.worker", include_in_schema=False, sync_to_thread=False)
def service_worker(request: WebRequest) -> Response[bytes]:
    """At the root, since it may only see what lies below it. Browsers ask for it again at each visit."""
    packed, encoding = compressed(request, _service_worker(), is_kept=True)
    return Response(
        packed, media_type="text/javascript", headers={"Cache-Control": "no-cache", "Vary": "Accept-Encoding", **encoding}
    )


@lru_cache
def _service_worker() -> bytes:
    return _NOTES.sub("", (FRONTEND / "sw.js").read_text(encoding="utf-8")).encode()


@get("/static/{path:path}", name="static", include_in_schema=False, sync_to_thread=False)
def static_file(request: WebRequest, path: FromPath[str]) -> Response[bytes]:
    found = _by_hashed_name().get(path.lstrip("/"))
    if found is None:
        raise NotFoundException
    content, kind = found
    packed, encoding = compressed(request, content, is_kept=True)
    return Response(
        packed,
        media_type=kind,
        headers={"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding", **encoding},
    )
