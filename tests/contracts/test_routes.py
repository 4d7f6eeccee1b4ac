"""Every address of the service, as others know it, and what holds for all of them.

routes.txt lists method, path and name. A line may go only on purpose: printed posters, bookmarks and programs use these
addresses, so whoever takes one away should think of a redirect. After a change on purpose, write the file anew:

    python -c "from tests.contracts.test_routes import *; STORED.write_text(listing(routes(app())))"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from survey.accounts.guards import requires_sign_in
from survey.app import create_app
from survey.settings import Settings
from tests.conftest import SECRET
from tests.pages import check_headers

STORED = Path(__file__).parent / "routes.txt"

OPEN_AT_THE_DESK = {"accounts.desk_language"}
"""Reachable without signing in: the door itself offers the language."""

FILLED = {
    "slug": "community-needs", "token": "x", "tag": "en", "public_id": "x", "item_id": "x", "format_": "docx",
    "path": "styles/linsheng.css", "short": "x", "code": "x", "kind": "themes", "file": "themes.svg",
}  # fmt: skip
"""What stands in a path for its parameter. The survey exists, so that a page without a guard would show it."""

SECRETS = ("wangjing", "canary", "望京", "您的社区需要什么", "What does your neighbourhood need")


class Route(NamedTuple):
    method: str
    path: str
    name: str
    handler: Any

    @property
    def address(self) -> str:
        return re.sub(r"\{(\w+):\w+\}", lambda match: FILLED[match.group(1)], self.path)


def app() -> Litestar:
    return create_app(Settings(database="sqlite:///:memory:", secret=SECRET))


def routes(of: Litestar) -> list[Route]:
    """All but the answers to OPTIONS and the framework's own pages around the description of the interface."""
    return sorted(_routes(of), key=lambda route: (route.path, route.method))


def _routes(of: Litestar) -> Iterator[Route]:
    for route in of.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                if not route.path.startswith("/api/schema"):
                    yield Route(str(method), route.path, handler.name or "", handler)


def listing(found: Iterable[Route]) -> str:
    return "".join(f"{route.method} {route.path} {route.name}\n" for route in found)


@pytest.fixture(scope="module")
def every_route() -> list[Route]:
    return routes(app())


@pytest.fixture(scope="module")
def desk(every_route: list[Route]) -> list[Route]:
    found = [route for route in every_route if route.path.startswith(("/desk", "/partner")) and route.name not in OPEN_AT_THE_DESK]
    assert len(found) >= 18
    return found


def test_no_route_went_and_none_came_unnoticed(every_route: list[Route]):
    assert listing(every_route).splitlines() == STORED.read_text(encoding="utf-8").splitlines()


def test_every_route_has_a_name_of_its_own(every_route: list[Route]):
    names = [route.name for route in every_route]

    assert "" not in names
    assert len(set(names)) == len(names)


def test_names_begin_with_the_feature_that_serves_them(every_route: list[Route]):
    others = {"web": {"static", "web"}, "app": {"health"}}

    for route in every_route:
        feature = route.handler.fn.__module__.split(".")[1]
        assert route.name.removeprefix("api.").split(".")[0] in others.get(feature, {feature})


def test_every_route_of_the_desk_has_the_guard(desk: list[Route]):
    """What a request is answered is tested below; this names the route that lacks its guard."""
    assert [route.name for route in desk if requires_sign_in not in route.handler.resolve_guards()] == []


@pytest.fixture
async def visitor(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who never signed in, in front of a survey with an answer."""
    answers = {
        "subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "mainland", "need_most": "canary",
    }  # fmt: skip
    response = await client.post(
        "/api/v1/surveys/community-needs/responses",
        json={"client_id": "a-phone-0123456789", "language": "en", "answers": answers},
    )
    assert response.status_code == 201
    return client


async def test_every_route_of_the_desk_refuses_a_visitor(desk: list[Route], visitor: httpx.AsyncClient):
    for route in desk:
        response = await visitor.request(route.method, route.address, headers={"sec-fetch-site": "same-origin"})

        target = route.address if route.method == "GET" else "/desk"
        assert (response.status_code, response.headers.get("location")) == (303, f"/login?next={target}"), route.name
        assert [word for word in SECRETS if word in response.text] == [], route.name
        assert "set-cookie" not in response.headers, route.name


@pytest.mark.parametrize("cookie", ["session=made-up", "session=", "session=1", "__Host-session=x", "desk_language=en"])
async def test_every_route_of_the_desk_refuses_a_made_up_session(desk: list[Route], visitor: httpx.AsyncClient, cookie: str):
    for route in desk:
        headers = {"sec-fetch-site": "same-origin", "cookie": cookie}
        response = await visitor.request(route.method, route.address, headers=headers)

        assert (response.status_code, response.headers["location"].startswith("/login?")) == (303, True), route.name


async def test_every_route_refuses_a_change_that_another_site_started(every_route: list[Route], visitor: httpx.AsyncClient):
    for route in every_route:
        if route.method != "GET":
            response = await visitor.request(route.method, route.address, headers={"sec-fetch-site": "cross-site"})

            assert response.status_code == 403, route.name


async def test_every_route_answers_with_the_security_headers(every_route: list[Route], visitor: httpx.AsyncClient):
    """Whatever it answers. The style of the survey's page has a hash of its own, which check_page looks at."""
    for route in every_route:
        response = await visitor.request(route.method, route.address, headers={"sec-fetch-site": "same-origin"})

        assert response.status_code < 500, route.name
        if "sha256-" not in response.headers["content-security-policy"]:
            check_headers(response)


async def test_no_address_ends_in_two_ways(every_route: list[Route], visitor: httpx.AsyncClient):
    """A slash at the end shows the same page, so that a link which a chat lengthened still works."""
    for route in every_route:
        if route.method == "GET" and not route.path.startswith("/static"):
            plain = await visitor.get(route.address)
            slashed = await visitor.get(route.address.rstrip("/") + "/")

            assert slashed.status_code == plain.status_code, route.name
