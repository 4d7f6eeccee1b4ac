"""Conditions as CSS (that browsers agree with the server is tested in one, tests/e2e/test_visibility.py)."""

from __future__ import annotations

import pytest

from survey.questionnaire.expressions import parse
from survey.questionnaire.selectors import Selectors
from tests.questionnaire.conftest import a_question

ITEMS = {
    item.id: item
    for question in (
        a_question("select_one", "a", allow_other=True), a_question("scale", "b"), a_question("select_many", "c"),
        a_question("short_text", "t"), a_question("integer", "n"), a_question("date", "d"), a_question("consent", "k"),
        a_question("ranking", "r"),
    )
    for item in question.items()
}  # fmt: skip

YES = ':has([name="a"][value="yes"]:checked, [name="a"] [value="yes"]:checked)'
THREE = ':has([name="b"][value="3"]:checked, [name="b"] [value="3"]:checked)'
NO = ':has([name="c"][value="no"]:checked, [name="c"] [value="no"]:checked)'
SILENT = '[value=""], [value="dont_know"], [value="prefer_not_to_say"]'
WRITTEN = (
    f':has([name="t"]:checked:not({SILENT}), [name="t"] :checked:not({SILENT}), '
    '[name="t"]:is(textarea, [type=text]):not(:placeholder-shown))'
)


@pytest.mark.parametrize(
    ("condition", "selector"),
    [
        ("${a} = 'yes'", YES),
        ("'yes' = ${a}", YES),
        ("${a} != 'yes'", f":not({YES})"),
        ("selected(${a}, 'yes')", YES),
        ("selected(${c}, 'no')", NO),
        ("${b} = 3", THREE),
        ("${b} = '3'", THREE),
        ("${b} = '3.0'", THREE),
        ("${b} = 2.5", ":not(*)"),
        ("${b} != 2.5", ""),
        ("${b} = 'x'", ":not(*)"),
        ("${k} = 'yes'", YES.replace('"a"', '"k"')),
        ("${t}", WRITTEN),
        ("${t} != ''", f":not(:not({WRITTEN}))"),
        ("${t} = ''", f":not({WRITTEN})"),
        ("true()", ""),
        ("false()", ":not(*)"),
        ("not(true())", ":not(*)"),
        ("'a' = 'a'", ""),
        ("'a' = 'b'", ":not(*)"),
        ("${a} = 'yes' and ${b} = 3", YES + THREE),
        ("${a} = 'yes' or ${b} = 3", f":is({YES}, {THREE})"),
        ("${a} = 'yes' or true()", ""),
        ("not(${a} = 'yes' or ${b} = 3)", f":not(:is({YES}, {THREE}))"),
    ],
)
def test_compile_of_what_css_can_tell(condition: str, selector: str) -> None:
    assert Selectors(ITEMS, {}).compile(parse(condition)) == selector


@pytest.mark.parametrize(
    "condition",
    [
        "${n} > 3", "${n} = 3", "${d} <= today()", "${d} = ''", "${d}", "${a} = ${c}", "count-selected(${c}) = 2", "1 + 1 = 2",
        "string-length(${t}) > 3", "${t} = 'yes'", "${n}", "${a} = true()", "not(${n} > 3)", "${a} = 'yes' and ${n} > 3",
        "${a} = 'yes' or ${n} > 3", "if(${a} = 'yes', true(), false())", "contains(${a}, 'y')", "'yes'",
    ],
)  # fmt: skip
def test_compile_of_what_css_cannot_tell_is_nothing(condition: str) -> None:
    assert Selectors(ITEMS, {}).compile(parse(condition)) is None


def test_needed_keeps_the_parts_that_css_can_tell_each_once() -> None:
    trees = [parse("${a} = 'yes' and ${n} > 3"), parse("${n} > 3"), parse("${b} = 3 and (${a} = 'yes' and ${d} = '')")]

    assert Selectors(ITEMS, {}).needed(trees) == YES + THREE


def test_needed_of_a_condition_on_a_hidden_question_needs_that_question_to_be_shown() -> None:
    selectors = Selectors(ITEMS, {"b": YES})

    assert selectors.needed([parse("${b} = 3")]) == YES + THREE
    assert selectors.needed([parse("${b} != 3")]) == f":not({YES}{THREE})"


def test_values_are_written_so_that_they_stay_inside_their_quotes() -> None:
    selector = Selectors(ITEMS, {}).compile(parse("""selected(${c}, 'a"] \\ {}')"""))

    assert selector == ':has([name="c"][value="a\\"] \\\\ {}"]:checked, [name="c"] [value="a\\"] \\\\ {}"]:checked)'
