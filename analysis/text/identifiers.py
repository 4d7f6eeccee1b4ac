"""Numbers that prove themselves: structures and check digits of identity numbers, passports' machine lines, cards, addresses of computers."""

from __future__ import annotations

import ipaddress
import re

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

_PROVINCES = frozenset(
    ["11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71"]
)
"""The first two digits of GB/T 2260, the division codes with which an identity number begins; 81 to 83 begin permits alone."""

_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_MONTH = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])")
_CARD = re.compile(r"4\d{12}|3[68]\d{12}|3[47]\d{13}|(?:3[05]|4|5[0-8]|6)\d{14,18}")
"""Lengths by the digits with which the schemes' numbers begin (ISO/IEC 7812); debit cards in China have 16 to 19."""

_MRZ_PASSPORT = re.compile(r"(?P<number>[A-Z0-9<]{9}\d)[A-Z<]{3}(?P<birth>\d{7})[MFX<](?P<expiry>\d{7})(?P<rest>[A-Z0-9<]{8}|[A-Z0-9<]{16})")
_MRZ_CARD = re.compile(r"[ACI][A-Z0-9<][A-Z<]{3}(?P<number>[A-Z0-9<]{9}\d)[A-Z0-9<]{15}")


def is_identity_number(number: str) -> bool:
    """Whether 18 characters are a Chinese identity number, or one of the permits that are numbered alike.

    GB 11643-1999: division, date of birth, serial number, and ISO 7064 MOD 11-2. Permanent residents of other countries
    (cards since 2023): 9, two digits of the place, three of the nationality (ISO 3166 numeric), date of birth.
    Residents from Hong Kong, Macao and Taiwan: 810000, 820000, 830000, date of birth.
    stdnum's own `cn.ric` refuses the last two.

    >>> is_identity_number("931840199003070018")
    True
    >>> is_identity_number("931840199013070018")
    False
    """
    number = number.upper()
    is_place = number[0] == "9" or number[:6] in {"810000", "820000", "830000"} or number[:2] in _PROVINCES
    return is_place and is_date(number[6:14]) and mod_11_2.is_valid(number)


def is_date(digits: str) -> bool:
    """Whether digits may be a day of the years 1900 to 2099 (20261126), or a month of them (202611)."""
    return bool((_DATE if len(digits) == 8 else _MONTH).fullmatch(digits))


def is_card(number: str) -> bool:
    """Whether digits are the number of a bank card: length and beginning of a scheme, and Luhn's check digit (ISO/IEC 7812)."""
    return bool(_CARD.fullmatch(number)) and luhn.is_valid(number) and len(set(number)) > 1


def is_mrz(line: str) -> bool:
    """Whether a line is one that machines read in a passport (44), visa (44, 36) or card (first line, 30).

    ICAO Doc 9303: a check digit after the number, the date of birth and the date of expiry, with weights 7-3-1.
    """
    line = line.upper()
    match = _MRZ_PASSPORT.fullmatch(line) or _MRZ_CARD.fullmatch(line)
    return match is not None and all(_is_checked(match[name]) for name in ("number", "birth", "expiry") if name in match.re.groupindex)


def _is_checked(field: str) -> bool:
    values = (0 if character == "<" else int(character, 36) for character in field[:-1])
    return sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10 == int(field[-1])


def is_computer_address(text: str) -> bool:
    """Whether text is an IPv4 or IPv6 address. A time of day (10:30:00) is none."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
