"""Statements as numbers: languages never share a column of characters, and meet in the lexicon's concepts alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.lexicon.load import NO_NEED
from analysis.lexicon.match import Matcher
from analysis.themes.features import CharacterSpaces, category_matrix, family, find_hits, hit_matrix
from tests.analysis.conftest import FEW_NEEDS, OUR_LANGUAGES

TEXTS = [
    ("停车位太少", "zh-Hans"), ("停車位太少", "zh-Hant"), ("more parking", "en"), ("plus de parking", "fr"), ("주차 공간", "ko"), ("駐車場", "ja"),
    ("нет парковки", "ru"), ("موقف السيارات", "ar"), ("Parkplatz", "de"), ("aparcamiento", "es"),
]  # fmt: skip


def rows(pairs: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [text for text, _ in pairs], [language for _, language in pairs]


def test_transform_gives_unit_rows_and_no_column_to_two_languages() -> None:
    matrix = CharacterSpaces().fit(*rows(TEXTS)).transform(*rows(TEXTS))
    likeness = (matrix @ matrix.T).toarray()

    assert matrix.shape[0] == len(TEXTS)
    assert np.allclose(np.diag(likeness), 1, atol=1e-5)
    likeness[0, 1] = likeness[1, 0] = 0  # the two ways of writing Chinese
    assert np.allclose(likeness - np.diag(np.diag(likeness)), 0)


def test_transform_compares_simplified_and_traditional_in_one_space() -> None:
    matrix = CharacterSpaces().fit(*rows(TEXTS)).transform(*rows(TEXTS[:2]))

    assert matrix[0].toarray() == pytest.approx(matrix[1].toarray())


def test_transform_of_a_language_that_was_not_learnt_is_an_empty_row() -> None:
    matrix = CharacterSpaces().fit(*rows(TEXTS)).transform(["chỗ đậu xe", "more parking"], ["vi", "en"])

    assert (matrix[0].nnz, matrix[1].nnz > 0) == (0, True)


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from((*OUR_LANGUAGES, "und"))), max_size=25))
def test_spaces_take_any_texts(pairs: list[tuple[str, str]]) -> None:
    matrix = CharacterSpaces().fit(*rows(pairs)).transform(*rows(pairs))

    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    assert matrix.shape[0] == len(pairs)
    assert all(norm == 0 or norm == pytest.approx(1, abs=1e-4) for norm in norms)


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
