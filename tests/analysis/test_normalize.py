"""Normal forms: what is only a way of typing makes no difference, and a second pass changes nothing."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.text.normalize import (
    normal_form,
    not_japanese,
    simplified_only,
    to_simplified,
    traditional_only,
    without_bidi_controls,
    words_form,
)
from tests.analysis.conftest import OUR_LANGUAGES

ODD = "ｗｗｗ．@aAhtps:/ İǰﬃ①㎡ΐΣς\u0301\u0345\u200b\u200d\u0640\u064b\u061c\ufe0fأٱىةёЁ\u0308\u85b4苧學学。，-_가가"
texts = st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=30)
languages = st.sampled_from((*OUR_LANGUAGES, "und"))


@given(texts, languages)
@example("\u85b4", "zh-Hant")  # a character whose simplified form is itself simplified further
@example("a\u200b\u0301ｗｗｗ．x．cn", "fr")
def test_normal_forms_are_their_own_normal_form(text: str, language: str) -> None:
    form, words = normal_form(text, language), words_form(text, language)

    assert normal_form(form, language) == form
    assert words_form(words, language) == words


@given(texts, languages)
def test_words_form_holds_words_and_single_spaces_alone(text: str, language: str) -> None:
    words = words_form(text, language)

    assert words[0] == words[-1] == " "
    assert words.strip() == " ".join(words.split())
    assert re.search(r"[\W_]", words.replace(" ", "")) is None


@pytest.mark.parametrize(
    ("language", "typed", "same_as"),
    [
        ("en", "ＰＡＲＫＩＮＧ　please", "parking please"),
        ("en", "park\u00ading pl\u200bease\ufeff", "parking please"),
        ("en", "\u202eparking\u202c", "parking"),
        ("en", "doctor❤\ufe0f", "doctor❤"),
        ("fr", "MÉDECIN à l'hôpital", "medecin a l'hopital"),
        ("fr", "Sœur", "soeur"),
        ("de", "Straße für Fußgänger", "strasse fur fussganger"),
        ("es", "NIÑOS", "ninos"),
        ("ru", "Ещё ребёнок", "еще ребенок"),
        ("ar", "إلى المُسْتَشْفَى", "الي المستشفي"),
        ("ar", "المدرســـة", "المدرسه"),
        ("ar", "أريد\u061c طبيبًا", "اريد طبيبا"),
        ("zh-Hant", "醫院沒有停車位", "医院没有停车位"),
        ("zh-Hans", "２４小时①", "24小时1"),
        ("ja", "ﾄﾞｸﾀｰ", "ドクター"),
        ("ko", "\u110c\u116e\u110e\u1161", "주차"),
    ],
)
def test_normal_form_drops_what_is_only_a_way_of_typing(language: str, typed: str, same_as: str) -> None:
    assert normal_form(typed, language) == same_as


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("ja", "漢", "汉"),  # Japanese is never simplified
        ("ko", "의사", "의시"),
        ("ru", "мир", "мыр"),
        ("en", "bus stop", "busstop"),
    ],
)
def test_normal_form_keeps_what_makes_a_word_another(language: str, one: str, other: str) -> None:
    assert normal_form(one, language) != normal_form(other, language)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see https://example.org/a?b=c#d please", "see please"),
        ("see www.example.org please", "see please"),
        ("ｈｔｔｐ：／／example．org broken", "broken"),
        ("write to Kim.Min-ji+home@mail.example.co.kr please", "write to please"),
        ("网站https://example.cn/x打不开", "网站 打不开"),
        ("请联系wang@example.cn谢谢", "请联系 谢谢"),
        ("at 8 @ the gate", "at 8 the gate"),
    ],
)
def test_words_form_leaves_out_links_and_addresses_and_nothing_beside_them(text: str, left: str) -> None:
    assert words_form(text, "zh-Hans").strip() == left


def test_words_form_leaves_the_text_that_it_was_given_alone() -> None:
    original = "ＰＡＲＫＩＮＧ ①"

    words_form(original, "en")

    assert original == "ＰＡＲＫＩＮＧ ①"


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30))
def test_to_simplified_turns_characters_one_by_one(text: str) -> None:
    plain = to_simplified(text)

    assert len(plain) == len(text)
    assert not {ord(letter) for letter in plain} & traditional_only()
    assert to_simplified(plain) == plain


def test_characters_of_one_kind_of_chinese_are_not_of_the_other() -> None:
    assert not traditional_only() & simplified_only()
    assert {ord(letter) for letter in "體學醫車"} <= traditional_only()
    assert {ord(letter) for letter in "学医车"} <= simplified_only()
    assert {ord(letter) for letter in "车们买"} <= not_japanese()
    assert not {ord(letter) for letter in "学医国会"} & not_japanese()


@pytest.mark.parametrize("piece", ["a", "a.", "a@", "www.", "\u200b", " ", "https://", "é"])
def test_normal_form_takes_time_in_proportion_to_the_text(piece: str) -> None:
    """A pattern that goes back over a run again and again takes minutes here."""
    assert len(normal_form(piece * (200_000 // len(piece)), "en")) <= 200_000


@pytest.mark.parametrize("control", [*"\u061c\u200e\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))])
def test_without_bidi_controls_leaves_none_of_them(control: str) -> None:
    assert unicodedata.bidirectional(control) in {"AL", "L", "R", "LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    assert without_bidi_controls(f"停{control}车 موقف{control}") == "停车 موقف"


@given(texts)
def test_without_bidi_controls_changes_nothing_else(text: str) -> None:
    shown = without_bidi_controls(text)

    assert without_bidi_controls(shown) == shown
    assert [c for c in text if c in shown] == list(shown)
