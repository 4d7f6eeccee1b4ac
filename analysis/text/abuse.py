"""Insults and threats in a text, by a few words a language that hardly ever mean anything else. It only marks: a complaint in
strong words ("damn noise") is a complaint, and what no list knows is not found. docs/data-quality.md tells how it was measured.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

from analysis.text.normalize import SPACELESS, normal_form, words_form

_RELATIVES = {"zh-Hant": "zh-Hans"}


def find_abuse(text: str, language: str) -> list[str]:
    """Return the abusive words in a text, in their normal form; none for a language without a list.

    >>> find_abuse("Move your car, asshole!", "en")
    ['asshole']
    >>> find_abuse("The damn noise never stops", "en")
    []
    """
    pattern = _pattern(_RELATIVES.get(language, language))
    if pattern is None:
        return []
    prepared = _prepared(text, language)
    return list(dict.fromkeys(match.strip() for match in pattern.findall(prepared)))


def _prepared(text: str, language: str) -> str:
    """Chinese, Japanese and Korean without any space or sign: they are put between the characters to deceive."""
    return re.sub(r"[\W_]+", "", normal_form(text, language)) if language in SPACELESS else words_form(text, language)


@lru_cache(maxsize=16)
def _pattern(language: str) -> re.Pattern[str] | None:
    path = resources.files("analysis.text").joinpath(f"data/abuse/{language}.txt")
    if not path.is_file():
        return None
    terms = []
    for line in path.read_text(encoding="utf-8").splitlines():
        body = re.escape(_prepared(line.rstrip("*"), language).strip())
        if language not in SPACELESS:
            body = f" {body}{'[^ ]*' if line.endswith('*') else ''}(?= )"
        terms.append(body)
    return re.compile("|".join(terms))
