"""Words, for labels and explanations. Assignment works on characters: particles and cases make words poor features."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from importlib import resources
from typing import Any

import jieba
import snowballstemmer

from analysis.lexicon.load import all_terms, load_lexicon
from analysis.text.normalize import to_simplified

jieba.setLogLevel(logging.ERROR)

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FRENCH_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'")
_JAPANESE = re.compile(r"[\u4e00-\u9fff々]+|[\u30a0-\u30ffー]+")
_HAN = re.compile(r"^[\u4e00-\u9fff]+$")
_STEMMERS = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "ru": "russian", "ar": "arabic"}
_KOREAN_ENDINGS = re.compile(
    r"(?<=[\uac00-\ud7a3]{2})(?:에서는|에서도|에서|에게|으로|이라도|이라|라도|까지|부터|하고|이랑|처럼|보다|마다|들이|들은|들을|"
    r"이나|이에요|예요|입니다|은|는|이|가|을|를|에|의|도|만|로|와|과|나|랑|요)$"
)
"""Particles after at least two syllables; rough, but it only decides which spelling of a word is shown."""

_KOREAN_VERB = re.compile(r"(?:니다|니까|세요|시오|시요|어요|아요|해요|네요|까요|지요|죠)$")
"""Endings of what is said about a thing (`고쳐주세요`, `없습니다`); the thing itself is the label."""


@lru_cache(maxsize=1)
def _chinese() -> Any:
    """A tokenizer of our own, with the lexicon's Chinese words and Beijing's names; jieba's global one stays untouched."""
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    names = resources.files("analysis.text").joinpath("data/beijing_terms.txt").read_text(encoding="utf-8").split()
    for term in [*names, *(to_simplified(term) for term in all_terms(load_lexicon(), "zh-Hans"))]:
        if _HAN.match(term) and 2 <= len(term) <= 5:
            tokenizer.add_word(term)
    return tokenizer


@lru_cache(maxsize=16)
def stop_words(language: str) -> frozenset[str]:
    """Words that say nothing about a need; empty for a language without a list."""
    path = resources.files("analysis.text").joinpath(f"data/stopwords/{language}.txt")
    return frozenset(path.read_text(encoding="utf-8").split()) if path.is_file() else frozenset()


@lru_cache(maxsize=16)
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_STEMMERS[language]) if language in _STEMMERS else None


def words(text: str, language: str) -> list[str]:
    """Return the content words of a text as they may be shown: lower case, at least two letters, no stop words."""
    stops = stop_words(language)
    return [word for word in _split(text, language) if len(word) > 1 and word not in stops]


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """Return what words of one kind share (`streets`, `street`); the word itself where there is no stemmer."""
    if language == "ko":
        return _KOREAN_ENDINGS.sub("", word)
    stemmer = _stemmer(language)
    return str(stemmer.stemWord(word)) if stemmer else word


def stems(text: str, language: str) -> list[str]:
    """Return the stems of a text's content words, in their order."""
    return [stem(word, language) for word in words(text, language)]


def _split(text: str, language: str) -> list[str]:
    if language.startswith("zh"):
        plain = to_simplified(text)
        cut = [word for word in _chinese().cut(plain) if _WORD.fullmatch(word)]
        return _as_written(text, cut) if language == "zh-Hant" and len(plain) == len(text) else [w.lower() for w in cut]
    if language == "ja":
        return [word for word in _JAPANESE.findall(text) if len(word) <= 8]
    found = [word.lower() for word in _WORD.findall(text.replace("’", "'"))]
    if language == "fr":
        return [_FRENCH_ELISION.sub("", word) for word in found]
    if language == "ko":
        return [_KOREAN_ENDINGS.sub("", word) for word in found if not _KOREAN_VERB.search(word)]
    return found


def _as_written(text: str, cut: list[str]) -> list[str]:
    """Give the Traditional spelling back to words that were cut in Simplified ones; the two have the same length."""
    found, place, plain = [], 0, to_simplified(text)
    for word in cut:
        place = plain.index(word, place)
        found.append(text[place : place + len(word)].lower())
        place += len(word)
    return found
