"""Review of a theme by several bodies: comments, meetings, votes, quorum, dissent, decisions, and two who act at once. Both engines."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import structs

from survey.accounts.queries import area_ids
from survey.accounts.rules import Actor, RoleKind
from survey.accounts.tables import Role
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.service import bundled_form, create_survey
from survey.errors import Conflict, InputInvalid, NotAllowed, NotFound
from survey.settings import Settings
from survey.themes import agenda, comments, meetings, votes
from survey.themes.meetings import GuestDraft, MeetingInvalid, MeetingView
from survey.themes.queries import find_theme
from survey.themes.rules import DEFAULT_QUORUM, Act, Choice, Missing, QuorumRule, Refusal, Share
from survey.themes.tables import ReviewComment, ReviewDecision, ReviewItem, ReviewSeat, ReviewVote, Theme
from survey.themes.votes import MotionDraft, VoteNotReady, VoteRefused
from tests.conftest import add_account, bundled_survey
from tests.themes.review_voices import (
    MOTION,
    WHEN,
    add_members,
    add_theme,
    draft_of,
    item_of,
    mark_present,
    meeting_about,
    move,
    vote,
)


@pytest.fixture
async def survey(database: Settings) -> SurveyView:
    return await bundled_survey()


@pytest.fixture
async def people(survey: SurveyView) -> dict[str, Actor]:
    return await add_members()


async def _acts() -> list[tuple[str, str, str]]:
    rows = await AuditEvent.select().where(AuditEvent.action.like("review.%")).order_by(AuditEvent.id)
    return [(row["actor"], row["role"], row["action"]) for row in rows]


async def test_comments_are_written_edited_and_withdrawn_by_their_writers(survey: SurveyView, people: dict[str, Actor]) -> None:
    theme = await find_theme(await add_theme(survey))
    auditor = Actor(people["ada"].account_id, "ada", RoleKind.AUDITOR, None, 0)

    await comments.write_comment(theme, "  晚上找不到车位。\n\n请看 5 号楼  ", actor=people["wu"])
    await comments.write_comment(theme, "街道可以协调", actor=people["li"])
    [first, second] = await comments.list_comments(survey.id, [theme.key])
    await comments.edit_comment(theme, first.public_id, "晚上九点后找不到车位", actor=people["wu"])
    for wrong in (people["li"], people["ada"]):
        with pytest.raises(NotFound):
            await comments.edit_comment(theme, first.public_id, "x", actor=wrong)
    for text in ("", " \n ", "长" * 2001):
        with pytest.raises(comments.CommentInvalid):
            await comments.write_comment(theme, text, actor=people["wu"])
    with pytest.raises(NotAllowed):
        await comments.write_comment(theme, "x", actor=auditor)
    await comments.withdraw_comment(theme, second.public_id, actor=people["li"])
    with pytest.raises(Conflict):
        await comments.edit_comment(theme, second.public_id, "x", actor=people["li"])

    found = await comments.list_comments(survey.id, [theme.key])
    assert first.text == "晚上找不到车位。\n\n请看 5 号楼"
    assert [(c.who.name, c.who.role, c.text, c.edited_at is not None, c.is_withdrawn) for c in found] == [
        ("wu", "social_worker", "晚上九点后找不到车位", True, False),
        ("li", "subdistrict", "", False, True),
    ]
    assert [row["text"] for row in await ReviewComment.select().order_by(ReviewComment.id)] == ["晚上九点后找不到车位", ""]
    assert await _acts() == [
        ("wu", "social_worker", "review.comment"), ("li", "subdistrict", "review.comment"),
        ("wu", "social_worker", "review.comment_edited"), ("li", "subdistrict", "review.comment_withdrawn"),
    ]  # fmt: skip
    assert (await agenda.review_summary(theme)).comments == 1


async def test_a_meeting_says_all_that_is_missing_and_changes_once(survey: SurveyView, people: dict[str, Actor]) -> None:
    chen = people["chen"]
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"starts_at": None, "place": ""}, [("day", "needed"), ("place", "needed")]),
        ({"place": "长" * 201}, [("place", "too_long")]),
        ({"members": []}, [("members", "needed"), ("chair", "needed")]),
        ({"members": [999_999], "chair": 999_999}, [("members", "unknown")]),
        ({"chair": None}, [("chair", "needed")]),
        ({"guests": [GuestDraft("李伟", "")]}, [("guests", "needed")]),
        ({"guests": [GuestDraft("李" * 81, "物业")]}, [("guests", "too_long")]),
        ({"guests": [GuestDraft("李伟", "物业")] * 101}, [("guests", "too_many")]),
    ]
    for changes, expected in cases:
        with pytest.raises(MeetingInvalid) as caught:
            await meetings.convene(survey, await draft_of(survey, **changes), [], actor=chen)
        assert [(problem.field, problem.code) for problem in caught.value.problems] == expected
    with pytest.raises(NotAllowed):
        await meetings.convene(survey, await draft_of(survey), [], actor=people["wu"])

    await Role.insert(Role(account=people["wu"].account_id, kind=RoleKind.COMMITTEE, area=None))
    both = [person.role_id for person in await meetings.candidates(survey) if person.name == "wu"]
    with pytest.raises(MeetingInvalid) as caught:  # two roles, one seat
        await meetings.convene(survey, await draft_of(survey, members=both, chair=both[0]), [], actor=chen)
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [("members", "twice")]
    await Role.delete().where(Role.id == both[1])

    theme = await find_theme(await add_theme(survey))
    meeting = await meetings.convene(survey, await draft_of(survey), [theme], actor=chen)
    assert [(seat.who.name, seat.who.guest_of, seat.is_chair, seat.is_present) for seat in meeting.seats] == [
        ("chen", "", True, False), ("wu", "", False, False), ("li", "", False, False), ("zhao", "", False, False),
        ("李伟", "阳光物业", False, True),
    ]  # fmt: skip
    again = await meetings.convene(survey, await draft_of(survey), [theme], actor=chen)  # a button tapped twice
    assert (again.id, len(await meetings.list_meetings(survey.id))) == (meeting.id, 1)
    assert (meeting.starts_at, meeting.place, len(meeting.voters)) == (WHEN, "居委会二楼会议室", 4)

    await mark_present(meeting, survey, "chen", "li", actor=chen)
    with pytest.raises(Conflict):
        await meetings.edit_meeting(meeting, survey, await draft_of(survey), seen=meeting.revision, actor=chen)
    now = await meetings.find_meeting(meeting.public_id)
    assert [seat.who.name for seat in now.members if seat.is_present] == ["chen", "li"]
    assert await ReviewSeat.count() == 5


async def test_a_vote_is_closed_when_nothing_is_missing_and_its_record_is_frozen(survey: SurveyView, people: dict[str, Actor]) -> None:
    chen, theme_id = people["chen"], await add_theme(survey)
    theme = await find_theme(theme_id)
    await comments.write_comment(theme, "请看 5 号楼", actor=people["wu"])
    meeting = await meeting_about(survey, theme_id, present=("chen", "wu"), actor=chen)
    item_id = (await item_of(meeting)).item.public_id

    with pytest.raises(VoteNotReady) as caught:
        await votes.close_vote(meeting, item_id, seen=1, actor=chen)
    assert caught.value.item.missing == [Missing.MOTION, Missing.OPTIONS, Missing.REASON, Missing.QUORUM, Missing.VOTES]
    assert caught.value.item.silent == ["chen", "wu"]
    with pytest.raises(VoteRefused) as refused:
        await vote(meeting, actors=people, chen="for")
    assert refused.value.refusal == Refusal.NO_MOTION
    seen = await move(meeting, actor=chen)
    await vote(meeting, actors=people, chen="for", wu=("against", "花钱太多。\n先试一个月"))
    with pytest.raises(VoteRefused) as refused:
        await vote(meeting, actors=people, li="for")
    assert refused.value.refusal == Refusal.ABSENT
    with pytest.raises(NotAllowed):
        await vote(meeting, actors={"wu": structs.replace(people["wu"], role=RoleKind.AUDITOR)}, wu="for")
    with pytest.raises(VoteRefused) as refused:
        await vote(meeting, actors=people, ada="for")
    assert refused.value.refusal == Refusal.NOT_SEATED
    with pytest.raises(VoteNotReady) as caught:
        await votes.close_vote(meeting, item_id, seen=seen, actor=chen)
    assert (caught.value.item.missing, caught.value.item.record.count.quorum) == ([Missing.QUORUM], 3)

    await mark_present(meeting, survey, "chen", "wu", "li", "zhao", actor=chen)
    await vote(meeting, actors=people, li="for", zhao=("recused", "我在物业任职"))
    assert await votes.close_vote(meeting, item_id, seen=seen, actor=chen) is True

    await comments.write_comment(theme, "会后的话", actor=people["wu"])
    await Theme.update({Theme.people: 99}).where(Theme.public_id == theme_id)
    await meetings.set_quorum(None, QuorumRule(9, Share.ANY), actor=chen)
    found = await item_of(meeting)
    record = found.record
    assert found.decision
    assert (found.decision.is_passed, found.decision.name, found.decision.is_applied) == (True, "chen", True)
    assert (record.people, record.wrote, record.motion, record.options, record.reason) == (45, 200, MOTION.motion, MOTION.options, MOTION.reason)
    assert (record.count.entitled, record.count.present, record.count.quorum, record.rule) == (3, 3, 3, DEFAULT_QUORUM)
    assert (record.count.in_favour, record.count.against, record.count.abstained, record.count.recused) == (2, 1, 0, 1)
    assert [(said.who.name, said.text) for said in record.discussion] == [("wu", "请看 5 号楼")]
    assert [(said.who.name, said.text) for said in record.dissent] == [("wu", "花钱太多。\n先试一个月")]
    assert [(said.who.name, said.who.role, said.text) for said in record.recused] == [("zhao", "committee", "我在物业任职")]
    assert (await find_theme(theme_id)).state == "accepted"
    with pytest.raises(VoteRefused) as refused:
        await vote(meeting, actors=people, chen="against")
    assert refused.value.refusal == Refusal.CLOSED
    with pytest.raises(Conflict):
        await votes.close_vote(meeting, item_id, seen=seen + 1, actor=chen)
    with pytest.raises(Conflict):
        await votes.put_motion(meeting, item_id, MOTION, seen=seen + 1, actor=chen)
    assert [summary.is_passed for summary in (await agenda.review_summary(theme)).meetings] == [True]


async def test_a_motion_that_changes_lapses_the_votes_on_it(survey: SurveyView, people: dict[str, Actor]) -> None:
    chen = people["chen"]
    meeting = await meeting_about(survey, await add_theme(survey), actor=chen)
    await move(meeting, actor=chen)
    before = (await item_of(meeting)).item
    await vote(meeting, actors=people, chen="for", wu=("against", "太贵"), zhao="recused")

    reworded = MotionDraft(MOTION.motion, MOTION.act, [*MOTION.options, "分两步"], "另一个理由")
    await move(meeting, reworded, actor=chen)  # options and reason are not what is voted on
    assert (await item_of(meeting)).silent == ["li"]
    await move(meeting, MotionDraft("不列入计划", Act.DISMISS, MOTION.options, MOTION.reason), actor=chen)

    now = await item_of(meeting)
    assert (now.silent, now.record.count.recused) == (["chen", "wu", "li"], 1)
    assert [now.votes[people[name].account_id].is_lapsed for name in ("chen", "wu", "zhao")] == [True, True, False]
    assert ([said.text for said in now.record.earlier], now.record.dissent) == (["太贵"], [])  # the vote lapses, what was said does not
    with pytest.raises(Conflict):
        await meetings.remove_from_agenda(meeting, before.public_id, actor=chen)
    with pytest.raises(Conflict):
        await votes.cast_vote(meeting, before.public_id, Choice.FOR, "", motion_seen=before.motion_revision, actor=chen)
    with pytest.raises(Conflict):
        await votes.put_motion(meeting, before.public_id, MOTION, seen=before.revision, actor=chen)
    with pytest.raises(InputInvalid):
        await move(meeting, MotionDraft("长" * 2001, Act.NONE, [], ""), actor=chen)
    with pytest.raises(NotAllowed):
        await move(meeting, actor=people["wu"])
    with pytest.raises(InputInvalid):
        await votes.cast_vote(meeting, before.public_id, Choice.FOR, "长" * 2001, motion_seen=now.item.motion_revision, actor=chen)
    with pytest.raises(Conflict):
        await votes.close_vote(meeting, before.public_id, seen=1, actor=chen)
    with pytest.raises(Conflict):
        await votes.apply_decision(meeting, before.public_id, actor=chen)
    with pytest.raises(NotFound):
        await votes.put_motion(meeting, "unknown", MOTION, seen=1, actor=chen)
    assert await move(meeting, now.item.draft, actor=chen) == now.item.revision  # as it stands: nothing changes, no vote lapses


async def test_a_closed_vote_is_opened_again_and_the_former_decision_is_kept(survey: SurveyView, people: dict[str, Actor]) -> None:
    chen, theme_id = people["chen"], await add_theme(survey)
    meeting = await meeting_about(survey, theme_id, actor=chen)
    item_id, seen = (await item_of(meeting)).item.public_id, await move(meeting, actor=chen)
    await vote(meeting, actors=people, chen="for", wu="for", li="against", zhao="abstain")
    await votes.close_vote(meeting, item_id, seen=seen, actor=chen)

    tied = await item_of(meeting)
    assert tied.decision
    assert (tied.decision.is_passed, (await find_theme(theme_id)).state) == (False, "proposed")  # two of four is no majority
    with pytest.raises(InputInvalid):
        await votes.reopen_vote(meeting, item_id, "", actor=chen)
    with pytest.raises(NotAllowed):
        await votes.reopen_vote(meeting, item_id, "新的数据", actor=people["wu"])
    await votes.reopen_vote(meeting, item_id, "新的数据", actor=people["li"])
    with pytest.raises(Conflict):
        await votes.reopen_vote(meeting, item_id, "新的数据", actor=chen)
    with pytest.raises(Conflict):
        await meetings.remove_from_agenda(meeting, item_id, actor=chen)
    await vote(meeting, actors=people, zhao="for")
    await votes.close_vote(meeting, item_id, seen=(await item_of(meeting)).item.revision, actor=chen)

    found = await item_of(meeting)
    assert found.decision
    assert (found.decision.is_passed, found.record.count.in_favour) == (True, 3)
    [former] = found.former
    assert (former.is_passed, former.record.count.in_favour, former.reopened_by, former.reopened_because) == (False, 2, "li", "新的数据")
    assert (await find_theme(theme_id)).state == "accepted"
    assert [action for _, _, action in await _acts()][-4:] == ["review.not_passed", "review.reopened", "review.vote", "review.passed"]


async def test_a_decision_that_could_not_be_applied_says_so_and_is_tried_again(
    survey: SurveyView, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    chen, theme_id = people["chen"], await add_theme(survey)
    meeting = await meeting_about(survey, theme_id, actor=chen)
    item_id, seen = (await item_of(meeting)).item.public_id, await move(meeting, actor=chen)
    await vote(meeting, actors=people, chen="for", wu="for", li="for", zhao="for")

    async def refuse(*_: Any, **__: Any) -> None:
        raise Conflict("Somebody else acted on this theme.")

    async def cannot(*_: Any, **__: Any) -> None:
        raise InputInvalid("This theme was merged.")

    with monkeypatch.context() as patch:
        patch.setattr(votes, "decide", refuse)
        assert await votes.close_vote(meeting, item_id, seen=seen, actor=chen) is False
        patch.setattr(votes, "decide", cannot)
        assert await votes.apply_decision(meeting, item_id, actor=chen) is False
    kept = (await item_of(meeting)).decision
    assert kept
    assert (kept.is_passed, kept.is_applied, (await find_theme(theme_id)).state) == (True, False, "proposed")
    assert await votes.apply_decision(meeting, item_id, actor=chen) is True
    assert await votes.apply_decision(meeting, item_id, actor=chen) is True
    again = (await item_of(meeting)).decision
    assert again
    assert (again.is_applied, (await find_theme(theme_id)).state) == (True, "accepted")


async def test_what_people_said_outlives_a_proposal_that_a_new_analysis_drops(survey: SurveyView, people: dict[str, Actor]) -> None:
    chen, theme_id = people["chen"], await add_theme(survey)
    theme = await find_theme(theme_id)
    meeting = await meeting_about(survey, theme_id, actor=chen)
    item_id, seen = (await item_of(meeting)).item.public_id, await move(meeting, actor=chen)
    await comments.write_comment(theme, "请看 5 号楼", actor=chen)
    await vote(meeting, actors=people, chen="for", wu="for", li="for", zhao="for")

    await Theme.delete().where(Theme.public_id == theme_id)
    assert await votes.close_vote(meeting, item_id, seen=seen, actor=chen) is False

    found = await item_of(meeting)
    assert found.decision
    assert (found.theme, found.record.theme_names["zh-Hans"], found.record.people) == (None, "停车位不足", None)
    assert [said.text for said in found.record.discussion] == ["请看 5 号楼"]


async def test_quorum_is_the_committees_own_and_the_newest_holds(survey: SurveyView, people: dict[str, Actor]) -> None:
    assert await meetings.quorum_rule(None) == DEFAULT_QUORUM
    await meetings.set_quorum(None, QuorumRule(2, Share.TWO_THIRDS), actor=people["chen"])
    await meetings.set_quorum(None, QuorumRule(2, Share.TWO_THIRDS), actor=people["li"])
    for wrong in (0, 100, -1):
        with pytest.raises(InputInvalid):
            await meetings.set_quorum(None, QuorumRule(wrong, Share.ANY), actor=people["chen"])
    with pytest.raises(NotAllowed):
        await meetings.set_quorum(None, QuorumRule(1, Share.ANY), actor=people["wu"])

    assert await meetings.quorum_rule(None) == QuorumRule(2, Share.TWO_THIRDS)
    assert await _acts() == [("chen", "committee", "review.quorum")]


async def test_the_agenda_takes_a_theme_once_and_lets_go_of_what_was_not_decided(survey: SurveyView, people: dict[str, Actor]) -> None:
    chen = people["chen"]
    parking, health = await find_theme(await add_theme(survey)), await find_theme(await add_theme(survey, "health", people=12))
    meeting = await meeting_about(survey, parking.public_id, actor=chen)

    await meetings.add_to_agenda(meeting, [parking, health], actor=chen)
    with pytest.raises(InputInvalid):
        await meetings.add_to_agenda(meeting, [], actor=chen)
    many = [structs.replace(health, key=f"health.{number}") for number in range(49)]
    with pytest.raises(InputInvalid):
        await meetings.add_to_agenda(meeting, many, actor=chen)
    with pytest.raises(NotFound):
        await meetings.find_meeting("unknown")
    assert await meetings.agenda_sizes(survey.id) == {meeting.id: (2, 0)}
    await meetings.remove_from_agenda(meeting, (await item_of(meeting)).item.public_id, actor=chen)
    with pytest.raises(NotFound):
        await meetings.remove_from_agenda(meeting, "unknown", actor=chen)

    assert [found.item.theme_key for found in await agenda.load_agenda(meeting)] == ["health"]


async def _voted(meeting: MeetingView, people: dict[str, Actor], name: str, choice: str) -> str:
    try:
        await vote(meeting, actors=people, **{name: choice})
    except (VoteRefused, Conflict):
        return "told"
    return "voted"


async def _closed(meeting: MeetingView, item_id: str, seen: int, actor: Actor) -> str:
    try:
        await votes.close_vote(meeting, item_id, seen=seen, actor=actor)
    except VoteNotReady:
        return "not ready"
    except Conflict:
        return "told"
    return "closed"


async def test_votes_and_closings_at_once_lose_nothing(survey: SurveyView, people: dict[str, Actor]) -> None:
    """Four vote twice and three close at the same time: one vote a person is kept, one decision is made, everybody else is told."""
    chen, theme_id = people["chen"], await add_theme(survey)
    meeting = await meeting_about(survey, theme_id, actor=chen)
    item_id, seen = (await item_of(meeting)).item.public_id, await move(meeting, actor=chen)

    cast = await asyncio.gather(*[
        _voted(meeting, people, name, choice) for choice in ("against", "for") for name in ("chen", "wu", "li", "zhao")
    ])  # fmt: skip
    assert cast == ["voted"] * 8
    assert await ReviewVote.count() == 4
    outcomes = await asyncio.gather(
        _closed(meeting, item_id, seen, chen), _voted(meeting, people, "wu", "abstain"), _closed(meeting, item_id, seen, people["li"]),
        _voted(meeting, people, "zhao", "for"), _closed(meeting, item_id, seen, people["ada"]),
    )  # fmt: skip

    assert sorted([outcomes[0], outcomes[2], outcomes[4]]) == ["closed", "told", "told"]
    [decision] = await ReviewDecision.select()
    [item] = await ReviewItem.select()
    assert item["is_closed"]
    found = await item_of(meeting)
    stored = {row["account"]: row["choice"] for row in await ReviewVote.select()}
    assert list(stored.values()).count("for") == found.record.count.in_favour
    assert found.record.count.in_favour + found.record.count.against + found.record.count.abstained == 4
    assert (await find_theme(theme_id)).state == ("accepted" if decision["is_passed"] else "proposed")


async def test_two_who_change_a_motion_at_once_hear_of_each_other(survey: SurveyView, people: dict[str, Actor]) -> None:
    meeting = await meeting_about(survey, await add_theme(survey), actor=people["chen"])
    item_id = (await item_of(meeting)).item.public_id

    async def put(name: str) -> str:
        draft = MotionDraft(f"由{name}提出", Act.NONE, [], "")
        try:
            await votes.put_motion(meeting, item_id, draft, seen=1, actor=people[name])
        except Conflict:
            return "told"
        return name

    outcomes = await asyncio.gather(put("chen"), put("li"))

    [winner] = [name for name in outcomes if name != "told"]
    assert sorted(outcomes) == sorted([winner, "told"])
    assert (await item_of(meeting)).item.draft.motion == f"由{winner}提出"


async def test_members_are_those_whose_role_reaches_the_whole_survey(database: Settings) -> None:
    areas, people = await area_ids(), await add_members()
    await create_survey(slug="ours", form=bundled_form(), area_id=areas["wangjing"])
    ours = await find_survey("ours")
    for name, area in {"chen": "wangjing", "wu": "chaoyang", "li": "sanlitun"}.items():
        await Role.update({Role.area: areas[area]}).where(Role.account == people[name].account_id)
    await add_account("translator", RoleKind.TRANSLATOR)
    await add_account("auditor", RoleKind.AUDITOR)

    found = await meetings.candidates(ours)

    assert [(person.name, person.area_names.get("zh-Hans")) for person in found] == [
        ("ada", None), ("chen", "望京街道"), ("wu", "朝阳区"), ("zhao", None),
    ]  # fmt: skip
    assert meetings.committee_of(ours, people["wu"]) == areas["wangjing"]


async def test_nobody_who_voted_is_taken_out_of_a_vote_that_is_open(survey: SurveyView, people: dict[str, Actor]) -> None:
    """A vote against, with its words, could be taken out of the record by marking its writer as absent."""
    chen = people["chen"]
    theme = await find_theme(await add_theme(survey))
    meeting = await meetings.convene(survey, await draft_of(survey), [theme], actor=chen)
    await mark_present(meeting, survey, "chen", "wu", "li", actor=chen)
    await move(meeting, actor=chen)
    await vote(meeting, actors=people, chen="for", li="for", wu=("against", "too dear"))

    with pytest.raises(MeetingInvalid) as caught:
        await mark_present(meeting, survey, "chen", "li", actor=chen)
    await mark_present(meeting, survey, "chen", "wu", "li", "zhao", actor=chen)  # somebody comes late
    await mark_present(meeting, survey, "chen", "wu", "li", actor=chen)  # and leaves without a vote
    found = await item_of(meeting)
    await votes.close_vote(meeting, found.item.public_id, seen=found.item.revision, actor=chen)
    await mark_present(meeting, survey, "chen", actor=chen)  # what is closed is frozen

    assert [(problem.field, problem.code) for problem in caught.value.problems] == [("members", "voted")]
    assert [(said.who.name, said.text) for said in (await item_of(meeting)).record.dissent] == [("wu", "too dear")]
