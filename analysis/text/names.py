"""Names of places, companies and things: what is neither everyday speech nor in a dictionary. Rough, for one text: who uses them
counts how many people write a name before believing it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from analysis.lexicon.load import Terms, load_lexicon
from analysis.text.normalize import normal_form
from analysis.text.tokens import dictionary_pieces, stems, stop_words, words

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_BARE = frozenset(
    "的了我他她它你您们是在有不这那个和与及对为被把请到从也都就还要会能可上下来去说给让向于之其所以而但或并如自后前中里外大小多少年月日号时点"
    "分一二三四五六七八九十两几每各第再又很太已没无非未过着得地吗呢吧啊"
    "唔佢哋喺嘅咗啲冇咁俾畀嘢"
)
"""Characters that stand alone in a sentence without being part of a name; the last line is Cantonese."""

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

_OTHER_LETTERS = frozenset({"ar", "ko"})
"""Languages whose writers mix in English, which stands out by its letters and names nothing."""

_KOREAN_NO_NAME = re.compile(r"^[ㄱ-ㅣ]+$|(?:히|한|할|할수|하게|하여|해|된|되는|하는|적인|으로|않도록|따른|함|음|을|를)$")
"""Laughter, and the endings of adverbs, verbs and adjectives, which a stem keeps."""


def names_in(text: str, language: str) -> set[str]:
    """Return what may be names, in the form that stands in `searchable`.

    Chinese: pieces of two characters, and words before a place word. Elsewhere stems: with a capital inside a sentence
    where the language writes names so, and of no everyday word.
    """
    if language.startswith("zh"):
        found = _chinese_names(normal_form(text, language)) - _everyday_chinese()
    elif language not in _CASED:
        found = set(stems(text, language)) - _everyday(language)
    elif text.isupper():
        found = set()
    else:
        written = " ".join(_inside_a_sentence(language).findall(text))
        found = set(stems(written, language)) - _everyday(language)
    if language == "ko":
        found = {name for name in found if not _KOREAN_NO_NAME.search(name)}
    return {name for name in found if len(set(name)) > 1}


def searchable(text: str, language: str) -> str | frozenset[str]:
    """A form of a text in which the names that it has anywhere are found by `in`."""
    return normal_form(text, language) if language.startswith("zh") else frozenset(stems(text, language))


@lru_cache
def _inside_a_sentence(language: str) -> re.Pattern[str]:
    """A word with a capital after another word; French writes l'Étoile."""
    return re.compile(rf"(?<=[\w,;:] )(?:[dl]['’])?[{_CASED[language]}][\w'’]+")


@lru_cache
def _everyday(language: str) -> frozenset[str]:
    """Stems that people use in the lexicon's examples and words, whatever they need."""
    everyday = {found for text in _known_texts(language) for found in stems(text, language)}
    if language in _OTHER_LETTERS:
        everyday |= stop_words("en").union(*(words(text, "en") for text in _known_texts("en")))
    return frozenset(everyday)


@lru_cache(maxsize=1)
def _everyday_chinese() -> frozenset[str]:
    """Two characters side by side in the lexicon's examples and words, and what would be a place's name in them (我们小区)."""
    forms = [normal_form(text, tag) for tag in ("zh-Hans", "zh-Hant") for text in _known_texts(tag)]
    pairs = {one + other for form in forms for one, other in pairwise(form)}
    return frozenset(pairs.union(*map(_chinese_names, forms)))


def _known_texts(language: str) -> list[str]:
    known = [concept.by_language.get(language, Terms()) for concept in load_lexicon().concepts]
    return [text for terms in known for text in (*terms.examples, *terms.terms)]


def _chinese_names(plain: str) -> set[str]:
    found: set[str] = set()
    run, before = "", ""
    for piece in [*dictionary_pieces(plain), ""]:
        is_han = bool(_HAN.fullmatch(piece))
        if is_han and len(piece) == 1 and piece not in _BARE and not (piece in _PLACES and len(before) > 1):
            run += piece
        else:
            found.update(one + other for one, other in pairwise(run))
            is_place = piece in _PLACES and 2 <= len(before) <= 3 and bool(_HAN.fullmatch(before))
            if is_place and before not in stop_words("zh-Hans"):
                found.add(before + piece)
            run = ""
        before = piece
    return found
