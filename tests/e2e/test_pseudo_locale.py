"""Every page and state in a language that nobody speaks: no word on them is written by hand into a template or a module."""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jinja2 import FunctionLoader

from analysis.lexicon.load import load_lexicon
from analysis.text.normalize import to_simplified
from survey.app import create_app
from survey.authoring.service import bundled_form
from survey.i18n.languages import languages, name_in
from survey.insight.facility_import import CHINESE
from survey.themes.directories import load_directories
from survey.web.pages import environment
from tests.conftest import PASSWORD, running
from tests.e2e.serving import Demo
from tests.e2e.visitor import OF_RESIDENTS
from tests.every_type import every_type
from tests.furnish import ADMINISTRATOR, copy_database
from tests.i18n.pseudo import everybody_speaks_pseudo, plain_words
from tests.pages import Page, _form_texts, url_encoded
from tests.places import Place, desk_places, door_places, place_named, residents_places
from tests.ways import ACTOR, TOO_LONG, Bring, Get, Post, Shown, Step, every_answer

TAG = "zh-Hans"
"""Whose dates, numbers and survey texts stand between the pseudo words; English ones could hide plain English."""


CODE = re.compile(r"(?:[0-9A-Z]{4}-){3,6}[0-9A-Z]{4}|\b[0-9a-f]{12}\b|长{9,}")
"""A receipt's or an invitation's, the version of the data behind a chart, or what was typed to be too long."""


@pytest.fixture
async def visitor(furnished: Demo, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    copy_database(furnished.folder / "linsheng.sqlite", tmp_path / "linsheng.sqlite")
    settings = dataclasses.replace(furnished.settings, database=f"sqlite:///{tmp_path / 'linsheng.sqlite'}")
    with everybody_speaks_pseudo():
        async with running(create_app(settings), headers={"accept-language": TAG}) as client:
            client.cookies.set("desk_language", TAG)
            yield client


STORED = {
    "theme": ("names", "keywords", "category", "reasons", "words"), "statement": ("original", "redacted"), "plan": ("title",), "account": ("name",),
    "wave": ("names",), "review_event": ("why",), "wave_alert": ("words",), "area": ("names",), "channel": ("name",), "chart": ("title", "description", "rows"), "rendering": ("text",), "resource": ("names", "code", "texts"), "usage_count": ("source",), "event": ("names", "place"), "invitation_batch": ("name",),
    "review_comment": ("text",), "review_meeting": ("place",), "review_seat": ("name", "guest_of"), "review_item": ("motion", "options", "reason"),
    "review_vote": ("words",), "directory_mapping": ("version", "reason"), "indicator": ("names", "purpose", "caveat"), "survey": ("slug",),
}  # fmt: skip
"""Columns that pages show: what people named and wrote, and what the analysis found."""


def words_of_the_house(house: Demo) -> set[str]:
    """What may stand on a page beside the catalog's words: the form, languages' names, the lexicon, and what is stored."""
    found = {text for form in (bundled_form(), every_type()) for texts in _form_texts(form) for text in texts.values()}
    found |= {part for text in list(found) for part in re.split(r"\$\{\w+\}", text)}  # around an answer that is piped in
    found |= {language.own_name for language in languages().values()} | {name_in(tag, TAG) for tag in languages()} | {"中文", "English"}
    for directory in load_directories(None).values():
        told = [directory.names, directory.source, directory.note, *(entry.names for entry in directory.entries)]
        found |= {text for texts in told for text in texts.values()} | {directory.version}
    lexicon = load_lexicon()
    found |= {name for names in lexicon.categories.values() for name in names.values()}
    found |= {name for concept in lexicon.concepts for name in concept.names.values()}
    with sqlite3.connect(house.folder / "linsheng.sqlite") as database:
        for table, columns in STORED.items():
            for row in database.execute(f"SELECT {', '.join(columns)} FROM {table}"):
                found |= {text for value in row for text in _leaves(value)}
        found |= {to_simplified(text) for (text,) in database.execute("SELECT redacted FROM statement WHERE language = 'zh-Hant'")}
    return found


def _leaves(value: Any) -> Iterator[str]:
    """The strings in a column, which may be JSON."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        value = json.loads(value)
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value


@pytest.fixture(scope="module")
def known(furnished: Demo) -> frozenset[str]:
    typed = {value for form in (bundled_form(), every_type()) for _, value in every_answer(form)}
    more = {TOO_LONG, "tlh", "xyzzy", *"jkoearm", *"cyAB", *CHINESE.values(), ADMINISTRATOR, ACTOR.name, "apt-get", *languages()}
    return frozenset(words_of_the_house(furnished) | typed | more)


async def take(client: httpx.AsyncClient, step: Step) -> httpx.Response:
    if isinstance(step, Get):
        return await client.get(step.address, headers={"accept-language": step.wish or TAG}, follow_redirects=True)
    if isinstance(step, Bring):
        client.cookies.set(step.name, step.value)
        return httpx.Response(204)
    if isinstance(step, Post):
        headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        return await client.post(step.address, content=url_encoded(step.fields), headers=headers)
    return httpx.Response(500, html=step.html, request=httpx.Request("GET", client.base_url.join(step.address)))


async def page_at(client: httpx.AsyncClient, place: Place) -> Page:
    for name in OF_RESIDENTS:
        client.cookies.delete(name)
    way = place.way(TAG)
    step = next(way)
    while True:
        response = await take(client, step)
        try:
            step = way.send(response.text)
        except StopIteration:
            break
    assert response.status_code == (place.status if not isinstance(step, Shown) else 500), place.name
    return Page(response)


async def plain_on(client: httpx.AsyncClient, places: list[Place], known: frozenset[str]) -> dict[str, list[str]]:
    found = {}
    for place in places:
        page = await page_at(client, place)
        if plain := plain_words(page, known, CODE.findall(page.html)):
            found[place.name] = plain
    return found


async def test_nothing_that_residents_see_is_hard_wired(visitor: httpx.AsyncClient, known: frozenset[str]) -> None:
    assert await plain_on(visitor, residents_places(TAG), known) == {}


async def test_nothing_at_the_desk_is_hard_wired(visitor: httpx.AsyncClient, known: frozenset[str]) -> None:
    at_the_door = await plain_on(visitor, door_places(TAG), known)
    response = await take(visitor, Post("/login", [("name", ADMINISTRATOR), ("password", PASSWORD)]))
    assert response.status_code == 303
    at_the_desk = await plain_on(visitor, desk_places(TAG), known)

    assert (at_the_door, at_the_desk) == ({}, {})


async def test_a_word_that_is_planted_in_a_template_is_found(
    visitor: httpx.AsyncClient, known: frozenset[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = environment().loader
    monkeypatch.setattr(environment(), "loader", FunctionLoader(lambda name: _planted(loader, name)))
    monkeypatch.setattr(environment(), "cache", None)
    assert await plain_on(visitor, [place_named("receipt")], known) == {"receipt": ["Good morning", "Close"]}


def _planted(loader: Any, name: str) -> str:
    source: str = loader.get_source(environment(), name)[0]
    return source.replace('<label for="code">', '<p title="Close">Good morning</p><label for="code">')
