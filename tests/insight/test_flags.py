"""What the overview tells of careless answers: numbers by sign, none below ten, and that nothing was dropped."""

from __future__ import annotations

import httpx
import pytest

from survey.authoring.queries import find_survey
from survey.db.transaction import write_transaction
from survey.responses.service import flag_responses
from survey.responses.tables import Response
from tests.pages import PageClient
from tests.voices import Person, parsed, record, words_of

OVERVIEW = "/desk/surveys/community-needs"


async def flagged(**numbers: int) -> None:
    """Twelve answers, so many of them with each flag."""
    receipts = await record(await find_survey("community-needs"), [Person() for _ in range(12)])
    async with write_transaction(Response):
        for flag, number in numbers.items():
            await flag_responses([receipt.response_id for receipt in receipts[:number]], flag)


def _lines(response: httpx.Response) -> list[str]:
    return [words_of(line) for line in parsed(response).xpath("//*[@id='quality']//li")]


async def test_overview_counts_answers_by_sign(desk: httpx.AsyncClient) -> None:
    await flagged(speeding=12, straight_lining=10, copied_text=11)

    response = await desk.get(OVERVIEW)

    assert _lines(response) == [
        "11 answers have a text that another answer has as well",
        "12 answers were filled in very fast",
        "10 answers have the same point on every scale of a section",
    ]
    assert "nothing is dropped" in words_of(parsed(response).xpath("//*[@id='quality']")[0])
    assert "12 people answered" in words_of(parsed(response).xpath("//*[@class='figures']")[0])


@pytest.mark.parametrize("number", [1, 9])
async def test_overview_hides_how_few_they_are(desk: httpx.AsyncClient, number: int) -> None:
    await flagged(speeding=number, straight_lining=number, copied_text=number)

    response = await desk.get(OVERVIEW)

    assert _lines(response) == [
        "Fewer than 10 answers have a text that another answer has as well",
        "Fewer than 10 answers were filled in very fast",
        "Fewer than 10 answers have the same point on every scale of a section",
    ]


async def test_overview_without_any_sign_says_nothing(desk: httpx.AsyncClient) -> None:
    await flagged()

    response = await desk.get(OVERVIEW)

    assert parsed(response).xpath("//*[@id='quality']") == []


async def test_overview_names_a_plain_language(desk: httpx.AsyncClient) -> None:
    """Its page must name every language by which people came, also one that the interface has no catalog of its own for."""
    await record(await find_survey("community-needs"), [Person(page="en-x-easy") for _ in range(12)])

    page = await PageClient(desk).get(OVERVIEW)

    assert "English – easy words" in page.text
