"""The pieces by which a text is found again, and the pieces that a search asks for. No dictionary: it would cost each web process
80 MB, and a word that is cut otherwise in its sentence than alone would not be found.

Chinese, Japanese and Korean are cut into two-character pieces, so that 签证 is found in 办签证难 and 비자 in 비자를. Other words
are kept as they are and as their stems. A piece consists of letters and digits alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from analysis.text.normalize import INVISIBLE, normal_form, to_simplified
from analysis.text.tokens import stem

MOST_WORDS = 12
"""Words of a search that are looked for; who pastes a whole letter finds by its beginning."""

LONGEST_WORD = 40
"""Characters of one piece."""

_CJK = "\u3005\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0002ffff"
_RUNS = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>[^\W_{_CJK}]+)")
_STEMMED = {"latin": ("en", "fr", "de", "es"), "cyrillic": ("ru",), "arabic": ("ar",)}


def index_words(text: str, language: str) -> set[str]:
    """Return every piece of a text: pieces of two characters, the last character of each run, words and their stems."""
    found: set[str] = set()
    for run, is_cjk in _runs(text):
        if is_cjk:
            found.update(_pairs(run))
            found.add(run[-1])  # no pair begins with it, and one character is searched for by how pairs begin
        else:
            found.update((run, _stem(run, language)))
    return found


def query_words(query: str) -> list[list[str]]:
    """Return what a search asks for: every inner list must be met, by any of its words. A word that ends with `*` begins a piece.

    One Chinese character is met by every piece that begins with it. What is no letter or digit (quotes, operators) means
    nothing. Empty for a search without a word.

    Examples
    --------
    >>> query_words("签证 visa")
    [['签证'], ['vis', 'visa']]
    >>> query_words("居民证")
    [['居民'], ['民证']]
    >>> query_words('"水"')
    [['水*']]

    """
    asked: list[list[str]] = []
    for run, is_cjk in _runs(query):
        if is_cjk:
            asked += [[pair] for pair in _pairs(run)] or [[f"{run}*"]]
        else:
            asked.append(sorted({run, *(_stem(run, language) for language in _languages_of(run))}))
    unique = [words for place, words in enumerate(asked) if words not in asked[:place]]
    return unique[:MOST_WORDS]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Runs of one kind of letters in their plainest form: no accents, no vowel signs, simplified characters."""
    plain = to_simplified(normal_form(normal_form(INVISIBLE.sub("", text), "ru"), "ar"))
    plain = unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", plain) if not _is_accent(c)))
    for match in _RUNS.finditer(plain):
        yield match[0][:LONGEST_WORD] if match["word"] else match[0], match["cjk"] is not None


def _is_accent(character: str) -> bool:
    """Marks above Latin, Greek and Cyrillic letters. Those of Japanese kana make other letters of them, and stay."""
    return "\u0300" <= character <= "\u036f"


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


def _languages_of(word: str) -> Iterable[str]:
    first = word[0]
    if "\u0400" <= first <= "\u052f":
        return _STEMMED["cyrillic"]
    if "\u0600" <= first <= "\u06ff":
        return _STEMMED["arabic"]
    return _STEMMED["latin"] if first.isascii() else ()


def _stem(word: str, language: str) -> str:
    """A stemmer may give back what is no letter; then the word stays."""
    found = stem(word, language) if language != "ko" else word
    return found if found.isalnum() else word
