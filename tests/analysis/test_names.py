"""Names in one text: what is told as one, what never is, and that a text in which a name was told is found again by it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.evaluation.datasets import both_parts
from analysis.lexicon.load import load_lexicon
from analysis.text.names import names_in, searchable
from analysis.text.normalize import to_simplified
from tests.analysis.conftest import OUR_LANGUAGES, read_rows

WRITES_CAPITALS = ("en", "fr", "es", "ru")

NAMES = [
    ("zh-Hans", "云栖澜庭旁边的搅拌站什么时候搬走？", {"云栖", "栖澜", "澜庭"}),
    ("zh-Hans", "宏砼又在半夜开工", {"宏砼"}),
    ("zh-Hant", "雲棲瀾庭旁邊的攪拌站什麼時候搬走？", {"云栖", "栖澜", "澜庭"}),
    ("en", "The bar at 16 Yongle Alley is loud, says Mr O'Brien", {"yongl", "o'brien"}),
    ("en", "Nobody mends the stairs in Nordhavn’s hall", {"nordhavn"}),
    ("fr", "Rien ne marche à Lindenau, ni rue d’Oradour", {"lindenau", "oradour"}),
    ("es", "El ruido del bar Faroleta, en Ñuñoa", {"farolet", "ñuño"}),
    ("ru", "В доме на Шолоховке опять шумят у Гвоздева", {"шолоховк", "гвоздев"}),
    ("de", "Es ist laut am Kupferlaternenplatz", {"kupferlaternenplatz"}),
    ("ko", "란징위안 엘리베이터가 고장", {"란징위안"}),
    ("ja", "ランジンユエンのエレベーターが壊れて困ります", {"ランジンユエン"}),
    ("ar", "المصعد في مجمع لانجين معطل", {"لانج"}),
]


@pytest.mark.parametrize(("language", "text", "names"), NAMES)
def test_names_of_places_and_people_are_told(language: str, text: str, names: set[str]) -> None:
    assert names_in(text, language) == names


def test_names_are_told_in_each_of_our_languages() -> None:
    assert {language for language, _, _ in NAMES} == set(OUR_LANGUAGES)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("枫桥公馆11栋没有电梯", {"枫桥公馆"}),
        ("阳光花园没有电梯", {"阳光花园"}),
        ("星河湾小区没有电梯", {"星河湾小区"}),
        ("金穗家园门口太吵", {"金穗"}),
        ("我们小区没有电梯", set()),
        ("这个社区，那条路", set()),
        ("小区的路", set()),
    ],
)
def test_chinese_words_before_a_place_word_are_a_name_unless_they_are_everyday_ones(text: str, names: set[str]) -> None:
    assert names_in(text, "zh-Hans") == names


def test_traditional_and_simplified_characters_give_the_same_names() -> None:
    for row in read_rows("planted_issues"):
        if row["language"] == "zh-Hans":
            assert names_in(row["text"], "zh-Hant") == names_in(row["text"], "zh-Hans")
    for text, language in zip(both_parts().texts, both_parts().languages, strict=True):
        if language == "zh-Hant":
            assert names_in(text, "zh-Hant") == names_in(to_simplified(text), "zh-Hans")


# Everyday speech


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_what_stands_in_the_examples_of_the_lexicon_is_no_name(language: str) -> None:
    texts = [text for concept in load_lexicon().concepts for text in concept.by_language[language].examples]

    assert {name for text in texts[::5] for name in names_in(text, language)} == set()


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_answers_of_many_needs_share_no_name(language: str) -> None:
    """Where names are not written otherwise than other words, rare words pass for names: who uses them counts people."""
    gold = both_parts()
    texts = [text for text, tag in zip(gold.texts, gold.languages, strict=True) if tag == language]

    found = Counter(name for text in texts for name in names_in(text, language))

    assert max(found.values()) <= 2
    if language in WRITES_CAPITALS:
        assert sum(found.values()) <= 0.15 * len(texts)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-Hans", "我想找个地方问问，师傅说去社区"),
        ("zh-Hans", "有没有人管一管，我们都想知道"),
        ("zh-Hant", "佢話唔使俾錢，我想識多啲人，佢哋冇嘢做"),
        ("en", "We met on Monday in Beijing, the Chinese and English signs helped, thanks to WeChat"),
        ("en", "I think I'll stay, but I'm tired and I’d like a seat"),
        ("fr", "Je cherche un médecin à Pékin le lundi, en Chine"),
        ("es", "Busco un médico en Pekín, en China"),
        ("ru", "Ищу врача в Пекине, в Китае"),
        ("ko", "ㅋㅋㅋ 병원이 너무 멀어요 ㅠㅠ ㅇㅇ"),
        ("ko", "parking for my car is not easy and every day the same"),
        ("ko", "신속히 해결하여"),
        ("ar", "please we need parking"),
    ],
)
def test_everyday_words_are_no_names(language: str, text: str) -> None:
    assert names_in(text, language) == set()


@pytest.mark.parametrize("language", WRITES_CAPITALS)
def test_first_word_of_a_sentence_is_no_name(language: str) -> None:
    word = "Гвоздеву" if language == "ru" else "Zwicknagl"

    assert names_in(f"{word} 12. {word}! {word}? {word}", language) == set()
    assert len(names_in(f"a {word}", language)) == 1


@pytest.mark.parametrize(("language", "text"), [row[:2] for row in NAMES if row[0] in WRITES_CAPITALS])
def test_text_in_capitals_tells_no_names(language: str, text: str) -> None:
    assert names_in(text.upper(), language) == set()


@pytest.mark.parametrize("text", ["", " ", "😀", "😀 😀", "123 456", "哈哈哈哈", "!!!", "\x00", "A", "'", "a ' B' C"])
@pytest.mark.parametrize("language", [*OUR_LANGUAGES, "und", "vi", ""])
def test_text_without_words_has_no_names(language: str, text: str) -> None:
    assert names_in(text, language) == set()


# Found again


@pytest.mark.parametrize("language", OUR_LANGUAGES)
@given(data=st.data())
def test_text_is_found_by_every_name_in_it(language: str, data: st.DataObject) -> None:
    own = [text for tag, text, _ in NAMES if tag == language]
    odd = ["D'Étoile’s", "O'", "B52", "Route66", "L’", "云栖"]
    pieces = st.one_of(st.sampled_from([*own, *odd]), st.text(max_size=12))
    text = data.draw(st.lists(pieces, max_size=5).map(" ".join))

    form = searchable(text, language)

    assert [name for name in names_in(text, language) if name not in form] == []


def test_issue_is_found_in_texts_that_write_its_name_otherwise() -> None:
    assert "yongl" in searchable("YONGLE alley", "en")
    assert "云栖" in searchable("雲棲瀾庭", "zh-Hant")
    assert "гвоздев" in searchable("гвоздеву", "ru")
    assert "란징위안" in searchable("란징위안에서", "ko")
