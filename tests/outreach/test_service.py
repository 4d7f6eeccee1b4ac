"""Channels: codes on posters, links, QR codes."""

from __future__ import annotations

import asyncio

import pytest

from survey.accounts.queries import area_ids
from survey.accounts.rules import Actor, RoleKind
from survey.audit.tables import AuditEvent
from survey.codes import ALPHABET
from survey.errors import InputInvalid, NotAllowed, NotFound
from survey.outreach.errors import ChannelInvalid
from survey.outreach.queries import ChannelView, channel_id, find_channel, find_channel_by_short, list_channel_views
from survey.outreach.rules import ChannelDetails, ChannelKind, survey_link
from survey.outreach.service import (
    add_channel,
    create_channel,
    edit_channel,
    list_channels,
    set_active,
)
from survey.outreach.tables import Channel
from survey.settings import Settings
from tests.conftest import bundled_survey

CHEN = Actor(account_id=1, name="chen", role=RoleKind.COMMITTEE, area_id=None, session_id=1)
GATE = ChannelDetails(
    name="Gate 7", kind="building", default_language="ko", place="望京西园 7 号楼", area_id=None
)


async def _acts() -> list[tuple[str, str, str]]:
    rows = await AuditEvent.select().where(AuditEvent.action.like("channel.%")).order_by(AuditEvent.id)
    return [(row["actor"], row["action"], row["subject"]) for row in rows]


async def test_add_channel_stores_it_and_finds_it_by_its_code(database: Settings) -> None:
    survey = await bundled_survey()

    key = await add_channel(survey_id=survey.id, code="hanguk", name="望京韩国超市海报")

    assert await channel_id(survey.id, "hanguk") == key
    assert await list_channels(survey.id) == [{"id": key, "code": "hanguk", "name": "望京韩国超市海报"}]


async def test_add_channel_of_a_known_code_returns_the_first_and_keeps_its_name(database: Settings) -> None:
    survey = await bundled_survey()
    key = await add_channel(survey_id=survey.id, code="wuye", name="物业")

    again = await add_channel(survey_id=survey.id, code="wuye", name="another name")

    assert again == key
    assert [channel["name"] for channel in await list_channels(survey.id)] == ["物业"]


async def test_add_channel_by_many_at_once_makes_one(database: Settings) -> None:
    survey = await bundled_survey()

    keys = await asyncio.gather(*[add_channel(survey_id=survey.id, code="wuye", name=str(n)) for n in range(6)])

    assert len(set(keys)) == 1
    assert await Channel.count() == 1


async def test_channels_of_two_surveys_are_apart(database: Settings) -> None:
    one, other = await bundled_survey("one"), await bundled_survey("other")
    first = await add_channel(survey_id=one.id, code="poster", name="one")
    second = await add_channel(survey_id=other.id, code="poster", name="other")

    found = [await channel_id(survey.id, "poster") for survey in (one, other)]

    assert found == [first, second]
    assert first != second
    assert [channel["name"] for channel in await list_channels(one.id)] == ["one"]


@pytest.mark.parametrize("code", ["", "a b", "海报", "a/b", "-a", "a" * 33, "a\n", "ä", "<script>"])
async def test_add_channel_refuses_a_code_that_cannot_stand_in_a_link(sqlite_settings: Settings, code: str) -> None:
    with pytest.raises(InputInvalid, match="channel code"):
        await add_channel(survey_id=1, code=code, name="")


@pytest.mark.parametrize("code", ["", "unknown", "x" * 5000, "a\x00b", "'; --", "한국"])
async def test_unknown_code_is_no_channel_and_no_error(database: Settings, code: str) -> None:
    """Whoever printed it wrong, the resident may answer."""
    survey = await bundled_survey()
    await add_channel(survey_id=survey.id, code="x" * 32, name="the longest")

    assert await channel_id(survey.id, code) is None


@pytest.mark.parametrize(
    ("base", "code", "link"),
    [
        ("https://linsheng.example.cn", "", "https://linsheng.example.cn/s/needs"),
        ("https://linsheng.example.cn/", "wuye", "https://linsheng.example.cn/s/needs?c=wuye"),
    ],
)
def test_survey_link(base: str, code: str, link: str) -> None:
    assert survey_link(base, "needs", code) == link


async def test_channel_added_by_its_code_alone_has_the_defaults(database: Settings) -> None:
    survey = await bundled_survey()
    key = await add_channel(survey_id=survey.id, code="hanguk", name="望京韩国超市海报")

    [channel] = await list_channel_views(survey.id)

    assert channel == ChannelView(
        id=key, survey_id=survey.id, code="hanguk", short=channel.short, name="望京韩国超市海报", kind=ChannelKind.OTHER,
        default_language="", area_id=None, place="", is_active=True,
    )  # fmt: skip
    assert (len(channel.short), set(channel.short) - set(ALPHABET)) == (6, set())


async def test_create_channel_stores_what_was_said_and_who_said_it(database: Settings) -> None:
    survey = await bundled_survey()
    area = (await area_ids())["wangjing"]
    details = ChannelDetails(name="Gate 7", kind="building", default_language="ko", place="望京西园", area_id=area)

    made = await create_channel(survey_id=survey.id, code="g7", details=details, actor=CHEN)

    assert await list_channel_views(survey.id) == [made]
    assert made == ChannelView(
        id=made.id, survey_id=survey.id, code="g7", short=made.short, name="Gate 7", kind=ChannelKind.BUILDING,
        default_language="ko", area_id=area, place="望京西园", is_active=True,
    )  # fmt: skip
    assert await _acts() == [("chen", "channel.added", f"channel:{survey.id}/g7")]


async def test_create_channel_without_a_code_makes_one_of_the_name(database: Settings) -> None:
    survey = await bundled_survey()

    names = ["Gate 7, Wangjing!", "gate 7 wangjing", "Café Zoë", "望京韩国超市"]
    codes = [
        (await create_channel(survey_id=survey.id, code="", details=ChannelDetails(name=name), actor=CHEN)).code for name in names
    ]

    assert codes[:3] == ["gate-7-wangjing", "gate-7-wangjing-2", "cafe-zoe"]
    assert (len(codes[3]), codes[3] == codes[3].lower(), set(codes[3].upper()) - set(ALPHABET)) == (6, True, set())


@pytest.mark.parametrize(
    ("code", "details", "problems"),
    [
        ("a b", GATE, {"code": "form"}),
        ("海报", GATE, {"code": "form"}),
        ("", ChannelDetails(name=""), {"name": "missing"}),
        ("", ChannelDetails(name="x" * 121, place="x" * 121), {"name": "long", "place": "long"}),
        ("", ChannelDetails(name="x", kind="pub"), {"kind": "unknown"}),
        ("", ChannelDetails(name="x", default_language="?"), {"default_language": "unknown"}),
        ("", ChannelDetails(name="x", default_language="en-" + "x" * 20), {"default_language": "unknown"}),
        ("", ChannelDetails(name="x", area_id=999_999), {"area": "unknown"}),
    ],
)
async def test_create_channel_names_every_field_that_is_wrong(
    database: Settings, code: str, details: ChannelDetails, problems: dict[str, str]
) -> None:
    survey = await bundled_survey()

    with pytest.raises(ChannelInvalid) as refused:
        await create_channel(survey_id=survey.id, code=code, details=details, actor=CHEN)

    assert refused.value.problems == problems
    assert await Channel.count() == 0
    assert await _acts() == []


@pytest.mark.parametrize("tag", ["", "en", "zh-Hans", "en-x-easy", "ar"])
async def test_create_channel_takes_any_language_tag(database: Settings, tag: str) -> None:
    survey = await bundled_survey()

    made = await create_channel(
        survey_id=survey.id, code="", details=ChannelDetails(name="x" * 120, default_language=tag), actor=CHEN
    )

    assert made.default_language == tag


async def test_two_who_add_the_same_code_at_once_make_one_channel(database: Settings) -> None:
    survey = await bundled_survey()

    results = await asyncio.gather(
        *[create_channel(survey_id=survey.id, code="g7", details=ChannelDetails(name=name), actor=CHEN) for name in "abcd"],
        return_exceptions=True,
    )

    refused = [result.problems for result in results if isinstance(result, ChannelInvalid)]
    [made] = [result for result in results if isinstance(result, ChannelView)]
    assert refused == [{"code": "taken"}] * 3
    assert await list_channel_views(survey.id) == [made]


async def test_many_without_a_code_at_once_get_codes_of_their_own(database: Settings) -> None:
    survey = await bundled_survey()

    made = await asyncio.gather(
        *[create_channel(survey_id=survey.id, code="", details=ChannelDetails(name="Shop"), actor=CHEN) for _ in range(5)]
    )

    assert sorted(channel.code for channel in made) == ["shop", "shop-2", "shop-3", "shop-4", "shop-5"]
    assert len({channel.short for channel in made}) == 5


async def test_short_code_that_is_taken_is_drawn_again(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = await bundled_survey()
    drawn = iter([b"\x00" * 6, b"\x00" * 6, b"\x00" * 6, b"\xff" * 6])
    monkeypatch.setattr("survey.outreach.service.secrets.token_bytes", lambda _: next(drawn))

    for code in ("a", "b"):
        await add_channel(survey_id=survey.id, code=code, name=code)

    assert [channel.short for channel in await list_channel_views(survey.id)] == ["000000", "ZZZZZZ"]


async def test_edit_channel_changes_all_but_the_codes(database: Settings) -> None:
    survey = await bundled_survey()
    made = await create_channel(survey_id=survey.id, code="g7", details=GATE, actor=CHEN)
    other = await create_channel(survey_id=survey.id, code="g8", details=GATE, actor=CHEN)

    await edit_channel(made, details=ChannelDetails(name="Gate 7, east", kind="event", default_language="ja"), actor=CHEN)

    assert await list_channel_views(survey.id) == [
        ChannelView(
            id=made.id, survey_id=survey.id, code="g7", short=made.short, name="Gate 7, east", kind=ChannelKind.EVENT,
            default_language="ja", area_id=None, place="", is_active=True,
        ),
        other,
    ]  # fmt: skip
    assert (await _acts())[-1] == ("chen", "channel.changed", f"channel:{survey.id}/g7")


async def test_edit_channel_with_a_mistake_changes_nothing(database: Settings) -> None:
    survey = await bundled_survey()
    made = await create_channel(survey_id=survey.id, code="g7", details=GATE, actor=CHEN)

    with pytest.raises(ChannelInvalid, match=r"name \(missing\)"):
        await edit_channel(made, details=ChannelDetails(name="", kind="event"), actor=CHEN)

    assert await list_channel_views(survey.id) == [made]


async def test_channel_is_retired_and_brought_back_once_each(database: Settings) -> None:
    survey = await bundled_survey()
    made = await create_channel(survey_id=survey.id, code="g7", details=GATE, actor=CHEN)
    seen = []

    for is_active in (False, False, True):
        await set_active(made, is_active=is_active, actor=CHEN)
        seen.append((await find_channel(survey.id, "g7")).is_active)

    assert seen == [False, False, True]
    assert [action for _, action, _ in await _acts()] == ["channel.added", "channel.retired", "channel.brought_back"]


async def test_retired_channel_still_says_by_which_way_an_answer_came(database: Settings) -> None:
    survey = await bundled_survey()
    made = await create_channel(survey_id=survey.id, code="g7", details=GATE, actor=CHEN)

    await set_active(made, is_active=False, actor=CHEN)

    assert await channel_id(survey.id, "g7") == made.id


async def test_role_without_review_changes_no_channel(database: Settings) -> None:
    survey = await bundled_survey()
    made = await create_channel(survey_id=survey.id, code="g7", details=GATE, actor=CHEN)
    distributor = Actor(account_id=2, name="shop", role=RoleKind.PARTNER, area_id=None, session_id=2)

    for attempt in (
        create_channel(survey_id=survey.id, code="mine", details=GATE, actor=distributor),
        edit_channel(made, details=ChannelDetails(name="mine"), actor=distributor),
        set_active(made, is_active=False, actor=distributor),
    ):
        with pytest.raises(NotAllowed):
            await attempt

    assert await list_channel_views(survey.id) == [made]


@pytest.mark.parametrize("typed", ["7KQ1M0", "7kq1m0", " 7kq-1m0 ", "7KQIMO", "7kqlmo", "７ＫＱ１Ｍ０", "7КQ1М0", "٧KQ١M٠"])
async def test_short_address_is_read_however_it_was_typed(database: Settings, typed: str) -> None:
    survey = await bundled_survey()
    made = await create_channel(survey_id=survey.id, code="g7", details=GATE, actor=CHEN)
    await Channel.update({Channel.short: "7KQ1M0"}).where(Channel.id == made.id)

    found = await find_channel_by_short(typed)

    assert found is not None
    assert found.code == "g7"


@pytest.mark.parametrize("typed", ["", "7KQ1M", "7KQ1M00", "7KQ1MU", "海报", "x" * 5000, "%00", "' OR 1=1 --"])
async def test_unknown_short_address_finds_nothing(database: Settings, typed: str) -> None:
    survey = await bundled_survey()
    made = await create_channel(survey_id=survey.id, code="g7", details=GATE, actor=CHEN)
    await Channel.update({Channel.short: "7KQ1M0"}).where(Channel.id == made.id)

    assert await find_channel_by_short(typed) is None


async def test_find_channel_of_another_survey_is_not_found(database: Settings) -> None:
    one, other = await bundled_survey("one"), await bundled_survey("other")
    await create_channel(survey_id=one.id, code="g7", details=GATE, actor=CHEN)

    for code in ("g7", "", "a b"):
        with pytest.raises(NotFound):
            await find_channel(other.id, code)
