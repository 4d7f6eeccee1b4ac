"""What the numbers of a survey say: counts that may be shown, and the charts that the worker draws."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec

from analysis.statistics.disclosure import THRESHOLD, Pooled, exact, merge_neighbours, pool_small, rounded
from survey.accounts.queries import area_names
from survey.authoring.queries import find_survey_by_id, survey_title
from survey.db.columns import to_json
from survey.db.transaction import read_transaction, write_transaction
from survey.fonts import has_cjk_font
from survey.i18n.catalogs import DESK_LANGUAGES
from survey.insight.charts import ThemeBar, draw_themes
from survey.insight.tables import Chart
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
from survey.themes.queries import ThemeView, list_themes, newest_run
from survey.themes.states import ThemeState

MOST_BARS = 15


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
        return Overview(
            total=await count_responses(survey_id),
            dates=await field_dates(survey_id),
            languages=pool_small(await counts_by_language(survey_id)),
            areas=pool_small(areas),
            days=merge_neighbours(await counts_by_day(survey_id)),
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
    dates: tuple[dt.date, dt.date] | None


async def partner_totals(account_id: int, language: str) -> list[PartnerRow]:
    """What a partner may know of each of their channels: totals, and nothing that could be one person's (S20)."""
    rows = []
    async with read_transaction(Chart):
        for channel in await channels_of_partner(account_id):
            view = await find_survey_by_id(channel.survey_id)
            counts = await channel_counts_by_language(view.id, channel.id)
            pooled = pool_small(counts)
            rows.append(
                PartnerRow(
                    channel=channel, title=await survey_title(view, language), is_open=view.is_open,
                    is_fictional=view.is_fictional, sent=shown_outside(sum(counts.values())),
                    languages={tag: shown_outside(n) or 0 for tag, n in pooled.shown.items() if not pooled.is_hidden and n >= THRESHOLD},
                    others=shown_outside(pooled.others_total) or 0, everybody=shown_outside(await count_responses(view.id)),
                    dates=await field_dates(view.id),
                )
            )  # fmt: skip
    return rows


class FunnelRow(msgspec.Struct, frozen=True):
    """A channel, or None for who came without one; how far they got, each number None where it is too small to be told."""

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
    return [
        FunnelRow(
            channel=view, opened=exact(reached.get(key, {}).get(Stage.OPENED, 0)),
            started=exact(reached.get(key, {}).get(Stage.STARTED, 0)), sent=exact(sent.get(key, 0)),
        )
        for key, view in ways
    ]  # fmt: skip


def shown_outside(people: int) -> int | None:
    """A count as it may leave the house: rounded to 5, None below the threshold."""
    return rounded(people)


class ChartView(msgspec.Struct, frozen=True):
    title: str
    description: str
    svg: str
    png: bytes | None
    data_version: str


async def find_chart(survey_id: int, kind: str, language: str) -> ChartView | None:
    row = await Chart.select().where(
        (Chart.survey == survey_id) & (Chart.kind == kind) & (Chart.language == language)
    ).first()
    if row is None:
        return None
    return ChartView(
        title=row["title"], description=row["description"], svg=row["svg"],
        png=bytes(row["png"]) if row["png"] else None, data_version=row["data_version"],
    )  # fmt: skip


async def themes_version(survey_id: int) -> str:
    """A hash of the figures in the themes' chart: another hash means that it is out of date."""
    bars = [(t.public_id, t.names, t.people, t.state) for t in _charted(await list_themes(survey_id))]
    run = await newest_run(survey_id)
    return hashlib.sha256(to_json([bars, run.figures if run else {}]).encode()).hexdigest()


async def draw_charts(survey_id: int) -> None:
    """Draw what is out of date, in the desk's languages; a chart without anything left to show goes."""
    version = await themes_version(survey_id)
    run = await newest_run(survey_id)
    base = shown_outside(run.figures["people"]) if run else None
    bars = [(theme, shown_outside(theme.people)) for theme in _charted(await list_themes(survey_id))]
    if base is None or not bars:
        async with write_transaction(Chart):
            await Chart.delete().where((Chart.survey == survey_id) & (Chart.kind == "themes"))
        return
    for language in DESK_LANGUAGES:
        earlier = await find_chart(survey_id, "themes", language)
        if earlier is not None and earlier.data_version == version and (earlier.png or not has_cjk_font()):
            continue
        chart = draw_themes(
            [ThemeBar(t.name_in(language), people or 0, t.state == ThemeState.ACCEPTED) for t, people in bars],
            base=base, dates=await field_dates(survey_id), language=language,
        )  # fmt: skip
        async with write_transaction(Chart):
            await Chart.delete().where(
                (Chart.survey == survey_id) & (Chart.kind == "themes") & (Chart.language == language)
            )
            await Chart.insert(
                Chart(
                    survey=survey_id, kind="themes", language=language, data_version=version, title=chart.title,
                    description=chart.description, svg=chart.svg, png=chart.png,
                )
            )  # fmt: skip


def _charted(themes: list[ThemeView]) -> list[ThemeView]:
    """The largest needs that may be shown and that nobody dismissed; heaps of smaller needs would only push them down."""
    return [t for t in themes if t.people >= THRESHOLD and t.state != ThemeState.DISMISSED and not t.is_rest][:MOST_BARS]
