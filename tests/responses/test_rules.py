"""What a submission counts for, when two are the same, and receipt codes. Pure."""

from __future__ import annotations

import copy
import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from survey.authoring.service import bundled_form
from survey.codes import ALPHABET
from survey.questionnaire.answers import Answers
from survey.questionnaire.form import Choice, Question, Section, read_form, write_form
from survey.questionnaire.values import REFUSED
from survey.responses.rules import (
    CLIENT_ID,
    TEXT_GIVEN,
    Counts,
    TallySheet,
    consent_questions,
    consents_given,
    document_of,
    payload_hash,
    receipt_code,
)

SECRET = "a secret that is long enough to be one"
def said(text: str) -> dict[str, str]:
    return {"en": text}


FORM = msgspec.structs.replace(
    bundled_form(),
    languages=["en"],
    sections=[
        Section(
            id="all", title=said("All"),
            questions=[
                Question(id="hello", type="note", label=said("Hello")),
                Question(id="need", type="long_text", label=said("Need?")),
                Question(id="scale", type="scale", label=said("How?"), minimum=1, maximum=5, low_label=said("-"), high_label=said("+")),
                Question(id="choice", type="select_one", label=said("Yes?"),
                         choices=[Choice(value="yes", label=said("Yes")), Choice(value="no", label=said("No"))]),
                Question(id="many", type="select_many", label=said("Which?"),
                         choices=[Choice(value=value, label=said(value)) for value in "abc"]),
                Question(id="years", type="integer", label=said("How long?"), minimum=0),
            ],
        )
    ],
)  # fmt: skip
SHEET = TallySheet(FORM)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "need": st.text(min_size=1, max_size=5) | st.just(REFUSED),
        "scale": st.integers(1, 5) | st.just(REFUSED),
        "choice": st.sampled_from(["yes", "no", REFUSED]),
        "many": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True) | st.just(REFUSED),
        "years": st.integers(0, 10**9) | st.just(REFUSED),
    },
)


def counted(*people: Answers) -> Counts:
    counts = SHEET.empty()
    for answers in people:
        SHEET.add(counts, answers)
    return counts


def test_tally_sheet_counts_each_kind_of_answer() -> None:
    counts = counted(
        {"need": "a doctor", "scale": 4, "choice": "yes", "many": ["a", "c"], "years": 3},
        {"need": "parking", "scale": 4, "choice": "no", "many": ["a"], "years": 12},
    )

    assert SHEET.read(counts) == {
        "need": {TEXT_GIVEN: 2}, "scale": {"4": 2}, "choice": {"yes": 1, "no": 1}, "many": {"a": 2, "c": 1},
        "years": {"3": 1, "12": 1},
    }  # fmt: skip


def test_tally_sheet_counts_who_would_rather_not_say_apart() -> None:
    counts = counted({"need": REFUSED, "many": REFUSED, "scale": REFUSED, "years": REFUSED})

    assert SHEET.read(counts) == {name: {REFUSED: 1} for name in ("need", "many", "scale", "years")}


def test_tally_sheet_keeps_no_word_of_what_was_written() -> None:
    assert b"Kim" not in msgspec.json.encode(counted({"need": "my name is Kim"}))


@given(st.lists(ANSWERS, max_size=6), ANSWERS)
def test_taking_an_answer_out_again_leaves_the_counts_as_they_were(others: list[Answers], answer: Answers) -> None:
    counts = counted(*others)
    before = copy.deepcopy(counts)

    SHEET.add(counts, answer)
    SHEET.add(counts, answer, step=-1)

    assert counts == before


@given(st.lists(ANSWERS, max_size=6), st.randoms())
def test_counts_do_not_depend_on_the_order_of_people(people: list[Answers], dice: object) -> None:
    shuffled = list(people)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = SHEET.read(counted(*people)), SHEET.read(counted(*shuffled))

    assert one == other
    assert all(number > 0 for answers in one.values() for number in answers.values())


@given(st.lists(ANSWERS, max_size=6))
def test_counts_come_back_from_the_database_as_they_went_in(people: list[Answers]) -> None:
    counts = counted(*people)

    assert msgspec.json.decode(msgspec.json.encode(counts), type=Counts) == counts


@given(st.lists(ANSWERS, max_size=6))
def test_tally_sheet_of_the_same_form_reads_what_another_process_counted(people: list[Answers]) -> None:
    counts = counted(*people)

    assert TallySheet(read_form(write_form(FORM))).read(counts) == SHEET.read(counts)


def same(version: int, answers: Answers) -> str:
    return payload_hash(version, document_of(answers))


def test_payload_hash_is_the_same_for_the_same_answers_in_any_order() -> None:
    assert same(1, {"a": "x", "b": ["p", "q"], "c": 3}) == same(1, {"c": 3, "b": ["p", "q"], "a": "x"})


def test_payload_hash_differs_for_another_answer_and_another_version() -> None:
    hashes = {
        same(1, {"a": "x"}), same(2, {"a": "x"}), same(1, {"a": "y"}), same(1, {"b": "x"}),
        same(1, {}), same(1, {"a": ["x"]}), same(1, {"a": "1"}), same(1, {"a": 1}),
    }  # fmt: skip

    assert len(hashes) == 8


def test_receipt_code_has_seven_groups_of_four_letters_that_cannot_be_mistaken() -> None:
    codes = [receipt_code(SECRET, "survey", f"client-{number}") for number in range(500)]

    assert {bool(re.fullmatch(rf"(?:[{ALPHABET}]{{4}}-){{6}}[{ALPHABET}]{{4}}", code)) for code in codes} == {True}
    assert len(set(codes)) == 500
    assert set("".join(codes)) - {"-"} == set(ALPHABET)


def test_receipt_code_is_the_same_for_the_same_answer_and_depends_on_all_three_parts() -> None:
    code = receipt_code(SECRET, "survey", "client")

    assert code == receipt_code(SECRET, "survey", "client")
    assert len({code, receipt_code(SECRET + "2", "survey", "client"), receipt_code(SECRET, "survey2", "client"),
                receipt_code(SECRET, "survey", "client2")}) == 4  # fmt: skip


def test_receipt_code_stays_what_it_is() -> None:
    """It is written on paper: another way to derive it would strand everybody who holds one."""
    assert receipt_code(SECRET, "0123456789abcdefghjk", "client-000000000001") == "89Y8-CY0W-94T5-SA68-QSF8-5EAV-Y4SX"


def test_client_ids_have_16_to_64_letters_that_stand_in_any_address() -> None:
    good = ["a" * 16, "A-Z_a-z_0-9-0123", "x" * 64]
    bad = ["a" * 15, "x" * 65, "a" * 15 + " ", "a" * 16 + "\n", "ключ" * 5, "", "a" * 15 + "/"]

    assert [bool(CLIENT_ID.fullmatch(text)) for text in good + bad] == [True] * len(good) + [False] * len(bad)


def test_consents_are_what_was_ticked() -> None:
    questions = consent_questions(bundled_form())

    assert questions == {"quote": "may_quote", "contact": "may_contact"}
    assert consents_given(questions, {"may_quote": "yes"}) == ["quote"]
    assert consents_given(questions, {"may_quote": "yes", "may_contact": "yes"}) == ["quote", "contact"]
    assert consents_given(questions, {}) == []


def test_consent_is_not_given_by_an_answer_that_is_no_tick() -> None:
    questions = {"quote": "q"}

    assert consents_given(questions, {"q": REFUSED}) == []
    assert consents_given(questions, {"q": "no"}) == []


def test_form_without_consent_questions_asks_for_none() -> None:
    form = bundled_form()
    without = msgspec.structs.replace(form, sections=form.sections[:1])

    assert consent_questions(without) == {}
    assert consents_given({}, {"may_quote": "yes"}) == []
