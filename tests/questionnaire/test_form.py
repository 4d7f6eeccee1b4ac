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

from survey.authoring.service import bundled_form
from survey.authoring.text_form import text_form
from survey.questionnaire.form import MAX_TEXT, Form, json_schema, read_form, write_form
from tests.every_type import every_type
from tests.questionnaire.conftest import a_form, a_question, a_section
from tests.questionnaire.strategies import forms

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


def test_condition_is_written_as_its_author_wrote_it() -> None:
    question = a_question("short_text", relevant="${a} = 'yes' and not( selected(${c},'no') )", required="${d} > 3")

    document = _document(a_form(question))

    written = document["sections"][0]["questions"][0]
    assert (written["relevant"], written["required"]) == (question.relevant, question.required)
    assert read_form(json.dumps(document)) == a_form(question)


def test_json_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())

    assert json_schema()["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("form", [bundled_form(), text_form("letters.csv"), every_type()], ids=["bundled", "imported texts", "every type"])
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
        (_set(f"{QUESTION}.type", "time"), "$.sections[0].questions[0].type"),
        (_set(f"{QUESTION}.label", {"en": 1}), "$.sections[0].questions[0].label"),
        (_set(f"{QUESTION}.use", "nationality"), "$.sections[0].questions[0].use"),
        (_set(f"{QUESTION}.required", 1), "$.sections[0].questions[0].required"),
        (_set(f"{QUESTION}.choices.0.value", "Ja!"), "$.sections[0].questions[0].choices[0].value"),
        (_set(f"{QUESTION}.relevant", {"op": "answered", "question": "a"}), "$.sections[0].questions[0].relevant"),
        (_set(f"{QUESTION}.relevant", ""), "$.sections[0].questions[0].relevant"),
        (_set(f"{QUESTION}.constraint", True), "$.sections[0].questions[0].constraint"),
        (_set(f"{QUESTION}.minimum", "1"), "$.sections[0].questions[0].minimum"),
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


def test_items_are_the_single_answers_of_a_form_in_order() -> None:
    assert [item.id for item in every_type().items()] == [
        "kind", "place", "place_other", "visits", "why_often", "reasons", "reasons_other",
        *[f"services.{row}.{column}" for row in ("library", "sports_hall", "swimming_pool") for column in ("importance", "satisfaction")],
        "order", "staff", "at_home", "walk", "since", "need", "may_use_health", "health", "may_quote",
    ]  # fmt: skip


def test_words_of_other_carry_the_use_and_the_sensitivity_of_their_question() -> None:
    form = a_form(a_question("select_one", "health", allow_other=True, use="needs", is_sensitive=True, max_length=30))

    [question, words] = form.items()

    assert form.open_questions() == [words]
    assert (words.type, words.is_sensitive, words.length_limit, words.relevant) == (
        "short_text", True, 30, "selected(${health}, 'other')",
    )  # fmt: skip
    assert question.use == "needs"
