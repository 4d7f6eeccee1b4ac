"""Headers on every response, errors included, and the refusal of changes that another site started."""

from __future__ import annotations

from urllib.parse import urlsplit

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

STYLE_SOURCE = "style_source"
"""Key in the request's state under which a page puts the CSP source of its own style block."""

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


async def add_security_headers(message: Message, scope: Scope) -> None:
    """A `before_send` hook: it runs for pages, routing errors and failures alike (pitfall L4)."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    style = scope.get("state", {}).get(STYLE_SOURCE, "")
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'{' ' + style if style else ''}; script-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if "cache-control" not in headers:
        headers["Cache-Control"] = "no-store"


class RefuseCrossSiteChanges(ASGIMiddleware):
    """Refuse unsafe requests that another site's page started (docs/decisions/0004-trust-headers.md).

    Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin. A request with a cookie and
    neither header is refused; without a cookie there is nothing to misuse, so a phone's plain form post passes.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["method"] not in _SAFE_METHODS:  # type: ignore[typeddict-item]  # HTTP only, see scopes
            headers = Headers.from_scope(scope)
            if not _is_same_site(headers):
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
    return "cookie" not in headers
