"""Catalogs read from their sources (a checkout) or compiled (a wheel), and the words that templates get from them."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from survey.i18n import catalogs
from survey.i18n.catalogs import translations
from survey.i18n.languages import languages
from survey.i18n.speech import Speech, speech

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"

msgid "Send"
msgstr "{send}"

#, fuzzy
msgid "Unsure"
msgstr "Не проверено"

msgid "Not yet"
msgstr ""

#, python-format
msgid "%(num)d answer"
msgid_plural "%(num)d answers"
msgstr[0] "%(num)d ответ"
msgstr[1] "%(num)d ответа"
msgstr[2] "%(num)d ответов"
"""


@pytest.fixture
def russian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of locales with one catalog, `resident.po` in Russian; returns the folder of its files."""
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "resident.po").write_text(PO.replace("{send}", "Отправить"), encoding="utf-8")
    monkeypatch.setattr(catalogs, "LOCALES", tmp_path)
    return folder


read = translations.__wrapped__
"""Without the cache, which would remember the folder of a test."""


def _compile(folder: Path, send: str, *, age: float) -> None:
    """Write resident.mo, `age` seconds older than resident.po."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    catalog = read_po(PO.replace("{send}", send).splitlines(), locale="ru")
    with (folder / "resident.mo").open("wb") as stream:
        write_mo(stream, catalog)
    source = (folder / "resident.po").stat().st_mtime
    os.utime(folder / "resident.mo", (source - age, source - age))


def test_translations_are_compiled_in_memory_from_the_source(russian: Path) -> None:
    catalog = read("resident", "ru")

    assert catalog.gettext("Send") == "Отправить"
    assert list(russian.iterdir()) == [russian / "resident.po"]  # nothing was written


def test_translations_use_neither_fuzzy_nor_empty_strings(russian: Path) -> None:
    catalog = read("resident", "ru")

    assert [catalog.gettext(text) for text in ("Unsure", "Not yet", "Never seen")] == [
        "Unsure",
        "Not yet",
        "Never seen",
    ]


def test_translations_choose_the_plural_form_by_the_catalogs_rule(russian: Path) -> None:
    catalog = read("resident", "ru")

    forms = [catalog.ngettext("%(num)d answer", "%(num)d answers", n) for n in (1, 2, 5, 11, 21, 22)]

    assert forms == [
        "%(num)d ответ", "%(num)d ответа", "%(num)d ответов", "%(num)d ответов", "%(num)d ответ", "%(num)d ответа"
    ]  # fmt: skip


def test_translations_take_the_compiled_catalog_of_a_wheel(russian: Path) -> None:
    _compile(russian, "Из колеса", age=0)
    (russian / "resident.po").unlink()

    assert read("resident", "ru").gettext("Send") == "Из колеса"


@pytest.mark.parametrize(("age", "expected"), [(-10, "Готовый"), (10, "Отправить")])
def test_translations_take_the_newer_of_source_and_compiled(russian: Path, age: float, expected: str) -> None:
    _compile(russian, "Готовый", age=age)

    assert read("resident", "ru").gettext("Send") == expected


def test_translations_without_a_catalog_are_the_english_source(russian: Path) -> None:
    assert read("resident", "ko").gettext("Send") == "Send"
    assert read("desk", "ru").gettext("Send") == "Send"
    assert read("resident", "xx").gettext("Send") == "Send"


@pytest.mark.parametrize("tag", [tag for tag in languages() if tag != "en"])
def test_translations_of_the_shipped_catalogs_speak_their_language(tag: str) -> None:
    assert translations("resident", tag).gettext("I prefer not to say") != "I prefer not to say"


def test_speech_fills_named_placeholders() -> None:
    say = Speech("resident", "en")

    assert say.gettext("Part %(number)d of %(total)d", number=2, total=7) == "Part 2 of 7"
    assert say.gettext("100 % sure") == "100 % sure"  # nothing to fill, nothing read as a placeholder


def test_speech_counts_with_num() -> None:
    say = Speech("resident", "de")

    texts = [say.ngettext("About %(num)d minute", "About %(num)d minutes", n) for n in (1, 5)]

    assert texts == ["Etwa 1 Minute", "Etwa 5 Minuten"]


def test_speech_of_a_language_counts_in_arabic_with_six_forms() -> None:
    say = Speech("resident", "ar")

    texts = {say.ngettext("About %(num)d minute", "About %(num)d minutes", n) for n in (1, 2, 3, 11, 100)}

    assert len(texts) == 5
    assert say.direction == "rtl"


def test_speech_writes_days_and_numbers_as_its_language_does() -> None:
    say = Speech("resident", "de")

    assert (say.date(dt.date(2026, 3, 5)), say.date(dt.date(2026, 3, 5), "short")) == ("5. März 2026", "05.03.26")
    assert say.moment(dt.datetime(2026, 3, 5, 16, 30, tzinfo=dt.UTC)) == "06.03.2026, 00:30"
    assert (say.number(1234.5), say.percent(0.25), say.listed(iter("ab"))) == ("1.234,5", "25\u00a0%", "a und b")


def test_speech_is_made_once_for_a_language_and_domain() -> None:
    assert speech("resident", "ko") is speech("resident", "ko")
    assert speech("resident", "ko") is not speech("desk", "ko")
