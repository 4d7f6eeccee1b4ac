"""Meetings: what residents see of them and say to them, without a name; and their planning at the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from survey import clock
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.queries import area_names
from survey.accounts.rules import Actor, Right
from survey.authoring.access import areas_within, reachable_surveys, surveys_with_answers
from survey.authoring.queries import survey_title
from survey.errors import Conflict, NotFound
from survey.i18n.languages import is_spoken, languages
from survey.outreach import events
from survey.outreach.events import EventCounts, EventDraft, EventInvalid, EventOver, EventView, Wish
from survey.outreach.pages import card_context, wishes_cookie, wishes_of
from survey.web.forms import FormData, first, read_form
from survey.web.limits import limits_of, require
from survey.web.pages import desk_language, html, resident_language
from survey.web.request import WebRequest

SMALLEST = 10
"""Smaller numbers are not told, the desk included: the threshold of analysis.statistics.disclosure, which lies above us."""


class EventsController(Controller):
    path = "/events"
    include_in_schema = False

    @get("/", name="outreach.public_events")
    async def show(self, request: WebRequest) -> Response[bytes]:
        language, wishes = resident_language(request), wishes_of(request)
        coming = await events.coming_events(language, clock.now())
        return html(
            request, "resident/events.html", language, origin="events", **card_context(wishes),
            events=[event for event in coming if not event.is_cancelled or event.public_id in wishes],
            language_links={tag: f"/events?lang={tag}" for tag in languages()},
        )  # fmt: skip

    @post("/{public_id:str}/coming", name="outreach.coming", status_code=200)
    async def say(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        """Count this browser once: for coming, for another interpreter than before, or no more."""
        fields = await read_form(request)
        language = first(fields, "_language")
        language = language if is_spoken(language) else resident_language(request)
        event = await events.find_event(public_id, language)
        require(request, "events", event.id)
        wishes = wishes_of(request)
        before: Wish = wishes.get(public_id)
        wish: Wish = None if first(fields, "step") == "not" else first(fields, "interpreter")
        once = first(fields, "_once")[:32]
        if once and limits_of(request).allow("doubled_tap", public_id, once, wish):
            before = wish  # the first of the two is on its way, and its cookie too
        try:
            await events.count_coming(public_id, before=before, wish=wish, now=clock.now())
        except EventOver:
            return self._noted(request, language, event, wishes, fields, state="over", status=410)
        wishes.pop(public_id, None)
        if wish is not None:
            wishes[public_id] = wish
        response = self._noted(request, language, event, wishes, fields, state="coming" if wish is not None else "not")
        response.set_cookie(wishes_cookie(wishes, is_secure=request.app.state.settings.has_secure_cookies))
        return response

    @staticmethod
    def _noted(
        request: WebRequest, language: str, event: EventView, wishes: Mapping[str, Wish], fields: FormData, *, state: str,
        status: int = 200,
    ) -> Response[bytes]:  # fmt: skip
        origin = "events" if first(fields, "_from") == "events" else "receipt"
        return html(
            request, "resident/event_noted.html", language, status=status, event=event, origin=origin, state=state,
            **card_context(wishes),
        )  # fmt: skip


SORTS = ("when", "name", "place", "coming")


class EventDeskController(Controller):
    path = "/desk/events"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="outreach.events", opt=needs(Right.THEMES))
    async def list_all(self, request: WebRequest) -> Response[bytes]:
        language, now = desk_language(request), clock.now()
        sort = request.query_params.get("sort", "")
        sort = sort if sort in SORTS else "when"
        is_reached = await _reach(actor_of(request))
        ahead = [event for event in await events.coming_events(language, now) if is_reached(event)]
        past = [event for event in await events.past_events(language, now) if is_reached(event)]
        counts = await events.event_counts([event.id for event in [*ahead, *past]])
        areas, surveys = await area_names(language), await _survey_titles(request)
        rows = [[_row(event, counts[event.id], areas, surveys) for event in found] for found in (ahead, past)]
        if sort != "when":
            for found in rows:
                found.sort(key=lambda row: row["sorted_by"][sort])
        return desk_page(request, "desk/events.html", here="events", ahead=rows[0], past=rows[1], sort=sort)

    @get("/new", name="outreach.new_event")
    async def new(self, request: WebRequest) -> Response[bytes]:
        return await _form_page(request, None, {"languages": ["zh-Hans"]})

    @post("/new", name="outreach.create_event", status_code=303)
    async def create(self, request: WebRequest) -> Response[Any]:
        fields = await read_form(request)
        try:
            event = await events.create_event(await _draft(request, fields), actor=actor_of(request), now=clock.now())
        except EventInvalid as invalid:
            return await _form_page(request, None, fields, invalid=invalid, status=422)
        return Redirect(f"/desk/events/{event.public_id}?done=created", status_code=303)

    @get("/{public_id:str}", name="outreach.event")
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        event = await _reach_event(request, public_id)
        return await _form_page(request, event, _fields_of(event), done=request.query_params.get("done", ""))

    @post("/{public_id:str}", name="outreach.edit_event", status_code=303)
    async def edit(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        event, fields = await _reach_event(request, public_id), await read_form(request)
        try:
            await events.edit_event(
                public_id, await _draft(request, fields), seen=first(fields, "seen"), actor=actor_of(request), now=clock.now()
            )
        except EventInvalid as invalid:
            return await _form_page(request, event, fields, invalid=invalid, status=422)
        except Conflict:
            return await _form_page(request, event, fields | {"seen": [event.version]}, is_conflict=True, status=409)
        return Redirect(f"/desk/events/{public_id}?done=saved", status_code=303)

    @post("/{public_id:str}/cancel", name="outreach.cancel_event", status_code=303)
    async def cancel(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        """Ask first; `step` says the answer. A cancelled meeting can be brought back."""
        event, step = await _reach_event(request, public_id), first(await read_form(request), "step")
        if step not in {"cancel", "restore"}:
            return desk_page(request, "desk/event_cancel.html", here="events", status=200, event=event)
        await events.cancel_event(public_id, actor=actor_of(request), is_cancelled=step == "cancel")
        return Redirect(f"/desk/events/{public_id}?done={step}", status_code=303)


async def _survey_titles(request: WebRequest) -> dict[int, str]:
    language = desk_language(request)
    return {view.id: await survey_title(view, language) for view, _ in await surveys_with_answers(actor_of(request))}


async def _reach(actor: Actor) -> Callable[[EventView], bool]:
    """Whose meetings these are: those of a survey that they reach as a whole, and of their areas."""
    surveys, areas = {view.id for view in await reachable_surveys(actor)}, await areas_within(actor)
    return lambda event: actor.area_id is None or event.survey_id in surveys or event.area_id in areas


async def _reach_event(request: WebRequest, public_id: str) -> EventView:
    event = await events.find_event(public_id, desk_language(request))
    if not (await _reach(actor_of(request)))(event):
        raise NotFound("There is no such meeting.")
    return event


def _row(event: EventView, counts: EventCounts, areas: Mapping[int, str], surveys: Mapping[int, str]) -> dict[str, Any]:
    told = shown(counts.coming)
    return {
        "event": event,
        "coming": told,
        "area": areas.get(event.area_id or 0, ""),
        "survey": surveys.get(event.survey_id or 0, ""),
        # Small numbers are all the same here too, or their order would tell them.
        "sorted_by": {"name": event.name.text, "place": event.place.text, "coming": (-(told or 0), event.starts_at)},
    }


def shown(people: int) -> int | None:
    """A number as the desk may tell it; None stands for a few. That there is nobody yet is no secret."""
    return None if 0 < people < SMALLEST else people


async def _form_page(
    request: WebRequest, event: EventView | None, fields: FormData, *, invalid: EventInvalid | None = None,
    is_conflict: bool = False, done: str = "", status: int = 200,
) -> Response[bytes]:  # fmt: skip
    language, own = desk_language(request), await areas_within(actor_of(request))
    counts = (await events.event_counts([event.id]))[event.id] if event else EventCounts()
    return desk_page(
        request, "desk/event.html", here="events", status=status, event=event, typed=fields, first=first,
        problems=invalid.problems if invalid else [], wrong={problem.field: problem.code for problem in invalid.problems} if invalid else {},
        is_conflict=is_conflict, done=done, surveys=await _survey_titles(request),
        areas={key: name for key, name in (await area_names(language)).items() if key in own},
        coming=shown(counts.coming), interpreters={tag: shown(n) for tag, n in sorted(counts.interpreters.items())},
        is_past=event is not None and event.starts_at <= clock.now(), longest=events.LONGEST,
    )  # fmt: skip


def _fields_of(event: EventView) -> FormData:
    """A stored meeting as its form would send it."""
    start = event.starts_at.astimezone(clock.BEIJING)
    texts = {f"name_{tag}": [text] for tag, text in event.names.items()} | {f"place_{tag}": [text] for tag, text in event.places.items()}
    return texts | {
        "survey": [str(event.survey_id or "")], "area": [str(event.area_id or "")], "languages": event.languages_spoken,
        "day": [start.date().isoformat()], "time": [f"{start:%H:%M}"], "seen": [event.version],
    }  # fmt: skip


async def _draft(request: WebRequest, fields: FormData) -> EventDraft:
    """Raise NotFound for a survey or an area that the form did not offer.

    Who has an area plans for it where they name none, unless the meeting is for a survey that is all theirs.
    """
    actor = actor_of(request)
    survey, area = first(fields, "survey"), first(fields, "area")
    reached = {str(view.id): areas for view, areas in await surveys_with_answers(actor)}
    if (survey and survey not in reached) or (area and area not in {str(key) for key in await areas_within(actor)}):
        raise NotFound("There is no such survey or area.")
    if not area and actor.area_id is not None and not (survey and reached[survey] is None):
        area = str(actor.area_id)
    spoken = fields.get("languages", [])
    return EventDraft(
        survey_id=int(survey) if survey else None,
        area_id=int(area) if area else None,
        names={tag: " ".join(first(fields, f"name_{tag}").split()) for tag in languages()},
        places={tag: " ".join(first(fields, f"place_{tag}").split()) for tag in languages()},
        starts_at=events.moment_of(first(fields, "day"), first(fields, "time")),
        languages_spoken=[tag for tag in languages() if tag in spoken],
    )
