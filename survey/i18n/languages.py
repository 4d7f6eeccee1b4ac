"""The languages that Linsheng speaks. Tags are BCP 47 and never change; a new language is a line here and a folder in locales/."""

from __future__ import annotations

import re
from collections.abc import Iterable
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


EASY = "-x-easy"
"""The end of a tag for plain language (`en-x-easy`, a private-use tag of BCP 47): a language of a survey of its own, whose
page the interface speaks in the language itself.
"""

_EASY_NAMES = {
    "zh-Hans": "简体中文（易懂）", "zh-Hant": "繁體中文（易懂）", "en": "English – easy words", "ko": "한국어 – 쉬운 말",
    "ja": "やさしい日本語", "ru": "Русский – простыми словами", "fr": "Français – mots simples",
    "de": "Deutsch – einfache Wörter", "es": "Español – palabras sencillas", "ar": "العربية – كلمات سهلة",
}  # fmt: skip


_SHORT_NAMES = {
    ("zh-Hans", "zh-Hans"): "简体中文", ("zh-Hant", "zh-Hans"): "繁体中文",
    ("zh-Hans", "en"): "Chinese, simplified", ("zh-Hant", "en"): "Chinese, traditional",
}  # fmt: skip
"""In place of Babel's `中文 (简体)`."""


def interface_language(tag: str) -> str:
    """Return the language whose words, dates and numbers a page in `tag` shows: `en` for `en-x-easy`, else the tag itself."""
    base = tag.removesuffix(EASY)
    return base if base in languages() else tag


def is_spoken(tag: str) -> bool:
    """Whether a page can be in this language: one of the interface's, or the plain variant of one."""
    return interface_language(tag) in languages()


def own_name(tag: str) -> str:
    """Return a language's name in itself; of a plain variant too; of a language that we do not speak, the tag."""
    known = languages().get(interface_language(tag))
    if known is None:
        return tag
    return known.own_name if tag == known.tag else _EASY_NAMES.get(known.tag, f"{known.own_name} – easy")


def name_in(tag: str, language: str) -> str:
    """Return a language's name in another one (`韩语`); of one that nobody names, the tag."""
    if tag == "und":
        return tag
    if tag.endswith(EASY):
        name = name_in(tag.removesuffix(EASY), language)
        return f"{name}（易懂）" if language.startswith("zh") else f"{name} – easy words"
    if (tag, language) in _SHORT_NAMES:
        return _SHORT_NAMES[tag, language]
    try:
        return Locale.parse(interface_language(tag), sep="-").get_display_name(locale_for(language)) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def in_chooser_order(tags: Iterable[str]) -> list[str]:
    """Sort the tags of a survey as choosers list them; a plain variant stands behind its language, what is not spoken goes."""
    order = {tag: place for place, tag in enumerate(languages())}
    return sorted(filter(is_spoken, tags), key=lambda tag: (order[interface_language(tag)], len(tag)))


def direction(tag: str) -> str:
    """Return `rtl` or `ltr` for any tag, also one that the interface does not speak."""
    known = languages().get(interface_language(tag))
    if known:
        return known.direction
    try:
        return Locale.parse(tag.partition("-")[0]).text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def locale_for(tag: str) -> Locale:
    spoken = interface_language(tag)
    return Locale.parse(spoken if spoken in languages() else "en", sep="-")


_TRADITIONAL_REGIONS = {"tw", "hk", "mo"}


def match_language(wanted: str, offered: list[str]) -> str | None:
    """Return the offered tag that suits a wanted one (`ko-KR` → `ko`, `zh-TW` → `zh-Hant`), or None.

    Who wants a language gets its plain variant only where that alone is offered, and the other way round.
    """
    parts = wanted.strip().replace("_", "-").lower().split("-")
    by_lower = {tag.lower(): tag for tag in offered}
    exact = by_lower.get("-".join(parts))
    if exact:
        return exact
    base = parts[0]
    if base == "zh":
        is_traditional = "hant" in parts or (bool(_TRADITIONAL_REGIONS & set(parts)) and "hans" not in parts)
        base = "zh-hant" if is_traditional else "zh-hans"
    return by_lower.get(base) or (by_lower.get(base + EASY) if base else None)


def suited(language: str, offered: list[str], source: str) -> str:
    """The offered language for who reads `language`: itself, its plain variant or main form, else the `source` language."""
    return language if language in offered else match_language(language, offered) or source


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
