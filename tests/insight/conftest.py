from __future__ import annotations

import httpx
import pytest

from survey.authoring.queries import SurveyView, find_survey
from survey.insight.service import draw_charts
from tests.voices import DOCTOR, PARKING, Person, analyse, record, use_three_needs


@pytest.fixture(autouse=True)
def three_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    use_three_needs(monkeypatch)


NEIGHBOURS = [*(Person(need=DOCTOR) for _ in range(22)), *(Person(need=PARKING) for _ in range(9))]
"""31 people: 22 need a doctor; 9, too few to be told, a place to park."""


@pytest.fixture
async def drawn(desk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> SurveyView:
    """What NEIGHBOURS wrote, analysed and drawn, in English alone: each chart takes a third of a second."""
    monkeypatch.setattr("survey.insight.service.DESK_LANGUAGES", ("en",))
    survey = await find_survey("community-needs")
    await record(survey, NEIGHBOURS)
    await analyse(survey)
    await draw_charts(survey.id)
    return survey
