"""Resources for so many residents, and the use of facilities. Takes plain data; whoever keeps the register calls it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from analysis.statistics.disclosure import THRESHOLD
from analysis.statistics.intervals import wilson_interval
from survey.i18n.speech import Speech
from survey.insight.charts.frame import (
    BLUE,
    GREY,
    HIDDEN,
    INK,
    ORANGE,
    TEAL,
    WIDTH,
    ChartTable,
    Column,
    DrawnChart,
    down,
    drawn,
    finished,
    labelled_bars,
    names_of,
    places,
)
from survey.insight.charts.words import Facts, dates_words


class AreaResources(msgspec.Struct, frozen=True):
    """How many resources an area has, or several areas that are told together, and how many live there by the printed figures."""

    name: str
    resources: int
    residents: int
    foreign: int
    is_pooled: bool = False
    """Several areas with few foreign residents."""


def draw_resources(
    areas: Sequence[AreaResources], *, what: str, source: str, as_of: dt.date, facts: Facts
) -> DrawnChart:
    """Per 1,000 residents and per 1,000 foreign residents, in the order of residents, pooled areas last: no ranking of bodies.

    Areas with fewer foreign residents than that make no rate of a thousand: they are told together before (ValueError else).
    """
    import altair as alt  # slow import, only the worker draws

    if not areas:
        raise ValueError("no areas to compare")
    if any(min(area.residents, area.foreign) < THRESHOLD for area in areas):
        raise ValueError("Areas of so few residents are told together with others.")
    say = facts.say
    gettext = say.gettext
    ordered = sorted(areas, key=lambda area: (area.is_pooled, -area.residents, area.name))
    rates = [(1000 * area.resources / area.residents, 1000 * area.resources / area.foreign) for area in ordered]
    everywhere = 1000 * sum(area.resources for area in areas) / sum(area.foreign for area in areas)
    year = str(as_of.year)
    extremes = [_rate(found(foreign for _, foreign in rates), say) for found in (min, max)]
    title = gettext("%(what)s per 1,000 foreign residents: %(low)s to %(high)s by area, %(rate)s in all areas together",
                    what=what, low=extremes[0], high=extremes[1], rate=_rate(everywhere, say))  # fmt: skip
    notes = [
        gettext("Residents as registered in %(year)s (%(source)s).", year=year, source=source),
        gettext("In the order of residents. A rate says what there is, not how good it is."),
        *([gettext("Areas with few foreign residents are told together, so that a rate names no small place.")] if any(area.is_pooled for area in areas) else []),
        *_fiction(facts),
    ]
    found, height = places([area.name for area in ordered], least=50)
    values = []
    for (all_of, foreign), place, area in zip(rates, found, ordered, strict=True):
        labels = (
            gettext("%(rate)s per 1,000 residents", rate=_rate(all_of, say)),
            gettext("%(rate)s per 1,000 foreign residents", rate=_rate(foreign, say)),
        )
        for rate, label, colour, shift, top in ((all_of, labels[0], BLUE, -9, 0), (foreign, labels[1], TEAL, 9, 1)):
            most = max(pair[top] for pair in rates) or 1.0
            values.append({"middle": place.middle + shift, "length": rate / most, "colour": colour, "label": label, "told": f"{area.name}: {label}"})
    x = alt.X("length:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False), stack=None)
    layers = labelled_bars(values, x, found, height, thick=14)
    notes.append(gettext("Bars of one colour share a scale; the two colours have one each."))
    spec = finished(layers.properties(width=WIDTH - 160, height=height), title=title, notes=notes, language=facts.language)
    description = gettext("%(what)s by area: %(list)s", what=what, list="; ".join(str(value["told"]) for value in values))
    table = ChartTable(
        [
            Column(gettext("Area")), Column(gettext("Resources"), "count"), Column(gettext("Residents"), "count"),
            Column(gettext("Foreign residents"), "count"), Column(gettext("Per 1,000 residents"), "rate"),
            Column(gettext("Per 1,000 foreign residents"), "rate"),
        ],
        [
            [area.name, area.resources, area.residents, area.foreign, round(all_of, 3), round(foreign, 3)]
            for area, (all_of, foreign) in zip(ordered, rates, strict=True)
        ],
        notes,
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)


class FacilityUse(msgspec.Struct, frozen=True):
    """Visits counted at a facility, those of foreign visitors among them, and the share of its places that were taken.

    `use` is None where capacity or hours are not known; above 1 it was fuller than full. Visits are no people.
    """

    name: str
    visits: int
    foreign_visits: int
    use: float | None
    needs_investigation: bool = False
    """For reasons of its own: few visits counted, or a share below that of the residents around it."""


def draw_facilities(
    facilities: Sequence[FacilityUse], *, resident_share: float | None, facts: Facts, counted: tuple[dt.date, dt.date] | None = None
) -> DrawnChart:
    """The foreign share of visits between its limits, beside the foreign share of residents. Raises ValueError for none counted.

    `counted` are the first and the last day of the counts.
    """
    import altair as alt  # slow import, only the worker draws

    visited = [one for one in facilities if one.visits > 0]
    if not visited:
        raise ValueError("no visits were counted")
    say = facts.say
    gettext = say.gettext
    found, height = places([one.name for one in visited])
    values: list[dict[str, Any]] = []
    for one, place in zip(visited, found, strict=True):
        interval = wilson_interval(one.foreign_visits / one.visits, one.visits)
        doubtful = one.needs_investigation or (resident_share is not None and interval.high < resident_share)
        use = HIDDEN if one.use is None else say.percent(one.use)
        label = gettext("%(share)s of visits are foreign (%(interval)s); use %(use)s", share=_fine(interval.estimate, say),
                        interval=gettext("%(low)s to %(high)s", low=_fine(interval.low, say), high=_fine(interval.high, say)), use=use)  # fmt: skip
        if doubtful:
            label = f"{label} · {gettext('needs investigation')}"
        values.append({"middle": place.middle, "share": interval.estimate, "low": interval.low, "high": interval.high,
                       "colour": ORANGE if doubtful else BLUE, "label": label, "told": f"{one.name}: {label}"})  # fmt: skip
    top = max([*(value["high"] for value in values), resident_share or 0.0])
    scale = alt.Scale(domain=[0, top], nice=False)
    y = down("middle", height)
    data = alt.Chart(alt.Data(values=values))
    layers = alt.layer(
        data.mark_bar(orient="horizontal", height=14).encode(y=y, x=alt.X("share:Q", axis=None, scale=scale, stack=None), color=alt.Color("colour:N", scale=None), description="told:N"),
        data.mark_rule(strokeWidth=1.5, color=INK, aria=False).encode(y=y, x=alt.X("low:Q", scale=scale, axis=None), x2="high:Q"),
        data.mark_text(align="left", dx=6, fontSize=12, aria=False).encode(y=y, x=alt.X("high:Q", scale=scale, axis=None), text="label:N"),
        names_of(found, height)
    )
    notes = [
        *([gettext("Source: visits counted at the facilities, %(dates)s", dates=dates_words(counted, say))] if counted else []),
        *_fiction(facts),
        gettext("Visits are counted, not people: one person may come often. The limits assume visits that do not depend on one another, and are too narrow where they do."),
    ]
    if resident_share is not None:
        layers = layers + alt.Chart(alt.Data(values=[{"at": resident_share}])).mark_rule(strokeDash=[5, 4], color=GREY, aria=False).encode(x=alt.X("at:Q", scale=scale, axis=None))
        notes.append(gettext("The dashed line is the foreign share of all residents, %(share)s. Orange needs investigation: few foreign visits were counted, or the whole interval lies below the residents’ share.", share=_fine(resident_share, say)))
    low = min(values, key=lambda value: value["share"])
    title = gettext("%(share)s of the visits to “%(name)s” are of foreign residents", share=_fine(low["share"], say),
                    name=visited[values.index(low)].name)  # fmt: skip
    spec = finished(layers.properties(width=WIDTH - 160, height=height), title=title, notes=notes, language=facts.language)
    description = gettext("Foreign share of visits by facility: %(list)s", list="; ".join(str(value["told"]) for value in values))
    table = ChartTable(
        [
            Column(gettext("Facility")), Column(gettext("Visits"), "count"), Column(gettext("Foreign share"), "fine_share"),
            Column(gettext("Interval from"), "fine_share"), Column(gettext("Interval to"), "fine_share"),
            Column(gettext("Use of capacity"), "share"),
        ],
        [
            [one.name, one.visits, value["share"], value["low"], value["high"], one.use]
            for one, value in zip(visited, values, strict=True)
        ],
        notes,
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)


def _fiction(facts: Facts) -> list[str]:
    return [facts.say.gettext("Fictional figures of a demonstration.")] if facts.is_fictional else []


def _rate(rate: float, say: Speech) -> str:
    """Two digits that count: of 0.011 and 0.028 two decimals would tell nothing."""
    return say.number(round(rate) if rate >= 10 else float(f"{rate:.2g}"))


def _fine(share: float, say: Speech) -> str:
    """With a tenth of a percent: foreign shares are small."""
    return f"{say.number(round(100 * share, 1))}%"
