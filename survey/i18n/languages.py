"""The languages that Linsheng speaks. Tags are BCP 47 and never change; a new language is a line here and a folder in locales/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from survey.resources import LOCALES


@dataclass(frozen=True)
class Language:
    tag: str
    own_name: str
    """The language's name in itself, as its speakers look for it."""
    direction: str
    """`ltr` or `rtl`."""

    @property
    def folder(self) -> str:
        """Babel's spelling of the tag, which is the folder's name in locales/."""
        return self.tag.replace("-", "_")


_ORDER = ["zh-Hans", "en", "ko", "ja", "ru", "fr", "de", "es", "ar", "zh-Hant"]
"""The order in which a chooser lists them; others follow by tag."""

_OWN_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文"}


@lru_cache
def languages() -> dict[str, Language]:
    """Every language with a folder in locales/, by tag, in the order of choosers."""
    tags = [folder.name.replace("_", "-") for folder in LOCALES.iterdir() if (folder / "LC_MESSAGES").is_dir()]
    tags.sort(key=lambda tag: (_ORDER.index(tag) if tag in _ORDER else len(_ORDER), tag))
    found = {}
    for tag in tags:
        locale = Locale.parse(tag, sep="-")
        own = locale.get_display_name() or tag
        name = _OWN_NAMES.get(tag, own[:1].upper() + own[1:])
        found[tag] = Language(tag=tag, own_name=name, direction=locale.text_direction)
    return found


def direction(tag: str) -> str:
    """Return `rtl` or `ltr` for any tag, also one that the interface does not speak."""
    known = languages().get(tag)
    if known:
        return known.direction
    try:
        return Locale.parse(tag.partition("-")[0]).text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def own_name(tag: str) -> str:
    """The name of a language in itself."""
    return languages()[tag].own_name


def locale_for(tag: str) -> Locale:
    return Locale.parse(tag if tag in languages() else "en", sep="-")


_TRADITIONAL_REGIONS = {"tw", "hk", "mo"}


def match_language(wanted: str, offered: list[str]) -> str | None:
    """Return the offered tag that suits a wanted one (`ko-KR` → `ko`, `zh-TW` → `zh-Hant`), or None."""
    parts = wanted.strip().replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        is_traditional = "hant" in parts or (bool(_TRADITIONAL_REGIONS & set(parts)) and "hans" not in parts)
        wanted_tag = "zh-Hant" if is_traditional else "zh-Hans"
        return wanted_tag if wanted_tag in offered else None
    by_lower = {tag.lower(): tag for tag in offered}
    return by_lower.get("-".join(parts)) or by_lower.get(parts[0])


def best_language(accept_language: str, offered: list[str]) -> str | None:
    """Return the offered language that an Accept-Language header likes best, or None."""
    wishes = []
    for index, part in enumerate(accept_language.split(",")[:20]):
        tag, _, quality = part.strip().partition(";")
        match = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", quality) if quality else None
        weight = float(match.group(1)) if match else (0.0 if quality else 1.0)
        if tag and tag != "*" and weight > 0:
            wishes.append((-weight, index, tag))
    for _, _, tag in sorted(wishes):
        found = match_language(tag, offered)
        if found:
            return found
    return None
