"""What foreign and Chinese residents say of a theme, on the pages where it is decided."""

from __future__ import annotations

import httpx

from survey import clock
from survey.authoring.queries import SurveyView, find_survey
from survey.insight.service import count_again
from survey.themes.queries import list_themes
from survey.themes.schemas import Groups, Rating, Side
from tests.pages import Element
from tests.voices import DOCTOR, GIBBERISH, PARKING, Person, analyse, parsed, record, themes_by_key, words_in, words_of

DOCTORS, PLACES_TO_PARK = "health.doctor_language", "transport_parking.parking_space"


def _rated(importance: str, satisfaction: str) -> dict[str, str]:
    return {"importance_health": importance, "satisfaction_health": satisfaction}


PEOPLE = [
    *(Person(need=DOCTOR, more={"origin": "another_country", **_rated("5", "2")}) for _ in range(20)),
    *(Person(need=DOCTOR, more={"origin": "hk_mo_tw", **_rated("4", "1")}) for _ in range(10)),
    *(Person(need=GIBBERISH, more={"origin": "another_country"}) for _ in range(12)),
    *(Person(need=DOCTOR, more={"origin": "mainland", **_rated("3", "4")}) for _ in range(12)),
    *(Person(need=PARKING, more={"origin": "mainland", **_rated("2", "4")}) for _ in range(23)),
    *(Person(need=DOCTOR, more={"origin": "prefer_not_to_say", **_rated("1", "1")}) for _ in range(10)),
]
"""42 from elsewhere, 35 from the mainland, 10 who do not say."""


def _table(response: httpx.Response) -> list[list[str]]:
    found: list[Element] = parsed(response).xpath("//*[@class='equity']//tbody/tr")
    return [[words_of(cell) for cell in row.xpath("./th | ./td")] for row in found]


async def test_both_groups_stand_side_by_side_where_a_theme_is_decided(desk: httpx.AsyncClient) -> None:
    survey: SurveyView = await find_survey("community-needs")
    await record(survey, PEOPLE)
    themes = await analyse(survey)
    page = f"/desk/themes/{themes[DOCTORS].public_id}"
    assert "no data, this theme has not been counted yet" in words_in(await desk.get(page))

    await count_again(survey.id)

    doctors, parking = (await themes_by_key(survey))[DOCTORS], (await themes_by_key(survey))[PLACES_TO_PARK]
    # all those from the mainland are satisfied alike: the mean would tell it of each of them
    assert doctors.groups == Groups(Side(30, 40, Rating(4.7, 30, 5)), Side(10, 35, Rating(2.3, 35, 5)), clock.today())
    for address in (page, f"{page}/review"):
        assert _table(await desk.get(address))[0] == ["name this need", "75% about 30 of 40", "29% about 10 of 35"]
        assert _table(await desk.get(address))[1] == ["importance", "4.7 of 5 about 30 people", "2.3 of 5 about 35 people"]
        assert "those of the field “Health and medical care”" in words_in(await desk.get(address))
    assert parking.groups is not None
    assert (parking.groups.elsewhere, parking.groups.mainland.importance) == (Side(None, 40, None, None), None)
    assert _table(await desk.get(f"/desk/themes/{parking.public_id}"))[0][1] == "too few to tell"
    assert all(row[1:] == ["no data", "no data"] for row in _table(await desk.get(f"/desk/themes/{parking.public_id}"))[1:])
    assert [theme.groups is not None for theme in await list_themes(survey.id)] == [True] * len(await list_themes(survey.id))
