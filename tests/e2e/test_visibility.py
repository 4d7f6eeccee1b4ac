"""The browser shows and hides questions by the page's own style; it must show what the server asks, whatever was chosen."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from survey.authoring.service import bundled_form
from survey.questionnaire.evaluation import holds
from survey.questionnaire.form import Form
from tests.e2e.conftest import Demo

pytestmark = pytest.mark.browser

SHOWN = """() => [...document.querySelectorAll('.question')]
    .filter(e => getComputedStyle(e).display !== 'none' && getComputedStyle(e.closest('.part')).display !== 'none')
    .map(e => e.id.slice(2))"""

CHOOSE = """(chosen) => {
    const form = document.getElementById('survey-form');
    form.reset();
    for (const [name, value] of chosen) {
        const found = form.querySelector(`input[name="${name}"][value="${value}"]`);
        if (found) found.checked = true;
    }
}"""


def asked(form: Form, chosen: dict[str, str]) -> list[str]:
    """The questions that the server counts as relevant, one after the other as check_answers does."""
    answers: dict[str, str | int] = {}
    found = []
    for section in form.sections:
        for question in section.questions:
            if question.relevant is None or holds(question.relevant, answers):
                found.append(question.id)
                if question.id in chosen:
                    value = chosen[question.id]
                    answers[question.id] = int(value) if value.isdigit() else value
    return found


def test_page_shows_what_the_server_asks_for_any_choice(demo: Demo, open_page: Callable[..., Page]) -> None:
    form = bundled_form()
    page = open_page(width=360)
    page.goto(f"{demo.survey}?lang=en")
    rng = random.Random(7)
    chains = [q for q in form.questions() if q.id.startswith(("aware_", "used_", "satisfied_"))]

    for _ in range(60):
        chosen = {
            question.id: rng.choice([choice.value for choice in question.choices] or ["1", "5"])
            for question in chains
            if rng.random() < 0.7
        }
        page.evaluate(CHOOSE, list(chosen.items()))

        assert page.evaluate(SHOWN) == asked(form, chosen), chosen
