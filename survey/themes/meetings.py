"""Meetings that decide on themes: when, where, who sits there and who came; the themes on the agenda; the quorum of a committee."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from survey import clock
from survey.accounts.queries import StaffView, area_and_above, staff_at
from survey.accounts.rules import RIGHTS, Actor, Right, RoleKind, may
from survey.audit.service import record_act
from survey.authoring.queries import SurveyView
from survey.db.columns import to_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, NotAllowed, NotFound
from survey.themes.comments import person_of
from survey.themes.queries import ThemeView, review_days
from survey.themes.rules import DEFAULT_QUORUM, MOST_DAYS, MOST_PEOPLE, Act, Choice, Person, QuorumRule, Share, Voter
from survey.themes.tables import (
    ReviewDecision,
    ReviewItem,
    ReviewLimit,
    ReviewMeeting,
    ReviewQuorum,
    ReviewSeat,
    ReviewVote,
)

LONGEST = 200
MOST_SEATS = 100
MOST_THEMES = 50


class GuestDraft(msgspec.Struct, frozen=True):
    name: str
    body: str


class MeetingDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting as somebody typed it. Members are roles (a person in a body) by id; `present` and `chair` are among them."""

    starts_at: dt.datetime | None
    place: str
    members: list[int]
    present: list[int]
    chair: int | None
    guests: list[GuestDraft]


class DraftProblem(msgspec.Struct, frozen=True):
    """`field` as the form names it; `code`: needed, too_long, too_many, twice, unknown."""

    field: str
    code: str


class MeetingInvalid(InputInvalid):
    """What was typed is no meeting yet."""

    def __init__(self, problems: list[DraftProblem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = problems


class SeatView(msgspec.Struct, frozen=True):
    """`account_id` is None for guests."""

    account_id: int | None
    role: str
    area_id: int | None
    who: Person
    is_chair: bool
    is_present: bool


class MeetingView(msgspec.Struct, frozen=True):
    id: int
    public_id: str
    survey_id: int
    area_id: int | None
    starts_at: dt.datetime
    place: str
    revision: int
    seats: list[SeatView] = []

    @property
    def members(self) -> list[SeatView]:
        return [seat for seat in self.seats if not seat.who.guest_of]

    @property
    def guests(self) -> list[SeatView]:
        return [seat for seat in self.seats if seat.who.guest_of]

    @property
    def chair(self) -> SeatView | None:
        return next((seat for seat in self.seats if seat.is_chair), None)

    @property
    def voters(self) -> list[Voter]:
        return [Voter(seat.account_id, seat.is_present) for seat in self.members if seat.account_id is not None]


# Reading


async def find_meeting(public_id: str) -> MeetingView:
    row = await ReviewMeeting.select().where(ReviewMeeting.public_id == public_id).first()
    if row is None:
        raise NotFound("There is no such meeting.")
    return _view(row, await _seats(row["id"]))


async def list_meetings(survey_id: int) -> list[MeetingView]:
    """Newest first, without their seats."""
    query = ReviewMeeting.select().where(ReviewMeeting.survey == survey_id).order_by(ReviewMeeting.starts_at, ascending=False)
    return [_view(row, []) for row in await query.order_by(ReviewMeeting.id, ascending=False)]


async def agenda_sizes(survey_id: int) -> dict[int, tuple[int, int]]:
    """For each meeting of a survey: how many themes are on its agenda, and how many of them are decided."""
    found: dict[int, tuple[int, int]] = {}
    for row in await ReviewItem.select(ReviewItem.meeting, ReviewItem.is_closed).where(ReviewItem.survey == survey_id):
        items, decided = found.get(row["meeting"], (0, 0))
        found[row["meeting"]] = items + 1, decided + bool(row["is_closed"])
    return found


async def candidates(survey: SurveyView) -> list[StaffView]:
    """Who can sit in a meeting about this survey: staff of the bodies that reach the whole of it."""
    areas = await area_and_above(survey.area_id) if survey.area_id is not None else []
    return [person for person in await staff_at(areas) if Right.COMMENT in RIGHTS[RoleKind(person.role)]]


def committee_of(survey: SurveyView, actor: Actor) -> int | None:
    """The area whose committee meets about this survey: the survey's, or for one of all areas that of who convenes."""
    return survey.area_id if survey.area_id is not None else actor.area_id


async def quorum_rule(area_id: int | None) -> QuorumRule:
    """What this committee has set, or DEFAULT_QUORUM."""
    here = ReviewQuorum.area.is_null() if area_id is None else ReviewQuorum.area == area_id
    row = await ReviewQuorum.select().where(here).order_by(ReviewQuorum.id, ascending=False).first()
    return QuorumRule(row["people"], Share(row["share"])) if row else DEFAULT_QUORUM


async def _seats(meeting_id: int) -> list[SeatView]:
    rows = await (
        ReviewSeat.select(*ReviewSeat.all_columns(), ReviewSeat.area.names.as_alias("area_names"))
        .where(ReviewSeat.meeting == meeting_id)
        .order_by(ReviewSeat.position)
    )
    return [
        SeatView(
            account_id=row["account"], role=row["role"], area_id=row["area"], who=person_of(row), is_chair=bool(row["is_chair"]),
            is_present=bool(row["is_present"]),
        )
        for row in rows
    ]  # fmt: skip


def _view(row: dict[str, Any], seats: list[SeatView]) -> MeetingView:
    return MeetingView(
        id=row["id"], public_id=row["public_id"], survey_id=row["survey"], area_id=row["area"], starts_at=row["starts_at"],
        place=row["place"], revision=row["revision"], seats=seats,
    )  # fmt: skip


# Convening


async def convene(survey: SurveyView, draft: MeetingDraft, themes: list[ThemeView], *, actor: Actor) -> MeetingView:
    """Raise MeetingInvalid with every problem. One about the same survey at the same hour and place is that one: a button is tapped twice."""
    require_review(actor)
    people = await candidates(survey)
    _require(draft, people)
    public_id = new_public_id()
    async with write_transaction(ReviewMeeting):
        same = await ReviewMeeting.select(ReviewMeeting.public_id).where(
            (ReviewMeeting.survey == survey.id) & (ReviewMeeting.starts_at == draft.starts_at) & (ReviewMeeting.place == draft.place)
        ).first()
        if same is not None:
            return await find_meeting(same["public_id"])
        rows = await ReviewMeeting.insert(
            ReviewMeeting(
                public_id=public_id, survey=survey.id, area=committee_of(survey, actor),
                starts_at=draft.starts_at, place=draft.place, revision=1, created_at=clock.now(),
            )
        ).returning(ReviewMeeting.id)  # fmt: skip
        await _write_seats(rows[0]["id"], draft, people)
        await _insert_items(rows[0]["id"], survey.id, themes, start=1)
        await record_act(actor=actor.name, role=actor.role, action="review.convened", subject=f"review:{public_id}")
    return await find_meeting(public_id)


async def edit_meeting(
    meeting: MeetingView, survey: SurveyView, draft: MeetingDraft, *, seen: int, actor: Actor
) -> None:
    """Change date, place, members and who came. Raises MeetingInvalid, and Conflict where another was faster than `seen`.

    Who has voted in a vote that is open stays seated and present: else a vote against, and its words, could be taken out of the record.
    """
    require_review(actor)
    people = await candidates(survey)
    kept = seated_staff(meeting)
    _require(draft, [*people, *kept])
    async with write_transaction(ReviewMeeting):
        changed = await (
            ReviewMeeting.update(
                {ReviewMeeting.starts_at: draft.starts_at, ReviewMeeting.place: draft.place, ReviewMeeting.revision: seen + 1}
            )
            .where((ReviewMeeting.id == meeting.id) & (ReviewMeeting.revision == seen))
            .returning(ReviewMeeting.id)
        )
        if not changed:
            raise Conflict("Somebody else has just changed this meeting.")
        by_role = {person.role_id: person.account_id for person in [*people, *kept]}
        if await _open_voters(meeting.id) - {by_role[member] for member in draft.members if member in draft.present}:
            raise MeetingInvalid([DraftProblem("members", "voted")])
        await ReviewSeat.delete().where(ReviewSeat.meeting == meeting.id)
        await _write_seats(meeting.id, draft, [*people, *kept])
        await record_act(actor=actor.name, role=actor.role, action="review.meeting_edited", subject=f"review:{meeting.public_id}")


async def _open_voters(meeting_id: int) -> set[int]:
    """Who has voted on a motion as it stands now, of those who are present and whose vote counts."""
    rows = await ReviewVote.select(ReviewVote.account, ReviewVote.motion_revision, ReviewVote.item.motion_revision.as_alias("now")).where(
        (ReviewVote.item.meeting == meeting_id) & (ReviewVote.item.is_closed == False) & (ReviewVote.choice != Choice.RECUSED)  # noqa: E712 -- piccolo's condition
    )
    voted = {row["account"] for row in rows if row["motion_revision"] == row["now"]}
    seats = await ReviewSeat.select(ReviewSeat.account).where((ReviewSeat.meeting == meeting_id) & (ReviewSeat.is_present == True))  # noqa: E712 -- as above
    return voted & {row["account"] for row in seats}


def seated_staff(meeting: MeetingView) -> list[StaffView]:
    """Who sits there already, under ids that no role has: a seat can be kept though its role is gone."""
    return [
        StaffView(
            role_id=-number, account_id=seat.account_id or 0, name=seat.who.name, role=seat.role, area_id=seat.area_id,
            area_names=seat.who.areas,
        )
        for number, seat in enumerate(meeting.members, start=1)
    ]  # fmt: skip


def _require(draft: MeetingDraft, people: list[StaffView]) -> None:
    known = {person.role_id: person.account_id for person in people}
    accounts = [known.get(member) for member in draft.members]
    problems = []
    if draft.starts_at is None:
        problems.append(DraftProblem("day", "needed"))
    if not draft.place:
        problems.append(DraftProblem("place", "needed"))
    elif len(draft.place) > LONGEST:
        problems.append(DraftProblem("place", "too_long"))
    if not draft.members:
        problems.append(DraftProblem("members", "needed"))
    elif None in accounts:
        problems.append(DraftProblem("members", "unknown"))
    elif len(set(accounts)) < len(accounts):  # who has two roles has one seat, and one vote
        problems.append(DraftProblem("members", "twice"))
    if draft.chair not in draft.members:
        problems.append(DraftProblem("chair", "needed"))
    if len(draft.members) + len(draft.guests) > MOST_SEATS:
        problems.append(DraftProblem("guests", "too_many"))
    if any(not guest.name or not guest.body for guest in draft.guests):
        problems.append(DraftProblem("guests", "needed"))
    elif any(len(guest.name) > 80 or len(guest.body) > LONGEST for guest in draft.guests):
        problems.append(DraftProblem("guests", "too_long"))
    if problems:
        raise MeetingInvalid(problems)


async def _write_seats(meeting_id: int, draft: MeetingDraft, people: list[StaffView]) -> None:
    by_role = {person.role_id: person for person in people}
    seats = [
        ReviewSeat(
            meeting=meeting_id, position=position, account=person.account_id or None, name=person.name, role=person.role, area=person.area_id,
            guest_of="", is_chair=member == draft.chair, is_present=member in draft.present,
        )
        for position, member in enumerate(draft.members, start=1)
        for person in [by_role[member]]
    ]  # fmt: skip
    seats += [
        ReviewSeat(
            meeting=meeting_id, position=position, account=None, name=guest.name, role="", area=None, guest_of=guest.body, is_chair=False,
            is_present=True,
        )
        for position, guest in enumerate(draft.guests, start=len(seats) + 1)
    ]  # fmt: skip
    await ReviewSeat.insert(*seats)


# The agenda


async def add_to_agenda(meeting: MeetingView, themes: list[ThemeView], *, actor: Actor) -> None:
    """A theme that is there already stays once. Raises InputInvalid for none, or more than fit into one meeting."""
    require_review(actor)
    if not themes:
        raise InputInvalid("Choose at least one theme.")
    async with write_transaction(ReviewMeeting):
        rows = await ReviewItem.select(ReviewItem.theme_key, ReviewItem.position).where(ReviewItem.meeting == meeting.id)
        known = {row["theme_key"] for row in rows}
        fresh = [theme for theme in themes if theme.key not in known and theme.survey_id == meeting.survey_id]
        if len(known) + len(fresh) > MOST_THEMES:
            raise InputInvalid(f"A meeting takes at most {MOST_THEMES} themes.")
        await _insert_items(meeting.id, meeting.survey_id, fresh, start=max((row["position"] for row in rows), default=0) + 1)
        await record_act(actor=actor.name, role=actor.role, action="review.agenda", subject=f"review:{meeting.public_id}")


async def remove_from_agenda(meeting: MeetingView, item_public_id: str, *, actor: Actor) -> None:
    """Raise Conflict for a theme that somebody has voted on, or that was decided here once: votes, their words and decisions are kept."""
    require_review(actor)
    async with write_transaction(ReviewMeeting):
        row = await ReviewItem.select(ReviewItem.id).where(
            (ReviewItem.public_id == item_public_id) & (ReviewItem.meeting == meeting.id)
        ).first()
        if row is None:
            raise NotFound("This theme is not on the agenda.")
        if await ReviewDecision.exists().where(ReviewDecision.item == row["id"]):
            raise Conflict("This theme was decided in this meeting; the decision is kept.")
        if await ReviewVote.exists().where(ReviewVote.item == row["id"]):
            raise Conflict("Somebody has voted on this theme; votes are kept.")
        await ReviewItem.delete().where(ReviewItem.id == row["id"])
        await record_act(actor=actor.name, role=actor.role, action="review.agenda_removed", subject=f"review:{meeting.public_id}")


async def _insert_items(meeting_id: int, survey_id: int, themes: list[ThemeView], *, start: int) -> None:
    if themes:
        await ReviewItem.insert(
            *[
                ReviewItem(
                    public_id=new_public_id(), meeting=meeting_id, survey=survey_id, theme_key=theme.key,
                    theme_names=to_json(theme.names), position=position, motion="", act=Act.ACCEPT, options="[]", reason="",
                    motion_revision=1, revision=1, is_closed=False,
                )
                for position, theme in enumerate(themes, start=start)
            ]
        )  # fmt: skip


# The quorum


async def set_quorum(area_id: int | None, rule: QuorumRule, *, actor: Actor) -> None:
    """For votes that are closed from now on. Raises InputInvalid for a number that nobody can meet."""
    require_review(actor)
    if not 1 <= rule.people <= MOST_PEOPLE:
        raise InputInvalid(f"A quorum takes 1 to {MOST_PEOPLE} people.")
    async with write_transaction(ReviewMeeting):
        if await quorum_rule(area_id) != rule:
            await ReviewQuorum.insert(
                ReviewQuorum(area=area_id, people=rule.people, share=rule.share, name=actor.name, role=actor.role, at=clock.now())
            )
            data = {"people": rule.people, "share": rule.share.value}
            await record_act(actor=actor.name, role=actor.role, action="review.quorum", subject=f"area:{area_id or ''}", data=data)


async def set_limit(survey_id: int, days: int, *, actor: Actor) -> None:
    """In how many days the survey's themes are to be decided. Raises InputInvalid for a number that is none of days."""
    require_review(actor)
    if not 1 <= days <= MOST_DAYS:
        raise InputInvalid(f"A limit takes 1 to {MOST_DAYS} days.")
    async with write_transaction(ReviewMeeting):
        if await review_days(survey_id) != days:
            await ReviewLimit.insert(ReviewLimit(survey=survey_id, days=days, name=actor.name, role=actor.role, at=clock.now()))
            await record_act(actor=actor.name, role=actor.role, action="review.limit", subject=f"survey:{survey_id}", data={"days": days})


def require_review(actor: Actor) -> None:
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot convene meetings or close votes.")
