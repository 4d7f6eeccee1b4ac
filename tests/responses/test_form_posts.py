"""Forms as browsers and others send them: one box, nothing, too much, broken, hostile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from survey.settings import Settings
from tests.conftest import app_of, bundled_survey, running
from tests.pages import PageClient
from tests.responses.visits import (
    SENT,
    SURVEY,
    WHO,
    code_on,
    count_of,
    hidden_in,
    open_form,
    say,
    stored,
)


@pytest.fixture
async def pages_on_both(settings: Settings) -> AsyncIterator[PageClient]:
    """The app with the bundled survey open, on SQLite and on PostgreSQL."""
    async with running(app_of(settings)) as http:
        await bundled_survey()
        yield PageClient(http)

# Forms as browsers and others send them


async def test_one_checked_box_is_a_list_of_one(pages: PageClient):
    """Pitfall L1: a form with one box checked arrives as a string."""
    await pages.submit(await open_form(pages), {**SENT, "participation": ["teach"]})

    assert [row["answers"]["participation"] for row in await stored()] == [["teach"]]


async def test_boxes_are_stored_in_the_order_of_the_form(pages: PageClient):
    await pages.submit(await open_form(pages), {**SENT, "participation": ["teach", "events", "teach"]})

    assert [row["answers"]["participation"] for row in await stored()] == [["events", "teach"]]


async def test_empty_fields_are_no_answers(pages: PageClient):
    """Pitfall L2: `age=` is not a number, and `name=` is not a name."""
    form = await open_form(pages)
    empty = [(name, "") for name in ("need_most", "change_first", "importance_health", "participation", "aware_library")]

    await pages.post(SURVEY, [*hidden_in(form).items(), *SENT.items(), *empty, ("change_first", " \r\n\t")])

    assert [row["answers"] for row in await stored()] == [WHO]


async def test_fields_that_the_form_does_not_have_are_left_out(pages: PageClient):
    form = await open_form(pages)

    await pages.post(SURVEY, [*hidden_in(form).items(), *SENT.items(), ("is_admin", "1"), ("_csrf_token", "x"), ("", "y")])

    assert [row["answers"] for row in await stored()] == [WHO]


async def test_choice_that_the_form_does_not_offer_is_refused(pages: PageClient):
    form = await open_form(pages)
    fields = {**SENT, "subdistrict": "atlantis", "aware_library": "maybe", "participation": "nothing"}

    page = await pages.post(SURVEY, [*hidden_in(form).items(), *fields.items()], status=422)

    assert page.errors() == [
        (f"#q-{name}", "Please choose one of the answers shown.")
        for name in ("subdistrict", "aware_library", "participation")
    ]


async def test_second_value_for_one_answer_is_refused(pages: PageClient):
    form = await open_form(pages)

    page = await pages.post(SURVEY, [*hidden_in(form).items(), *SENT.items(), ("origin", "mainland")], status=422)

    assert page.errors() == [("#q-origin", "Please choose one answer only.")]


async def test_answer_to_a_question_that_was_hidden_is_not_stored(pages: PageClient):
    """A browser that does not know :has() shows every question; what does not apply is dropped."""
    given = {**SENT, "aware_library": "no", "used_library": "yes", "satisfied_library": "5"}

    await pages.submit(await open_form(pages), given)

    assert [row["answers"] for row in await stored()] == [{**WHO, "aware_library": "no"}]


async def test_form_in_parts_is_read_like_any_other(pages: PageClient):
    form = await open_form(pages)
    fields = [*hidden_in(form).items(), *SENT.items(), ("need_most", "의사\r\n병원"), ("participation", "teach")]

    response = await pages.http.post(SURVEY, files=[(name, (None, value)) for name, value in fields])

    assert response.status_code == 200
    assert [row["answers"] for row in await stored()] == [
        {**WHO, "need_most": "의사\n병원", "participation": ["teach"]}
    ]


@pytest.mark.parametrize("part", ["need_most", "photo"])
async def test_file_is_refused(pages: PageClient, part: str):
    form = await open_form(pages)
    files = [(name, (None, value)) for name, value in [*hidden_in(form).items(), *SENT.items()]]

    response = await pages.http.post(SURVEY, files=[*files, (part, ("photo.jpg", b"\xff\xd8\xff", "image/jpeg"))])

    assert PageClient.read(response, 400).h1 == "Something went wrong"
    assert await count_of() == 0


@pytest.mark.parametrize("is_in_parts", [False, True])
async def test_too_many_fields_are_refused(pages: PageClient, is_in_parts: bool):
    form = await open_form(pages)
    fields = [*hidden_in(form).items(), *SENT.items(), *((f"field_{number}", "x") for number in range(2_100))]

    if is_in_parts:
        response = await pages.http.post(SURVEY, files=[(name, (None, value)) for name, value in fields])
    else:
        response = await pages.send(SURVEY, fields)

    assert PageClient.read(response, 400).h1 == "Something went wrong"
    assert await count_of() == 0


PARTS = b'--x\r\nContent-Disposition: form-data; name="need_most"%s\r\n\r\n%s\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"no parts"),
        ("multipart/form-data; boundary=x", PARTS[:40]),
        ("multipart/form-data; boundary=x", PARTS % (b"", b"\xff\xfe is not UTF-8")),
        ("multipart/form-data; boundary=x", PARTS % (b"\r\nContent-Type: text/plain; charset=klingon", b"nuqneH")),
    ],
)
async def test_broken_form_is_refused_as_unreadable(pages: PageClient, kind: str, body: bytes):
    page = await pages.post(SURVEY, body, headers={"content-type": kind, "accept-language": "ko"}, status=400)

    assert (page.language, page.h1) == ("ko", say("ko", "Something went wrong"))
    assert await count_of() == 0


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense"])
@pytest.mark.parametrize("body", [b"", b'{"subdistrict": "wangjing"}', b"%", b"=&=&;%zz=%ff%fe"])
async def test_body_that_is_no_form_of_ours_is_refused(pages: PageClient, kind: str, body: bytes):
    await pages.post(SURVEY, body, headers={"content-type": kind}, status=422)

    assert await count_of() == 0


async def _pieces(size: int) -> AsyncIterator[bytes]:
    yield b"_language=ko&need_most="
    for _ in range(size // 100_000):
        yield b"x" * 100_000


@pytest.mark.parametrize("is_announced", [True, False])
async def test_body_of_ten_megabytes_is_too_large(pages: PageClient, is_announced: bool):
    content: Any = b"need_most=" + b"x" * 10_000_000 if is_announced else _pieces(10_000_000)

    response = await pages.http.post(
        SURVEY, content=content,
        headers={"content-type": "application/x-www-form-urlencoded", "accept-language": "ru", "sec-fetch-site": "same-origin"},
    )  # fmt: skip

    page = PageClient.read(response, 413)
    assert (page.language, page.h1) == ("ru", say("ru", "That was too much at once"))
    assert await count_of() == 0


async def test_largest_answer_that_the_form_takes_is_taken(pages: PageClient):
    """Every text at its limit, in a script of three bytes a letter: far below the limit of a body."""
    text = "需" * 2000

    code_on(await pages.submit(await open_form(pages), {**SENT, "need_most": text, "change_first": text}))

    assert [row["answers"]["change_first"] for row in await stored()] == [text]


async def test_characters_that_a_database_refuses_harm_nobody(pages_on_both: PageClient):
    """NUL, which PostgreSQL stores in no text, and halves of characters, in every place where a stranger may put them."""
    pages = pages_on_both
    form = await pages.get(f"{SURVEY}?lang=en&c=%00poster")
    hidden = {**hidden_in(form), "_channel": "\x00poster"}

    page = await pages.post(SURVEY, [*hidden.items(), *SENT.items(), ("need_most", "a\x00 doctor"), ("\x00", "\x00")])

    code_on(page)
    assert [row["answers"]["need_most"] for row in await stored()] == ["a doctor"]
    await pages.get("/s/%00", status=404)
    await pages.get("/s/%ed%a0%80", status=404)
    await pages.get(f"{SURVEY}?lang=%00&c=%ed%a0%80", status=404)
    await pages.post("/receipt", {"code": "\x00"}, status=404)
    await pages.post("/login", {"name": "\x00", "password": "\x00", "next": "/\x00"}, status=422)
