"""What in a free answer says who wrote it: numbers, addresses, names in networks; found and replaced before anybody reads.

Rules, not a model: each can be read, and works without a network. Not found: people's names, and addresses that no rule
knows ("the yellow house behind the school"), nor whom a story is about. A person has to read what is to be published.
Measured on texts of the tests; docs/data-quality.md lists what is missed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analysis.text.normalize import INVISIBLE
from analysis.text.personal_rules import RULES
from analysis.text.phones import is_parcel, phones

CHINESE_NAMES: Mapping[str, str] = {
    "passport": "护照号",
    "permit": "通行证号",
    "id_number": "证件号",
    "card": "银行卡号",
    "email": "邮箱",
    "url": "个人网页",
    "chat_id": "聊天账号",
    "phone": "电话",
    "plate": "车牌",
    "address": "住址",
    "ip": "网络地址",
}
"""The kinds, the most specific first: of two findings of one length the first one is kept."""


@dataclass(frozen=True)
class Finding:
    """Personal data from `start` to `end` of the text as it was given, and the rule that found it."""

    kind: str
    start: int
    end: int
    rule: str


def find(text: str, language: str) -> list[Finding]:
    """Return what is personal, in the order of the text; findings do not overlap.

    Looks again at what is left until nothing more is found, so that a masked text holds nothing either: what could be
    read as part of a longer finding may be one of its own.

    >>> find("微信 lin_2024，电话一三八 零零一三 八零零零", "zh-Hans")
    [Finding(kind='chat_id', start=3, end=11, rule='chat_handle'), Finding(kind='phone', start=14, end=27, rule='phone')]
    """
    rest = [_Place(character, at, at + 1) for at, character in enumerate(text)]
    found: list[Finding] = []
    while True:
        view = _readable(rest)
        new = _longest(_candidates("".join(place.character for place in view), language))
        if not new:
            return sorted(found, key=lambda finding: finding.start)
        new = [Finding(one.kind, view[one.start].start, view[one.end - 1].end, one.rule) for one in new]
        found += new
        rest = _without(rest, new)


def mask(text: str, findings: Iterable[Finding], names: Mapping[str, str] = CHINESE_NAMES) -> str:
    """Replace findings of this text by what they are, in brackets. Names are words without digits, so that they stay known.

    >>> mask("电话13800138000", find("电话13800138000", "zh-Hans"))
    '电话[电话]'
    """
    pieces, at = [], 0
    for finding in sorted(findings, key=lambda finding: finding.start):
        placeholder = f"[{names[finding.kind]}]"
        if not _PLACEHOLDER.fullmatch(placeholder):
            raise ValueError(f"{placeholder} is not letters alone")
        pieces += [text[at : finding.start], placeholder]
        at = finding.end
    return "".join([*pieces, text[at:]])


@dataclass(frozen=True)
class _Place:
    """A character of the copy, and where it stands in the original."""

    character: str
    start: int
    end: int


_MASKED = "\ufffc"
"""Stands for what is masked: belongs to no word, number or gap."""
_PLACEHOLDER = re.compile(r"\[(?!at\]|dot\])[^\W\d_零〇](?:[^\W\d_零〇]| ){0,30}\]", re.IGNORECASE)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
_HAN_NUMERALS = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_HANGUL_NUMERALS = "공영일이삼사오육칠팔구"
_NUMERALS = dict(zip(_HAN_NUMERALS + _HANGUL_NUMERALS, "00123456789112345678900123456789", strict=True))
_SPELLED = re.compile(
    rf"[\d{_HAN_NUMERALS}](?:[ \-]?[\d{_HAN_NUMERALS}]){{8,}}|공일공(?:[ \-]?[{_HANGUL_NUMERALS}]){{8}}"
)
"""In Korean the numerals begin words too (이에요), so that only a mobile number's length is read."""
_LONG_VOWEL = re.compile(r"(?<=\d)ー(?=\d)")
"""Japanese telephones offer it in place of a dash."""


def _without(places: list[_Place], findings: list[Finding]) -> list[_Place]:
    """One mark in place of each finding."""
    ends = {finding.start: finding.end for finding in findings}
    rest: list[_Place] = []
    masked_until = 0
    for place in places:
        if place.start in ends:
            masked_until = ends[place.start]
            rest.append(_Place(_MASKED, place.start, masked_until))
        elif place.start >= masked_until:
            rest.append(place)
    return rest


def _readable(rest: list[_Place]) -> list[_Place]:
    """The copy that rules read: plain digits and letters, no invisible characters, placeholders as one mark.

    Made anew from what was written whenever something is masked: what is a numeral may depend on its neighbours.
    """
    view = [_Place(_plain(place.character), place.start, place.end) for place in rest if not INVISIBLE.match(place.character)]
    text = "".join(place.character for place in view)
    for match in reversed(list(_PLACEHOLDER.finditer(text))):
        view[match.start() : match.end()] = [_Place(_MASKED, view[match.start()].start, view[match.end() - 1].end)]
    text = "".join(place.character for place in view)
    text = _LONG_VOWEL.sub("-", _SPELLED.sub(lambda match: "".join(_NUMERALS.get(c, c) for c in match[0]), text))
    return [_Place(character, place.start, place.end) for character, place in zip(text, view, strict=True)]


def _plain(character: str) -> str:
    """One character for one: digits of any script, full-width forms, spaces and dashes of any width."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if "\uff01" <= character <= "\uff5e":
        character = unicodedata.normalize("NFKC", character)
    elif character.isspace():
        return " "
    return character.translate(_DASHES)


def _candidates(text: str, language: str) -> Iterator[Finding]:
    for rule in RULES:
        for match in rule.pattern.finditer(text):
            if rule.check(match["v"]) and not (rule.kind == "card" and is_parcel(text, match.start("v"))):
                yield Finding(rule.kind, *match.span("v"), rule.name)
    for start, end in phones(text, language):
        yield Finding("phone", start, end, "phone")


def _longest(candidates: Iterable[Finding]) -> list[Finding]:
    """Of findings that overlap the longest, then the most specific."""
    order = list(CHINESE_NAMES)
    kept: list[Finding] = []
    for one in sorted(candidates, key=lambda one: (one.start - one.end, order.index(one.kind), one.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return kept
