"""What the web server's processes load."""

from __future__ import annotations

from litestar import Litestar

from survey.app import create_app
from survey.settings import load_settings


def application() -> Litestar:
    return create_app(load_settings())
