"""What is wrong with pages, looked at in the ways in which people set up their phones and windows."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.axe import violations
from tests.e2e.layout import LARGE_TEXT, moving, reflow, small_targets, styled, text_lost
from tests.e2e.serving import Demo
from tests.e2e.stepping import steps_of_every
from tests.e2e.visitor import visiting
from tests.places import Place


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


def faults_of_places(
    browser: Browser, house: Demo, language: str, name: str, places: list[Place], *, session: str = ""
) -> list[str]:
    """Go to all the places in the setting of that name; each line names the place."""
    setting = SETTINGS[name]
    with visiting(browser, house, language, session=session, modules=setting.modules, **setting.options) as visitor:
        return [f"{place.name}: {line}" for place in places for line in _faults(visitor.go(place), setting, is_desk=place.is_desk)]


def faults_step_by_step(browser: Browser, house: Demo, language: str, name: str) -> list[str]:
    """Answer the survey of every type in the setting of that name; each line names the step."""
    setting = SETTINGS[name]
    with visiting(browser, house, language, **setting.options) as visitor:
        return [f"{step}: {line}" for step in steps_of_every(visitor) for line in _faults(visitor.page, setting)]


def _faults(page: Page, setting: Setting, *, is_desk: bool = False) -> list[str]:
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


def assert_none(found: list[str]) -> None:
    """Fail with each line once."""
    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)
