"""A language that nobody speaks: every string of a catalog in accents and brackets, two fifths longer, its placeholders kept.

What stays plain on a page in this language was written into the page by hand, and nobody could translate it.
"""

from __future__ import annotations

import contextlib
import gettext
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import pytest

from survey.i18n import speech as speech_module
from survey.i18n.messages import template_catalog
from tests.pages import Page

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = "áḃćďéḟǵḣíĵḱĺḿńóṕʠŕśťúṽẃẋýźÁḂĆĎÉḞǴḢÍĴḰĹḾŃÓṔɊŔŚŤÚṼẂẊÝŹ"
ACCENTS = str.maketrans(LATIN, ACCENTED)
PLACEHOLDER = re.compile(r"(%\(\w+\)[sd])")
LONGER = 0.4

READ = {"title", "aria-label", "aria-description", "aria-valuetext", "aria-roledescription", "alt", "placeholder", "label"}
"""Attributes that are shown or read out, beside every data-* that holds words."""


def pseudo(text: str) -> str:
    """`Send %(n)s` becomes `[Śéńď %(n)s~~~]`."""
    said = "".join(part if PLACEHOLDER.fullmatch(part) else part.translate(ACCENTS) for part in PLACEHOLDER.split(text))
    return f"[{said}{'~' * max(1, round(LONGER * len(text)) - 2)}]"


class PseudoTranslations(gettext.NullTranslations):
    """A catalog of exactly the strings that `make messages` gathers; what it was not told stays plain, and is found."""

    def __init__(self, domain: str) -> None:
        super().__init__()
        self.known = _gathered(domain)

    def gettext(self, message: str) -> str:
        return pseudo(message) if message in self.known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@lru_cache
def _gathered(domain: str) -> frozenset[str]:
    ids = [message.id for message in template_catalog(domain) if message.id]
    return frozenset(text for found in ids for text in (found if isinstance(found, tuple) else (found,)))


@contextlib.contextmanager
def everybody_speaks_pseudo() -> Iterator[None]:
    """Whatever language is asked for, its words are pseudo; dates and numbers stay the language's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speech_module, "translations", lambda domain, _: PseudoTranslations(domain))
        speech_module.speech.cache_clear()
        try:
            yield
        finally:
            speech_module.speech.cache_clear()


CHINESE_DATE = re.compile(r"\d+年(\d+月)?(\d+日)?(星期.)?|\d+/\d+/\d+ [上下]午\d+:\d+")
CHINESE_AND = "和"
"""Babel's, in lists."""
OTHER_WORDS = re.compile(rf"[^\W\d_{ACCENTED}{CHINESE_AND}]")
SAID_AS_IT_IS = re.compile(r"邻声 Linsheng|\b(?:CSV|DOCX|PDF|PNG|QR|SVG|XLSX|RR[1-6])\b|https?://\S+")
"""The brand, kinds of files, the names of response rates (AAPOR), and addresses."""


def plain_words(page: Page, known: Iterable[str], codes: Iterable[str] = ()) -> list[str]:
    """Return every text of a page (in zh-Hans pseudo) with words that come neither from the catalog nor from `known`.

    A text may be one of `known`, or hold some, or `codes`, as the values of placeholders.
    """
    allowed, parts = _allowed(frozenset(known))
    return [text for text in said_on(page) if text not in allowed and _has_other_words(text, [*codes, *parts])]


@lru_cache(maxsize=2)
def _allowed(known: frozenset[str]) -> tuple[frozenset[str], list[str]]:
    allowed = frozenset(_spaced(text) for text in known) - {""}
    return allowed, sorted((text for text in allowed if len(text) > 1), key=len, reverse=True)


def _has_other_words(text: str, parts: list[str]) -> bool:
    text = CHINESE_DATE.sub(" ", SAID_AS_IT_IS.sub(" ", text))
    for part in parts if OTHER_WORDS.search(text) else ():
        if part in text:
            text = text.replace(part, " ")
    return OTHER_WORDS.search(text) is not None


def said_on(page: Page) -> list[str]:
    """Every text of a page, and every attribute with words; what somebody typed (dir=auto) line by line."""
    found = ["".join(title.itertext()) for title in page.all("//title")]
    for node in page.root.xpath("//body//text()[normalize-space()]"):
        holder = node.getparent().getparent() if node.is_tail else node.getparent()
        if holder.tag not in {"script", "style", "code"}:
            found += str(node).splitlines() if holder.xpath("ancestor-or-self::*[@dir='auto']") else [str(node)]
    for element in page.all("//body//*"):
        found += [value for name, value in element.attrib.items() if _is_said(name, value)]
        if element.get("type") in {"submit", "button", "reset"}:
            found.append(element.get("value", "") if element.tag == "input" else "")
    return [text for text in dict.fromkeys(_spaced(text) for text in found) if text]


def _is_said(name: str, value: str) -> bool:
    """A data-* holds words where it has a capital, a space or other letters; `survey`, `need_most` and JSON are for modules."""
    if name.startswith("data-"):
        return bool(re.search(r"\w \w|^[A-Z]|[^\x00-\x7f]", value)) and not value.startswith(("{", "["))
    return name in READ


def _spaced(text: str) -> str:
    return re.sub(r"[\s\u00a0]+", " ", text).strip()
