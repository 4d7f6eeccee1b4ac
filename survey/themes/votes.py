"""Votes on the themes of an agenda: the motion, who votes how, closing and reopening, and what a decision does to its theme."""

from __future__ import annotations

from typing import Any

from survey import clock
from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.db.columns import to_json
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, NotAllowed
from survey.themes.agenda import AgendaItem, MotionDraft, find_item
from survey.themes.meetings import MeetingView, find_meeting, require_review
from survey.themes.rules import Act, Choice, Refusal, vote_refusal
from survey.themes.service import decide
from survey.themes.states import EventKind, ThemeState
from survey.themes.tables import ReviewDecision, ReviewItem, ReviewMeeting, ReviewVote

LONGEST = 2000
MOST_OPTIONS = 10

_EVENTS = {Act.ACCEPT: (EventKind.ACCEPT, ThemeState.ACCEPTED), Act.DISMISS: (EventKind.DISMISS, ThemeState.DISMISSED)}


class VoteRefused(NotAllowed):
    """`refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("Only members who are present vote, and only while the vote is open.")
        self.refusal = refusal


class VoteNotReady(Conflict):
    """`item` says what is missing before the vote can be closed."""

    def __init__(self, item: AgendaItem) -> None:
        super().__init__("The vote cannot be closed yet.")
        self.item = item


# The motion


async def put_motion(meeting: MeetingView, item_public_id: str, draft: MotionDraft, *, seen: int, actor: Actor) -> int:
    """Store what is put to the vote; return the new revision. Votes on another motion lapse.

    Raises InputInvalid for what is too long, Conflict where another was faster than `seen` or the vote is closed.
    """
    require_review(actor)
    if max(len(draft.motion), len(draft.reason), *map(len, draft.options), 0) > LONGEST or len(draft.options) > MOST_OPTIONS:
        raise InputInvalid(f"A field takes at most {LONGEST} characters, and there are at most {MOST_OPTIONS} options.")
    async with write_transaction(ReviewMeeting):
        item = (await find_item(meeting, item_public_id)).item
        if item.is_closed:
            raise Conflict("The vote is closed.")
        if item.revision != seen:
            raise Conflict("Somebody else has just changed this motion.")
        if draft == item.draft:
            return seen
        is_another = (draft.motion, draft.act) != (item.draft.motion, item.draft.act)
        await ReviewItem.update(
            {
                ReviewItem.motion: draft.motion, ReviewItem.act: draft.act, ReviewItem.options: to_json(draft.options),
                ReviewItem.reason: draft.reason, ReviewItem.revision: seen + 1,
                ReviewItem.motion_revision: item.motion_revision + is_another,
            }
        ).where(ReviewItem.id == item.id)  # fmt: skip
        await record_act(actor=actor.name, role=actor.role, action="review.motion", subject=f"review_item:{item_public_id}")
    return seen + 1


# Voting


async def cast_vote(
    meeting: MeetingView, item_public_id: str, choice: Choice, words: str, *, motion_seen: int, actor: Actor
) -> None:
    """One vote a person; the newest holds until the vote is closed. Raises VoteRefused, and Conflict for a motion that has changed."""
    if not may(actor, Right.COMMENT):
        raise NotAllowed("Your role does not vote.")
    if len(words) > LONGEST:
        raise InputInvalid(f"A field takes at most {LONGEST} characters.")
    async with write_transaction(ReviewMeeting):
        now = await find_meeting(meeting.public_id)
        item = (await find_item(meeting, item_public_id)).item
        refusal = vote_refusal(
            actor.account_id, now.voters, choice, is_closed=item.is_closed, has_motion=bool(item.draft.motion)
        )
        if refusal:
            raise VoteRefused(refusal)
        if item.motion_revision != motion_seen:
            raise Conflict("The motion has just been changed.")
        values: dict[Any, Any] = {
            ReviewVote.choice: choice, ReviewVote.words: words, ReviewVote.role: actor.role,
            ReviewVote.motion_revision: item.motion_revision, ReviewVote.at: clock.now(),
        }  # fmt: skip
        mine = (ReviewVote.item == item.id) & (ReviewVote.account == actor.account_id)
        if not await ReviewVote.update(values).where(mine).returning(ReviewVote.id):
            await ReviewVote.insert(
                ReviewVote(
                    item=item.id, account=actor.account_id, choice=choice, words=words, role=actor.role,
                    motion_revision=item.motion_revision, at=clock.now(),
                )
            )  # fmt: skip
        # how somebody voted is in the vote itself; the log tells that they did, and in which role
        await record_act(actor=actor.name, role=actor.role, action="review.vote", subject=f"review_item:{item_public_id}")


async def close_vote(meeting: MeetingView, item_public_id: str, *, seen: int, actor: Actor) -> bool:
    """Freeze the record and act upon the theme; return whether the theme has become what was decided.

    Raises VoteNotReady with what is missing, Conflict where another was faster than `seen` or has closed it already.
    """
    require_review(actor)
    async with write_transaction(ReviewMeeting):
        found = await find_item(meeting, item_public_id)
        if found.item.is_closed:
            raise Conflict("The vote is closed already.")
        if found.item.revision != seen:
            raise Conflict("Somebody else has just changed this motion.")
        if found.missing:
            raise VoteNotReady(found)
        is_passed = found.record.count.is_passed
        await ReviewItem.update({ReviewItem.is_closed: True, ReviewItem.revision: seen + 1}).where(ReviewItem.id == found.item.id)
        await ReviewDecision.insert(
            ReviewDecision(
                item=found.item.id, is_passed=is_passed, act=found.record.act, record=to_json(found.record), name=actor.name,
                role=actor.role, at=clock.now(), is_applied=not is_passed or found.record.act == Act.NONE, reopened_at=None,
                reopened_by="", reopened_because="",
            )
        )  # fmt: skip
        action = "review.passed" if is_passed else "review.not_passed"
        await record_act(actor=actor.name, role=actor.role, action=action, subject=f"review_item:{item_public_id}")
    return await apply_decision(meeting, item_public_id, actor=actor)


async def apply_decision(meeting: MeetingView, item_public_id: str, *, actor: Actor) -> bool:
    """Make the theme what was decided, through `decide`, which has its own transaction; may be tried again, and is then done once.

    Returns False where the theme cannot become that now: the decision stands, and whoever looks at it sees that it is not applied.
    """
    require_review(actor)
    found = await find_item(meeting, item_public_id)
    decision = found.decision
    if decision is None:
        raise Conflict("There is no decision to apply.")
    if decision.is_applied:
        return True
    if found.theme is None:
        return False
    kind, state = _EVENTS[decision.act]
    if found.theme.state != state:
        try:
            await decide(found.theme, kind, actor=actor, why=decision.record.reason)
        except (Conflict, InputInvalid):  # it is something else by now, merged for one
            return False
    async with write_transaction(ReviewMeeting):
        await ReviewDecision.update({ReviewDecision.is_applied: True}).where(ReviewDecision.id == decision.id)
    return True


async def reopen_vote(meeting: MeetingView, item_public_id: str, reason: str, *, actor: Actor) -> None:
    """Open a closed vote again. Its decision is kept as a former one, votes stay as they were, and so does the theme."""
    require_review(actor)
    if not reason or len(reason) > LONGEST:
        raise InputInvalid(f"A reason takes 1 to {LONGEST} characters.")
    async with write_transaction(ReviewMeeting):
        found = await find_item(meeting, item_public_id)
        if found.decision is None:
            raise Conflict("The vote is open already.")
        changes: dict[Any, Any] = {
            ReviewDecision.reopened_at: clock.now(), ReviewDecision.reopened_by: actor.name, ReviewDecision.reopened_because: reason,
        }  # fmt: skip
        await ReviewDecision.update(changes).where(ReviewDecision.id == found.decision.id)
        await ReviewItem.update({ReviewItem.is_closed: False, ReviewItem.revision: found.item.revision + 1}).where(
            ReviewItem.id == found.item.id
        )
        await record_act(actor=actor.name, role=actor.role, action="review.reopened", subject=f"review_item:{item_public_id}")
