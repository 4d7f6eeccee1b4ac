"""What a channel is, may be called and leads to, and how far those get who come by it; invitation codes and their passes. Pure."""

from __future__ import annotations

import datetime as dt
import hmac
import re
import unicodedata
from enum import StrEnum

import msgspec

from survey.codes import in_groups, letters_of

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
    partner_id: int | None = None


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


CODE_GROUPS = 4
CODE_GROUP_LENGTH = 4
"""16 letters of 5 bits: 80 bits. Short enough to type from a card, and so many codes that trying them finds none: a million
tries a second would meet one of a million codes once in some forty thousand years. So nothing has to limit the tries.
"""

MOST_INVITATIONS = 2000
PASS_LASTS = dt.timedelta(hours=24)


def invitation_code(secret: str, batch_public_id: str, number: int) -> str:
    """Return e.g. `7KQM-3FZD-A2C4-9XYZ`: derived, so that a sheet can be printed again although only hashes are stored."""
    digest = hmac.digest(secret.encode(), f"invitation:{batch_public_id}:{number}".encode(), "sha256")
    return in_groups(letters_of(digest, CODE_GROUPS * CODE_GROUP_LENGTH), CODE_GROUP_LENGTH)


def invitation_link(base_url: str, code: str) -> str:
    return f"{base_url.rstrip('/')}/i/{code}"


def pass_cookie_name(*, is_secure: bool) -> str:
    """`__Host-` needs HTTPS; on plain loopback (demo, tests) the name goes without."""
    return "__Host-invitation" if is_secure else "invitation"


def make_pass(secret: str, survey_public_id: str, code_hash: str, now: dt.datetime) -> str:
    """Return the cookie that stands for a code once it has left the address. It names no person and uses nothing up.

    A browser holds one: the next person's code on the same phone replaces it, so that families share phones (peers: a pass
    that locks the device would lock them out).
    """
    until = int((now + PASS_LASTS).timestamp())
    return f"{code_hash}.{until}.{_signature(secret, survey_public_id, code_hash, until)}"


def read_pass(secret: str, survey_public_id: str, cookie: str, now: dt.datetime) -> str | None:
    """Return the hash of the code in a cookie; None where it is for another survey, too old, or not made here."""
    code_hash, _, rest = cookie.partition(".")
    until, _, signature = rest.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 12 and signature.isascii()):
        return None
    is_ours = hmac.compare_digest(signature, _signature(secret, survey_public_id, code_hash, int(until)))
    return code_hash if is_ours and now.timestamp() < int(until) else None


def _signature(secret: str, survey_public_id: str, code_hash: str, until: int) -> str:
    return hmac.digest(secret.encode(), f"pass:{survey_public_id}:{code_hash}:{until}".encode(), "sha256").hex()
