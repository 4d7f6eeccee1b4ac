"""Names of places, companies and things: what is neither everyday speech nor in a dictionary. Rough, for one text: who uses them
counts how many people write a name before believing it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from analysis.lexicon.load import Terms, load_lexicon
from analysis.text.normalize import normal_form
from analysis.text.tokens import dictionary_pieces, stem, stems, stop_words

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_BARE = frozenset(
    "的了我他她它你您们是在有不这那个和与及对为被把请到从也都就还要会能可上下来去说给让向于之其所以而但或并如自后前中里外大小多少年月日号时点"
    "分一二三四五六七八九十两几每各第再又很太已没无非未过着得地吗呢吧啊"
)
"""Characters that stand alone in a sentence without being part of a name."""

_PLACES = frozenset(
    ["小区", "花园", "家园", "新城", "公馆", "广场", "大厦", "大道", "社区", "工地", "新村", "公寓", "国际", "嘉园", "名城", "华府", "路", "街", "巷", "胡同", "园", "苑", "府", "庭", "城", "湾", "村"]
)
"""What follows a place's own name, even where that is made of everyday words (金穗家园)."""

_CASED = {
    "en": "A-Z",
    "fr": "A-ZÀ-ÖØ-ÞŒ",
    "es": "A-ZÀ-ÖØ-Þ",
    "ru": "А-ЯЁ",
}
"""Languages that write names with a capital and other nouns without. German does not tell them apart."""


_KOREAN_NO_NAME = re.compile(r"(?:히|한|할|할수|하게|하여|해|된|되는|하는|적인|으로|않도록|따른|함|음|을|를)$")
"""Endings of adverbs, verbs and adjectives, which a stem keeps."""


def names_in(text: str, language: str) -> set[str]:
    """Return what may be names, in the form that stands in `searchable`.

    Chinese: pieces of two characters, and words before a place word. Elsewhere stems: with a capital inside a sentence
    where the language writes names so, and of no everyday word.
    """
    if language.startswith("zh"):
        return _chinese_names(normal_form(text, language)) - _everyday_pairs(language)
    if language not in _CASED:
        found_stems = {name for name in stems(text, language) if name not in _everyday(language)}
        return {name for name in found_stems if not (language == "ko" and _KOREAN_NO_NAME.search(name))}
    if text.isupper():
        return set()
    found = (word.lower() for word in _inside_a_sentence(language).findall(text))
    stops = stop_words(language)
    return {name for word in found if word not in stops for name in [stem(word, language)] if name not in _everyday(language)}


def searchable(text: str, language: str) -> str | frozenset[str]:
    """A form of a text in which the names that it has anywhere are found by `in`."""
    return normal_form(text, language) if language.startswith("zh") else frozenset(stems(text, language))


@lru_cache
def _inside_a_sentence(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=[\w,;:] )[{_CASED[language]}][\w']+")


@lru_cache
def _everyday(language: str) -> frozenset[str]:
    """Stems that people use in the lexicon's examples and words, whatever they need."""
    everyday: set[str] = set()
    for concept in load_lexicon().concepts:
        known = concept.by_language.get(language, Terms())
        for text in (*known.examples, *known.terms):
            everyday.update(stems(text, language))
    return frozenset(everyday)


@lru_cache
def _everyday_pairs(language: str) -> frozenset[str]:
    """Two characters side by side in the lexicon's examples and words."""
    known = [concept.by_language.get(language, Terms()) for concept in load_lexicon().concepts]
    forms = [normal_form(text, language) for terms in known for text in (*terms.examples, *terms.terms)]
    return frozenset(one + other for form in forms for one, other in pairwise(form))


def _chinese_names(plain: str) -> set[str]:
    found: set[str] = set()
    run, before = "", ""
    for piece in [*dictionary_pieces(plain), ""]:
        is_han = bool(_HAN.fullmatch(piece))
        if is_han and len(piece) == 1 and piece not in _BARE and not (piece in _PLACES and len(before) > 1):
            run += piece
        else:
            found.update(one + other for one, other in pairwise(run))
            if piece in _PLACES and 2 <= len(before) <= 3 and _HAN.fullmatch(before):
                found.add(before + piece)
            run = ""
        before = piece
    return found
