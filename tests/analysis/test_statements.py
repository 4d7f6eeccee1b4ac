"""Cutting answers: one need each, and no word lost on the way."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from analysis.lexicon.match import Matcher
from analysis.text.statements import MAX_STATEMENT, split_statements
from tests.analysis.conftest import OUR_LANGUAGES, read_rows, split_by_topic

TWO_NEEDS = read_rows("two_needs")
PIECES = (
    "parking", "no lift", "주차", "그리고 ", "停车位", "另外", "駐車場", "また、", "Müll", "также ", "موقف", "أيضا ", "3.5", "Dr. Li", "12. ",
    ". ", "。", "!", "？", "؟ ", "، ", ", ", "，", "、", ";", "；", ": ", "：", "\n", "\n- ", " - ", " + ", "• ", "①", "1. ", "2) ", " ", "😀",
    "also ", ", außerdem ", "...", "…",
)  # fmt: skip
answers = st.one_of(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.text(max_size=60))


def letters(text: str) -> list[str]:
    """Letters alone: the numbers of a list are left out with its marks."""
    return [letter for letter in text if letter.isalpha()]


def no_topic(_text: str) -> frozenset[str]:
    return frozenset()


def first_letter_as_topic(text: str) -> frozenset[str]:
    return frozenset(letters(text)[:1])


def as_marked(row: dict[str, str]) -> tuple[str, list[str]]:
    """The text, and its two statements as whoever wrote it marked them."""
    return row["text"].replace("|", ""), [half.strip(" ,，、،;；-") for half in row["text"].split("|")]


def wrongly_cut(rows: list[dict[str, str]], matcher: Matcher) -> list[list[str]]:
    """What became of the answers that were not cut where they are marked. A half that the lexicon does not hear stays."""
    wrong = []
    for row in rows:
        text, halves = as_marked(row)
        found = split_by_topic(matcher, text, row["language"])
        if [letters(piece) for piece in found] != [letters(half) for half in halves]:
            wrong.append(found)
    return wrong


@given(answers, st.sampled_from([None, no_topic, first_letter_as_topic]))
@example("Ich wohne im 3. Stock. Der Aufzug ist kaputt", None)
@example("I need:\n- buses\n- parks", None)
@example("1. parking 2. noise", first_letter_as_topic)
def test_split_statements_keeps_every_letter_in_order(text: str, topics_of: object) -> None:
    assume(not any(f"{letter})" in text for letter in "abcd"))  # the letters of a list are left out with its marks

    statements = split_statements(text, topics_of)  # type: ignore[arg-type]

    assert letters("".join(statements)) == letters(text)


@given(answers, st.sampled_from([None, no_topic, first_letter_as_topic]))
def test_split_statements_makes_no_empty_statement_and_none_of_a_text_without_words(text: str, topics_of: object) -> None:
    statements = split_statements(text, topics_of)  # type: ignore[arg-type]

    assert all(any(letter.isalnum() for letter in statement) for statement in statements)
    assert all(statement == statement.strip() for statement in statements)
    assert bool(statements) == any(letter.isalnum() for letter in text)


@given(st.lists(st.sampled_from(["parking", " ", "no lift", ", ", "! ", "停车位", "，", "。", "？", ". "]), max_size=12).map("".join))
def test_split_statements_are_verbatim_where_no_list_is_taken_apart(text: str) -> None:
    """Quotes show statements: nothing may be put into anybody's mouth, not even a space."""
    assert all(statement in text for statement in split_statements(text, first_letter_as_topic))


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_answer_with_two_needs_is_two_statements(language: str, matcher: Matcher) -> None:
    rows = [row for row in TWO_NEEDS if row["language"] == language]

    wrong = wrongly_cut(rows, matcher)

    assert len(rows) == 3
    assert len(wrong) <= 1, wrong


def test_answers_with_two_needs_are_cut_where_their_writer_turned(matcher: Matcher) -> None:
    wrong = wrongly_cut(TWO_NEEDS, matcher)

    assert len(wrong) <= 0.1 * len(TWO_NEEDS), wrong


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("1. parking 2. noise 3. visa help", ["parking", "noise", "visa help"]),
        ("1) more buses\n2) less noise", ["more buses", "less noise"]),
        ("- more buses\n- less noise", ["more buses", "less noise"]),
        ("- more buses - less noise", ["more buses", "less noise"]),
        ("• больше автобусов\n• меньше шума", ["больше автобусов", "меньше шума"]),
        ("①停车位太少②垃圾没人收", ["停车位太少", "垃圾没人收"]),
        ("需要：1、停车位，2、翻译服务", ["需要：停车位", "翻译服务"]),
        ("1.停车位太少；2.垃圾没人收", ["停车位太少", "垃圾没人收"]),
        ("We want: a) more buses b) less noise", ["We want: more buses", "less noise"]),
        ("I need:\n- more buses\n- less noise", ["I need: more buses", "less noise"]),
        ("주차 공간\n통역 서비스", ["주차 공간", "통역 서비스"]),
        ("Parkplatz, außerdem Spielplatz", ["Parkplatz", "außerdem Spielplatz"]),
        ("¿Dónde aparco? ¡Qué ruido!", ["¿Dónde aparco?", "¡Qué ruido!"]),
        ("أين الموقف؟ متى الحافلة؟", ["أين الموقف؟", "متى الحافلة؟"]),
    ],
)
def test_lists_and_sentences_are_cut(text: str, statements: list[str]) -> None:
    assert split_statements(text) == statements


@pytest.mark.parametrize(
    "text",
    [
        "The clinic is 3.5 km away",
        "Pay 1.500 yuan a month, 2,5 rooms",
        "Ask Dr. Kim or Mr. Smith",
        "Ich wohne im 3. Stock und der Aufzug ist kaputt",
        "Am 12. Juni war der Strom weg",
        "the lift in building 4. is slow",
        "the bus - it is always late",
        "约翰·史密斯的诊所",
        "2) is not a list",
        "1. Stock links",
        "a) only one",
        "no. 7",
        "Line 10、13号线都太挤",
        "wi-fi + tv",
    ],
)
def test_numbers_titles_and_dashes_do_not_cut(text: str) -> None:
    assert split_statements(text) == [text]


def test_clauses_are_cut_where_the_topic_turns_and_not_inside_a_number() -> None:
    def topics_of(text: str) -> frozenset[str]:
        return frozenset(word for word in ("parking", "noise", "500") if word in text)

    assert split_statements("parking is full, parking costs 1,500, then, noise + noise", topics_of) == [
        "parking is full, parking costs 1,500, then",
        "noise + noise",
    ]
    assert split_statements("noise at night - and parking", topics_of) == ["noise at night", "and parking"]


def test_connected_sentences_about_one_thing_stay_together(matcher: Matcher) -> None:
    text = "There is no interpreter at the hospital. It is hard when the child is ill"

    assert split_by_topic(matcher, text, "en") == [text]


def test_sentences_without_topics_of_are_one_statement_each() -> None:
    assert split_statements("There is no interpreter. Hard when the child is ill.") == [
        "There is no interpreter.",
        "Hard when the child is ill.",
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "😀", "。。。", "\x00"])
def test_text_without_a_letter_or_digit_has_no_statement(text: str) -> None:
    assert split_statements(text) == []


def test_scrap_stays_with_what_stands_before_it() -> None:
    assert split_statements("More parking please! ok! Quieter nights, thanks a lot") == [
        "More parking please! ok!",
        "Quieter nights, thanks a lot",
    ]


@pytest.mark.parametrize(
    "piece",
    ["parking is full. ", "停车位太少。", " ", "\n", ",", "、", "a", "- ", "1. ", "x - y ", "①", "a) ", "。", "\u3000", "، "],
)
@pytest.mark.parametrize("topics_of", [None, first_letter_as_topic])
def test_long_text_reads_its_beginning_and_quickly(piece: str, topics_of: object) -> None:
    """1 MB in one cell; a pattern that tries every place of a run of spaces anew takes seconds for 10,000 of them."""
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()

    statements = split_statements(text, topics_of)  # type: ignore[arg-type]

    assert time.process_time() - started < 4
    assert Counter(letters("".join(statements))) <= Counter(letters(text[:MAX_STATEMENT]))
    assert len("".join(statements)) <= MAX_STATEMENT


def test_the_first_ten_thousand_characters_are_read() -> None:
    text = "parking " * 1249 + "and then " + "unread " * 100

    statements = split_statements(text)

    assert "".join(statements) == text[:10_000].strip()
