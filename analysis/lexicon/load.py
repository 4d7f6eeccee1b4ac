"""Reading the lexicon's files, with errors that say which file and which concept (docs/lexicon.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
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


_RESERVED = (NO_NEED, "discovered")


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


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Categories with their names, and concepts, in the order of the file. `no_need` is a category without a theme."""

    categories: dict[str, dict[str, str]]
    concepts: tuple[Concept, ...]
    languages: tuple[str, ...]
    version: str = "1"
    has_levels: bool = True
    """Whether a category's concepts are needs of their own; a taxonomy file has one level only."""

    index: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __deepcopy__(self, memo: dict[int, Any]) -> Lexicon:
        """A lexicon never changes, so a copied model shares it, and what was prepared from it."""
        return self

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
    concepts: dict[str, Any]
    """Each becomes a _TermsEntry on its own, so that an error can name the concept."""


class _TaxonomyCategory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    names: dict[str, str]
    terms: dict[str, list[str]]


class _TaxonomyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    categories: list[_TaxonomyCategory]


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Load the bundled lexicon. Raises LexiconError for a broken file."""
    return read_lexicon(resources.files("analysis.lexicon").joinpath("data"))


def read_lexicon(root: Traversable | Path) -> Lexicon:
    """Read a lexicon's folder: `concepts.yaml` and `languages/*.yaml`. Raises LexiconError for a broken file."""
    head: _ConceptsFile = _convert(root.joinpath("concepts.yaml").read_text(encoding="utf-8"), _ConceptsFile, "concepts.yaml")
    _check_concepts_file(head)
    files: dict[str, dict[str, _TermsEntry]] = {}
    names: dict[str, dict[str, str]] = {}
    for path in sorted(root.joinpath("languages").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            content: _LanguageFile = _convert(path.read_text(encoding="utf-8"), _LanguageFile, path.name)
            _check_language_file(path.name, content, head)
            if content.language in files:
                raise LexiconError(f"{path.name}: another file has the language {content.language}.")
            names[content.language] = content.categories
            files[content.language] = {
                key: _convert_entry(entry, f"{path.name}: {key}") for key, entry in content.concepts.items()
            }
    if not files:
        raise LexiconError("languages/: there is no file.")
    concepts = []
    for category, listed in [*((item.id, item.concepts) for item in head.categories), (NO_NEED, head.no_need)]:
        for entry in listed:
            key = f"{category}.{entry.id}"
            concepts.append(
                Concept(
                    id=key,
                    category=category,
                    names={**{tag: entries[key].name for tag, entries in files.items()}, "zh-Hans": entry.zh, "en": entry.en},
                    by_language={
                        tag: Terms(
                            terms=tuple(entries[key].terms),
                            excluded=tuple(entries[key].excluded),
                            examples=tuple(entries[key].examples),
                        )
                        for tag, entries in files.items()
                    },
                )
            )
    return Lexicon(
        categories={item.id: {tag: given[item.id] for tag, given in names.items()} for item in head.categories},
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
        if "." in name or name in _RESERVED:
            raise LexiconError(f"{path}: a category cannot be called {name}: keys of themes are made with that.")
    return Lexicon(
        categories={item.id: item.names for item in content.categories},
        concepts=tuple(
            Concept(id=item.id, category=item.id, names=item.names, by_language={tag: Terms(terms=(term,))})
            for item in content.categories
            for tag, terms in item.terms.items()
            for term in terms
        ),
        languages=tuple(dict.fromkeys(tag for item in content.categories for tag in item.terms)),
        version="taxonomy",
        has_levels=False,
    )


def _check_concepts_file(head: _ConceptsFile) -> None:
    keys = [f"{item.id}.{entry.id}" for item in head.categories for entry in item.concepts]
    keys += [f"{NO_NEED}.{entry.id}" for entry in head.no_need]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise LexiconError(f"concepts.yaml: concepts stand there twice: {', '.join(twice)}.")


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
        return msgspec.convert(yaml.load(text, Loader=_Loader), type=type_)  # noqa: S506 -- a safe loader
    except yaml.YAMLError as error:
        raise LexiconError(f"{name}: not YAML: {error}") from error
    except msgspec.ValidationError as error:
        raise LexiconError(f"{name}: {error}") from error


def _convert_entry(entry: Any, place: str) -> _TermsEntry:
    try:
        return msgspec.convert(entry, type=_TermsEntry)
    except msgspec.ValidationError as error:
        raise LexiconError(f"{place}: {error}") from error


_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""In C where PyYAML was built so."""


class _Loader(_SafeLoader):
    """YAML takes the last of two equal keys; a concept written twice would lose its first half in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key, (name, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} stands there twice", name.start_mark)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def all_terms(lexicon: Lexicon, language: str) -> Iterable[str]:
    """Every single pattern of a language, without the parts of combinations."""
    for concept in lexicon.concepts:
        for term in concept.by_language.get(language, Terms()).terms:
            if "+" not in term:
                yield term
