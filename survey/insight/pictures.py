"""Which pictures a survey has: from what was counted to what each chart needs, in the words of one language. Draws nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from analysis.statistics.disclosure import rounded
from analysis.statistics.intervals import Design
from survey.accounts.queries import PopulationView, area_names, area_parents, population_figures
from survey.accounts.rules import lies_within
from survey.authoring.queries import SurveyView, form_of, survey_title
from survey.authoring.waves import find_wave
from survey.db.columns import to_json
from survey.i18n.speech import Speech
from survey.insight import findings
from survey.insight.charts.coverage import CoverageLine, draw_coverage
from survey.insight.charts.facilities import draw_facilities, draw_resources
from survey.insight.charts.frame import DrawnChart
from survey.insight.charts.groups import DifferenceLine, draw_groups
from survey.insight.charts.likert import LikertLine, draw_likert
from survey.insight.charts.priorities import Rated, draw_priorities
from survey.insight.charts.services import ServiceLine, Step, draw_services
from survey.insight.charts.waves import WaveLine, draw_waves
from survey.insight.charts.words import Facts
from survey.insight.facilities import counted_between, facility_use, resident_share_of, resources_per_1000
from survey.insight.rules import MOST_COMPARED, importance_pairs, likert_battery, services
from survey.insight.schemas import Figures
from survey.questionnaire.form import POINTS, Form, Question, Texts
from survey.questionnaire.values import OTHER
from survey.themes.queries import ThemeView, list_themes
from survey.themes.service import category_names
from survey.themes.states import ThemeState

DRAWING = 2
"""To be raised where charts look different although their figures are the same: then all are drawn again."""

RESIDENT = "resident"


class Benchmark(msgspec.Struct, frozen=True):
    """Printed figures of one source: who is counted, and area id (as text) to people."""

    group: str
    source: str
    as_of: dt.date
    people: dict[str, int]


class Material(msgspec.Struct, frozen=True):
    """What pictures and panels are made of, in no language yet."""

    survey: SurveyView
    form: Form
    figures: Figures
    themes: list[ThemeView]
    """Those that may be compared, the most people first."""
    benchmark: Benchmark | None
    wave: findings.WaveRule = findings.WaveRule(1)
    """Of the present wave."""

    @property
    def open_questions(self) -> list[str]:
        """Those about needs, by which waves are compared."""
        return [question.id for question in self.form.questions() if question.use == "needs"]


async def material_of(survey: SurveyView, figures: Figures) -> Material:
    themes = [t for t in await list_themes(survey.id) if t.state != ThemeState.DISMISSED and not t.is_rest]
    by_key = {str(theme.id): theme for theme in themes}
    return Material(
        survey=survey, form=await form_of(survey.version_id), figures=figures,
        themes=[by_key[key] for key in findings.largest(figures.themes, by_key)[:MOST_COMPARED]],
        benchmark=await benchmark_of(survey), wave=await wave_rule(survey),
    )  # fmt: skip


async def wave_rule(survey: SurveyView) -> findings.WaveRule:
    wave = await find_wave(survey, survey.wave)
    return findings.WaveRule(survey.wave, wave.minimum, wave.rise) if wave else findings.WaveRule(survey.wave)


async def benchmark_of(survey: SurveyView) -> Benchmark | None:
    """The newest printed figures of the foreign residents of at least two areas of the survey; none for units and organisations."""
    if survey.respondent_kind != RESIDENT:
        return None
    parents = await area_parents()
    sources: dict[tuple[dt.date, str], list[PopulationView]] = {}
    for figure in await population_figures():
        is_here = figure.area_id != survey.area_id and lies_within(figure.area_id, survey.area_id, parents)
        if figure.group == "foreign" and figure.people > 0 and is_here:
            sources.setdefault((figure.as_of, figure.source), []).append(figure)
    for (as_of, source), figures in sorted(sources.items(), reverse=True):
        if len(figures) > 1:
            return Benchmark("foreign", source, as_of, {str(figure.area_id): figure.people for figure in figures})
    return None


class Picture(msgspec.Struct, frozen=True):
    """`data_version` is a hash of all that the picture shows: another one means that it has to be drawn."""

    kind: str
    data_version: str
    draw: Callable[[], DrawnChart]


KINDS = ("themes", "groups", "waves", "importance", "services", "likert", "coverage", "facilities", "resources")
"""In the order in which a survey's findings are told."""


async def facts_of(material: Material, language: str) -> Facts:
    return Facts(
        survey=await survey_title(material.survey, language), dates=material.figures.dates,
        design=Design(material.survey.sample_kind), language=language, is_fictional=material.survey.is_fictional,
    )  # fmt: skip


async def planned_pictures(material: Material, language: str) -> list[Picture]:
    """All but the themes', which follows the newest analysis and people's decisions at once."""
    facts = await facts_of(material, language)
    areas = {str(key): name for key, name in (await area_names(language)).items()}
    return [
        *_of_themes(material, facts), *_of_scales(material, facts), *_of_places(material, facts, areas), *await _of_facilities(material, facts),
    ]  # fmt: skip


def _of_themes(material: Material, facts: Facts) -> Iterator[Picture]:
    figures, say = material.figures, facts.say
    names = {str(theme.id): theme.name_in(facts.language) for theme in material.themes}
    compared = _groups(figures, names, facts.language)
    if compared is not None:
        lines, bases = compared
        groups = (say.gettext("from outside mainland China"), say.gettext("from mainland China"))
        yield _picture("groups", [lines, groups, bases, facts], lambda: draw_groups(lines, groups=groups, bases=bases, facts=facts))
    if "wave" in figures.cuts and names and findings.are_comparable(figures, material.open_questions):
        waves, changed = findings.wave_lines(list(names), figures.cuts["wave"], material.wave.enough)
        if changed:
            wave_lines = [WaveLine(names[one.key], [p.share for p in one.parts], one.change, one.is_marked) for one in changed]
            sizes = [rounded(figures.cuts["wave"].wrote[wave]) or 0 for wave in waves]
            yield _picture("waves", [wave_lines, waves, sizes, facts], lambda: draw_waves(wave_lines, waves=waves, bases=sizes, facts=facts))


FEWEST_COMPARED = 3
"""Themes of which both groups may be told; where there are fewer, the groups are compared by category if that tells more."""


def _groups(figures: Figures, names: Mapping[str, str], language: str) -> tuple[list[DifferenceLine], tuple[int, int]] | None:
    """Those from the mainland beside all others, by theme, or by category where themes are too small for that; None if they are few."""
    cut = figures.cuts.get("origin")
    if cut is None:
        return None
    best: tuple[list[DifferenceLine], tuple[int, int]] | None = None
    most = -1
    for rows, labels in ((cut.themes, names), (cut.categories, category_names(language))):
        keys = [key for key in labels if key in rows]
        counts, bases, is_everybody = findings.by_origin({key: rows[key] for key in keys}, cut.wrote)
        found = findings.group_differences(keys, counts, bases, with_totals=is_everybody)
        if not found:
            continue
        found.sort(key=lambda one: (one.difference is None, -(one.difference.estimate if one.difference else 0), one.key))
        lines = [DifferenceLine(labels[one.key], one.first.share, one.second.share, one.difference, one.is_marked) for one in found]
        shown = sum(one.difference is not None for one in found)
        if shown > most:
            best, most = (lines, (rounded(bases[0]) or 0, rounded(bases[1]) or 0)), shown
        if shown >= FEWEST_COMPARED:
            break
    return best


def _of_scales(material: Material, facts: Facts) -> Iterator[Picture]:
    form, totals, say = material.form, material.figures.choices.total, facts.say
    pairs = importance_pairs(form)
    found = findings.priorities(pairs, totals)
    if found is not None:
        labels = {pair.key: label_of(pair.importance, facts.language, form) for pair in pairs}
        things = [
            Rated(labels[p.key], p.importance, p.satisfaction, p.people, p.by_mean, p.by_middle, p.is_certain) for p in found.placed
        ]
        borders, scale = (found.importance_line, found.satisfaction_line), found.scale
        yield _picture("importance", [things, borders, scale, facts], lambda: draw_priorities(things, lines=borders, scale=scale, facts=facts))
    people = rounded(material.figures.answers) or 0
    funnels = findings.funnels(services(form), totals)
    if funnels:
        questions = {service.key: service.aware for service in services(form)}
        lines = [
            ServiceLine(service_name(one.key, questions[one.key], form, say), *(Step(p.share, p.base) for p in (one.aware, one.unknown, one.used, one.unused, one.satisfied)))
            for one in funnels
        ]  # fmt: skip
        yield _picture("services", [lines, people, facts], lambda: draw_services(lines, people=people, facts=facts))
    battery = likert_battery(form)
    if battery is not None:
        opinions = findings.opinions([(item.id, item.points()) for item in battery.items], totals)
        if opinions:
            items = {item.id: item for item in battery.items}
            rows = [
                LikertLine(label_of(items[one.key], facts.language, form), one.low.base, one.low.share, one.middle.share, one.high.share, one.mean)
                for one in opinions
            ]
            first = battery.items[0]
            ends = (text_in(first.low_label or {}, facts.language, form), text_in(first.high_label or {}, facts.language, form))
            points = (first.points()[0], first.points()[-1])
            topic = text_in(battery.title, facts.language, form)
            yield _picture("likert", [rows, topic, ends, points, facts], lambda: draw_likert(rows, title_of=topic, ends=ends, points=points, facts=facts))


def _of_places(material: Material, facts: Facts, areas: Mapping[str, str]) -> Iterator[Picture]:
    benchmark = material.benchmark
    if benchmark is None:
        return
    found = findings.coverage(material.figures.places.answered, benchmark.people)
    if sum(len(one.areas) == 1 for one in found) < FEWEST_AREAS:
        return
    say = facts.say
    lines = [
        CoverageLine(
            areas[one.areas[0]] if len(one.areas) == 1
            else say.ngettext("%(n)s other subdistrict", "%(n)s other subdistricts", len(one.areas), n=say.number(len(one.areas))),
            one.answers.people, one.answers.share, one.population, one.population_share,
        )
        for one in found
    ]  # fmt: skip
    people = found[0].answers.base or 0
    who = say.gettext("People from outside mainland China")
    source, as_of = source_name(benchmark.source, say), benchmark.as_of
    yield _picture(
        "coverage", [lines, people, who, source, as_of, facts],
        lambda: draw_coverage(lines, people=people, who=who, source=source, as_of=as_of, facts=facts),
    )  # fmt: skip


async def _of_facilities(material: Material, facts: Facts) -> list[Picture]:
    """Use of the facilities in the survey's area, and how many there are for those who live there."""
    say, parents, home = facts.say, await area_parents(), material.survey.area_id
    areas = None if home is None else frozenset(area for area in parents if lies_within(area, home, parents))
    found = []
    used, share = await facility_use(areas, facts.language), await resident_share_of(areas)
    if any(one.visits for one in used):
        counted = await counted_between(areas)
        found.append(
            _picture("facilities", [used, share, counted, facts], lambda: draw_facilities(used, resident_share=share, facts=facts, counted=counted))
        )
    per_thousand = await resources_per_1000(areas, facts.language, say.gettext("other subdistricts"))
    # A register that has only been begun says nothing about where facilities are missing.
    if per_thousand is not None and sum(area.resources for area in per_thousand[0]) >= len(per_thousand[0]):
        lines, figure = per_thousand
        what, source, as_of = say.gettext("Facilities"), source_name(figure.source, say), figure.as_of
        found.append(
            _picture("resources", [lines, what, source, as_of, facts], lambda: draw_resources(lines, what=what, source=source, as_of=as_of, facts=facts))
        )
    return found


FEWEST_AREAS = 2
"""Areas that may be told by name; of fewer there is nothing to compare."""


def source_name(source: str, say: Speech) -> str:
    """A printed source in the reader's language where it is the one that ships."""
    if source.startswith("Wang Ming, Yang Li: table 1"):
        return say.gettext("Wang Ming and Yang Li, table 1, registered with the police, as printed")
    return source


def _picture(kind: str, shown: object, draw: Callable[[], DrawnChart]) -> Picture:
    return Picture(kind, version_of(kind, shown), draw)


def version_of(kind: str, shown: object) -> str:
    return hashlib.sha256(to_json([DRAWING, kind, shown]).encode()).hexdigest()


def label_of(question: Question, language: str, form: Form) -> str:
    """A question's words; of a cell of a matrix those of its row."""
    text = text_in(question.label, language, form)
    return text.rsplit(" · ", 1)[0] if "." in question.id else text


def full_label(question: Question, form: Form, say: Speech) -> str:
    """A question's words with what they lean on where the question stands alone: its service, or the title of its scales."""
    label = label_of(question, say.language, form)
    for service in services(form):
        if question.id in {service.used.id, service.satisfied.id}:
            return f"{service_name(service.key, service.aware, form, say)} · {label}"
    for section in form.sections:
        if question.type in POINTS and question.id.split(".")[0] in {one.id for one in section.questions}:
            return f"{text_in(section.title, say.language, form)} · {label}"
    return label


def answer_labels(item: Question, form: Form, say: Speech) -> dict[str, str]:
    """The answers to a question that are counted by people, in the form's order, in words; of a scale its points with the words at its ends."""
    if item.type in POINTS:
        ends = {item.points()[0]: item.low_label, item.points()[-1]: item.high_label}
        words = {point: text_in(texts, say.language, form) for point, texts in ends.items() if texts}
        return {str(point): f"{say.number(point)} ({words[point]})" if point in words else say.number(point) for point in item.points()}
    found = {choice.value: text_in(choice.label, say.language, form) for choice in item.choices}
    return found | ({OTHER: say.gettext("another answer")} if item.allow_other else {})


def text_in(texts: Texts, language: str, form: Form) -> str:
    text = texts.get(language) or texts.get(form.source_language) or next(iter(texts.values()), "")
    return re.sub(r"\$\{[^}]*\}", "…", text)


def service_name(key: str, question: Question, form: Form, say: Speech) -> str:
    """Services of the bundled item bank have short names; of others the question whether it is known stands."""
    known = {
        "health_centre": say.gettext("Community health centre"), "service_station": say.gettext("Community service station"),
        "library": say.gettext("Library or reading room"), "sports_rooms": say.gettext("Rooms for sports and activities"),
        "classes_events": say.gettext("Chinese classes and cultural events"), "registration": say.gettext("Help with residence registration"),
    }  # fmt: skip
    return known.get(key) or label_of(question, say.language, form)
