"""What the web server's processes load."""

from __future__ import annotations

import gc

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from litestar.types import ASGIApp

from survey.app import create_app
from survey.settings import load_settings


def application() -> ASGIApp:
    """Build the app from the environment. X-Forwarded-* headers are believed only from the trusted proxy (pitfall L9)."""
    settings = load_settings()
    app: ASGIApp = create_app(settings)
    if settings.trusted_proxy:
        app = wrap_asgi_with_proxy_headers(app, trusted_hosts=settings.trusted_proxy)
    keep_out_of_collections()
    return app


def keep_out_of_collections() -> None:
    """Tell the garbage collector that what is loaded by now stays: looking through it again took 100 ms every second under load."""
    gc.collect()
    gc.freeze()
