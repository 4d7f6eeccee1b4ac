"""Single values as people type them: texts, numbers, days; and the two answers that say nothing. No question, no form."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

import regex

REFUSED = "prefer_not_to_say"
"""The value of an answer whose question the person preferred not to answer. No choice may use it."""

DONT_KNOW = "dont_know"
"""The value of "I don't know". No choice may use it."""

NO_OPINION = frozenset({REFUSED, DONT_KNOW})
"""Answers that are stored and counted, and that conditions read as no answer."""

OTHER = "other"
"""The value of "other, please say" where a question offers it."""

GRANTED = "yes"
"""The value of a ticked consent."""

Answer = str | int | float | list[str]
Answers = dict[str, Answer]

_MAX_DIGITS = 18
LARGEST = 10**_MAX_DIGITS - 1
"""Whole numbers beyond this are not counts of anything, and no database column holds them."""

DECIMALS = 6
"""Decimal numbers are kept to this many places."""

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2100, 12, 31)

_NUMBER = re.compile(r"(-?)(\d*)(?:[.,٫](\d+))?")
_LIKE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What Python or JavaScript takes for white space."""

_SPACES = re.compile(f"[{_SPACE}]")
_NO_DIGIT = regex.compile(r"\p{No}")
_STEP = Decimal(1).scaleb(-DECIMALS)


def clean_text(text: str) -> str:
    """Return the text in NFC, trimmed, with Unix line ends, without NUL (PostgreSQL refuses it) and lone surrogates.

    What is dropped goes first: a NUL between a letter and its accent would leave the two apart.
    """
    text = text.replace("\x00", "")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(_SPACE)


def graphemes(text: str) -> int:
    """Count what a reader takes for one character (Unicode extended grapheme clusters): a flag and a family are one each."""
    return len(regex.findall(r"\X", text))


def whole_number(text: str) -> int | None:
    """Read digits of any script, as phones type them (٣, ３). None for anything else."""
    plain = _plain(text)
    digits = plain.removeprefix("-")
    if not digits or len(digits) > _MAX_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return int(plain)


def decimal_number(text: str) -> float | None:
    """Read a number with a decimal point or comma (12.5, 12,5, ١٢٫٥), rounded to DECIMALS places.

    None also for `1,000` and `1.000`: whether that is one or a thousand depends on who wrote it.
    """
    plain = _plain(text)
    match = _NUMBER.fullmatch(plain)
    if match is None or not (match[2] or match[3]) or len(match[2]) > _MAX_DIGITS or _LIKE_THOUSANDS.fullmatch(plain):
        return None
    return decimal_of(float(f"{match[1]}{match[2] or '0'}.{match[3] or '0'}"))


def decimal_of(number: float) -> float | None:
    """Round a number to DECIMALS places. None for infinities, NaN and what is too large to be meant."""
    if number != number or abs(number) > LARGEST:  # noqa: PLR0124 -- NaN is what differs from itself
        return None
    # Halves away from zero, as toFixed() on the phone does; plus zero: no negative zero.
    return float(Decimal(number).quantize(_STEP, ROUND_HALF_UP)) + 0.0


def day_text(text: str) -> str | None:
    """Read a day as date fields send it (2026-11-26) or as people write it year first; return it as ISO 8601."""
    match = _DAY.fullmatch(_plain(text))
    if match is None:
        return None
    try:
        day = dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return day.isoformat() if FIRST_DAY <= day <= LAST_DAY else None


def _plain(text: str) -> str:
    """The text without spaces, full-width letters made plain, digits of any script made ASCII."""
    if text.isascii():
        return _SPACES.sub("", text)
    if _NO_DIGIT.search(text):
        return text  # 5² is not 52
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text)).replace("−", "-")
    return "".join(str(unicodedata.decimal(letter)) if unicodedata.category(letter) == "Nd" else letter for letter in plain)
