"""Posters, door hangers and cards on paper: their words in any choice of languages, and their PDF.

Chinese is always among the languages and stands first: a foreign language never stands alone on a sign. The layout is in
posters.typ; the print page (a template) takes the same Poster.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import msgspec
import typst

from survey.errors import InputInvalid
from survey.fonts import FontMissing
from survey.i18n.languages import direction, languages, own_name
from survey.i18n.speech import speech
from survey.outreach.rules import readable
from survey.qr import qr_picture, svg_of
from survey.questionnaire.form import Form

Format = Literal["poster", "hanger", "cards"]
FORMATS: tuple[Format, ...] = ("poster", "hanger", "cards")
CARDS_ON_A_SHEET = 10
SMALLEST_QR = 30
"""Millimetres from the first dark module to the last: what a phone at arm's length reads."""

_CHINESE = ("zh-Hans", "zh-Hant")
_FONTS = {
    "zh-Hans": ["Noto Sans CJK SC"],
    "zh-Hant": ["Noto Sans CJK TC"],
    "ja": ["Noto Sans CJK JP"],
    "ko": ["Noto Sans CJK KR"],
    "ar": ["Noto Sans Arabic", "Noto Sans", "Noto Sans CJK SC"],
}
_LATIN_FONTS = ["Noto Sans", "Noto Sans CJK SC"]
_REGIONS = {"zh-Hans": "CN", "zh-Hant": "TW", "ja": "JP", "ko": "KR"}
"""Which forms of the same character a reader expects."""


class Tongue(msgspec.Struct, frozen=True):
    """A language as a typesetter needs it: `lang` and `region` choose glyphs and line breaks."""

    tag: str
    own_name: str
    lang: str
    region: str | None
    dir: str
    fonts: list[str]


class PosterWords(msgspec.Struct, frozen=True):
    """All that a poster says in one language."""

    tongue: Tongue
    title: str
    facts: list[str]
    scan: str
    who_label: str
    who: str
    contact_label: str
    contact: str
    one_answer: str
    fictional: str


class Poster(msgspec.Struct, frozen=True):
    """`link` is what the code holds, `address` the same as people read and type it. `spoken` is every language of the survey."""

    words: list[PosterWords]
    spoken: list[Tongue]
    link: str
    address: str
    is_fictional: bool


class PosterFull(InputInvalid):
    """The texts do not fit on the paper, however small."""

    def __init__(self) -> None:
        super().__init__("So many words do not fit on this paper. Choose fewer languages, or a larger format.")


def poster_languages(form: Form, wanted: Sequence[str]) -> list[str]:
    """Return the languages of a poster: Chinese first, then those that are wanted and in which the survey has the words, in the
    order of choosers. Raises InputInvalid for a survey without Chinese.
    """
    needed = (form.title, form.notice.who, form.notice.contact)
    ready = [tag for tag in form.languages if all(texts.get(tag) for texts in needed)]  # a draft may lack some
    chinese = next((tag for tag in _CHINESE if tag in ready), None)
    if chinese is None:
        raise InputInvalid("Posters need Chinese beside every other language, and this survey has none.")
    order = [*(tag for tag in languages() if tag in ready), *(tag for tag in ready if tag not in languages())]
    return [chinese, *(tag for tag in order if tag in wanted and tag != chinese)]


def make_poster(*, form: Form, wanted: Sequence[str], link: str, is_fictional: bool) -> Poster:
    return Poster(
        words=[_words(form, tag, is_fictional=is_fictional) for tag in poster_languages(form, wanted)],
        spoken=[_tongue(tag) for tag in poster_languages(form, form.languages)],
        link=link,
        address=readable(link),
        is_fictional=is_fictional,
    )


def poster_pdf(poster: Poster) -> bytes:
    """One A4 page."""
    return _pdf(poster, "poster")


def hanger_pdf(poster: Poster) -> bytes:
    """Two door hangers of 100 × 280 mm on an A4 page, with a hole and cut lines."""
    return _pdf(poster, "hanger")


def cards_pdf(poster: Poster, *, codes: Sequence[tuple[str, str]] | None = None) -> bytes:
    """Ten cards of 85 × 55 mm on an A4 page, with cut lines. With `codes`, as many cards as there are pairs of a one-time code
    and its link, each with its own.
    """
    return _pdf(poster, "cards", codes)


def document_pdf(poster: Poster, format_: Format) -> bytes:
    return {"poster": poster_pdf, "hanger": hanger_pdf, "cards": cards_pdf}[format_](poster)


def picture_png(poster: Poster, format_: Format, *, dpi: float = 96) -> bytes:
    """The first page as a picture, for a screen."""
    _require_fonts(poster)
    pages = _compiled(poster, format_, None, format="png", ppi=dpi)
    return bytes(pages[0] if isinstance(pages, list) else pages)


def _pdf(poster: Poster, format_: Format, codes: Sequence[tuple[str, str]] | None = None) -> bytes:
    """PDF/UA: it can be read aloud, and the typesetter refuses what no font can draw instead of printing boxes."""
    _require_fonts(poster)
    content = _compiled(poster, format_, codes, format="pdf", pdf_standards="ua-1")
    assert isinstance(content, bytes), "only pictures come page by page"
    return content


def _words(form: Form, tag: str, *, is_fictional: bool) -> PosterWords:
    say = speech("resident", tag)
    return PosterWords(
        tongue=_tongue(tag),
        title=form.title[tag],
        facts=[
            say.ngettext("About %(num)d minute", "About %(num)d minutes", form.minutes),
            say.gettext("No name or phone number is asked"),
        ],
        scan=say.gettext("Scan the code with your phone, or type the address"),
        who_label=say.gettext("Who asks"),
        who=form.notice.who[tag],
        contact_label=say.gettext("Questions"),
        contact=form.notice.contact[tag],
        one_answer=say.gettext("This code is good for one answer"),
        fictional=say.gettext("Demonstration with fictional answers") if is_fictional else "",
    )


def _tongue(tag: str) -> Tongue:
    return Tongue(
        tag=tag, own_name=own_name(tag), lang=tag.partition("-")[0].lower(), region=_REGIONS.get(tag),
        dir=direction(tag), fonts=_FONTS.get(tag, _LATIN_FONTS),
    )  # fmt: skip


def _compiled(
    poster: Poster, format_: Format, codes: Sequence[tuple[str, str]] | None, **options: Any
) -> bytes | list[bytes]:
    pairs = [("", poster.link)] * (CARDS_ON_A_SHEET if format_ == "cards" else 1) if codes is None else codes
    if not pairs:
        raise InputInvalid("There are no codes to print.")
    data = {
        "format": format_,
        "qr_size": SMALLEST_QR,
        "words": poster.words,
        "spoken": poster.spoken,
        "codes": [{"code": code, "address": readable(link), **_qr(link)} for code, link in pairs],
        "with_codes": codes is not None,
    }
    try:
        return typst.compile(  # type: ignore[no-any-return]  # bytes, or one picture a page
            _layout(), font_paths=_fonts(), sys_inputs={"data": json.dumps(msgspec.to_builtins(data))}, **options
        )
    except typst.TypstError as error:
        if "does-not-fit" in error.message:
            raise PosterFull from None
        missing = re.search(r"the text `(.+)` could not be displayed", error.message)
        if missing:
            raise FontMissing(missing[1]) from None
        raise


def _qr(link: str) -> dict[str, Any]:
    """`modules` counts one side with the quiet zone."""
    picture = qr_picture(link)
    return {"svg": svg_of(picture), "modules": picture.size}


def _require_fonts(poster: Poster) -> None:
    """Raise FontMissing where a family is not installed: another one could draw the wrong forms of a character, or boxes."""
    needed = {family for tongue in poster.spoken for family in tongue.fonts}
    if not needed <= _families():
        _fonts.cache_clear()  # perhaps somebody installed them a minute ago
    missing = sorted(needed - _families())
    if missing:
        raise FontMissing(", ".join(missing))


def _families() -> set[str]:
    return set(_fonts().families())


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_embedded_fonts=False)


@lru_cache(maxsize=1)
def _layout() -> bytes:
    return resources.files("survey.outreach").joinpath("posters.typ").read_bytes()
