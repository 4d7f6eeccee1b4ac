"""Words, for labels and explanations. Assignment works on characters: particles and cases make words poor features."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib import import_module, resources
from importlib.metadata import version
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

_KOREAN_NOUNS = frozenset({"NNG", "NNP", "SL"})
"""Common nouns, names, and words in other letters, of the Sejong tags."""

_JAPANESE_NOUNS = frozenset({"普通名詞", "固有名詞"})
"""Common nouns and names, of UniDic; not its numbers."""

_LONGEST_COMPOUND, _LONGEST_NOUN = 8, 20
"""Characters. Nouns side by side are one word up to there, else several; what is longer alone is no word but noise."""


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


def dictionary_pieces(text: str) -> list[str]:
    """Cut simplified Chinese into the words of the dictionary alone; what is not in it comes as single characters."""
    return list(_chinese().cut(text, HMM=False))


@lru_cache
def _optional(name: str) -> Any:
    """A package of the extra `languages`, None where it is not installed. Once a process, so that no run changes its mind."""
    try:
        return import_module(name)
    except ImportError:
        return None


@lru_cache(maxsize=1)
def _korean() -> Any:
    """None without kiwipiepy. It takes 500 MB, so nobody has it who reads no Korean."""
    kiwipiepy = _optional("kiwipiepy")
    return kiwipiepy and kiwipiepy.Kiwi(num_workers=1)


@lru_cache(maxsize=1)
def _japanese() -> Any:
    """None without fugashi and its small dictionary; another one that is installed would give other words."""
    fugashi, unidic = _optional("fugashi"), _optional("unidic_lite")
    return fugashi and unidic and fugashi.Tagger(f'-r "{unidic.DICDIR}/mecabrc" -d "{unidic.DICDIR}"')


def analysers() -> dict[str, str]:
    """Return the packages that cut words, with their versions. A run's record needs them, since two are there only if installed.

    Keys are names of distributions: always `jieba` and `snowballstemmer`; `kiwipiepy` and its model for Korean; `fugashi`
    and `unidic-lite` for Japanese.
    """
    used = ["jieba", "snowballstemmer"]
    if _optional("kiwipiepy"):
        used += ["kiwipiepy", "kiwipiepy-model"]
    if _optional("fugashi") and _optional("unidic_lite"):
        used += ["fugashi", "unidic-lite"]
    return {name: version(name) for name in used}


@lru_cache(maxsize=16)
def stop_words(language: str) -> frozenset[str]:
    """Words that say nothing about a need; empty for a language without a list."""
    path = resources.files("analysis.text").joinpath(f"data/stopwords/{language}.txt")
    return frozenset(path.read_text(encoding="utf-8").split()) if path.is_file() else frozenset()


@lru_cache(maxsize=16)
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_STEMMERS[language]) if language in _STEMMERS else None


def words(text: str, language: str) -> list[str]:
    """Return the content words of a text: lower case, at least two letters, no stop words."""
    return list(_words(text, language))


def label_words(text: str, language: str) -> list[str]:
    """Return the words of a text that may stand in a label.

    Korean and Japanese: the nouns, where the extra `languages` is installed, else what `words` gives; `analysers` tells which.
    Assignment does not use them: it became no better, and Korean worse, on our own texts.
    """
    if language == "ko" and _korean():
        return _content(_nouns(text, _korean_spans), language)
    if language == "ja" and _japanese():
        return _content(_nouns(text, _japanese_spans), language)
    return words(text, language)


@lru_cache(maxsize=120_000)
def _words(text: str, language: str) -> tuple[str, ...]:
    """A run needs the words of a text several times, and cutting Chinese is what takes longest."""
    return tuple(map(sys.intern, _content(_split(text, language), language)))


def _content(found: Iterable[str], language: str) -> list[str]:
    stops = stop_words(language)
    return [word for word in found if len(word) > 1 and word not in stops]


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


def _nouns(text: str, spans_of: Callable[[str], Iterable[tuple[int, int]]]) -> list[str]:
    """Cut out nouns, with nouns that people wrote side by side as one word.

    The analysers refuse half of a character pair, and MeCab stops at a zero.
    """
    text = text.encode("utf-8", "replace").decode().replace("\0", " ")
    joined: list[tuple[int, int]] = []
    for begin, end in spans_of(text):
        if end - begin > _LONGEST_NOUN or not _WORD.fullmatch(text[begin:end]):
            continue
        is_more = bool(joined) and joined[-1][1] == begin and end - joined[-1][0] <= _LONGEST_COMPOUND
        joined.append((joined.pop()[0] if is_more else begin, end))
    return [text[begin:end].lower() for begin, end in joined]


def _korean_spans(text: str) -> Iterator[tuple[int, int]]:
    return ((token.start, token.start + token.len) for token in _korean().tokenize(text) if token.tag in _KOREAN_NOUNS)


def _japanese_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield nouns with what is put before (`お湯`) and after them (`駐車場`), but not what only counts (`五階`)."""
    place, prefix, noun_end, is_counted = 0, (-1, -1), -1, False
    for node in _japanese()(text):
        begin = text.index(node.surface, place)
        place = begin + len(node.surface)
        kind, detail, use = node.feature.pos1, node.feature.pos2, node.feature.pos3
        if kind == "接頭辞":
            prefix = begin, place
        elif kind == "名詞" and detail in _JAPANESE_NOUNS and not (is_counted and use == "助数詞可能"):
            yield prefix[0] if prefix[1] == begin else begin, place
            noun_end = place
        elif kind == "接尾辞" and detail == "名詞的" and begin == noun_end and _HAN.match(node.surface):
            yield begin, place
            noun_end = place
        is_counted = detail == "数詞"
