"""Statements as numbers: languages never share a column of characters, and meet in the lexicon's concepts alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.lexicon.load import NO_NEED
from analysis.lexicon.match import Matcher
from analysis.text.language import family
from analysis.themes.features import WORDS, TextSpaces, category_matrix, count, find_hits, hit_matrix, own_rows
from tests.analysis.conftest import FEW_NEEDS, OUR_LANGUAGES

TEXTS = [
    ("停车位太少", "zh-Hans"), ("停車位太少", "zh-Hant"), ("more parking", "en"), ("plus de parking", "fr"), ("주차 공간", "ko"), ("駐車場", "ja"),
    ("нет парковки", "ru"), ("موقف السيارات", "ar"), ("Parkplatz", "de"), ("aparcamiento", "es"),
]  # fmt: skip


def rows(pairs: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [text for text, _ in pairs], [language for _, language in pairs]


def test_no_column_belongs_to_two_languages() -> None:
    matrix = own_rows(*rows(TEXTS))
    likeness = (matrix @ matrix.T).toarray()

    assert matrix.shape[0] == len(TEXTS)
    assert (np.diag(likeness) >= 1 - 1e-5).all()
    likeness[0, 1] = likeness[1, 0] = 0  # the two ways of writing Chinese
    assert np.allclose(likeness - np.diag(np.diag(likeness)), 0)


def test_simplified_and_traditional_are_compared_in_one_space() -> None:
    matrix = own_rows(*rows(TEXTS))

    assert matrix[0].toarray() == pytest.approx(matrix[1].toarray())


def test_rows_are_a_unit_of_characters_and_a_lighter_one_of_words() -> None:
    matrix = own_rows(["more parking", "of the"], ["en", "en"])

    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    assert squares == pytest.approx([1 + WORDS**2, 1])  # the second has stop words only


def test_texts_in_a_language_that_was_not_learnt_are_empty_rows() -> None:
    counts = count(["more parking"], ["en"], [0])
    spaces = TextSpaces().fit({"en": [counts]})

    matrix = spaces.rows({"en": counts}, {"vi": np.array([0]), "en": np.array([1])}, 2)

    assert (matrix[0].nnz, matrix[1].nnz > 0) == (0, True)
    assert spaces.columns("vi") == slice(0, 0)


def test_a_column_weighs_more_the_fewer_texts_have_it() -> None:
    texts = ["parking"] * 9 + ["zebra"] + ["parking zebra"]

    matrix = own_rows(texts, ["en"] * len(texts))

    both = matrix[-1].toarray().ravel()
    assert both[matrix[9].indices].sum() > 2 * both[matrix[0].indices].sum() * len("zebra") / len("parking") * 0.5


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from((*OUR_LANGUAGES, "und"))), max_size=25))
def test_spaces_take_any_texts(pairs: list[tuple[str, str]]) -> None:
    matrix = own_rows(*rows(pairs))

    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    assert matrix.shape[0] == len(pairs)
    allowed = np.array([0, 1, WORDS**2, 1 + WORDS**2])
    assert all(np.abs(allowed - square).min() < 1e-3 for square in squares)


def test_family_joins_the_two_ways_of_writing_chinese() -> None:
    assert [family(tag) for tag in ("zh-Hans", "zh-Hant", "zh", "ko", "und")] == ["zh", "zh", "zh", "ko", "und"]


def test_hit_matrix_holds_the_weights_of_what_was_found() -> None:
    hits = find_hits(Matcher(FEW_NEEDS), ["의사", "doctor, parking", "hello"], ["ko", "en", "en"])

    matrix = hit_matrix(hits, len(FEW_NEEDS.concepts)).toarray()

    assert matrix.tolist() == [[1, 0, 0, 0, 0], [1, 0, 1, 0, 0], [0, 0, 0, 0, 0]]


def test_category_matrix_puts_each_concept_into_its_category() -> None:
    categories = [*FEW_NEEDS.categories, NO_NEED]

    matrix = category_matrix(FEW_NEEDS, categories).toarray()

    assert matrix.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
