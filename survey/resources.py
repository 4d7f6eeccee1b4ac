"""Where the files beside the code are: inside the package in a wheel, at the project's root in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource_folder(name: str) -> Path:
    """Return the folder `frontend` or `locales`."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


FRONTEND = resource_folder("frontend")
LOCALES = resource_folder("locales")
