"""Signing in and out over HTTP: sessions, cookies, tries, links that set a password once, addresses to go on to."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from survey import clock
from survey.accounts.rules import RoleKind
from survey.accounts.service import LINK_LASTS, SESSION_LASTS, create_account, make_one_time_link
from survey.accounts.tables import Account, Session
from survey.settings import Settings
from tests.conftest import PASSWORD, SECRET, add_people, app_of, bundled_survey, running, sign_in
from tests.pages import PageClient, url_encoded

HOUSE = "https://survey.example.cn"
NEW_PASSWORD = "seven quiet elevators"


@pytest.fixture(scope="session")
def inhabited_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a survey, ada and chen: hashing their passwords anew for each test would take most of the time."""
    path = tmp_path_factory.mktemp("inhabited") / "template.sqlite"
    shutil.copy(sqlite_template, path)

    async def fill() -> None:
        async with running(app_of(Settings(database=f"sqlite:///{path}", secret=SECRET))):
            await bundled_survey()
            await add_people()

    asyncio.run(fill())
    return path


@pytest.fixture
def inhabited(inhabited_template: Path, tmp_path: Path) -> str:
    """The address of a copy."""
    shutil.copy(inhabited_template, tmp_path / "linsheng.sqlite")
    return f"sqlite:///{tmp_path / 'linsheng.sqlite'}"


@pytest.fixture
async def pages(inhabited: str) -> AsyncIterator[PageClient]:
    """A visitor at the door; ada and chen have accounts."""
    async with running(app_of(Settings(database=inhabited, secret=SECRET))) as http:
        yield PageClient(http)


@pytest.fixture
async def https(inhabited: str) -> AsyncIterator[PageClient]:
    """The same behind TLS."""
    async with running(app_of(Settings(database=inhabited, secret=SECRET, url=HOUSE))) as http:
        yield PageClient(http)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Move the clock forward."""
    real = clock.now

    def move(by: dt.timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + by)

    return move


async def try_to_sign_in(pages: PageClient, name: str, password: str, **more: str) -> httpx.Response:
    return await pages.send("/login", {"name": name, "password": password, **more})


async def is_signed_in(pages: PageClient) -> bool:
    """Whether the desk opens; else it must send to the door."""
    response = await pages.http.get("/desk")
    if response.status_code == 200:
        return True
    assert (response.status_code, response.headers["location"]) == (303, "/login?next=/desk")
    return False


def session_of(pages: PageClient) -> str:
    return pages.http.cookies["session"]


def attributes(response: httpx.Response) -> tuple[str, set[str]]:
    """A session cookie's name and attributes, without its value."""
    [line] = response.headers.get_list("set-cookie")
    name, _, rest = line.partition("=")
    return name, {part.strip().lower() for part in rest.split(";")[1:]}


# The door


@pytest.mark.parametrize(("language", "heading"), [("zh-Hans", "登录工作台"), ("en", "Sign in to the desk")])
async def test_door_speaks_the_desks_languages(pages: PageClient, language: str, heading: str):
    page = await pages.get(f"/login?lang={language}")

    assert (page.language, page.h1) == (language, heading)
    assert page.fields() == [("next", "/desk"), ("name", ""), ("password", "")]


async def test_desk_sends_a_visitor_to_the_door_and_then_back(pages: PageClient):
    response = await pages.http.get("/desk/surveys/community-needs")
    door = await pages.get(response.headers["location"])

    back = await try_to_sign_in(pages, "chen", PASSWORD, next=dict(door.fields())["next"])

    assert (response.status_code, back.status_code) == (303, 303)
    assert back.headers["location"] == "/desk/surveys/community-needs"
    assert await is_signed_in(pages)


async def test_address_to_go_back_to_survives_what_means_something_in_a_query(pages: PageClient):
    response = await pages.http.get("/desk/surveys/a%26next=b%23x")

    door = await pages.get(response.headers["location"])

    assert dict(door.fields())["next"] == "/desk/surveys/a&next=b#x"


@pytest.mark.parametrize(
    ("name", "password"),
    [("chen", "wrong"), ("chen", ""), ("chen", PASSWORD + " "), ("chen", PASSWORD.upper()), ("CHEN", PASSWORD),
     ("nobody", PASSWORD), ("", ""), ("chen' --", PASSWORD), ("<b>chen</b>", "wrong"), ("chen", "x" * 100_000)],
)  # fmt: skip
async def test_wrong_name_or_password_opens_nothing(pages: PageClient, name: str, password: str):
    page = await pages.post("/login?lang=en", {"name": name, "password": password, "next": "/desk/plans"}, status=422)

    assert page.words("//*[@role='alert']/h2") == ["Name or password is wrong"]
    assert page.fields() == [("next", "/desk/plans"), ("name", name), ("password", "")]
    assert page.cookies == []
    assert not await is_signed_in(pages)


async def test_wrong_name_and_wrong_password_are_answered_alike(pages: PageClient):
    """Else the door would tell who has an account."""
    known = await pages.post("/login", {"name": "chen", "password": "wrong"}, status=422)
    unknown = await pages.post("/login", {"name": "nobd", "password": "wrong"}, status=422)

    assert known.html.replace("chen", "nobd") == unknown.html


async def test_account_without_a_password_opens_to_none(pages: PageClient):
    await create_account(name="new", roles=[(RoleKind.COMMITTEE, None)])

    for password in ("", "None", "null"):
        assert (await try_to_sign_in(pages, "new", password)).status_code == 422


async def test_account_that_was_switched_off_opens_nothing(pages: PageClient):
    await sign_in(pages.http, "chen")
    await Account.update({Account.is_active: False}).where(Account.name == "chen")

    assert not await is_signed_in(pages)
    assert (await try_to_sign_in(pages, "chen", PASSWORD)).status_code == 422


# Sessions


async def test_session_id_is_new_at_each_sign_in(pages: PageClient):
    """Pitfall L10, ASVS 7.2.4."""
    await sign_in(pages.http, "chen")
    first = session_of(pages)

    await sign_in(pages.http, "chen")

    assert session_of(pages) != first
    assert len(session_of(pages)) >= 32


async def test_planted_session_id_never_becomes_a_session(pages: PageClient):
    pages.http.cookies.set("session", "planted-by-somebody-else", domain="127.0.0.1")
    before = await is_signed_in(pages)

    response = await try_to_sign_in(pages, "chen", PASSWORD)

    given = response.headers["set-cookie"].split(";")[0].removeprefix("session=")
    pages.http.cookies.clear()
    pages.http.cookies.set("session", "planted-by-somebody-else", domain="127.0.0.1")
    assert (before, await is_signed_in(pages), given == "planted-by-somebody-else") == (False, False, False)


async def test_session_is_stored_as_a_hash_only(pages: PageClient):
    await sign_in(pages.http, "chen")

    rows = await Session.select()
    assert len(rows) == 1
    assert session_of(pages) not in str(rows)
    pages.http.cookies.set("session", rows[0]["token_hash"], domain="127.0.0.1")
    assert not await is_signed_in(pages)


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(pages: PageClient):
    await sign_in(pages.http, "chen")
    token = session_of(pages)
    desk = await pages.get("/desk")

    response = await pages.send("/logout", [])

    assert desk.all("//form[@action='/logout']")[0].get("method") == "post"
    assert (response.status_code, response.headers["location"]) == (303, "/login")
    assert "session" not in pages.http.cookies
    pages.http.cookies.set("session", token, domain="127.0.0.1")
    assert not await is_signed_in(pages)


async def test_signing_out_by_a_link_or_picture_is_not_possible(pages: PageClient):
    await sign_in(pages.http, "chen")

    response = await pages.http.get("/logout")

    assert response.status_code == 405
    assert await is_signed_in(pages)


async def test_signing_out_twice_is_no_error(pages: PageClient):
    assert (await pages.send("/logout", [])).status_code == 303


async def test_signing_out_leaves_the_persons_other_sessions_and_those_of_others(pages: PageClient):
    await sign_in(pages.http, "chen")
    phone = session_of(pages)
    await sign_in(pages.http, "ada")
    other = session_of(pages)
    await sign_in(pages.http, "chen")
    await pages.send("/logout", [])

    for token in (phone, other):
        pages.http.cookies.set("session", token, domain="127.0.0.1")
        assert await is_signed_in(pages)


async def test_session_ends_after_its_time(pages: PageClient, later: Any):
    await sign_in(pages.http, "chen")

    later(SESSION_LASTS - dt.timedelta(minutes=1))
    before = await is_signed_in(pages)
    later(SESSION_LASTS + dt.timedelta(minutes=1))

    assert (before, await is_signed_in(pages)) == (True, False)


async def test_cookie_on_loopback(pages: PageClient):
    response = await try_to_sign_in(pages, "chen", PASSWORD)

    assert attributes(response) == ("session", {"path=/", "httponly", "samesite=lax", "max-age=43200"})


async def test_cookie_on_https_is_bound_to_the_host(https: PageClient):
    response = await https.send(f"{HOUSE}/login", {"name": "chen", "password": PASSWORD})

    assert attributes(response) == (
        "__Host-session", {"path=/", "httponly", "samesite=lax", "secure", "max-age=43200"}
    )  # fmt: skip
    assert (await https.http.get(f"{HOUSE}/desk")).status_code == 200


async def test_cookie_of_another_name_is_no_session_on_https(https: PageClient):
    """A neighbouring site can plant `session`, but no browser lets it plant `__Host-session`."""
    response = await https.send(f"{HOUSE}/login", {"name": "chen", "password": PASSWORD})
    token = response.headers["set-cookie"].split(";")[0].partition("=")[2]
    https.http.cookies.clear()

    with_plain_name = await https.http.get(f"{HOUSE}/desk", headers={"cookie": f"session={token}"})
    with_host_name = await https.http.get(f"{HOUSE}/desk", headers={"cookie": f"__Host-session={token}"})

    assert (with_plain_name.status_code, with_host_name.status_code) == (303, 200)


async def test_cookie_is_taken_back_with_the_same_attributes_on_https(https: PageClient):
    await https.send(f"{HOUSE}/login", {"name": "chen", "password": PASSWORD})

    response = await https.send(f"{HOUSE}/logout", [])

    assert attributes(response) == ("__Host-session", {"path=/", "httponly", "samesite=lax", "secure", "max-age=0"})


# Guessing


async def test_guessing_ends_after_ten_tries_for_that_account_alone(pages: PageClient, later: Any):
    wrong = [(await try_to_sign_in(pages, "chen", f"guess {number}")).status_code for number in range(10)]
    guess = await pages.post("/login?lang=en", {"name": "chen", "password": "guess 10"}, status=429)
    right = await pages.post("/login?lang=en", {"name": "chen", "password": PASSWORD}, status=429)
    spelled = await try_to_sign_in(pages, "CHEN", "guess 11")
    other = await try_to_sign_in(pages, "ada", PASSWORD)

    assert wrong == [422] * 10
    assert guess.words("//*[@role='alert']/h2") == right.words("//*[@role='alert']/h2") == ["Too many tries"]
    assert right.cookies == []
    assert (spelled.status_code, other.status_code) == (429, 303)
    later(dt.timedelta(minutes=10))
    assert (await try_to_sign_in(pages, "chen", PASSWORD)).status_code == 303


async def test_guessing_names_that_do_not_exist_ends_too(pages: PageClient):
    tries = [(await try_to_sign_in(pages, "nobody", "guess")).status_code for _ in range(11)]

    assert tries == [422] * 10 + [429]


async def test_right_password_uses_up_no_try_and_pardons_none(pages: PageClient):
    """Somebody who signs in often is no guesser, and somebody who guesses may not go on whenever the person signs in."""
    given = ["guess"] * 9 + [PASSWORD] * 2 + ["guess"] * 2

    tries = [(await try_to_sign_in(pages, "chen", password)).status_code for password in given]

    assert tries == [422] * 9 + [303] * 2 + [422, 429]


# Where to go on to

ELSEWHERE = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "http:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "//evil.example/desk", " //evil.example",
    "/\t/evil.example", "/\n/evil.example", "\t//evil.example", "/desk\r\nLocation: https://evil.example", "/\x00/evil.example",
    "/desk\\@evil.example", "desk", "?next=/desk", "#", "@evil.example", "https:/desk", "／／evil.example", "\u200b//evil.example",
]  # fmt: skip


async def test_no_page_sends_to_another_site(pages: PageClient):
    """A wrong password shows what the form goes on to; signing in for each would take too long."""
    for target in ELSEWHERE:
        door = await pages.get(f"/login?{url_encoded({'next': target}).decode()}")
        language = await pages.http.get("/desk/language/en", params={"next": target})

        found = (dict(door.fields())["next"], language.status_code, language.headers["location"])
        assert found == ("/desk", 303, "/desk"), target


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("https://evil.example", "/desk"),
        ("//evil.example", "/desk"),
        ("/\\evil.example", "/desk"),
        ("/desk\r\nLocation: https://evil.example", "/desk"),
        ("/desk/surveys/community-needs/themes?sort=name", "/desk/surveys/community-needs/themes?sort=name"),
        ("/desk/plans/a#item-1", "/desk/plans/a#item-1"),
    ],
)
async def test_signing_in_goes_on_to_addresses_of_ours_only(pages: PageClient, target: str, location: str):
    response = await try_to_sign_in(pages, "chen", PASSWORD, next=target)

    assert (response.status_code, response.headers["location"]) == (303, location)


# The language of the desk


@pytest.mark.parametrize(("tag", "kept"), [("en", "en"), ("zh-Hans", "zh-Hans"), ("ko", "zh-Hans"), ("x;Domain=.cn", "zh-Hans")])
async def test_language_of_the_desk_is_kept_in_a_cookie(pages: PageClient, tag: str, kept: str):
    response = await pages.http.get(f"/desk/language/{tag}", params={"next": "/login"})

    assert response.headers.get_list("set-cookie") == [
        f"desk_language={kept}; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax"
    ]
    assert (await pages.get(response.headers["location"])).language == kept


# Links that set a password once


async def a_link(name: str = "new") -> str:
    return await make_one_time_link(await create_account(name=name, roles=[(RoleKind.COMMITTEE, None)]))


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_link_sets_the_password_once(pages: PageClient, language: str):
    token = await a_link()
    page = await pages.get(f"/welcome/{token}?lang={language}")

    set_it = await pages.send(f"/welcome/{token}", {"password": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert (page.language, "new" in page.h1) == (language, True)
    assert (set_it.status_code, set_it.headers["location"]) == (303, "/login")
    assert (await try_to_sign_in(pages, "new", NEW_PASSWORD)).status_code == 303
    await pages.get(f"/welcome/{token}", status=404)
    again = await pages.post(f"/welcome/{token}?lang=en", {"password": "another password", "again": "another password"}, status=404)
    assert again.h1 == "This link cannot be used"
    assert (await try_to_sign_in(pages, "new", "another password")).status_code == 422


async def test_link_ends_after_three_days(pages: PageClient, later: Any):
    token = await a_link()
    later(LINK_LASTS - dt.timedelta(minutes=1))
    await pages.get(f"/welcome/{token}")

    later(LINK_LASTS + dt.timedelta(minutes=1))

    page = await pages.get(f"/welcome/{token}?lang=en", status=404)
    assert (page.h1, page.all("//form")) == ("This link cannot be used", [])
    await pages.post(f"/welcome/{token}", {"password": NEW_PASSWORD, "again": NEW_PASSWORD}, status=404)
    assert (await try_to_sign_in(pages, "new", NEW_PASSWORD)).status_code == 422


@pytest.mark.parametrize("token", ["x", "None", "x" * 5000, "%00", "..%2F..", "' OR 1=1 --"])
async def test_link_that_was_never_made_sets_nothing(pages: PageClient, token: str):
    await a_link()

    await pages.get(f"/welcome/{token}", status=404)
    await pages.post(f"/welcome/{token}", {"password": NEW_PASSWORD, "again": NEW_PASSWORD}, status=404)

    assert await Account.select(Account.password_hash).where(Account.name == "new").first() == {"password_hash": None}


@pytest.mark.parametrize(
    ("password", "again", "problem"),
    [
        ("short one", None, "The password is too short"),
        ("", None, "The password is too short"),
        ("x" * 201, None, "The password is too long"),
        ("password12", None, "The password is too easy to guess"),
        ("1234567890", None, "The password is too easy to guess"),
        ("aaaaaaaaaaaa", None, "The password is too easy to guess"),
        ("Chaoyang2026!", None, "The password is too easy to guess"),
        ("committee-new", None, "The password is too easy to guess"),
        (NEW_PASSWORD, NEW_PASSWORD + "!", "The two passwords differ"),
        (NEW_PASSWORD, "", "The two passwords differ"),
    ],
)
async def test_weak_password_is_refused_and_the_link_stays(pages: PageClient, password: str, again: str | None, problem: str):
    token = await a_link("committee-new")
    fields = {"password": password, "again": password if again is None else again}

    page = await pages.post(f"/welcome/{token}?lang=en", fields, status=422)

    assert page.words("//*[@role='alert']/h2") == [problem]
    assert page.fields() == [("password", ""), ("again", "")]
    assert await Account.select(Account.password_hash).where(Account.name == "committee-new").first() == {"password_hash": None}
    await pages.get(f"/welcome/{token}")


async def test_new_password_ends_the_sessions_that_the_old_one_began(pages: PageClient):
    await sign_in(pages.http, "chen")
    account = await Account.select(Account.id).where(Account.name == "chen").first()
    assert account is not None
    token = await make_one_time_link(account["id"])

    await pages.send(f"/welcome/{token}", {"password": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert not await is_signed_in(pages)
    assert (await try_to_sign_in(pages, "chen", PASSWORD)).status_code == 422


async def test_password_is_stored_as_argon2id(pages: PageClient):
    await create_account(name="dora", roles=[(RoleKind.COMMITTEE, None)], password=PASSWORD)
    [row] = await Account.select(Account.password_hash).where(Account.name == "dora")

    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", row["password_hash"])
