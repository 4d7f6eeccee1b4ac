"""`make sweep`: every page and state, in each of its languages, on a phone and on a desk, in own colours, without movement, large.

Not collected by `make test`: its name is no test's. It takes many minutes; whoever runs it without a finding may write the day
into survey/web/routes.py, where the page on accessibility says it.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from survey.i18n.catalogs import DESK_LANGUAGES
from survey.i18n.languages import languages
from tests.e2e.faults import SETTINGS, assert_none, faults_of_places, faults_step_by_step
from tests.e2e.serving import Demo
from tests.e2e.visitor import session_of
from tests.places import EVERY_SPEAKS, desk_places, door_places, residents_places

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("language", list(languages()))
def test_residents_pages(browser: Browser, house: Demo, language: str, setting: str) -> None:
    assert_none(faults_of_places(browser, house, language, setting, residents_places(language)))


@pytest.mark.parametrize("setting", [name for name, setting in SETTINGS.items() if setting.modules])
@pytest.mark.parametrize("language", EVERY_SPEAKS)
def test_survey_step_by_step(browser: Browser, house: Demo, language: str, setting: str) -> None:
    assert_none(faults_step_by_step(browser, house, language, setting))


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("language", DESK_LANGUAGES)
def test_desk_pages(browser: Browser, house: Demo, language: str, setting: str) -> None:
    assert_none(
        faults_of_places(browser, house, language, setting, door_places(language))
        + faults_of_places(browser, house, language, setting, desk_places(language), session=session_of(house))
    )
