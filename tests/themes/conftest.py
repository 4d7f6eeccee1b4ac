from __future__ import annotations

import httpx
import pytest

from survey.authoring.queries import SurveyView, find_survey
from tests.voices import DOCTOR, GIBBERISH, NOISE, Person, analyse, record, use_three_needs

NEIGHBOURS = [
    *(Person(need=DOCTOR) for _ in range(12)),
    *(Person(need="小区没有地方停车", page="zh-Hans") for _ in range(9)),
    Person(need=NOISE),
    *(Person(need=GIBBERISH) for _ in range(2)),
]
"""24 people who wrote: 12 need a doctor, 9 (too few to be told) a place to park, one alone is woken by drilling, and two
say nothing that anybody understands."""


@pytest.fixture(autouse=True)
def three_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    use_three_needs(monkeypatch)


@pytest.fixture
async def analysed(desk: httpx.AsyncClient) -> SurveyView:
    """What NEIGHBOURS wrote, analysed."""
    survey = await find_survey("community-needs")
    await record(survey, NEIGHBOURS)
    await analyse(survey)
    return survey
