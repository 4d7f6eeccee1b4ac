"""The sweep looks at the same house, with the same browser, as the tests in tests/e2e."""

from __future__ import annotations

from tests.e2e.conftest import browser, demo_folder, furnished, house, playwright

__all__ = ["browser", "demo_folder", "furnished", "house", "playwright"]
