"""The same answers, put in with JavaScript one section at a time and without it on one page, are stored as the same document."""

from __future__ import annotations

import itertools
import os
import random

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from survey.questionnaire.answers import FormChecker
from survey.questionnaire.form import Form
from tests.e2e.filling import SHOWN, TODAY, Raw, fill, person
from tests.e2e.serving import Server
from tests.e2e.stepping import BEGIN, on
from tests.every_type import every_type
from tests.questionnaire.strategies import forms

pytestmark = pytest.mark.browser

EXAMPLES = int(os.environ.get("SWEEP", "40")) // 10 or 1
"""Few, as a browser takes them twice, and a tenth of what SWEEP says; see tests/questionnaire/test_phone.py."""

_numbers = itertools.count()


def opened(browser: Browser, server: Server, slug: str, *, scripts: bool) -> Page:
    context = browser.new_context(base_url=server.url, java_script_enabled=scripts, viewport={"width": 360, "height": 760})
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"/s/{slug}?lang=en")
    return page


def sent_with_scripts(page: Page, raw: Raw) -> list[str]:
    """Go through all steps; return what was shown of the form."""
    seen: list[str] = []
    page.get_by_role("button", name=BEGIN).click()
    fill(page, raw, is_told=True)
    while not page.locator("#h-check").is_visible():
        step = page.locator("[name=_step]").input_value()
        seen += page.evaluate(SHOWN)
        on(page)
        assert page.locator("[name=_step]").input_value() != step, page.locator("#summary").inner_text()
    page.check("[name=_agree]")
    _send(page)
    return seen


def sent_without(page: Page, raw: Raw) -> None:
    fill(page, raw)
    page.check("[name=_age]")
    page.check("[name=_agree]")
    _send(page)


def _send(page: Page) -> None:
    page.get_by_role("button", name="Send my answers").click()
    expect(page.locator("#receipt-code")).to_be_visible()


def assert_both_store(browser: Browser, server: Server, slug: str, form: Form, raw: Raw) -> None:
    clean = FormChecker(form).check(raw, TODAY)
    assert clean.problems == []
    before = len(server.answers())

    phone = opened(browser, server, slug, scripts=True)
    seen = sent_with_scripts(phone, raw)
    phone.context.close()
    plain = opened(browser, server, slug, scripts=False)
    sent_without(plain, raw)
    plain.context.close()

    assert server.answers()[before:] == [clean.answers, clean.answers], raw
    assert clean.answers.keys() <= set(seen)
    assert [name for name in seen if name in raw] == seen


@settings(
    max_examples=EXAMPLES, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip
@given(form=forms(), seed=st.integers(0, 10**6))
def test_random_answers_to_random_forms_are_stored_the_same(browser: Browser, server: Server, form: Form, seed: int) -> None:
    raw = person(form, random.Random(seed))
    assume(raw is not None)
    assert raw is not None
    slug = f"both-{next(_numbers)}"
    server.add(slug, form)

    assert_both_store(browser, server, slug, form, raw)


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (2, 3))])
def test_random_answers_to_every_type_are_stored_the_same(browser: Browser, server: Server, seed: int) -> None:
    raw = person(every_type(), random.Random(seed))
    assert raw is not None

    assert_both_store(browser, server, "every", every_type(), raw)


@pytest.mark.parametrize("scripts", [True, False])
def test_answers_that_were_hidden_again_are_not_stored(browser: Browser, server: Server, *, scripts: bool) -> None:
    raw = {
        "kind": ["neither"], "place": ["other"], "place_other": ["secret"], "visits": ["30"], "why_often": ["secret"],
        "services.library.importance": ["5"], "order": ["library"], "staff": ["5"], "health": ["yes"], "need": ["a bench"],
    }  # fmt: skip
    page = opened(browser, server, "every", scripts=scripts)

    (sent_with_scripts if scripts else sent_without)(page, raw)

    assert server.answers() == [{"kind": "neither", "need": "a bench"}]
    assert "secret" not in repr(server.rows('SELECT * FROM "answer_document"'))
    page.context.close()
