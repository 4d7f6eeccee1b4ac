"""Each check of a form: what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from survey.questionnaire.conditions import And, Answered, Equals, Includes, Not, Or

from survey.questionnaire.form import Choice, Form, Question
from survey.questionnaire.form_check import FormProblem, MissingString, check_form, form_texts, missing_strings
from tests.questionnaire.conftest import a_form, a_question, a_section, choices, forms, said


@given(forms())
def test_check_form_finds_nothing_in_a_form_that_fits(form: Form) -> None:
    assert check_form(form) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"languages": []}, FormProblem("languages", "A form needs at least one language.")),
        ({"languages": ["en", "en"]}, FormProblem("languages", "A language is listed twice.")),
        ({"source_language": "ko"}, FormProblem("source_language", "ko is not among the form's languages.")),
        ({"sections": []}, FormProblem("sections", "A form needs at least one section.")),
        (
            {"sections": [a_section()]},
            FormProblem("sections.s", "This section has no questions. Add one or delete it."),
        ),
        (
            {"sections": [a_section(a_question(id_="a")), a_section(a_question(id_="b"))]},
            FormProblem("sections.s", "Two sections have this id. Give one of them another."),
        ),
        (
            {"sections": [a_section(a_question()), a_section(a_question(), id="t")]},
            FormProblem("sections.t.q", "Two questions have this id. Give one of them another."),
        ),
    ],
)
def test_check_form_of_the_form_as_a_whole(changes: dict[str, Any], problem: FormProblem) -> None:
    form = Form(**{name: getattr(a_form(a_question()), name) for name in Form.__struct_fields__} | changes)

    assert problem in check_form(form)
    assert len(check_form(form)) == (2 if changes == {"languages": []} else 1)  # no language has no source language


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (a_question("select_one", choices=[]), "A question to choose from needs choices."),
        (a_question("select_many", choices=[]), "A question to choose from needs choices."),
        (a_question("integer", choices=choices("one")), "A question of type integer has no choices. Delete them."),
        (a_question(choices=choices("a", "a")), "Two choices have the same value. Give one of them another."),
        (
            a_question(choices=choices("a", "prefer_not_to_say")),
            "The value prefer_not_to_say is kept for 'prefer not to say'. Use allow_refusal instead.",
        ),
        (a_question("scale", minimum=None), "A scale needs minimum and maximum with 2 to 11 points."),
        (a_question("scale", maximum=None), "A scale needs minimum and maximum with 2 to 11 points."),
        (a_question("scale", maximum=1), "A scale needs minimum and maximum with 2 to 11 points."),
        (a_question("scale", maximum=12), "A scale needs minimum and maximum with 2 to 11 points."),
        (a_question("scale", low_label=None), "A scale needs low_label and high_label: words for both ends."),
        (a_question("scale", high_label=None), "A scale needs low_label and high_label: words for both ends."),
        (a_question("integer", minimum=9, maximum=8), "minimum is larger than maximum."),
        (a_question("short_text", minimum=1), "A question of type short_text has no minimum or maximum. Delete them."),
        (a_question("select_one", maximum=1), "A question of type select_one has no minimum or maximum. Delete them."),
        (a_question("integer", low_label=said()), "Only a scale has low_label and high_label. Delete them."),
        (a_question("select_one", max_length=9), "A question of type select_one has no max_length. Delete it."),
        (a_question("long_text", max_length=0), "max_length must be at least 1."),
        (a_question("note", required=True), "A note cannot be required."),
        (a_question("long_text", use="area"), "The use area needs a question of type select_one."),
        (a_question("select_one", use="needs"), "The use needs needs a question of type long_text or short_text."),
        (a_question("select_one", use="quote_consent"), "The use quote_consent needs a question of type select_many."),
        (
            a_question("select_many", use="contact_consent", allow_refusal=False),
            "A consent is one tick: one choice, not required, allow_refusal false.",
        ),
        (
            a_question("select_many", use="quote_consent", choices=choices("yes")),
            "A consent is one tick: one choice, not required, allow_refusal false.",
        ),
        (
            a_question("select_many", use="quote_consent", choices=choices("yes"), allow_refusal=False, required=True),
            "A consent is one tick: one choice, not required, allow_refusal false.",
        ),
    ],
)
def test_check_form_of_one_question(question: Question, message: str) -> None:
    assert check_form(a_form(question)) == [FormProblem("sections.s.q", message)]


@pytest.mark.parametrize(
    "question",
    [
        a_question("scale", maximum=2),
        a_question("scale", minimum=0, maximum=10),
        a_question("integer", minimum=4, maximum=4),
        a_question("long_text", max_length=100_000, use="needs"),
        a_question("select_many", use="quote_consent", choices=choices("yes"), allow_refusal=False),
    ],
)
def test_check_form_takes_what_is_just_within(question: Question) -> None:
    assert check_form(a_form(question)) == []


def test_check_form_of_a_use_twice() -> None:
    form = a_form(
        a_question(id_="home", use="area"), a_question(id_="office", use="area"),
        a_question("long_text", "need", use="needs"), a_question("long_text", "change", use="needs"),
    )  # fmt: skip

    assert check_form(form) == [FormProblem("sections.s.office", "Another question has the use area. Keep one.")]


EARLIER = [
    a_question("select_one", "one"),
    a_question("select_many", "many"),
    a_question("scale", "scale"),
    a_question("integer", "number"),
    a_question("long_text", "text"),
    a_question("note", "told"),
]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (Answered(question="nowhere"), "nowhere is not a question that comes earlier."),
        (Equals(question="nowhere", value="yes"), "nowhere is not a question that comes earlier."),
        (Answered(question="q"), "q is not a question that comes earlier."),
        (Answered(question="later"), "later is not a question that comes earlier."),
        (Answered(question="told"), "told is a note and has no answer."),
        (Equals(question="one", value="si"), "one has no choice 'si'."),
        (Equals(question="one", value=1), "one has no choice 1."),
        (Includes(question="many", value="si"), "many has no choice 'si'."),
        (Equals(question="scale", value=6), "scale has no point 6."),
        (Equals(question="scale", value="3"), "scale has no point '3'."),
        (Includes(question="one", value="yes"), "one is of type select_one: use answered."),
        (Equals(question="many", value="yes"), "many is of type select_many: use includes."),
        (Equals(question="number", value=3), "number is of type integer: use answered."),
        (Equals(question="text", value="x"), "text is of type long_text: use answered."),
        (Not(condition=Equals(question="one", value="si")), "one has no choice 'si'."),
        (And(conditions=[Or(conditions=[Equals(question="one", value="si")])]), "one has no choice 'si'."),
    ],
)
def test_check_form_of_a_condition_on_question_and_section(condition: Any, message: str) -> None:
    later = a_question("select_one", "later")
    on_question = a_form(*EARLIER, a_question("short_text", "q", relevant=condition), later)
    on_section = a_form(
        a_section(*EARLIER), a_section(a_question("short_text", "q"), later, id="t", relevant=condition)
    )

    assert check_form(on_question) == [FormProblem("sections.s.q.relevant", message)]
    assert check_form(on_section) == [FormProblem("sections.t.relevant", message)]


@pytest.mark.parametrize(
    "condition",
    [
        *[Answered(question=question.id) for question in EARLIER if question.has_answer],
        Equals(question="one", value="yes"),
        Equals(question="scale", value=1),
        Includes(question="many", value="no"),
        And(conditions=[]),
    ],
)
def test_check_form_takes_conditions_that_can_hold(condition: Any) -> None:
    assert check_form(a_form(*EARLIER, a_question("short_text", relevant=condition))) == []


def test_check_form_of_a_condition_on_a_scale_without_ends_names_both_faults() -> None:
    form = a_form(
        a_question("scale", "scale", maximum=None),
        a_question("short_text", relevant=Equals(question="scale", value=1)),
    )

    assert check_form(form) == [
        FormProblem("sections.s.scale", "A scale needs minimum and maximum with 2 to 11 points."),
        FormProblem("sections.s.q.relevant", "scale has no point 1."),
    ]


def test_check_form_names_every_problem_at_once() -> None:
    form = a_form(
        a_question("select_one", "a", choices=[]),
        a_question("scale", "b", maximum=99, relevant=Answered(question="c")),
        source_language="ko",
    )

    assert [problem.where for problem in check_form(form)] == [
        "source_language",
        "sections.s.a",
        "sections.s.b",
        "sections.s.b.relevant",
    ]


def test_form_texts_visits_every_text_in_the_order_of_the_page() -> None:
    question = a_question(
        "scale", "q1", hint=said("hint"), low_label=said("low"), high_label=said("high"),
    )  # fmt: skip
    chosen = a_question("select_one", "q2", choices=[Choice(value="a", label=said("A"))])
    form = a_form(a_section(question, chosen, intro=said("intro")))

    assert [where for where, _ in form_texts(form)] == [
        "title", "intro",
        "notice.who", "notice.why", "notice.kept", "notice.until", "notice.rights", "notice.contact",
        "sections.s.title", "sections.s.intro",
        "sections.s.q1.label", "sections.s.q1.hint", "sections.s.q1.low_label", "sections.s.q1.high_label",
        "sections.s.q2.label", "sections.s.q2.choices.a.label",
        "closing",
    ]  # fmt: skip


def test_missing_strings_lists_language_and_place_of_every_gap() -> None:
    complete = {"en": "Title", "ko": "제목"}
    form = a_form(a_question("short_text", label={"en": "Name it", "ko": " "}), languages=["en", "ko"], title=complete)

    missing = missing_strings(form)

    assert MissingString("ko", "sections.s.q.label") in missing
    assert {item.where for item in missing} == {where for where, _ in form_texts(form)} - {"title"}
    assert {item.language for item in missing} == {"ko"}


def test_missing_strings_of_a_complete_form_are_none() -> None:
    assert missing_strings(a_form(a_question("scale"))) == []
