"""Reading the lexicon's files, with errors that say which file and which concept (docs/lexicon.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import yaml

NO_NEED = "no_need"
"""The category of statements that ask for nothing ("all fine"); it is never a theme."""

CATEGORIES = (
    "health", "education_childcare", "language_information", "residence_documents", "housing_property",
    "transport_parking", "safety_security", "environment_noise", "daily_life_services", "culture_leisure",
    "social_integration", "employment_business", "elderly_disability", "governance_participation",
)  # fmt: skip
"""The ids of the bundled lexicon's categories, as files, exports and the API use them."""


class LexiconError(ValueError):
    """A lexicon or taxonomy file cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Terms:
    """One concept's words in one language; the pattern language is described in docs/lexicon.md."""

    terms: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Concept:
    """`id` is `category.name`; `names` are for readers, by language tag."""

    id: str
    category: str
    names: dict[str, str]
    by_language: dict[str, Terms]


@dataclass(frozen=True)
class Lexicon:
    """Categories with their names, and concepts, in the order of the file. `no_need` is a category without a theme."""

    categories: dict[str, dict[str, str]]
    concepts: tuple[Concept, ...]
    languages: tuple[str, ...]
    version: str = "1"
    has_levels: bool = True
    """Whether a category's concepts are needs of their own; a taxonomy file has one level only."""

    index: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.index.update({concept.id: position for position, concept in enumerate(self.concepts)})


class _ConceptEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    zh: str
    en: str
    scope: str


class _CategoryEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    concepts: list[_ConceptEntry]


class _ConceptsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    categories: list[_CategoryEntry]
    no_need: list[_ConceptEntry]


class _TermsEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    terms: list[str]
    examples: list[str] = []
    excluded: list[str] = msgspec.field(name="except", default=[])


class _LanguageFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    language: str
    categories: dict[str, str]
    concepts: dict[str, _TermsEntry]


class _TaxonomyCategory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    names: dict[str, str]
    terms: dict[str, list[str]]


class _TaxonomyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    categories: list[_TaxonomyCategory]


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Load the bundled lexicon. Raises LexiconError for a broken file."""
    root = resources.files("analysis.lexicon").joinpath("data")
    head: _ConceptsFile = _convert(root.joinpath("concepts.yaml").read_text(encoding="utf-8"), _ConceptsFile, "concepts.yaml")
    files: dict[str, _LanguageFile] = {}
    for path in sorted(root.joinpath("languages").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            content: _LanguageFile = _convert(path.read_text(encoding="utf-8"), _LanguageFile, path.name)
            _check_language_file(path.name, content, head)
            files[content.language] = content
    concepts = []
    for category, entries in [*((item.id, item.concepts) for item in head.categories), (NO_NEED, head.no_need)]:
        for entry in entries:
            key = f"{category}.{entry.id}"
            names = {tag: content.concepts[key].name for tag, content in files.items()}
            concepts.append(
                Concept(
                    id=key,
                    category=category,
                    names={**names, "zh-Hans": entry.zh, "en": entry.en},
                    by_language={
                        tag: Terms(
                            terms=tuple(content.concepts[key].terms),
                            excluded=tuple(content.concepts[key].excluded),
                            examples=tuple(content.concepts[key].examples),
                        )
                        for tag, content in files.items()
                    },
                )
            )
    return Lexicon(
        categories={item.id: {tag: content.categories[item.id] for tag, content in files.items()} for item in head.categories},
        concepts=tuple(concepts),
        languages=tuple(files),
        version=str(head.version),
    )


def load_taxonomy(path: Path) -> Lexicon:
    """Load a taxonomy file, which replaces the bundled lexicon: `categories: [{id, names: {lang: …}, terms: {lang: […]}}]`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"{path} cannot be read: {error}.") from error
    content: _TaxonomyFile = _convert(text, _TaxonomyFile, str(path))
    ids = [item.id for item in content.categories]
    if not ids:
        raise LexiconError(f"{path}: there are no categories.")
    for name in ids:
        if ids.count(name) > 1:
            raise LexiconError(f"{path}: the category {name} stands there twice.")
    return Lexicon(
        categories={item.id: item.names for item in content.categories},
        concepts=tuple(
            Concept(
                id=item.id,
                category=item.id,
                names=item.names,
                by_language={tag: Terms(terms=tuple(terms)) for tag, terms in item.terms.items()},
            )
            for item in content.categories
        ),
        languages=tuple(dict.fromkeys(tag for item in content.categories for tag in item.terms)),
        version="taxonomy",
        has_levels=False,
    )


def _check_language_file(name: str, content: _LanguageFile, head: _ConceptsFile) -> None:
    known = {f"{category.id}.{entry.id}" for category in head.categories for entry in category.concepts}
    known |= {f"{NO_NEED}.{entry.id}" for entry in head.no_need}
    missing, surplus = known - content.concepts.keys(), content.concepts.keys() - known
    if missing:
        raise LexiconError(f"{name}: concepts are missing: {', '.join(sorted(missing))}.")
    if surplus:
        raise LexiconError(f"{name}: concepts that concepts.yaml does not know: {', '.join(sorted(surplus))}.")
    lacking = {category.id for category in head.categories} - content.categories.keys()
    if lacking:
        raise LexiconError(f"{name}: names of categories are missing: {', '.join(sorted(lacking))}.")


def _convert(text: str, type_: Any, name: str) -> Any:
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return msgspec.convert(yaml.load(text, Loader=loader), type=type_)  # noqa: S506 -- a safe loader, in C where built
    except yaml.YAMLError as error:
        raise LexiconError(f"{name}: not YAML: {error}") from error
    except msgspec.ValidationError as error:
        raise LexiconError(f"{name}: {error}") from error


def all_terms(lexicon: Lexicon, language: str) -> Iterable[str]:
    """Every single pattern of a language, without the parts of combinations."""
    for concept in lexicon.concepts:
        for term in concept.by_language.get(language, Terms()).terms:
            if "+" not in term:
                yield term
