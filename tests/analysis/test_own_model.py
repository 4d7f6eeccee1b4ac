"""An operator's own embedding model in a run: it helps with known needs, and new needs are compared across languages."""

from __future__ import annotations

import itertools

import pytest

from analysis.lexicon.load import NO_NEED, Terms
from analysis.themes.embedder import Embedder, load_embedder
from analysis.themes.model import ThemeModel
from analysis.themes.results import DISCOVERED, Statement
from tests.analysis.conftest import FEW_NEEDS, a_lexicon, leading
from tests.analysis.test_embedder import WORDS, planted_words, save_model

pytest.importorskip("model2vec", reason="the extra `embeddings` is not installed")

TWO_LANGUAGES = ("en", "ru")
HEALTH, PARKING = (slice(4 * topic, 4 * topic + 4) for topic in (0, 1))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return load_embedder(save_model(tmp_path_factory.mktemp("model"), planted_words()))


def texts_of(language: str, topic: slice) -> list[str]:
    """Two words of a subject that the lexicon does not know, in every order."""
    return [" ".join(pair) for pair in itertools.permutations(WORDS[language].split()[topic], 2)]


def unknown_needs() -> list[Statement]:
    numbers = itertools.count()
    return [
        Statement(text, language, next(numbers))
        for language in TWO_LANGUAGES
        for topic in (HEALTH, PARKING)
        for text in texts_of(language, topic)
    ]


def test_new_needs_are_found_across_languages(model: Embedder) -> None:
    statements = unknown_needs()

    found = ThemeModel(lexicon=a_lexicon({"x.y": {"en": ["xyz"]}}), n_discovered=2, embedder=model).fit(statements)

    mixed = [theme for theme in found.themes_ if theme.category == DISCOVERED]
    assert [set(theme.languages) for theme in mixed] == [set(TWO_LANGUAGES)] * 2
    for theme in mixed:
        subjects = {(number // 12) % 2 for number, key in enumerate(found.labels_) if key == theme.key}
        assert len(subjects) == 1


def test_without_the_model_a_theme_is_of_one_language() -> None:
    found = ThemeModel(lexicon=a_lexicon({"x.y": {"en": ["xyz"]}}), n_discovered=2).fit(unknown_needs())

    assert all(len(theme.languages) == 1 for theme in found.themes_)


def test_known_needs_gain_what_the_model_knows_and_the_lexicon_does_not(model: Embedder) -> None:
    """`nurse` is in no example and no word list; the model puts it beside `doctor`."""
    lexicon = a_lexicon(
        {
            "health.doctor": {"en": Terms(terms=("doctor",), examples=("doctor please", "a doctor", "the doctor"))},
            "parking.space": {"en": Terms(terms=("parking",), examples=("parking please", "a parking", "the parking"))},
            f"{NO_NEED}.fine": {"en": Terms(terms=("all fine",), examples=("all fine", "nothing"))},
        }
    )
    statements = [Statement("nurse hospital", "en", 1), Statement("garage street", "en", 2), Statement("clinic", "en", 3)]

    without, with_it = ThemeModel(lexicon=lexicon).fit(statements), ThemeModel(lexicon=lexicon, embedder=model).fit(statements)

    assert leading(without) == [None, None, None]
    assert leading(with_it) == ["health", "parking", "health"]


def test_run_with_a_model_is_repeatable_and_order_does_not_matter(model: Embedder) -> None:
    statements = unknown_needs()

    one = ThemeModel(lexicon=FEW_NEEDS, embedder=model).fit(statements)
    other = ThemeModel(lexicon=FEW_NEEDS, embedder=model).fit(statements[::-1])

    assert list(one.labels_) == list(other.labels_)[::-1]


def test_later_statements_are_recognised_by_the_model(model: Embedder) -> None:
    statements = unknown_needs()
    found = ThemeModel(lexicon=a_lexicon({"x.y": {"en": ["xyz"]}}), n_discovered=2, embedder=model).fit(statements[::2])

    again = found.predict(statements[1::2])

    assert (again == found.labels_).mean() > 0.9  # neighbours speak of one subject
