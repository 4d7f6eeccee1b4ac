"""Whatever people decide, and however often the analysis runs in between: every later run obeys (decision 6)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.accounts.rules import Actor, RoleKind
from survey.accounts.service import create_account
from survey.authoring.queries import SurveyView, forget_forms
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.responses.service import Receipt, withdraw
from survey.settings import Settings
from survey.tables import ALL_TABLES
from survey.themes.service import decide
from survey.themes.states import EventKind
from survey.themes.tables import Assignment, ReviewEvent
from tests.conftest import SECRET, bundled_survey
from tests.voices import DOCTOR, NOISE, PARKING, Person, actor_named, analyse, record, themes_by_key, use_three_needs

BECOMES = {"accept": "accepted", "dismiss": "dismissed", "reopen": "proposed"}

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.integers(0, 5), st.sampled_from(["accept", "accept", "dismiss", "reopen"])),
        st.tuples(st.just("rename"), st.integers(0, 5), st.sampled_from(["zh-Hans", "en"]), st.sampled_from(["甲", "B"])),
        st.tuples(st.just("write"), st.sampled_from([DOCTOR, PARKING, NOISE]), st.integers(1, 3)),
        st.tuples(st.just("withdraw"), st.integers(0, 20)),
        st.tuples(st.just("run")),
    ),
    min_size=4,
    max_size=14,
)


@dataclass
class Told:
    """What the history says, kept apart from the code under test: state, names and address of each theme decided about."""

    states: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    events: int = 0


@given(steps=STEPS)
@settings(max_examples=20)
def test_a_run_after_any_history_obeys_every_decision(sqlite_template: Path, steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        use_three_needs(patch)
        path = Path(folder) / "linsheng.sqlite"
        shutil.copy(sqlite_template, path)
        asyncio.run(_play(Settings(database=f"sqlite:///{path}", secret=SECRET), steps))


async def _play(configured: Settings, steps: list[tuple[Any, ...]]) -> None:
    forget_forms()
    engine = make_engine(configured)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=1):
        await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
        survey, chen = await bundled_survey(), await actor_named("chen")
        first = [DOCTOR, DOCTOR, PARKING, PARKING, NOISE]
        written = list(zip(await record(survey, [Person(need=text) for text in first]), first, strict=True))
        await analyse(survey)
        told = Told()
        for step in steps:
            await _take(step, survey, chen, written, told)
            await _check(survey, told)
        await analyse(survey)
        await _check(survey, told)
        await _check_people(survey, [text for _, text in written], told)
        assert await ReviewEvent.count() == told.events


async def _take(
    step: tuple[Any, ...], survey: SurveyView, chen: Actor, written: list[tuple[Receipt, str]], told: Told
) -> None:
    kind, *given_ = step
    if kind == "run":
        await analyse(survey)
    elif kind == "write":
        receipts = await record(survey, [Person(need=given_[0]) for _ in range(given_[1])])
        written.extend((receipt, given_[0]) for receipt in receipts)
    elif kind == "withdraw" and written:
        await withdraw(written.pop(given_[0] % len(written))[0].code)
    elif kind in {"decide", "rename"}:
        themes = await themes_by_key(survey)
        if not themes:
            return
        key = sorted(themes)[given_[0] % len(themes)]
        theme = themes[key]
        told.addresses[key] = theme.public_id
        told.events += 1
        if kind == "rename":
            await decide(theme, EventKind.RENAME, actor=chen, names={given_[1]: given_[2]})
            told.names.setdefault(key, {})[given_[1]] = given_[2]
            told.states.setdefault(key, "proposed")
        else:
            await decide(theme, EventKind(given_[1]), actor=chen)
            told.states[key] = BECOMES[given_[1]]


async def _check(survey: SurveyView, told: Told) -> None:
    themes = await themes_by_key(survey)
    assert {key: themes[key].public_id for key in told.addresses} == told.addresses
    assert {key: str(theme.state) for key, theme in themes.items()} == {
        key: told.states.get(key, "proposed") for key in themes
    }
    for key, names in told.names.items():
        assert {**themes[key].names, **names} == themes[key].names
    for theme in themes.values():
        assert set(theme.names) == {"zh-Hans", "en"}
    counts = await Assignment.select(Assignment.statement, Assignment.theme)
    assert len({(row["statement"], row["theme"]) for row in counts}) == len(counts)


NAMED_BY = {
    "health.doctor_language": DOCTOR,
    "transport_parking.parking_space": PARKING,
    "environment_noise.construction_noise": NOISE,
}


async def _check_people(survey: SurveyView, texts: list[str], told: Told) -> None:
    """An accepted theme keeps everybody who names it, however few they are."""
    themes = await themes_by_key(survey)
    accepted = {key for key, state in told.states.items() if state == "accepted" and key in NAMED_BY}
    assert {key: themes[key].people for key in accepted} == {key: texts.count(NAMED_BY[key]) for key in accepted}
