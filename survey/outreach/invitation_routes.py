"""The residents' way in by a one-time code: from a card's address, or typed."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from survey import clock
from survey.authoring.queries import form_of, survey_title
from survey.i18n.languages import languages
from survey.outreach.invitations import InvitationView, find_invitation, mark_opened, survey_of
from survey.outreach.rules import PASS_LASTS, make_pass, pass_cookie_name
from survey.outreach.states import InvitationState
from survey.web.forms import first, read_form
from survey.web.limits import address_of, require
from survey.web.pages import html, resident_language
from survey.web.request import WebRequest

_STATUS = {"unknown": 404, "not_yet": 404, "used": 410, "expired": 410, "closed": 410}


class InvitationController(Controller):
    """Opening uses nothing up, however often and by whom: a chat's preview opens a link too. Only an answer does.

    Nothing limits the tries: there are 2^80 codes (rules.CODE_GROUP_LENGTH says what that means).
    """

    path = "/i"
    include_in_schema = False

    @get("/", name="outreach.type_invitation")
    async def show(self, request: WebRequest) -> Response[bytes]:
        return _page(request, resident_language(request))

    @post("/", name="outreach.typed_invitation", status_code=303)
    async def typed(self, request: WebRequest) -> Response[Any]:
        fields = await read_form(request)
        given = first(fields, "_language")
        wanted = given if given in languages() else ""
        return await _exchange(request, first(fields, "code"), wanted)

    @get("/{code:str}", name="outreach.open_invitation", status_code=303)
    async def open(self, request: WebRequest, code: FromPath[str]) -> Response[Any]:
        given = request.query_params.get("lang", "")
        return await _exchange(request, code, given if given in languages() else "")


async def _exchange(request: WebRequest, code: str, wanted: str) -> Response[Any]:
    """Give a pass for a code and lead on to the survey, so that the code leaves the address at once; or say why not.

    `wanted` is the language that the person chose, empty where none was.
    """
    require(request, "invitation", address_of(request))
    code = code[:80]
    language = wanted or resident_language(request)
    invitation = await find_invitation(code)
    if invitation is None:
        return _page(request, language, problem="unknown", code=code)
    survey = await survey_of(invitation)
    problem = _problem(invitation, is_open=survey.is_open, was_closed=survey.closed_on is not None)
    if problem:
        return _page(
            request, language, problem=problem, title=await survey_title(survey, language),
            last_day=invitation.expires_on, closed_on=survey.closed_on, is_fictional=survey.is_fictional,
        )  # fmt: skip
    await mark_opened(invitation.code_hash)
    form = await form_of(survey.version_id)
    response = Redirect(
        f"/s/{survey.slug}" + (f"?lang={wanted}" if wanted in form.languages else ""), status_code=303
    )
    settings = request.app.state.settings
    response.set_cookie(
        Cookie(
            key=pass_cookie_name(is_secure=settings.has_secure_cookies),
            value=make_pass(settings.secret, survey.public_id, invitation.code_hash, clock.now()),
            path="/", httponly=True, samesite="lax", secure=settings.has_secure_cookies,
            max_age=int(PASS_LASTS.total_seconds()),
        )
    )  # fmt: skip
    return response


def _problem(invitation: InvitationView, *, is_open: bool, was_closed: bool) -> str:
    if invitation.state == InvitationState.USED:
        return "used"
    if not is_open and was_closed:
        return "closed"
    if invitation.is_expired:
        return "expired"
    return "" if is_open else "not_yet"


def _page(request: WebRequest, language: str, *, problem: str = "", code: str = "", **more: Any) -> Response[bytes]:
    links = {tag: f"/i?lang={tag}" for tag in languages()}
    return html(
        request, "resident/invitation.html", language, status=_STATUS.get(problem, 200), problem=problem, code=code,
        language_links=links, **more,
    )  # fmt: skip
