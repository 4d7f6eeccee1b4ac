"""The type of a request in handlers: any user, auth and state."""

from __future__ import annotations

from typing import Any

from litestar import Request

WebRequest = Request[Any, Any, Any]
