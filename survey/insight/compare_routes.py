"""The desk's page on which two surveys stand beside each other, question by question, and its file."""

from __future__ import annotations

import hashlib

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from analysis.statistics.disclosure import THRESHOLD, rounded
from analysis.statistics.intervals import Design, Interval
from analysis.statistics.shares import Population
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.queries import area_names
from survey.accounts.rules import Right
from survey.authoring.access import reach_survey, reachable_surveys
from survey.authoring.queries import SurveyView, form_of, survey_title
from survey.authoring.service import core_parts
from survey.errors import InputInvalid
from survey.i18n.languages import name_in
from survey.i18n.speech import Speech, speech
from survey.insight.charts.files import as_csv
from survey.insight.charts.frame import Cell, ChartTable, Column
from survey.insight.charts.words import (
    Facts,
    points_words,
    range_meaning,
    rounding_words,
    sample_words,
    small_base_words,
    source_words,
    weakest,
)
from survey.insight.comparisons import ComparedAnswer, Comparison, Side, Why, compare
from survey.insight.counting import CountedSurvey, stored_figures
from survey.insight.findings import Part
from survey.insight.pictures import answer_labels, full_label
from survey.questionnaire.form import POINTS, Form, Question
from survey.web.pages import desk_language, download
from survey.web.request import WebRequest

MOST_OFFERED = 50
"""Surveys to choose from, the newest ones."""


class Line(msgspec.Struct, frozen=True):
    """One answer; `words` tells the difference with its limits, empty where there is none to tell."""

    answer: str
    first: Part
    second: Part
    difference: Interval | None
    is_marked: bool
    words: str


class Asked(msgspec.Struct, frozen=True):
    label: str
    is_core: bool
    bases: tuple[int | None, int | None]
    lines: list[Line]


class Found(msgspec.Struct, frozen=True):
    """Two surveys beside each other, in words."""

    title: str
    names: tuple[str, str]
    asked: list[Asked]
    left_out: list[tuple[str, list[str]]]
    """Why, and the questions that it is true of."""
    notes: list[str]
    data_version: str


class CompareController(Controller):
    path = "/desk/surveys/{slug:str}/compare"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="insight.compare", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        """Choose another survey, then read both; units are never set beside residents (S14)."""
        view = await reach_survey(actor_of(request), slug)
        wanted = request.query_params.get("with", "")
        other = await reach_survey(actor_of(request), wanted) if wanted else None
        language, problem, found = desk_language(request), "", None
        if not _is_of_residents(view) or (other is not None and not _is_of_residents(other)):
            problem = "units"
        elif other is not None and other.id == view.id:
            problem = "same"
        elif other is not None:
            counted = await stored_figures(view.id), await stored_figures(other.id)
            if counted[0] is None or counted[1] is None:
                problem = "not_counted"
            elif min(one.figures.answers for one in counted if one) < THRESHOLD:
                problem = "few"
            else:
                found = await _found((view, other), (counted[0], counted[1]), language)
        return desk_page(
            request, "desk/compare.html", here="surveys", survey=view, title=await survey_title(view, language), other=other,
            offered=await _offered(request, view), problem=problem, found=found, status={"units": 409, "same": 422}.get(problem, 200),
        )  # fmt: skip

    @get("/table.csv", name="insight.compare_file", opt=needs(Right.THEMES))
    async def file(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await reach_survey(actor_of(request), slug)
        wanted = request.query_params.get("with", "")
        if not wanted:
            raise InputInvalid("Choose the survey to compare with.")
        other, language = await reach_survey(actor_of(request), wanted), desk_language(request)
        counted = await stored_figures(view.id), await stored_figures(other.id)
        is_of_two = _is_of_residents(view) and _is_of_residents(other) and view.id != other.id
        if not is_of_two or counted[0] is None or counted[1] is None or min(one.figures.answers for one in counted if one) < THRESHOLD:
            raise InputInvalid("These two surveys cannot be compared.")
        found = await _found((view, other), (counted[0], counted[1]), language)
        content = as_csv(found.title, _table(found, speech("desk", language)), data_version=found.data_version, language=language)
        return download(content, "text/csv", f"{view.slug}-{other.slug}.csv")


def _is_of_residents(view: SurveyView) -> bool:
    return view.respondent_kind == Population.RESIDENT


async def _offered(request: WebRequest, view: SurveyView) -> list[tuple[str, str]]:
    """Opened surveys of residents that this person reaches, newest first, by slug with a name that tells them apart."""
    language = desk_language(request)
    reached = [one for one in await reachable_surveys(actor_of(request)) if one.id != view.id and one.opened_on and _is_of_residents(one)]
    areas = await area_names(language)
    return [(one.slug, await _name(one, language, areas)) for one in reached[:MOST_OFFERED]]


async def _name(view: SurveyView, language: str, areas: dict[int, str]) -> str:
    """`What does your neighbourhood need? · Wangjing (spring)`: many surveys have the bundled form's title."""
    return " · ".join(part for part in (await survey_title(view, language), areas.get(view.area_id or 0, "")) if part) + f" ({view.slug})"


async def _found(views: tuple[SurveyView, SurveyView], counted: tuple[CountedSurvey, CountedSurvey], language: str) -> Found:
    forms = await form_of(views[0].version_id), await form_of(views[1].version_id)
    sides = [
        Side(form, one.figures.choices.total, list(one.figures.wave_questions.values()), Population(view.respondent_kind))
        for view, form, one in zip(views, forms, counted, strict=True)
    ]
    comparison = compare(sides[0], sides[1])
    say, areas = speech("desk", language), await area_names(language)
    designs = [Design(view.sample_kind) for view in views]
    core = {question.id for question in core_parts(forms[0]).core}
    asked = [
        Asked(
            full_label(one.question, forms[0], say), one.question.id.split(".")[0] in core,
            (one.answers[0].found.first.base, one.answers[0].found.second.base),
            [_line(answer, one.question, forms[0], weakest(*designs), say) for answer in one.answers],
        )
        for one in comparison.questions
    ]  # fmt: skip
    facts = [
        Facts(await survey_title(view, language), one.figures.dates, design, language, view.is_fictional)
        for view, one, design in zip(views, counted, designs, strict=True)
    ]
    version = hashlib.sha256("".join([one.data_version for one in counted]).encode()).hexdigest()
    return Found(
        title=_title(comparison, say), names=(await _name(views[0], language, areas), await _name(views[1], language, areas)), asked=asked,
        left_out=_left_out(comparison, forms, say), notes=_notes(comparison, facts, counted, say), data_version=version,
    )  # fmt: skip


def _title(comparison: Comparison, say: Speech) -> str:
    if not comparison.questions:
        return say.gettext("The two surveys have no answers that can be compared")
    if not comparison.tested:
        return say.gettext("Too few people answered to say how the two surveys differ")
    if not comparison.marked:
        return say.gettext("No answer differs beyond chance between the two surveys")
    return say.ngettext(
        "Beyond chance, %(n)s of %(all)s answers differs between the two surveys",
        "Beyond chance, %(n)s of %(all)s answers differ between the two surveys",
        comparison.marked, n=say.number(comparison.marked), all=say.number(comparison.tested),
    )  # fmt: skip


def _line(answer: ComparedAnswer, question: Question, form: Form, design: Design, say: Speech) -> Line:
    difference = answer.found.difference
    words = "" if difference is None else points_words(difference, design, say)
    return Line(_answer(answer, question, form, say), answer.found.first, answer.found.second, difference, answer.found.is_marked, words)


def _answer(answer: ComparedAnswer, question: Question, form: Form, say: Speech) -> str:
    if question.type in POINTS:
        return say.gettext("%(low)s or more, of %(high)s", low=answer.answers[0], high=question.points()[-1])
    labels = answer_labels(question, form, say)
    names = [labels[key] for key in answer.answers]
    return say.gettext("counted together: %(answers)s", answers=say.listed(names)) if answer.is_rest else names[0]


def _left_out(comparison: Comparison, forms: tuple[Form, Form], say: Speech) -> list[tuple[str, list[str]]]:
    reasons = {
        Why.DIFFERS: say.gettext("they do not read the same in both surveys"),
        Why.CONDITION: say.gettext("they read the same, but were not asked of the same people"),
        Why.WAVES: say.gettext("they were changed from one wave to the next"),
        Why.ONLY_HERE: say.gettext("only this survey asks them"),
        Why.ONLY_THERE: say.gettext("only the other survey asks them"),
        Why.SEVERAL: say.gettext("several answers are allowed: counted is what was chosen, not by how many people"),
        Why.WORDS: say.gettext("they are answered in words, which the themes tell"),
        Why.NO_SHARES: say.gettext("a number, a date, a consent or a place has no shares"),
        Why.FEW: say.gettext("too few people are behind an answer"),
    }
    found: list[tuple[str, list[str]]] = []
    for why, words in reasons.items():
        form = forms[1] if why is Why.ONLY_THERE else forms[0]
        labels = [full_label(one.question, form, say) for one in comparison.left_out if one.why is why]
        if labels:
            found.append((words, labels))
    return found


def _notes(
    comparison: Comparison, facts: list[Facts], counted: tuple[CountedSurvey, CountedSurvey], say: Speech
) -> list[str]:
    designs = list(dict.fromkeys(one.design for one in facts))
    both = say.listed([name_in(tag, say.language) for tag in comparison.languages])
    notes = [
        *(source_words(one, rounded(count.figures.answers) or 0) for one, count in zip(facts, counted, strict=True)),
        *(sample_words(design, say) for design in designs),
        say.gettext("Counted on %(days)s.", days=say.listed(dict.fromkeys(say.date(one.counted_on) for one in counted))),
        say.gettext("Other people answered each survey, and other people can be why answers differ: this is no mark for anybody, and nothing is ranked."),
        say.gettext("Shares are of those who gave an answer to the question. Differences are the first survey less the second, in percentage points."),
    ]
    if both:
        notes.append(say.gettext("Compared is what reads the same in every language that both surveys have: %(languages)s.", languages=both))
    if comparison.tested:
        notes += [
            say.gettext("Marked is a difference of 5 points or more that is beyond chance (Benjamini-Hochberg: at most 5%% of the marked ones are false, on average). Fewer than 30 people are not tested."),
            range_meaning(weakest(*designs), say),
        ]
    return [*notes, rounding_words(say), small_base_words(say)]


def _table(found: Found, say: Speech) -> ChartTable:
    gettext = say.gettext
    columns = [Column(gettext("Question")), Column(gettext("Core or local")), Column(gettext("Answer"))]
    for name in found.names:
        columns += [Column(gettext("%(survey)s: share", survey=name), "share"), Column(gettext("%(survey)s: people asked", survey=name), "people")]
    columns += [
        Column(gettext("Difference"), "points"), Column(gettext("Interval from"), "points"), Column(gettext("Interval to"), "points"),
        Column(gettext("Beyond chance")),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for asked in found.asked:
        for line in asked.lines:
            limits: list[Cell] = [None, None, None]
            if line.difference is not None:
                limits = [line.difference.estimate, line.difference.low, line.difference.high]
            told = gettext("not tested") if line.difference is None else gettext("yes") if line.is_marked else gettext("no")
            rows.append([
                asked.label, gettext("core") if asked.is_core else gettext("local"), line.answer, line.first.share, asked.bases[0],
                line.second.share, asked.bases[1], *limits, told,
            ])  # fmt: skip
    why = [gettext("Not compared because %(reason)s: %(questions)s", reason=reason, questions="; ".join(labels)) for reason, labels in found.left_out]
    return ChartTable(columns, rows, [*found.notes, *why])
