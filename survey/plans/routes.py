"""Plans at the desk: make one of accepted themes, fill in its items, take it away as a document."""

from __future__ import annotations

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey, reach_survey_by_id, reachable_surveys
from survey.authoring.queries import find_survey_by_id, survey_title
from survey.errors import Conflict, InputInvalid, NotFound
from survey.fonts import APT_LINE, has_cjk_font
from survey.insight.service import find_chart
from survey.plans import service
from survey.plans.documents import FORMATS, write_document
from survey.plans.queries import ItemView, PlanView, find_plan, list_items, list_plans
from survey.themes.queries import list_themes
from survey.themes.states import ThemeState
from survey.web.forms import FormData, first, read_form
from survey.web.pages import desk_language, download
from survey.web.request import WebRequest


class PlansController(Controller):
    path = "/desk"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/plans", name="plans.list", opt=needs(Right.THEMES))
    async def list_all(self, request: WebRequest) -> Response[bytes]:
        language = desk_language(request)
        rows = []
        reached = {survey.id: survey for survey in await reachable_surveys(actor_of(request))}
        for plan in await list_plans():
            survey = reached.get(plan.survey_id)
            if survey is None:
                continue
            rows.append({"plan": plan, "survey": await survey_title(survey, language), "item_count": len(await list_items(plan.id))})
        return desk_page(request, "desk/plans.html", here="plans", rows=rows)

    @get("/surveys/{slug:str}/plans/new", name="plans.new")
    async def new(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await self._new_page(request, slug)

    @post("/surveys/{slug:str}/plans/new", name="plans.create", status_code=303)
    async def create(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        survey = await reach_survey(actor_of(request), slug)
        fields = await read_form(request)
        chosen = set(fields.get("theme", []))
        themes = [theme for theme in await list_themes(survey.id) if theme.public_id in chosen]
        target = first(fields, "plan")
        try:
            if target:
                plan = await _reach_plan(request, target)
                await service.add_themes(plan, themes, actor=actor_of(request))
            else:
                plan = await service.create_plan(
                    survey_id=survey.id, title=first(fields, "title"), themes=themes, actor=actor_of(request)
                )
        except InputInvalid:
            return await self._new_page(request, slug, fields=fields, status=422)
        return Redirect(f"/desk/plans/{plan.public_id}", status_code=303)

    @staticmethod
    async def _new_page(
        request: WebRequest, slug: str, *, fields: FormData | None = None, status: int = 200
    ) -> Response[bytes]:
        survey = await reach_survey(actor_of(request), slug)
        language = desk_language(request)
        accepted = [theme for theme in await list_themes(survey.id) if theme.state == ThemeState.ACCEPTED]
        given = fields or {}
        wanted = set(given.get("theme", [])) or {request.query_params.get("theme", "")}
        return desk_page(
            request, "desk/plan_new.html", here="plans", status=status, survey=survey, has_problem=status == 422,
            title=await survey_title(survey, language), plans=await list_plans(survey.id), typed=first(given, "title"),
            themes=[{"id": t.public_id, "name": t.name_in(language), "is_chosen": t.public_id in wanted} for t in accepted],
        )  # fmt: skip


class PlanController(Controller):
    path = "/desk/plans/{public_id:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="plans.plan", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        return await self._page(request, await _reach_plan(request, public_id))

    @post("/items/{item_id:str}", name="plans.edit_item", status_code=303)
    async def edit(self, request: WebRequest, public_id: FromPath[str], item_id: FromPath[str]) -> Response[Any]:
        plan = await _reach_plan(request, public_id)
        item = await self._item(plan, item_id)
        fields = await read_form(request)
        if first(fields, "step") == "remove":
            await service.remove_item(item, actor=actor_of(request))
            return Redirect(f"/desk/plans/{public_id}", status_code=303)
        try:
            deadline = dt.date.fromisoformat(first(fields, "deadline")) if first(fields, "deadline") else None
            await service.edit_item(
                item, revision=int(first(fields, "revision") or 0), goal=first(fields, "goal"), lead=first(fields, "lead"),
                deadline=deadline, measure=first(fields, "measure"), actor=actor_of(request),
            )  # fmt: skip
        except (ValueError, InputInvalid):
            return await self._page(request, plan, typed={item_id: fields}, problem="invalid", status=422)
        except Conflict:
            return await self._page(request, plan, typed={item_id: fields}, problem="conflict", status=409)
        return Redirect(f"/desk/plans/{public_id}?saved={item_id}#item-{item_id}", status_code=303)

    @get("/document/{format_:str}", name="plans.document", opt=needs(Right.THEMES))
    async def document(self, request: WebRequest, public_id: FromPath[str], format_: FromPath[str]) -> Response[bytes]:
        if format_ not in FORMATS:
            raise NotFound("Plans are written as docx, xlsx, csv and json.")
        plan = await _reach_plan(request, public_id)
        language = desk_language(request)
        chart = await find_chart(plan.survey_id, "themes", language)
        content = write_document(await service.plan_document(plan, language), format_, chart.png if chart else None)
        return download(content, FORMATS[format_], f"plan-{plan.public_id}.{format_}")

    @staticmethod
    async def _item(plan: PlanView, item_id: str) -> ItemView:
        for item in await list_items(plan.id):
            if item.public_id == item_id:
                return item
        raise NotFound("There is no such item in this plan.")

    @staticmethod
    async def _page(
        request: WebRequest, plan: PlanView, *, typed: dict[str, FormData] | None = None, problem: str = "", status: int = 200
    ) -> Response[bytes]:
        language = desk_language(request)
        survey = await find_survey_by_id(plan.survey_id)
        document = await service.plan_document(plan, language)
        items = await list_items(plan.id)
        rows = []
        for item, entry in zip(items, document.entries, strict=True):
            given = (typed or {}).get(item.public_id)
            rows.append(
                {
                    "item": item,
                    "entry": entry,
                    "problem": problem if given else "",
                    "value": {
                        name: first(given, name) if given else value
                        for name, value in (
                            ("goal", item.goal), ("lead", item.lead), ("measure", item.measure),
                            ("deadline", item.deadline.isoformat() if item.deadline else ""),
                        )
                    },
                }
            )  # fmt: skip
        return desk_page(
            request, "desk/plan.html", here="plans", status=status, plan=plan, survey=survey, document=document, rows=rows,
            title=await survey_title(survey, language), saved=request.query_params.get("saved", ""),
            font_hint="" if has_cjk_font() else APT_LINE,
        )  # fmt: skip


async def _reach_plan(request: WebRequest, public_id: str) -> PlanView:
    plan = await find_plan(public_id)
    await reach_survey_by_id(actor_of(request), plan.survey_id)
    return plan
