"""The translators' page: one masked text at a time, and nothing about who wrote it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.response import Redirect

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.db.ids import PUBLIC_ID
from survey.errors import LinshengError, NotFound
from survey.i18n.languages import languages
from survey.inbox.service import reach_statement, reach_texts
from survey.statements.queries import FullStatement, find_statement, full_statements, versions_of
from survey.statements.readings import readings
from survey.statements.renderings import (
    RenderingGone,
    RenderingRefused,
    languages_to_render,
    next_to_render,
    write_rendering,
)
from survey.statements.states import is_chinese
from survey.web.forms import first, read_form
from survey.web.pages import remembered_desk_language
from survey.web.request import WebRequest


class RenderingsController(Controller):
    path = "/desk/renderings"
    guards = [requires_sign_in]
    opt = needs(Right.RENDER)
    include_in_schema = False

    @get("/", name="inbox.renderings")
    async def show(self, request: WebRequest) -> Response[bytes]:
        """`lang` is the language of the texts, and `after` the one that was written or left out last."""
        tongue = _tongue(request.query_params.get("lang", ""))
        after = await _known(request.query_params.get("after", ""))
        reach = await reach_texts(actor_of(request))
        found = await next_to_render(reach, language=tongue, after=after.id if after else None)
        is_round = found is None and after is not None
        if is_round:  # what was left out comes again
            found = await next_to_render(reach, language=tongue)
        statement = (await full_statements([found.id]))[0] if found else None
        return await _page(request, statement, tongue, done=request.query_params.get("done", ""), is_round=is_round)

    @post("/", name="inbox.send_rendering", status_code=303)
    async def send(self, request: WebRequest) -> Response[Any]:
        actor, fields = actor_of(request), await read_form(request)
        public_id, tongue = first(fields, "statement"), _tongue(first(fields, "tongue"))
        text = (fields.get("text") or [""])[0]
        try:
            statement, _, _ = await reach_statement(actor, public_id)
            await write_rendering(statement, text, actor=actor)
        except RenderingRefused as refused:
            problem = "long" if "20,000" in refused.message else "empty"
            return await _page(request, statement, tongue, typed=text, problem=problem, status=422)
        except (RenderingGone, NotFound):
            return _next(tongue, "gone", "")
        return _next(tongue, "sent", public_id)


def _next(tongue: str, done: str, after: str) -> Redirect:
    asked = {name: value for name, value in {"lang": tongue, "done": done, "after": after}.items() if value}
    return Redirect(f"/desk/renderings?{urlencode(asked)}", status_code=303)


async def _page(
    request: WebRequest, statement: FullStatement | None, tongue: str, *, typed: str = "", problem: str = "", done: str = "",
    is_round: bool = False, status: int = 200,
) -> Response[bytes]:  # fmt: skip
    language = remembered_desk_language(request)
    reach = await reach_texts(actor_of(request))
    tongues = await languages_to_render(reach, [tag for tag in languages() if not is_chinese(tag)])
    machine, names = "", ""
    if statement is not None:
        versions = (await versions_of([statement.id]))[statement.id]
        machine = next((version.text for version in reversed(versions)), "")
        reading = (await readings([statement.id], language)).get(statement.id)
        names = reading.text if reading and reading.kind == "lexicon" else ""
    return desk_page(
        request, "desk/renderings.html", here="renderings", status=status, language=language, statement=statement, tongue=tongue,
        tongues=tongues, typed=typed, problem=problem, done=done, is_round=is_round, machine=machine, names=names,
    )  # fmt: skip


def _tongue(tag: str) -> str:
    return tag if tag in languages() and not is_chinese(tag) else ""


async def _known(public_id: str) -> FullStatement | None:
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    try:
        return await find_statement(public_id)
    except LinshengError:
        return None
