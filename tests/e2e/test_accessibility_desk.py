"""Nothing is wrong with any page of the desk, in Chinese on an office PC. `make sweep` looks at both languages in all settings."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.faults import assert_none, faults_of_places
from tests.e2e.serving import Demo
from tests.e2e.visitor import session_of
from tests.places import desk_places

pytestmark = pytest.mark.browser


def test_desk_pages_have_no_fault(browser: Browser, house: Demo) -> None:
    assert_none(faults_of_places(browser, house, "zh-Hans", "desktop", desk_places("zh-Hans"), session=session_of(house)))
