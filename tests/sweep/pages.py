"""`make sweep`: every page and state, in each of its languages, on a phone and on a desk, in own colours, without movement, large.

Not collected by `make test`: its name is no test's. It takes many minutes; whoever runs it without a finding may write the day
into survey/web/routes.py, where the page on accessibility says it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from survey.i18n.catalogs import DESK_LANGUAGES
from survey.i18n.languages import languages
from tests.e2e.axe import violations
from tests.e2e.layout import LARGE_TEXT, moving, reflow, small_targets, styled, text_lost
from tests.e2e.serving import Demo
from tests.e2e.stepping import steps_of_every
from tests.e2e.visitor import session_of, visiting
from tests.places import EVERY_SPEAKS, Place, desk_places, door_places, residents_places

pytestmark = pytest.mark.browser


class Setting(NamedTuple):
    """How a window is set up, and what is looked at in it beside axe."""

    options: dict[str, Any]
    has_large_text: bool = False
    modules: bool = True


SETTINGS = {
    "phone": Setting({"width": 360}),
    "phone without our modules": Setting({"width": 360}, modules=False),
    "desktop": Setting({"width": 1280}),
    "own colours": Setting({"width": 360, "forced_colors": "active"}),
    "without movement": Setting({"width": 360, "reduced_motion": "reduce"}),
    "large text": Setting({"width": 360}, has_large_text=True),
}


def faults(page: Page, setting: Setting, *, is_desk: bool = False) -> list[str]:
    if setting.has_large_text:
        with styled(page, LARGE_TEXT):
            return [*violations(page), *text_lost(page)]
    if "forced_colors" in setting.options:  # the colours are the person's; axe mixes them with those of our style
        return violations(page, without=["color-contrast"])
    found = violations(page)
    if setting.options.get("reduced_motion"):
        found += moving(page)
    found += reflow(page)
    return found if is_desk else [*found, *small_targets(page)]


def look(browser: Browser, house: Demo, language: str, setting: Setting, places: list[Place], session: str = "") -> list[str]:
    with visiting(browser, house, language, session=session, modules=setting.modules, **setting.options) as visitor:
        return [f"{place.name}: {line}" for place in places for line in faults(visitor.go(place), setting, is_desk=place.is_desk)]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("language", list(languages()))
def test_residents_pages(browser: Browser, house: Demo, language: str, setting: str) -> None:
    found = look(browser, house, language, SETTINGS[setting], residents_places(language))

    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.modules])
@pytest.mark.parametrize("language", EVERY_SPEAKS)
def test_survey_step_by_step(browser: Browser, house: Demo, language: str, name: str) -> None:
    setting = SETTINGS[name]
    with visiting(browser, house, language, **setting.options) as visitor:
        found = [f"{step}: {line}" for step in steps_of_every(visitor) for line in faults(visitor.page, setting)]

    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("language", DESK_LANGUAGES)
def test_desk_pages(browser: Browser, house: Demo, language: str, setting: str) -> None:
    found = look(browser, house, language, SETTINGS[setting], door_places(language))
    found += look(browser, house, language, SETTINGS[setting], desk_places(language), session_of(house))

    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)
