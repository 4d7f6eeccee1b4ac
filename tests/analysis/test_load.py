"""The lexicon's files: complete in every language that it has, and an error that names the place when one is broken."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.lexicon.load import (
    CATEGORIES,
    NO_NEED,
    Lexicon,
    LexiconError,
    all_terms,
    load_lexicon,
    load_taxonomy,
    read_lexicon,
)
from tests.analysis.conftest import OUR_LANGUAGES

HEAD = {
    "version": 7,
    "categories": [
        {
            "id": "health",
            "concepts": [
                {"id": "doctor", "zh": "医生", "en": "Doctors", "scope": "doctors"},
                {"id": "pharmacy", "zh": "药店", "en": "Pharmacies", "scope": "medicines"},
            ],
        },
        {"id": "noise", "concepts": [{"id": "night", "zh": "夜间噪声", "en": "Noise at night", "scope": "at night"}]},
    ],
    "no_need": [{"id": "fine", "zh": "满意", "en": "Satisfied", "scope": "all fine"}],
}
KEYS = ("health.doctor", "health.pharmacy", "noise.night", "no_need.fine")


def english() -> dict[str, Any]:
    return {
        "language": "en",
        "categories": {"health": "Health", "noise": "Noise"},
        "concepts": {key: {"name": key, "terms": [f"{key[-4:]}*"], "examples": ["one", "two", "three"]} for key in KEYS},
    }


def write(folder: Path, head: Any = HEAD, **files: Any) -> Path:
    """A lexicon's folder; what is a string is written as it is."""
    (folder / "languages").mkdir(exist_ok=True)
    for path, content in [(folder / "concepts.yaml", head), *((folder / "languages" / f"{n}.yaml", c) for n, c in files.items())]:
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


# The bundled lexicon


def test_lexicon_has_the_ten_languages(lexicon: Lexicon) -> None:
    assert set(lexicon.languages) == set(OUR_LANGUAGES)


def test_lexicon_has_the_categories_of_the_contract_in_their_order(lexicon: Lexicon) -> None:
    assert tuple(lexicon.categories) == CATEGORIES
    assert {concept.category for concept in lexicon.concepts} == {*CATEGORIES, NO_NEED}


@pytest.mark.parametrize("category", CATEGORIES)
def test_lexicon_has_at_least_eight_concepts_in_a_category(lexicon: Lexicon, category: str) -> None:
    assert sum(concept.category == category for concept in lexicon.concepts) >= 8


@pytest.mark.parametrize("language", load_lexicon().languages)
def test_lexicon_has_terms_and_three_examples_of_every_concept_in_a_language(lexicon: Lexicon, language: str) -> None:
    thin = {
        concept.id: (len(concept.by_language[language].terms), len(concept.by_language[language].examples))
        for concept in lexicon.concepts
        if not concept.by_language[language].terms or len(set(concept.by_language[language].examples)) < 3
    }

    assert thin == {}


@pytest.mark.parametrize("language", load_lexicon().languages)
def test_lexicon_holds_patterns_and_no_blanks(lexicon: Lexicon, language: str) -> None:
    parts = [
        part
        for concept in lexicon.concepts
        for term in (*concept.by_language[language].terms, *concept.by_language[language].excluded)
        for part in term.split("+")
    ]

    assert [part for part in parts if not any(letter.isalnum() for letter in part)] == []


def test_lexicon_names_everything_in_chinese_and_english_and_in_its_own_languages(lexicon: Lexicon) -> None:
    names = [*lexicon.categories.values(), *(concept.names for concept in lexicon.concepts)]

    for found in names:
        assert set(found) >= {"zh-Hans", "en", *lexicon.languages}
        assert all(name.strip() == name and 0 < len(name) <= 80 for name in found.values()), found
        assert any("\u4e00" <= letter <= "\u9fff" for letter in found["zh-Hans"])
        assert found["en"].isascii()


def test_lexicon_names_of_concepts_are_told_apart_by_readers(lexicon: Lexicon) -> None:
    for language in ("zh-Hans", "en"):
        names = [concept.names[language] for concept in lexicon.concepts]
        assert len(names) == len(set(names))


def test_lexicon_is_read_once() -> None:
    assert load_lexicon() is load_lexicon()


def test_index_finds_each_concept(lexicon: Lexicon) -> None:
    assert [lexicon.concepts[lexicon.index[concept.id]] for concept in lexicon.concepts] == list(lexicon.concepts)


def test_all_terms_leaves_out_combinations(lexicon: Lexicon) -> None:
    terms = list(all_terms(lexicon, "en"))

    assert len(terms) > 500
    assert not any("+" in term for term in terms)
    assert list(all_terms(lexicon, "xx")) == []


# Other files


def test_read_lexicon_of_a_small_folder(tmp_path: Path) -> None:
    folder = write(tmp_path, en=english())
    (folder / "languages" / "en.yaml~").write_text("what an editor leaves behind", encoding="utf-8")

    found = read_lexicon(folder)

    assert list(found.categories) == ["health", "noise"]
    assert [concept.id for concept in found.concepts] == list(KEYS)
    assert found.concepts[0].names == {"en": "Doctors", "zh-Hans": "医生"}
    assert found.concepts[0].by_language["en"].terms == ("ctor*",)
    assert (found.languages, found.version, found.has_levels) == (("en",), "7", True)


def spoiled(path: str, value: Any) -> dict[str, Any]:
    """The English file with one thing changed; None takes it away."""
    content = english()
    *way, last = path.split("/")
    place: Any = content
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (spoiled("concepts/health.pharmacy", None), ["health.pharmacy"]),
        (spoiled("concepts/health.dentist", {"name": "x", "terms": []}), ["health.dentist"]),
        (spoiled("categories/noise", None), ["noise"]),
        (spoiled("concepts/health.pharmacy/terms", None), ["health.pharmacy", "terms"]),
        (spoiled("concepts/health.pharmacy/terms", "pharmacy"), ["health.pharmacy", "terms"]),
        (spoiled("concepts/health.pharmacy/terms", ["ok", 5]), ["health.pharmacy", "terms[1]"]),
        (spoiled("concepts/health.pharmacy/exept", ["x"]), ["health.pharmacy", "exept"]),
        (spoiled("concepts/health.pharmacy", ["x"]), ["health.pharmacy"]),
        (spoiled("concepts/health.pharmacy/examples", [None]), ["health.pharmacy", "examples[0]"]),
        (spoiled("language", None), ["language"]),
        ("language: [", ["not YAML"]),
        ("", ["Expected"]),
        ("language: en\nlanguage: fr\n", ["language", "twice"]),
        ("!!python/object/apply:os.getcwd []", ["not YAML"]),
    ],
)
def test_read_lexicon_says_which_file_and_which_concept(tmp_path: Path, content: Any, said: list[str]) -> None:
    with pytest.raises(LexiconError) as error:
        read_lexicon(write(tmp_path, en=content))

    assert str(error.value).startswith("en.yaml: ")
    assert [word for word in said if word not in str(error.value)] == []


def test_read_lexicon_refuses_a_concept_written_twice_in_one_language(tmp_path: Path) -> None:
    """YAML would keep the second in silence."""
    text = yaml.safe_dump(english()).replace("  health.pharmacy:", "  health.doctor:")

    with pytest.raises(LexiconError, match=r"en\.yaml: .*health\.doctor stands there twice"):
        read_lexicon(write(tmp_path, en=text))


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (HEAD | {"no_need": []} | {"version": "x"}, "version"),
        (HEAD | {"categories": [HEAD["categories"][0]] * 2}, "health.doctor, health.pharmacy"),  # type: ignore[index]
        (HEAD | {"surplus": 1}, "surplus"),
        ("- 1", "Expected"),
    ],
)
def test_read_lexicon_says_what_is_wrong_with_concepts(tmp_path: Path, head: Any, said: str) -> None:
    with pytest.raises(LexiconError) as error:
        read_lexicon(write(tmp_path, head=head, en=english()))

    assert str(error.value).startswith("concepts.yaml: ")
    assert said in str(error.value)


def test_read_lexicon_refuses_two_files_of_one_language_and_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="no file"):
        read_lexicon(write(tmp_path))
    with pytest.raises(LexiconError, match=r"fr\.yaml: another file has the language en"):
        read_lexicon(write(tmp_path, en=english(), fr=english()))


# Taxonomies

TAXONOMY = """
categories:
  - id: parken
    names: {de: Parken, en: Parking}
    terms: {de: [parkpl*, "auto* + platz"], en: [parking]}
  - id: lärm
    names: {de: Lärm}
    terms: {de: [lärm*], ko: [소음]}
"""


def test_load_taxonomy_makes_a_need_of_each_category(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(TAXONOMY, encoding="utf-8")

    found = load_taxonomy(path)

    assert found.categories == {"parken": {"de": "Parken", "en": "Parking"}, "lärm": {"de": "Lärm"}}
    assert {(concept.id, concept.category) for concept in found.concepts} == {("parken", "parken"), ("lärm", "lärm")}
    words = [(concept.id, tag, *terms.terms) for concept in found.concepts for tag, terms in concept.by_language.items()]
    assert words[:2] == [("parken", "de", "parkpl*"), ("parken", "de", "auto* + platz")]  # each weighs by how rare it is
    assert (found.languages, found.has_levels) == (("de", "en", "ko"), False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("categories: []", "no categories"),
        ("", "Expected"),
        ("categories: [{id: a, names: {}, terms: [x]}]", "terms"),
        ("categories: [{id: a, names: {}}]", "terms"),
        ("categories: [{id: a, names: {}, terms: {}}, {id: a, names: {}, terms: {}}]", "a stands there twice"),
        ("categories: [{id: a.b, names: {}, terms: {}}]", "a.b"),
        ("categories: [{id: discovered, names: {}, terms: {}}]", "discovered"),
        ("categories: [{id: no_need, names: {}, terms: {}}]", "no_need"),
        ("categories: [{id: a, terms: {en: [x]}, terms: {en: [y]}, names: {}}]", "terms stands there twice"),
        ("categories: {", "not YAML"),
    ],
)
def test_load_taxonomy_says_what_is_wrong_and_in_which_file(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(LexiconError) as error:
        load_taxonomy(path)

    assert str(path) in str(error.value)
    assert said in str(error.value)


def test_load_taxonomy_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "latin.yaml"
    broken.write_bytes("categories: [{id: lärm}]".encode("latin-1"))

    for path in (tmp_path / "missing.yaml", tmp_path, broken):
        with pytest.raises(LexiconError, match="cannot be read"):
            load_taxonomy(path)


def test_examples_of_a_concept_are_not_those_of_another(lexicon: Lexicon) -> None:
    """One sentence that teaches two needs teaches neither."""
    for language in lexicon.languages:
        seen: dict[str, str] = {}
        for concept, text in itertools.chain.from_iterable(
            ((concept, text) for text in concept.by_language[language].examples) for concept in lexicon.concepts
        ):
            assert seen.setdefault(text, concept.id) == concept.id, (language, text)
