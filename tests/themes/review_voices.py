"""A committee in its meeting, for tests: people of several bodies, themes on the agenda, what they vote."""

from __future__ import annotations

import datetime as dt
from typing import Any

from survey import clock
from survey.accounts.rules import Actor, RoleKind
from survey.authoring.queries import SurveyView
from survey.themes.agenda import AgendaItem, MotionDraft, load_agenda
from survey.themes.meetings import (
    GuestDraft,
    MeetingDraft,
    MeetingView,
    candidates,
    convene,
    edit_meeting,
    find_meeting,
)
from survey.themes.queries import find_theme, newest_run
from survey.themes.rules import Act, Choice
from survey.themes.tables import AnalysisRun, Theme
from survey.themes.votes import cast_vote, put_motion
from tests.conftest import add_account

PEOPLE = {
    "chen": RoleKind.COMMITTEE, "wu": RoleKind.SOCIAL_WORKER, "li": RoleKind.SUBDISTRICT, "zhao": RoleKind.COMMITTEE, "ada": RoleKind.ADMINISTRATOR,
}  # fmt: skip
"""The first four sit in the meetings of these tests."""
MEMBERS = ("chen", "wu", "li", "zhao")

WHEN = dt.datetime(2026, 3, 5, 9, 30, tzinfo=clock.BEIJING)
MOTION = MotionDraft("把“停车”列入今年的计划", Act.ACCEPT, ["列入计划", "暂不处理"], "居民反映最多")


async def add_members(*missing: str) -> dict[str, Actor]:
    """Everybody's account, but for those that a test has already; return them as the services meet them."""
    found = {}
    for name, role in PEOPLE.items():
        account = await add_account(name, role) if name not in missing else 0
        found[name] = Actor(account_id=account, name=name, role=role, area_id=None, session_id=0)
    return found


async def add_theme(survey: SurveyView, key: str = "transport_parking.parking_space", *, people: int = 43, wrote: int = 200, **names: str) -> str:
    """A theme as an analysis would have stored it; return its public id."""
    if await newest_run(survey.id) is None:
        await AnalysisRun.insert(AnalysisRun(survey=survey.id, settings="{}", figures=f'{{"people": {wrote}}}', finished_at=clock.now()))
    public_id = f"theme{key.replace('.', '').replace('_', '')}"[:32]
    given = names or {"zh-Hans": "停车位不足", "en": "Too few parking spaces"}
    await Theme.insert(
        Theme(
            public_id=public_id, survey=survey.id, key=key, category=key.split(".", maxsplit=1)[0], state="proposed",
            names=str({tag.replace("_", "-"): name for tag, name in given.items()}).replace("'", '"'), people=people, statements=people,
            languages="{}", keywords="{}", quotes="[]", public_quotes="[]",
        )
    )  # fmt: skip
    return public_id


async def draft_of(survey: SurveyView, *, present: tuple[str, ...] = (), sitting: tuple[str, ...] = MEMBERS, **changes: Any) -> MeetingDraft:
    roles = {person.name: person.role_id for person in await candidates(survey)}
    given: dict[str, Any] = {
        "starts_at": WHEN, "place": "居委会二楼会议室", "members": [roles[name] for name in sitting],
        "present": [roles[name] for name in present], "chair": roles[sitting[0]], "guests": [GuestDraft("李伟", "阳光物业")],
    }  # fmt: skip
    return MeetingDraft(**{**given, **changes})


async def meeting_about(survey: SurveyView, *theme_ids: str, present: tuple[str, ...] = MEMBERS, actor: Actor) -> MeetingView:
    draft = await draft_of(survey, present=present)
    return await convene(survey, draft, [await find_theme(theme_id) for theme_id in theme_ids], actor=actor)


async def mark_present(meeting: MeetingView, survey: SurveyView, *present: str, actor: Actor) -> None:
    now = await find_meeting(meeting.public_id)
    await edit_meeting(now, survey, await draft_of(survey, present=present), seen=now.revision, actor=actor)


async def item_of(meeting: MeetingView, number: int = 0) -> AgendaItem:
    return (await load_agenda(await find_meeting(meeting.public_id)))[number]


async def move(meeting: MeetingView, draft: MotionDraft = MOTION, number: int = 0, *, actor: Actor) -> int:
    """Put a motion to the vote; return the item's revision."""
    item = (await item_of(meeting, number)).item
    return await put_motion(meeting, item.public_id, draft, seen=item.revision, actor=actor)


async def vote(meeting: MeetingView, number: int = 0, *, actors: dict[str, Actor], **choices: str | tuple[str, str]) -> None:
    """`vote(meeting, actors=people, chen="for", wu=("against", "too dear"))`."""
    item = (await item_of(meeting, number)).item
    for name, given in choices.items():
        choice, words = given if isinstance(given, tuple) else (given, "")
        await cast_vote(meeting, item.public_id, Choice(choice), words, motion_seen=item.motion_revision, actor=actors[name])
