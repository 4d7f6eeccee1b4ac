"""How two groups differ, theme by theme: the difference of their shares between its limits, marked where chance is excluded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from analysis.statistics.intervals import Interval
from survey.insight.charts.frame import (
    BLUE,
    HIDDEN,
    INK,
    SOFT,
    ChartTable,
    Column,
    DrawnChart,
    down,
    drawn,
    finished,
    names_of,
    places,
)
from survey.insight.charts.words import (
    Facts,
    head_words,
    interval_meaning,
    points_words,
    rounding_words,
    signed,
)

WIDTH = 300
ROOM = 250
"""For the words at the right of the lines."""


class DifferenceLine(msgspec.Struct, frozen=True):
    """Shares of one theme in both groups, and their difference; None where a number behind them is hidden."""

    name: str
    first: float | None
    second: float | None
    difference: Interval | None
    is_marked: bool


def draw_groups(
    lines: Sequence[DifferenceLine], *, groups: tuple[str, str], bases: tuple[int, int], facts: Facts
) -> DrawnChart:
    """Raises ValueError for no lines."""
    import altair as alt  # slow import, only the worker draws

    if not lines:
        raise ValueError("no groups to compare")
    say = facts.say
    gettext = say.gettext
    marked = [line for line in lines if line.is_marked and line.difference is not None]
    title = _title(marked, groups, facts)
    notes = [
        *head_words(facts, sum(bases)),
        gettext("%(first)s: %(n)s people who wrote; %(second)s: %(m)s. Who did not say where they come from is in neither group.",
                first=groups[0], second=groups[1], n=say.number(bases[0]), m=say.number(bases[1])),
        gettext("Right of the line: named more often by “%(first)s”. A filled circle marks a difference of 5 points or more that is beyond "
                "chance (Benjamini-Hochberg: at most 5%% of the marked ones are false, on average).", first=groups[0]),
        interval_meaning(facts.design, say), rounding_words(say),
    ]  # fmt: skip
    found, height = places([line.name for line in lines])
    values: list[dict[str, Any]] = []
    hidden: list[dict[str, Any]] = []
    for line, place in zip(lines, found, strict=True):
        if line.difference is None or line.first is None or line.second is None:
            hidden.append({"middle": place.middle, "label": HIDDEN})
            continue
        points = signed(round(100 * line.difference.estimate), say)
        label = gettext("%(points)s points (%(first)s and %(second)s)", points=points, first=say.percent(line.first), second=say.percent(line.second))
        values.append({
            "middle": place.middle, "difference": line.difference.estimate, "low": line.difference.low, "high": line.difference.high,
            "label": label, "fill": BLUE if line.is_marked else "#ffffff", "stroke": BLUE if line.is_marked else SOFT,
            "weight": "bold" if line.is_marked else "normal",
            "told": f"{line.name}: {label}, {points_words(line.difference, facts.design, say)}",
        })  # fmt: skip
    limit = max([0.1, *(max(abs(v["low"]), abs(v["high"])) for v in values)])
    scale = alt.Scale(domain=[-limit, limit], range=[0, WIDTH], nice=False)
    y = down("middle", height)
    data = alt.Chart(alt.Data(values=values))
    axis = alt.Axis(
        title=gettext("difference of the shares, in percentage points"), labelExpr="(datum.value > 0 ? '+' : '') + replace(format(100 * datum.value, '.0f'), '−', '-')",
        tickCount=5, orient="bottom",
    )  # fmt: skip
    x = alt.X("difference:Q", scale=scale, axis=axis)
    low = alt.X("low:Q", scale=scale)
    layers = alt.layer(
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK, aria=False).encode(x=alt.X("zero:Q", scale=scale)),
        data.mark_rule(strokeWidth=2, aria=False).encode(y=y, x=low, x2="high:Q", color=alt.Color("stroke:N", scale=None)),
        data.mark_circle(size=90, opacity=1, strokeWidth=2).encode(
            y=y, x=x, fill=alt.Fill("fill:N", scale=None), stroke=alt.Stroke("stroke:N", scale=None), description="told:N"),
        _labels(alt, values, y, bold=True),
        _labels(alt, values, y, bold=False),
        alt.Chart(alt.Data(values=hidden)).mark_text(color=SOFT, align="left").encode(y=y, x=alt.value(WIDTH + 10), text="label:N"),
        names_of(found, height)
    )  # fmt: skip
    spec = finished(layers.properties(width=WIDTH + ROOM, height=height), title=title, notes=notes, language=facts.language)
    description = gettext("Differences between %(first)s and %(second)s, by theme: %(list)s", first=groups[0], second=groups[1],
                          list="; ".join(str(value["told"]) for value in values) or HIDDEN)  # fmt: skip
    table = ChartTable(
        [
            Column(gettext("Need")), Column(groups[0], "share"), Column(groups[1], "share"),
            Column(gettext("Difference"), "points"), Column(gettext("Interval from"), "points"),
            Column(gettext("Interval to"), "points"), Column(gettext("Beyond chance")),
        ],
        [
            [
                line.name, line.first, line.second, *_limits(line.difference),
                gettext("yes") if line.is_marked else gettext("no") if line.difference else None,
            ]
            for line in lines
        ],
        notes, is_finding=bool(marked),
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)


def _title(marked: Sequence[DifferenceLine], groups: tuple[str, str], facts: Facts) -> str:
    say = facts.say
    if not marked:
        return say.gettext("No theme differs beyond chance between “%(first)s” and “%(second)s”", first=groups[0], second=groups[1])
    most = max(marked, key=lambda line: abs(line.difference.estimate) if line.difference else 0)
    assert most.first is not None
    assert most.second is not None
    return say.gettext(
        "“%(theme)s”: %(first)s (%(group)s), %(second)s (%(other)s)",
        theme=most.name, first=say.percent(most.first), second=say.percent(most.second), group=groups[0], other=groups[1],
    )  # fmt: skip


def _limits(interval: Interval | None) -> list[float | None]:
    return [None, None, None] if interval is None else [interval.estimate, interval.low, interval.high]


def _labels(alt, values, y, *, bold: bool):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 -- altair has no types
    """Text at the right; Vega-Lite takes no weight from data, so that bold ones are a layer of their own."""
    chosen = [value for value in values if (value["weight"] == "bold") is bold]
    return (
        alt.Chart(alt.Data(values=chosen))
        .mark_text(align="left", fontWeight="bold" if bold else "normal", aria=False)
        .encode(y=y, x=alt.value(WIDTH + 10), text="label:N")
    )
