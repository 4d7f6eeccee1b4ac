"""gettext catalogs: `resident` (all that a resident can see) and `desk`. A checkout compiles them in memory."""

from __future__ import annotations

import gettext
import io
from functools import lru_cache

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from survey.i18n.languages import interface_language, languages
from survey.resources import LOCALES

SOURCE_LANGUAGE = "en"
DESK_LANGUAGES = ["zh-Hans", "en"]


@lru_cache(maxsize=64)
def translations(domain: str, tag: str) -> gettext.NullTranslations:
    """Return the catalog of one language; the English source where there is none."""
    language = languages().get(interface_language(tag))
    if language is None:
        return gettext.NullTranslations()
    folder = LOCALES / language.folder / "LC_MESSAGES"
    compiled = folder / f"{domain}.mo"
    source = folder / f"{domain}.po"
    if compiled.is_file() and not (source.is_file() and source.stat().st_mtime > compiled.stat().st_mtime):
        return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    if not source.is_file():
        return gettext.NullTranslations()
    with source.open("rb") as stream:
        catalog = read_po(stream, locale=language.folder, domain=domain)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    buffer.seek(0)
    return gettext.GNUTranslations(buffer)
