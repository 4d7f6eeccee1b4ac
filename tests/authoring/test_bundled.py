"""The bundled survey *Community needs*: complete in ten languages, short, asks for nothing that names a person."""

from __future__ import annotations

import csv
import re
from importlib import resources

import pytest
from opencc import OpenCC

from survey.authoring.service import bundled_form, parse_form
from survey.questionnaire.answers import check_answers
from survey.questionnaire.form import Question, write_form
from survey.questionnaire.form_check import form_texts, missing_strings
from survey.questionnaire.values import REFUSED
from survey.responses.forms import SurveyDrawing
from survey.responses.rules import consent_questions, consents_given

FORM = bundled_form()
LANGUAGES = ["zh-Hans", "zh-Hant", "en", "ko", "ja", "ru", "fr", "de", "es", "ar"]
SERVICES = ["health_centre", "service_station", "library", "sports_rooms", "classes_events", "registration"]
AREAS = ["health", "home", "safety", "environment", "transport", "information", "neighbours"]
SCRIPTS = {"zh-Hans": "一-鿿", "zh-Hant": "一-鿿", "ko": "가-힣", "ja": "ぁ-ヿ一-鿿", "ru": "А-я", "ar": "ء-ي"}
"""Characters of which every text in these languages has one."""

QUESTIONS = {question.id: question for question in FORM.questions()}


def test_bundled_survey_passes_every_check_of_a_form() -> None:
    assert parse_form(write_form(FORM)) == FORM


def test_bundled_survey_is_complete_in_the_ten_languages_and_only_those() -> None:
    assert sorted(FORM.languages) == sorted(LANGUAGES)
    assert missing_strings(FORM) == []
    assert [where for where, texts in form_texts(FORM) if set(texts) != set(LANGUAGES)] == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_bundled_survey_text_is_in_its_language(tag: str) -> None:
    names = re.compile(r"\.subdistrict\.choices\.")  # the subdistricts' names are the same in Latin script

    if tag in SCRIPTS:
        foreign = [where for where, texts in form_texts(FORM) if not re.search(f"[{SCRIPTS[tag]}]", texts[tag])]
    else:
        foreign = [
            where
            for where, texts in form_texts(FORM)
            if tag != "en" and texts[tag] == texts["en"] != "No" and not names.search(where)
        ]

    assert foreign == []


def test_bundled_survey_chinese_texts_keep_to_their_script() -> None:
    to_traditional, to_simplified = OpenCC("s2t").convert, OpenCC("t2s").convert
    in_both = set("里台")  # traditional too, though converters have a second form

    simplified_only = {
        (where, letter)
        for where, texts in form_texts(FORM)
        for letter in set(texts["zh-Hant"]) - in_both
        if to_traditional(letter) != letter == to_simplified(letter)
    }
    traditional_only = {
        (where, letter)
        for where, texts in form_texts(FORM)
        for letter in texts["zh-Hans"]
        if to_simplified(letter) != letter
    }

    assert simplified_only == set()
    assert traditional_only == set()


def test_bundled_survey_is_at_most_twelve_screens_and_five_minutes() -> None:
    assert len(FORM.sections) <= 12
    assert FORM.minutes <= 5


def test_bundled_survey_asks_for_no_direct_identifier_and_not_for_nationality() -> None:
    identifiers = re.compile(
        r"\b(your name|phone|mobile|e-?mail|wechat|passport|document|visa|birth\w*|nationality|citizen\w*|gender|age|flat)\b",
        re.IGNORECASE,
    )
    written = [question.id for question in FORM.questions() if question.is_text or question.type == "integer"]

    assert written == ["need_most", "change_first", "complaint_words"]  # nothing else can be typed into
    assert [question.id for question in FORM.questions() if identifiers.search(question.label["en"])] == []
    assert [choice.value for choice in QUESTIONS["origin"].choices] == ["mainland", "hk_mo_tw", "another_country"]


def test_bundled_survey_warns_against_names_where_one_can_write() -> None:
    needs, staff = [section for section in FORM.sections if any(question.is_text for question in section.questions)]

    assert needs.intro is not None
    assert needs.intro["en"].endswith("Please do not write names, phone numbers or addresses.")
    assert needs.intro["zh-Hans"] == needs.intro["zh-Hans"].strip() != ""
    assert staff.intro is not None
    assert staff.intro["en"] == "Please do not write your own name, telephone number or address."


def test_bundled_survey_asks_for_the_23_subdistricts_of_the_areas_that_ship() -> None:
    text = resources.files("survey.accounts").joinpath("chaoyang_2010.csv").read_text(encoding="utf-8")
    codes = [row["name_en"].lower() for row in csv.DictReader(text.splitlines()) if row["no"] != "total"]

    question = FORM.question_for("area")

    assert question is not None
    assert sorted(choice.value for choice in question.choices) == sorted([*codes, "elsewhere"])
    assert len(codes) == 23


@pytest.mark.parametrize("service", SERVICES)
def test_bundled_survey_asks_aware_then_used_then_satisfied(service: str) -> None:
    aware, used, satisfied = (QUESTIONS[f"{step}_{service}"] for step in ("aware", "used", "satisfied"))

    assert [choice.value for choice in aware.choices] == [choice.value for choice in used.choices] == ["yes", "no"]
    assert aware.relevant is None
    assert used.relevant == f"${{{aware.id}}} = 'yes'"
    assert satisfied.relevant == f"${{{used.id}}} = 'yes'"
    assert (satisfied.type, satisfied.minimum, satisfied.maximum) == ("scale", 1, 5)


def test_bundled_survey_asks_of_six_services_and_hides_nothing_else() -> None:
    conditional = [question.id for question in FORM.questions() if question.relevant is not None]

    assert sorted(conditional) == sorted(["complaint_about", "complaint_words", *(f"{step}_{name}" for name in SERVICES for step in ("used", "satisfied"))])
    assert [section.id for section in FORM.sections if section.relevant is not None] == []


def test_bundled_survey_asks_importance_and_satisfaction_of_the_same_seven_areas_in_the_same_words() -> None:
    importance = [QUESTIONS[f"importance_{area}"] for area in AREAS]
    satisfaction = [QUESTIONS[f"satisfaction_{area}"] for area in AREAS]

    assert [question.label for question in importance] == [question.label for question in satisfaction]
    assert {(q.type, q.minimum, q.maximum) for q in importance + satisfaction} == {("scale", 1, 5)}
    assert len({str(question.low_label) for question in importance}) == 1
    assert importance[0].low_label != satisfaction[0].low_label


def test_bundled_survey_has_two_open_questions_whose_texts_are_analysed() -> None:
    assert [question.id for question in FORM.open_questions()] == ["need_most", "change_first"]


def test_bundled_survey_uses_every_mark_that_the_analysis_reads_once() -> None:
    uses = [question.use for question in FORM.questions() if question.use not in {None, "needs"}]

    assert sorted(str(use) for use in uses) == [
        "area", "belonging", "conduct", "conduct_about", "contact_consent", "origin", "participation", "quote_consent", "time_in_beijing"
    ]  # fmt: skip


def _consents() -> list[Question]:
    return [question for question in FORM.questions() if question.use in {"quote_consent", "contact_consent"}]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_bundled_survey_page_opens_with_nothing_ticked(tag: str) -> None:
    drawing = SurveyDrawing(FORM, tag, raw={}, errors={}, seed=1)
    drawn = [question for section in drawing.sections() for question in section.questions]

    assert [q.id for q in drawn if q.is_refused or q.text or any(choice.is_chosen for choice in q.choices)] == []
    assert len(drawn) == len(QUESTIONS)


def test_bundled_survey_consents_are_two_separate_ticks_and_an_unticked_one_is_no_consent() -> None:
    needed = {"subdistrict": REFUSED, "time_in_beijing": REFUSED, "origin": REFUSED}

    nothing = check_answers(FORM, needed)
    quote_only = check_answers(FORM, needed | {"may_quote": "yes"})

    assert [(question.type, question.required) for question in _consents()] == [("consent", False)] * 2
    assert nothing.problems == quote_only.problems == []
    assert consents_given(consent_questions(FORM), nothing.answers) == []
    assert consents_given(consent_questions(FORM), quote_only.answers) == ["quote"]


def test_bundled_survey_lets_one_refuse_every_question_but_the_ticks_of_consent() -> None:
    without = [q.id for q in FORM.questions() if q.type != "note" and not q.may_be_refused]

    assert without == ["complaint", "complaint_about", *(question.id for question in _consents())]  # not ticking is refusing
    everything = {
        question.id: REFUSED for question in FORM.questions() if question.may_be_refused
    }
    assert check_answers(FORM, everything).problems == []


def test_bundled_survey_one_sentence_and_three_choices_are_enough() -> None:
    raw = {
        "subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "another_country",
        "need_most": "의사가 필요해요",
    }  # fmt: skip

    checked = check_answers(FORM, raw)

    assert checked.problems == []
    assert checked.answers == raw
    assert [question.id for question in FORM.questions() if question.required] == [
        "subdistrict",
        "time_in_beijing",
        "origin",
    ]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_bundled_survey_notice_tells_what_pipl_article_17_asks_for(tag: str) -> None:
    told = [getattr(FORM.notice, name)[tag] for name in ("who", "why", "kept", "until", "rights", "contact")]

    assert len({text.strip() for text in told}) == 6
    assert min(len(text) for text in told) >= 12
    assert "14" in FORM.notice.who[tag]  # the age from which one may answer without a guardian (Art. 31)
    assert "12345" in FORM.notice.contact[tag]


def test_bundled_survey_texts_hold_no_placeholder_or_markup() -> None:
    odd = re.compile(r"%\(|\{|\}|<|>|&\w+;|TODO|�")

    assert [(where, tag) for where, texts in form_texts(FORM) for tag, text in texts.items() if odd.search(text)] == []
    assert [
        (where, tag) for where, texts in form_texts(FORM) for tag, text in texts.items() if text != text.strip()
    ] == []
