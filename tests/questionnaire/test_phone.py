"""Python and the modules on the phone say the same: of any expression, and of anything typed into any form.

`make sweep` runs many more examples than the suite (SWEEP).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.questionnaire.answers import FormChecker
from survey.questionnaire.evaluation import value_of
from survey.questionnaire.expressions import parse
from tests.modules.node import NODE, Phone
from tests.questionnaire.page_items import page_items, plain_answers, plain_problems
from tests.questionnaire.strategies import NAMES, any_answers, any_expressions, forms, typed_forms
from tests.questionnaire.test_vectors import as_written

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed: only Python's side is tested")

EXAMPLES = int(os.environ.get("SWEEP", "200"))
TODAY = "2026-11-26"


@pytest.fixture(scope="module")
def phone() -> Iterator[Phone]:
    with Phone() as found:
        yield found


def _plain(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


@settings(max_examples=EXAMPLES)
@given(
    text=any_expressions,
    answers=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, any_answers)),
    own=st.none() | any_answers,
    today=st.sampled_from([TODAY, ""]),
)
def test_expression_comes_to_the_same_value(phone: Phone, text: str, answers: dict[str, Any], own: Any, today: str) -> None:
    tree = parse(text)

    here = value_of(tree, answers, own=own, today=today)
    there = phone.ask("value", tree=_plain(tree), answers=_plain(answers), own=_plain(own), today=today)
    if isinstance(there, int) and not isinstance(there, bool):
        there = float(there)  # JavaScript writes a large double with all its digits

    assert (as_written(here), isinstance(here, bool)) == (there, isinstance(there, bool))


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_form_gives_the_same_answers_and_problems(phone: Phone, data: st.DataObject) -> None:
    form = data.draw(forms())
    items = page_items(form)

    for _ in range(3):
        raw = data.draw(typed_forms(form))
        here = FormChecker(form).check(raw, TODAY)
        there = phone.ask("check", items=items, raw=raw, today=TODAY)

        assert there["answers"] == plain_answers(here.answers)
        assert there["problems"] == plain_problems(here.problems)
        assert set(here.answers) | {problem.question for problem in here.problems} <= set(there["shown"])
