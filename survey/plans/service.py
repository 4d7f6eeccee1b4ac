"""Making and changing plans, and gathering what a plan's document says."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec

from survey import clock
from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.authoring.queries import find_survey_by_id, form_of
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, NotAllowed
from survey.insight.service import shown_outside
from survey.plans.documents import PlanDocument, PlanEntry, Quote
from survey.plans.queries import ItemView, PlanView, find_plan, list_items
from survey.plans.tables import Plan, PlanItem
from survey.responses.queries import count_responses, field_dates, quotable_responses
from survey.statements.queries import statements_by_id
from survey.statements.readings import readings
from survey.statements.wording import need_names
from survey.themes.queries import ThemeView, newest_run, themes_by_id
from survey.themes.states import ThemeState

MAX_TITLE = 120
MAX_FIELD = 2000
TAPPED_TWICE = dt.timedelta(minutes=1)
MOST_QUOTES = 2


async def create_plan(*, survey_id: int, title: str, themes: list[ThemeView], actor: Actor) -> PlanView:
    """Make a plan of accepted themes. Raises InputInvalid for an empty title or themes that nobody accepted.

    The same title again within a minute is the same plan: a button is tapped twice.
    """
    _require_review(actor)
    cleaned = " ".join(title.split())
    if not cleaned or len(cleaned) > MAX_TITLE:
        raise InputInvalid(f"A plan's title takes 1 to {MAX_TITLE} characters.")
    _require_accepted(themes, survey_id)
    public_id = new_public_id()
    async with write_transaction(Plan):
        same = await Plan.select(Plan.public_id).where(
            (Plan.survey == survey_id) & (Plan.title == cleaned) & (Plan.created_by == actor.account_id)
            & (Plan.created_at > clock.now() - TAPPED_TWICE)
        ).first()  # fmt: skip
        if same is not None:
            return await find_plan(same["public_id"])
        rows = await Plan.insert(
            Plan(public_id=public_id, survey=survey_id, title=cleaned, created_by=actor.account_id, created_at=clock.now())
        ).returning(Plan.id)
        await _insert_items(rows[0]["id"], themes, start=1)
        await record_act(actor=actor.name, role=actor.role, action="plan.created", subject=f"plan:{public_id}")
    return await find_plan(public_id)


async def add_themes(plan: PlanView, themes: list[ThemeView], *, actor: Actor) -> None:
    """Take further accepted themes into a plan; one that is in it already stays once."""
    _require_review(actor)
    _require_accepted(themes, plan.survey_id)
    async with write_transaction(Plan):
        items = await list_items(plan.id)
        known = {item.theme_id for item in items}
        fresh = [theme for theme in themes if theme.id not in known]
        await _insert_items(plan.id, fresh, start=max((item.position for item in items), default=0) + 1)
        await record_act(actor=actor.name, role=actor.role, action="plan.themes_added", subject=f"plan:{plan.public_id}")


async def _insert_items(plan_id: int, themes: list[ThemeView], *, start: int) -> None:
    if themes:
        await PlanItem.insert(
            *[
                PlanItem(
                    public_id=new_public_id(), plan=plan_id, theme=theme.id, position=start + i, goal="", lead="",
                    deadline=None, measure="", revision=1,
                )
                for i, theme in enumerate(themes)
            ]
        )  # fmt: skip


async def edit_item(
    item: ItemView, *, revision: int, goal: str, lead: str, deadline: dt.date | None, measure: str, actor: Actor
) -> None:
    """Change an item. `revision` is the one that the person saw: raises Conflict where somebody else was faster."""
    _require_review(actor)
    if any(len(text) > MAX_FIELD for text in (goal, measure)) or len(lead) > 200:
        raise InputInvalid(f"A field takes at most {MAX_FIELD} characters, the lead 200.")
    if revision != item.revision:
        raise Conflict("Somebody else changed this item in the meantime.")
    async with write_transaction(PlanItem):
        changed = await (
            PlanItem.update(
                {
                    PlanItem.goal: goal, PlanItem.lead: lead, PlanItem.deadline: deadline, PlanItem.measure: measure,
                    PlanItem.revision: revision + 1,
                }
            )
            .where((PlanItem.id == item.id) & (PlanItem.revision == revision))
            .returning(PlanItem.id)
        )  # fmt: skip
        if not changed:
            raise Conflict("Somebody else changed this item in the meantime.")
        await record_act(actor=actor.name, role=actor.role, action="plan.item_changed", subject=f"plan_item:{item.public_id}")


async def remove_item(item: ItemView, *, actor: Actor) -> None:
    _require_review(actor)
    async with write_transaction(PlanItem):
        await PlanItem.delete().where(PlanItem.id == item.id)
        await record_act(actor=actor.name, role=actor.role, action="plan.item_removed", subject=f"plan_item:{item.public_id}")


def _require_review(actor: Actor) -> None:
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot change plans.")


def _require_accepted(themes: list[ThemeView], survey_id: int) -> None:
    if not themes:
        raise InputInvalid("Choose at least one accepted theme.")
    if any(theme.state != ThemeState.ACCEPTED or theme.survey_id != survey_id for theme in themes):
        raise InputInvalid("Only accepted themes of this survey can go into a plan.")


async def plan_document(plan: PlanView, language: str) -> PlanDocument:
    """Gather the figures of a plan once, as they may leave the house: rounded to 5, nothing below the threshold."""
    survey = await find_survey_by_id(plan.survey_id)
    form = await form_of(survey.version_id)
    items = await list_items(plan.id)
    themes = await themes_by_id([item.theme_id for item in items])
    run = await newest_run(plan.survey_id)
    base = run.figures["people"] if run else 0
    quotable = await quotable_responses(plan.survey_id)
    entries = [
        await _entry(number, item, themes[item.theme_id], base, quotable, language) for number, item in enumerate(items, start=1)
    ]
    document = PlanDocument(
        title=plan.title,
        survey=form.title.get(language) or form.title[form.source_language],
        dates=await field_dates(plan.survey_id),
        responses=shown_outside(await count_responses(plan.survey_id)),
        wrote=shown_outside(base),
        sample_kind=survey.sample_kind,
        is_fictional=survey.is_fictional,
        analysed_at=run.finished_at if run else None,
        entries=entries,
        source_id="",
        language=language,
    )
    return msgspec.structs.replace(document, source_id=_source_id(plan, document))


def _source_id(plan: PlanView, document: PlanDocument) -> str:
    """A short id of the figures as they are printed: other figures, other id. Nothing that is not printed goes into it."""
    figures = [(entry.theme_id, entry.people, entry.share) for entry in document.entries]
    told = [plan.public_id, document.dates, document.responses, document.wrote, figures]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:12]


async def _entry(
    number: int, item: ItemView, theme: ThemeView, base: int, quotable: set[str], language: str
) -> PlanEntry:
    people, wrote = shown_outside(theme.people), shown_outside(base)
    statements = await statements_by_id(theme.public_quotes)
    allowed = [
        statements[key] for key in theme.public_quotes if key in statements and statements[key].response in quotable
    ] if people is not None else []
    chosen = allowed[:MOST_QUOTES]
    read = await readings([quote.id for quote in chosen], language)
    rendered = {key: view.text for key, view in read.items() if view.is_accepted and view.rendering_id is not None}
    return PlanEntry(
        number=number,
        theme_id=theme.public_id,
        theme=theme.name_in(language),
        category=theme.category,
        people=people,
        share=people / wrote if people is not None and wrote else None,
        quotes=[Quote(quote.text, quote.language, need_names(quote.needs, language), rendered.get(quote.id, "")) for quote in chosen],
        goal=item.goal,
        lead=item.lead,
        deadline=item.deadline,
        measure=item.measure,
    )
