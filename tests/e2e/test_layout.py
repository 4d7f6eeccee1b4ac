"""Residents' pages fit narrow screens and large text, thumbs, keyboards, own colours and people who want nothing to move."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import Demo
from tests.e2e.layout import moving, reflow, small_targets
from tests.e2e.visitor import session_of, visiting
from tests.places import PLACES

pytestmark = pytest.mark.browser

RESIDENTS = [place for place in PLACES if not place.is_desk]
SURVEYS = [place for place in RESIDENTS if place.name.startswith("survey")]
DOOR = [place for place in PLACES if place.is_desk and not place.is_signed_in]
DESK = [place for place in PLACES if place.is_signed_in]

LANGUAGES = ["zh-Hans", "ko", "ar"]


def none(found: list[str]) -> None:
    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_lost_on_narrow_screens_and_with_large_or_spaced_text(browser: Browser, house: Demo, language: str) -> None:
    found = []

    for modules, places in ((True, RESIDENTS), (False, SURVEYS)):
        with visiting(browser, house, language, modules=modules) as visitor:
            for place in places:
                page = visitor.go(place)
                found += [f"{place.name}: {line}" for line in [*reflow(page), *small_targets(page)]]

    none(found)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_nothing_is_lost_at_the_desk(browser: Browser, house: Demo, language: str) -> None:
    found = []

    for session, places in (("", DOOR), (session_of(house), DESK)):
        with visiting(browser, house, language, session=session, width=1280) as visitor:
            for place in places:
                page = visitor.go(place)
                found += [f"{place.name}: {line}" for line in reflow(page)]

    none(found)


def test_nothing_moves_for_who_wants_nothing_to_move(browser: Browser, house: Demo) -> None:
    with visiting(browser, house, "ko", reduced_motion="reduce") as visitor:
        none([f"{place.name}: {line}" for place in RESIDENTS for line in moving(visitor.go(place))])
