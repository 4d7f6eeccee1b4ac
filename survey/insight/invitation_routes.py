"""The desk's pages of a survey by invitation: batches of codes, their sheets, and its response rate."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from analysis.statistics.disclosure import exact
from survey import clock
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey
from survey.authoring.queries import SurveyView, form_of, survey_title
from survey.authoring.service import set_access
from survey.authoring.states import Access, SurveyState
from survey.errors import Conflict, InputInvalid
from survey.fonts import APT_LINE, FontMissing
from survey.i18n.languages import languages
from survey.insight.invitations import batch_figures, response_rates
from survey.outreach.documents import cards_pdf, make_poster
from survey.outreach.invitations import BatchView, batch_codes, create_batch, find_batch, list_batches, note_contacts
from survey.outreach.queries import channel_id
from survey.outreach.rules import MOST_INVITATIONS, invitation_link
from survey.outreach.service import list_channels
from survey.responses.queries import count_responses
from survey.tabular import safe_cell
from survey.web.forms import FormData, first, read_form
from survey.web.pages import desk_language, download, environment, words
from survey.web.request import WebRequest

CARDS_A_SHEET = 100
"""On one page: drawing a code takes some milliseconds, and a browser prints a hundred cards well."""

CHINESE = "zh-Hans"


class InvitationsController(Controller):
    path = "/desk/surveys/{slug:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/invitations", name="insight.invitations", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await _batches_page(request, await reach_survey(actor_of(request), slug))

    @post("/invitations", name="insight.create_invitations", status_code=303)
    async def create(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        survey = await reach_survey(actor_of(request), slug)
        if not survey.is_by_invitation:
            raise Conflict(f"{slug} has an open link.")
        fields = await read_form(request)
        wanted = await _wanted_batch(survey, fields)
        if isinstance(wanted, list):
            return await _batches_page(request, survey, fields=fields, problems=wanted, status=422)
        actor = actor_of(request)
        await create_batch(
            secret=request.app.state.settings.secret, survey=survey, name=wanted.name, size=wanted.size,
            expires_on=wanted.expires_on, channel_id=wanted.channel, actor=actor.name, role=actor.role,
        )  # fmt: skip
        return Redirect(f"/desk/surveys/{slug}/invitations?done=created", status_code=303)

    @post("/access", name="insight.change_access", opt=needs(Right.ADMINISTER), status_code=303)
    async def change_access(self, request: WebRequest, slug: FromPath[str]) -> Redirect:
        actor = actor_of(request)
        survey = await reach_survey(actor, slug)
        access = first(await read_form(request), "access")
        if access not in {item.value for item in Access}:
            raise InputInvalid("A survey is open, or by invitation.")
        if await list_batches(survey.id):
            raise Conflict("Codes have been made for this survey; who can answer cannot change any more.")
        await set_access(slug, Access(access), actor=actor.name, role=actor.role)
        return Redirect(f"/desk/surveys/{slug}/invitations", status_code=303)

    @post("/invitations/{public_id:str}", name="insight.count_invitations", status_code=303)
    async def count(self, request: WebRequest, slug: FromPath[str], public_id: FromPath[str]) -> Response[Any]:
        survey = await reach_survey(actor_of(request), slug)
        batch = await find_batch(survey.id, public_id)
        fields = await read_form(request)
        numbers = [_whole(first(fields, name)) for name in ("undelivered", "declined")]
        actor = actor_of(request)
        try:
            await note_contacts(
                survey.id, batch.public_id, undelivered=numbers[0], declined=numbers[1], actor=actor.name, role=actor.role
            )
        except InputInvalid:
            return await _batches_page(request, survey, counted=batch, fields=fields, status=422)
        return Redirect(f"/desk/surveys/{slug}/invitations?done=counted", status_code=303)

    @get("/invitations/{public_id:str}/codes.csv", name="insight.invitation_codes")
    async def codes(self, request: WebRequest, slug: FromPath[str], public_id: FromPath[str]) -> Response[bytes]:
        batch = await find_batch((await reach_survey(actor_of(request), slug)).id, public_id)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["number", "code", "link"])
        for number, (code, link) in enumerate(_cards(request, batch), start=1):
            writer.writerow([number, safe_cell(code), safe_cell(link)])
        return download(out.getvalue().encode(), "text/csv", f"{slug}-{batch.public_id}.csv")

    @get("/invitations/{public_id:str}/sheet", name="insight.invitation_sheet")
    async def sheet(self, request: WebRequest, slug: FromPath[str], public_id: FromPath[str]) -> Response[bytes]:
        """Cards to print: Chinese, and one more language of the survey where `?in=` names one."""
        survey = await reach_survey(actor_of(request), slug)
        batch = await find_batch(survey.id, public_id)
        form = await form_of(survey.version_id)
        tag = request.query_params.get("in", "")
        tags = [CHINESE, *([tag] if tag in form.languages and tag != CHINESE else [])]
        cards = list(enumerate(_cards(request, batch), start=1))
        pages = -(-len(cards) // CARDS_A_SHEET)
        page = min(max(_whole(request.query_params.get("page", "")), 1), pages)
        shown = cards[(page - 1) * CARDS_A_SHEET : page * CARDS_A_SHEET]
        told = [
            _card_words(tag, form.title.get(tag) or form.title[form.source_language], batch.expires_on) for tag in tags
        ]
        return desk_page(
            request, "desk/invitation_sheet.html", here="surveys", survey=survey, batch=batch, told=told, page=page,
            pages=pages, chosen=tags[-1], offered=[item for item in languages() if item in form.languages],
            typed_at=invitation_link(request.app.state.settings.url, "").rstrip("/"),
            cards=[{"number": number, "code": code, "link": link} for number, (code, link) in shown],
        )  # fmt: skip

    @get("/invitations/{public_id:str}/cards.pdf", name="insight.invitation_cards")
    async def cards(self, request: WebRequest, slug: FromPath[str], public_id: FromPath[str]) -> Response[bytes]:
        """The cards as a document for a printing office; `?in=` names a second language."""
        survey = await reach_survey(actor_of(request), slug)
        batch = await find_batch(survey.id, public_id)
        form = await form_of(survey.version_id)
        pairs = _cards(request, batch)
        try:
            poster = make_poster(
                form=form, wanted=[request.query_params.get("in", "en")], link=pairs[0][1], is_fictional=survey.is_fictional
            )
            content = await asyncio.to_thread(cards_pdf, poster, codes=pairs)
        except FontMissing:
            return desk_page(request, "desk/no_font.html", here="surveys", status=503, apt_line=APT_LINE)
        return download(content, "application/pdf", f"{slug}-{batch.public_id}.pdf")

    @get("/response-rate", name="insight.response_rate", opt=needs(Right.THEMES))
    async def rate(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        survey = await reach_survey(actor_of(request), slug)
        batches = await list_batches(survey.id) if survey.is_by_invitation else []
        return desk_page(
            request, "desk/response_rate.html", here="surveys", survey=survey,
            title=await survey_title(survey, desk_language(request)), found=response_rates(batches),
            issued=sum(batch.size for batch in batches), answered=exact(await count_responses(survey.id)),
        )  # fmt: skip


class _Wanted(msgspec.Struct, frozen=True):
    """A batch as the form asks for it, checked."""

    name: str
    size: int
    expires_on: dt.date
    channel: int | None


async def _wanted_batch(survey: SurveyView, fields: FormData) -> _Wanted | list[str]:
    """Return the batch, or the names of the fields that need another look."""
    name, size, code = first(fields, "name"), _whole(first(fields, "size")), first(fields, "channel")
    last_day = _day(first(fields, "expires_on"))
    channel = await channel_id(survey.id, code) if code else None
    problems = [
        field
        for field, is_wrong in (
            ("name", not 1 <= len(name) <= 120),
            ("channel", bool(code) and channel is None),
            ("size", not 1 <= size <= MOST_INVITATIONS),
            ("expires_on", last_day is None or last_day < clock.today()),
        )
        if is_wrong
    ]
    if problems or last_day is None:
        return problems
    return _Wanted(name=name, size=size, expires_on=last_day, channel=channel)


async def _batches_page(
    request: WebRequest, survey: SurveyView, *, fields: FormData | None = None, problems: list[str] | None = None,
    counted: BatchView | None = None, status: int = 200,
) -> Response[bytes]:  # fmt: skip
    """`counted` is the batch whose numbers at the doors could not be stored; else `fields` are those of a new batch."""
    batches = await list_batches(survey.id)
    rows = [
        {
            "figures": figures,
            "problem": counted is not None and counted.public_id == figures.batch.public_id,
            "undelivered": figures.batch.undelivered,
            "declined": figures.batch.declined,
        }
        for figures in batch_figures(batches)
    ]
    for row in rows:
        if row["problem"] and fields:
            row |= {name: first(fields, name) for name in ("undelivered", "declined")}
    given = fields if fields and counted is None else {}
    names = ("name", "channel", "size", "expires_on")
    return desk_page(
        request, "desk/invitations.html", here="surveys", status=status, survey=survey,
        title=await survey_title(survey, desk_language(request)), rows=rows, most=MOST_INVITATIONS,
        can_change=survey.state == SurveyState.DRAFT and not batches, channels=await list_channels(survey.id),
        typed={name: first(given, name) for name in names}, problems=problems or [], today=clock.today().isoformat(),
        done=request.query_params.get("done", ""),
    )  # fmt: skip


def _cards(request: WebRequest, batch: BatchView) -> list[tuple[str, str]]:
    """Code and link of each invitation, in the order of the sheet."""
    settings = request.app.state.settings
    return [(code, invitation_link(settings.url, code)) for code in batch_codes(settings.secret, batch)]


def _card_words(tag: str, title: str, last_day: dt.date) -> Markup:
    page = environment().get_template("resident/invitation_words.html")
    return Markup(page.render(**words("resident", tag), title=title, last_day=last_day))  # noqa: S704 -- our own template, which escapes


def _whole(text: str) -> int:
    """A whole number of at most six digits; -1 for anything else."""
    return int(text) if text.isdecimal() and len(text) <= 6 else -1


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
