"""Which of our languages a short text is in. Scripts decide where they can; four Latin languages by py3langid."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from analysis.text.normalize import not_japanese, simplified_only, traditional_only

LATIN_LANGUAGES = ("en", "fr", "de", "es")
UNKNOWN = "und"
"""BCP 47's tag for a language that could not be told."""

_LONGEST_WITHOUT_KANA = 8
"""Characters: a Japanese answer of kanji alone is a noun or two (`駐車場不足`)."""

_PERSIAN_FORMS = frozenset("یکہھےںٹڈڑ")
"""Persian's and Urdu's own forms of letters: no Arabic keyboard has them."""

_LOAN_LETTERS = frozenset("پچژگڤ")
"""Persian and Urdu need them; Arabs write them in borrowed words (پيتزا)."""

_ARABIC_FORMS = frozenset("يكىةأإ")
"""Letters that Persian and Urdu write otherwise or leave out."""


@dataclass(frozen=True)
class Identified:
    """`confidence` is 1 where the script alone decides, else py3langid's probability."""

    language: str
    confidence: float


def identify(text: str, hint: str = "") -> Identified:
    """Name the language of one text; `hint` is the language of the page it was typed on and decides where nothing else can.

    A mixed text gets the language that most of it is in. Text in a script of no language of ours, Persian, Urdu, and text
    without letters are `und`; another language in Latin or Cyrillic letters gets the nearest of ours.
    """
    counts = _script_counts(text)
    if not counts:
        return Identified(UNKNOWN, 0.0)
    han, kana, hangul = counts.get("HAN", 0), counts.get("KANA", 0), counts.get("HANGUL", 0)
    weights = {
        "east": 2 * (han + kana + hangul),  # a character stands for about two letters
        "latin": counts.get("LATIN", 0),
        "ru": counts.get("CYRILLIC", 0),
        "ar": counts.get("ARABIC", 0),
        "other": counts.get("OTHER", 0),
    }
    script = max(weights, key=lambda name: weights[name])
    if script == "east":
        return _east_asian(text, han, kana, hangul, hint)
    if script == "latin":
        return _latin(text, hint)
    if script == "ar" and not _is_arabic(text, hint):
        return Identified(UNKNOWN, 0.5)
    if script == "other":
        return Identified(UNKNOWN, 1.0)
    return Identified(script, 1.0)


def _is_arabic(text: str, hint: str) -> bool:
    own = sum(letter in _ARABIC_FORMS for letter in text)
    persian = sum(letter in _PERSIAN_FORMS for letter in text)
    has_loans = any(letter in _LOAN_LETTERS for letter in text)
    return persian <= own and (not has_loans or own > 0 or hint == "ar")


def _east_asian(text: str, han: int, kana: int, hangul: int, hint: str) -> Identified:
    if kana and kana >= hangul and kana * 8 >= han:
        return Identified("ja", 1.0)
    if hangul and hangul * 4 >= han:
        return Identified("ko", 1.0)
    letters = {ord(letter) for letter in text}
    traditional, simplified = len(letters & traditional_only()), len(letters & simplified_only())
    if hint == "ja" and han <= _LONGEST_WITHOUT_KANA and not letters & not_japanese():
        return Identified("ja", 0.6)
    if traditional > simplified:
        return Identified("zh-Hant", 1.0)
    if traditional == simplified and hint == "zh-Hant":
        return Identified("zh-Hant", 0.6)
    return Identified("zh-Hans", 1.0 if simplified else 0.7)


def _latin(text: str, hint: str) -> Identified:
    language, probability = _identifier().classify(text)
    confidence = float(probability)
    is_short = sum(letter.isalpha() for letter in text) < 12
    if hint in LATIN_LANGUAGES and hint != language and (is_short or confidence < 0.8):
        return Identified(hint, 0.5)
    if hint not in LATIN_LANGUAGES and language != "en" and (is_short or confidence < 0.6):
        return Identified("en", 0.5)  # one Latin word on a Chinese page is a name or English far more often than French
    return Identified(language, confidence)


@lru_cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # slow import, a model of its own

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LATIN_LANGUAGES))
    return identifier


def _script_counts(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for letter in text:
        if letter.isalpha():
            name = _script(letter)
            counts[name] = counts.get(name, 0) + 1
    return counts


@lru_cache(maxsize=20_000)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    for start, script in _SCRIPTS:
        if name.startswith(start):
            return script
    return "OTHER"


_SCRIPTS = (
    ("LATIN", "LATIN"),
    ("FULLWIDTH LATIN", "LATIN"),
    ("CJK", "HAN"),
    ("IDEOGRAPHIC ITERATION", "HAN"),
    ("HIRAGANA", "KANA"),
    ("KATAKANA", "KANA"),
    ("HALFWIDTH KATAKANA", "KANA"),
    ("HANGUL", "HANGUL"),
    ("CYRILLIC", "CYRILLIC"),
    ("ARABIC", "ARABIC"),
)
