"""A kill -9 in the middle of an act: afterwards all of it is there or nothing, the log comes to what stands, and it can be done again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from survey.accounts.rules import Actor, RoleKind
from survey.accounts.service import create_account
from survey.authoring.queries import SurveyView
from survey.insight.facilities import facility_counts
from survey.settings import Settings
from survey.tables import ALL_TABLES
from survey.themes import differences, lexicon, service
from survey.themes.meetings import find_meeting
from survey.themes.queries import list_events, statements_by_theme
from survey.themes.tables import ReviewDecision, ReviewItem, Theme
from tests.conftest import SECRET, bundled_survey
from tests.e2e.serving import without_settings
from tests.insight.test_facilities import facility
from tests.themes.review_voices import add_members, item_of, meeting_about, move, vote
from tests.themes.test_acts import DOCTORS, DRILLING, PARKINGS, PEOPLE
from tests.themes.test_histories import check_log
from tests.voices import DOCTOR, NOISE, Person, actor_named, analyse, record, themes_by_key

Snapshot = dict[str, list[dict[str, Any]]]

pytestmark = pytest.mark.parametrize("settings", ["sqlite", pytest.param("postgres", marks=pytest.mark.thorough)], indirect=True)


class Dying:
    """The process that acts and dies, as tests order it."""

    def __init__(self, process: subprocess.Popen[str], **common: Any) -> None:
        self._process = process
        self.common = common

    def order(self, act: str, die_at: tuple[str, int] | None = None, **given: Any) -> tuple[dict[str, int], bool]:
        """Do the act; return how many statements and commits there were, and whether it was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({**self.common, "act": act, "die_at": die_at, "given": given}) + "\n")
        self._process.stdin.flush()
        counts = self._process.stdout.readline()
        assert counts.startswith("{"), f"{act} failed: {counts}"
        outcome = self._process.stdout.readline().strip()
        assert outcome == ("killed" if die_at else "0")
        return json.loads(counts), outcome == "killed"


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    """Started once: it takes two seconds, and dies in its children alone."""
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.themes.dying"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=without_settings()
    )
    try:
        yield started
    finally:
        started.communicate(timeout=10)


@pytest.fixture
def dying(database: Settings, process: subprocess.Popen[str]) -> Dying:
    return Dying(process, database=database.database, secret=SECRET)


@pytest.fixture
async def survey(database: Settings) -> SurveyView:
    found = await bundled_survey()
    await record(found, PEOPLE)
    await analyse(found)
    return found


async def _snapshot() -> Snapshot:
    return {table._meta.tablename: await table.select().order_by(table._meta.primary_key) for table in ALL_TABLES}


async def _die_then_do(dying: Dying, act: str, survey: SurveyView, **given: Any) -> None:
    """Kill the process before its commit, and half way there; then let it do the act."""
    before = await _snapshot()
    counts, _ = dying.order(act, ("commit", 1), **given)
    dying.order(act, ("statement", counts["statement"] // 2), **given)
    assert counts["statement"] > 1
    assert await _snapshot() == before
    await check_log(survey)
    events = len(await list_events(survey.id))

    dying.order(act, **given)

    assert await _snapshot() != before
    assert len(await list_events(survey.id)) == events + (act != "import")
    await check_log(survey)


async def test_act_on_themes_that_is_killed_has_not_begun_and_can_be_done_again(survey: SurveyView, dying: Dying) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    chen = await actor_named("chen")
    dying.common |= {"survey": survey.id, "account": chen.account_id}
    themes = {key: theme.public_id for key, theme in (await themes_by_key(survey)).items()}
    members = {key: (await statements_by_theme(survey.id))[theme.id] for key, theme in (await themes_by_key(survey)).items()}

    await _die_then_do(dying, "move", survey, themes=[themes[DOCTORS], themes[DRILLING]], statements=members[DOCTORS][:4])
    await _die_then_do(dying, "split", survey, themes=[themes[PARKINGS]], statements=members[PARKINGS][:2])
    await _die_then_do(dying, "merge", survey, themes=[themes[DOCTORS], themes[DRILLING]])
    await lexicon.add_words([(PARKINGS, "en", "flonk"), (DOCTORS, "en", "gribble")], actor=chen)
    await record(survey, [Person(need=DOCTOR), *(Person(need=NOISE) for _ in range(2))])
    await analyse(survey)
    waiting = await differences.find_difference(survey.id)
    assert waiting is not None
    await _die_then_do(dying, "take", survey, run=waiting.run)
    assert await differences.find_difference(survey.id) is None
    await _die_then_do(dying, "undo", survey, event=(await list_events(survey.id))[-1].id)
    assert await differences.find_difference(survey.id) == waiting
    await _die_then_do(dying, "reject", survey, run=waiting.run)


async def test_worker_that_is_killed_while_it_moves_many_statements_leaves_whole_steps_and_another_goes_on(
    survey: SurveyView, dying: Dying, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    chen = await actor_named("chen")
    dying.common |= {"survey": survey.id, "account": chen.account_id}
    monkeypatch.setattr("survey.themes.settling.AT_ONCE", 2)
    themes = await themes_by_key(survey)
    await service.merge(themes[DOCTORS], themes[PARKINGS], actor=chen)
    total = themes[DOCTORS].statements + themes[PARKINGS].statements - 1  # one is in both

    for commits in (2, 1, 3):
        dying.order("work", ("commit", commits))
        assert [(t.key, t.is_settling) for t in (await themes_by_key(survey)).values() if t.is_settling] == [(PARKINGS, True)]
        assert sum(len(found) for found in (await statements_by_theme(survey.id)).values()) >= total
    dying.order("work")

    await check_log(survey)
    whole = (await themes_by_key(survey))[PARKINGS]
    assert (whole.people, whole.statements, whole.is_settling) == (10, 11, False)


async def test_confirmed_import_of_counts_that_is_killed_stores_no_row_and_can_be_confirmed_again(survey: SurveyView, dying: Dying) -> None:
    dying.common |= {"survey": survey.id, "account": 0}
    library = await facility()
    rows = [
        {"facility": "library", "start": f"2026-0{month}-01", "end": f"2026-0{month}-28", "visits": "500", "foreign_visits": "4"}
        for month in range(1, 9)
    ]

    await _die_then_do(dying, "import", survey, rows=rows)

    assert [count.visits for count in await facility_counts(library.id)] == [500] * 8


async def test_vote_that_is_closed_and_killed_is_open_or_kept_whole_and_its_decision_is_applied_once(survey: SurveyView, dying: Dying) -> None:
    people = await add_members()
    chen: Actor = people["chen"]
    dying.common |= {"survey": survey.id, "account": chen.account_id}
    theme = (await themes_by_key(survey))[PARKINGS]
    meeting = await meeting_about(survey, theme.public_id, actor=chen)
    seen = await move(meeting, actor=chen)
    await vote(meeting, actors=people, chen="for", wu=("against", "too dear"), li="for", zhao="for")
    given = {"meeting": meeting.public_id, "item": (await item_of(meeting)).item.public_id, "seen": seen}
    open_, events = await _snapshot(), len(await list_events(survey.id))

    dying.order("close", ("commit", 1), is_closed=False, **given)
    assert await _snapshot() == open_
    dying.order("close", ("commit", 2), is_closed=False, **given)  # the vote is closed, the theme not yet decided on
    [decision] = await ReviewDecision.select()
    assert (decision["is_passed"], decision["is_applied"], len(await list_events(survey.id))) == (True, False, events)
    assert (await item_of(meeting)).item.is_closed
    dying.order("close", ("commit", 2), is_closed=True, **given)  # decided, and not yet told to be so
    assert (await themes_by_key(survey))[PARKINGS].state == "accepted"
    dying.order("close", is_closed=True, **given)

    [decision] = await ReviewDecision.select()
    assert (decision["is_applied"], len(await list_events(survey.id)), await ReviewItem.count()) == (True, events + 1, 1)
    assert (await find_meeting(meeting.public_id)).public_id == meeting.public_id
    assert await Theme.count().where(Theme.state == "accepted") == 1
    await check_log(survey)
