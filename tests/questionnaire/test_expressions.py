"""What is asked of a parsed expression besides its value: what it names, what a choice puts in; and the pieces of a text with answers."""

from __future__ import annotations

import pytest
from hypothesis import given

from survey.questionnaire.evaluation import value_of
from survey.questionnaire.expressions import (
    LONGEST,
    MOST_OPERATORS,
    ExpressionInvalid,
    asks_own,
    attributes_in,
    filled,
    parse,
    questions_in,
)
from survey.questionnaire.piping import Part, parts_of, pipes_in
from tests.questionnaire.strategies import any_expressions


def test_questions_in_names_each_once_in_their_order() -> None:
    tree = parse("not(${b} = 'x') and (${a.row.col} > ${b} or selected(${c}, ${a}))")

    assert questions_in(tree) == ["b", "a.row.col", "c", "a"]
    assert questions_in(parse("'${a}' = \"${b}\"")) == []


def test_attributes_and_own_answer_are_told_apart_from_questions() -> None:
    tree = parse("kind = ${kind} and . != size or kind = 'x'")

    assert (attributes_in(tree), questions_in(tree), asks_own(tree)) == (["kind", "size"], ["kind"], True)
    assert not asks_own(parse("'.' = ${a}"))


def test_filled_puts_a_choices_attributes_in_and_leaves_the_rest() -> None:
    tree = parse("kind = ${kind} and (size = 'big' or not(colour))")

    assert filled(tree, {"kind": "sport", "size": "${x}"}) == [
        "and", ["=", "sport", ["q", "kind"]], ["or", ["=", "${x}", "big"], ["not", ""]],
    ]  # fmt: skip
    assert tree == parse("kind = ${kind} and (size = 'big' or not(colour))")  # parsed trees are kept and shared


@given(any_expressions)
def test_spaces_and_brackets_around_an_expression_change_nothing(text: str) -> None:
    assert parse(f"\n ( {text} )\t") == parse(text)


@pytest.mark.parametrize(
    "text",
    ["1" + " + 1" * MOST_OPERATORS, "(" * 39 + "1" + ")" * 39, "not(" * 39 + "1" + ")" * 39, "-" * (LONGEST - 1) + "1"],
    ids=["operators", "brackets", "calls", "signs"],
)
def test_longest_and_deepest_expressions_can_be_gone_through(text: str) -> None:
    tree = parse(text)

    value_of(tree, {})
    assert filled(tree, {}) == tree
    assert questions_in(tree) == []
    with pytest.raises(ExpressionInvalid):
        parse(f"({text}) + {text}" if len(text) < LONGEST else f"-{text}")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [Part("")]),
        ("How are you?", [Part("How are you?")]),
        ("${a}", [Part("", "a")]),
        ("In ${ a }, and ${b.c.d}?", [Part("In "), Part("", "a"), Part(", and "), Part("", "b.c.d"), Part("?")]),
        ("${a}${b}", [Part("", "a"), Part("", "b")]),
        ("It costs $5 {or} ${5} $ {a} ${}", [Part("It costs $5 {or} ${5} $ {a} ${}")]),
        ("您去${place}几次？", [Part("您去"), Part("", "place"), Part("几次？")]),
    ],
)
def test_parts_of_a_text(text: str, parts: list[Part]) -> None:
    assert parts_of(text) == parts
    assert pipes_in(text) == [part.item for part in parts if part.item]
