"""Which language a person gets, and which way it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.i18n.languages import best_language, direction, languages, locale_for, match_language

TEN = ["zh-Hans", "zh-Hant", "en", "ko", "ja", "ru", "fr", "de", "es", "ar"]


def test_languages_are_the_ten_in_the_order_of_a_chooser() -> None:
    assert list(languages()) == ["zh-Hans", "en", "ko", "ja", "ru", "fr", "de", "es", "ar", "zh-Hant"]


def test_languages_are_named_in_themselves() -> None:
    assert {tag: language.own_name for tag, language in languages().items()} == {
        "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English", "ko": "한국어", "ja": "日本語",
        "ru": "Русский", "fr": "Français", "de": "Deutsch", "es": "Español", "ar": "العربية",
    }  # fmt: skip


def test_language_folder_is_babels_spelling_of_the_tag() -> None:
    assert [languages()[tag].folder for tag in ("zh-Hans", "zh-Hant", "ko")] == ["zh_Hans", "zh_Hant", "ko"]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("ar", "rtl"), ("zh-Hans", "ltr"), ("ru", "ltr"), ("fa", "rtl"), ("ur-PK", "rtl"), ("he", "rtl"), ("vi", "ltr"),
     ("xx-nonsense", "ltr"), ("", "ltr"), ("und", "ltr")],
)  # fmt: skip
def test_direction_of_our_languages_and_of_others(tag: str, expected: str) -> None:
    assert direction(tag) == expected


def test_direction_of_each_of_the_ten_is_what_its_language_says() -> None:
    assert {tag for tag in TEN if direction(tag) == "rtl"} == {"ar"}
    assert {tag: language.direction for tag, language in languages().items()} == {tag: direction(tag) for tag in TEN}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("ko", "ko"),
        ("ko-KR", "ko"),
        ("KO_kr", "ko"),
        (" en-US ", "en"),
        ("de-CH-1996", "de"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("ZH-HANT-TW", "zh-Hant"),
        ("pt-BR", None),
        ("kok", None),
        ("", None),
        ("-", None),
        ("*", None),
    ],
)
def test_match_language_by_base_language_and_by_script(wanted: str, expected: str | None) -> None:
    assert match_language(wanted, TEN) == expected


def test_match_language_gives_only_what_is_offered() -> None:
    assert match_language("zh-TW", ["zh-Hans", "en"]) is None
    assert match_language("zh-CN", ["zh-Hant", "en"]) is None
    assert match_language("ko-KR", ["en"]) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("pt-BR,pt;q=0.9,es;q=0.5,en;q=0.6", "en"),
        ("en;q=0.2, ja;q=0.9", "ja"),
        ("fr;q=0.5,de;q=0.5", "fr"),
        ("en;q=0,ar;q=0.1", "ar"),
        ("ru ; q=0.3 , de ; q=0.300", "ru"),
        ("ja;q=1.000,en", "ja"),
        ("*", None),
        ("pt-BR,pt;q=0.9,*;q=0.1", None),
        ("en;q=0", None),
        ("en;q=abc", None),
        ("en;level=1", None),
        (",,;q=1", None),
        ("", None),
    ],
)
def test_best_language_follows_the_headers_weights(header: str, expected: str | None) -> None:
    assert best_language(header, TEN) == expected


def test_best_language_skips_a_liked_language_that_is_not_offered() -> None:
    assert best_language("ko,ja;q=0.9,en;q=0.8", ["en", "ja"]) == "ja"


def test_best_language_reads_no_more_than_twenty_wishes() -> None:
    assert best_language(",".join(["pt"] * 19 + ["ko"]), TEN) == "ko"
    assert best_language(",".join(["pt"] * 20 + ["ko"]), TEN) is None


@given(st.text(max_size=60) | st.text("enkozh-*,;=q.01 ", max_size=60), st.lists(st.sampled_from(TEN), unique=True))
def test_best_language_of_any_header_is_an_offered_one_or_none(header: str, offered: list[str]) -> None:
    assert best_language(header, offered) in {None, *offered}


@given(st.sampled_from(TEN), st.sampled_from(["", "-CN", "-x-private", ";q=0.1"]))
def test_best_language_of_a_language_of_ours_is_itself(tag: str, rest: str) -> None:
    assert best_language(tag + rest, TEN) == tag


def test_locale_for_knows_the_ten_and_speaks_english_else() -> None:
    assert [str(locale_for(tag)) for tag in ("zh-Hant", "ar", "pt-BR", "nonsense")] == ["zh_Hant", "ar", "en", "en"]
