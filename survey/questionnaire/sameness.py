"""Whether two questions are the same: how one reads in some languages, and in what two differ. Not here: which may be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from survey.questionnaire.form import Question

_TEXTS = frozenset({"label", "hint", "constraint_message", "low_label", "high_label", "agree", "purpose", "kept_until"})
"""Fields of a question, its choices and its columns that are maps from language to text."""


def fingerprint(question: Question, languages: Collection[str] | None = None) -> str:
    """The same for questions that read the same in these languages, or in every language that they have: only those are compared."""
    read = question if languages is None else _read_in(msgspec.to_builtins(question), languages)
    return hashlib.sha256(msgspec.json.encode(read, order="deterministic")).hexdigest()[:16]


def _read_in(value: Any, languages: Collection[str], field: str = "") -> Any:
    if isinstance(value, dict):
        if field in _TEXTS:
            return {tag: text for tag, text in value.items() if tag in languages}
        return {key: _read_in(item, languages, key) for key, item in value.items()}
    return [_read_in(item, languages) for item in value] if isinstance(value, list) else value


def differences(model: Question, question: Question, languages: Collection[str]) -> list[str]:
    """In what a question is not its model: `type`, `label (ko)`, `choices.yes.label (en)`. A text that is still missing differs in nothing."""
    return list(_differences(msgspec.to_builtins(model), msgspec.to_builtins(question), languages, ""))


def _differences(model: Any, other: Any, languages: Collection[str], path: str) -> Iterator[str]:
    if isinstance(model, dict) and isinstance(other, dict):
        if path.rpartition(".")[2] in _TEXTS:
            told = [tag for tag in languages if tag in model and other.get(tag, "").strip()]
            yield from (f"{path} ({tag})" for tag in told if model[tag] != other[tag])
            return
        for key in {**model, **other}:
            yield from _differences(model.get(key), other.get(key), languages, f"{path}.{key}" if path else key)
    elif isinstance(model, list) and isinstance(other, list) and [_name(one) for one in model] == [_name(one) for one in other]:
        for one, another in zip(model, other, strict=True):
            yield from _differences(one, another, languages, f"{path}.{_name(one)}")
    elif model != other:
        yield path


def _name(part: dict[str, Any]) -> str:
    """A choice and a row are known by their value, a column by its id."""
    return str(part.get("value") or part.get("id"))
