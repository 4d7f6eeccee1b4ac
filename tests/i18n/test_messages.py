"""Gathering strings (`make messages`): from which files, into which catalogs, and what happens to what was there."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from survey.i18n import messages
from survey.i18n.languages import languages
from survey.i18n.messages import domains_of, po_path, sources, template_catalog, update
from survey.resources import LOCALES

SENTENCE = "I prefer not to say"


@pytest.fixture(scope="module")
def gathered() -> dict[str, bytes]:
    """What stands in the sources, gathered once: reading all of them for each catalog takes seconds."""
    return {domain: pickle.dumps(template_catalog(domain)) for domain in ("resident", "desk")}


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gathered: dict[str, bytes]) -> Iterator[Path]:
    """The catalogs, copied to where a test may change them."""
    monkeypatch.setattr(messages, "template_catalog", lambda domain: pickle.loads(gathered[domain]))
    shutil.copytree(LOCALES, tmp_path / "locales")
    monkeypatch.setattr(messages, "LOCALES", tmp_path / "locales")
    return tmp_path / "locales"


def _read(tag: str, domain: str = "resident") -> Catalog:
    with po_path(tag, domain).open("rb") as stream:
        return read_po(stream, locale=languages()[tag].folder)


def _write(tag: str, catalog: Catalog, domain: str = "resident") -> None:
    with po_path(tag, domain).open("wb") as stream:
        write_po(stream, catalog)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.po"))}


def test_domains_are_both_for_the_desks_languages_and_the_residents_for_all() -> None:
    assert {tag: domains_of(tag) for tag in languages() if "desk" in domains_of(tag)} == {
        "zh-Hans": ["resident", "desk"],
        "en": ["resident", "desk"],
    }
    assert all("resident" in domains_of(tag) for tag in languages())


def test_sources_of_the_two_domains_share_no_file_and_leave_none_out() -> None:
    resident = {path for path, _ in sources("resident")}
    desk = {path for path, _ in sources("desk")}

    assert resident & desk == set()
    names = {path.name for path in resident}
    assert {"survey.html", "question.html", "errors.py"} <= names
    assert {path.parent.name for path in resident if path.suffix == ".html"} == {
        "resident", "layouts", "components", "errors"
    }  # fmt: skip
    assert {path.suffix for path in desk} == {".html", ".py"}


def test_template_catalog_holds_sentences_plurals_and_places() -> None:
    catalog = template_catalog("resident")

    plural = catalog.get("About %(num)d minute")
    assert plural is not None
    assert plural.id == ("About %(num)d minute", "About %(num)d minutes")
    assert ("frontend/templates/resident/survey.html", 0) in plural.locations
    from_code = catalog.get("Please write a whole number.")
    assert from_code is not None
    assert from_code.locations == [("responses/errors.py", 0)]


def test_update_of_fresh_catalogs_changes_nothing_but_what_is_new(copy: Path) -> None:
    update()
    first = _bytes(copy)

    update()

    assert _bytes(copy) == first


def test_update_keeps_translations_adds_new_strings_and_drops_old_ones(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = _read("ko")
    translated = catalog.get(SENTENCE).string
    catalog.delete("Send my answers")
    catalog.add("A sentence that no page says any more", "옛 문장")
    _write("ko", catalog)

    update()

    updated = _read("ko")
    assert updated.get(SENTENCE).string == translated != ""
    assert updated.get("Send my answers").string == ""
    assert updated.get("A sentence that no page says any more") is None
    assert list(updated.obsolete) == []
    assert f"{Path('ko/LC_MESSAGES/resident.po')}: {len(updated)} strings, 1 missing" in capsys.readouterr().out


def test_update_guesses_no_translation_for_a_sentence_that_changed_a_little(copy: Path) -> None:
    catalog = _read("fr")
    string = catalog.get(SENTENCE).string
    catalog.delete(SENTENCE)
    catalog.add("I prefer not to say.", string)
    _write("fr", catalog)

    update()

    message = _read("fr").get(SENTENCE)
    assert (message.string, message.fuzzy) == ("", False)


def test_update_fills_english_from_the_source(copy: Path) -> None:
    catalog = _read("en")
    catalog.get(SENTENCE).string = "Something else"
    _write("en", catalog)

    update()

    assert _read("en").get(SENTENCE).string == SENTENCE
    assert _read("en").get("About %(num)d minute").string == ("About %(num)d minute", "About %(num)d minutes")


def test_update_starts_a_catalog_for_a_new_language(copy: Path) -> None:
    (copy / "es" / "LC_MESSAGES" / "resident.po").unlink()

    update()

    catalog = _read("es")
    assert {message.id for message in catalog if message.id} == {
        message.id for message in template_catalog("resident") if message.id
    }
    assert catalog.num_plurals == 2
    assert catalog.get(SENTENCE).string == ""
    assert not (copy / "es" / "LC_MESSAGES" / "desk.po").exists()
