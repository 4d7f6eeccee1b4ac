"""Random people in front of a form: what they put into a page, whatever its questions ask."""

from __future__ import annotations

import random

from playwright.sync_api import Page

from survey import clock
from survey.questionnaire.answers import FormChecker
from survey.questionnaire.form import Form, Question
from survey.questionnaire.values import DONT_KNOW, GRANTED, OTHER, REFUSED

Raw = dict[str, list[str]]

TODAY = clock.today().isoformat()

FILL = """([raw, isTold]) => {
    const form = document.getElementById('survey-form');
    for (const [name, values] of Object.entries(raw)) {
        const rest = [...values];
        for (const input of form.querySelectorAll(`[name="${name}"]`)) {
            if (input.type === 'radio' || input.type === 'checkbox') input.checked = values.includes(input.value);
            else input.value = rest.shift() ?? '';
        }
    }
    if (isTold) form.dispatchEvent(new Event('change', {bubbles: true}));
}"""
"""Put values into the fields of a page, hidden ones too: who changes an answer leaves behind what the old one had shown."""

SHOWN = """() => [...document.querySelectorAll('[data-question]')]
    .filter(e => !['note', 'matrix'].includes(e.dataset.type) && e.checkVisibility())
    .map(e => e.dataset.question)"""
"""The items that a person sees."""


def fill(page: Page, raw: Raw, *, is_told: bool = False) -> None:
    """Put values into the page; with `is_told`, the modules on it hear of it."""
    page.evaluate(FILL, [raw, is_told])


def person(form: Form, dice: random.Random) -> Raw | None:
    """Somebody's answers that fit the form, with something left in hidden fields too; None where the dice find none."""
    checker = FormChecker(form)
    raw: Raw = {item.id: [] for item in checker.items.values()}
    for item in checker.items.values():
        for _ in range(12):
            raw[item.id] = _typed(item, dice)
            if not any(problem.question == item.id for problem in checker.check(raw, TODAY).problems):
                break
        else:
            return None
    return raw


def _typed(item: Question, dice: random.Random) -> list[str]:
    silent = ([REFUSED] if item.may_be_refused else []) + ([DONT_KNOW] if item.allow_dont_know else [])
    if dice.random() < 0.1:
        return []
    if silent and dice.random() < 0.15:
        return [dice.choice(silent)] if item.choices or item.points() else ["", dice.choice(silent)]
    values = [choice.value for choice in item.choices] + ([OTHER] if item.allow_other else [])
    if item.type in {"select_many", "ranking"}:
        return dice.sample(values, dice.randint(1, min(item.max_choices or len(values), len(values))))
    if item.type == "select_one":
        return [dice.choice(values)]
    if item.points():
        return [str(dice.choice(item.points()))]
    if item.type == "consent":
        return [GRANTED]
    return [dice.choice(_WRITTEN[item.type])]


_WRITTEN = {
    "integer": ["0", "3", "7", "٣", "1 0", "-2", "18"],
    "decimal": ["0", "2,5", "٢٫٥", "3.75", "-1.5", "8"],
    "date": ["2024-02-29", "1999-12-31", "2026-11-26", "2030-01-01"],
    "short_text": ["e", "我", "👩‍👩‍👧", "aé", " b ", "مرحبا", "3"],
    "long_text": ["e", "我要", "one\ntwo", "<b>", "한국어", "  e", "🇨🇳🇰🇷"],
}
