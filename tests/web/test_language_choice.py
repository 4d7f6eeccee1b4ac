"""The language of a page: what the address says, what was chosen before, what the browser wishes, what the channel gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar.testing import RequestFactory

from survey.app import create_app
from survey.settings import Settings
from survey.web.pages import resident_language
from tests.conftest import SECRET, running
from tests.pages import PageClient

YEAR = 365 * 86400


def request(lang: str = "", cookie: str = "", wish: str = "") -> Any:
    headers = {"accept-language": wish} if wish else {}
    cookies = f"lang={cookie}" if cookie else ""
    return RequestFactory().get("/", query_params={"lang": lang} if lang else None, headers=headers | ({"cookie": cookies} if cookies else {}))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"lang": "ko", "cookie": "ar", "wish": "ja"}, "ko"),
        ({"cookie": "ar", "wish": "ja"}, "ar"),
        ({"wish": "ja"}, "ja"),
        ({}, "ru"),
        ({"lang": "xx", "cookie": "ar"}, "ar"),
        ({"cookie": "xx", "wish": "ja"}, "ja"),
        ({"cookie": "<script>", "wish": "pt"}, "ru"),
        ({"cookie": "fr", "wish": "ja"}, "ja"),
        ({"cookie": "ko-x-easy"}, "ko"),
        ({"lang": "en-x-easy"}, "en-x-easy"),
        ({"cookie": "en-x-easy", "wish": "ko"}, "en-x-easy"),
        ({"lang": "xx-x-easy"}, "ru"),
    ],
)
def test_language_of_a_survey_is_the_first_that_it_offers(given: dict[str, str], expected: str) -> None:
    offered = ["ko", "ar", "ja", "ru", "en", "en-x-easy"]

    assert resident_language(request(**given), offered, default="ru") == expected


def test_language_falls_to_english_and_where_that_is_not_offered_to_the_first() -> None:
    assert resident_language(request(), ["ko", "en"]) == "en"
    assert resident_language(request(), ["ko", "ja"]) == "ko"
    assert resident_language(request(), ["ko", "en"], default="pt") == "en"
    assert resident_language(request()) == "en"


async def test_choice_is_kept_for_a_year_without_identity(pages: PageClient) -> None:
    chosen = await pages.get("/receipt?lang=ko", wish="ja")
    later = await pages.get("/receipt", wish="ja")

    assert (chosen.language, later.language) == ("ko", "ko")
    [line] = chosen.cookies
    assert line.split(";")[0] == "lang=ko"
    assert {part.strip().lower() for part in line.split(";")[1:]} == {"path=/", "samesite=lax", f"max-age={YEAR}"}
    assert later.cookies == []


async def test_choice_is_not_set_again_by_the_same_address_and_is_replaced_by_another(pages: PageClient) -> None:
    await pages.get("/receipt?lang=ko")
    same = await pages.get("/receipt?lang=ko")
    other = await pages.get("/?lang=ar")

    assert same.cookies == []
    assert [line.split(";")[0] for line in other.cookies] == ["lang=ar"]
    assert (await pages.get("/receipt")).language == "ar"


@pytest.mark.parametrize("address", ["/receipt", "/receipt?lang=xx", "/receipt?lang=xx-x-easy", "/receipt?lang=", "/login?lang=en"])
async def test_nothing_is_kept_where_nothing_was_chosen(pages: PageClient, address: str) -> None:
    page = await pages.get(address, wish="ja")

    assert page.cookies == []


async def test_plain_english_carries_its_tag_and_speaks_english(pages: PageClient) -> None:
    page = await pages.get("/receipt?lang=en-x-easy", wish="ko")
    english = await pages.get("/receipt?lang=en")

    assert (page.language, page.root.get("dir")) == ("en-x-easy", "ltr")
    assert page.h1 == english.h1
    assert page.response.headers["content-language"] == "en-x-easy"
    assert "English – easy words" in page.text


async def test_plain_arabic_runs_from_right_to_left(pages: PageClient) -> None:
    page = await pages.get("/receipt?lang=ar-x-easy")

    assert (page.language, page.root.get("dir"), page.h1) == ("ar-x-easy", "rtl", (await pages.get("/receipt?lang=ar")).h1)


async def test_an_old_phone_that_chose_a_language_can_still_send(pages: PageClient) -> None:
    """It says neither Sec-Fetch-Site nor Origin: with the cookie of a language alone it is not refused, with a session it is."""
    await pages.get("/receipt?lang=ko")
    body = {"_language": "ko", "code": "0000"}

    harmless = await pages.http.post("/receipt", data=body)
    with_session = await pages.http.post("/receipt", data=body, headers={"cookie": "lang=ko; session=x"})

    assert (harmless.status_code, with_session.status_code) == (404, 403)


@pytest.fixture
async def https(sqlite_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(Settings(database=sqlite_settings.database, secret=SECRET, url="https://survey.example.cn"))) as http:
        yield http


async def test_choice_is_secure_behind_tls(https: httpx.AsyncClient) -> None:
    response = await https.get("/receipt?lang=fr")

    assert "secure" in {part.strip().lower() for part in response.headers["set-cookie"].split(";")}
