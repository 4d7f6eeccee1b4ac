"""One statement: read it, write and accept its Chinese, mark it as read, decide on what is masked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right, may
from survey.errors import InputInvalid, NotFound
from survey.inbox.queries import one_item
from survey.inbox.rules import way_back
from survey.inbox.service import reach_statement
from survey.statements import redaction, renderings
from survey.statements.queries import FullStatement, versions_of
from survey.statements.renderings import RenderingRefused
from survey.web.forms import FormData, first, read_form, whole_number
from survey.web.pages import desk_language
from survey.web.request import WebRequest


class StatementController(Controller):
    path = "/desk/statements/{public_id:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="inbox.statement", opt=needs(Right.ANSWERS))
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        return await _page(request, public_id, back=request.query_params.get("back", ""))

    @post("/reading", name="inbox.mark_read", status_code=303)
    async def mark_read(self, request: WebRequest, public_id: FromPath[str]) -> Redirect:
        statement, _, _ = await reach_statement(actor_of(request), public_id)
        fields = await read_form(request)
        await renderings.mark_read(statement, is_read=first(fields, "step") != "new")
        return _back(fields, statement, then=first(fields, "then"))

    @post("/rendering", name="inbox.write_rendering", status_code=303, opt=needs(Right.RENDER))
    async def write(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        actor = actor_of(request)
        if not may(actor, Right.ANSWERS):  # others have a page of their own, which shows nothing but the text
            raise NotFound("There is no such statement.")
        statement, _, _ = await reach_statement(actor, public_id)
        fields = await read_form(request)
        text = (fields.get("text") or [""])[0]
        try:
            await renderings.write_rendering(statement, text, actor=actor, is_accepted=first(fields, "step") == "accept")
        except RenderingRefused as refused:
            return await _page(request, public_id, back=first(fields, "back"), typed=text, problem=_problem(refused), status=422)
        return _back(fields, statement)

    @post("/accept", name="inbox.accept_rendering", status_code=303)
    async def accept(self, request: WebRequest, public_id: FromPath[str]) -> Redirect:
        actor = actor_of(request)
        statement, _, _ = await reach_statement(actor, public_id)
        fields = await read_form(request)
        number = whole_number(first(fields, "rendering"), 15)
        if number is None:
            raise InputInvalid("Choose the rendering that you accept.")
        act = renderings.take_back_acceptance if first(fields, "step") == "take_back" else renderings.accept_rendering
        await act(statement, number, actor=actor)
        return _back(fields, statement)

    @get("/mask", name="inbox.mask")
    async def show_mask(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        return await _mask_page(request, public_id, back=request.query_params.get("back", ""))

    @post("/mask", name="inbox.change_mask", status_code=303)
    async def change_mask(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        actor = actor_of(request)
        statement, _, _ = await reach_statement(actor, public_id)
        fields = await read_form(request)
        more = (fields.get("more") or [""])[0]
        lifted = {number for value in fields.get("lifted", []) if (number := whole_number(value, 5)) is not None}
        lines = [line for line in more.splitlines() if line.strip()]
        is_last = first(fields, "step") == "confirm"
        act = redaction.confirm_mask if is_last else redaction.change_mask
        try:
            await act(statement, lifted=lifted, more=lines, seen=first(fields, "seen"), actor=actor)
        except InputInvalid as refused:
            return await _mask_page(request, public_id, back=first(fields, "back"), typed=more, problem=refused.message, status=422)
        if is_last:
            return _back(fields, statement)
        asked = urlencode({"done": "stored", "back": first(fields, "back")})
        return Redirect(f"/desk/statements/{public_id}/mask?{asked}", status_code=303)


async def _page(
    request: WebRequest, public_id: str, *, back: str, typed: str = "", problem: str = "", status: int = 200
) -> Response[bytes]:
    statement, view, areas = await reach_statement(actor_of(request), public_id)
    item = await one_item(statement, view, areas, language=desk_language(request))
    if item is None:
        raise NotFound("There is no such statement.")
    return desk_page(
        request, "desk/statement.html", here="inbox", status=status, survey=view, title=item.survey_title, item=item,
        versions=(await versions_of([statement.id]))[statement.id], typed=typed, problem=problem,
        back=way_back(back, f"/desk/surveys/{view.slug}/inbox"),
    )  # fmt: skip


async def _mask_page(
    request: WebRequest, public_id: str, *, back: str, typed: str = "", problem: str = "", status: int = 200
) -> Response[bytes]:
    actor = actor_of(request)
    statement, view, _ = await reach_statement(actor, public_id)
    found = await redaction.open_original(statement, actor=actor)
    return desk_page(
        request, "desk/mask.html", here="inbox", status=status, survey=view, statement=statement, found=found,
        pieces=redaction.in_pieces(found), seen=redaction.marks_key(found), typed=typed, problem=problem,
        done=request.query_params.get("done", ""), back=way_back(back, f"/desk/surveys/{view.slug}/inbox"),
    )  # fmt: skip


def _back(fields: FormData, statement: FullStatement, *, then: str = "") -> Redirect:
    """To where the act was done, at the same statement, or at the one that the person goes on with."""
    place = then if then.isascii() and then.isalnum() else statement.public_id
    return Redirect(f"{way_back(first(fields, 'back'), '/desk/inbox')}#s-{place}", status_code=303)


def _problem(refused: RenderingRefused) -> str:
    return "long" if "20,000" in refused.message else "empty"
