"""The browser shows and hides questions by the page's own style; it must show what the server asks, whatever was chosen."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from survey.authoring.service import bundled_form
from survey.questionnaire.answers import FormChecker
from survey.questionnaire.evaluation import holds
from survey.questionnaire.expressions import parse
from survey.questionnaire.form import Form
from tests.conftest import examples
from tests.e2e.filling import SHOWN, TODAY, Raw, fill, person
from tests.e2e.serving import Server
from tests.every_type import every_type
from tests.questionnaire.strategies import forms

pytestmark = pytest.mark.browser

_numbers = itertools.count()


def asked(form: Form, raw: Raw) -> list[str]:
    """The items that apply to the clean answers, worked out from the conditions as they are written."""
    answers = FormChecker(form).check(raw, TODAY).answers
    return [
        item.id
        for section in form.sections
        for question in section.questions
        for item in question.items()
        if all(holds(parse(text), answers, today=TODAY) for text in {section.relevant, question.relevant, item.relevant} if text)
    ]


def without_scripts(browser: Browser, server: Server, slug: str) -> Page:
    page = browser.new_context(base_url=server.url, java_script_enabled=False).new_page()
    page.goto(f"/s/{slug}?lang=en")
    return page


def assert_shows_what_is_asked(page: Page, form: Form, dice: random.Random, times: int) -> None:
    for _ in range(times):
        raw = person(form, dice)
        if raw is not None:
            fill(page, raw)

            assert page.evaluate(SHOWN) == asked(form, raw), raw


@settings(
    max_examples=examples(4), phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(form=forms(is_for_css=True), seed=st.integers(0, 10**6))
def test_page_shows_what_the_server_asks_for_any_form_that_css_can_tell(browser: Browser, server: Server, form: Form, seed: int) -> None:
    slug = f"shown-{next(_numbers)}"
    server.add(slug, form)
    page = without_scripts(browser, server, slug)

    assert_shows_what_is_asked(page, form, random.Random(seed), 15)
    page.context.close()


def test_page_shows_what_the_server_asks_in_the_bundled_survey(browser: Browser, server: Server) -> None:
    server.add("bundled", bundled_form())
    page = without_scripts(browser, server, "bundled")

    assert_shows_what_is_asked(page, bundled_form(), random.Random(7), 40)
    page.context.close()


def test_page_shows_too_much_rather_than_too_little_where_css_cannot_tell(browser: Browser, server: Server) -> None:
    form = every_type()
    page = without_scripts(browser, server, "every")
    dice = random.Random(3)
    more = 0

    for _ in range(40):
        raw = person(form, dice)
        assert raw is not None
        fill(page, raw)
        shown = page.evaluate(SHOWN)

        assert [name for name in asked(form, raw) if name not in shown] == [], raw
        more += len(shown) > len(asked(form, raw))
    assert more > 5  # a typed number is nothing that CSS sees
    page.context.close()
