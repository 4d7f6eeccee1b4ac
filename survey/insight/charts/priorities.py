"""Importance against satisfaction: numbered points between their limits, and four quadrants whose lines are explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from analysis.statistics.importance import Quadrant
from analysis.statistics.intervals import Interval
from survey.i18n.speech import Speech
from survey.insight.charts.frame import (
    BLUE,
    INK,
    ORANGE,
    SOFT,
    ChartTable,
    Column,
    DrawnChart,
    drawn,
    finished,
    wrap,
)
from survey.insight.charts.words import Facts, head_words, interval_meaning, rounding_words

SIZE = 360
KEY_CELLS, CORNER_CELLS = 44, 22


class Rated(msgspec.Struct, frozen=True):
    """One thing, its two means, and its quadrant where the lines are means of all things and where they are the scale's middle."""

    name: str
    importance: Interval
    satisfaction: Interval
    people: int
    by_mean: Quadrant
    by_middle: Quadrant
    is_certain: bool


def quadrant_words(quadrant: Quadrant, say: Speech) -> str:
    return {
        Quadrant.CONCENTRATE_HERE: say.gettext("important, not satisfied: act here"),
        Quadrant.KEEP_UP: say.gettext("important, satisfied: keep it up"),
        Quadrant.LOW_PRIORITY: say.gettext("less important, not satisfied: later"),
        Quadrant.POSSIBLE_OVERKILL: say.gettext("less important, satisfied: perhaps too much"),
    }[quadrant]


def draw_priorities(
    things: Sequence[Rated], *, lines: tuple[float, float], scale: tuple[int, int], facts: Facts
) -> DrawnChart:
    """`lines` are the mean importance and the mean satisfaction. Raises ValueError for nothing rated."""
    import altair as alt  # slow import, only the worker draws

    if not things:
        raise ValueError("nothing was rated")
    say = facts.say
    gettext = say.gettext
    low, high = scale
    notes = [
        *head_words(facts, max(thing.people for thing in things)),
        gettext("The lines are the means of all points (importance %(importance)s, satisfaction %(satisfaction)s), so that some are always below. "
                "By the middle of the scale (%(middle)s) the table says what would change.",
                importance=say.number(round(lines[0], 2)), satisfaction=say.number(round(lines[1], 2)), middle=say.number((low + high) / 2)),
        gettext("A hollow point: one of its lines crosses a border, so that chance may have put it there."),
        interval_meaning(facts.design, say), rounding_words(say),
    ]  # fmt: skip
    urgent = sorted((t for t in things if t.by_mean is Quadrant.CONCENTRATE_HERE), key=lambda t: (t.satisfaction.estimate, t.name))
    title = (
        gettext("Important and least satisfying: %(names)s", names=say.listed([f"“{thing.name}”" for thing in urgent]))
        if urgent else gettext("Nothing is both more important and less satisfying than the rest")
    )  # fmt: skip
    values: list[dict[str, Any]] = [
        {"x": t.satisfaction.estimate, "y": t.importance.estimate, "xlow": t.satisfaction.low, "xhigh": t.satisfaction.high,
         "ylow": t.importance.low, "yhigh": t.importance.high, "number": str(n),
         "colour": ORANGE if t.by_mean is Quadrant.CONCENTRATE_HERE else BLUE,
         "fill": ("#b3471d" if t.by_mean is Quadrant.CONCENTRATE_HERE else BLUE) if t.is_certain else "#ffffff",
         "ink": "#ffffff" if t.is_certain else INK,
         "told": f"{t.name}: {_means(t, say)}, {quadrant_words(t.by_mean, say)}"}
        for n, t in enumerate(things, 1)
    ]  # fmt: skip
    (x_from, x_to), (y_from, y_to) = (
        _range([v["xlow"] for v in values], [v["xhigh"] for v in values], lines[1], scale),
        _range([v["ylow"] for v in values], [v["yhigh"] for v in values], lines[0], scale),
    )
    x_scale = alt.Scale(domain=[x_from, x_to], range=[0, SIZE], nice=False, zero=False)
    y_scale = alt.Scale(domain=[y_from, y_to], range=[SIZE, 0], nice=False, zero=False)
    x = alt.X("x:Q", scale=x_scale, axis=alt.Axis(title=gettext("satisfaction, %(low)s to %(high)s", low=low, high=high), grid=False, tickCount=5))
    y = alt.Y("y:Q", scale=y_scale, axis=alt.Axis(title=gettext("importance, %(low)s to %(high)s", low=low, high=high), grid=False, tickCount=5))
    data = alt.Chart(alt.Data(values=values))
    key, at = [], 8.0
    for n, thing in enumerate(things, 1):
        rows = [*wrap(f"{n} · {thing.name}", KEY_CELLS), *wrap(_means(thing, say), KEY_CELLS)]
        key.append({"at": at, "text": "\n".join(rows)})
        at += 18 * len(rows) + 8
    corners: list[dict[str, Any]] = []
    for quadrant, left, is_top in (
        (Quadrant.CONCENTRATE_HERE, True, True), (Quadrant.KEEP_UP, False, True),
        (Quadrant.LOW_PRIORITY, True, False), (Quadrant.POSSIBLE_OVERKILL, False, False),
    ):  # fmt: skip
        rows = wrap(quadrant_words(quadrant, say), CORNER_CELLS)
        corners.append({
            "x": 6 if left else SIZE - 6, "y": 4 if is_top else SIZE - 4 - 15 * len(rows), "text": "\n".join(rows),
            "align": "left" if left else "right",
        })  # fmt: skip
    fixed = alt.Scale(domain=[0, SIZE], range=[0, SIZE])
    rule = alt.Chart(alt.Data(values=[{"x": lines[1], "y": lines[0]}])).mark_rule(strokeDash=[5, 4], color=SOFT, aria=False)
    colour = alt.Color("colour:N", scale=None)
    points = alt.layer(
        rule.encode(x=alt.X("x:Q", scale=x_scale)), rule.encode(y=alt.Y("y:Q", scale=y_scale)),
        data.mark_rule(strokeWidth=1.5, aria=False).encode(y=y, x=alt.X("xlow:Q", scale=x_scale), x2="xhigh:Q", color=colour),
        data.mark_rule(strokeWidth=1.5, aria=False).encode(x=x, y=alt.Y("ylow:Q", scale=y_scale), y2="yhigh:Q", color=colour),
        data.mark_circle(size=270, opacity=1, strokeWidth=2).encode(x=x, y=y, fill=alt.Fill("fill:N", scale=None), stroke=alt.Stroke("colour:N", scale=None), description="told:N"),
        data.mark_text(fontWeight="bold", fontSize=12, aria=False).encode(x=x, y=y, text="number:N", color=alt.Color("ink:N", scale=None))
    )  # fmt: skip
    words = [
        alt.Chart(alt.Data(values=[corner]))
        .mark_text(align=corner["align"], baseline="top", lineBreak="\n", lineHeight=15, color=SOFT, fontSize=11.5, aria=False)
        .encode(x=alt.X("x:Q", scale=fixed, axis=None), y=alt.Y("y:Q", scale=fixed, axis=None), text="text:N")
        for corner in corners
    ]
    listed = alt.Chart(alt.Data(values=key)).mark_text(align="left", baseline="top", lineBreak="\n", lineHeight=18, aria=False)
    words.append(listed.encode(x=alt.value(SIZE + 18), y=alt.Y("at:Q", scale=fixed, axis=None), text="text:N"))
    chart = alt.layer(points, alt.layer(*words)).resolve_scale(x="independent", y="independent")
    spec = finished(chart.properties(width=SIZE, height=SIZE), title=title, notes=notes, language=facts.language)
    description = gettext("Importance and satisfaction: %(list)s", list="; ".join(str(value["told"]) for value in values))
    table = ChartTable(
        [
            Column(gettext("Matter")), Column(gettext("People"), "people"), Column(gettext("Importance"), "mean"),
            Column(gettext("Satisfaction"), "mean"), Column(gettext("Quadrant by the means")), Column(gettext("Certain")),
            Column(gettext("Quadrant by the middle of the scale")),
        ],
        [
            [
                thing.name, thing.people, round(thing.importance.estimate, 2), round(thing.satisfaction.estimate, 2),
                quadrant_words(thing.by_mean, say), gettext("yes") if thing.is_certain else gettext("no"),
                quadrant_words(thing.by_middle, say),
            ]
            for thing in things
        ],
        notes, is_finding=bool(urgent),
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)


def _means(thing: Rated, say: Speech) -> str:
    return say.gettext(
        "importance %(importance)s, satisfaction %(satisfaction)s",
        importance=say.number(round(thing.importance.estimate, 1)), satisfaction=say.number(round(thing.satisfaction.estimate, 1)),
    )  # fmt: skip


def _range(lows: Sequence[float], highs: Sequence[float], line: float, scale: tuple[int, int]) -> tuple[float, float]:
    """What of the scale is drawn: all limits and the line with some room, the line never at the rim."""
    room = max(0.25, (max(highs) - min(lows)) * 0.18)
    return max(float(scale[0]), min(*lows, line) - room), min(float(scale[1]), max(*highs, line) + room)
