"""axe finds nothing on any page, in any state: residents' pages in Chinese, Korean and Arabic, the desk's in Chinese.

`make sweep` looks at all ten languages, other widths, larger text and other colours.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.axe import violations
from tests.e2e.serving import Demo
from tests.e2e.stepping import steps_of_every
from tests.e2e.visitor import Visitor, session_of, visiting
from tests.places import Place, desk_places, door_places, place_named, residents_places, surveys_places

pytestmark = pytest.mark.browser

@pytest.fixture(scope="module")
def session(house: Demo) -> str:
    return session_of(house)


def check(visitor: Visitor, places: list[Place]) -> None:
    """Fail with all that axe finds in all the places."""
    found = [f"{place.name}: {line}" for place in places for line in violations(visitor.go(place))]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("language", ["zh-Hans", "ko", "ar"])
def test_residents_pages_have_no_fault(browser: Browser, house: Demo, language: str) -> None:
    with visiting(browser, house, language) as visitor:
        check(visitor, residents_places(language))


@pytest.mark.parametrize("language", ["ar"])  # all others belong to the sweep
def test_whole_survey_without_our_modules_has_no_fault(browser: Browser, house: Demo, language: str) -> None:
    """All sections at once, as a phone without scripts shows them."""
    with visiting(browser, house, language, modules=False) as visitor:
        check(visitor, surveys_places(language))


@pytest.mark.parametrize("language", ["zh-Hans", "ko", "ar"])
def test_survey_step_by_step_has_no_fault(browser: Browser, house: Demo, language: str) -> None:
    """Every type of question on a phone that runs our modules, with a mistake, the overview, no signal, and a draft."""
    with visiting(browser, house, language) as visitor:
        found = [f"{step}: {line}" for step in steps_of_every(visitor) for line in violations(visitor.page)]

    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("language", ["zh-Hans"])
def test_desk_pages_have_no_fault(browser: Browser, house: Demo, session: str, language: str) -> None:
    with visiting(browser, house, language, width=1280) as visitor:
        check(visitor, door_places(language))
    with visiting(browser, house, language, session=session, width=1280) as visitor:
        check(visitor, desk_places(language))


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
