"""What a channel is, may be called and leads to, and how far those get who come by it. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

import msgspec

SHORT_LENGTH = 6
MAX_WORDS = 120
"""Letters of a name and of a place."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_LANGUAGE = re.compile(r"(?=.{2,16}$)[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


class ChannelKind(StrEnum):
    BUILDING = "building"
    PROPERTY_OFFICE = "property_office"
    ORGANISATION = "organisation"
    SHOP = "shop"
    EVENT = "event"
    HOTLINE = "hotline"
    OTHER = "other"


class Stage(StrEnum):
    """`sent` is no stage here: the tallies of the answers know it."""

    OPENED = "opened"
    STARTED = "started"


class ChannelDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What people say about a channel. `default_language` is the tag for visitors whose language is not known, or empty."""

    name: str
    kind: str = ChannelKind.OTHER
    default_language: str = ""
    area_id: int | None = None
    place: str = ""


def is_code(code: str) -> bool:
    """Whether a link can carry it."""
    return _CODE.fullmatch(code) is not None


def details_problems(details: ChannelDetails) -> dict[str, str]:
    """Return what is wrong, by field."""
    found = {}
    if not details.name:
        found["name"] = "missing"
    elif len(details.name) > MAX_WORDS:
        found["name"] = "long"
    if details.kind not in set(ChannelKind):
        found["kind"] = "unknown"
    if details.default_language and not _LANGUAGE.fullmatch(details.default_language):
        found["default_language"] = "unknown"
    if len(details.place) > MAX_WORDS:
        found["place"] = "long"
    return found


def code_from(name: str) -> str:
    """The Latin letters and digits of a name as a code (`Gate 7, Wangjing` → `gate-7-wangjing`); empty where there are none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24].strip("-")


def survey_link(base_url: str, slug: str, code: str = "") -> str:
    return f"{base_url.rstrip('/')}/s/{slug}" + (f"?c={code}" if code else "")


def short_link(base_url: str, short: str) -> str:
    """The address on posters. It is as short as it can be: people type it who cannot scan."""
    return f"{base_url.rstrip('/')}/c/{short}"


def readable(link: str) -> str:
    """A link as it is printed: phones add https:// by themselves, anything else has to be typed."""
    return link.removeprefix("https://")
