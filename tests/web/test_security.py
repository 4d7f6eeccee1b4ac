"""Headers on every answer, and changes that another site's page started."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from survey.app import create_app
from survey.authoring.queries import find_survey
from survey.i18n.speech import speech
from survey.responses.queries import count_responses
from survey.settings import Settings
from survey.web.assets import asset_url
from tests.conftest import SECRET, bundled_survey, running
from tests.pages import SECURITY_HEADERS, PageClient, check_headers

SURVEY = "/s/community-needs"
ANSWER = {
    "_client": "a-phone-0123456789", "_language": "en",
    "subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "another_country", "_age": "yes", "_agree": "yes",
}  # fmt: skip
HERE = "http://127.0.0.1:8000"


@pytest.fixture
async def https(sqlite_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    secure = Settings(database=sqlite_settings.database, secret=SECRET, url="https://survey.example.cn")
    async with running(create_app(secure)) as http:
        await bundled_survey()
        yield http


async def count() -> int:
    return await count_responses((await find_survey("community-needs")).id)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/desk", 303),
        ("GET", "/nothing/here", 404),
        ("GET", "/s/%00", 404),
        ("GET", "/static/nothing.css", 404),
        ("DELETE", "/", 405),
        ("TRACE", "/login", 405),
        ("OPTIONS", "/", 204),
        ("HEAD", "/nothing", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/schema", 200),
        ("GET", "/api/schema/nothing", 404),
        ("GET", "/health/live", 200),
    ],
)
async def test_headers_are_on_every_kind_of_answer(client: httpx.AsyncClient, method: str, address: str, status: int):
    """Pitfall L4: middleware does not run for addresses and methods that do not exist."""
    response = await client.request(method, address)

    assert response.status_code == status
    check_headers(response)
    assert response.headers["cache-control"] == "no-store"
    assert "server" not in response.headers
    assert "x-powered-by" not in response.headers


async def test_headers_are_on_static_files_too(client: httpx.AsyncClient):
    page = await PageClient(client).get(f"{SURVEY}?lang=en")

    for address in page.root.xpath("//script/@src | //link[@rel='stylesheet']/@href"):
        check_headers(await client.get(address))


async def test_policy_names_no_source_but_ourselves(client: httpx.AsyncClient):
    policy = (await client.get(f"{SURVEY}?lang=en")).headers["content-security-policy"]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives.pop("default-src") == "'none'"
    sources = {source for value in directives.values() for source in value.split()}
    assert {source for source in sources if not source.startswith("'sha256-")} == {"'self'", "'none'", "data:"}
    assert directives["script-src"] == "'self'"


async def test_style_of_one_page_is_not_allowed_on_the_next(client: httpx.AsyncClient):
    policies = [
        (await client.get(address)).headers["content-security-policy"] for address in (f"{SURVEY}?lang=en", "/", "/nothing")
    ]

    assert ["sha256" in policy for policy in policies] == [True, False, False]


async def test_browsers_are_told_to_stay_on_https(https: httpx.AsyncClient):
    there = [await https.get(f"https://survey.example.cn{path}") for path in ("/", "/nothing", "/health/live")]
    loopback = await https.get("/")

    assert {response.headers["strict-transport-security"] for response in there} == {"max-age=31536000; includeSubDomains"}
    assert "strict-transport-security" not in loopback.headers


async def test_headers_of_two_apps_in_one_process(sqlite_settings: Settings):
    """Pitfall L11: a handler that is used in two apps keeps what the first one hung on it."""
    first = create_app(Settings(database=sqlite_settings.database, secret=SECRET, url="https://survey.example.cn"))
    second = create_app(sqlite_settings)

    async with running(first) as one, running(second) as two:
        for http in (one, two):
            response = await http.get("/health/live")
            assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert "__Host-session" in (await one.post("/logout")).headers["set-cookie"]
        assert (await two.post("/logout")).headers["set-cookie"].startswith("session=")


# Changes that another site started

COOKIE = {"cookie": "desk_language=en"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": HERE, **COOKIE},
        {"origin": HERE},
        {"origin": HERE, **COOKIE},
        {},
        {"origin": "null"},
    ],
)
async def test_change_from_our_own_page_is_taken(client: httpx.AsyncClient, headers: dict[str, str]):
    """Without a cookie there is nothing to misuse, so a phone's plain form post passes."""
    response = await client.post(SURVEY, data=ANSWER, headers=headers)

    assert (response.status_code, await count()) == (200, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "nonsense"},
        {"sec-fetch-site": "cross-site", "origin": HERE},
        {"sec-fetch-site": "Same-Origin"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9000"},
        {"origin": "http://127.0.0.1:8000.evil.example"},
        {"origin": "http://evil.example/127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:8000@evil.example"},
        {"origin": "evil"},
        {"origin": "null", **COOKIE},
        COOKIE,
    ],
)
async def test_change_from_elsewhere_is_refused(client: httpx.AsyncClient, headers: dict[str, str]):
    response = await client.post(SURVEY, data=ANSWER, headers={"accept-language": "ko", **headers})

    page = PageClient.read(response, 403)
    assert (page.language, page.h1) == ("ko", speech("resident", "ko").gettext("This is not allowed"))
    assert await count() == 0


async def test_change_from_elsewhere_is_refused_by_every_form(client: httpx.AsyncClient):
    for address in (SURVEY, "/receipt", "/login", "/logout", "/welcome/x", "/desk/surveys/community-needs/state"):
        response = await client.post(address, data=ANSWER, headers={"sec-fetch-site": "cross-site"})

        assert response.status_code == 403, address


async def test_change_cannot_hide_behind_a_path_that_looks_like_a_file(client: httpx.AsyncClient):
    """Pitfall L12: an unanchored exclusion of /static would open /anything/static/."""
    await bundled_survey("static")

    response = await client.post("/s/static", data=ANSWER, headers={"sec-fetch-site": "cross-site"})

    assert response.status_code == 403
    assert await count_responses((await find_survey("static")).id) == 0


async def test_link_from_another_site_opens_the_survey(client: httpx.AsyncClient):
    """A chat's browser says cross-site when somebody taps a link; reading is no change."""
    page = PageClient.read(await client.get(f"{SURVEY}?lang=ko", headers={"sec-fetch-site": "cross-site"}), 200)

    assert page.language == "ko"


async def test_answers_of_the_service_name_no_version_of_its_parts(client: httpx.AsyncClient):
    page = await client.get("/nothing")

    assert not re.search(r"litestar|piccolo|granian|python", page.text + str(page.headers), re.IGNORECASE)


async def test_pages_and_styles_travel_compressed_and_the_small_answers_of_the_interface_do_not(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/s/community-needs?lang=ko", headers={"accept-encoding": "gzip"})
    style = await client.get(asset_url("styles/linsheng.css"), headers={"accept-encoding": "gzip"})
    api = await client.post(
        "/api/v1/surveys/community-needs/responses",
        json={"client_id": "x" * 20, "language": "ko", "answers": {}}, headers={"accept-encoding": "gzip"},
    )  # fmt: skip

    encodings = [answer.headers.get("content-encoding", "") for answer in (page, style, api)]
    assert encodings == ["gzip", "gzip", ""]
    assert page.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"
