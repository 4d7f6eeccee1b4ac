"""The six panels of a survey, from what the worker counted: who, why, what, how far it holds, what to change, what is done.

As it may be told outside, the same as in the pictures: rounded, small groups counted together or hidden. So nothing here can be
set against the overview's exact numbers of another moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import msgspec

from analysis.statistics.disclosure import THRESHOLD, Pooled, pool_small, rounded
from analysis.statistics.intervals import Design, Interval
from survey import clock
from survey.accounts.queries import area_names
from survey.authoring.queries import SurveyView
from survey.db.transaction import read_transaction
from survey.i18n.languages import name_in
from survey.i18n.speech import Speech, speech
from survey.insight import findings
from survey.insight.charts.words import (
    margin_words,
    points_words,
    sample_words,
    weighted_interval_words,
    weighted_meaning,
)
from survey.insight.counting import CountedSurvey
from survey.insight.findings import Part, part
from survey.insight.invitations import response_rates
from survey.insight.left_out import Rate, Why, left_out_most, rate_of
from survey.insight.pictures import Material, label_of, material_of, source_name, text_in
from survey.insight.rules import OLD_AFTER, is_old, likert_battery
from survey.insight.service import FunnelRow, survey_funnel
from survey.insight.tables import Chart
from survey.outreach.invitations import list_batches
from survey.outreach.queries import list_channel_views
from survey.questionnaire.form import NUMBERS, Question
from survey.questionnaire.values import DONT_KNOW, OTHER, REFUSED
from survey.statements.delays import LONGER, TARGET, Delays, recent_delays
from survey.themes.queries import Progress, RunView, newest_run, review_progress
from survey.themes.service import category_names
from survey.themes.states import ThemeState

MOST_ROWS = 5


class Line(msgspec.Struct, frozen=True):
    """A name and a share, as the tables of panels have it."""

    name: str
    told: Part


class LanguageQuality(msgspec.Struct, frozen=True):
    """How much those who read one language left out, of the questions that they were shown."""

    name: str
    people: int
    ticked: Rate | None
    """Of choices, scales and rankings; None where there are none."""
    written: Rate | None
    """Of texts, numbers and days."""
    refused: Rate | None
    most: str
    """The question that most left out; empty where none may be told."""
    most_share: float | None


class WeightedLine(msgspec.Struct, frozen=True):
    name: str
    unweighted: float
    weighted: float
    interval: str | None = None
    """The limits of the weighted share in words, where the kind of sample has any."""


class WithoutLine(msgspec.Struct, frozen=True):
    name: str
    all_of: Part
    careful: Part


class Box(msgspec.Struct, frozen=True):
    """One source of error: what the system knows of it, and what nobody has assessed."""

    title: str
    known: list[str]
    not_assessed: list[str]


class Panels(msgspec.Struct, frozen=True):
    """What a page shows."""

    dates: tuple[dt.date, dt.date] | None
    is_old: bool
    old_after_days: int
    sample: str
    languages: Pooled[str]
    times: Pooled[str]
    origins: Pooled[str]
    areas: Pooled[str]
    categories: list[Line]
    funnel: list[FunnelRow]
    boxes: list[Box]
    by_language: list[LanguageQuality]
    not_assessed: list[str]
    """Questions of which nobody can tell how many left them out, each with the reason."""
    channel_effect: list[str] | None
    weighted: list[WeightedLine]
    weighted_words: list[str]
    without: list[WithoutLine]
    without_words: list[str]
    flags: dict[str, int | None]
    requests: list[tuple[str, int | None, list[Line]]]
    accepted: int
    waiting: int
    review: Progress
    offers: list[Line]


async def survey_panels(survey: SurveyView, counted: CountedSurvey, language: str) -> Panels:
    """Read and arrange everything; of a million answers it reads no more than of a hundred."""
    async with read_transaction(Chart):
        material = await material_of(survey, counted.figures)
        say, figures = speech("desk", language), counted.figures
        areas = {str(key): name for key, name in (await area_names(language)).items()}
        channels = {str(view.id): view.name for view in await list_channel_views(survey.id)}
        names = {str(theme.id): theme.name_in(language) for theme in material.themes}
        run = await newest_run(survey.id)
        funnel = await survey_funnel(survey.id)
        weighted, weighted_words = _weighted(material, names, say)
        without, without_words = _without(material, names, say)
        category = category_names(language)
        return Panels(
            dates=figures.dates,
            is_old=figures.dates is not None and is_old(figures.dates[1], clock.today()), old_after_days=OLD_AFTER.days,
            sample=sample_words(Design(survey.sample_kind), say),
            languages=_pooled(figures.cuts["language"].answered, lambda tag: name_in(tag, language)),
            times=_of_question(material, "time_in_beijing", say), origins=_of_question(material, "origin", say),
            areas=_pooled(figures.cuts["area"].answered, lambda key: areas.get(key, say.gettext("Area not known"))),
            categories=_lines({key: figures.categories.get(key, 0) for key in category}, category, figures.wrote),
            funnel=[_outside(row) for row in funnel], boxes=[box async for box in _boxes(material, run, funnel, say)],
            by_language=list(_by_language(material, say)), not_assessed=_not_assessed(material, say),
            channel_effect=_channel_effect(material, names, channels, say),
            weighted=weighted, weighted_words=weighted_words, without=without, without_words=without_words,
            flags={flag: rounded(n) for flag, n in sorted(figures.flags.items())},
            requests=_requests(material, names, language),
            accepted=sum(theme.state == ThemeState.ACCEPTED for theme in material.themes),
            waiting=sum(theme.state == ThemeState.PROPOSED for theme in material.themes),
            review=await review_progress(survey.id), offers=_offers(material, say),
        )  # fmt: skip


def _outside(row: FunnelRow) -> FunnelRow:
    return msgspec.structs.replace(row, **{stage: rounded(getattr(row, stage) or 0) for stage in ("opened", "started", "sent")})


def _pooled(counts: Mapping[str, int], name: Callable[[str], str]) -> Pooled[str]:
    """Under the names that people read, rounded; two values of one name are one group."""
    named: dict[str, int] = {}
    for key, n in counts.items():
        named[name(key)] = named.get(name(key), 0) + n
    found = pool_small(named)
    return Pooled({key: rounded(n) or 0 for key, n in found.shown.items()}, found.others, rounded(found.others_total) or 0, found.is_hidden)


def _of_question(material: Material, use: str, say: Speech) -> Pooled[str]:
    question = next((one for one in material.form.questions() if one.use == use), None)
    if question is None:
        return Pooled({}, [], 0)
    return _pooled(material.figures.choices.total.get(question.id, {}), _labels(question, material, say))


def _labels(question: Question, material: Material, say: Speech) -> Callable[[str], str]:
    own = {choice.value: text_in(choice.label, say.language, material.form) for choice in question.choices}
    known = {REFUSED: say.gettext("Prefer not to say"), DONT_KNOW: say.gettext("Do not know"), OTHER: say.gettext("Other")}
    return lambda key: own.get(key) or known.get(key) or key


def _lines(counts: Mapping[str, int], names: Mapping[str, str], base: int) -> list[Line]:
    """Those that may be told, the largest first."""
    enough = sorted((key for key, n in counts.items() if n >= THRESHOLD), key=lambda key: (-counts[key], names.get(key, key)))
    return [Line(names.get(key, key), part(counts[key], base)) for key in enough]


def _requests(material: Material, names: Mapping[str, str], language: str) -> list[tuple[str, int | None, list[Line]]]:
    """By open question after the first, which asks what is needed: how many wrote there, and the themes that most name."""
    cut = material.figures.questions
    found = []
    for question in material.form.open_questions()[1:]:
        wrote = cut.wrote.get(question.id, 0)
        counts = {theme: cut.themes.get(theme, {}).get(question.id, 0) for theme in names}
        found.append((label_of(question, language, material.form), rounded(wrote), _lines(counts, names, wrote)[:MOST_ROWS]))
    return found


def _offers(material: Material, say: Speech) -> list[Line]:
    question = next((one for one in material.form.questions() if one.use == "participation"), None)
    if question is None:
        return []
    label = _labels(question, material, say)
    counts = material.figures.choices.total.get(question.id, {})
    return _lines(counts, {key: label(key) for key in counts}, material.figures.answers)


# Validity and breadth


def _by_language(material: Material, say: Speech) -> Iterator[LanguageQuality]:
    """Languages of at least 30 people, in the order of their tags: none is ranked. Questions of the newest form."""
    items = {item.id: item for item in material.form.items()}
    written = [key for key, item in items.items() if _is_written(item)]
    ticked = [key for key in items if key not in written]
    answered = material.figures.cuts["language"].answered
    for tag, questions in sorted(material.figures.left_out.by_language.items()):
        people = answered.get(tag, 0)
        if people < findings.ENOUGH:
            continue
        most = left_out_most(questions, items)
        asked = {key: one for key, one in questions.items() if key in items}
        yield LanguageQuality(
            name_in(tag, say.language), rounded(people) or 0,
            rate_of([(asked[key].left_out, asked[key].asked) for key in ticked if key in asked]),
            rate_of([(asked[key].left_out, asked[key].asked) for key in written if key in asked]),
            rate_of([(one.refused, one.offered) for one in asked.values()]),
            _item_name(items[most[0]], material, say) if most else "", most[1].share if most else None,
        )  # fmt: skip


def _is_written(item: Question) -> bool:
    return item.is_text or item.type in NUMBERS or item.type == "date"


def _item_name(item: Question, material: Material, say: Speech) -> str:
    """Its words; where another reads the same, as scales of importance and of satisfaction do, with the title of its section."""
    form = material.form
    label = text_in(item.label, say.language, form)
    if item.is_text and item.id.endswith(f"_{OTHER}") and item.id not in {question.id for question in form.questions()}:
        return say.gettext("%(question)s (other, in words)", question=label)
    if sum(one.label == item.label for one in form.items()) == 1:
        return label
    titles = [section.title for section in form.sections for question in section.questions if item in question.items()]
    return " · ".join([*(text_in(title, say.language, form) for title in titles), label])


def _not_assessed(material: Material, say: Speech) -> list[str]:
    reasons = {
        Why.NOTHING_FITS: say.gettext("several may be ticked and no choice says that nothing fits, so that none ticked may be an answer"),
        Why.DAY: say.gettext("whether it was shown depended on the day"),
        Why.WORDS: say.gettext("whether it was shown depended on written words, which may have been masked since"),
    }
    found = material.figures.left_out.not_assessed
    return list(dict.fromkeys(
        say.gettext("“%(question)s”: %(reason)s", question=_item_name(item, material, say), reason=reasons[Why(found[item.id])])
        for item in material.form.items() if item.id in found
    ))  # fmt: skip


def _channel_effect(
    material: Material, names: Mapping[str, str], channels: Mapping[str, str], say: Speech
) -> list[str] | None:
    marks = material.figures.channels
    if marks is None:
        return None
    design = Design(material.survey.sample_kind)
    return [
        say.gettext(
            "“%(theme)s”: %(here)s of those who came by %(channel)s, %(elsewhere)s of all others (difference %(interval)s)",
            theme=names[mark.theme], here=say.percent(mark.here), elsewhere=say.percent(mark.elsewhere),
            channel=channels.get(mark.channel, say.gettext("no channel")),
            interval=points_words(Interval(*mark.difference), design, say),
        )
        for mark in marks
        if mark.theme in names
    ]  # fmt: skip


def _weighted(material: Material, names: Mapping[str, str], say: Speech) -> tuple[list[WeightedLine], list[str]]:
    """Shares as counted beside the same weighted by area; of themes that enough of those people named."""
    found = material.figures.weighting
    if found is None:
        return [], []
    design = Design(material.survey.sample_kind)

    def interval(key: str) -> str | None:
        limits = found.intervals.get(key)
        return None if limits is None else weighted_interval_words(Interval(found.shares[key][1], *limits), design, say)

    told = [
        WeightedLine(names[key], *found.shares[key], interval(key))
        for key in names
        if key in found.shares and found.shares[key][0] * found.people >= THRESHOLD
    ][:MOST_ROWS]
    words = [
        say.gettext(
            "Those who wrote and come from outside mainland China, weighted by subdistrict to the foreign residents registered in %(year)s (%(source)s).",
            year=str(found.as_of.year), source=source_name(found.source, say),
        ),
        say.gettext(
            "%(people)s people; the weights leave the information of %(n_eff)s (design effect %(deff)s).",
            people=say.number(rounded(found.people) or 0), n_eff=say.number(round(found.n_eff)), deff=say.number(round(found.deff, 2)),
        ),
        say.gettext("Weights mend only where people live, against figures that are old: they make no probability sample."),
    ]  # fmt: skip
    if found.collapsed:
        joined = sum(len(group) for group in found.collapsed)  # not which: few people wrote there
        words.append(say.gettext("%(n)s subdistricts were counted together with others, since few people wrote there.", n=joined))
    if found.trimmed:
        words.append(say.gettext("Weights above 5 times the mean were cut to that."))
    if any(line.interval for line in told):
        words += weighted_meaning(design, found.population, say)
    return told, words


def _without(material: Material, names: Mapping[str, str], say: Speech) -> tuple[list[WithoutLine], list[str]]:
    found = findings.with_and_without(material.figures, list(names)[:MOST_ROWS])
    if found is None:
        return [], [say.gettext("No answer bears a flag, or too few bear none to compare.")]
    words = [
        say.gettext("The three largest themes are the same in the same order, with and without the flagged answers.")
        if found.is_order_same
        else say.gettext("Without the flagged answers, the order of the three largest themes changes.")
    ]
    return [WithoutLine(names[key], all_of, careful) for key, all_of, careful in found.rows], words


async def _boxes(material: Material, run: RunView | None, funnel: list[FunnelRow], say: Speech) -> AsyncIterator[Box]:
    """The sources of error in a survey (Groves), each with what is known and what nobody has assessed."""
    survey, figures = material.survey, material.figures
    design = Design(survey.sample_kind)
    known: list[str] = []
    if material.benchmark is not None:
        reached = sum(figures.places.answered.get(area, 0) >= THRESHOLD for area in material.benchmark.people)
        known.append(
            say.gettext(
                "At least 10 people from outside mainland China answered in %(reached)s of %(areas)s subdistricts with figures of %(year)s.",
                reached=reached, areas=len(material.benchmark.people), year=str(material.benchmark.as_of.year),
            )
        )  # fmt: skip
    known.append(say.ngettext("The form is offered in %(n)s language.", "The form is offered in %(n)s languages.", len(material.form.languages), n=len(material.form.languages)))
    yield Box(say.gettext("Coverage"), known, [say.gettext("people without a phone, and those whom no poster or link reached")])
    margin = margin_words(design, max(figures.answers, 1), say)
    yield Box(say.gettext("Sampling"), [sample_words(design, say), *([margin] if margin else [])], [])
    yield await _nonresponse(material, funnel, say)
    yield _measurement(material, say)
    yield _processing(run, await recent_delays(survey.id), say)


async def _nonresponse(material: Material, funnel: list[FunnelRow], say: Speech) -> Box:
    survey = material.survey
    known: list[str] = []
    differs = say.gettext("whether those who did not answer differ")
    if survey.is_by_invitation:
        rates = response_rates(await list_batches(survey.id))
        if rates is not None and rates.rates.rr1 is not None:
            known.append(say.gettext("Response rate (AAPOR RR1): %(share)s of the invitations.", share=say.percent(rates.rates.rr1)))
        return Box(say.gettext("Non-response"), known, [differs])
    known.append(say.gettext("An open link has no response rate; shown are counts."))
    stages = [[getattr(row, stage) for row in funnel] for stage in ("opened", "started", "sent")]
    if all(None not in counts for counts in stages):
        opened, started, sent = (sum(counts) for counts in stages)
        if opened < sent:  # imported or entered at the desk: their pages were not counted
            return Box(say.gettext("Non-response"), known, [say.gettext("how many opened the page and did not answer"), differs])
        known.append(
            say.gettext("Pages opened: %(opened)s; forms begun: %(started)s; answers sent: %(sent)s.",
                        **{name: say.number(rounded(n) or 0) for name, n in (("opened", opened), ("started", started), ("sent", sent))})
        )  # fmt: skip
        if started >= findings.ENOUGH and sent <= started:
            known.append(say.gettext("%(share)s of the forms begun were not sent (break-off).", share=say.percent(1 - sent / started)))
    return Box(say.gettext("Non-response"), known, [differs])


def _measurement(material: Material, say: Speech) -> Box:
    known = []
    battery = likert_battery(material.form)
    for one in material.figures.reliability:
        if battery is None or one.battery != battery.key:
            continue
        topic, name = text_in(battery.title, say.language, material.form), name_in(one.language, say.language)
        numbers = {"alpha": _two(one.alpha[0], say), "low": _two(one.alpha[1], say), "high": _two(one.alpha[2], say)}
        people = say.number(rounded(one.people) or 0)
        if one.omega is not None:
            known.append(
                say.gettext("“%(topic)s” in %(language)s: alpha %(alpha)s (%(low)s to %(high)s by resampling), omega %(omega)s, n %(n)s.",
                            topic=topic, language=name, omega=_two(one.omega[0], say), n=people, **numbers)
            )  # fmt: skip
        else:
            known.append(
                say.gettext("“%(topic)s” in %(language)s: alpha %(alpha)s (%(low)s to %(high)s by resampling), n %(n)s.",
                            topic=topic, language=name, n=people, **numbers)
            )  # fmt: skip
    return Box(
        say.gettext("Measurement"), known,
        [say.gettext("whether the scales mean the same in every language: do not rank languages by their means"), say.gettext("a pretest of the questions")],
    )  # fmt: skip


def _two(number: float, say: Speech) -> str:
    return say.number(round(number, 2) + 0.0)  # no minus before a zero


def _processing(run: RunView | None, delays: Delays | None, say: Speech) -> Box:
    known, not_assessed = [], []
    if delays is not None and delays.batches >= THRESHOLD:
        known.append(_inbox_words(delays, say))
    else:
        not_assessed.append(say.gettext("the time from an answer to the inbox: fewer than 10 batches of answers came in the last 30 days"))
    if run is not None and run.figures.get("statements"):
        known.append(say.gettext("Sorted into themes by the program, of %(statements)s statements; %(share)s belong to no theme.",
                                 statements=say.number(rounded(run.figures["statements"]) or 0), share=say.percent(run.figures["unsorted"] / run.figures["statements"])))  # fmt: skip
        thin = [
            name_in(tag, say.language) for tag, one in sorted(run.figures.get("languages", {}).items())
            if one["statements"] >= findings.ENOUGH and one["unsorted"] / one["statements"] > _THIN
        ]  # fmt: skip
        if thin:
            known.append(say.gettext("More than a third belong to no theme in: %(languages)s.", languages=say.listed(thin)))
    return Box(
        say.gettext("Processing"), known,
        [*not_assessed, say.gettext("agreement of two people who sort the same statements"),
         say.gettext("the time from an answer to its reading: only the day of an answer is stored, so that nobody is recognised by it")],
    )  # fmt: skip


_THIN = 1 / 3


def _inbox_words(delays: Delays, say: Speech) -> str:
    numbers = {"share": say.percent(delays.within_target), "target": TARGET, "batches": say.number(rounded(delays.batches) or 0)}
    if delays.p95 == LONGER:
        return say.gettext(
            "From an answer to the inbox: more than an hour, or not known, for more than 5%% of %(batches)s batches of answers; %(share)s within %(target)s seconds (last 30 days).",
            **numbers,
        )
    return say.gettext(
        "From an answer to the inbox: at most %(seconds)s seconds for 95%% of %(batches)s batches of answers; %(share)s within %(target)s seconds (last 30 days).",
        seconds=say.number(delays.p95), **numbers,
    )
