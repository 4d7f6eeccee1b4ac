"""Codes that people read aloud and type from paper. Pure."""

from __future__ import annotations

import hashlib
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a code read aloud or typed from paper is not mistaken."""

_PAIRS = [one + two for one in ALPHABET for two in ALPHABET]
_LOOKALIKES = str.maketrans("OILАВЕКМНОРСТХ", "011ABEKMH0PCTX")
"""What is read for something else; after them the Russian letters that look like Latin ones."""


def letters_of(data: bytes, length: int) -> str:
    """Write the first 5 · `length` bits of the data as that many letters."""
    pairs = (length + 1) // 2
    number = int.from_bytes(data, "big") << (10 * pairs) >> (8 * len(data))
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(10 * (pairs - 1), -1, -10)])[:length]


def in_groups(letters: str, length: int) -> str:
    """Return `7KQM-3FZD-…`: groups of `length` letters."""
    return "-".join(letters[start : start + length] for start in range(0, len(letters), length))


def as_typed(code: str) -> str:
    """Return the letters of a code however it was typed: case, spaces and hyphens do not matter, O reads as 0, I and L as 1.

    Keyboards for Chinese, Japanese, Arabic and Russian type letters and digits of their own (Ｋ, ７, ٧, К); they read as ours.
    """
    plain = unicodedata.normalize("NFKC", code).upper()
    letters = (str(unicodedata.decimal(letter, letter)) for letter in plain if letter.isalnum())
    return "".join(letters).translate(_LOOKALIKES)


def hash_code(code: str) -> str:
    """Hash a code however it was typed: what is stored of receipts, drafts and invitations, whose codes are random enough to need no salt.

    Only the first 200 characters are read: no code is longer.
    """
    return hashlib.sha256(as_typed(code[:200]).encode()).hexdigest()
