from __future__ import annotations

import pytest

from survey.accounts.rules import Actor, RoleKind
from survey.accounts.service import create_account
from survey.authoring.queries import SurveyView
from survey.themes.queries import ThemeView
from survey.themes.service import decide
from survey.themes.states import EventKind
from tests.voices import (
    DOCTOR,
    NOISE,
    PARKING,
    Person,
    actor_named,
    analyse,
    record,
    themes_by_key,
    use_three_needs,
)

DOCTORS, PLACES_TO_PARK, DRILLING = "health.doctor_language", "transport_parking.parking_space", "environment_noise.construction_noise"

NEIGHBOURS = [
    *(Person(need=f"{DOCTOR}, says number {number}", may_quote=number < 3, days_ago=number % 3) for number in range(23)),
    *(Person(need=PARKING) for _ in range(9)),
    *(Person(need=NOISE) for _ in range(12)),
]
"""44 people: 23 need a doctor, of whom three may be quoted; 9, too few to be told, a place to park; 12 hear drilling."""


@pytest.fixture(autouse=True)
def three_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    use_three_needs(monkeypatch)


async def new_actor(name: str = "chen") -> Actor:
    await create_account(name=name, roles=[(RoleKind.COMMITTEE, None)])
    return await actor_named(name)


async def reviewed(survey: SurveyView, actor: Actor, *accepted: str) -> dict[str, ThemeView]:
    """Let NEIGHBOURS write, analyse, and accept these themes; return all by key."""
    await record(survey, NEIGHBOURS)
    themes = await analyse(survey)
    for key in accepted:
        await decide(themes[key], EventKind.ACCEPT, actor=actor)
    return await themes_by_key(survey)
