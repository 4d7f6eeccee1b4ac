"""Phone numbers as residents write them. Public hotlines are none: 110, 12345, 10086, 96156, 400-810-0000 belong to everybody.

Short numbers have fewer than seven digits and never match; numbers that cost the caller nothing or the same everywhere
(400, 800, Korea's 1588, Japan's 0120) are left out by their type in the numbering plans of `phonenumbers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberMatcher,
    PhoneNumberType,
    is_possible_number,
    is_valid_number,
    number_type,
    parse,
)

from analysis.text.identifiers import is_date

Span = tuple[int, int]

_HOTLINES = frozenset({PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})
_NEIGHBOURS = ("CN", "KR", "JP")
"""Residents of any language write numbers of Beijing, and without the country's code those of the largest communities."""
_HOME = {"ru": "RU", "fr": "FR", "de": "DE", "es": "ES"}
_PREFIX: dict[str, str | tuple[str, ...]] = {"RU": "8", "ES": ("6", "7", "9")}
"""What a number without the country's code begins with, elsewhere 0. Prices and years begin with anything."""

_MOBILE = re.compile(r"(?<!\d)(?P<country>\(?(?:\+|00)?86\)?[ .\-·]{0,2})?(?P<number>1(?:[ .\-·_/]?\d){10})(?!\d)")
_MOBILE_START = re.compile(r"1[3-9]")
_NEIGHBOURS_MOBILE = re.compile(r"(?<!\d)0[1789]0(?P<gap>[ .\-]?)\d{4}(?P=gap)\d{4}(?!\d)")
"""Korea and Japan: of one shape, also where `phonenumbers` does not know the block as assigned."""
_FOREIGN = re.compile(r"(?<![\d+])(?:\+|00)[ (]?[1-9](?:[ .\-()/]{0,2}\d){7,14}(?!\d)")
_AMERICAN = re.compile(r"(?<![\d+\-])\(?[2-9]\d\d(?:\) ?|[.\-])[2-9]\d\d[ .\-]\d{4}(?![\d\-])")
_BEIJING = re.compile(
    r"(?:电话|電話|座机|座機|固话|(?<![a-z])tel|telephone|phone|call|전화|тел)[a-z]*[\s:.号码號碼は는번호]{0,4}(?:是|number|no\.?|is|me on|at)?[\s:]{0,2}"
    r"(?P<number>[2-8]\d{3}[ -]?\d{4})(?!\d)",
    re.IGNORECASE,
)
_PARCEL = re.compile(
    r"(?:单号|订单|快递|运单|編號|编号|工单|order|tracking|ticket|reference|주문|송장|접수|注文|伝票|受付)[a-z]*[\s:#.号码番号번호]{0,4}(?:no\.?|number|is|是|は|는)?[\s:#.]{0,2}$",
    re.IGNORECASE,
)
"""Parcels and orders have numbers of the same length."""


def phones(text: str, language: str) -> Iterator[Span]:
    """Yield where phone numbers stand. Spans may overlap."""
    if sum(map(str.isdigit, text)) < 7:
        return
    found = chain(_mobiles(text), _abroad(text, language), _with_area_code(text, language))
    yield from (span for span in found if not is_parcel(text, span[0]))
    yield from (match.span("number") for match in _BEIJING.finditer(text) if not is_date(re.sub(r"\D", "", match["number"])))


def is_parcel(text: str, start: int) -> bool:
    """Whether the words before a number say that it names an order, a parcel or a case."""
    return bool(_PARCEL.search(text, max(0, start - 30), start))


def _mobiles(text: str) -> Iterator[Span]:
    """Eleven digits in one piece, in groups of three and more, or one by one; not 15 16 17 18 19 20."""
    for match in _MOBILE.finditer(text):
        groups = {len(group) for group in re.findall(r"\d+", match["number"])}
        if _MOBILE_START.match(re.sub(r"\D", "", match["number"])) and (min(groups) >= 3 or groups == {1}):
            yield match.span()
    yield from (match.span() for match in _NEIGHBOURS_MOBILE.finditer(text))


def _abroad(text: str, language: str) -> Iterator[Span]:
    """With a country's code a possible number will do: ranges kept free for films are possible and not valid."""
    for match in _FOREIGN.finditer(text):
        number = _parsed(re.sub(r"^00", "+", match[0]))
        if number and is_possible_number(number) and (match[0][0] == "+" or is_valid_number(number)) and not _is_hotline(number):
            yield match.span()
    if language == "en":
        for match in _AMERICAN.finditer(text):
            number = _parsed(f"+1{match[0]}")
            if number and is_valid_number(number) and not _is_hotline(number):
                yield match.span()


def _with_area_code(text: str, language: str) -> Iterator[Span]:
    hotlines: list[Span] = []
    found: list[Span] = []
    for region in (*_NEIGHBOURS, *filter(None, [_HOME.get(language)])):
        for match in PhoneNumberMatcher(text, region):
            if match.raw_string.lstrip("(").startswith(_PREFIX.get(region, "0")):
                (hotlines if _is_hotline(match.number) else found).append((match.start, match.end))
    yield from (one for one in found if not any(one[0] < end and start < one[1] for start, end in hotlines))


def _parsed(text: str) -> PhoneNumber | None:
    try:
        return parse(text)
    except NumberParseException:
        return None


def _is_hotline(number: PhoneNumber) -> bool:
    return number_type(number) in _HOTLINES
