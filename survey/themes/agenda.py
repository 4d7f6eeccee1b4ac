"""The agenda of a meeting as pages, votes and minutes read it: motions, votes, records of closed votes. Not here: changing any of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import msgspec

from analysis.statistics.disclosure import rounded
from survey.authoring.queries import SurveyView, survey_title
from survey.db.columns import from_json
from survey.db.transaction import read_transaction
from survey.errors import NotFound
from survey.themes.comments import list_comments
from survey.themes.meetings import MeetingView, find_meeting, quorum_rule
from survey.themes.queries import ThemeView, list_themes, newest_run
from survey.themes.review_documents import Minutes, MinutesItem
from survey.themes.rules import Act, Choice, Count, ItemRecord, Missing, QuorumRule, Said, count_votes, what_is_missing
from survey.themes.tables import ReviewDecision, ReviewItem, ReviewVote


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
        earlier=[Said(seat.who, vote.words) for seat, vote in seated if vote.words and vote.is_lapsed],
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


async def find_item(meeting: MeetingView, item_public_id: str) -> AgendaItem:
    """The item as it stands in this transaction, with the seats of now."""
    found = await _agenda(await find_meeting(meeting.public_id), item_public_id)
    if not found:
        raise NotFound("This theme is not on the agenda.")
    return found[0]


# The minutes


async def gather_minutes(meeting: MeetingView, survey: SurveyView, language: str) -> Minutes:
    """What the minutes say of a meeting as it stands: closed votes from their records, the others as they are now."""
    agenda = await load_agenda(meeting)
    minutes = Minutes(
        survey=await survey_title(survey, language),
        is_fictional=survey.is_fictional,
        starts_at=meeting.starts_at,
        place=meeting.place,
        chair=meeting.chair.who if meeting.chair else None,
        present=[seat.who for seat in meeting.members if seat.is_present],
        absent=[seat.who for seat in meeting.members if not seat.is_present],
        guests=[seat.who for seat in meeting.guests],
        items=[
            MinutesItem(
                record=found.record,
                is_passed=found.decision.is_passed if found.decision else None,
                is_applied=found.decision is not None and found.decision.is_applied,
                reopened=[(former.reopened_at, former.reopened_because) for former in found.former if former.reopened_at],
            )
            for found in agenda
        ],
        source_id="",
        language=language,
    )
    told = msgspec.json.encode([meeting.public_id, minutes])
    return msgspec.structs.replace(minutes, source_id=hashlib.sha256(told).hexdigest()[:12])


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
