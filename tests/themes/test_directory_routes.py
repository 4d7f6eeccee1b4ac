"""Service directories at the desk: what stands where, what stands nowhere, and changing it."""

from __future__ import annotations

import re

import httpx
import pytest

from survey.accounts.rules import RoleKind
from survey.authoring.queries import SurveyView, find_survey
from survey.themes.queries import find_theme
from survey.themes.tables import DirectoryMapping, Theme
from tests.conftest import STRANGERS, estrange, seat
from tests.themes.review_voices import add_theme
from tests.voices import parsed, words_in, words_of

PAGE = "/desk/surveys/community-needs/directory"


@pytest.fixture
async def survey(desk: httpx.AsyncClient) -> SurveyView:
    return await find_survey("community-needs")


def _rows(response: httpx.Response) -> dict[str, tuple[str, str]]:
    return {words_of(row.xpath("./th")[0]): (words_of(row.xpath("./td")[0]), words_of(row.xpath("./td")[1])) for row in parsed(response).xpath("//tbody/tr")}


async def test_directory_shows_what_stands_where_and_no_small_number(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    empty = await desk.get(PAGE)
    assert parsed(empty).xpath("//h1/text()") == ["Nothing has been analysed yet"]
    await add_theme(survey, "health.doctor_language", people=60, en="Doctors", zh_Hans="医生")
    await add_theme(survey, "health.hospital", people=9, en="Hospitals", zh_Hans="医院")
    await add_theme(survey, "environment_noise.drilling", people=7, en="Drilling", zh_Hans="施工")
    await add_theme(survey, "transport_parking.parking_space", people=40)
    dismissed = await add_theme(survey, "health.gone", people=80, en="Gone", zh_Hans="不采纳")
    await Theme.update({Theme.state: "dismissed"}).where(Theme.public_id == dismissed)

    page = await desk.get(PAGE)
    rows = _rows(page)
    assert parsed(page).xpath("//h1/text()") == ["25% of themes stand nowhere in “Beijing directory of basic public services in communities (trial)”"]
    assert rows["Health and family planning unverified"] == ("Doctors 60 people · by default Hospitals fewer than 10 people · by default", "60")
    assert rows["A pleasant environment unverified"] == ("Drilling fewer than 10 people · by default", "fewer than 10")
    assert rows["Social security"] == ("no theme", "—")
    assert [words_of(found) for found in parsed(page).xpath("//*[@class='figure']")] == ["4 themes", "1 themes that stand nowhere", "40% of namings stand nowhere"]
    assert "0 of 60 items are known by name" in words_in(page)
    assert "8 names are unverified" in words_in(page)
    assert [found for found in re.findall(r"\d+", words_in(page)) if found in {"7", "9", "67", "69", "76", "116"}] == []
    assert "Gone" not in words_in(page)

    seven = await desk.get(f"{PAGE}?directory=seven_and_five&sort=people")
    assert list(_rows(seven))[:2] == ["Treatment for the sick", "Convenience unverified"]
    assert parsed(seven).xpath("//h1/text()") == ["Every theme has a place in “Seven haves and five qualities”"]
    assert (await desk.get(f"{PAGE}?directory=unknown&sort=x")).status_code == 200


async def test_a_theme_is_mapped_and_its_history_is_told(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    theme_id = await add_theme(survey)
    address = f"/desk/themes/{theme_id}/directory"
    page = await desk.get(address)
    assert parsed(page).xpath("//h1/text()") == ["“Too few parking spaces” stands in 1 directory"]

    given = {"directory": "hotline_12345", "entries": ["help", "complaint"], "reason": "Fire lanes <are> blocked", "seen": "0"}
    assert (await desk.post(address, data=given)).headers["location"] == f"{address}?done=hotline_12345#hotline_12345"
    late = await desk.post(address, data={**given, "entries": ["question"], "reason": "Mine"})
    assert late.status_code == 409
    assert "chen changed this on" in words_in(late)
    assert parsed(late).xpath("//section[@id='hotline_12345']//input[@name='entries' and @checked]/@value") == ["question"]
    assert parsed(late).xpath("//section[@id='hotline_12345']//input[@name='reason']/@value") == ["Mine"]
    for wrong in ({**given, "directory": "x"}, {**given, "entries": ["x"], "seen": str((await DirectoryMapping.select().first())["id"])}):  # type: ignore[index]  # there is one
        assert (await desk.post(address, data=wrong)).status_code == 422
    seen = parsed(await desk.get(address)).xpath("//section[@id='hotline_12345']//input[@name='seen']/@value")[0]
    await desk.post(address, data={"directory": "hotline_12345", "seen": seen, "step": "default", "entries": ["help"]})

    page = await desk.get(f"{address}?done=hotline_12345")
    history = [words_of(line) for line in parsed(page).xpath("//section[@id='hotline_12345']//ol/li")]
    assert [re.sub(r"^.*? · ", "", line) for line in history] == [
        "chen (committee member): the default again version 2026-11",
        "chen (committee member): Request for help and Complaint “Fire lanes <are> blocked” version 2026-11",
    ]
    assert await DirectoryMapping.count() == 2
    assert (await desk.get("/desk/themes/unknown/directory")).status_code == 404


async def test_an_entry_that_a_new_file_does_not_know_is_shown_as_gone(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    theme = await find_theme(await add_theme(survey))
    await desk.post(f"/desk/themes/{theme.public_id}/directory", data={"directory": "hotline_12345", "entries": ["help"], "seen": "0"})
    await DirectoryMapping.update({DirectoryMapping.entries: '[{"id":"old","names":{"zh-Hans":"旧","en":"An old entry"}}]'}, force=True)

    page, own = await desk.get(f"{PAGE}?directory=hotline_12345"), await desk.get(f"/desk/themes/{theme.public_id}/directory")

    assert "its entries are gone from this version: An old entry" in words_in(page)
    assert "Chosen in an earlier version and not in this one: An old entry. Please choose again." in words_in(own)


async def test_readers_see_and_change_nothing(client: httpx.AsyncClient) -> None:
    await seat(client, "wu", RoleKind.SOCIAL_WORKER)
    theme_id = await add_theme(await find_survey("community-needs"))

    page = await client.get(f"/desk/themes/{theme_id}/directory")
    answer = await client.post(f"/desk/themes/{theme_id}/directory", data={"directory": "hotline_12345", "entries": "help", "seen": "0"})

    assert (page.status_code, parsed(page).xpath("//main//form"), answer.status_code) == (200, [], 404)
    assert await DirectoryMapping.count() == 0


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_change_nothing(desk: httpx.AsyncClient, survey: SurveyView, stranger: str) -> None:
    theme_id = await add_theme(survey)
    estrange(desk, stranger)

    answer = await desk.post(f"/desk/themes/{theme_id}/directory", data={"directory": "hotline_12345", "entries": "help", "seen": "0"})

    assert answer.status_code == (303 if stranger == "signed out" else 403)
    assert await DirectoryMapping.count() == 0
