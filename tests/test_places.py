"""The list of all pages is complete: a route without a line in tests/places.py, or a line without a route, fails here."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.places import NOT_PAGES, PLACES

STORED = Path(__file__).parent / "contracts" / "routes.txt"


def test_every_page_has_a_place():
    routes = {line.rpartition(" ")[0] for line in STORED.read_text(encoding="utf-8").splitlines()}
    seen = {place.route for place in PLACES if place.route}
    pages = {route for route in routes if route.startswith("GET ")} - NOT_PAGES.keys()

    assert pages - seen == set()  # a new page: add a line to PLACES
    assert seen - routes == set()
    assert NOT_PAGES.keys() - routes == set()
    assert NOT_PAGES.keys() & seen == set()


def test_every_place_has_a_name_of_its_own():
    assert {name for name, count in Counter(place.name for place in PLACES).items() if count > 1} == set()


def test_the_desk_is_told_from_what_residents_see():
    residents = {place.name for place in PLACES if not place.is_desk}

    assert {place.name for place in PLACES if place.route.split(" ")[-1].startswith("/desk")} & residents == set()
    assert len(residents) > 20
    assert {place.languages for place in PLACES if place.is_desk} == {("zh-Hans", "en")}
