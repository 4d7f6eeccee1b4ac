"""Residents' pages with the keyboard alone, and in colours of one's own."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from survey.authoring.service import bundled_form
from tests.e2e.faults import assert_none
from tests.e2e.layout import around, difference, picture
from tests.e2e.serving import Demo
from tests.e2e.visitor import visiting
from tests.places import place_named
from tests.ways import RECEIPT_CODE, required_answers

pytestmark = pytest.mark.browser

LANGUAGES = ["ar", *(pytest.param(language, marks=pytest.mark.thorough) for language in ("zh-Hans", "ko"))]


# The keyboard alone


FOCUSED = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const form = e.closest("form");
    const buttons = form ? [...form.querySelectorAll("button")].filter((b) => b.checkVisibility() && !b.disabled && !b.name.startsWith("_")) : [];
    return {
        tag: e.tagName.toLowerCase(), type: e.type ?? "", name: e.getAttribute("name") ?? "", value: e.value ?? "",
        mode: e.inputMode ?? "", isOnward: e === buttons.at(-1), isOfSurvey: form?.id === "survey-form" || !!form?.elements.namedItem("_client"),
        isChosen: [...(form?.querySelectorAll(`[name="${CSS.escape(e.getAttribute("name") ?? "")}"]:checked`) ?? [])].length > 0,
    };
}"""

IS_MARKED = """() => {
    const e = document.activeElement;
    return [e, e.closest("label")].filter(Boolean).some((x) => {
        const style = getComputedStyle(x);
        const isSeen = parseFloat(style.opacity) > 0 && x.getBoundingClientRect().width > 1;
        return isSeen && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
}"""


def type_answer(page: Page, at: dict[str, Any]) -> None:
    """Answer the field that has the focus, as its kind is answered."""
    keys = page.keyboard
    if at["tag"] == "select":
        keys.press("ArrowDown")
    elif at["type"] == "radio":
        if not at["isChosen"]:
            keys.press("Space")
    elif at["type"] == "checkbox":
        if at["value"] not in {"prefer_not_to_say", "dont_know"} and not at["isChosen"]:
            keys.press("Space")
    elif at["tag"] == "textarea" or at["type"] == "text":
        keys.type("3" if at["mode"] in {"numeric", "decimal"} else "keyboard")
    elif at["type"] in {"number", "date"}:
        keys.type({"number": "3", "date": "01012000"}[at["type"]])


@pytest.mark.parametrize("language", LANGUAGES)
def test_survey_is_answered_and_sent_with_the_keyboard_alone(browser: Browser, house: Demo, language: str) -> None:
    """Tab from the top of the page, answer whatever has the focus, press the last button of what is shown; until the receipt."""
    unmarked, answered = [], set()

    with visiting(browser, house, language) as visitor:
        page = visitor.go(place_named("survey"))
        for _ in range(600):
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUSED)
            if at is None:
                continue
            if not page.evaluate(IS_MARKED):
                unmarked.append(f"the focus cannot be seen: {at}")
            if at["isOfSurvey"] and at["name"] and (at["name"] == "_agree" or not at["name"].startswith("_")):
                type_answer(page, at)
                answered.add(at["name"])
            elif at["isOnward"]:
                page.keyboard.press("Enter")
                page.wait_for_timeout(300)
                page.wait_for_load_state()
                if RECEIPT_CODE.search(page.inner_text("main")):
                    break
        assert RECEIPT_CODE.search(page.inner_text("main")), page.inner_text("main")[:500]

    assert_none(unmarked)
    asked = {item.id for item in bundled_form().items()}
    assert len(answered) > 0.6 * len(asked)  # some are asked only after other answers
    assert {name for name, _ in required_answers()} - {"_age"} <= answered  # the first button says the age


@pytest.mark.parametrize("colors", ["none", "active"])
def test_focus_is_painted_on_every_control(browser: Browser, house: Demo, colors: str) -> None:
    """Not only in the style: the pixels around each control change when the focus comes, in own colours as well."""
    unseen = []

    with visiting(browser, house, "ar", modules=False, forced_colors=colors) as visitor:
        page = visitor.go(place_named("survey, nothing answered"))
        controls = page.locator("main, footer").locator(":is(a, button, textarea, select, input):visible:not([tabindex='-1'])")
        for control in controls.element_handles()[::7]:
            page.evaluate("document.activeElement?.blur()")
            where = around(page, control.evaluate_handle("e => e.closest('label') ?? e").as_element() or control)
            before = picture(page, where)
            page.keyboard.press("Shift")  # from here on the focus counts as the keyboard's
            control.evaluate("e => e.focus({preventScroll: true})")
            if difference(before, picture(page, where)) < 60:
                unseen.append(control.evaluate("e => e.outerHTML.slice(0, 150)"))

    assert_none(unseen)


def test_chosen_answers_are_seen_in_forced_colours(browser: Browser, house: Demo) -> None:
    unseen = []

    with visiting(browser, house, "ar", modules=False, forced_colors="active") as visitor:
        page = visitor.go(place_named("survey, everything answered"))
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        for chosen in page.locator("main label:visible input:checked").element_handles()[::4]:
            where = around(page, chosen.evaluate_handle("e => e.closest('label')").as_element() or chosen)
            after = picture(page, where)
            chosen.evaluate("e => { e.checked = false; }")
            if difference(picture(page, where), after) < 40:
                unseen.append(chosen.evaluate("e => e.closest('label').textContent"))
            chosen.evaluate("e => { e.checked = true; }")
        borders = page.locator("main textarea, main select, main button:visible").evaluate_all(
            "all => all.map(e => getComputedStyle(e)).map(s => s.borderTopStyle + parseFloat(s.borderTopWidth))"
        )

    assert_none(unseen)
    assert {border for border in borders if border.startswith("none") or border == "solid0"} == set()
