"""Gather the strings to translate and bring the catalogs up to date (`make messages`).

Two domains: `resident` is what residents see, complete in every language; `desk` is the committee's, in zh-Hans and en.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from survey.i18n.catalogs import DESK_LANGUAGES, SOURCE_LANGUAGE
from survey.i18n.languages import languages
from survey.resources import FRONTEND, LOCALES

ROOT = Path(__file__).parent.parent
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
COMMENTS = ("Translators:",)

_NO_DATE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Real dates would change every file at each run."""

RESIDENT_TEMPLATES = ("resident/", "layouts/resident.html", "components/question.html", "components/emergency.html",
                      "components/language_links.html", "components/event_card.html", "components/next_events.html", "components/place_card.html",
                      "errors/resident.html")  # fmt: skip
RESIDENT_MODULES = ("responses/", "feedback/", "outreach/documents.py")


def sources(domain: str) -> Iterator[tuple[Path, str]]:
    """Yield the files of a domain and how to read them."""
    templates = FRONTEND / "templates"
    for path in sorted(templates.rglob("*.html")):
        is_resident = path.relative_to(templates).as_posix().startswith(RESIDENT_TEMPLATES)
        if is_resident == (domain == "resident"):
            yield path, "jinja2.ext:babel_extract"
    for path in sorted(ROOT.rglob("*.py")):
        is_resident = path.relative_to(ROOT).as_posix().startswith(RESIDENT_MODULES)
        if is_resident == (domain == "resident"):
            yield path, "python"


def template_catalog(domain: str) -> Catalog:
    """Return every string of a domain with the places where it stands (without line numbers, which change too often)."""
    catalog = Catalog(project="Linsheng", version="1", charset="utf-8")
    for path, method in sources(domain):
        with path.open("rb") as stream:
            for _, message, comments, context in extract(
                method, stream, KEYWORDS, COMMENTS, options={"trimmed": "true", "silent": "false"}
            ):
                name = path.relative_to(ROOT if path.is_relative_to(ROOT) else FRONTEND.parent).as_posix()
                catalog.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalog


def domains_of(tag: str) -> list[str]:
    return ["resident", "desk"] if tag in DESK_LANGUAGES else ["resident"]


def po_path(tag: str, domain: str) -> Path:
    return LOCALES / languages()[tag].folder / "LC_MESSAGES" / f"{domain}.po"


def update() -> None:
    """Write new strings into every catalog; what is no longer used goes; the English catalog is filled from the source."""
    for domain in ("resident", "desk"):
        for tag in languages():
            if domain not in domains_of(tag):
                continue
            template = template_catalog(domain)  # afresh: updating shares the messages between catalogs
            path = po_path(tag, domain)
            catalog = Catalog(locale=languages()[tag].folder, project="Linsheng", version="1", charset="utf-8")
            if path.is_file():
                with path.open("rb") as stream:
                    catalog = read_po(stream, locale=languages()[tag].folder)
            catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
            catalog.obsolete.clear()
            catalog.creation_date = catalog.revision_date = _NO_DATE
            catalog.fuzzy = False
            catalog.header_comment = f"# Linsheng, {domain} pages: {tag}. The glossary is in locales/glossary.md."
            for message in catalog:
                if tag == SOURCE_LANGUAGE and message.id:
                    message.string = message.id
            with path.open("wb") as stream:
                write_po(stream, catalog, width=100, omit_header=False, sort_output=True, no_location=False, include_lineno=False)
            missing = sum(1 for message in catalog if message.id and not all(_strings(message)))
            sys.stdout.write(f"{path.relative_to(LOCALES)}: {len(catalog)} strings, {missing} missing\n")


def _strings(message: Any) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


if __name__ == "__main__":
    update()
