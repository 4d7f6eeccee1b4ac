"""Nothing is wrong with any page in any state: axe, a narrow screen, large and spaced text, thumbs, who wants nothing to move.

Residents' pages in Arabic; the desk's are looked at in test_accessibility_desk.py. `make sweep` looks at all languages in all settings.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.axe import violations
from tests.e2e.faults import assert_none, faults_of_places, faults_step_by_step
from tests.e2e.serving import Demo
from tests.e2e.visitor import Visitor, visiting
from tests.places import Place, door_places, place_named, residents_places, surveys_places, whole_surveys

pytestmark = pytest.mark.browser

LANGUAGES = ["ar", *(pytest.param(language, marks=pytest.mark.thorough) for language in ("zh-Hans", "ko"))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_residents_pages_have_no_fault(browser: Browser, house: Demo, language: str) -> None:
    assert_none(faults_of_places(browser, house, language, "without movement", residents_places(language)))


@pytest.mark.parametrize("places", [whole_surveys("ar"), pytest.param(surveys_places("ar"), marks=pytest.mark.thorough)], ids=["some", "all"])
def test_whole_survey_without_our_modules_has_no_fault(browser: Browser, house: Demo, places: list[Place]) -> None:
    """All sections at once, as a phone without scripts shows them."""
    assert_none(faults_of_places(browser, house, "ar", "phone without our modules", places))


@pytest.mark.parametrize("language", LANGUAGES)
def test_survey_step_by_step_has_no_fault(browser: Browser, house: Demo, language: str) -> None:
    """Every type of question on a phone that runs our modules, with a mistake, the overview, no signal, and a draft."""
    assert_none(faults_step_by_step(browser, house, language, "without movement"))


def test_doors_to_the_desk_have_no_fault(browser: Browser, house: Demo) -> None:
    assert_none(faults_of_places(browser, house, "zh-Hans", "desktop", door_places("zh-Hans")))


@pytest.fixture
def receipt(browser: Browser, house: Demo) -> Iterator[Visitor]:
    with visiting(browser, house, "ko") as visitor:
        visitor.go(place_named("receipt"))
        yield visitor


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("document.querySelector('label[for=code]').remove()", "label"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
        ("document.querySelector('main p').style.color = '#bbb'", "color-contrast"),
        ("document.querySelector('main button').textContent = ''", "button-name"),
        ("document.querySelector('#code').setAttribute('aria-describedby', 'gone'); document.querySelector('h1').remove()", "page-has-heading-one"),
        ("for (const b of ['1', '2', '3']) document.querySelector('main').insertAdjacentHTML('beforeend', `<a href='/${b}' style='display:inline-block'>${b}</a>`)", "target-size"),
        ("document.querySelector('main').outerHTML = document.querySelector('main').innerHTML", "landmark-one-main"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(receipt: Visitor, change: str, rule: str) -> None:
    assert violations(receipt.page) == []

    receipt.page.evaluate(change)

    assert rule in {line.partition(":")[0] for line in violations(receipt.page)}
