"""Small lexicons and statements, and the rows of data/: texts written for these tests by someone who had not read the lexicon."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from analysis.lexicon.load import NO_NEED, Concept, Lexicon, Terms, load_lexicon
from analysis.lexicon.match import Matcher
from analysis.text.statements import split_statements
from analysis.themes.model import ThemeModel
from analysis.themes.results import FoundTheme, Statement

DATA = Path(__file__).parent / "data"
REAL_TEXTS = Path(__file__).parents[3] / "shared" / "data" / "texts"

OUR_LANGUAGES = ("zh-Hans", "zh-Hant", "en", "ko", "ja", "ru", "fr", "de", "es", "ar")


def read_rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def real_rows(name: str) -> list[dict[str, str]]:
    """Rows of a file of real texts, which are not part of the project."""
    path = REAL_TEXTS / f"{name}.tsv"
    if not path.is_file():
        pytest.skip(f"{name}.tsv of ../shared/data/texts is not here")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def a_concept(key: str, words: Mapping[str, Sequence[str] | Terms]) -> Concept:
    """A concept with these patterns by language; its names are its own id."""
    return Concept(
        id=key,
        category=key.split(".", maxsplit=1)[0],
        names={"en": key, "zh-Hans": key},
        by_language={tag: found if isinstance(found, Terms) else Terms(terms=tuple(found)) for tag, found in words.items()},
    )


def a_lexicon(concepts: Mapping[str, Mapping[str, Sequence[str] | Terms]], **changes: object) -> Lexicon:
    made = tuple(a_concept(key, words) for key, words in concepts.items())
    categories = dict.fromkeys(concept.category for concept in made if concept.category != NO_NEED)
    return Lexicon(
        **{
            "categories": {name: {"en": name, "zh-Hans": name} for name in categories},
            "concepts": made,
            "languages": tuple(dict.fromkeys(tag for words in concepts.values() for tag in words)),
            **changes,
        }  # type: ignore[arg-type]
    )


FEW_NEEDS = a_lexicon(
    {
        "health.doctor": {"en": ["doctor*"], "ko": ["의사"], "zh-Hans": ["医生"]},
        "health.pharmacy": {"en": ["pharmac*"], "ko": ["약국"]},
        "transport_parking.parking": {"en": ["parking"], "ko": ["주차"], "zh-Hans": ["停车"]},
        "environment_noise.drilling": {"en": ["drilling"], "ko": ["공사"]},
        f"{NO_NEED}.satisfied": {"en": Terms(terms=("all fine",), examples=("all fine", "nothing"))},
    }
)
"""Without examples there is nothing to train a classifier on: the lexicon's vote alone decides, in milliseconds."""


def said(texts: Iterable[str], language: str = "en", *, first: int = 0) -> list[Statement]:
    """One statement a person."""
    return [Statement(text, language, first + number) for number, text in enumerate(texts)]


def fit(statements: Sequence[Statement], **parameters: object) -> ThemeModel:
    return ThemeModel(**{"lexicon": FEW_NEEDS, **parameters}).fit(statements)  # type: ignore[arg-type]


def by_key(model: ThemeModel) -> dict[str, FoundTheme]:
    return {theme.key: theme for theme in model.themes_}


def leading(model: ThemeModel) -> list[str | None]:
    """The category that each statement belongs to first; None: unsorted."""
    return [found[0].theme.split(".", maxsplit=1)[0] if found else None for found in model.memberships_]


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon()


@pytest.fixture(scope="session")
def matcher(lexicon: Lexicon) -> Matcher:
    return Matcher(lexicon)


def split_by_topic(matcher: Matcher, text: str, language: str) -> list[str]:
    """Cut as the service cuts answers: where the lexicon hears another category."""
    concepts = matcher.lexicon.concepts
    return split_statements(
        text, lambda piece: frozenset(concepts[hit.concept].category for hit in matcher.find(piece, language)) - {NO_NEED}
    )
