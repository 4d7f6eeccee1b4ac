"""Static files under names with a hash of their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import lru_cache

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from survey.resources import FRONTEND
from survey.web.compression import compressed
from survey.web.request import WebRequest

FOLDERS = ("styles", "modules", "icons")


@lru_cache
def _assets() -> dict[str, tuple[str, bytes, str]]:
    """Map `styles/linsheng.css` to its hashed name, content and type."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((FRONTEND / folder).glob("*")):
            if not path.is_file() or path.suffix not in {".css", ".mjs", ".svg"}:
                continue
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            kind = "text/javascript" if path.suffix == ".mjs" else mimetypes.guess_type(path.name)[0] or "text/plain"
            found[f"{folder}/{path.name}"] = (f"{folder}/{path.stem}.{digest}{path.suffix}", content, kind)
    return found


@lru_cache
def _by_hashed_name() -> dict[str, tuple[bytes, str]]:
    return {hashed: (content, kind) for hashed, content, kind in _assets().values()}


def asset_url(name: str) -> str:
    return f"/static/{_assets()[name][0]}"


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
