"""Guidance indicators: few, set by a body for itself, told beside its own past alone (S33). Kept, changed, and read from what the worker counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from analysis.statistics.intervals import Design
from survey import clock
from survey.accounts.rules import Actor
from survey.audit.service import record_act
from survey.authoring.access import reach_survey, reachable_surveys
from survey.authoring.queries import SurveyView, form_of
from survey.db.columns import from_json, to_json
from survey.db.ids import new_public_id
from survey.db.transaction import read_transaction, write_transaction
from survey.errors import Conflict, InputInvalid, NotFound
from survey.insight.comparisons import counted_items, reasons_against
from survey.insight.findings import GroupDifference
from survey.insight.indicator_figures import Direction, Standing, Target, Value, changes, standing, values_of
from survey.insight.rules import possible_answers
from survey.insight.tables import Indicator, IndicatorTarget, SurveyFigures
from survey.questionnaire.form import Form, Question
from survey.questionnaire.sameness import fingerprint

LONGEST_NAME = 120
LONGEST_TEXT = 500
NAMED_IN = ("zh-Hans", "en")

MOST_SURVEYS = 8
"""The newest surveys of an area from which the past of its indicators is told."""


class TargetView(msgspec.Struct, frozen=True):
    """A target as it was set, None where it was taken away; who did, and when."""

    target: Target | None
    name: str
    role: str
    set_at: dt.datetime


class IndicatorView(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    public_id: str
    area_id: int | None
    place: int
    survey_id: int
    question: str
    answers: list[str]
    names: dict[str, str]
    purpose: str
    caveat: str
    is_active: bool
    revision: int
    targets: list[TargetView] = []
    """Every target that was ever set, the newest first."""

    @property
    def target(self) -> Target | None:
        return self.targets[0].target if self.targets else None

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names["zh-Hans"]


class IndicatorDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator as somebody typed it, everything as text."""

    names: dict[str, str]
    purpose: str
    caveat: str
    answers: list[str]
    percent: str
    direction: str


class IndicatorInvalid(InputInvalid):
    """`problems` has, by field of the form, what is wrong: needed, too_long, unknown, all, percent."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


class TooManyIndicators(Conflict):
    """There are as many as there may be: one has to be retired before another one comes."""


# Reading


async def list_indicators(actor: Actor) -> list[IndicatorView]:
    """All of the area of this person's role and of no other, in the order that was set; retired ones too."""
    rows = await Indicator.select().where(_of_area(actor)).order_by(Indicator.place).order_by(Indicator.id)
    targets: dict[int, list[TargetView]] = {row["id"]: [] for row in rows}
    if targets:
        for row in await IndicatorTarget.select().where(IndicatorTarget.indicator.is_in(list(targets))).order_by(IndicatorTarget.id, ascending=False):
            target = None if row["percent"] is None else Target(row["percent"], Direction(row["direction"]))
            targets[row["indicator"]].append(TargetView(target, row["name"], row["role"], row["set_at"]))
    return [
        IndicatorView(
            id=row["id"], public_id=row["public_id"], area_id=row["area"], place=row["place"], survey_id=row["survey"], question=row["question"],
            answers=from_json(row["answers"], list[str]), names=from_json(row["names"], dict[str, str]), purpose=row["purpose"],
            caveat=row["caveat"], is_active=bool(row["is_active"]), revision=row["revision"], targets=targets[row["id"]],
        )
        for row in rows
    ]  # fmt: skip


async def find_indicator(public_id: str, actor: Actor) -> IndicatorView:
    """Raise NotFound for one that is not there, and for one of another area alike: a target is a body's own."""
    found = [one for one in await list_indicators(actor) if one.public_id == public_id]
    if not found:
        raise NotFound("There is no such indicator.")
    return found[0]


def _of_area(actor: Actor) -> Any:
    return Indicator.area.is_null() if actor.area_id is None else Indicator.area == actor.area_id


async def own_surveys(actor: Actor) -> list[SurveyView]:
    """Opened surveys of residents of exactly this area, newest first: those of a part of it tell of another body."""
    return [
        view
        for view in await reachable_surveys(actor)
        if view.area_id == actor.area_id and view.opened_on is not None and view.respondent_kind == "resident"
    ]


async def own_survey(actor: Actor, slug: str) -> SurveyView:
    view = await reach_survey(actor, slug)
    if view.id not in {one.id for one in await own_surveys(actor)}:
        raise NotFound(f"There is no survey named {slug}.")
    return view


def items_to_count(form: Form) -> list[Question]:
    """The single questions of which an indicator can be made, in the form's order."""
    return [item for question in form.questions() for item in counted_items(question)]


def item_named(form: Form, key: str) -> Question:
    item = _item(key, form)
    if item is None:
        raise NotFound("There is no such question.")
    return item


class Stretch(msgspec.Struct, frozen=True):
    """One value in the past of an indicator: of which survey, and which wave where the survey has several."""

    survey: SurveyView
    wave: str
    dates: tuple[dt.date, dt.date] | None
    value: Value


class Read(msgspec.Struct, frozen=True):
    """An indicator with its past, the newest value last. `standing` and `change` are of the newest."""

    indicator: IndicatorView
    source: SurveyView
    form: Form
    item: Question | None
    """None where the source survey does not ask the question any more, which only a draft can come to."""
    past: list[Stretch]
    standing: Standing | None
    change: GroupDifference | None

    @property
    def design(self) -> Design:
        return Design(self.past[-1].survey.sample_kind if self.past else self.source.sample_kind)


class _Answers(msgspec.Struct):
    by_wave: dict[str, dict[str, dict[str, int]]] = {}


class _Counted(msgspec.Struct):
    """What indicators need of a survey's figures (schemas.Figures); the rest is skipped undecoded."""

    dates: tuple[dt.date, dt.date] | None = None
    choices: _Answers = msgspec.field(default_factory=_Answers)
    wave_questions: dict[str, dict[str, str]] = {}


async def read_indicators(actor: Actor) -> tuple[list[Read], list[IndicatorView]]:
    """The active indicators of this person's area with their past, and the retired ones."""
    async with read_transaction(Indicator):
        indicators = await list_indicators(actor)
        surveys = await own_surveys(actor)
        newest = sorted(surveys, key=lambda view: (view.opened_on or dt.date.min, view.id))[-MOST_SURVEYS:]
        sources = {view.id: view for view in surveys}
        forms = {view.id: await form_of(view.version_id) for view in surveys if view in newest or view.id in {i.survey_id for i in indicators}}
        counted: dict[int, _Counted] = {}
        if newest:
            columns = (SurveyFigures.survey, SurveyFigures.data)
            for row in await SurveyFigures.select(*columns).where(SurveyFigures.survey.is_in([view.id for view in newest])):
                counted[row["survey"]] = from_json(row["data"], _Counted)
    active = [one for one in indicators if one.is_active and one.survey_id in sources]
    pasts = {one.public_id: _past(one, newest, forms, counted) for one in active}
    changed = changes({key: [stretch.value for stretch in past] for key, past in pasts.items()})
    return [
        Read(
            one, sources[one.survey_id], forms[one.survey_id], _item(one.question, forms[one.survey_id]), pasts[one.public_id],
            standing(pasts[one.public_id][-1].value.shown, one.target) if pasts[one.public_id] else None, changed.get(one.public_id),
        )
        for one in active
    ], [one for one in indicators if not one.is_active]  # fmt: skip


def _item(key: str, form: Form) -> Question | None:
    return next((item for item in items_to_count(form) if item.id == key), None)


def _past(indicator: IndicatorView, surveys: Sequence[SurveyView], forms: Mapping[int, Form], counted: Mapping[int, _Counted]) -> list[Stretch]:
    """Of each survey that asks the same of the same people, and of each of its waves in which the question read as in its newest form."""
    source = forms[indicator.survey_id]
    key = indicator.question.split(".")[0]
    found = []
    for view in surveys:
        form, figures = forms[view.id], counted.get(view.id)
        item = _item(indicator.question, form)
        if figures is None or item is None or reasons_against(source, form).get(key) is not None:
            continue
        [question] = [question for question in form.questions() if question.id == key]
        kept = {wave for wave, prints in figures.wave_questions.items() if prints.get(key) == fingerprint(question)}
        by_wave = {wave: counts.get(item.id, {}) for wave, counts in figures.choices.by_wave.items()}
        found += [
            Stretch(view, value.wave if len(by_wave) > 1 else "", figures.dates, value)
            for value in values_of(by_wave, item, indicator.answers)
            if value.wave in kept
        ]
    return found


# Changing


async def create_indicator(draft: IndicatorDraft, *, slug: str, question: str, most: int, actor: Actor) -> str:
    """Add one at the end. Raise IndicatorInvalid for what is none yet, and TooManyIndicators where `most` are active."""
    survey = await own_survey(actor, slug)
    values, target = _checked(draft, item_named(await form_of(survey.version_id), question))
    async with write_transaction(Indicator):
        known = await list_indicators(actor)
        _require_room(known, most)
        public_id = new_public_id()
        place = max((one.place for one in known), default=0) + 1
        rows = await Indicator.insert(
            Indicator(public_id=public_id, area=actor.area_id, place=place, survey=survey.id, question=question, **values)
        ).returning(Indicator.id)
        if target is not None:
            await _set_target(rows[0]["id"], target, actor)
        await _record(actor, "created", public_id, {"question": question, **values})
    return public_id


async def edit_indicator(public_id: str, draft: IndicatorDraft, *, seen: int, actor: Actor) -> None:
    """Raise Conflict where somebody changed it since it was shown as `seen`. The question stays: another one makes another indicator."""
    known = await find_indicator(public_id, actor)
    survey = next((view for view in await own_surveys(actor) if view.id == known.survey_id), None)
    if survey is None:
        raise NotFound("There is no such indicator.")
    values, target = _checked(draft, item_named(await form_of(survey.version_id), known.question))
    async with write_transaction(Indicator):
        now = await find_indicator(public_id, actor)
        if now.revision != seen:
            raise Conflict("Somebody else changed this indicator in the meantime.")
        changed = {getattr(Indicator, name): value for name, value in values.items()}
        await Indicator.update({**changed, Indicator.revision: seen + 1}).where(Indicator.id == now.id)
        if target != now.target:
            await _set_target(now.id, target, actor)
        await _record(actor, "edited", public_id, values | ({} if target == now.target else {"target": target.percent if target else None}))


async def set_active(public_id: str, *, is_active: bool, most: int, actor: Actor) -> None:
    """Retire one, or bring it back, if there is room: its past and its targets stay."""
    async with write_transaction(Indicator):
        now = await find_indicator(public_id, actor)
        if now.is_active == is_active:
            return
        if is_active:
            _require_room(await list_indicators(actor), most)
        await Indicator.update({Indicator.is_active: is_active}).where(Indicator.id == now.id)
        await _record(actor, "brought_back" if is_active else "retired", public_id, {})


async def move(public_id: str, steps: int, *, actor: Actor) -> None:
    """Change places with the next active one above (-1) or below (1); at the end nothing happens."""
    async with write_transaction(Indicator):
        found = await find_indicator(public_id, actor)
        order = [one for one in await list_indicators(actor) if one.is_active]
        place = next((place for place, one in enumerate(order) if one.id == found.id), None)
        if place is None or steps not in {-1, 1} or not 0 <= place + steps < len(order):
            return
        other = order[place + steps]
        await Indicator.update({Indicator.place: other.place}).where(Indicator.id == found.id)
        await Indicator.update({Indicator.place: found.place}).where(Indicator.id == other.id)


def _require_room(known: Sequence[IndicatorView], most: int) -> None:
    if sum(one.is_active for one in known) >= most:
        raise TooManyIndicators(f"There are {most} indicators already. Retire one first: few indicators are ones that somebody can act on.")


def _checked(draft: IndicatorDraft, item: Question) -> tuple[dict[str, Any], Target | None]:
    problems: dict[str, str] = {}
    names = {tag: " ".join(draft.names.get(tag, "").split()) for tag in NAMED_IN}
    texts = {"purpose": draft.purpose.strip(), "caveat": draft.caveat.strip()}
    for field, text, longest in [*((f"name_{tag}", name, LONGEST_NAME) for tag, name in names.items()), *((f, t, LONGEST_TEXT) for f, t in texts.items())]:
        if not text or len(text) > longest:
            problems[field] = "too_long" if text else "needed"
    possible = possible_answers(item)
    answers = [key for key in possible if key in draft.answers]
    if set(draft.answers) - set(possible):
        problems["answers"] = "unknown"
    elif not answers or len(answers) == len(possible):
        problems["answers"] = "all" if answers else "needed"
    target = _target(draft)
    if draft.percent and target is None:
        problems["percent"] = "percent"
    if problems:
        raise IndicatorInvalid(problems)
    return {"names": to_json(names), "answers": to_json(answers), **texts}, target


def _target(draft: IndicatorDraft) -> Target | None:
    text = draft.percent
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= 100) or draft.direction not in set(Direction):
        return None
    return Target(int(text), Direction(draft.direction))


async def _set_target(indicator: int, target: Target | None, actor: Actor) -> None:
    await IndicatorTarget.insert(
        IndicatorTarget(
            indicator=indicator, percent=target.percent if target else None, direction=target.direction if target else Direction.AT_LEAST,
            name=actor.name, role=actor.role, set_at=clock.now(),
        )
    )  # fmt: skip


async def _record(actor: Actor, action: str, subject: str, data: dict[str, Any]) -> None:
    await record_act(actor=actor.name, role=actor.role, action=f"indicator.{action}", subject=f"indicator:{subject}", data=data)
