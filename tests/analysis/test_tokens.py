"""Words for labels, in ten languages: what a reader would call the thing, and no filler."""

from __future__ import annotations

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.text.tokens import stem, stop_words, words
from tests.analysis.conftest import OUR_LANGUAGES


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("zh-Hans", "希望派出所帮外国人办理居住证延期", ["派出所", "办理", "居住证", "延期"]),
        ("zh-Hans", "望京的接诉即办和老年餐桌", ["望京", "接诉即办", "老年餐桌"]),
        ("zh-Hant", "派出所幫忙辦理居住證，醫院沒有停車位", ["派出所", "辦理", "居住證", "醫院", "停車位"]),
        ("ko", "주차장이 부족하고 관리사무소에서 대답이 없습니다", ["주차장", "부족", "관리사무소", "대답"]),
        ("ko", "엘리베이터를 고쳐주세요", ["엘리베이터"]),
        ("ja", "駐車場が足りません。ゴミの分別を説明してください", ["駐車場", "ゴミ", "分別", "説明"]),
        ("ru", "Нет мест для парковки", ["мест", "парковки"]),
        ("en", "The neighbours' dogs aren’t on a leash", ["neighbours", "dogs", "leash"]),
        ("fr", "L’ascenseur d'en face est cassé", ["ascenseur", "face", "cassé"]),
        ("de", "Die Straßenlaternen sind kaputt", ["straßenlaternen", "kaputt"]),
        ("es", "Los perros andan sin correa", ["perros", "andan", "correa"]),
        ("ar", "لا يوجد مواقف للسيارات في الشارع", ["مواقف", "للسيارات", "الشارع"]),
        ("und", "Parking, 24 h/day", ["parking", "day"]),
    ],
)
def test_words_are_the_content_words_as_they_may_be_shown(language: str, text: str, found: list[str]) -> None:
    assert words(text, language) == found


def test_words_of_chinese_come_from_a_tokenizer_of_our_own() -> None:
    """Who uses jieba beside us keeps jieba as it is: BERTopic and turftopic share the global one (pitfall of both)."""
    term = "接诉即办老年餐桌"
    before = list(jieba.cut(term))

    ours = words(term, "zh-Hans")

    assert ours == ["接诉即办", "老年餐桌"]
    assert list(jieba.cut(term)) == before
    assert "接诉即办" not in jieba.dt.FREQ


def test_words_of_traditional_chinese_keep_their_spelling_and_are_cut_like_simplified() -> None:
    traditional, simplified = words("社區醫院沒有兒科醫師", "zh-Hant"), words("社区医院没有儿科医师", "zh-Hans")

    assert [len(word) for word in traditional] == [len(word) for word in simplified]
    assert "兒科" in traditional
    assert "儿科" in simplified


FILLERS = {
    "zh-Hans": "我觉得这里应该还可以有更多的",
    "zh-Hant": "我覺得這裡應該還可以有更多的",
    "en": "I would like that you please do it for us, thank you",
    "ko": "저는 그리고 우리가 너무 많이 해주세요",
    "ja": "ここはもっとほしいとおもいます",
    "ru": "я хочу чтобы это было у нас и очень для всех",
    "fr": "je voudrais que ce soit pour nous, s'il vous plaît, merci",
    "de": "ich möchte dass es für uns hier auch so ist, bitte",
    "es": "yo quisiera que esto sea para nosotros, por favor",
    "ar": "أنا أريد أن يكون هذا من أجل كل",
}


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_words_of_filler_are_none(language: str) -> None:
    assert words(FILLERS[language], language) == []


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_stop_words_are_written_as_words_are_compared(language: str) -> None:
    stops = stop_words(language)

    assert len(stops) >= 250
    assert {word for word in stops if word != word.lower()} == set()


def test_stop_words_of_a_language_without_a_list_are_none() -> None:
    assert stop_words("und") == frozenset()


@given(st.text(max_size=60), st.sampled_from((*OUR_LANGUAGES, "und")))
def test_words_are_letters_of_the_text_without_stop_words(text: str, language: str) -> None:
    found = words(text, language)

    assert not set(found) & stop_words(language)
    assert all(len(word) > 1 for word in found)
    if language != "zh-Hans":  # whose words are shown in Simplified characters
        assert all(word.casefold() in text.replace("’", "'").casefold() for word in found)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "streets", "street"),
        ("fr", "médecins", "médecin"),
        ("de", "parkplätze", "parkplatz"),
        ("es", "perros", "perro"),
        ("ru", "парковки", "парковка"),
        ("ar", "المدارس", "مدارس"),
        ("ko", "주차장에서", "주차장"),
        ("ko", "병원이", "병원"),
    ],
)
def test_stem_is_what_forms_of_a_word_share(language: str, one: str, other: str) -> None:
    assert stem(one, language) == stem(other, language)


@pytest.mark.parametrize(("language", "word"), [("zh-Hans", "停车位"), ("ja", "駐車場"), ("und", "streets")])
def test_stem_where_there_is_no_stemmer_is_the_word(language: str, word: str) -> None:
    assert stem(word, language) == word
