"""What the numbers of a survey say: counts that may be shown, and the charts that the worker draws."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from analysis.statistics.disclosure import THRESHOLD, Pooled, exact, merge_neighbours, pool_small, rounded
from analysis.statistics.intervals import Design
from analysis.statistics.shares import Population
from survey import clock
from survey.accounts.queries import area_names
from survey.authoring.queries import find_survey_by_id, survey_title
from survey.db.columns import from_json, to_json
from survey.db.transaction import read_transaction, write_transaction
from survey.fonts import has_cjk_font
from survey.i18n.catalogs import DESK_LANGUAGES
from survey.insight import findings
from survey.insight.charts.frame import ChartTable, DrawnChart
from survey.insight.charts.themes import ThemeBar, draw_themes
from survey.insight.counting import count_survey, store_figures, stored_figures
from survey.insight.pictures import KINDS, Material, Picture, facts_of, material_of, planned_pictures, version_of
from survey.insight.rules import IMPORTANCE, MOST_COMPARED, importance_pairs, should_count_again
from survey.insight.tables import Chart
from survey.insight.wave_alerts import alerts_in_words
from survey.jobs.kinds import DRAW_CHARTS, about_survey
from survey.jobs.service import enqueue, forget_failures
from survey.outreach.queries import ChannelView, channels_of_partner, list_channel_views, stage_counts
from survey.outreach.rules import Stage
from survey.responses.queries import (
    channel_counts_by_language,
    count_responses,
    counts_by_area,
    counts_by_channel,
    counts_by_day,
    counts_by_flag,
    counts_by_language,
    field_dates,
)
from survey.themes.alerts import keep_alerts
from survey.themes.queries import ThemeView, list_themes, newest_run
from survey.themes.schemas import Groups
from survey.themes.service import keep_groups
from survey.themes.states import ThemeState

AsyncReport = Callable[[int, int, str], Coroutine[Any, Any, None]]
"""Called with steps done, steps in all and the step's name."""


class Overview(msgspec.Struct, frozen=True):
    """Counts of one survey, pooled so that no group below the threshold can be read. Areas by name."""

    total: int
    dates: tuple[dt.date, dt.date] | None
    languages: Pooled[str]
    areas: Pooled[str]
    days: list[tuple[dt.date, dt.date, int]]
    flags: dict[str, int | None]
    """Answers with each sign of carelessness; None stands for fewer than ten."""


async def survey_overview(survey_id: int, language: str, unknown_area: str) -> Overview:
    """Read the counts from the tallies. `unknown_area` is the word for answers without a known area."""
    async with read_transaction(Chart):
        names = await area_names(language)
        areas = {names.get(key, unknown_area): n for key, n in (await counts_by_area(survey_id)).items()}
        days = await counts_by_day(survey_id)
        return Overview(
            total=await count_responses(survey_id),
            dates=(days[0][0], days[-1][0]) if days else None,
            languages=pool_small(await counts_by_language(survey_id)),
            areas=pool_small(areas),
            days=merge_neighbours(days),
            flags={flag: exact(people) for flag, people in sorted((await counts_by_flag(survey_id)).items())},
        )


class PartnerRow(msgspec.Struct, frozen=True):
    """One channel of a partner. Numbers are rounded to 5, None stands for fewer than ten."""

    channel: ChannelView
    title: str
    is_open: bool
    is_fictional: bool
    sent: int | None
    languages: dict[str, int]
    others: int
    """People in languages that are too rare to be told, rounded."""
    everybody: int | None
    """None also where fewer than ten came by other ways than this partner's: the difference would tell of them."""
    dates: tuple[dt.date, dt.date] | None


async def partner_totals(account_id: int, language: str) -> list[PartnerRow]:
    """What a partner may know of each of their channels: totals, and nothing that could be one person's (S20)."""
    rows = []
    async with read_transaction(Chart):
        channels = await channels_of_partner(account_id)
        own: dict[int, int] = defaultdict(int)
        reached = {channel.id: await channel_counts_by_language(channel.survey_id, channel.id) for channel in channels}
        for channel in channels:
            own[channel.survey_id] += sum(reached[channel.id].values())
        for channel in channels:
            view = await find_survey_by_id(channel.survey_id)
            counts, everybody = reached[channel.id], await count_responses(view.id)
            pooled = pool_small(counts)
            rows.append(
                PartnerRow(
                    channel=channel, title=await survey_title(view, language), is_open=view.is_open,
                    is_fictional=view.is_fictional, sent=shown_outside(sum(counts.values())),
                    languages={tag: shown_outside(n) or 0 for tag, n in pooled.shown.items() if not pooled.is_hidden and n >= THRESHOLD},
                    others=shown_outside(pooled.others_total) or 0, everybody=shown_outside(everybody) if everybody - own[view.id] >= THRESHOLD else None,
                    dates=await field_dates(view.id),
                )
            )  # fmt: skip
    return rows


class FunnelRow(msgspec.Struct, frozen=True):
    """A channel, or None for who came without one; how far they got, each number None where it is too small to be told.

    `sent` is None for what a small one would follow from as well: all answers are told elsewhere.
    """

    channel: ChannelView | None
    opened: int | None
    started: int | None
    sent: int | None


async def survey_funnel(survey_id: int) -> list[FunnelRow]:
    """Every channel, and what came without one where there was something, in the order in which channels were added."""
    async with read_transaction(Chart):
        views = await list_channel_views(survey_id)
        reached, sent = await stage_counts(survey_id), await counts_by_channel(survey_id)
    ways: list[tuple[int, ChannelView | None]] = [(view.id, view) for view in views]
    if 0 in reached or 0 in sent:
        ways.append((0, None))
    told = pool_small({key: sent.get(key, 0) for key, _ in ways}).shown
    return [
        FunnelRow(
            channel=view, opened=exact(reached.get(key, {}).get(Stage.OPENED, 0)),
            started=exact(reached.get(key, {}).get(Stage.STARTED, 0)), sent=told.get(key) if sent.get(key) else 0,
        )
        for key, view in ways
    ]  # fmt: skip


def shown_outside(people: int) -> int | None:
    """A count as it may leave the house: rounded to 5, None below the threshold."""
    return rounded(people)


class ChartView(msgspec.Struct, frozen=True):
    """`table` is None for a picture drawn before tables were kept."""

    kind: str
    title: str
    description: str
    svg: str
    png: bytes | None
    data_version: str
    table: ChartTable | None


async def find_chart(survey_id: int, kind: str, language: str) -> ChartView | None:
    found = await _charts((Chart.survey == survey_id) & (Chart.kind == kind) & (Chart.language == language))
    return found[0] if found else None


async def list_charts(survey_id: int, language: str) -> dict[str, ChartView]:
    """By kind, in the order in which findings are told, without their pictures: a page names them by address."""
    columns = [Chart.kind, Chart.title, Chart.description, Chart.data_version, Chart.rows]
    rows = await Chart.select(*columns).where((Chart.survey == survey_id) & (Chart.language == language))
    found = {row["kind"]: _chart({**row, "svg": "", "png": None}) for row in rows}
    return {kind: found[kind] for kind in KINDS if kind in found}


async def _charts(where: Any) -> list[ChartView]:
    return [_chart(row) for row in await Chart.select().where(where)]


def _chart(row: dict[str, Any]) -> ChartView:
    return ChartView(
        kind=row["kind"], title=row["title"], description=row["description"], svg=row["svg"],
        png=bytes(row["png"]) if row["png"] else None, data_version=row["data_version"],
        table=from_json(row["rows"], ChartTable) if row["rows"] else None,
    )  # fmt: skip


async def themes_version(survey_id: int) -> str:
    """A hash of the figures in the themes' chart: another hash means that it is out of date."""
    bars = [(t.public_id, t.names, t.people, t.state) for t in _charted(await list_themes(survey_id))]
    run = await newest_run(survey_id)
    return version_of("themes", [bars, run.figures if run else {}])


async def count_if_grown(survey_id: int) -> None:
    """Ask for a new count where there are many more answers than the last one knew, or newer ones than of its day."""
    counted, answers = await stored_figures(survey_id), await count_responses(survey_id)
    if answers and (
        counted is None
        or should_count_again(
            counted=counted.figures.answers, counted_on=counted.counted_on, answers=answers, today=clock.today()
        )
    ):
        await ask_for_charts(survey_id)


async def ask_for_charts(survey_id: int) -> None:
    """Queue the count and its charts for the worker."""
    async with write_transaction(Chart):
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))


async def count_again(survey_id: int) -> Material:
    """Count a survey anew and store what it comes to."""
    figures = await count_survey(survey_id)
    material = await material_of(await find_survey_by_id(survey_id), figures)
    themes = [str(theme.id) for theme in material.themes]
    figures.channels = findings.channel_marks(themes, figures.cuts["channel"])
    benchmark = material.benchmark
    if benchmark is not None:
        # A thousand resamples take a moment: beside the event loop.
        figures.weighting = await asyncio.to_thread(
            findings.weighting, figures.places, benchmark.people, source=benchmark.source, as_of=benchmark.as_of,
            kind=Population.RESIDENT, themes=themes, design=Design(material.survey.sample_kind),
        )  # fmt: skip
    figures.comparison, alerts = findings.wave_alerts(figures, themes, material.open_questions, material.wave)
    await store_figures(survey_id, figures)
    await keep_groups(survey_id, await _groups(material))
    await keep_alerts(survey_id, material.wave.number, await alerts_in_words(material, alerts))
    return material


async def _groups(material: Material) -> dict[int, Groups]:
    """What foreign and Chinese residents say of each theme that nobody took away, for the pages on which it is decided."""
    asked = {pair.key: pair for pair in importance_pairs(material.form)}
    pairs = {category: asked[key] for category, key in IMPORTANCE.items() if key in asked}
    themes = {str(theme.id): theme.category for theme in await list_themes(material.survey.id)}
    found = findings.sides(themes, material.figures, pairs, clock.today())
    return {int(key): groups for key, groups in found.items()}


async def draw_charts(survey_id: int, report: AsyncReport | None = None) -> None:
    """Count anew and draw what is out of date, in the desk's languages; a chart without anything left to show goes."""

    async def tell(done: int, step: str) -> None:
        if report is not None:
            await report(done, 2 + len(DESK_LANGUAGES), step)

    await tell(0, "count")
    material = await count_again(survey_id)
    kinds: set[str] = set()
    for place, language in enumerate(DESK_LANGUAGES):
        await tell(1 + place, "charts")
        pictures = [*await _themes_picture(material, language), *await planned_pictures(material, language)]
        kinds |= {picture.kind for picture in pictures}
        for picture in pictures:
            await _draw(survey_id, picture, language)
    async with write_transaction(Chart):
        await Chart.delete().where((Chart.survey == survey_id) & Chart.kind.not_in([*sorted(kinds), "-"]))
        await forget_failures(kind=DRAW_CHARTS, subject=about_survey(survey_id))
    await tell(2 + len(DESK_LANGUAGES), "done")


async def _draw(survey_id: int, picture: Picture, language: str) -> None:
    """Draw and store a picture, unless it is there already."""
    mine = (Chart.survey == survey_id) & (Chart.kind == picture.kind) & (Chart.language == language)
    earlier = await find_chart(survey_id, picture.kind, language)
    if earlier is not None and earlier.data_version == picture.data_version and (earlier.png or not has_cjk_font()):
        return
    chart = picture.draw()
    async with write_transaction(Chart):
        await Chart.delete().where(mine)
        await Chart.insert(
            Chart(
                survey=survey_id, kind=picture.kind, language=language, data_version=picture.data_version, title=chart.title,
                description=chart.description, svg=chart.svg, png=chart.png, rows=to_json(chart.table),
            )
        )  # fmt: skip


async def _themes_picture(material: Material, language: str) -> list[Picture]:
    """Of the newest analysis, as people decided since: none where nothing may be told."""
    survey_id = material.survey.id
    run = await newest_run(survey_id)
    base = shown_outside(run.figures["people"]) if run else None
    bars = [(theme, shown_outside(theme.people)) for theme in _charted(await list_themes(survey_id))]
    if base is None or not bars:
        return []
    shown = [ThemeBar(t.name_in(language), people or 0, t.state == ThemeState.ACCEPTED) for t, people in bars]
    facts = await facts_of(material, language)

    def draw() -> DrawnChart:
        return draw_themes(shown, base=base, facts=facts)

    return [Picture("themes", await themes_version(survey_id), draw)]


def _charted(themes: list[ThemeView]) -> list[ThemeView]:
    """The largest needs that may be shown and that nobody dismissed; heaps of smaller needs would only push them down."""
    return [t for t in themes if t.people >= THRESHOLD and t.state != ThemeState.DISMISSED and not t.is_rest][:MOST_COMPARED]
