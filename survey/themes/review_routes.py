"""The desk's pages of review by several bodies: what is said about a theme, meetings, votes, and the minutes as files."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from survey import clock
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.queries import StaffView
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey, reach_survey_by_id
from survey.authoring.queries import SurveyView, survey_title
from survey.errors import Conflict, InputInvalid, NotFound
from survey.fonts import APT_LINE, FontMissing
from survey.i18n.speech import speech
from survey.outreach.events import moment_of
from survey.themes import agenda, comments, meetings, votes
from survey.themes.agenda import AgendaItem, MotionDraft
from survey.themes.comments import CommentInvalid, CommentView
from survey.themes.meetings import GuestDraft, MeetingDraft, MeetingInvalid, MeetingView
from survey.themes.queries import ThemeView, find_theme, list_themes, review_days
from survey.themes.review_documents import FORMATS, body_of, rule_in_words, write_minutes
from survey.themes.rules import MOST_DAYS, Act, Choice, Person, QuorumRule, Share
from survey.themes.service import category_names
from survey.themes.states import ThemeState
from survey.themes.votes import VoteNotReady, VoteRefused
from survey.web.forms import FormData, first, read_form, whole_number
from survey.web.pages import desk_language, download
from survey.web.request import WebRequest

OFFERED = {ThemeState.PROPOSED, ThemeState.ACCEPTED}
"""Themes that can be put on an agenda."""


class ThemeReviewController(Controller):
    path = "/desk/themes/{public_id:str}/review"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="themes.review", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        return await self._page(request, *await _reach_theme(request, public_id))

    @post("/", name="themes.comment", status_code=303, opt=needs(Right.COMMENT))
    async def comment(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        """Write a comment, or edit or withdraw one's own: `comment` names it."""
        theme, survey = await _reach_theme(request, public_id)
        fields, actor = await read_form(request), actor_of(request)
        target, text, step = first(fields, "comment"), first(fields, "text"), first(fields, "step")
        try:
            if step == "withdraw":
                await comments.withdraw_comment(theme, target, actor=actor)
            elif target:
                await comments.edit_comment(theme, target, text, actor=actor)
            else:
                await comments.write_comment(theme, text, actor=actor)
        except CommentInvalid:
            return await self._page(request, theme, survey, wrong=target or "new", typed=text, status=422)
        done = "withdrawn" if step == "withdraw" else "edited" if target else "written"
        return Redirect(f"/desk/themes/{public_id}/review?done={done}", status_code=303)

    @staticmethod
    async def _page(
        request: WebRequest, theme: ThemeView, survey: SurveyView, *, wrong: str = "", typed: str = "", status: int = 200
    ) -> Response[bytes]:
        language, actor = desk_language(request), actor_of(request)
        found = await comments.list_comments(survey.id, [theme.key])
        return desk_page(
            request, "desk/review_theme.html", here="surveys", status=status, survey=survey, title=await survey_title(survey, language),
            theme=theme, name=theme.name_in(language), category=category_names(language).get(theme.category, ""), comments=[_comment_row(comment, language, actor.account_id) for comment in found],
            summary=await agenda.review_summary(theme), wrong=wrong, typed=typed, longest=comments.LONGEST,
            done=request.query_params.get("done", ""),
        )  # fmt: skip


class MeetingsController(Controller):
    path = "/desk/surveys/{slug:str}/reviews"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="themes.reviews", opt=needs(Right.THEMES))
    async def list_all(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await _list_page(request, await reach_survey(actor_of(request), slug))

    @post("/quorum", name="themes.set_quorum", status_code=303)
    async def set_quorum(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        survey, fields, actor = await reach_survey(actor_of(request), slug), await read_form(request), actor_of(request)
        try:
            rule = QuorumRule(_whole_number(first(fields, "people")), Share(first(fields, "share")))
            await meetings.set_quorum(meetings.committee_of(survey, actor), rule, actor=actor)
        except (InputInvalid, ValueError):
            return await _list_page(request, survey, typed=fields, wrong="quorum", status=422)
        return Redirect(f"/desk/surveys/{slug}/reviews?done=quorum", status_code=303)

    @post("/limit", name="themes.set_limit", status_code=303)
    async def set_limit(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        """In how many days the themes of this survey are to be decided."""
        survey, fields, actor = await reach_survey(actor_of(request), slug), await read_form(request), actor_of(request)
        try:
            await meetings.set_limit(survey.id, _whole_number(first(fields, "days")), actor=actor)
        except InputInvalid:
            return await _list_page(request, survey, typed=fields, wrong="days", status=422)
        return Redirect(f"/desk/surveys/{slug}/reviews?done=limit", status_code=303)

    @get("/new", name="themes.new_review")
    async def new(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        survey = await reach_survey(actor_of(request), slug)
        own = [str(person.role_id) for person in await meetings.candidates(survey) if person.account_id == actor_of(request).account_id]
        chosen = request.query_params.get("theme", "")
        return await _form_page(request, survey, None, {"members": own[:1], "chair": own[:1], "theme": [chosen]})

    @post("/new", name="themes.convene", status_code=303)
    async def convene(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        survey, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        themes = await _chosen_themes(survey, fields)
        try:
            meeting = await meetings.convene(survey, _draft(fields), themes, actor=actor_of(request))
        except MeetingInvalid as invalid:
            return await _form_page(request, survey, None, fields, invalid=invalid, status=422)
        return Redirect(f"/desk/reviews/{meeting.public_id}?done=convened", status_code=303)


class MeetingController(Controller):
    path = "/desk/reviews/{public_id:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="themes.meeting", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        return await _meeting_page(request, *await _reach_meeting(request, public_id))

    @get("/edit", name="themes.edit_meeting")
    async def edit(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        meeting, survey = await _reach_meeting(request, public_id)
        return await _form_page(request, survey, meeting, await _fields_of(meeting, survey))

    @post("/edit", name="themes.change_meeting", status_code=303)
    async def change(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        meeting, survey = await _reach_meeting(request, public_id)
        fields = await read_form(request)
        try:
            await meetings.edit_meeting(
                meeting, survey, _draft(fields), seen=_whole_number(first(fields, "seen")), actor=actor_of(request)
            )
        except MeetingInvalid as invalid:
            return await _form_page(request, survey, meeting, fields, invalid=invalid, status=422)
        except Conflict:
            seen = {"seen": [str(meeting.revision)]}
            return await _form_page(request, survey, meeting, fields | seen, is_conflict=True, status=409)
        return Redirect(f"/desk/reviews/{public_id}?done=edited", status_code=303)

    @post("/agenda", name="themes.add_to_agenda", status_code=303)
    async def add(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        meeting, survey = await _reach_meeting(request, public_id)
        themes = await _chosen_themes(survey, await read_form(request))
        try:
            await meetings.add_to_agenda(meeting, themes, actor=actor_of(request))
        except InputInvalid:
            return await _meeting_page(request, meeting, survey, problem="no_theme", status=422)
        return Redirect(f"/desk/reviews/{public_id}?done=agenda", status_code=303)

    @post("/agenda/{agenda_id:str}", name="themes.agenda_item", status_code=303)
    async def decide(self, request: WebRequest, public_id: FromPath[str], agenda_id: FromPath[str]) -> Response[Any]:
        """Store the motion, close the vote, open it again, apply what was decided, or take the theme off: `step`."""
        meeting, survey = await _reach_meeting(request, public_id)
        fields, actor = await read_form(request), actor_of(request)
        step = first(fields, "step")
        try:
            if step == "remove":
                await meetings.remove_from_agenda(meeting, agenda_id, actor=actor)
            elif step == "reopen":
                await votes.reopen_vote(meeting, agenda_id, first(fields, "why"), actor=actor)
            elif step == "apply":
                step = "applied" if await votes.apply_decision(meeting, agenda_id, actor=actor) else "not_applied"
            else:
                seen = await votes.put_motion(meeting, agenda_id, _motion(fields), seen=_whole_number(first(fields, "revision")), actor=actor)
                if step == "close":
                    step = "closed" if await votes.close_vote(meeting, agenda_id, seen=seen, actor=actor) else "not_applied"
        except VoteNotReady:
            return await _meeting_page(request, meeting, survey, at=agenda_id, problem="not_ready", status=409)
        except Conflict:
            problem = "stays" if step == "remove" else "conflict"
            return await _meeting_page(request, meeting, survey, at=agenda_id, problem=problem, typed=fields, status=409)
        except InputInvalid:
            return await _meeting_page(request, meeting, survey, at=agenda_id, problem="invalid", typed=fields, status=422)
        anchor = "" if step == "remove" else f"#item-{agenda_id}"
        return Redirect(f"/desk/reviews/{public_id}?done={step or 'save'}&at={agenda_id}{anchor}", status_code=303)

    @post("/agenda/{agenda_id:str}/vote", name="themes.vote", status_code=303, opt=needs(Right.COMMENT))
    async def vote(self, request: WebRequest, public_id: FromPath[str], agenda_id: FromPath[str]) -> Response[Any]:
        meeting, survey = await _reach_meeting(request, public_id)
        fields = await read_form(request)
        choice = "recused" if first(fields, "recused") else first(fields, "choice")
        if choice not in set(Choice):
            return await _meeting_page(request, meeting, survey, at=agenda_id, problem="no_choice", typed=fields, status=422)
        try:
            await votes.cast_vote(
                meeting, agenda_id, Choice(choice), first(fields, "words"), motion_seen=_whole_number(first(fields, "motion")),
                actor=actor_of(request),
            )  # fmt: skip
        except VoteRefused as refused:
            return await _meeting_page(request, meeting, survey, at=agenda_id, problem=refused.refusal, typed=fields, status=409)
        except Conflict:
            return await _meeting_page(request, meeting, survey, at=agenda_id, problem="motion_changed", typed=fields, status=409)
        except InputInvalid:
            return await _meeting_page(request, meeting, survey, at=agenda_id, problem="invalid", typed=fields, status=422)
        return Redirect(f"/desk/reviews/{public_id}?done=voted&at={agenda_id}#item-{agenda_id}", status_code=303)

    @get("/minutes/{format_:str}", name="themes.minutes", opt=needs(Right.THEMES))
    async def minutes(self, request: WebRequest, public_id: FromPath[str], format_: FromPath[str]) -> Response[bytes]:
        meeting, survey = await _reach_meeting(request, public_id)
        if format_ not in FORMATS:
            raise NotFound("Minutes are written as docx and pdf.")
        try:
            told = await agenda.gather_minutes(meeting, survey, desk_language(request))
            content = await asyncio.to_thread(write_minutes, told, format_)  # long ones take a second
        except FontMissing:
            return desk_page(request, "desk/no_font.html", here="surveys", status=503, apt_line=APT_LINE)
        name = f"minutes-{meeting.starts_at.astimezone(clock.BEIJING):%Y-%m-%d}-{public_id[:6]}.{format_}"
        return download(content, FORMATS[format_], name)


# What the pages show


def _comment_row(comment: CommentView, language: str, account_id: int) -> dict[str, Any]:
    return {
        "id": comment.public_id, "name": comment.who.name, "body": body_of(comment.who, speech("desk", language)), "text": comment.text,
        "at": comment.created_at, "edited_at": comment.edited_at, "is_withdrawn": comment.is_withdrawn,
        "is_mine": comment.account_id == account_id,
    }  # fmt: skip


async def _list_page(
    request: WebRequest, survey: SurveyView, *, typed: FormData | None = None, wrong: str = "", status: int = 200
) -> Response[bytes]:
    """`wrong` names the form that was refused, with what was `typed` in it."""
    language, sizes = desk_language(request), await meetings.agenda_sizes(survey.id)
    rule = await meetings.quorum_rule(meetings.committee_of(survey, actor_of(request)))
    limit = await review_days(survey.id)
    rows = [
        {"meeting": meeting, "items": sizes.get(meeting.id, (0, 0))[0], "decided": sizes.get(meeting.id, (0, 0))[1]}
        for meeting in await meetings.list_meetings(survey.id)
    ]
    return desk_page(
        request, "desk/reviews.html", here="surveys", status=status, survey=survey, title=await survey_title(survey, language), rows=rows,
        rule=rule_in_words(rule, speech("desk", language)), people=first(typed, "people") if typed and wrong == "quorum" else str(rule.people),
        share=first(typed, "share") if typed and wrong == "quorum" else rule.share.value, wrong=wrong,
        days=first(typed, "days") if typed and wrong == "days" else str(limit), limit=limit, most_days=MOST_DAYS,
        done=request.query_params.get("done", ""),
    )  # fmt: skip


async def _meeting_page(
    request: WebRequest, meeting: MeetingView, survey: SurveyView, *, at: str = "", problem: str = "", typed: FormData | None = None,
    status: int = 200,
) -> Response[bytes]:  # fmt: skip
    language, actor = desk_language(request), actor_of(request)
    say = speech("desk", language)
    meeting = await meetings.find_meeting(meeting.public_id) if problem else meeting
    items = await agenda.load_agenda(meeting)
    known = {found.item.theme_key for found in items}
    mine = next((seat for seat in meeting.members if seat.account_id == actor.account_id), None)
    themes = await list_themes(survey.id)
    return desk_page(
        request, "desk/review.html", here="surveys", status=status, survey=survey, title=await survey_title(survey, language),
        meeting=meeting, seats=[_seat_row(seat.who, language, is_chair=seat.is_chair, is_present=seat.is_present) for seat in meeting.seats],
        present=sum(seat.is_present for seat in meeting.members), mine=mine,
        rows=[
            _agenda_row(found, language, actor.account_id, typed if found.item.public_id == at else None)
            | {"problem": problem if found.item.public_id == at else ""}
            for found in items
        ],
        decided=sum(found.decision is not None for found in items), rule=rule_in_words(await meetings.quorum_rule(meeting.area_id), say),
        others=[(t.public_id, t.name_in(language)) for t in themes if t.key not in known and t.state in OFFERED],
        has_no_theme=problem == "no_theme", longest=votes.LONGEST,
        done=request.query_params.get("done", "") if not problem else "", done_at=request.query_params.get("at", ""),
    )  # fmt: skip


def _seat_row(who: Person, language: str, *, is_chair: bool, is_present: bool) -> dict[str, Any]:
    return {
        "name": who.name, "body": body_of(who, speech("desk", language)), "is_guest": bool(who.guest_of), "is_chair": is_chair,
        "is_present": is_present,
    }  # fmt: skip


def _agenda_row(found: AgendaItem, language: str, account_id: int, typed: FormData | None) -> dict[str, Any]:
    """`typed` is what was sent and not stored: the motion's form, or the vote's."""
    say, record, draft = speech("desk", language), found.record, found.item.draft
    given = typed or {}
    is_motion, vote = "motion_text" in given, found.votes.get(account_id)
    said = [("discussion", record.discussion), ("dissent", record.dissent), ("earlier", record.earlier), ("recused", record.recused)]
    return {
        "item": found.item, "record": record, "decision": found.decision, "former": found.former, "missing": found.missing,
        "silent": say.listed(found.silent), "vote": vote if vote and not vote.is_lapsed else None, "has_lapsed": bool(vote and vote.is_lapsed), "has_votes": bool(found.votes),
        "theme_id": found.theme.public_id if found.theme else "", "groups": found.theme.groups if found.theme else None,
        "category": category_names(language).get(found.theme.category, "") if found.theme else "",
        "name": record.theme_names.get(language) or record.theme_names.get("zh-Hans") or found.item.theme_key,
        "motion": first(given, "motion_text") if is_motion else draft.motion,
        "act": first(given, "act") if is_motion else draft.act.value,
        "options": "\n".join(given.get("options", [""])) if is_motion else "\n".join(draft.options),
        "reason": first(given, "reason") if is_motion else draft.reason,
        "why": first(given, "why"),
        "choice": first(given, "choice") or (vote.choice.value if vote and not vote.is_lapsed else ""),
        "is_recused": bool(first(given, "recused")) or bool(vote and vote.choice == Choice.RECUSED and "choice" not in given),
        "words": first(given, "words") if "words" in given else vote.words if vote else "",
        **{kind: [{"name": one.who.name, "body": body_of(one.who, say), "text": one.text} for one in found_here] for kind, found_here in said},
    }  # fmt: skip


async def _form_page(
    request: WebRequest, survey: SurveyView, meeting: MeetingView | None, fields: FormData, *, invalid: MeetingInvalid | None = None,
    is_conflict: bool = False, status: int = 200,
) -> Response[bytes]:  # fmt: skip
    language = desk_language(request)
    themes = await list_themes(survey.id) if meeting is None else []
    return desk_page(
        request, "desk/review_edit.html", here="surveys", status=status, survey=survey, title=await survey_title(survey, language),
        meeting=meeting, typed=fields, first=first, is_conflict=is_conflict,
        people=[
            {"id": str(key), "name": person.name, "body": body_of(Person(person.name, person.role, person.area_names), speech("desk", language))}
            for key, person in (await _people(survey, meeting)).items()
        ],
        themes=[(t.public_id, t.name_in(language)) for t in themes if t.state in OFFERED],
        problems=invalid.problems if invalid else [], wrong={problem.field: problem.code for problem in invalid.problems} if invalid else {},
        longest=meetings.LONGEST,
    )  # fmt: skip


# What the forms hold


async def _people(survey: SurveyView, meeting: MeetingView | None) -> dict[int, StaffView]:
    """Who can be ticked, by the number that stands in the form."""
    found = await meetings.candidates(survey)
    known = {(person.account_id, person.role, person.area_id) for person in found}
    seated = meetings.seated_staff(meeting) if meeting else []
    return {p.role_id: p for p in [*found, *(s for s in seated if (s.account_id, s.role, s.area_id) not in known)]}


async def _fields_of(meeting: MeetingView, survey: SurveyView) -> FormData:
    """A stored meeting as its form would send it."""
    numbers = {(person.account_id, person.role, person.area_id): key for key, person in (await _people(survey, meeting)).items()}
    seats = [(str(numbers[seat.account_id or 0, seat.role, seat.area_id]), seat) for seat in meeting.members]
    start = meeting.starts_at.astimezone(clock.BEIJING)
    return {
        "day": [start.date().isoformat()], "time": [f"{start:%H:%M}"], "place": [meeting.place], "seen": [str(meeting.revision)],
        "members": [number for number, _ in seats], "present": [number for number, seat in seats if seat.is_present],
        "chair": [number for number, seat in seats if seat.is_chair],
        "guests": ["\n".join(f"{seat.who.name}，{seat.who.guest_of}" for seat in meeting.guests)],
    }  # fmt: skip


def _draft(fields: FormData) -> MeetingDraft:
    """Guests are written one a line: name, comma, body."""
    members = [_whole_number(value) for value in fields.get("members", [])]
    guests = []
    for line in first(fields, "guests").splitlines():
        name, _, body = line.replace(",", "，").partition("，")
        if line.strip():
            guests.append(GuestDraft(" ".join(name.split()), " ".join(body.split())))
    return MeetingDraft(
        starts_at=moment_of(first(fields, "day"), first(fields, "time")),
        place=" ".join(first(fields, "place").split()),
        members=members,
        present=[_whole_number(value) for value in fields.get("present", [])],
        chair=_whole_number(first(fields, "chair")) if first(fields, "chair") else None,
        guests=guests,
    )


def _motion(fields: FormData) -> MotionDraft:
    act = first(fields, "act")
    if act not in set(Act):
        raise InputInvalid("This is not known.")
    options = [" ".join(line.split()) for line in first(fields, "options").splitlines()]
    return MotionDraft(
        motion=" ".join(first(fields, "motion_text").split()), act=Act(act), options=[option for option in options if option],
        reason=" ".join(first(fields, "reason").split()),
    )  # fmt: skip


def _whole_number(text: str) -> int:
    """0 for what is none: no revision, role or number of people is 0."""
    number = whole_number(text.removeprefix("-"), 9) or 0
    return -number if text.startswith("-") else number


async def _chosen_themes(survey: SurveyView, fields: FormData) -> list[ThemeView]:
    chosen = set(fields.get("theme", []))
    return [theme for theme in await list_themes(survey.id) if theme.public_id in chosen]


async def _reach_theme(request: WebRequest, public_id: str) -> tuple[ThemeView, SurveyView]:
    theme = await find_theme(public_id)
    return theme, await reach_survey_by_id(actor_of(request), theme.survey_id)


async def _reach_meeting(request: WebRequest, public_id: str) -> tuple[MeetingView, SurveyView]:
    meeting = await meetings.find_meeting(public_id)
    return meeting, await reach_survey_by_id(actor_of(request), meeting.survey_id)
