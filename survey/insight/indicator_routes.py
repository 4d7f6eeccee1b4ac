"""The desk's pages of guidance indicators: read beside their own past, set, ordered, retired; and their file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from analysis.statistics.intervals import Design
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.queries import SurveyView, form_of, survey_title
from survey.errors import Conflict, InputInvalid
from survey.i18n.speech import Speech, speech
from survey.insight.charts.files import as_csv
from survey.insight.charts.frame import Cell, ChartTable, Column
from survey.insight.charts.words import (
    dates_words,
    hidden_words,
    interval_words,
    points_words,
    range_meaning,
    small_base_words,
    weakest,
)
from survey.insight.findings import Part
from survey.insight.indicator_figures import Direction, Standing, Target
from survey.insight.indicators import (
    LONGEST_NAME,
    LONGEST_TEXT,
    NAMED_IN,
    IndicatorDraft,
    IndicatorInvalid,
    IndicatorView,
    Read,
    Stretch,
    TooManyIndicators,
    create_indicator,
    edit_indicator,
    find_indicator,
    item_named,
    items_to_count,
    move,
    own_survey,
    own_surveys,
    read_indicators,
    set_active,
)
from survey.insight.pictures import answer_labels, full_label
from survey.insight.rules import usual_answers
from survey.questionnaire.form import Form, Question
from survey.web.forms import FormData, first, read_form, whole_number
from survey.web.pages import desk_language, download
from survey.web.request import WebRequest

MOST_OFFERED = 50
"""Surveys to make an indicator from, the newest ones."""


class PastLine(msgspec.Struct, frozen=True):
    """One value of the past, in words; `part` is what may be shown of it."""

    when: str
    dates: str
    part: Part
    range: str


class Card(msgspec.Struct, frozen=True):
    """An indicator as the page tells it. `past` has the newest first."""

    indicator: IndicatorView
    name: str
    formula: str
    source: str
    source_slug: str
    past: list[PastLine]
    target: str
    standing: Standing | None
    change: str
    is_beyond_chance: bool


class IndicatorsController(Controller):
    path = "/desk/indicators"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="insight.indicators", opt=needs(Right.THEMES))
    async def list_all(self, request: WebRequest) -> Response[bytes]:
        return await _list_page(request)

    @get("/table.csv", name="insight.indicators_file", opt=needs(Right.THEMES))
    async def file(self, request: WebRequest) -> Response[bytes]:
        """Every value of every active indicator, in the order that was set: this area alone, and nothing sorted by size."""
        language = desk_language(request)
        say = speech("desk", language)
        read, _ = await read_indicators(actor_of(request))
        table = _table([await _card(one, say) for one in read], _notes(read, say), say)
        version = hashlib.sha256(msgspec.json.encode([table.columns, table.rows])).hexdigest()
        content = as_csv(say.gettext("Guidance indicators"), table, data_version=version, language=language)
        return download(content, "text/csv", "indicators.csv")

    @get("/new", name="insight.new_indicator")
    async def new(self, request: WebRequest) -> Response[bytes]:
        """First a survey, then a question of it, then the rest: each is in the address, so that no script is needed."""
        actor, language = actor_of(request), desk_language(request)
        surveys = (await own_surveys(actor))[:MOST_OFFERED]
        slug = request.query_params.get("survey", "") or (surveys[0].slug if len(surveys) == 1 else "")
        survey = await own_survey(actor, slug) if slug else None
        if survey is None:
            offered = [(view.slug, await survey_title(view, language)) for view in surveys]
            return desk_page(request, "desk/indicator_question.html", here="indicators", source=None, offered=offered, questions=[])
        form, say = await form_of(survey.version_id), speech("desk", language)
        key = request.query_params.get("question", "")
        if not key:
            offered = [(survey.slug, await survey_title(survey, language))]
            questions = [(item.id, full_label(item, form, say)) for item in items_to_count(form)]
            return desk_page(request, "desk/indicator_question.html", here="indicators", source=survey, offered=offered, questions=questions)
        return await _form_page(request, None, survey, item_named(form, key), {"answers": usual_answers(item_named(form, key))})

    @post("/new", name="insight.create_indicator", status_code=303)
    async def create(self, request: WebRequest) -> Response[Any]:
        actor, fields = actor_of(request), await read_form(request)
        if not first(fields, "survey") or not first(fields, "question"):
            raise InputInvalid("Choose a survey and a question first.")
        survey = await own_survey(actor, first(fields, "survey"))
        item = item_named(await form_of(survey.version_id), first(fields, "question"))
        try:
            await create_indicator(_draft(fields), slug=survey.slug, question=item.id, most=_most(request), actor=actor)
        except IndicatorInvalid as invalid:
            return await _form_page(request, None, survey, item, fields, problems=invalid.problems, status=422)
        except TooManyIndicators:
            return await _form_page(request, None, survey, item, fields, is_full=True, status=409)
        return Redirect("/desk/indicators?done=created", status_code=303)

    @get("/{public_id:str}/edit", name="insight.indicator_form")
    async def edit_page(self, request: WebRequest, public_id: FromPath[str]) -> Response[bytes]:
        indicator = await find_indicator(public_id, actor_of(request))
        survey, item = await _source(request, indicator)
        return await _form_page(request, indicator, survey, item, _fields_of(indicator))

    @post("/{public_id:str}/edit", name="insight.edit_indicator", status_code=303)
    async def edit(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        actor = actor_of(request)
        indicator, fields = await find_indicator(public_id, actor), await read_form(request)
        survey, item = await _source(request, indicator)
        try:
            await edit_indicator(public_id, _draft(fields), seen=whole_number(first(fields, "seen"), 9) or 0, actor=actor)
        except IndicatorInvalid as invalid:
            return await _form_page(request, indicator, survey, item, fields, problems=invalid.problems, status=422)
        except Conflict:
            now = await find_indicator(public_id, actor)
            return await _form_page(request, now, survey, item, fields | {"seen": [str(now.revision)]}, is_conflict=True, status=409)
        return Redirect("/desk/indicators?done=saved", status_code=303)

    @post("/{public_id:str}/state", name="insight.indicator_state", status_code=303)
    async def change_state(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        actor = actor_of(request)
        await find_indicator(public_id, actor)
        change = first(await read_form(request), "change")
        if change not in {"retire", "bring_back"}:
            raise InputInvalid("An indicator can be retired or brought back.")
        try:
            await set_active(public_id, is_active=change == "bring_back", most=_most(request), actor=actor)
        except TooManyIndicators:
            return await _list_page(request, is_full=True, status=409)
        return Redirect(f"/desk/indicators?done={change}", status_code=303)

    @post("/{public_id:str}/move", name="insight.move_indicator", status_code=303)
    async def change_order(self, request: WebRequest, public_id: FromPath[str]) -> Redirect:
        await find_indicator(public_id, actor_of(request))
        steps = {"up": -1, "down": 1}.get(first(await read_form(request), "to"))
        if steps is None:
            raise InputInvalid("An indicator can be moved up or down.")
        await move(public_id, steps, actor=actor_of(request))
        return Redirect(f"/desk/indicators#{public_id}", status_code=303)


def _most(request: WebRequest) -> int:
    most: int = request.app.state.settings.indicators
    return most


async def _source(request: WebRequest, indicator: IndicatorView) -> tuple[SurveyView, Question]:
    for view in await own_surveys(actor_of(request)):
        if view.id == indicator.survey_id:
            return view, item_named(await form_of(view.version_id), indicator.question)
    raise InputInvalid("The survey of this indicator cannot be read any more. Retire the indicator.")


async def _list_page(request: WebRequest, *, is_full: bool = False, status: int = 200) -> Response[bytes]:
    language = desk_language(request)
    say, actor = speech("desk", language), actor_of(request)
    read, retired = await read_indicators(actor)
    cards = [await _card(one, say) for one in read]
    has_survey = bool(cards) or bool(await own_surveys(actor))
    return desk_page(
        request, "desk/indicators.html", here="indicators", status=status, cards=cards, retired=[(one, one.name_in(language)) for one in retired],
        most=_most(request), heading=_heading(cards, say), notes=_notes(read, say), is_full=is_full, has_survey=has_survey,
        done=request.query_params.get("done", ""),
    )  # fmt: skip


def _heading(cards: Sequence[Card], say: Speech) -> str:
    aimed = [card for card in cards if card.target]
    reached = sum(card.standing is Standing.REACHED for card in aimed)
    if aimed and reached:
        return say.ngettext(
            "%(n)s of our %(all)s targets is reached", "%(n)s of our %(all)s targets are reached", reached, n=say.number(reached),
            all=say.number(len(aimed)),
        )  # fmt: skip
    if aimed:
        return say.ngettext("Our %(n)s target is not certainly reached yet", "None of our %(n)s targets is certainly reached yet", len(aimed), n=say.number(len(aimed)))
    if cards:
        return say.ngettext("%(n)s guidance indicator, without a target", "%(n)s guidance indicators, without targets", len(cards), n=say.number(len(cards)))
    return say.gettext("No guidance indicators yet")


async def _card(one: Read, say: Speech) -> Card:
    change, beyond = "", False
    if one.change is not None and one.change.difference is not None and len(one.past) > 1:
        design = weakest(*(Design(stretch.survey.sample_kind) for stretch in one.past[-2:]))
        change, beyond = points_words(one.change.difference, design, say), one.change.is_marked
    return Card(
        indicator=one.indicator, name=one.indicator.name_in(say.language), formula=_formula(one.indicator, one.item, one.form, say),
        source=await survey_title(one.source, say.language), source_slug=one.source.slug,
        past=[await _past_line(stretch, say) for stretch in reversed(one.past)], target=target_words(one.indicator.target, say),
        standing=one.standing, change=change, is_beyond_chance=beyond,
    )  # fmt: skip


async def _past_line(stretch: Stretch, say: Speech) -> PastLine:
    title, part = await survey_title(stretch.survey, say.language), stretch.value.shown
    when = say.gettext("%(survey)s, wave %(wave)s", survey=title, wave=stretch.wave) if stretch.wave else title
    told = "" if part.interval is None else interval_words(part.interval, Design(stretch.survey.sample_kind), say)
    return PastLine(when, dates_words(stretch.dates, say) if stretch.dates else "", part, told)


def _formula(indicator: IndicatorView, item: Question | None, form: Form, say: Speech) -> str:
    if item is None:
        return say.gettext("The survey does not ask this question any more.")
    labels = answer_labels(item, form, say)
    return say.gettext(
        "People who answered “%(answers)s” ÷ people who answered the question “%(question)s”",
        answers=" / ".join(labels[key] for key in indicator.answers if key in labels), question=full_label(item, form, say),
    )  # fmt: skip


def target_words(target: Target | None, say: Speech) -> str:
    if target is None:
        return ""
    share = say.percent(target.percent / 100)
    at_least = target.direction is Direction.AT_LEAST
    return say.gettext("at least %(share)s", share=share) if at_least else say.gettext("at most %(share)s", share=share)


def _notes(read: Sequence[Read], say: Speech) -> list[str]:
    gettext = say.gettext
    notes = [
        gettext("These indicators are for our own work. They are not ranked, not compared with other areas, and no marks for anybody on the staff."),
        gettext("Other people answered each time, so a change is one between different people."),
    ]
    designs = [one.design for one in read if one.past]
    if designs:
        notes.append(range_meaning(weakest(*designs), say))
    return [*notes, hidden_words(say), small_base_words(say)]


def _table(cards: Sequence[Card], notes: list[str], say: Speech) -> ChartTable:
    gettext = say.gettext
    columns = [
        Column(gettext("Indicator")), Column(gettext("Purpose")), Column(gettext("Formula")), Column(gettext("Source survey")), Column(gettext("Caveat")),
        Column(gettext("Own target")), Column(gettext("Survey")), Column(gettext("Dates")), Column(gettext("People who answered"), "people"),
        Column(gettext("Share"), "share"), Column(gettext("Interval from"), "share"), Column(gettext("Interval to"), "share"),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for card in cards:
        one = card.indicator
        head: list[Cell] = [card.name, one.purpose, card.formula, card.source, one.caveat, card.target]
        for line in reversed(card.past):
            interval = line.part.interval
            rows.append([*head, line.when, line.dates, line.part.base, line.part.share, interval.low if interval else None, interval.high if interval else None])
        if not card.past:
            rows.append([*head, gettext("no value yet"), "", "", "", "", ""])
    return ChartTable(columns, rows, notes)


async def _form_page(
    request: WebRequest, indicator: IndicatorView | None, survey: SurveyView, item: Question, fields: FormData, *,
    problems: Mapping[str, str] | None = None, is_conflict: bool = False, is_full: bool = False, status: int = 200,
) -> Response[bytes]:  # fmt: skip
    language = desk_language(request)
    say, form = speech("desk", language), await form_of(survey.version_id)
    return desk_page(
        request, "desk/indicator_form.html", here="indicators", status=status, indicator=indicator, source=survey,
        source_title=await survey_title(survey, language), item=item, question=full_label(item, form, say), answers=answer_labels(item, form, say),
        typed=fields, first=first, problems=problems or {}, is_conflict=is_conflict, is_full=is_full, named_in=NAMED_IN, most=_most(request),
        longest_name=LONGEST_NAME, longest_text=LONGEST_TEXT, name=indicator.name_in(language) if indicator else "",
        targets=[(view, target_words(view.target, say)) for view in indicator.targets] if indicator else [],
    )  # fmt: skip


def _draft(fields: FormData) -> IndicatorDraft:
    return IndicatorDraft(
        names={tag: first(fields, f"name_{tag}") for tag in NAMED_IN}, purpose=first(fields, "purpose"), caveat=first(fields, "caveat"),
        answers=fields.get("answers", []), percent=first(fields, "percent"), direction=first(fields, "direction"),
    )  # fmt: skip


def _fields_of(indicator: IndicatorView) -> FormData:
    """A stored indicator as its form would send it."""
    target = indicator.target
    return {f"name_{tag}": [name] for tag, name in indicator.names.items()} | {
        "purpose": [indicator.purpose], "caveat": [indicator.caveat], "answers": indicator.answers, "seen": [str(indicator.revision)],
        "percent": [str(target.percent)] if target else [""], "direction": [target.direction if target else Direction.AT_LEAST],
    }  # fmt: skip
