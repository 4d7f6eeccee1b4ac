"""Naming the language of what residents type: short, mixed, on a page in another language, or in no language of ours."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.lexicon.load import Lexicon
from analysis.text.language import UNKNOWN, identify
from tests.analysis.conftest import OUR_LANGUAGES, read_rows

SHORT_TEXTS = read_rows("short_texts")
FOREIGN_TEXTS = read_rows("foreign_texts")


def test_short_texts_are_enough_to_judge_by() -> None:
    counts = Counter(row["language"] for row in SHORT_TEXTS)

    assert set(counts) == set(OUR_LANGUAGES)
    assert min(counts.values()) >= 15


def test_identify_names_the_language_of_short_texts_without_a_hint() -> None:
    wrong = [row for row in SHORT_TEXTS if identify(row["text"]).language != row["language"]]

    assert 1 - len(wrong) / len(SHORT_TEXTS) >= 0.97, wrong
    for language in OUR_LANGUAGES:
        count = sum(row["language"] == language for row in SHORT_TEXTS)
        assert 1 - sum(row["language"] == language for row in wrong) / count >= 0.9, wrong


def test_identify_on_the_page_of_that_language_is_right_about_every_short_text() -> None:
    assert [row for row in SHORT_TEXTS if identify(row["text"], row["language"]).language != row["language"]] == []


@pytest.mark.parametrize("page", OUR_LANGUAGES)
def test_identify_hears_another_language_than_the_page_in_most_texts(page: str) -> None:
    """People open the Chinese page and write English."""
    others = [row for row in SHORT_TEXTS if row["language"] != page]

    right = sum(identify(row["text"], page).language == row["language"] for row in others)

    assert right / len(others) >= 0.9


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("please 希望 have an English doctor at the 社区医院 near us", "en", "en"),
        ("WeChat 上的通知看不懂", "zh-Hans", "zh-Hans"),
        ("WeChat 通知看不懂", "zh-Hans", "zh-Hans"),
        ("WIFI 的 speed 太慢，希望可以快一点", "en", "zh-Hans"),
        ("주차 parking 문제가 심각해요", "ko", "ko"),
        ("居住証の手続き、もっと簡単に", "ja", "ja"),
        ("Bonjour, je voudrais un docteur. 谢谢", "zh-Hans", "fr"),
        ("Нужна карта ICBC", "en", "ru"),
        ("أريد رقم WeChat للطبيب", "en", "ar"),
    ],
)
def test_identify_of_a_mixed_text_names_what_most_of_it_is_in(text: str, hint: str, language: str) -> None:
    assert identify(text, hint).language == language


@pytest.mark.parametrize(
    ("word", "hint", "language"),
    [
        ("Parking", "de", "de"),
        ("parking", "fr", "fr"),
        ("playground", "de", "de"),
        ("Hotel Restaurant Service", "fr", "fr"),
        ("tennis club international", "es", "es"),
        ("internet", "es", "es"),
        ("ok", "fr", "fr"),
        ("ok", "", "en"),
        ("WiFi", "zh-Hans", "en"),
        ("taxi", "ko", "en"),
        ("公園", "ja", "ja"),
        ("学校", "ja", "ja"),
        ("医院", "ja", "ja"),
        ("駐車場不足", "ja", "ja"),
        ("公园", "ja", "zh-Hans"),
        ("车位", "ja", "zh-Hans"),
        ("公園", "zh-Hant", "zh-Hant"),
        ("公園", "", "zh-Hant"),
        ("停水", "zh-Hant", "zh-Hant"),
        ("停水", "zh-Hans", "zh-Hans"),
        ("停水", "en", "zh-Hans"),
        ("병원", "zh-Hans", "ko"),
        ("больница", "ar", "ru"),
        ("مستشفى", "en", "ar"),
    ],
)
def test_identify_of_one_word_takes_the_page_where_the_word_does_not_tell(word: str, hint: str, language: str) -> None:
    assert identify(word, hint).language == language


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [("电梯坏了没人修", "電梯壞了沒人修"), ("医生听不懂", "醫生聽不懂"), ("垃圾没人收", "垃圾沒人收"), ("孩子上学太远", "孩子上學太遠")],
)
@pytest.mark.parametrize("hint", ["", "zh-Hans", "zh-Hant", "en"])
def test_identify_tells_simplified_from_traditional_on_any_page(simplified: str, traditional: str, hint: str) -> None:
    assert identify(simplified, hint).language == "zh-Hans"
    assert identify(traditional, hint).language == "zh-Hant"


@pytest.mark.parametrize(
    "text",
    [
        "پارکینگ کافی نیست",
        "لطفا پارک بسازید",
        "من دکتر فارسی زبان لازم دارم",
        "ہمیں ڈاکٹر چاہیے جو اردو بولتا ہو",
        "گاڑی کھڑی کرنے کی جگہ نہیں ہے",
    ],
)
@pytest.mark.parametrize("hint", ["", "en", "ar"])
def test_identify_does_not_take_persian_and_urdu_for_arabic(text: str, hint: str) -> None:
    assert identify(text, hint).language == UNKNOWN


@pytest.mark.parametrize("text", ["أريد پيتزا قريبة من البيت", "چاي بارد وين نلگى سوق قريب", "نريد گاردن للاطفال في الحي"])
def test_identify_takes_arabic_with_borrowed_letters_for_arabic(text: str) -> None:
    assert identify(text).language == "ar"


@pytest.mark.parametrize("text", ["", " \n\t", "😀🎉👍", "12345", "２４", "3.5 / 7", "!!! ???", "\x00\u200b", "→★"])
@pytest.mark.parametrize("hint", ["", "ko", "ar"])
def test_identify_of_a_text_without_letters_is_unknown_and_not_the_page(text: str, hint: str) -> None:
    found = identify(text, hint)

    assert (found.language, found.confidence) == (UNKNOWN, 0.0)


@pytest.mark.parametrize("text", ["नमस्ते डॉक्टर चाहिए", "ขอที่จอดรถเพิ่ม", "Χρειάζομαι γιατρό", "אני צריך רופא", "გამარჯობა"])
def test_identify_of_another_script_is_unknown(text: str) -> None:
    assert identify(text, "en").language == UNKNOWN


@pytest.mark.parametrize("page", ["", "en", "de", "ru", "ar"])
def test_identify_of_a_sentence_in_a_language_that_is_not_ours_is_unknown_on_any_page(page: str) -> None:
    found = {row["language"]: identify(row["text"], page).language for row in FOREIGN_TEXTS}

    assert len(found) == 70
    assert found == dict.fromkeys(found, UNKNOWN)


def test_identify_takes_no_text_of_ours_for_a_foreign_one(lexicon: Lexicon) -> None:
    """Every fifth of the lexicon's examples that are long enough to be judged."""
    examples = [
        (language, text) for concept in lexicon.concepts for language in ("en", "fr", "de", "es", "ru", "ar")
        for text in concept.by_language[language].examples if sum(letter.isalpha() for letter in text) >= 12
    ][::5]  # fmt: skip

    turned_away = [(language, text) for language, text in examples if identify(text).language == UNKNOWN]
    assert len(examples) > 2_500
    assert len(turned_away) <= len(examples) / 1_000, turned_away  # random keys ("kssjdf lkjsd fkj") are examples of no need


@pytest.mark.parametrize(("text", "hint", "language"), [("dank je", "de", "de"), ("grazie", "es", "es"), ("обрий", "ru", "ru"), ("дякую", "", "ru")])
def test_identify_of_a_foreign_word_or_two_is_the_nearest_of_ours(text: str, hint: str, language: str) -> None:
    assert identify(text, hint).language == language


@given(st.text(max_size=60), st.sampled_from(("", *OUR_LANGUAGES)))
def test_identify_answers_with_a_language_of_ours_or_unknown_whatever_is_typed(text: str, hint: str) -> None:
    found = identify(text, hint)

    assert found.language in {*OUR_LANGUAGES, UNKNOWN}
    assert 0.0 <= found.confidence <= 1.0
    assert identify(text, hint) == found
