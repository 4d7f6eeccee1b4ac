"""Words for a theme: what tells it from the others, each thing once, in words that people wrote."""

from __future__ import annotations

import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from analysis.lexicon.match import Matcher
from analysis.text.tokens import stop_words
from analysis.themes.keywords import class_tf_idf, count_words, theme_keywords
from tests.analysis.conftest import OUR_LANGUAGES, read_rows

NEEDS = read_rows("blind_needs")


def keywords(groups: dict[str, list[str]], language: str = "en", **options: object) -> dict[str, list[str]]:
    return theme_keywords({name: count_words(texts, language) for name, texts in groups.items()}, concept_of=lambda _word: [], **options)  # type: ignore[arg-type]


def test_class_tf_idf_gives_more_to_a_word_of_one_theme_than_to_one_of_all() -> None:
    weights = class_tf_idf(sp.csr_matrix([[5, 5, 0], [5, 0, 5]])).toarray()

    assert weights[0, 1] > weights[0, 0] > 0
    assert weights[0, 2] == 0


def test_class_tf_idf_does_not_let_a_large_theme_win_by_its_size() -> None:
    weights = class_tf_idf(sp.csr_matrix([[100, 100, 0], [1, 0, 1]])).toarray()

    assert weights[0, 0] == pytest.approx(weights[1, 0])


def test_class_tf_idf_of_nothing() -> None:
    assert class_tf_idf(sp.csr_matrix((0, 3))).shape == (0, 3)
    assert class_tf_idf(sp.csr_matrix((2, 3))).toarray().tolist() == [[0, 0, 0], [0, 0, 0]]


def test_keywords_tell_a_theme_from_the_others_best_first() -> None:
    found = keywords(
        {
            "parking": ["parking garage full", "parking garage far", "parking at home"],
            "school": ["school fees at home", "school bus far", "school fees full"],
        }
    )

    assert found["parking"][0] == "parking"
    assert found["school"][:2] == ["school", "fees"]
    assert not {"parking", "garage"} & set(found["school"])


def test_keywords_count_forms_of_a_word_together_and_show_the_one_that_people_used_most() -> None:
    found = keywords({"a": ["street lights", "streets", "streets dark", "other thing"], "b": ["parking"]})

    assert "streets" in found["a"]
    assert "street" not in found["a"]


def test_keywords_name_one_concept_once() -> None:
    """BERTopic#1621: juego, jeu and 게임 are one word, and so are doctor and physician."""
    concepts = {"doctor": [1], "physician": [1], "medic": [1], "waiting": [2]}

    groups = {"a": count_words(["doctor physician medic waiting"] * 3, "en"), "b": count_words(["parking"] * 3, "en")}

    found = theme_keywords(groups, concept_of=lambda word: concepts.get(word, []))

    assert len(found["a"]) == 2
    assert "waiting" in found["a"]


def test_keywords_are_not_parts_of_each_other() -> None:
    found = keywords({"a": ["停车位 停车 车位 太少"] * 3, "b": ["医院"] * 3}, "zh-Hans")

    assert not [(one, other) for one in found["a"] for other in found["a"] if one != other and one in other]


def test_keywords_of_five_texts_stand_in_two_at_least() -> None:
    texts = ["parking full", "parking far", "parking dark", "parking dear", "parking zebra"]

    assert keywords({"a": texts, "b": ["school"] * 5})["a"] == ["parking"]
    assert set(keywords({"a": texts[:4], "b": ["school"] * 5})["a"]) == {"parking", "full", "far", "dark", "dear"}


def test_keywords_that_are_typical_come_first() -> None:
    groups = {"a": ["garage parking"] * 3 + ["garage"], "b": ["school"]}

    assert keywords(groups)["a"] == ["garage", "parking"]
    assert keywords(groups, is_typical=lambda _group, word: word == "parking")["a"] == ["parking", "garage"]


def test_keywords_are_at_most_as_many_as_asked_for() -> None:
    texts = ["one apple banana cherry dates elder fig grape hazel"]

    assert len(keywords({"a": texts})["a"]) == 6
    assert len(keywords({"a": texts}, most=2)["a"]) == 2


def test_keywords_of_no_text_and_of_texts_without_words_are_none() -> None:
    assert keywords({}) == {}
    assert keywords({"a": [], "b": ["12 !?"]}) == {"a": [], "b": []}


@given(st.permutations(["parking full", "parking far", "dark garage", "garage streets", "street"]))
def test_order_of_texts_does_not_change_keywords(texts: list[str]) -> None:
    others = ["school fees", "school bus"]

    assert keywords({"a": texts, "b": others}) == keywords({"b": others, "a": sorted(texts)})


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_keywords_are_words_of_the_texts_without_stop_words_and_numbers(language: str, matcher: Matcher) -> None:
    """BERTopic#1157: Chinese and Japanese themes came out as sentences; #1623: Arabic ones as numbers; #1821: Traditional empty."""
    groups: dict[str, list[str]] = {}
    for row in NEEDS:
        if row["language"] == language:
            groups.setdefault(row["category"], []).append(row["text"] + " 120")

    counted = {category: count_words(texts, language) for category, texts in groups.items()}
    found = theme_keywords(counted, concept_of=lambda word: [hit.concept for hit in matcher.find(word, language)])

    for category, own in found.items():
        text = " ".join(groups[category]).lower()
        assert own, category
        assert all(word in text for word in own)
        assert all(word.replace("'", "").isalpha() for word in own)
        assert not set(own) & stop_words(language)
        assert max(map(len, own)) <= (6 if language.startswith("zh") else 8 if language == "ja" else 30)
