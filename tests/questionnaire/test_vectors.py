"""The vectors that Python and the module on the phone share (tests/modules/*.test.mjs run the same), and what only Python reads."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from survey.questionnaire.answers import FormChecker
from survey.questionnaire.evaluation import as_boolean, holds, value_of
from survey.questionnaire.expressions import FUNCTIONS, ExpressionInvalid, parse, walk
from survey.questionnaire.form import Question
from tests.questionnaire.conftest import a_form
from tests.questionnaire.page_items import page_item, plain_answers, plain_problems
from tests.vectors.write import question_of, read

LOGIC = read("logic.json")
ANSWERS = read("answers.json")["vectors"]
OPERATORS = {"and", "or", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"}


def as_written(value: Any) -> Any:
    """A value as the vectors write it: JSON has no NaN, no infinity and, for JavaScript, no negative zero."""
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return "-0" if value == 0 and math.copysign(1, value) < 0 else value


@pytest.mark.parametrize("vector", LOGIC["vectors"], ids=lambda vector: vector["expression"][:40])
def test_expression_comes_to_the_value(vector: dict[str, Any]) -> None:
    asked = {"own": vector.get("own"), "today": vector.get("today", "")}

    found = value_of(parse(vector["expression"]), vector.get("answers", {}), **asked)

    assert as_written(found) == vector["value"]
    assert isinstance(found, bool) == isinstance(vector["value"], bool)  # True == 1 in Python
    assert holds(parse(vector["expression"]), vector.get("answers", {}), **asked) is as_boolean(found)


@pytest.mark.parametrize("vector", LOGIC["vectors"], ids=lambda vector: vector["expression"][:40])
def test_tree_in_the_vectors_is_what_the_parser_gives(vector: dict[str, Any]) -> None:
    """If not: `python -m tests.vectors.write`."""
    assert msgspec.json.decode(msgspec.json.encode(parse(vector["expression"]))) == vector["tree"]


@pytest.mark.parametrize("error", LOGIC["errors"], ids=lambda error: error["expression"][:40] or "nothing")
def test_expression_that_cannot_be_read_is_refused_with_its_place(error: dict[str, Any]) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        parse(error["expression"])

    assert refused.value.position == error["position"]
    assert str(refused.value).endswith(".")


def test_vectors_use_every_operator_and_function() -> None:
    used = {part[0] for vector in LOGIC["vectors"] for part in walk(vector["tree"]) if isinstance(part, list)}

    assert len(LOGIC["vectors"]) >= 220
    assert used == OPERATORS | (FUNCTIONS.keys() - {"true", "false"}) | {"q", ".", "choice"}


@pytest.mark.parametrize("vector", ANSWERS, ids=lambda vector: f"{vector['question']['type']} {vector['raw']}"[:50])
def test_answer_is_read_as_the_vector_says(vector: dict[str, Any]) -> None:
    form = a_form(*_earlier(vector), question_of(vector))

    checked = FormChecker(form).check({**vector.get("before", {}), "q": vector["raw"]}, vector.get("today", ""))

    before = vector.get("before", {})
    assert plain_answers({name: answer for name, answer in checked.answers.items() if name not in before}) == vector.get("answers", {})
    assert plain_problems(checked.problems) == vector.get("problems", [])


def _earlier(vector: dict[str, Any]) -> list[Question]:
    """The questions that the vector's own asks about: texts, so that they can hold anything."""
    return [Question(id=name, type="short_text", label={"en": name}) for name in vector.get("before", {})]


@pytest.mark.parametrize("vector", ANSWERS, ids=lambda vector: f"{vector['question']['type']} {vector['raw']}"[:50])
def test_item_in_the_vectors_is_the_question(vector: dict[str, Any]) -> None:
    """If not: `python -m tests.vectors.write`."""
    question = question_of(vector)

    assert page_item(question, [question.relevant]) == vector["item"]


def test_vectors_of_answers_cover_every_type() -> None:
    types = {vector["question"]["type"] for vector in ANSWERS}

    assert len(ANSWERS) >= 80
    assert types == {
        "select_one", "select_many", "scale", "rating", "ranking", "integer", "decimal", "date", "short_text", "long_text", "consent",
    }  # fmt: skip
