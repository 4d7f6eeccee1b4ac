"""Rendering: one Jinja environment, the language's words, and HTML responses."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Any

import jinja2
from litestar import Response
from markupsafe import Markup

from survey.i18n.catalogs import DESK_LANGUAGES
from survey.i18n.languages import best_language, direction, languages, own_name
from survey.i18n.speech import speech
from survey.qr import qr_picture
from survey.resources import FRONTEND
from survey.web.assets import asset_url
from survey.web.compression import compressed
from survey.web.request import WebRequest
from survey.web.security import STYLE_SOURCE

DESK_LANGUAGE_COOKIE = "desk_language"


@lru_cache
def environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FRONTEND / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(asset=asset_url, languages=languages, direction=direction, own_name=own_name, qr=qr_picture)
    return env


def words(domain: str, language: str) -> dict[str, Any]:
    """The names by which a template speaks a language. Its strings are escaped like any other."""
    say = speech(domain, language)
    return {
        "_": say.gettext,
        "ngettext": say.ngettext,
        "lang": language,
        "dir": say.direction,
        "date": say.date,
        "moment": say.moment,
        "number": say.number,
        "percent": say.percent,
        "listed": say.listed,
    }


def html(
    request: WebRequest,
    template: str,
    language: str,
    *,
    domain: str = "resident",
    status: int = 200,
    style: str = "",
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response[bytes]:
    """Render a page. `style` is a page's own style block; its hash goes into the CSP instead of 'unsafe-inline'."""
    if style:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        request.scope.setdefault("state", {})[STYLE_SOURCE] = f"'sha256-{digest}'"
    body = environment().get_template(template).render(
        **words(domain, language),
        page_style=Markup(style),  # noqa: S704 -- written by our own compiler from checked ids, not from input
        path=request.url.path,
        settings=request.app.state.settings,
        **context,
    )
    content, encoding = compressed(request, body.encode())
    return Response(
        content,
        status_code=status,
        media_type="text/html",
        headers={"Content-Language": language, "Vary": "Accept-Encoding, Accept-Language, Cookie", **encoding, **(headers or {})},
    )


def desk_language(request: WebRequest) -> str:
    """The desk speaks Chinese unless the person chose English."""
    wanted = request.query_params.get("lang", "")
    return wanted if wanted in DESK_LANGUAGES else remembered_desk_language(request)


def remembered_desk_language(request: WebRequest) -> str:
    """The same for a page whose `lang` is about something else."""
    wanted = request.cookies.get(DESK_LANGUAGE_COOKIE, "")
    return wanted if wanted in DESK_LANGUAGES else "zh-Hans"


def resident_language(request: WebRequest, offered: list[str] | None = None) -> str:
    """The language of a page that has no choice of its own: `?lang=`, then the browser's wish, then English."""
    tags = offered or list(languages())
    wanted = request.query_params.get("lang", "")
    if wanted in tags:
        return wanted
    return best_language(request.headers.get("accept-language", ""), tags) or ("en" if "en" in tags else tags[0])
