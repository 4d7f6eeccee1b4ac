"""An optional machine translator: a small interface, and LibreTranslate's HTTP API behind it, on an address that the operator sets.

It runs on the operator's own machine or network; only masked text is sent to it. Nothing is sent where no address is set.
"""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from typing import Any, Protocol

import msgspec

from survey.errors import LinshengError

TEXTS_AT_ONCE, CHARACTERS_AT_ONCE = 25, 5_000
LARGEST_ANSWER = 5_000_000
SECONDS = 60.0
"""For one request, to its last byte."""


class TranslatorFailed(LinshengError):
    """The translator cannot be reached, or answers something else than translations. Its text is for the job's row: no key, no text."""

    status = 502


class Translator(Protocol):
    """Puts texts into simplified Chinese."""

    def speaks(self, language: str) -> bool:
        """Whether it translates from a language, given as a tag of ours."""
        ...

    async def translate(self, texts: Sequence[str], language: str) -> list[str]:
        """Return one translation for each text, in order. Raises TranslatorFailed."""
        ...


_CODES = {"zh-Hans": ("zh-Hans", "zh"), "zh-Hant": ("zh-Hant", "zt")}
"""LibreTranslate's codes for our tags, where they differ; older versions call Chinese zh and zt."""


class _Language(msgspec.Struct):
    code: str
    targets: list[str] = []


class _Translated(msgspec.Struct):
    translatedText: list[str]  # noqa: N815 -- LibreTranslate's own name


class LibreTranslate:
    """Speaks the languages that its server listed when it was opened."""

    def __init__(self, address: str, key: str | None, sources: dict[str, str]) -> None:
        self._address = address
        self._key = key
        self._sources = sources

    @classmethod
    async def open(cls, address: str, key: str | None = None) -> LibreTranslate:
        """Ask which languages there are. Raises TranslatorFailed, also where there is no Chinese."""
        address = address.rstrip("/")
        listed = _decode(await asyncio.to_thread(_fetch, f"{address}/languages", None), list[_Language])
        sources: dict[str, str] = {}
        for language in listed:
            target = next((code for code in _CODES["zh-Hans"] if code in language.targets and code != language.code), None)
            if target is not None:
                sources[language.code] = target
        if not sources:
            raise TranslatorFailed("The translator has no Chinese.")
        return cls(address, key, sources)

    def speaks(self, language: str) -> bool:
        return self._source(language) is not None

    def _source(self, language: str) -> str | None:
        return next((code for code in _CODES.get(language, (language,)) if code in self._sources), None)

    async def translate(self, texts: Sequence[str], language: str) -> list[str]:
        source = self._source(language)
        if source is None:
            raise TranslatorFailed(f"The translator does not speak {language}.")
        found: list[str] = []
        for part in _parts(texts):
            asked: dict[str, Any] = {"q": part, "source": source, "target": self._sources[source], "format": "text"}
            if self._key:
                asked["api_key"] = self._key
            reply = await asyncio.to_thread(_fetch, f"{self._address}/translate", msgspec.json.encode(asked))
            translated = _decode(reply, _Translated).translatedText
            if len(translated) != len(part):
                raise TranslatorFailed(f"The translator answered {len(translated)} texts to {len(part)}.")
            found += translated
        return found


def _parts(texts: Sequence[str]) -> Iterator[list[str]]:
    """A few texts at once, and a long one alone."""
    part: list[str] = []
    size = 0
    for text in texts:
        if part and (len(part) == TEXTS_AT_ONCE or size + len(text) > CHARACTERS_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Texts go to the address that the operator set, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _fetch(address: str, body: bytes | None) -> bytes:
    # The address was checked to be http or https when the settings were read.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json", "Accept": "application/json"})  # noqa: S310 -- see above
    deadline = time.monotonic() + SECONDS
    try:
        with opener.open(request, timeout=SECONDS) as reply:
            return _read(reply, deadline)
    except urllib.error.HTTPError as error:
        with error:
            raise TranslatorFailed(f"The translator answered {error.code}.") from None
    except TimeoutError:
        raise TranslatorFailed(f"The translator did not answer within {SECONDS:.0f} seconds.") from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise TranslatorFailed(f"The translator did not answer within {SECONDS:.0f} seconds.") from None
        raise TranslatorFailed(f"The translator cannot be reached: {reason}.") from None


def _read(reply: Any, deadline: float) -> bytes:
    """A server that sends one byte a second is slow too."""
    read = 0
    pieces: list[bytes] = []
    while True:
        piece = reply.read1(65_536)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        read += len(piece)
        if read > LARGEST_ANSWER:
            raise TranslatorFailed("The translator's answer is too long.")
        if time.monotonic() > deadline:
            raise TimeoutError


def _decode(reply: bytes, type_: Any) -> Any:
    try:
        return msgspec.json.decode(reply, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise TranslatorFailed("The translator answered something that is no translation.") from None
