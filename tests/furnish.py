"""What tests/places.py expects to find beside the demonstration's survey: surveys in every state, themes decided on, plans, people."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import msgspec

from survey import clock
from survey.accounts import service as accounts
from survey.accounts.rules import Actor, RoleKind
from survey.accounts.tables import OneTimeLink
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey, open_survey
from survey.authoring.states import Access
from survey.cli.context import open_database
from survey.codes import hash_code
from survey.db.transaction import write_transaction
from survey.insight.counting import store_figures
from survey.insight.facilities import FacilityDraft, create_facility, set_active
from survey.insight.indicators import IndicatorDraft, create_indicator
from survey.insight.indicators import set_active as set_indicator_active
from survey.insight.schemas import Choices, Figures
from survey.insight.tables import Indicator, Resource
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.outreach import events
from survey.outreach.invitations import BatchView, create_batch
from survey.outreach.service import add_channel
from survey.outreach.states import InvitationState
from survey.outreach.tables import Channel, Event, Invitation, InvitationBatch
from survey.plans.queries import list_items
from survey.plans.service import create_plan, remove_item
from survey.questionnaire.form import Form
from survey.questionnaire.sameness import fingerprint
from survey.responses.intake import entrance_to
from survey.responses.service import Recorder
from survey.responses.tables import Response
from survey.settings import Settings
from survey.themes.agenda import MotionDraft, load_agenda
from survey.themes.comments import write_comment
from survey.themes.directories import load_directories
from survey.themes.mappings import map_theme
from survey.themes.meetings import GuestDraft, MeetingDraft, candidates, convene, find_meeting, set_quorum
from survey.themes.queries import find_theme, list_themes
from survey.themes.rules import Act, Choice, QuorumRule, Share
from survey.themes.runs import ask_for_analysis
from survey.themes.service import decide
from survey.themes.states import EventKind
from survey.themes.tables import ReviewMeeting
from survey.themes.votes import cast_vote, close_vote, put_motion
from tests.conftest import add_account
from tests.every_type import every_type
from tests.ways import (
    CANCELLED,
    CLOSED,
    COUNTED,
    DRAFT,
    EMPTY_PLAN,
    EMPTY_REVIEW,
    EVERY,
    INCOMPLETE,
    INDICATOR,
    INVITATIONS,
    INVITED,
    LATE,
    LIBRARY,
    LONG_TEXT,
    MEETING,
    NOT_INVITED,
    OVER,
    PARTNERS,
    PLAN,
    RETIRED,
    REVIEW,
    SURVEY,
    UNCOUNTED,
    WELCOME,
)

ADMINISTRATOR = "ada"
"""Signs in with the PASSWORD of tests/conftest.py."""


def copy_database(source: Path, target: Path) -> None:
    """Copy a database that a server may be writing to."""
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


async def furnish(settings: Settings) -> None:
    """Fill a copy of the demonstration."""
    async with open_database(settings):
        for slug in (DRAFT, CLOSED):
            await create_survey(slug=slug, form=bundled_form())
        await create_survey(slug=INCOMPLETE, form=_with_a_gap(bundled_form()))
        await create_survey(slug=EVERY, form=every_type())
        for slug in (CLOSED, EVERY):
            await open_survey(slug, actor="test", role="administrator")
        await _answer_late(settings.secret)
        await close_survey(CLOSED, actor="test", role="administrator")
        await _invite(settings.secret)
        administrator = await add_account(ADMINISTRATOR, RoleKind.ADMINISTRATOR)
        await _partner(administrator)
        await _add_link(await add_account("newcomer", RoleKind.COMMITTEE))
        actor = Actor(administrator, ADMINISTRATOR, RoleKind.ADMINISTRATOR, None, 0)
        await _decide_on_themes(actor)
        await _plan_meetings(actor)
        await _review_themes(actor)
        await _name_facilities(actor)
        await _set_indicators(actor)
        for slug in (DRAFT, INCOMPLETE):
            await ask_for_analysis((await find_survey(slug)).id)
        async with write_transaction(Job):
            newest = await Job.select(Job.id).order_by(Job.id, ascending=False).first()
            assert newest
            await Job.update({Job.state: JobState.FAILED}).where(Job.id == newest["id"])


def _with_a_gap(form: Form) -> Form:
    """A form with a title that was not translated into Korean."""
    return msgspec.structs.replace(form, title={**form.title, "ko": ""})


async def _add_link(account: int) -> None:
    async with write_transaction(OneTimeLink):
        await OneTimeLink.insert(
            OneTimeLink(token_hash=accounts._hash(WELCOME), account=account, expires_at=clock.now() + accounts.LINK_LASTS)
        )


async def _partner(account: int) -> None:
    survey = await find_survey(EVERY)
    channel = await add_channel(survey_id=survey.id, code="association", name=LONG_TEXT[:110], default_language="ko", partner_id=account)
    async with write_transaction(Channel):
        await Channel.update({Channel.short: PARTNERS}).where(Channel.id == channel)


async def _decide_on_themes(actor: Actor) -> None:
    """The largest is accepted and in a plan, the smallest dismissed."""
    survey = await find_survey(SURVEY)
    themes = sorted((t for t in await list_themes(survey.id) if not t.is_rest), key=lambda t: (-t.people, t.key))
    await decide(themes[0], EventKind.ACCEPT, actor=actor)
    await decide(themes[-1], EventKind.DISMISS, actor=actor, why="Nobody can do anything about it here")
    accepted = [await find_theme(themes[0].public_id)]
    await create_plan(survey_id=survey.id, title=PLAN, themes=accepted, actor=actor)
    empty = await create_plan(survey_id=survey.id, title=EMPTY_PLAN, themes=accepted, actor=actor)
    for item in await list_items(empty.id):
        await remove_item(item, actor=actor)


async def _review_themes(actor: Actor) -> None:
    """Several bodies have met: one theme is decided, one is open; another meeting has no theme yet."""
    survey = await find_survey(SURVEY)
    decided, still_open, *_ = sorted((t for t in await list_themes(survey.id) if not t.is_rest), key=lambda t: (-t.people, t.key))
    chair, *_ = [person.role_id for person in await candidates(survey) if person.account_id == actor.account_id]
    others = [person.role_id for person in await candidates(survey) if person.account_id != actor.account_id]
    for key, month, themes in ((REVIEW, 3, [decided, still_open]), (EMPTY_REVIEW, 4, [])):
        draft = MeetingDraft(
            starts_at=dt.datetime(2026, month, 5, 9, 30, tzinfo=clock.BEIJING), place="居委会二楼会议室", members=[chair, *others], present=[chair],
            chair=chair, guests=[GuestDraft("李伟", "阳光物业")],
        )  # fmt: skip
        made = await convene(survey, draft, themes, actor=actor)
        async with write_transaction(ReviewMeeting):
            await ReviewMeeting.update({ReviewMeeting.public_id: key}).where(ReviewMeeting.id == made.id)
    await set_quorum(survey.area_id, QuorumRule(1, Share.ANY), actor=actor)
    await write_comment(decided, "晚上九点以后最难找车位", actor=actor)
    meeting = await find_meeting(REVIEW)
    [item] = [found.item for found in await load_agenda(meeting) if found.item.theme_key == decided.key]
    motion = MotionDraft("列入今年的计划", Act.NONE, ["列入今年的计划", "暂不处理"], "居民反映最多")
    seen = await put_motion(meeting, item.public_id, motion, seen=1, actor=actor)
    await cast_vote(meeting, item.public_id, Choice.FOR, "先试一个月", motion_seen=2, actor=actor)
    await close_vote(meeting, item.public_id, seen=seen, actor=actor)
    await map_theme(decided, load_directories(None)["hotline_12345"], ["help"], "多数人是来求助的", seen=0, actor=actor)


async def _name_facilities(actor: Actor) -> None:
    """The demonstration's library under an address that is known, and a facility without counts, closed, with the longest name."""
    draft = FacilityDraft(
        code="closed", names={"zh-Hans": LONG_TEXT[:110]}, area="", kind="other", level="subdistrict", capacity="", hours_per_week="",
        service="", category="",
    )  # fmt: skip
    closed = await create_facility(draft, areas=None, categories=(), actor=actor)
    await set_active(closed.public_id, is_active=False, areas=None, actor=actor)
    async with write_transaction(Resource):
        await Resource.update({Resource.public_id: UNCOUNTED}).where(Resource.public_id == closed.public_id)
        await Resource.update({Resource.public_id: LIBRARY}).where(Resource.code == "wangjing-library")


async def _set_indicators(actor: Actor) -> None:
    """Of a survey of all areas, which is counted: one indicator with the longest words, one that is retired."""
    form = bundled_form()
    view = await create_survey(slug=COUNTED, form=form)
    await open_survey(COUNTED, actor="test", role="administrator")
    await close_survey(COUNTED, actor="test", role="administrator")
    totals = {"aware_library": {"yes": 60, "no": 40}, "belonging": {"1": 20, "5": 80}, "time_in_beijing": {"under_6_months": 3, "over_5_years": 97}}
    prints = {question.id: fingerprint(question) for question in form.questions()}
    choices = Choices(total=totals, by_wave={"0": totals})
    await store_figures(view.id, Figures(answers=100, dates=(clock.today(), clock.today()), choices=choices, wave_questions={"0": prints}))
    for key, words in ((INDICATOR, LONG_TEXT), (RETIRED, "归属感")):
        draft = IndicatorDraft(
            names={"zh-Hans": words[:110], "en": words[:110]}, purpose=words[:400], caveat=words[:400], answers=["4", "5"], percent="70", direction="at_least"
        )
        made = await create_indicator(draft, slug=COUNTED, question="belonging", most=12, actor=actor)
        async with write_transaction(Indicator):
            await Indicator.update({Indicator.public_id: key}).where(Indicator.public_id == made)
    await set_indicator_active(RETIRED, is_active=False, most=12, actor=actor)


async def _answer_late(secret: str) -> None:
    """An answer to the survey that closes then, with a receipt code that is known."""
    entrance = await entrance_to(CLOSED)
    checked = entrance.checker.check({"need_most": LONG_TEXT[:200]})
    submission = entrance.submission(client_id="late-late-late-late", language="ko", answers=checked.answers, channel=None, source="form")
    await Recorder(secret).record_all_or_nothing([submission])
    async with write_transaction(Response):
        await Response.update({Response.receipt_hash: hash_code(LATE)}).where(Response.survey == (await find_survey(CLOSED)).id)


async def _invite(secret: str) -> None:
    """Surveys by invitation in every state, and codes in every state."""
    closed, early = "invited-and-closed", "invited-too-early"
    for slug in (INVITED, NOT_INVITED, closed, early):
        await create_survey(slug=slug, form=bundled_form(), access=Access.INVITATION)
    for slug in (INVITED, closed):
        await open_survey(slug, actor="test", role="administrator")
    old = await _batch(secret, INVITED, "12号楼", expired=1)
    async with write_transaction(InvitationBatch):
        yesterday = clock.today() - dt.timedelta(days=1)
        await InvitationBatch.update({InvitationBatch.expires_on: yesterday}).where(InvitationBatch.public_id == old.public_id)
    new = await _batch(secret, INVITED, "Building 5, gate 2 · 5号楼", good=1, used=2)
    async with write_transaction(InvitationBatch):
        states = InvitationState.OPENED * 2 + InvitationState.USED * 20 + InvitationState.UNUSED * 38
        await InvitationBatch.update({InvitationBatch.states: states}).where(InvitationBatch.public_id == new.public_id)
    await _batch(secret, closed, "3号楼", closed=1)
    await _batch(secret, early, "3号楼", early=1)
    await close_survey(closed, actor="test", role="administrator")


async def _batch(secret: str, slug: str, name: str, **places: int) -> BatchView:
    """Sixty codes, some of them known: `places` says where those of INVITATIONS stand."""
    made = await create_batch(
        secret=secret, survey=await find_survey(slug), name=name, size=60, expires_on=clock.today() + dt.timedelta(days=30),
        channel_id=None, actor="test", role="administrator",
    )  # fmt: skip
    async with write_transaction(Invitation):
        for state, place in places.items():
            await Invitation.update({Invitation.code_hash: hash_code(INVITATIONS[state])}).where(
                (Invitation.batch.public_id == made.public_id) & (Invitation.place == place)
            )
    return made


async def _plan_meetings(actor: Actor) -> None:
    """One that lies ahead, one cancelled, one over; none for who answered another survey."""
    survey = await find_survey(SURVEY)
    names = {"zh-Hans": "社区邻里见面会", "en": "Neighbours meet", "ko": "이웃과의 만남", "ar": "لقاء الجيران"}
    places = {"zh-Hans": "望京街道社区服务站二层活动室", "ko": "왕징가도 사구봉사참 2층"}
    days = {MEETING: 7, CANCELLED: 9, OVER: 1}
    for key, day in days.items():
        draft = events.EventDraft(
            survey_id=survey.id, area_id=None, names=names if key != CANCELLED else {"zh-Hans": "游园会"}, places=places,
            starts_at=clock.now() + dt.timedelta(days=day), languages_spoken=["zh-Hans", "en"],
        )  # fmt: skip
        made = await events.create_event(draft, actor=actor, now=clock.now())
        async with write_transaction(Event):
            await Event.update({Event.public_id: key}).where(Event.id == made.id)
    await events.cancel_event(CANCELLED, actor=actor)
    async with write_transaction(Event):
        await Event.update({Event.starts_at: clock.now() - dt.timedelta(days=7)}).where(Event.public_id == OVER)
