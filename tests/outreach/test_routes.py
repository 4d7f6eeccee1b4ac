"""Short addresses, the count of begun forms, and a channel's pages at the desk, as browsers get them."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from survey.accounts.queries import area_ids
from survey.authoring.queries import find_survey
from survey.authoring.service import close_survey
from survey.fonts import APT_LINE
from survey.outreach import documents
from survey.outreach.queries import ChannelView, list_channel_views, stage_counts
from survey.outreach.rules import ChannelKind, Stage
from survey.outreach.service import add_channel
from survey.outreach.tables import Channel
from survey.qr import qr_svg
from survey.settings import Settings
from tests.conftest import STRANGERS, add_account, app_of, bundled_survey, estrange, running, seat, sign_in
from tests.outreach.conftest import codes_on, pages_of, text_of
from tests.pages import PageClient, check_page
from tests.voices import parsed, words_in, words_of

SURVEY = "/desk/surveys/community-needs"
SHORT = "7KQ1M0"
LINK = f"http://127.0.0.1:8000/c/{SHORT}"
TYPED = {"name": "Gate <7>", "code": "g7", "kind": "building", "place": "7 号楼", "default_language": "ko", "area": "wangjing"}


async def _channel(code: str = "hanguk", *, is_active: bool = True, short: str = SHORT) -> int:
    key = await add_channel(survey_id=(await find_survey("community-needs")).id, code=code, name="韩国超市 <海报>")
    await Channel.update({Channel.short: short, Channel.is_active: is_active}).where(Channel.id == key)
    return key


async def _stored() -> list[ChannelView]:
    return await list_channel_views((await find_survey("community-needs")).id)


def _values(response: httpx.Response) -> dict[str, str]:
    [form] = parsed(response).xpath("//main//form")
    found = {control.get("name"): control.get("value", "") for control in form.xpath(".//input")}
    chosen = {
        select.get("name"): (select.xpath("./option[@selected]") or select.xpath("./option"))[0].get("value")
        for select in form.xpath(".//select")
    }
    return found | chosen


# The short address


@pytest.mark.parametrize("typed", [SHORT, "7kq1m0", "7KQIMO", "7kql-m0"])
async def test_short_address_leads_to_the_survey_by_its_channel(client: httpx.AsyncClient, typed: str) -> None:
    await _channel()

    response = await client.get(f"/c/{typed}")

    assert (response.status_code, response.headers["location"]) == (303, "/s/community-needs?c=hanguk")
    assert "set-cookie" not in response.headers
    page = check_page(await client.get(response.headers["location"]))
    assert "/s/community-needs?lang=ko&c=hanguk" in page.links()


async def test_short_address_of_a_retired_channel_leads_to_the_survey_without_it(client: httpx.AsyncClient) -> None:
    await _channel(is_active=False)

    response = await client.get(f"/c/{SHORT}")

    assert (response.status_code, response.headers["location"]) == (303, "/s/community-needs")


@pytest.mark.parametrize(("wish", "language"), [("ko", "ko"), ("ar", "ar"), ("zh-CN", "zh-Hans")])
@pytest.mark.parametrize("typed", ["ZZZZZZ", "x", "x" * 3000, "%E6%B5%B7%E6%8A%A5", "7KQ1M"])
async def test_unknown_short_address_is_a_page_that_says_so(pages: PageClient, typed: str, wish: str, language: str) -> None:
    await _channel()

    page = await pages.get(f"/c/{typed}", status=404, wish=wish)

    assert page.language == language


# Begun forms


async def test_begun_form_is_counted_by_its_channel_and_leaves_nothing_else(sqlite_settings: Settings) -> None:
    async with running(app_of(sqlite_settings)) as client:
        survey = await bundled_survey()
        key = await add_channel(survey_id=survey.id, code="hanguk", name="x")

        answers = [
            await client.post("/s/community-needs/started", data={"_channel": code})
            for code in ("hanguk", "hanguk", "", "unknown", "x" * 5000)
        ]
        plain = await client.post("/s/community-needs/started")

        app = client._transport.app
        await app.state.funnel.flush()
        counted = await stage_counts(survey.id)

    assert [answer.status_code for answer in [*answers, plain]] == [204] * 6
    assert all("set-cookie" not in answer.headers and answer.content == b"" for answer in answers)
    assert counted == {0: {Stage.STARTED: 4}, key: {Stage.STARTED: 2}}


async def test_counts_are_written_when_the_server_stops(sqlite_settings: Settings) -> None:
    async with running(app_of(sqlite_settings)) as client:
        survey = await bundled_survey()
        await client.post("/s/community-needs/started")
        assert await stage_counts(survey.id) == {}

    async with running(app_of(sqlite_settings)):
        assert await stage_counts(survey.id) == {0: {Stage.STARTED: 1}}


async def test_begun_form_of_a_closed_or_unknown_survey_is_not_counted(sqlite_settings: Settings) -> None:
    async with running(app_of(sqlite_settings)) as client:
        survey = await bundled_survey()
        await close_survey("community-needs", actor="ada", role="administrator")

        closed = await client.post("/s/community-needs/started")
        unknown = await client.post("/s/no-such-survey/started")
        elsewhere = await client.post("/s/community-needs/started", headers={"sec-fetch-site": "cross-site"})

        await client._transport.app.state.funnel.flush()
        assert [closed.status_code, unknown.status_code, elsewhere.status_code] == [204, 404, 403]
        assert await stage_counts(survey.id) == {}


# Adding and changing


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_channel_is_added_at_the_desk(desk: httpx.AsyncClient, language: str) -> None:
    desk.cookies.set("desk_language", language)
    form = parsed(await desk.get(f"{SURVEY}/add-channel"))

    response = await desk.post(f"{SURVEY}/add-channel", data=TYPED)

    [made] = await _stored()
    assert (response.status_code, response.headers["location"]) == (303, f"{SURVEY}/channels")
    assert made == ChannelView(
        id=made.id, survey_id=made.survey_id, code="g7", short=made.short, name="Gate <7>", kind=ChannelKind.BUILDING,
        default_language="ko", area_id=(await area_ids())["wangjing"], place="7 号楼", is_active=True,
    )  # fmt: skip
    assert form.get("lang") == language


async def test_channel_is_added_with_a_name_alone(desk: httpx.AsyncClient) -> None:
    await desk.post(f"{SURVEY}/add-channel", data={"name": "  Gate \t 7\u3000 "})

    [made] = await _stored()
    assert (made.name, made.code, made.kind, made.default_language, made.area_id) == ("Gate 7", "gate-7", "other", "", None)


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        ({"name": " "}, 422, ["Please write a name of at most 120 characters."]),
        ({"place": "x" * 121}, 422, ["Please keep the place under 120 characters."]),
        ({"code": "a/b"}, 422, ["Please use up to 32 Latin letters, digits and hyphens, beginning with a letter or digit."]),
        ({"code": "hanguk"}, 409, ["Another channel of this survey has this code. Please choose another one."]),
        ({"kind": "pub"}, 422, ["Please choose one of the kinds shown."]),
        ({"default_language": "tlh"}, 422, ["Please choose a language that the survey speaks."]),
        ({"area": "atlantis"}, 422, ["Please choose one of the areas shown."]),
    ],
)
async def test_mistakes_in_a_channel_keep_what_was_typed(
    desk: httpx.AsyncClient, typed: dict[str, str], status: int, told: list[str]
) -> None:
    await _channel()
    sent = TYPED | typed

    response = await desk.post(f"{SURVEY}/add-channel", data=sent)

    page = parsed(response)
    assert response.status_code == status
    assert [words_of(item) for item in page.xpath("//*[@role='alert']//li")] == told
    [field] = typed
    assert page.xpath("//*[@role='alert']//a/@href") == [f"#{field}"]
    assert page.xpath("//*[@aria-invalid='true']/@name") == [field]
    kept = {name: value.strip() for name, value in sent.items() if name not in typed or name in {"name", "place", "code"}}
    assert {name: value for name, value in _values(response).items() if name in kept} == kept
    assert len(await _stored()) == 1


async def test_two_browsers_that_add_the_same_code_at_once_make_one_channel(sqlite_settings: Settings) -> None:
    async with running(app_of(sqlite_settings)) as one:
        await bundled_survey()
        await seat(one, "chen")
        await add_account("li", "committee")  # type: ignore[arg-type]  # a StrEnum's value
        async with httpx.AsyncClient(transport=one._transport, base_url=one.base_url, headers={"accept": "text/html"}) as other:
            await sign_in(other, "li")
            other.cookies.set("desk_language", "en")

            answers = await asyncio.gather(
                one.post(f"{SURVEY}/add-channel", data=TYPED | {"name": "one"}),
                other.post(f"{SURVEY}/add-channel", data=TYPED | {"name": "other"}),
            )

            [made] = await _stored()
            late = next(answer for answer in answers if answer.status_code == 409)
            assert sorted(answer.status_code for answer in answers) == [303, 409]
            assert {made.name, _values(late)["name"]} == {"one", "other"}


async def test_channel_is_edited_and_its_codes_stay(desk: httpx.AsyncClient) -> None:
    key = await _channel()
    shown = await desk.get(f"{SURVEY}/channels/hanguk/edit")

    response = await desk.post(
        f"{SURVEY}/channels/hanguk/edit",
        data={"name": "Shop", "code": "mine", "kind": "shop", "place": "", "default_language": "ar", "area": ""},
    )

    assert _values(shown) == {"name": "韩国超市 <海报>", "place": "", "kind": "other", "default_language": "", "area": ""}
    assert (response.status_code, response.headers["location"]) == (303, f"{SURVEY}/channels")
    [channel] = await _stored()
    assert channel == ChannelView(
        id=key, survey_id=channel.survey_id, code="hanguk", short=SHORT, name="Shop", kind=ChannelKind.SHOP,
        default_language="ar", area_id=None, place="", is_active=True,
    )  # fmt: skip


async def test_mistake_in_an_edit_changes_nothing_and_keeps_what_was_typed(desk: httpx.AsyncClient) -> None:
    await _channel()
    before = await _stored()

    response = await desk.post(f"{SURVEY}/channels/hanguk/edit", data={"name": "", "kind": "shop", "place": "here"})

    assert response.status_code == 422
    assert _values(response) == {"name": "", "place": "here", "kind": "shop", "default_language": "", "area": ""}
    assert await _stored() == before


async def test_channel_is_retired_and_brought_back(desk: httpx.AsyncClient) -> None:
    await _channel()
    seen = []

    for change in ("retire", "bring_back"):
        response = await desk.post(f"{SURVEY}/channels/hanguk/state", data={"change": change})
        assert (response.status_code, response.headers["location"]) == (303, f"{SURVEY}/channels")
        seen.append((await _stored())[0].is_active)
    wrong = await desk.post(f"{SURVEY}/channels/hanguk/state", data={"change": "delete"})

    assert (seen, wrong.status_code) == ([False, True], 422)


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_change_no_channel(desk: httpx.AsyncClient, stranger: str) -> None:
    await _channel()
    before = await _stored()
    estrange(desk, stranger)

    answers = [
        await desk.post(f"{SURVEY}/add-channel", data=TYPED),
        await desk.post(f"{SURVEY}/channels/hanguk/edit", data={"name": "mine"}),
        await desk.post(f"{SURVEY}/channels/hanguk/state", data={"change": "retire"}),
    ]

    assert {answer.status_code for answer in answers} == {303 if stranger == "signed out" else 403}
    assert await _stored() == before


@pytest.mark.parametrize("rest", ["edit", "posters", "poster", "code.svg"])
async def test_pages_of_an_unknown_channel_are_not_found(desk: httpx.AsyncClient, rest: str) -> None:
    assert (await desk.get(f"{SURVEY}/channels/unknown/{rest}")).status_code == 404
    assert (await desk.get(f"/desk/surveys/unknown/channels/hanguk/{rest}")).status_code == 404


# Posters


@pytest.mark.parametrize("format_", ["poster", "hanger", "cards"])
async def test_poster_is_a_pdf_whose_code_leads_to_the_channel(desk: httpx.AsyncClient, format_: str) -> None:
    await _channel()

    response = await desk.get(f"{SURVEY}/channels/hanguk/poster?format={format_}&lang=ko&lang=en")

    [page] = pages_of(response.content)
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == (
        f'inline; filename="community-needs-hanguk-{format_}-zh-Hans-en-ko.pdf"'
    )
    assert {text for text, _ in codes_on(page)} == {LINK}
    assert LINK in text_of(page)


async def test_poster_without_a_choice_speaks_chinese_and_the_channels_language(desk: httpx.AsyncClient) -> None:
    key = await _channel()
    names = []
    for language in ("", "ja"):
        await Channel.update({Channel.default_language: language}).where(Channel.id == key)
        response = await desk.get(f"{SURVEY}/channels/hanguk/poster")
        names.append(response.headers["content-disposition"].partition("-poster-")[2])
    none = await desk.get(f"{SURVEY}/channels/hanguk/poster?format=cards")

    assert names == ['zh-Hans-en.pdf"', 'zh-Hans-ja.pdf"']
    assert none.headers["content-disposition"].endswith('-cards-zh-Hans.pdf"')


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_choice_shows_what_was_chosen_in_the_desks_own_language(desk: httpx.AsyncClient, language: str) -> None:
    await _channel()
    desk.cookies.set("desk_language", language)

    page = parsed(await desk.get(f"{SURVEY}/channels/hanguk/posters?format=hanger&lang=ar&lang=en&lang=xx"))

    assert page.get("lang") == language
    assert page.xpath("//input[@checked]/@value") == ["hanger", "en", "ar"]
    assert len(page.xpath("//input[@name='lang']")) == 9
    query = "format=hanger&lang=zh-Hans&lang=en&lang=ar"
    assert page.xpath("//img/@src") == [f"{SURVEY}/channels/hanguk/poster?{query}&picture=1"]
    assert page.xpath("//main//section//a/@href") == [
        f"{SURVEY}/channels/hanguk/poster?{query}",
        f"{SURVEY}/channels/hanguk/poster?{query}&print=1",
    ]


async def test_preview_is_a_picture(desk: httpx.AsyncClient) -> None:
    await _channel()

    response = await desk.get(f"{SURVEY}/channels/hanguk/poster?picture=1")

    assert response.headers["content-type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(("format_", "copies"), [("poster", 1), ("hanger", 2), ("cards", 10)])
async def test_print_page_has_the_words_and_the_code_without_fonts_on_the_server(
    desk: httpx.AsyncClient, format_: str, copies: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _channel()
    monkeypatch.setattr(documents, "_families", set)

    response = await desk.get(f"{SURVEY}/channels/hanguk/poster?format={format_}&lang=ko&lang=ar&print=1")

    page = parsed(response)
    sheets = page.xpath(f"//section[starts-with(@class, '{format_} ')]")
    assert len(sheets) == copies
    for sheet in sheets:
        titles = [(words.getparent().get("lang"), words_of(words)) for words in sheet.xpath(".//*[@class='title']")]
        assert titles == [
            ("zh-Hans", "您的社区需要什么？"), ("ko", "우리 동네에 필요한 것은 무엇입니까?"), ("ar", "ما الذي يحتاج إليه حيّك؟"),
        ]  # fmt: skip
        assert [words_of(address) for address in sheet.xpath(".//*[@class='address']")] == [LINK]
        assert sheet.xpath(".//img/@src") == [f"{SURVEY}/channels/hanguk/code.svg"]
    assert page.get("lang") == "en"


async def test_missing_fonts_are_told_with_the_line_that_installs_them(
    desk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _channel()
    monkeypatch.setattr(documents, "_families", set)

    response = await desk.get(f"{SURVEY}/channels/hanguk/poster?format=poster&lang=ko")

    assert response.status_code == 503
    assert APT_LINE in parsed(response).xpath("//code/text()")
    assert parsed(response).xpath("//main//img") == []
    assert "The print page needs no fonts on the server." in words_in(response)


async def test_code_of_the_print_page_is_black_on_white(desk: httpx.AsyncClient) -> None:
    await _channel()

    response = await desk.get(f"{SURVEY}/channels/hanguk/code.svg")

    assert response.headers["content-type"] == "image/svg+xml"
    assert response.content == qr_svg(LINK)
    assert set(re.findall(r'fill="(#\w+)"', response.text)) == {"#fff", "#000"}
