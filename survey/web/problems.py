"""From errors to pages and JSON, in the visitor's language; the details of a failure go to the log only."""

from __future__ import annotations

import structlog
from litestar import MediaType, Response
from litestar.exceptions import HTTPException

from survey.errors import LinshengError
from survey.web.pages import desk_language, html, resident_language
from survey.web.request import WebRequest

log = structlog.get_logger()

DESK_HOME = "desk_home"
"""Key in the request's state under which the desk's guard puts the way back for who is signed in."""

_INSIDE = ("/desk", "/partner")
"""Behind the door."""

_WANTS: list[str] = [MediaType.HTML, MediaType.JSON]


def on_http_error(request: WebRequest, error: HTTPException) -> Response[bytes]:
    if error.status_code >= 500:  # litestar's own failures, such as a client that left in the middle of its request
        log.error("request failed", method=request.method, path=_told(request), exc_info=error)
    response = problem_response(
        request, error.status_code, error.detail if error.status_code in {400, 403} else "", problems=_found(error)
    )
    response.headers.update(error.headers or {})  # Allow, Retry-After
    return response


def on_expected_error(request: WebRequest, error: LinshengError) -> Response[bytes]:
    return problem_response(request, error.status, error.message)


def on_failure(request: WebRequest, error: Exception) -> Response[bytes]:
    log.error("request failed", method=request.method, path=_told(request), exc_info=error)
    return problem_response(request, 500, "")


def _told(request: WebRequest) -> str:
    """The path as a log may keep it: without an invitation's code or a link's token, which open what they are for."""
    path = request.url.path
    for prefix in ("/i/", "/welcome/"):
        if path.startswith(prefix):
            return f"{prefix}…"
    return path


def _found(error: HTTPException) -> list[dict[str, str]]:
    """Where a program's JSON does not fit, as litestar found it."""
    extra = error.extra if error.status_code == 400 and isinstance(error.extra, list) else []
    return [{"where": str(item.get("key", "")), "message": str(item.get("message", ""))} for item in extra]


def problem_response(
    request: WebRequest, status: int, message: str, problems: list[dict[str, str]] | None = None
) -> Response[bytes]:
    """Answer with a designed page, or with JSON where the caller is a program."""
    if status == 404 and request.url.path.startswith(_INSIDE):
        message = ""  # what is unknown and what is out of reach are answered alike
    if request.url.path.startswith("/api/") or request.accept.best_match(_WANTS, default="text/html") != "text/html":
        return Response(
            {"status": status, "detail": message or _PLAIN.get(status, "Error")}  # type: ignore[arg-type]  # JSON, though the page is bytes
            | ({"problems": problems} if problems else {}),
            status_code=status,
            media_type=MediaType.JSON,
        )
    if request.url.path.startswith(_INSIDE):
        return html(
            request, "errors/desk.html", desk_language(request), domain="desk", status=status,
            status_code=status, message=message, home=request.scope.get("state", {}).get(DESK_HOME, "/desk"),
        )  # fmt: skip
    return html(
        request, "errors/resident.html", resident_language(request), status=status, status_code=status, message=message
    )


_PLAIN = {
    400: "The request cannot be read.",
    403: "Not allowed.",
    404: "Nothing is here.",
    405: "This address does not take that method.",
    413: "The request is too large.",
    429: "Too many requests. Try again later.",
    500: "Something failed on our side. It has been logged.",
}
