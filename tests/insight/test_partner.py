"""What a partner sees: totals of their own channels, rounded, and nothing else."""

from __future__ import annotations

import httpx
import pytest

from survey.accounts.rules import RoleKind
from survey.authoring.queries import find_survey
from survey.db.transaction import write_transaction
from survey.outreach.queries import list_channel_views
from survey.outreach.service import add_channel
from survey.outreach.tables import Channel
from survey.qr import qr_picture
from survey.responses.intake import entrance_to
from survey.responses.service import Recorder
from tests.conftest import SECRET, add_account, seat, sign_in
from tests.pages import PageClient

LANGUAGES = ["ko"] * 23 + ["en"] * 12 + ["ja"] * 4 + ["fr"] * 9


async def _answers(channel: int | None, languages: list[str]) -> None:
    entrance = await entrance_to("community-needs")
    checked = entrance.checker.check({"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "mainland", "need_most": "canary"})
    await Recorder(SECRET).record_all_or_nothing(
        [
            entrance.submission(client_id=f"{channel}-{n}".ljust(16, "-"), language=tag, answers=checked.answers, channel=channel, source="form")
            for n, tag in enumerate(languages)
        ]
    )


@pytest.fixture
async def partner(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A partner with a channel by which 48 people came; seven came by another's, three by none."""
    survey = await find_survey("community-needs")
    own = await add_channel(survey_id=survey.id, code="hanin", name="韩国人会")
    other = await add_channel(survey_id=survey.id, code="hotel", name="Hotel")
    await _answers(own, LANGUAGES)
    await _answers(other, ["de"] * 7)
    await _answers(None, ["es"] * 3)
    account = await add_account("kim", RoleKind.PARTNER)
    async with write_transaction(Channel):
        await Channel.update({Channel.partner: account}).where(Channel.id == own)
    await sign_in(client, "kim")
    client.cookies.set("desk_language", "en")
    return client


async def test_totals_of_the_own_channel_are_rounded_and_small_languages_told_together(partner: httpx.AsyncClient):
    page = await PageClient(partner).get("/partner")

    assert page.words("//*[@class='figure']") == ["about 50 peopleanswered by your link", "about 60 peopleanswered in all"]
    assert page.words("//main//li") == ["Korean: about 25 people", "English: about 10 people", "other languages: about 15 people"]
    [link] = [href for href in page.links() if "/c/" in href]
    assert page.root.xpath("//*[@class='qr']/*/@d") == [qr_picture(link).path]
    assert "canary" not in page.text
    assert "Hotel" not in page.text


async def test_few_are_not_told(client: httpx.AsyncClient):
    survey = await find_survey("community-needs")
    own = await add_channel(survey_id=survey.id, code="hanin", name="韩国人会")
    await _answers(own, ["ko"] * 9)
    account = await add_account("kim", RoleKind.PARTNER)
    async with write_transaction(Channel):
        await Channel.update({Channel.partner: account}).where(Channel.id == own)
    await sign_in(client, "kim")
    client.cookies.set("desk_language", "en")

    page = await PageClient(client).get("/partner")

    assert page.words("//*[@class='figure']") == ["fewer than 10answered by your link", "fewer than 10answered in all"]
    assert page.words("//main//li") == []


async def test_committee_chooses_the_partner_of_a_channel(client: httpx.AsyncClient):
    await add_account("kim", RoleKind.PARTNER)
    await seat(client, "chen")
    pages = PageClient(client)
    form = await pages.get("/desk/surveys/community-needs/add-channel")
    fields = {"name": "Korean association", "kind": "organisation", "place": "", "default_language": "ko", "area": "", "code": "hanin"}

    wrong = await pages.send("/desk/surveys/community-needs/add-channel", {**fields, "partner": "chen"})
    right = await pages.send("/desk/surveys/community-needs/add-channel", {**fields, "partner": "kim"})

    assert form.words("//select[@name='partner']/option") == ["nobody", "kim"]
    assert (wrong.status_code, right.status_code) == (422, 303)
    [channel] = await list_channel_views((await find_survey("community-needs")).id)
    assert channel.partner_id is not None
    page = await pages.get("/desk/surveys/community-needs/channels/hanin/edit")
    assert page.words("//select[@name='partner']/option[@selected]") == ["kim"]
