"""Normal forms for matching. The original is always kept by the caller; a reader is shown none of them, only `without_bidi_controls`."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources

LATIN = frozenset({"en", "fr", "de", "es"})
SPACELESS = frozenset({"zh-Hans", "zh-Hant", "ja", "ko"})
"""Languages matched without regard to spaces: Chinese and Japanese have none, Koreans leave them out on phones."""

INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINKS = re.compile(r"(?:https?://|www\.)[!-~]+|(?<![0-9a-z_.+-])[0-9a-z_.+-]+@[0-9a-z-]+(?:\.[0-9a-z-]+)+")
"""Written in ASCII, so that they end where Chinese goes on without a space."""
_TASHKIL = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"})
_NOT_WORD = re.compile(r"[\W_]+")


@lru_cache
def _characters(name: str) -> dict[int, str]:
    """Read one of OpenCC's character tables: the first variant of each character that differs."""
    text = resources.files("opencc").joinpath(f"dictionary/{name}.txt").read_text(encoding="utf-8")
    table = {}
    for line in text.splitlines():
        source, _, variants = line.partition("\t")
        target = variants.split(" ")[0]
        if len(source) == 1 and source != target:
            table[ord(source)] = target
    return {source: table.get(ord(target), target) for source, target in table.items()}


def to_simplified(text: str) -> str:
    """Turn Traditional characters into Simplified ones, one by one; enough for matching, not for reading."""
    return text.translate(_characters("TSCharacters"))


@lru_cache
def traditional_only() -> frozenset[int]:
    """Characters that are written so only in Traditional Chinese."""
    return frozenset(_characters("TSCharacters"))


@lru_cache
def simplified_only() -> frozenset[int]:
    """Characters that are written so only in Simplified Chinese."""
    return frozenset(_characters("STCharacters")) - traditional_only()


@lru_cache
def not_japanese() -> frozenset[int]:
    """Simplified characters that Japanese does not write: 学 and 医 are written so in both."""
    return simplified_only() - {ord(variant) for variant in _characters("JPVariants").values()}


def normal_form(text: str, language: str) -> str:
    """Return NFKC, lower case, without links and invisible characters; then what the language's writers leave out.

    Latin: accents and ligatures. Cyrillic: ё. Arabic: vowel signs and letter variants. Chinese: Traditional becomes Simplified.
    """
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold()
    text = _LINKS.sub(" ", unicodedata.normalize("NFKC", text))  # after NFKC: links are typed in full-width letters too
    if language in LATIN:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        text = text.replace("œ", "oe").replace("æ", "ae")
    elif language == "ru":
        text = text.replace("ё", "е")
    elif language == "ar":
        text = _TASHKIL.sub("", text).translate(_ARABIC)
    elif language.startswith("zh"):
        text = to_simplified(text)
    return text


def words_form(text: str, language: str) -> str:
    """Return the normal form with every run of other characters as one space, and a space at both ends."""
    return f" {_NOT_WORD.sub(' ', normal_form(text, language)).strip()} "


def without_bidi_controls(text: str) -> str:
    r"""Leave out the characters that turn the direction of writing (UAX #9): they can make a text read as what it does not say.

    Arabic and Hebrew letters keep their own direction: a page sets each text apart by `<bdi>` or `dir="auto"`.

    >>> without_bidi_controls("停车\u202e100\u202c元")
    '停车100元'
    """
    return _BIDI.sub("", text)
