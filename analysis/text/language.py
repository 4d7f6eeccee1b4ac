"""Which of our languages a short text is in, if any. Scripts decide where they can, py3langid where languages share one."""

from __future__ import annotations

import copy
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from analysis.text.normalize import not_japanese, simplified_only, traditional_only

LATIN_LANGUAGES = ("en", "fr", "de", "es")
UNKNOWN = "und"
"""BCP 47's tag for a language that could not be told."""

_KNOWN = ("zh", "ja", "ko", "ru", "ar", *LATIN_LANGUAGES)
"""Our languages as py3langid calls them."""

_FOREIGN_BELOW = 0.02
"""Probability of all our languages together, among the 97 that py3langid knows, under which a text is in none of them. By one
sentence each it tells 35 of 35 other languages in Latin letters and 7 of 7 in Cyrillic ones; of 20,700 texts in our languages
(the lexicon's examples, SIB-200, residents' messages) it turns away two, both random keys."""

_FEW_LETTERS = 12
"""Fewer letters do not tell one language of a script from another."""

_LONGEST_WITHOUT_KANA = 8
"""Characters: a Japanese answer of kanji alone is a noun or two (`駐車場不足`)."""

_PERSIAN_FORMS = frozenset("یکہھےںٹڈڑ")
"""Persian's and Urdu's own forms of letters: no Arabic keyboard has them."""

_LOAN_LETTERS = frozenset("پچژگڤ")
"""Persian and Urdu need them; Arabs write them in borrowed words (پيتزا)."""

_ARABIC_FORMS = frozenset("يكىةأإ")
"""Letters that Persian and Urdu write otherwise or leave out."""


def family(language: str) -> str:
    """Traditional and Simplified Chinese are compared in one space, after conversion; `und` stays by itself."""
    return language.split("-", maxsplit=1)[0]


@dataclass(frozen=True)
class Identified:
    """`confidence` is 1 where the script alone decides, else py3langid's probability."""

    language: str
    confidence: float


def identify(text: str, hint: str = "") -> Identified:
    """Name the language of one text; `hint` is the language of the page it was typed on and decides where nothing else can.

    A mixed text gets the language that most of it is in. Text without letters, and text in another language or script than
    ours, is `und`; a word or two in Latin or Cyrillic letters get the nearest of ours, since they tell too little.
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
    if script == "other":
        return Identified(UNKNOWN, 1.0)
    if script == "ar" and not _is_arabic(text, hint):
        return Identified(UNKNOWN, 0.5)
    is_short = weights[script] < _FEW_LETTERS
    of_ours = 1.0 if is_short else _probability_of_ours(text)
    if of_ours < _FOREIGN_BELOW:
        return Identified(UNKNOWN, 1 - of_ours)
    return _latin(text, hint, is_short=is_short) if script == "latin" else Identified(script, 1.0)


def _probability_of_ours(text: str) -> float:
    """1 where one of our languages is the likeliest of all, which is how most texts are done with."""
    identifier = _identifier()
    if identifier.classify(text)[0] in _KNOWN:
        return 1.0
    probabilities = dict(identifier.rank(text))
    return float(sum(probabilities[language] for language in _KNOWN))


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


def _latin(text: str, hint: str, *, is_short: bool) -> Identified:
    language, probability = _latin_identifier().classify(text)
    confidence = float(probability)
    if hint in LATIN_LANGUAGES and hint != language and (is_short or confidence < 0.8):
        return Identified(hint, 0.5)
    if hint not in LATIN_LANGUAGES and language != "en" and (is_short or confidence < 0.6):
        return Identified("en", 0.5)  # one Latin word on a Chinese page is a name or English far more often than French
    return Identified(language, confidence)


@lru_cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # slow import, a model of its own

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@lru_cache
def _latin_identifier() -> Any:
    identifier = copy.copy(_identifier())  # the model is the same, and loading it takes half a second
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
