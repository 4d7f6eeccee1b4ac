"""Rendering: one Jinja environment, the language's words, and HTML responses."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Any

import jinja2
from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from survey.i18n.catalogs import DESK_LANGUAGES
from survey.i18n.languages import best_language, direction, is_spoken, languages, match_language, name_in, own_name
from survey.i18n.speech import speech
from survey.qr import qr_picture
from survey.resources import FRONTEND
from survey.web.assets import asset_url
from survey.web.compression import compressed
from survey.web.forms import FormData, first
from survey.web.request import WebRequest
from survey.web.security import STYLE_SOURCE

DESK_LANGUAGE_COOKIE = "desk_language"
LANGUAGE_COOKIE = "lang"
"""What a resident chose, and nothing else: a tag. It has no authority (see web/security.py)."""


@lru_cache
def environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FRONTEND / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(
        asset=asset_url, languages=languages, direction=direction, own_name=own_name, name_in=name_in, qr=qr_picture
    )
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
        "month": say.month,
        "moment": say.moment,
        "occasion": say.occasion,
        "number": say.number,
        "percent": say.percent,
        "listed": say.listed,
    }


def download(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to keep, under a name of plain ASCII letters without quotes."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


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
    response = Response(
        content,
        status_code=status,
        media_type="text/html",
        headers={"Content-Language": language, "Vary": "Accept-Encoding, Accept-Language, Cookie", **encoding, **(headers or {})},
    )
    if domain == "resident" and request.query_params.get("lang") == language:
        remember_language(request, response, language)
    return response


def remember_language(request: WebRequest, response: Response[Any], language: str) -> None:
    """Keep a resident's choice for the next visit: `?lang=` in an address, or a switch that a form sent.

    Readable by our modules: it holds a language and no more.
    """
    if request.cookies.get(LANGUAGE_COOKIE) == language:
        return
    response.set_cookie(
        Cookie(
            key=LANGUAGE_COOKIE, value=language, path="/", samesite="lax", max_age=365 * 86400,
            secure=request.app.state.settings.has_secure_cookies,
        )
    )  # fmt: skip


def desk_language(request: WebRequest) -> str:
    """The desk speaks Chinese unless the person chose English."""
    wanted = request.query_params.get("lang", "")
    return wanted if wanted in DESK_LANGUAGES else remembered_desk_language(request)


def remembered_desk_language(request: WebRequest) -> str:
    """The same for a page whose `lang` is about something else."""
    wanted = request.cookies.get(DESK_LANGUAGE_COOKIE, "")
    return wanted if wanted in DESK_LANGUAGES else "zh-Hans"


def resident_language(request: WebRequest, offered: list[str] | None = None, default: str = "") -> str:
    """The language of a page: `?lang=`, the choice made before, the browser's wish, the given default (a channel's), English.

    `offered` are a survey's languages. Without them the page is the interface's own, and the plain variants of its languages
    are offered too, so that the choice goes along to the next survey.
    """
    tags = offered or list(languages())
    wanted, before = request.query_params.get("lang", ""), request.cookies.get(LANGUAGE_COOKIE, "")
    for tag in (wanted, before):
        if tag in tags or (offered is None and is_spoken(tag)):
            return tag
    liked = match_language(before, tags) or best_language(request.headers.get("accept-language", ""), tags)
    return liked or (default if default in tags else "en" if "en" in tags else tags[0])


def posted_language(request: WebRequest, fields: FormData) -> str:
    """The language of the page that a form was sent from (`_language`), else as `resident_language`."""
    given = first(fields, "_language")
    return given if given in languages() else resident_language(request)
