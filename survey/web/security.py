"""Headers on every response, errors included, and the refusal of changes that another site started."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

STYLE_SOURCE = "style_source"
"""Key in the request's state under which a page puts the CSP source of its own style block."""

HARMLESS_COOKIES = {"lang", "events", "answered"}
"""Cookies without authority: a language, the meetings that this browser was counted for, the surveys it answered. A phone that got one of them and
says nothing of where its posts come from must still be able to send its answers.
"""

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


async def add_security_headers(message: Message, scope: Scope) -> None:
    """A `before_send` hook: it runs for pages, routing errors and failures alike (pitfall L4)."""
    if message["type"] != "http.response.start":
        return
    headers = list(message["headers"])
    headers.append((b"content-security-policy", _content_security_policy(scope.get("state", {}).get(STYLE_SOURCE, ""))))
    headers += _SAME_ON_EVERY_PAGE
    if scope["scheme"] == "https":
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    if not any(name.lower() == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))
    message["headers"] = headers


_SAME_ON_EVERY_PAGE = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]


@lru_cache(maxsize=100)
def _content_security_policy(style: str) -> bytes:
    return (
        f"default-src 'none'; style-src 'self'{' ' + style if style else ''}; script-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ).encode()


class RefuseUnwanted(ASGIMiddleware):
    """Refuse what no page of ours sends.

    A change that another site's page started (docs/decisions/0004-trust-headers.md): browsers say where a request comes from
    in Sec-Fetch-Site, older ones in Origin. A request with a cookie and neither header is refused; without a cookie
    (but for those without authority) there is nothing to misuse, so a phone's plain form post passes. And an address with a NUL: PostgreSQL takes none in a query, so a
    stranger could make any lookup by name fail.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if "\x00" in scope["path"]:
            raise NotFoundException
        if scope["method"] not in _SAFE_METHODS and not _is_same_site(Headers.from_scope(scope)):  # type: ignore[typeddict-item]  # HTTP only, see scopes
            raise PermissionDeniedException(
                "This request was started by another site, or does not say by whom. "
                "Open the page itself and try again; a script sends the Origin header."
            )
        await next_app(scope, receive, send)


def _is_same_site(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin and origin != "null":
        return urlsplit(origin).netloc == headers.get("host", "")
    names = {part.partition("=")[0].strip() for line in headers.getall("cookie", []) for part in line.split(";")}
    return names <= HARMLESS_COOKIES
