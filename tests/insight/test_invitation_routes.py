"""The desk's pages of invitations: batches, their sheets and lists, numbers from the doors, and the response rate."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import zxingcpp
from msgspec.structs import replace
from PIL import Image

from survey import clock
from survey.accounts.rules import RoleKind
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.states import Access
from survey.codes import hash_code
from survey.outreach.invitations import BatchView, batch_codes, find_batch, find_invitation, list_batches
from survey.outreach.service import add_channel
from survey.outreach.tables import Invitation, InvitationBatch
from survey.settings import Settings
from tests.conftest import SECRET, STRANGERS, app_of, bundled_survey, estrange, running, seat
from tests.outreach.conftest import CLOSED_HOUSE, batch_of, invited_survey
from tests.pages import Page, PageClient
from tests.responses.conftest import RECORDER, submission

PAGE = f"/desk/surveys/{CLOSED_HOUSE}/invitations"
RATE = f"/desk/surveys/{CLOSED_HOUSE}/response-rate"


@pytest.fixture
async def survey(desk: httpx.AsyncClient) -> SurveyView:
    """By invitation and open, before a committee member who reads English."""
    return await invited_survey()


@pytest.fixture
async def administrator(sqlite_settings: Settings) -> AsyncIterator[PageClient]:
    async with running(app_of(sqlite_settings)) as http:
        await bundled_survey()
        await seat(http, "ada", RoleKind.ADMINISTRATOR)
        yield PageClient(http)


def _tomorrow() -> str:
    return (clock.today() + dt.timedelta(days=1)).isoformat()


def _new(**changes: str) -> dict[str, str]:
    return {"name": "Building 5", "channel": "", "size": "3", "expires_on": _tomorrow(), **changes}


async def _answer(batch: BatchView, total: int) -> None:
    for code in batch_codes(SECRET, batch)[:total]:
        await RECORDER.record([replace(await submission(CLOSED_HOUSE), invitation=hash_code(code))])


def _cells(page: Page) -> list[list[str]]:
    return [
        ["".join(cell.itertext()).strip() for cell in row.xpath("./th | ./td")][:6] for row in page.all("//table[1]/tbody/tr")
    ]


# Making codes


@pytest.mark.parametrize("channel", ["", "b5"])
async def test_new_batch_is_made_from_the_form(pages: PageClient, survey: SurveyView, channel: str) -> None:
    await add_channel(survey_id=survey.id, code="b5", name="5 号楼")
    page = await pages.get(PAGE)

    response = await pages.send(PAGE, _new(channel=channel, size="12"))

    [batch] = await list_batches(survey.id)
    assert page.text.count("No codes yet.") == 1
    assert (response.status_code, response.headers["location"]) == (303, f"{PAGE}?done=created")
    assert (batch.name, batch.size, batch.channel) == ("Building 5", 12, "5 号楼" if channel else "")
    after = await pages.get(response.headers["location"])
    assert after.words("//*[@role='status']") == ["The codes are made. Print the sheet or download the list."]
    assert [row[2:] for row in _cells(after)] == [["12", "0", "0", "0"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 121), ("size", ""), ("size", "0"), ("size", "2001"), ("size", "-1"), ("size", "many"), ("size", "1.5"),
     ("expires_on", ""), ("expires_on", "2020-01-01"), ("expires_on", "tomorrow"), ("channel", "of-another-survey")],
)  # fmt: skip
async def test_new_batch_with_a_mistake_says_where_and_keeps_what_was_typed(
    pages: PageClient, survey: SurveyView, field: str, value: str
) -> None:
    typed = _new(**{field: value})

    page = await pages.post(PAGE, typed, status=422)

    assert [link.get("href") for link in page.all("//*[@role='alert']//a")] == [f"#{field}"]
    assert dict(page.fields("new-batch")) == typed | ({"channel": ""} if field == "channel" else {})
    assert await InvitationBatch.count() == 0


async def test_new_batch_of_an_open_survey_is_refused(pages: PageClient, survey: SurveyView) -> None:
    response = await pages.send("/desk/surveys/community-needs/invitations", _new())

    assert response.status_code == 409
    assert await InvitationBatch.count() == 0


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_make_no_codes_and_change_no_numbers(pages: PageClient, survey: SurveyView, stranger: str) -> None:
    batch = await batch_of(survey)
    estrange(pages.http, stranger)
    if stranger == "another site":
        headers = {"sec-fetch-site": "cross-site"}
    else:
        headers = {"sec-fetch-site": ""} if stranger == "no origin" else {}

    made = await pages.send(PAGE, _new(), headers=headers)
    counted = await pages.send(f"{PAGE}/{batch.public_id}", {"undelivered": "1", "declined": "1"}, headers=headers)

    assert {made.status_code, counted.status_code} <= {303, 403}
    assert [one.public_id for one in await list_batches(survey.id)] == [batch.public_id]
    assert (await find_batch(survey.id, batch.public_id)).declined == 0


@pytest.mark.parametrize("address", [PAGE, RATE, f"{PAGE}/x/codes.csv", f"{PAGE}/x/sheet"])
async def test_visitors_and_helpers_see_no_page_of_invitations(pages: PageClient, survey: SurveyView, address: str) -> None:
    batch = await batch_of(survey)
    address = address.replace("/x/", f"/{batch.public_id}/")
    pages.http.cookies.delete("session")
    signed_out = await pages.http.get(address)
    await seat(pages.http, "vera", RoleKind.VOLUNTEER)

    helper = await pages.http.get(address)

    code = batch_codes(SECRET, batch)[0]
    assert (signed_out.status_code, helper.status_code) == (303, 404)
    assert code not in signed_out.text + helper.text


# Who can answer


@pytest.mark.parametrize("access", [Access.INVITATION, Access.OPEN])
async def test_administrator_decides_who_can_answer_a_draft(administrator: PageClient, access: Access) -> None:
    other = Access.OPEN if access == Access.INVITATION else Access.INVITATION
    await invited_survey("draft", is_open=False, access=other)
    page = await administrator.get("/desk/surveys/draft/invitations")
    [button] = page.all("//button[@name='access']")

    response = await administrator.send(page.form("access").get("action"), {"access": button.get("value")})

    assert (button.get("value"), response.status_code) == (access, 303)
    assert (await find_survey("draft")).access == access


async def test_who_can_answer_stays_once_there_are_codes_or_the_survey_is_open(administrator: PageClient) -> None:
    draft, opened = await invited_survey("draft", is_open=False), await invited_survey()
    await batch_of(draft)

    for survey in (draft, opened):
        page = await administrator.get(f"/desk/surveys/{survey.slug}/invitations")
        response = await administrator.send(f"/desk/surveys/{survey.slug}/access", {"access": "open"})

        assert page.all("//button[@name='access']") == []
        assert response.status_code == 409
        assert (await find_survey(survey.slug)).access == Access.INVITATION


async def test_committee_does_not_decide_who_can_answer(pages: PageClient, survey: SurveyView) -> None:
    await invited_survey("draft", is_open=False)

    response = await pages.send("/desk/surveys/draft/access", {"access": "open"})

    assert response.status_code == 404
    assert (await find_survey("draft")).access == Access.INVITATION


async def test_access_that_does_not_exist_is_refused(administrator: PageClient) -> None:
    await invited_survey("draft", is_open=False)

    assert (await administrator.send("/desk/surveys/draft/access", {"access": "friends"})).status_code == 422


# Figures


async def test_figures_of_batches_hide_small_groups(pages: PageClient, survey: SurveyView) -> None:
    large, small = await batch_of(survey, 12, name="large"), await batch_of(survey, 12, name="small")
    await _answer(large, 11)
    await _answer(small, 3)

    page = await pages.get(PAGE)

    assert [(row[0], *row[2:]) for row in _cells(page)] == [
        ("small", "12", "0", "not shown", "0"), ("large", "12", "0", "not shown", "0"),
    ]  # fmt: skip


async def test_numbers_from_the_doors_are_stored(pages: PageClient, survey: SurveyView) -> None:
    batch = await batch_of(survey, 10)

    response = await pages.send(f"{PAGE}/{batch.public_id}", {"undelivered": "4", "declined": "2"})

    assert (response.status_code, response.headers["location"]) == (303, f"{PAGE}?done=counted")
    found = await find_batch(survey.id, batch.public_id)
    assert (found.undelivered, found.declined) == (4, 2)
    assert dict((await pages.get(PAGE)).fields(f"doors-{batch.public_id}")) == {"undelivered": "4", "declined": "2"}


@pytest.mark.parametrize(("undelivered", "declined"), [("11", "0"), ("6", "5"), ("", "1"), ("-1", "1"), ("<b>", "1"), ("1" * 6, "1")])
async def test_numbers_that_cannot_be_are_told_and_kept_on_the_page(
    pages: PageClient, survey: SurveyView, undelivered: str, declined: str
) -> None:
    batch = await batch_of(survey, 10)

    page = await pages.post(f"{PAGE}/{batch.public_id}", {"undelivered": undelivered, "declined": declined}, status=422)

    assert page.words("//*[@role='alert']") == ["Whole numbers, please; together at most 10."]
    assert dict(page.fields(f"doors-{batch.public_id}")) == {"undelivered": undelivered, "declined": declined}
    assert (await find_batch(survey.id, batch.public_id)).declined == 0


async def test_batch_of_another_survey_is_not_there(pages: PageClient, survey: SurveyView) -> None:
    batch = await batch_of(await invited_survey("other"))

    for address in (f"{PAGE}/{batch.public_id}/codes.csv", f"{PAGE}/{batch.public_id}/sheet"):
        assert (await pages.http.get(address)).status_code == 404
    assert (await pages.send(f"{PAGE}/{batch.public_id}", {"undelivered": "1", "declined": "0"})).status_code == 404


# Codes on paper


async def test_list_of_codes_is_csv_and_each_code_lets_one_in(pages: PageClient, survey: SurveyView) -> None:
    batch = await batch_of(survey, 3, name="=cmd()")

    response = await pages.http.get(f"{PAGE}/{batch.public_id}/codes.csv")

    rows = list(csv.reader(io.StringIO(response.text)))
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == f'attachment; filename="{CLOSED_HOUSE}-{batch.public_id}.csv"'
    assert response.headers["cache-control"] == "no-store"
    assert rows[0] == ["number", "code", "link"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    assert [row[2] for row in rows[1:]] == [f"http://127.0.0.1:8000/i/{row[1]}" for row in rows[1:]]
    assert [(await find_invitation(row[1])) is not None for row in rows[1:]] == [True] * 3


@pytest.mark.parametrize("language", ["ko", "ar"])
async def test_sheet_has_a_card_for_each_code_in_chinese_and_one_more_language(
    pages: PageClient, survey: SurveyView, language: str
) -> None:
    batch = await batch_of(survey, 3)

    page = await pages.get(f"{PAGE}/{batch.public_id}/sheet?in={language}")

    assert page.words("//*[@class='letters']") == batch_codes(SECRET, batch)
    assert [block.get("lang") for block in page.all("//li[@class='invitation']//div[@lang]")] == ["zh-Hans", language] * 3
    assert [block.get("dir") for block in page.all("//li[@class='invitation']//div[@lang]")][:2] == [
        "ltr", "rtl" if language == "ar" else "ltr",
    ]  # fmt: skip
    assert [_read(svg) for svg in page.all("//*[@class='picture']/svg")] == [
        f"http://127.0.0.1:8000/i/{code}" for code in batch_codes(SECRET, batch)
    ]


def _read(svg: Any) -> str:
    """What a phone's camera reads: the drawn squares as a picture, and a decoder."""
    width = int(svg.get("viewbox", svg.get("viewBox")).split()[2])
    picture = Image.new("L", (width, width), 255)
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)", svg.xpath("string(./path/@d)")):
        for place in range(int(run)):
            picture.putpixel((int(x) + place, int(y)), 0)
    [found] = zxingcpp.read_barcodes(picture.resize((8 * width, 8 * width), Image.Resampling.NEAREST))
    return str(found.text)


async def test_sheet_of_many_codes_comes_in_parts(pages: PageClient, survey: SurveyView) -> None:
    batch = await batch_of(survey, 101)
    codes = batch_codes(SECRET, batch)

    parts = [await pages.get(f"{PAGE}/{batch.public_id}/sheet?page={page}") for page in ("1", "2", "99", "x")]

    shown = [page.words("//*[@class='letters']") for page in parts]
    assert shown == [codes[:100], codes[100:], codes[100:], codes[:100]]
    assert parts[0].words("//p[@class='actions']/a") == ["Part 1", "Part 2"]


async def test_codes_stand_on_no_other_page(pages: PageClient, survey: SurveyView) -> None:
    batch = await batch_of(survey, 2)
    hashes = [row["code_hash"] for row in await Invitation.select(Invitation.code_hash, exclude_secrets=False)]

    shown = "".join([(await pages.get(address)).html for address in (PAGE, RATE, f"/desk/surveys/{CLOSED_HOUSE}", "/desk")])

    assert [secret for secret in [*batch_codes(SECRET, batch), *hashes] if secret in shown] == []


# Response rate


async def test_response_rate_is_told_from_ten_answers_on(pages: PageClient, survey: SurveyView) -> None:
    batch = await batch_of(survey, 40)
    await _answer(batch, 9)
    few = await pages.get(RATE)
    await _answer(batch, 10)
    await pages.send(f"{PAGE}/{batch.public_id}", {"undelivered": "15", "declined": "5"})

    page = await pages.get(RATE)

    assert few.words("//*[@class='empty']") == ["Fewer than 10 people have answered. The rates are shown from 10 on."]
    assert few.all("//table") == []
    assert page.h1 == "25% of those who were invited have answered"
    assert page.words("(//table)[1]/tbody/tr/td[2]") == ["10", "5", "15", "10"]
    assert page.words("(//table)[2]/tbody/tr/td[2]") == ["25%", "25%", "25%", "25%", "33.3%", "33.3%"]


async def test_open_link_has_counts_and_no_rate(pages: PageClient, survey: SurveyView) -> None:
    for _ in range(10):
        await RECORDER.record([await submission()])

    page = await pages.get("/desk/surveys/community-needs/response-rate")

    assert "An open link has no response rate; shown are counts." in page.text
    assert page.words("//*[@class='figure']/b") == ["10"]
    assert "%" not in page.text


async def test_overview_says_who_can_answer(pages: PageClient, survey: SurveyView) -> None:
    by_code, by_link = await pages.get(f"/desk/surveys/{CLOSED_HOUSE}"), await pages.get("/desk/surveys/community-needs")

    assert "By invitation only." in by_code.text
    assert "Whoever has the link can answer." in by_link.text
    assert {PAGE, RATE} <= set(by_code.links())
