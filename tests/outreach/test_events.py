"""Meetings: which are next for whom, how many may come, planning them. On both engines."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics.disclosure import exact
from survey import clock
from survey.accounts.queries import area_and_above, area_ids
from survey.accounts.tables import Area
from survey.audit.tables import AuditEvent
from survey.authoring.service import bundled_form, create_survey
from survey.errors import Conflict, InputInvalid, NotAllowed, NotFound
from survey.outreach.event_routes import shown
from survey.outreach.events import (
    DraftProblem,
    EventCounts,
    EventInvalid,
    EventOver,
    Wish,
    Wording,
    cancel_event,
    coming_events,
    count_coming,
    create_event,
    edit_event,
    event_counts,
    find_event,
    moment_of,
    next_events,
    past_events,
)
from survey.outreach.tables import Event, EventCount
from survey.settings import Settings
from tests.conftest import bundled_survey
from tests.outreach.conftest import CHEN, NAME, PLACE, draft, meeting, soon


async def say(public_id: str, before: Wish, wish: Wish) -> None:
    await count_coming(public_id, before=before, wish=wish, now=clock.now())


async def counts(event_id: int) -> tuple[int, dict[str, int]]:
    found = (await event_counts([event_id]))[event_id]
    return found.coming, found.interpreters


# Which are next


async def names_of_next(survey_id: int, area: int | None, language: str = "zh-Hans") -> list[str]:
    return [event.name.text for event in await next_events(survey_id, area, language, clock.now())]


async def test_next_events_are_the_next_three_of_this_survey_and_area_and_of_everybody(database: Settings) -> None:
    mine, other = await bundled_survey("mine"), await bundled_survey("other")
    areas = await area_ids()
    await meeting(name="third", starts_at=soon(3))
    await meeting(name="first", starts_at=soon(1), survey_id=mine.id)
    await meeting(name="second", starts_at=soon(2), area_id=areas["wangjing"])
    await meeting(name="fourth", starts_at=soon(4))
    await meeting(name="elsewhere", starts_at=soon(0.1), area_id=areas["donghu"])
    await meeting(name="of the other survey", starts_at=soon(0.2), survey_id=other.id)
    await meeting(name="past", starts_at=soon(-1))
    gone = await meeting(name="cancelled", starts_at=soon(0.3))
    await cancel_event(gone.public_id, actor=CHEN)

    assert await names_of_next(mine.id, areas["wangjing"]) == ["first", "second", "third"]
    assert await names_of_next(mine.id, areas["donghu"]) == ["elsewhere", "first", "third"]
    assert await names_of_next(other.id, areas["wangjing"]) == ["of the other survey", "second", "third"]


async def test_next_events_of_a_district_are_for_its_communities_and_not_the_other_way_round(database: Settings) -> None:
    survey = await bundled_survey()
    areas = await area_ids()
    await meeting(name="of the district", area_id=areas["chaoyang"])
    await meeting(name="of the subdistrict", area_id=areas["wangjing"])

    assert await names_of_next(survey.id, areas["wangjing"]) == ["of the district", "of the subdistrict"]
    assert await names_of_next(survey.id, areas["chaoyang"]) == ["of the district"]


async def test_next_events_for_who_did_not_say_where_they_live_are_those_of_the_surveys_area(database: Settings) -> None:
    areas = await area_ids()
    placed = await create_survey(slug="placed", form=bundled_form(), area_id=areas["chaoyang"])
    nowhere = await bundled_survey("nowhere")
    await meeting(name="of the district", area_id=areas["chaoyang"])

    assert await names_of_next(placed.id, None) == ["of the district"]
    assert await names_of_next(nowhere.id, None) == []


async def test_next_events_without_any_are_none(database: Settings) -> None:
    survey = await bundled_survey()

    assert await names_of_next(survey.id, None) == []


async def test_area_and_above_goes_up_to_the_root(database: Settings) -> None:
    areas = await area_ids()

    assert await area_and_above(areas["wangjing"]) == [areas["wangjing"], areas["chaoyang"]]
    assert await area_and_above(999_999) == [999_999]


@pytest.mark.parametrize(
    ("language", "name", "place"),
    [
        ("zh-Hans", Wording("邻里见面会", "zh-Hans"), Wording("社区服务站二楼", "zh-Hans")),
        ("en", Wording("Neighbours' evening", "en"), Wording("社区服务站二楼", "zh-Hans")),
        ("en-x-easy", Wording("Neighbours' evening", "en"), Wording("社区服务站二楼", "zh-Hans")),
        ("ko", Wording("邻里见面会", "zh-Hans"), Wording("주민센터 2층", "ko")),
        ("ja", Wording("邻里见面会", "zh-Hans"), Wording("社区服务站二楼", "zh-Hans")),
    ],
)
async def test_event_is_told_in_the_readers_language_or_in_chinese_that_is_marked(
    database: Settings, language: str, name: Wording, place: Wording
) -> None:
    event = await find_event((await meeting()).public_id, language)

    assert (event.name, event.place) == (name, place)


async def test_events_lie_ahead_until_they_begin_and_then_in_the_past(database: Settings) -> None:
    event = await meeting()
    start = event.starts_at

    assert [e.id for e in await coming_events("ko", start - dt.timedelta(seconds=1))] == [event.id]
    assert [e.id for e in await coming_events("ko", start)] == []
    assert [e.id for e in await past_events("ko", start)] == [event.id]
    assert [e.id for e in await past_events("ko", start - dt.timedelta(seconds=1))] == []


async def test_event_is_stored_with_its_moment_in_any_zone(database: Settings) -> None:
    start = dt.datetime(2030, 3, 6, 19, 30, tzinfo=clock.BEIJING)

    event = await meeting(starts_at=start)

    assert event.starts_at == start
    assert (event.names, event.places, event.languages_spoken) == (NAME, PLACE, ["zh-Hans", "en"])
    assert event.other_languages == ["ko", "ja", "ru", "fr", "de", "es", "ar", "zh-Hant"]


# Who may come


async def test_coming_changing_the_interpreter_and_staying_away_move_the_counts(database: Settings) -> None:
    event = await meeting()
    seen = []
    for before, wish in [(None, ""), ("", "ko"), ("ko", "ja"), ("ja", ""), ("", "ko"), ("ko", None)]:
        await say(event.public_id, before, wish)
        seen.append(await counts(event.id))

    assert seen == [(1, {}), (1, {"ko": 1}), (1, {"ja": 1}), (1, {}), (1, {"ko": 1}), (0, {})]


@pytest.mark.parametrize("wish", [None, "", "ko"])
async def test_the_same_again_counts_nothing(database: Settings, wish: Wish) -> None:
    event = await meeting()
    await say(event.public_id, None, "ko")

    await say(event.public_id, wish, wish)

    assert await counts(event.id) == (1, {"ko": 1})


async def test_no_count_falls_below_nobody_whatever_a_browser_claims(database: Settings) -> None:
    event = await meeting()

    await say(event.public_id, "ko", None)
    await say(event.public_id, "xx", None)
    await say(event.public_id, "ja", "ko")

    assert await counts(event.id) == (0, {"ko": 1})
    assert {row["total"] >= 0 for row in await EventCount.select()} == {True}


@pytest.mark.parametrize("wish", ["en", "zh-Hans", "xx", "ko-x-easy"])
async def test_interpreter_whom_nobody_can_ask_for_is_refused_and_counts_nothing(database: Settings, wish: str) -> None:
    event = await meeting()

    with pytest.raises(InputInvalid):
        await say(event.public_id, None, wish)

    assert await EventCount.select() == []


async def test_nobody_is_counted_for_what_is_over_cancelled_or_unknown(database: Settings) -> None:
    over, cancelled = await meeting(starts_at=soon(-0.1)), await meeting()
    await cancel_event(cancelled.public_id, actor=CHEN)

    for public_id, error in ((over.public_id, EventOver), (cancelled.public_id, EventOver), ("unknown", NotFound)):
        with pytest.raises(error):
            await say(public_id, None, "")

    assert await EventCount.select() == []


async def test_thirty_at_once_are_all_counted(database: Settings) -> None:
    event = await meeting()

    await asyncio.gather(*(say(event.public_id, None, "ko" if n % 2 else "ar") for n in range(30)))
    await asyncio.gather(*(say(event.public_id, "ko", None) for _ in range(5)))

    assert await counts(event.id) == (25, {"ar": 15, "ko": 10})


async def test_counts_hold_numbers_and_nothing_of_anybody(database: Settings) -> None:
    event = await meeting()
    await say(event.public_id, None, "ko")

    rows = await EventCount.select().order_by(EventCount.kind)

    assert [{key: row[key] for key in row if key != "id"} for row in rows] == [
        {"event": event.id, "kind": "coming", "language": "", "total": 1},
        {"event": event.id, "kind": "interpreter", "language": "ko", "total": 1},
    ]


async def test_counts_of_several_meetings_stay_apart(database: Settings) -> None:
    one, other, third = [await meeting(name=name) for name in "一二三"]
    await say(one.public_id, None, "ko")
    await say(other.public_id, None, "")

    found = await event_counts([one.id, other.id, third.id])

    assert found == {one.id: EventCounts(1, {"ko": 1}), other.id: EventCounts(1, {}), third.id: EventCounts(0, {})}
    assert await event_counts([]) == {}


@given(st.integers(0, 40))
def test_numbers_are_told_by_the_rule_that_holds_everywhere(people: int) -> None:
    assert shown(people) == exact(people)


# Planning


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"names": {"en": "Evening"}}, [("name_zh-Hans", "needed")]),
        ({"places": {"zh-Hans": ""}}, [("place_zh-Hans", "needed")]),
        ({"names": {**NAME, "ko": "가" * 121}}, [("name_ko", "too_long")]),
        ({"starts_at": None}, [("day", "needed")]),
        ({"starts_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, [("day", "past")]),
        ({"starts_at": moment_of("0001-01-01", "00:00")}, [("day", "past")]),
        ({"languages_spoken": []}, [("languages", "needed")]),
        (
            {"names": {}, "places": {}, "starts_at": None, "languages_spoken": []},
            [("name_zh-Hans", "needed"), ("place_zh-Hans", "needed"), ("day", "needed"), ("languages", "needed")],
        ),
    ],
)
async def test_draft_that_lacks_something_is_refused_with_every_problem(
    database: Settings, changes: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    with pytest.raises(EventInvalid) as refused:
        await create_event(draft(**changes), actor=CHEN, now=clock.now())

    assert refused.value.problems == [DraftProblem(*problem) for problem in problems]
    assert await Event.select() == []


async def test_same_meeting_sent_twice_stays_one_and_another_is_another(database: Settings) -> None:
    first, again = [await create_event(draft(), actor=CHEN, now=clock.now()) for _ in range(2)]
    other = await create_event(draft(places={"zh-Hans": "另一个地方"}), actor=CHEN, now=clock.now())
    await cancel_event(first.public_id, actor=CHEN)
    instead = await create_event(draft(), actor=CHEN, now=clock.now())

    assert first.public_id == again.public_id
    assert len({first.public_id, other.public_id, instead.public_id}) == await Event.count() == 3


async def test_edit_replaces_everything_and_is_recorded(database: Settings) -> None:
    survey, areas = await bundled_survey(), await area_ids()
    event = await meeting()
    changed = draft(
        survey_id=survey.id, area_id=areas["wangjing"], names={"zh-Hans": "新", "en": ""}, places={"zh-Hans": "地"},
        starts_at=soon(9), languages_spoken=["ko"],
    )  # fmt: skip

    await edit_event(event.public_id, changed, seen=event.version, actor=CHEN, now=clock.now())

    now = await find_event(event.public_id, "zh-Hans")
    assert (now.survey_id, now.area_id, now.names, now.places) == (survey.id, areas["wangjing"], {"zh-Hans": "新"}, {"zh-Hans": "地"})
    assert (now.starts_at, now.languages_spoken, now.is_cancelled) == (changed.starts_at, ["ko"], False)
    acts = await AuditEvent.select().where(AuditEvent.subject == f"event:{event.public_id}").order_by(AuditEvent.id)
    assert [(act["actor"], act["action"]) for act in acts] == [("chen", "event.create"), ("chen", "event.edit")]


async def test_edit_of_what_somebody_else_changed_is_refused(database: Settings) -> None:
    event = await meeting()
    first, second = draft(names={"zh-Hans": "一"}), draft(names={"zh-Hans": "二"})

    results = await asyncio.gather(
        *(edit_event(event.public_id, one, seen=event.version, actor=CHEN, now=clock.now()) for one in (first, second)),
        return_exceptions=True,
    )

    assert sorted(type(result) for result in results if result is not None) == [Conflict]
    assert (await find_event(event.public_id, "zh-Hans")).name.text in {"一", "二"}


async def test_past_meeting_can_be_corrected_but_not_moved_within_the_past(database: Settings) -> None:
    event = await meeting(starts_at=soon(-5))
    kept = draft(starts_at=event.starts_at, names={"zh-Hans": "改名"})

    await edit_event(event.public_id, kept, seen=event.version, actor=CHEN, now=clock.now())
    now = await find_event(event.public_id, "zh-Hans")
    with pytest.raises(EventInvalid):
        await edit_event(event.public_id, msgspec.structs.replace(kept, starts_at=soon(-4)), seen=now.version, actor=CHEN, now=clock.now())

    assert now.name.text == "改名"


async def test_cancelling_is_undone_with_what_residents_said(database: Settings) -> None:
    event = await meeting()
    await say(event.public_id, None, "ko")

    for is_cancelled in (True, True, False):
        await cancel_event(event.public_id, actor=CHEN, is_cancelled=is_cancelled)

    assert (await find_event(event.public_id, "en")).is_cancelled is False
    assert await counts(event.id) == (1, {"ko": 1})
    actions = [row["action"] for row in await AuditEvent.select().order_by(AuditEvent.id)]
    assert actions == ["event.create", "event.cancel", "event.restore"]


async def test_somebody_whose_role_plans_nothing_is_refused(database: Settings) -> None:
    event = await meeting()
    outsider = msgspec.structs.replace(CHEN, role="volunteer")

    for call in (
        create_event(draft(), actor=outsider, now=clock.now()),
        edit_event(event.public_id, draft(), seen=event.version, actor=outsider, now=clock.now()),
        cancel_event(event.public_id, actor=outsider),
    ):
        with pytest.raises(NotAllowed):
            await call

    assert [row["is_cancelled"] for row in await Event.select()] == [False]


async def test_meeting_of_a_survey_goes_with_it(database: Settings) -> None:
    from survey.authoring.tables import Survey

    survey = await create_survey(slug="draft", form=bundled_form())
    event = await meeting(survey_id=survey.id)
    await say(event.public_id, None, "ko")

    await Survey.delete().where(Survey.id == survey.id)

    assert (await Event.select(), await EventCount.select()) == ([], [])


async def test_area_with_a_meeting_cannot_be_deleted(database: Settings) -> None:
    areas = await area_ids()
    await meeting(area_id=areas["fatou"])

    with pytest.raises(Exception, match=r"(?i)foreign key|violates"):
        await Area.delete().where(Area.id == areas["fatou"])


@pytest.mark.parametrize("typed", [("", ""), ("2026-13-01", "10:00"), ("2026-03-01", ""), ("2026-03-01", "25:00"), ("tomorrow", "10:00")])
def test_moment_that_cannot_be_read_is_none(typed: tuple[str, str]) -> None:
    assert moment_of(*typed) is None


def test_moment_is_in_beijing() -> None:
    assert moment_of("2026-03-06", "19:30") == dt.datetime(2026, 3, 6, 11, 30, tzinfo=dt.UTC)
