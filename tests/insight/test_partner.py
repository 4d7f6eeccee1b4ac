"""What a partner sees: totals of their own channels, rounded, and nothing else."""

from __future__ import annotations

import httpx
import pytest

from survey.accounts.rules import RoleKind
from survey.authoring.queries import find_survey
from survey.authoring.service import close_survey
from survey.db.transaction import write_transaction
from survey.insight.service import partner_totals
from survey.outreach.queries import list_channel_views
from survey.outreach.rules import short_link
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


@pytest.mark.parametrize(("others", "told"), [(0, False), (1, False), (9, False), (10, True)])
async def test_total_is_not_told_where_few_came_by_other_ways(client: httpx.AsyncClient, others: int, told: bool):
    """Two channels of one partner: what is left of the total is what others sent, however the own ones are divided."""
    survey = await find_survey("community-needs")
    account = await add_account("kim", RoleKind.PARTNER)
    for code, people in (("hanin", 30), ("market", 20)):
        await _answers(await add_channel(survey_id=survey.id, code=code, name=code, partner_id=account), ["ko"] * people)
    await _answers(None, ["de"] * others)

    rows = await partner_totals(account, "en")

    assert [row.sent for row in rows] == [20, 30]
    assert [row.everybody for row in rows] == ([60, 60] if told else [None, None])


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

    assert page.words("//*[@class='figure']") == ["fewer than 10answered by your link"]
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


async def test_partner_prints_their_own_posters_and_nobody_elses(partner: httpx.AsyncClient):
    channels = {channel.code: channel for channel in await list_channel_views((await find_survey("community-needs")).id)}
    own, other = channels["hanin"], channels["hotel"]
    pages = PageClient(partner)
    page = await pages.get("/partner")
    choice = await pages.get(f"/partner/{own.short}/posters?format=poster&lang=ko")
    printed = await pages.get(f"/partner/{own.short}/poster?print=1&format=cards&lang=ko")
    pdf = await partner.get(f"/partner/{own.short}/poster?format=poster&lang=ko")

    assert f"/partner/{own.short}/posters" in page.links()
    assert page.all("//*[@class='qr']//*[local-name()='path']/@d") == [qr_picture(short_link("http://127.0.0.1:8000", own.short)).path]
    assert "QrPicture" not in page.text
    assert choice.words("//input[@name='lang'][@checked]/..") == ["Korean"]
    assert not [link for link in (*choice.links(), *printed.links()) if link.startswith("/desk/surveys")]
    assert "이 동네에서의 생활" in printed.text or "한국어" in printed.text
    assert (pdf.status_code, pdf.headers["content-type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert (await partner.get(f"/partner/{own.short}/code.svg")).text.startswith("<svg")
    unknown = [(await partner.get(f"/partner/zzzzzz/{rest}")).status_code for rest in ("posters", "poster", "code.svg")]
    others = [(await partner.get(f"/partner/{other.short}/{rest}")).status_code for rest in ("posters", "poster", "code.svg")]
    assert unknown == others == [404, 404, 404]


async def test_no_posters_of_a_channel_by_which_nobody_can_answer(partner: httpx.AsyncClient):
    [own] = [channel for channel in await list_channel_views((await find_survey("community-needs")).id) if channel.code == "hanin"]
    address = f"/partner/{own.short}/posters"
    async with write_transaction(Channel):
        await Channel.update({Channel.is_active: False}).where(Channel.id == own.id)
    retired = (await partner.get(address)).status_code
    async with write_transaction(Channel):
        await Channel.update({Channel.is_active: True}).where(Channel.id == own.id)
    await close_survey("community-needs", actor="test", role="administrator")

    assert (retired, (await partner.get(address)).status_code) == (404, 404)
    assert "/posters" not in (await partner.get("/partner")).text
