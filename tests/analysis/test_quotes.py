"""Choosing quotes: the most typical first, then different ones, a person once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import normalize

from analysis.themes.quotes import CANDIDATES, choose_quotes

LENGTH = 60


def rows(*lines: Sequence[float]) -> sp.csr_matrix:
    return normalize(sp.csr_matrix(np.array(lines, dtype=np.float64)))


def quotes(features: sp.csr_matrix, **given_: object) -> list[int]:
    count = features.shape[0]
    settings: dict[str, object] = {
        "scores": [1.0] * count, "persons": list(range(count)), "languages": ["en"] * count, "lengths": [LENGTH] * count,
    }  # fmt: skip
    return choose_quotes(features, **(settings | given_))  # type: ignore[arg-type]


CENTRE = rows([1, 0, 0, 3, 0], [0, 1, 0, 3, 0], [1, 1, 1, 3, 0], [0, 0, 1, 3, 0], [0, 0, 0, 0, 1])
"""The third is nearest to all the others, the last is the odd one out."""


def test_the_medoid_comes_first() -> None:
    assert quotes(CENTRE)[0] == 2


def test_quotes_are_different_rather_than_the_same_again() -> None:
    """kouchou-ai#346: copies that were sent in masses drown the other opinions."""
    features = rows(*([[1, 0, 0]] * 50), [0.4, 1, 0], [0.3, 0, 1])

    assert set(quotes(features, most=3)) > {50, 51}
    assert len(quotes(features)) == 6


def test_quotes_are_at_most_one_a_person() -> None:
    chosen = quotes(CENTRE, persons=["a", "a", "a", "b", "b"])

    assert len(chosen) == 2
    assert 2 in chosen


def test_quotes_of_unsure_statements_come_after_sure_ones() -> None:
    features = rows(*([[1, 1]] * 4))

    assert quotes(features, scores=[0.3, 0.3, 0.9, 0.3], most=1) == [2]


@pytest.mark.parametrize("length", [3, 2000])
def test_quotes_that_read_badly_come_last(length: int) -> None:
    features = rows([1, 0.2], [1, 0.1], [1, 0.3])

    assert quotes(features, lengths=[length, LENGTH, LENGTH])[-1] == 0


def test_quotes_speak_the_languages_of_the_theme() -> None:
    """Statements of one language are likest to each other; without care the largest language would speak alone."""
    languages = ["ko"] * 12 + ["en"] * 5 + ["ja"] * 3
    shared = np.array([[1.0, language == "ko", language == "en", language == "ja"] for language in languages])
    features = normalize(sp.csr_matrix(np.hstack([shared, np.eye(len(languages))])))

    chosen = [languages[i] for i in quotes(features, languages=languages)]

    assert chosen[0] == "ko"
    assert set(chosen) == {"ko", "en", "ja"}
    assert chosen.count("ko") > chosen.count("ja")


def test_quotes_of_nothing_and_of_one() -> None:
    assert quotes(sp.csr_matrix((0, 3))) == []
    assert quotes(rows([1, 0])) == [0]
    assert quotes(sp.csr_matrix((2, 3))) == [0, 1]


def test_quotes_of_many_statements_compare_the_surest() -> None:
    count = CANDIDATES + 200
    scores = [0.4] * count
    scores[-1] = 0.99
    features = rows(*([[1.0, 0.0]] * count))

    assert quotes(features, scores=scores)[0] == count - 1


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 3), min_size=3, max_size=3), st.integers(0, 4), st.sampled_from(["en", "ko"]), st.integers(1, 900)),
        min_size=1,
        max_size=15,
    ),
    st.integers(1, 6),
)
def test_quotes_keep_what_they_promise(people: list[tuple[list[int], int, str, int]], most: int) -> None:
    features = rows(*(line for line, *_ in people))
    persons = [person for _, person, *_ in people]

    chosen = quotes(
        features, persons=persons, languages=[tag for *_, tag, _ in people], lengths=[length for *_, length in people], most=most
    )

    assert len(chosen) == min(most, len(set(persons)))
    assert len({persons[i] for i in chosen}) == len(chosen)
