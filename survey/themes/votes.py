"""Votes on the themes of an agenda: the motion, who votes how, closing and reopening, and what a decision does to its theme."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from analysis.statistics.disclosure import rounded
from survey import clock
from survey.accounts.rules import Actor
from survey.audit.service import record_act
from survey.db.columns import from_json, to_json
from survey.db.transaction import read_transaction, write_transaction
from survey.errors import Conflict, InputInvalid, NotAllowed, NotFound
from survey.themes.comments import list_comments
from survey.themes.meetings import MeetingView, find_meeting, quorum_rule, require_review
from survey.themes.queries import ThemeView, list_themes, newest_run
from survey.themes.rules import Act, Choice, Count, ItemRecord, Missing, QuorumRule, Refusal, Said, count_votes, vote_refusal, what_is_missing
from survey.themes.service import decide
from survey.themes.states import EventKind, ThemeState
from survey.themes.tables import ReviewDecision, ReviewItem, ReviewMeeting, ReviewVote

LONGEST = 2000
MOST_OPTIONS = 10

_EVENTS = {Act.ACCEPT: (EventKind.ACCEPT, ThemeState.ACCEPTED), Act.DISMISS: (EventKind.DISMISS, ThemeState.DISMISSED)}


class MotionDraft(msgspec.Struct, frozen=True):
    """What is put to the vote, the options that were considered, one a line, and why."""

    motion: str
    act: Act
    options: list[str]
    reason: str


class ItemView(msgspec.Struct, frozen=True):
    id: int
    public_id: str
    theme_key: str
    theme_names: dict[str, str]
    draft: MotionDraft
    motion_revision: int
    revision: int
    is_closed: bool


class VoteView(msgspec.Struct, frozen=True):
    """`is_lapsed`: the motion has changed since. An interest of one's own never lapses."""

    choice: Choice
    words: str
    is_lapsed: bool


class DecisionView(msgspec.Struct, frozen=True):
    """A closed vote. `is_applied` says whether the theme has become what was decided; True where nothing was to be done."""

    id: int
    is_passed: bool
    act: Act
    record: ItemRecord
    name: str
    role: str
    at: dt.datetime
    is_applied: bool
    reopened_at: dt.datetime | None
    reopened_by: str
    reopened_because: str


class AgendaItem(msgspec.Struct, frozen=True):
    """An item as the page and the minutes show it. `theme` is None where a new analysis makes it no more.

    `record` is frozen once the vote is closed; `decision` is the one that holds, `former` those that were reopened.
    """

    item: ItemView
    theme: ThemeView | None
    votes: dict[int, VoteView]
    record: ItemRecord
    missing: list[Missing]
    silent: list[str]
    decision: DecisionView | None
    former: list[DecisionView]


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


# Reading


async def load_agenda(meeting: MeetingView) -> list[AgendaItem]:
    """In the order of the agenda."""
    async with read_transaction(ReviewItem):
        return await _agenda(meeting)


async def _agenda(meeting: MeetingView, only: str = "") -> list[AgendaItem]:
    query = ReviewItem.select().where(ReviewItem.meeting == meeting.id).order_by(ReviewItem.position, ReviewItem.id)
    items = [_item(row) for row in await (query.where(ReviewItem.public_id == only) if only else query)]
    if not items:
        return []
    ids, keys = [item.id for item in items], [item.theme_key for item in items]
    votes: dict[int, list[dict[str, Any]]] = {}
    for row in await ReviewVote.select().where(ReviewVote.item.is_in(ids)).order_by(ReviewVote.id):
        votes.setdefault(row["item"], []).append(row)
    decisions: dict[int, list[DecisionView]] = {}
    for row in await ReviewDecision.select().where(ReviewDecision.item.is_in(ids)).order_by(ReviewDecision.id):
        decisions.setdefault(row["item"], []).append(_decision(row))
    said: dict[str, list[Said]] = {}
    for comment in await list_comments(meeting.survey_id, keys):
        if not comment.is_withdrawn:
            said.setdefault(comment.theme_key, []).append(Said(comment.who, comment.text))
    themes = {theme.key: theme for theme in await list_themes(meeting.survey_id) if theme.key in keys}
    run, rule = await newest_run(meeting.survey_id), await quorum_rule(meeting.area_id)
    wrote = run.figures["people"] if run else 0
    return [
        _agenda_item(
            meeting, item, themes.get(item.theme_key), votes.get(item.id, []), decisions.get(item.id, []),
            said.get(item.theme_key, []), rule, wrote,
        )
        for item in items
    ]  # fmt: skip


def _agenda_item(
    meeting: MeetingView, item: ItemView, theme: ThemeView | None, rows: list[dict[str, Any]], decisions: list[DecisionView],
    discussion: list[Said], rule: QuorumRule, wrote: int,
) -> AgendaItem:  # fmt: skip
    votes = {
        row["account"]: VoteView(
            choice=Choice(row["choice"]), words=row["words"],
            is_lapsed=row["choice"] != Choice.RECUSED and row["motion_revision"] != item.motion_revision,
        )
        for row in rows
    }  # fmt: skip
    valid = {account: vote.choice for account, vote in votes.items() if not vote.is_lapsed}
    count = count_votes(meeting.voters, valid, rule)
    decision = next((found for found in decisions if found.reopened_at is None), None)
    return AgendaItem(
        item=item,
        theme=theme,
        votes=votes,
        record=decision.record if decision else _record(meeting, item, theme, votes, count, discussion, rule, wrote),
        missing=[] if decision else what_is_missing(
            count, motion=item.draft.motion, options=item.draft.options, reason=item.draft.reason
        ),
        silent=[] if decision else [
            seat.who.name for seat in meeting.members if seat.is_present and seat.account_id is not None and seat.account_id not in valid
        ],
        decision=decision,
        former=[found for found in decisions if found.reopened_at is not None],
    )  # fmt: skip


def _record(
    meeting: MeetingView, item: ItemView, theme: ThemeView | None, votes: dict[int, VoteView], count: Count, discussion: list[Said],
    rule: QuorumRule, wrote: int,
) -> ItemRecord:  # fmt: skip
    seated = [(seat, votes[seat.account_id]) for seat in meeting.members if seat.account_id in votes]
    return ItemRecord(
        theme_names=theme.names if theme else item.theme_names,
        people=rounded(theme.people) if theme else None,
        wrote=rounded(wrote) if theme else None,
        motion=item.draft.motion,
        act=item.draft.act,
        options=item.draft.options,
        reason=item.draft.reason,
        discussion=discussion,
        count=count,
        rule=rule,
        dissent=[
            Said(seat.who, vote.words)
            for seat, vote in seated
            if vote.words and seat.is_present and not vote.is_lapsed and vote.choice != Choice.RECUSED
        ],
        recused=[Said(seat.who, vote.words) for seat, vote in seated if vote.choice == Choice.RECUSED],
    )


def _item(row: dict[str, Any]) -> ItemView:
    draft = MotionDraft(
        motion=row["motion"], act=Act(row["act"]), options=from_json(row["options"], list[str]), reason=row["reason"]
    )
    return ItemView(
        id=row["id"], public_id=row["public_id"], theme_key=row["theme_key"],
        theme_names=from_json(row["theme_names"], dict[str, str]), draft=draft, motion_revision=row["motion_revision"],
        revision=row["revision"], is_closed=bool(row["is_closed"]),
    )  # fmt: skip


def _decision(row: dict[str, Any]) -> DecisionView:
    return DecisionView(
        id=row["id"], is_passed=bool(row["is_passed"]), act=Act(row["act"]), record=from_json(row["record"], ItemRecord),
        name=row["name"], role=row["role"], at=row["at"], is_applied=bool(row["is_applied"]), reopened_at=row["reopened_at"],
        reopened_by=row["reopened_by"], reopened_because=row["reopened_because"],
    )  # fmt: skip


async def _one(meeting: MeetingView, item_public_id: str) -> AgendaItem:
    """The item as it stands in this transaction, with the seats of now."""
    found = await _agenda(await find_meeting(meeting.public_id), item_public_id)
    if not found:
        raise NotFound("This theme is not on the agenda.")
    return found[0]


# The motion


async def put_motion(meeting: MeetingView, item_public_id: str, draft: MotionDraft, *, seen: int, actor: Actor) -> int:
    """Store what is put to the vote; return the new revision. Votes on another motion lapse.

    Raises InputInvalid for what is too long, Conflict where another was faster than `seen` or the vote is closed.
    """
    require_review(actor)
    if max(len(draft.motion), len(draft.reason), *map(len, draft.options), 0) > LONGEST or len(draft.options) > MOST_OPTIONS:
        raise InputInvalid(f"A field takes at most {LONGEST} characters, and there are at most {MOST_OPTIONS} options.")
    async with write_transaction(ReviewMeeting):
        item = (await _one(meeting, item_public_id)).item
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
    if len(words) > LONGEST:
        raise InputInvalid(f"A field takes at most {LONGEST} characters.")
    async with write_transaction(ReviewMeeting):
        now = await find_meeting(meeting.public_id)
        item = (await _one(meeting, item_public_id)).item
        refusal = vote_refusal(actor.account_id, now.voters, choice, is_closed=item.is_closed)
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
        found = await _one(meeting, item_public_id)
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
    found = await _one(meeting, item_public_id)
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
            await decide(found.theme, kind, actor=actor)
        except Conflict:
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
        found = await _one(meeting, item_public_id)
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


# For the theme's own page


class MeetingOfTheme(msgspec.Struct, frozen=True):
    """`is_passed` is None while the vote is open."""

    public_id: str
    starts_at: dt.datetime
    is_passed: bool | None


class ReviewSummary(msgspec.Struct, frozen=True):
    comments: int
    meetings: list[MeetingOfTheme]


async def review_summary(theme: ThemeView) -> ReviewSummary:
    """What several bodies have said and decided about a theme; the newest meeting first."""
    comments = await list_comments(theme.survey_id, [theme.key])
    rows = await (
        ReviewItem.select(
            ReviewItem.id, ReviewItem.meeting.public_id.as_alias("meeting"), ReviewItem.meeting.starts_at.as_alias("starts_at")
        )
        .where((ReviewItem.survey == theme.survey_id) & (ReviewItem.theme_key == theme.key))
        .order_by(ReviewItem.id, ascending=False)
    )
    outcomes = {}
    if rows:
        decided = await ReviewDecision.select(ReviewDecision.item, ReviewDecision.is_passed).where(
            ReviewDecision.item.is_in([row["id"] for row in rows]) & ReviewDecision.reopened_at.is_null()
        )
        outcomes = {row["item"]: bool(row["is_passed"]) for row in decided}
    return ReviewSummary(
        comments=sum(not comment.is_withdrawn for comment in comments),
        meetings=[MeetingOfTheme(row["meeting"], row["starts_at"], outcomes.get(row["id"])) for row in rows],
    )
