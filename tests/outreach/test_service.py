"""Channels: codes on posters, links, QR codes."""

from __future__ import annotations

import asyncio

import pytest

from survey.errors import InputInvalid
from survey.outreach.service import add_channel, channel_id, list_channels, survey_link
from survey.outreach.tables import Channel
from survey.settings import Settings
from tests.conftest import bundled_survey


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
