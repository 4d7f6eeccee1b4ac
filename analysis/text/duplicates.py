"""Near-copies among texts: a letter that many send, a form sent twice, one text with a name or a number changed.

Nothing is removed, and what copies count for is decided elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from hashlib import shake_128
from itertools import groupby

import numpy as np

from analysis.text.language import family
from analysis.text.normalize import SPACELESS, words_form

ALIKE = 0.8
"""Share of their character n-grams that near-copies have in common: the Jaccard index of the two sets, at least.

Of 7,100 messages of residents in China, America and Korea 65 pairs reach it: all but one are one text with another greeting,
a word changed or a sentence added. Below it begin those that ask for more ("leash laws", "leash laws and noise ordinances").
"""

SHORT = 20
"""Characters of the normal form. Shorter texts are copies only if equal: one word decides what they ask for."""

_SPACELESS = frozenset(map(family, SPACELESS))
_NGRAM, _SPACELESS_NGRAM = 5, 3
"""Characters: about a word in either kind of writing."""

_BANDS, _ROWS = 20, 5
"""Two texts are candidates if their MinHash values are the same in all rows of a band (Leskovec, Rajaraman and Ullman,
Mining of Massive Datasets, 3.4): 99.97 % of the pairs that are as alike as ALIKE, 18 % of those half as alike."""

_TRIES = 4
"""Texts that one text is compared with at most, so that the work stays linear whatever people send."""

_CHUNK = 2**17
"""Characters hashed at a time: few enough for the processor's cache."""

_MASKS, _FACTORS = np.frombuffer(shake_128(b"near-copies").digest(8 * _BANDS * _ROWS), dtype="<u4").reshape(2, -1)
_MIX = np.frombuffer(shake_128(b"bands").digest(8 * _ROWS), dtype="<u8") | np.uint64(1)
"""Numbers with bits all over; what is multiplied by is odd, so that it loses nothing."""


def near_duplicates(texts: Sequence[str], languages: Sequence[str]) -> np.ndarray:
    """Return for each text the position of the first text of its group of near-copies; of a text alone, its own.

    The first is what was written most often, then what comes first in alphabetical order: every other text of the group
    equals it in normal form or is as alike as ALIKE. Two of the others may be less so, and a chain of small changes is
    cut. The order of the texts decides nothing. Texts of two language families are never together (Simplified and
    Traditional Chinese are one family), nor are texts without a letter or digit.

    Some near-copies are missed, since a text is compared with few others; none is wrongly joined.

    Examples
    --------
    >>> near_duplicates(["No parking", "no parking!", "No benches"], ["en", "en", "en"]).tolist()
    [0, 0, 2]

    """
    families: defaultdict[str, list[int]] = defaultdict(list)
    for row, (_, language) in enumerate(zip(texts, languages, strict=True)):
        families[family(language)].append(row)
    firsts = np.arange(len(texts))
    for name, rows in families.items():
        by_form: defaultdict[str, list[int]] = defaultdict(list)
        rows.sort(key=lambda row: (texts[row], languages[row]))
        for text, copies in groupby(rows, key=texts.__getitem__):
            by_form[_form(text, name)].extend(copies)
        by_form.pop("", None)
        forms = sorted(by_form, key=lambda form: -len(by_form[form]))
        first_forms = _firsts(forms, _SPACELESS_NGRAM if name in _SPACELESS else _NGRAM)
        for form, first in zip(forms, first_forms, strict=True):
            firsts[by_form[form]] = by_form[forms[first]][0]
    return firsts


def _form(text: str, language: str) -> str:
    form = words_form(text, language).strip()
    return form.replace(" ", "") if language in _SPACELESS else form


def _firsts(forms: list[str], size: int) -> list[int]:
    """Return for each of these different forms the place of the one before it that it joins, or its own.

    Forms join only those that joined no other. A bucket knows one of these, so a text meets at most one in each band.
    """
    firsts = list(range(len(forms)))
    long = [place for place in firsts if len(forms[place]) >= SHORT]
    buckets = _buckets([forms[place] for place in long], size)
    first_of = np.full(buckets.max(initial=-1) + 1, -1, dtype=np.int32)
    for row in np.flatnonzero((buckets >= 0).any(axis=1)).tolist():
        place, own = long[row], buckets[row][buckets[row] >= 0]
        known = first_of[own]
        for first, _ in Counter(known[known >= 0].tolist()).most_common(_TRIES):
            if _are_alike(forms[first], forms[place], size):
                firsts[place] = first
                break
        else:
            first_of[own[known < 0]] = place
    return firsts


def _are_alike(one: str, other: str, size: int) -> bool:
    first, second = _ngrams(one, size), _ngrams(other, size)
    shared = len(first & second)
    return shared >= ALIKE * (len(first) + len(second) - shared)


def _ngrams(form: str, size: int) -> set[str]:
    """Return the n-grams with spaces around, so that every character is in `size` of them: the last digit counts as any other."""
    around = " " * (size - 1)
    padded = f"{around}{form}{around}"
    return {padded[i : i + size] for i in range(len(form) + size - 1)}


def _buckets(forms: list[str], size: int) -> np.ndarray:
    """Return the bucket of each form in each band, shape (len(forms), _BANDS); -1 where no other form is in it."""
    buckets = np.full((len(forms), _BANDS), -1, dtype=np.int32)
    if not forms:
        return buckets
    keys = np.concatenate([_keys(chunk, size) for chunk in _chunks(forms)])
    used = 0
    for band in range(_BANDS):
        _, found, counts = np.unique(keys[:, band], return_inverse=True, return_counts=True)
        is_shared = counts > 1
        buckets[:, band] = np.where(is_shared, used + np.cumsum(is_shared) - 1, -1)[found]
        used += int(is_shared.sum())
    return buckets


def _chunks(forms: list[str]) -> Iterator[list[str]]:
    begin, length = 0, 0
    for end, form in enumerate(forms, start=1):
        length += len(form)
        if length >= _CHUNK or end == len(forms):
            yield forms[begin:end]
            begin, length = end, 0


def _keys(forms: list[str], size: int) -> np.ndarray:
    """Return the MinHash of each form as one number a band, shape (len(forms), _BANDS)."""
    around = " " * (size - 1)  # as in _ngrams; between two forms it keeps their n-grams apart as well
    letters = np.frombuffer(around.join(["", *forms, ""]).encode("utf-32-le"), dtype="<u4")
    hashed = np.zeros(len(letters) - size + 1, dtype=np.uint64)
    for place in range(size):
        hashed = (hashed + letters[place : len(hashed) + place]) * _MIX[0]
        hashed ^= hashed >> np.uint64(29)
    ngrams = (hashed >> np.uint64(32)).astype(np.uint32)
    begins = np.cumsum([0, *(len(form) + size - 1 for form in forms[:-1])])
    least = np.empty((len(forms), _BANDS * _ROWS), dtype=np.uint32)
    for number, (mask, factor) in enumerate(zip(_MASKS, _FACTORS, strict=True)):
        least[:, number] = np.minimum.reduceat((ngrams ^ mask) * (factor | 1), begins)
    of_bands = (least.reshape(-1, _BANDS, _ROWS) * _MIX).sum(axis=2)
    return np.asarray(of_bands >> np.uint64(32), dtype=np.uint32)
