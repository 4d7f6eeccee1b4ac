"""Which language a person gets, and which way it is written."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.i18n import formatting
from survey.i18n.languages import (
    best_language,
    direction,
    in_chooser_order,
    interface_language,
    is_spoken,
    languages,
    locale_for,
    match_language,
    own_name,
)
from survey.i18n.speech import speech

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


# Plain language: further languages of a survey, spoken by the interface as the language itself

EASY = [f"{tag}-x-easy" for tag in TEN]


def test_languages_know_nothing_of_plain_variants() -> None:
    assert [tag for tag in languages() if tag.endswith("-x-easy")] == []


@pytest.mark.parametrize("tag", TEN)
def test_plain_variant_is_spoken_directed_and_written_as_its_language(tag: str) -> None:
    easy = f"{tag}-x-easy"
    day, moment = dt.date(2026, 3, 5), dt.datetime(2026, 3, 5, 11, 30, tzinfo=dt.UTC)

    assert (interface_language(easy), is_spoken(easy)) == (tag, True)
    assert (direction(easy), locale_for(easy)) == (direction(tag), locale_for(tag))
    plain, usual = speech("resident", easy), speech("resident", tag)
    assert plain.gettext("Your answers were not sent.") == usual.gettext("Your answers were not sent.")
    assert (plain.date(day), plain.moment(moment), plain.number(1234.5)) == (usual.date(day), usual.moment(moment), usual.number(1234.5))
    assert plain.language == easy


def test_plain_variants_have_names_of_their_own() -> None:
    names = [own_name(tag) for tag in EASY]

    assert own_name("en-x-easy") == "English – easy words"
    assert own_name("ja-x-easy") == "やさしい日本語"
    assert len({*names, *(own_name(tag) for tag in TEN)}) == 20
    assert [own_name(tag) for tag in TEN] == [languages()[tag].own_name for tag in TEN]


@pytest.mark.parametrize("tag", ["xx-x-easy", "pt-x-easy", "-x-easy", "en-x-hard", "en-x-easy-x-easy", "EN-X-EASY", "", "x-easy"])
def test_unknown_variant_is_not_spoken_and_stays_what_it_is(tag: str) -> None:
    assert (interface_language(tag), is_spoken(tag), own_name(tag)) == (tag, False, tag)


def test_chooser_lists_a_plain_variant_behind_its_language_and_nothing_unknown() -> None:
    given = ["zh-Hans-x-easy", "xx-x-easy", "ko", "en-x-easy", "en", "pt", "zh-Hans"]

    assert in_chooser_order(given) == ["zh-Hans", "zh-Hans-x-easy", "en", "en-x-easy", "ko"]


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("en-x-easy", ["en", "en-x-easy"], "en-x-easy"),
        ("en-GB", ["en-x-easy", "en"], "en"),
        ("en-GB", ["en-x-easy", "ko"], "en-x-easy"),
        ("en-x-easy", ["ko", "en"], "en"),
        ("zh-Hans-x-easy", ["zh-Hans", "zh-Hans-x-easy"], "zh-Hans-x-easy"),
        ("zh-TW", ["zh-Hans-x-easy", "zh-Hant-x-easy"], "zh-Hant-x-easy"),
        ("fr-x-easy", ["en-x-easy"], None),
        ("x-easy", ["en-x-easy"], None),
    ],
)
def test_match_language_with_plain_variants(wanted: str, offered: list[str], expected: str | None) -> None:
    assert match_language(wanted, offered) == expected


def test_occasion_is_told_in_beijing_as_each_language_puts_it() -> None:
    moment = dt.datetime(2026, 3, 6, 11, 30, tzinfo=dt.UTC)

    assert formatting.occasion_text(moment, "zh-Hans") == "2026年3月6日星期五 19:30"
    assert formatting.occasion_text(moment, "de") == "Freitag, 6. März 2026, 19:30"
    assert formatting.occasion_text(moment, "ko") == "2026년 3월 6일 금요일 오후 7:30"
    assert formatting.occasion_text(moment, "en-x-easy") == formatting.occasion_text(moment, "en")
