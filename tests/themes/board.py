"""The theme board's pages as tests read them."""

from __future__ import annotations

from typing import Any

import httpx

from survey.authoring.queries import SurveyView
from survey.jobs.kinds import ANALYSE
from survey.jobs.tables import Job
from survey.themes.tables import ReviewEvent, ReviewLimit, Theme
from tests.pages import Element
from tests.voices import (
    parsed,
    themes_by_key,
    words_of,
)

BOARD = "/desk/surveys/community-needs/themes"
UNSORTED = "/desk/surveys/community-needs/unsorted"
ANALYSIS = "/desk/surveys/community-needs/analysis"
DIFFERENCE = "/desk/surveys/community-needs/difference"
WORDS = "/desk/surveys/community-needs/words"
LINKS = "/desk/surveys/community-needs/links"
DOCTORS, PLACES_TO_PARK = "health.doctor_language", "transport_parking.parking_space"


async def page_of(survey: SurveyView, key: str) -> str:
    return f"/desk/themes/{(await themes_by_key(survey))[key].public_id}"


async def send(desk: httpx.AsyncClient, page: str, fields: dict[str, str]) -> httpx.Response:
    """Send an act as the form of that page does: with the newest act that its reader saw."""
    seen = parsed(await desk.get(page)).xpath("string(//form//input[@name='seen']/@value)")
    return await desk.post(page, data={"seen": seen} | fields)


def cards(response: httpx.Response, lane: str = "") -> list[str]:
    """The names of the themes on the board, those with fewer than ten people behind the others; of one lane or of both."""
    where = f"//*[@id='{lane}']" if lane else "//*[@class='lanes']"
    return [words_of(found) for found in parsed(response).xpath(f"{where}//h3/a | {where}//details//li/a")]


def card(response: httpx.Response, name: str) -> Element:
    [found] = parsed(response).xpath(f"//li[@class='theme-card'][h3/a='{name}']")
    return found


def rows(response: httpx.Response, table: int = 0) -> list[list[str]]:
    found = parsed(response).xpath("//main//table")
    return [[words_of(cell) for cell in row.xpath("./td")] for row in found[table].xpath("./tbody/tr")]


def alert(response: httpx.Response) -> str:
    return " ".join(words_of(found) for found in parsed(response).xpath("//main//*[@role='alert']"))


async def stored(survey: SurveyView) -> tuple[list[dict[str, Any]], int, int]:
    themes = await Theme.select().where(Theme.survey == survey.id).order_by(Theme.id)
    return themes, await ReviewEvent.count() + await ReviewLimit.count(), await Job.count().where(Job.kind == ANALYSE)


def story(response: httpx.Response) -> list[str]:
    """The history of a theme, newest first, without the times and the roles."""
    lines = parsed(response).xpath("//ol[@class='story']/li/p")
    roles = [" ".join(map(words_of, line.xpath("./*[contains(@class, 'role')]"))) for line in lines]
    return [
        words_of(line).removeprefix(words_of(line.xpath("./time")[0])).replace(role, "").replace("  ", " ").strip() if role else words_of(line)
        for line, role in zip(lines, roles, strict=True)
    ]


async def tick(response: httpx.Response, *, most: int = 1) -> list[str]:
    return parsed(response).xpath("//input[@name='statement']/@value")[:most]
