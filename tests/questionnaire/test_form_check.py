"""Each check of a form: what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from survey.questionnaire.expression_check import FormProblem
from survey.questionnaire.expressions import FUNCTIONS
from survey.questionnaire.form import Choice, Form, Question
from survey.questionnaire.form_check import MissingString, check_form, form_texts, missing_strings
from tests.every_type import every_type
from tests.questionnaire.conftest import a_column, a_form, a_question, a_section, choices, said
from tests.questionnaire.strategies import forms


@given(forms())
def test_check_form_finds_nothing_in_a_form_that_fits(form: Form) -> None:
    assert check_form(form) == []


def test_check_form_finds_nothing_in_a_form_with_every_type() -> None:
    assert check_form(every_type()) == []
    assert missing_strings(every_type()) == []


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
            "The value prefer_not_to_say is kept for an answer of its own. Use allow_refusal instead.",
        ),
        (a_question("scale", minimum=None), "A scale needs minimum and maximum, whole numbers, with 2 to 11 points."),
        (a_question("scale", maximum=None), "A scale needs minimum and maximum, whole numbers, with 2 to 11 points."),
        (a_question("scale", maximum=1), "A scale needs minimum and maximum, whole numbers, with 2 to 11 points."),
        (a_question("scale", maximum=12), "A scale needs minimum and maximum, whole numbers, with 2 to 11 points."),
        (a_question("scale", low_label=None), "A scale needs low_label and high_label: words for both ends."),
        (a_question("scale", high_label=None), "A scale needs low_label and high_label: words for both ends."),
        (a_question("integer", minimum=9, maximum=8), "minimum is larger than maximum."),
        (a_question("short_text", minimum=1), "A question of type short_text has no minimum or maximum. Delete them."),
        (a_question("select_one", maximum=1), "A question of type select_one has no minimum or maximum. Delete them."),
        (a_question("integer", low_label=said()), "Only a scale or a rating has low_label and high_label. Delete them."),
        (a_question("select_one", max_length=9), "A question of type select_one has no max_length. Delete it."),
        (a_question("long_text", max_length=0), "max_length must be at least 1."),
        (a_question("note", required=True), "A note cannot be required."),
        (a_question("long_text", use="area"), "The use area needs a question of type select_one."),
        (a_question("scale", use="needs"), "The use needs needs a question of type long_text or select_many or select_one or short_text."),
        (a_question("select_one", use="needs"), "Only words are analysed for needs: give this question allow_other, or delete its use."),
        (a_question("select_one", use="quote_consent"), "The use quote_consent needs a question of type consent."),
        (a_question("consent", use="quote_consent", required=True), "A consent is free: it cannot be required (PIPL Art. 16)."),
        (a_question("consent", agree=None), "A consent, and nothing else, has agree: the words of its tick."),
        (a_question("date", agree=said()), "A consent, and nothing else, has agree: the words of its tick."),
        (a_question(choices=choices("a", "dont_know")), "The value dont_know is kept for an answer of its own. Use allow_dont_know instead."),
        (a_question("ranking", allow_other=True), "Only select_one and select_many have allow_other. Delete it."),
        (a_question(choices=choices("a", "other"), allow_other=True), "allow_other adds the choice other. Delete yours, or allow_other."),
        (
            a_question("ranking", choices=[Choice(value="a", label=said(), is_exclusive=True)]),
            "A ranked choice cannot be is_exclusive. Delete it.",
        ),
        (a_question("select_one", max_choices=2), "Only select_many and ranking have max_choices. Delete it."),
        (a_question("ranking", max_choices=4), "max_choices must be between 1 and the number of choices."),
        (a_question("select_many", max_choices=0), "max_choices must be between 1 and the number of choices."),
        (a_question("scale", random_order=True), "Only a question with choices has random_order. Delete it."),
        (a_question("scale", rows=choices("a")), "A question of type scale has no rows and columns. Delete them."),
        (a_question("matrix", rows=[]), "A matrix needs rows and columns."),
        (a_question("matrix", columns=[]), "A matrix needs rows and columns."),
        (a_question("rating", minimum=0), "A rating counts from 1: set minimum to 1."),
        (a_question("scale", minimum=0.5), "A scale needs minimum and maximum, whole numbers, with 2 to 11 points."),
        (a_question("integer", maximum=2.5), "The bounds of an integer are whole numbers."),
        (a_question("short_text", allow_dont_know=True), "A question of type short_text has no allow_dont_know. Delete it."),
        (
            a_question("select_one", is_sensitive=True),
            "A sensitive question needs a consent before it: a question of type consent with the use sensitive_consent.",
        ),
        (a_question("integer", constraint=". > 1"), "A constraint needs a constraint_message that says what to do."),
        (a_question("integer", constraint_message=said()), "A constraint_message without a constraint is never shown. Delete it."),
        (a_question("date", choice_filter="true()"), "A question of type date has no choices to filter. Delete choice_filter."),
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
        a_question("consent", use="quote_consent"),
        a_question("select_many", max_choices=3),
        a_question("decimal", minimum=-0.5, maximum=0.5),
        a_question("select_one", use="needs", allow_other=True, max_length=80),
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


def test_check_form_of_a_complaint() -> None:
    words = a_question("long_text", "words", use="conduct")
    about = a_question("select_many", "about", use="conduct_about", choices=[Choice(value="committee", label=said("C"))])
    stranger = a_question("select_many", "about", use="conduct_about", choices=[Choice(value="mayor", label=said("M"))])
    needs_both = "A complaint needs both: a question with the use conduct, and one with the use conduct_about."
    among = "The choices of a question with the use conduct_about are among: committee, elsewhere, property, service_station, subdistrict."

    assert check_form(a_form(words, about)) == []
    assert check_form(a_form(words)) == [FormProblem("sections", needs_both)]
    assert check_form(a_form(about)) == [FormProblem("sections", needs_both)]
    assert check_form(a_form(words, stranger)) == [FormProblem("sections.s.about", among)]


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
        ("${nowhere} != ''", "nowhere is not a question with an answer that comes earlier."),
        ("${q} != ''", "q is not a question with an answer that comes earlier."),
        ("${later} = 'yes'", "later is not a question with an answer that comes earlier."),
        ("${told}", "told is not a question with an answer that comes earlier."),
        ("${one} = 'si'", "one has no choice 'si'."),
        ("'si' != ${one}", "one has no choice 'si'."),
        ("${one} = 1", "one has no choice 1.0."),
        ("selected(${many}, 'si')", "many has no choice 'si'."),
        ("selected(${many}, 'other')", "many has no choice 'other'."),
        ("${many} = 'yes'", "many is of type select_many: use selected(${many}, …)."),
        ("${scale} = 6", "scale has no point 6."),
        ("${scale} = 2.5", "scale has no point 2.5."),
        ("not(${one} = 'si')", "one has no choice 'si'."),
        ("${number} > 3 and (true() or ${one} = 'si')", "one has no choice 'si'."),
        (". = 3", "`.` stands for the answer itself and is for constraints only."),
        ("one = 'yes'", "one is no question; a question is written ${one}."),
        ("${one} = ", "The expression ends too early (character 9)."),
        ("${one} == 'yes'", "'=' is not expected here (character 9)."),
        ("${one} & 1", "'&' cannot be read here (character 8). A question is written ${its_id}, a text 'in quotes'."),
        ("pulldata('x')", None),
    ],
)
def test_check_form_of_a_condition_on_question_and_section(condition: str, message: str | None) -> None:
    message = message or f"There is no function pulldata(). There are: {', '.join(sorted(FUNCTIONS))}."
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
        *[f"${{{question.id}}} != ''" for question in EARLIER if question.type not in {"note", "matrix"}],
        "${one} = 'yes'",
        "${scale} = 1",
        "selected(${many}, 'no')",
        "count-selected(${many}) > ${scale}",
        "${text} = 'anything'",
        "true()",
    ],
)
def test_check_form_takes_conditions_that_can_hold(condition: str) -> None:
    assert check_form(a_form(*EARLIER, a_question("short_text", relevant=condition))) == []


def test_check_form_of_a_condition_on_a_scale_without_ends_names_both_faults() -> None:
    form = a_form(
        a_question("scale", "scale", maximum=None),
        a_question("short_text", relevant="${scale} = 1"),
    )

    assert check_form(form) == [
        FormProblem("sections.s.scale", "A scale needs minimum and maximum, whole numbers, with 2 to 11 points."),
        FormProblem("sections.s.q.relevant", "scale has no point 1."),
    ]


def test_check_form_of_an_attribute_and_a_pipe_that_are_not_there() -> None:
    filtered = a_question("select_one", "place", choice_filter="kind = 'a' or ${later} = 'yes'")
    piped = a_question("short_text", "why", label=said("Why ${place}?"), hint=said("and ${why}"))

    assert check_form(a_form(filtered, piped, a_question("select_one", "later"))) == [
        FormProblem("sections.s.place.choice_filter", "later is not a question with an answer that comes earlier."),
        FormProblem("sections.s.place.choice_filter", "No choice has the attribute kind."),
        FormProblem("sections.s.why.hint.en", "why is not a question that comes earlier."),
    ]


def test_check_form_of_ids_that_meet_another_questions_items() -> None:
    form = a_form(a_question("select_one", "place", allow_other=True), a_question("short_text", "place_other"))

    assert check_form(form) == [
        FormProblem("sections.s.place_other", "Two questions have this id. Give one of them another.")
    ]


def test_check_form_of_columns_and_rows_twice_and_a_scale_that_is_too_long() -> None:
    form = a_form(a_question("matrix", rows=choices("a", "a"), columns=[a_column("x"), a_column("x", 12)]))

    assert check_form(form) == [
        FormProblem("sections.s.q.rows", "Two of them have the same id. Give one of them another."),
        FormProblem("sections.s.q.columns", "Two of them have the same id. Give one of them another."),
        FormProblem("sections.s.q.columns.x", "A scale needs minimum and maximum with 2 to 11 points."),
    ]


def test_check_form_takes_a_sensitive_question_after_its_consent() -> None:
    form = a_form(a_question("consent", "may", use="sensitive_consent"), a_question("select_one", is_sensitive=True))

    assert check_form(form) == []


def test_check_form_names_every_problem_at_once() -> None:
    form = a_form(
        a_question("select_one", "a", choices=[]),
        a_question("scale", "b", maximum=99, relevant="${c} != ''"),
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


@pytest.mark.parametrize(
    ("language", "label", "kind"),
    [
        ("zh-Hans", "请填写您的手机号", "a phone number"),
        ("zh-Hans", "您的姓名", "a name"),
        ("en", "What is your full name?", "a name"),
        ("ko", "성함을 적어 주십시오", "a name"),
        ("ko", "여권 번호", "a document number"),
        ("ja", "メールアドレス", "an e-mail address"),
        ("ru", "Номер телефона", "a phone number"),
        ("fr", "Votre adresse", "an address"),
        ("de", "Ihre Telefonnummer", "a phone number"),
        ("es", "Fecha de nacimiento", "a date of birth"),
        ("ar", "رقم الهاتف", "a phone number"),
    ],
)
def test_a_question_that_asks_who_somebody_is_must_say_why_and_for_how_long(language: str, label: str, kind: str) -> None:
    asks = {"languages": list(dict.fromkeys([language, "en"]))}
    bare = a_question("short_text", label={"en": "x", language: label})
    declared = a_question(
        "short_text", label={"en": "x", language: label}, purpose=said("To call you back."), kept_until=said("Deleted after a month.")
    )

    [problem] = [found for found in check_form(a_form(bare, **asks)) if "tells who" in found.message]

    assert (problem.where, f"asks for {kind}," in problem.message) == ("sections.s.q", True)
    assert check_form(a_form(declared, **asks)) == []


def test_purpose_and_retention_belong_together() -> None:
    form = a_form(a_question("short_text", purpose=said()))

    assert check_form(form) == [FormProblem("sections.s.q", "purpose and kept_until belong together: one of them is missing.")]


@pytest.mark.parametrize("condition", ["contains(${q}, 'a')", "string-length(${q}) > 3", "${q} > 2"])
def test_several_answers_are_not_read_as_one_text(condition: str) -> None:
    form = a_form(a_question("select_many"), a_question(id_="r", relevant=condition))

    assert check_form(form) == [
        FormProblem("sections.s.r.relevant", "q has several answers: use selected() or count-selected().")
    ]
