"""Forms as JSON, and the JSON Schema that says what a form is."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from survey.questionnaire.conditions import And, Answered, Equals, Includes, Not, Or

from survey.authoring.service import bundled_form
from survey.authoring.text_form import text_form
from survey.questionnaire.form import MAX_TEXT, Form, json_schema, read_form, write_form
from tests.questionnaire.conftest import a_form, a_question, a_section, forms, said

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def _document(form: Form) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(write_form(form))
    return document


@given(forms())
def test_form_written_and_read_is_the_same_form(form: Form) -> None:
    assert read_form(write_form(form)) == form


def test_form_written_names_no_field_that_has_its_default() -> None:
    document = _document(a_form(a_question("short_text")))

    assert document["sections"] == [
        {"id": "s", "title": {"en": "x"}, "questions": [{"id": "q", "type": "short_text", "label": {"en": "q"}}]}
    ]


def test_condition_of_every_kind_keeps_its_shape_in_json() -> None:
    relevant = Or(
        conditions=[
            And(conditions=[Equals(question="a", value="yes"), Equals(question="b", value=3)]),
            Not(condition=Includes(question="c", value="no")),
            Answered(question="d"),
        ]
    )

    document = _document(a_form(a_question("short_text", relevant=relevant)))

    assert document["sections"][0]["questions"][0]["relevant"] == {
        "op": "or",
        "conditions": [
            {
                "op": "and",
                "conditions": [
                    {"op": "equals", "question": "a", "value": "yes"},
                    {"op": "equals", "question": "b", "value": 3},
                ],
            },
            {"op": "not", "condition": {"op": "includes", "question": "c", "value": "no"}},
            {"op": "answered", "question": "d"},
        ],
    }
    assert read_form(json.dumps(document)) == a_form(a_question("short_text", relevant=relevant))


def test_json_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())

    assert json_schema()["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("form", [bundled_form(), text_form("letters.csv")], ids=["bundled", "imported texts"])
def test_json_schema_takes_the_forms_that_we_make(form: Form) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(_document(form))] == []


@given(forms())
def test_json_schema_takes_every_form_that_can_be_written(form: Form) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(_document(form))] == []


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = document
        for name in way:
            place = place[int(name) if name.isdigit() else name]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return change


QUESTION = "sections.0.questions.0"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (_set("format", "linsheng-form-2"), "$.format"),
        (_set("title", None), "title"),
        (_set("title", "Needs"), "$.title"),
        (_set("minutes", 0), "$.minutes"),
        (_set("minutes", 61), "$.minutes"),
        (_set("minutes", "5"), "$.minutes"),
        (_set("notice.rights", None), "$.notice"),
        (_set("colour", "red"), "colour"),
        (_set("sections.0.id", "Über uns"), "$.sections[0].id"),
        (_set("sections.0.questions", None), "$.sections[0]"),
        (_set(f"{QUESTION}.id", "1st"), "$.sections[0].questions[0].id"),
        (_set(f"{QUESTION}.id", "a" * 65), "$.sections[0].questions[0].id"),
        (_set(f"{QUESTION}.id", "_client"), "$.sections[0].questions[0].id"),
        (_set(f"{QUESTION}.type", "date"), "$.sections[0].questions[0].type"),
        (_set(f"{QUESTION}.label", {"en": 1}), "$.sections[0].questions[0].label"),
        (_set(f"{QUESTION}.use", "nationality"), "$.sections[0].questions[0].use"),
        (_set(f"{QUESTION}.required", "yes"), "$.sections[0].questions[0].required"),
        (_set(f"{QUESTION}.choices.0.value", "Ja!"), "$.sections[0].questions[0].choices[0].value"),
        (_set(f"{QUESTION}.relevant", {"op": "matches", "question": "a"}), "$.sections[0].questions[0].relevant"),
        (_set(f"{QUESTION}.relevant", {"op": "equals", "question": "a"}), "$.sections[0].questions[0].relevant"),
        (_set(f"{QUESTION}.relevant", {"op": "answered", "question": "a", "or": 1}), "$.sections[0].questions[0].relevant"),
    ],
)  # fmt: skip
def test_form_that_does_not_fit_is_refused_with_its_place_by_reader_and_schema(
    change: Callable[[dict[str, Any]], None], where: str
) -> None:
    document = copy.deepcopy(_document(a_form(a_question())))
    assert VALIDATOR.is_valid(document)
    change(document)

    with pytest.raises(msgspec.ValidationError) as refused:
        read_form(json.dumps(document))

    assert where in str(refused.value)
    assert not VALIDATOR.is_valid(document)


def test_question_for_and_open_questions_find_by_use() -> None:
    area = a_question("select_one", "home", use="area")
    first, second = a_question("long_text", "need", use="needs"), a_question("short_text", "change", use="needs")
    form = a_form(a_section(area, first), a_section(a_question("note", "n"), second, id="t"))

    assert form.question_for("area") == area
    assert form.question_for("belonging") is None
    assert form.open_questions() == [first, second]


def test_length_limit_is_the_questions_own_or_the_types() -> None:
    assert a_question("short_text", max_length=30).length_limit == 30
    assert {type_: a_question(type_).length_limit for type_ in MAX_TEXT} == MAX_TEXT


def test_shown_when_follows_the_conditions_back_through_question_and_section() -> None:
    aware, used = Equals(question="aware", value="yes"), Equals(question="used", value="yes")
    form = a_form(
        a_section(a_question("select_one", "aware"), a_question("select_one", "used", relevant=aware)),
        a_section(
            a_question("scale", "satisfied"), a_question("short_text", "why", relevant=Answered(question="satisfied")),
            id="t", relevant=used, title=said("later"),
        ),
    )  # fmt: skip

    found = form.shown_when()

    both = And(conditions=[aware, used])
    assert found == {
        "used": aware,
        "satisfied": both,
        "why": And(conditions=[both, And(conditions=[both, Answered(question="satisfied")])]),
    }
