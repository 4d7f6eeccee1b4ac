"""Shares of themes from wave to wave: lines with their names at the end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec

from analysis.statistics.intervals import Interval
from survey.insight.charts.frame import (
    BLUE,
    HIDDEN,
    ORANGE,
    PLUM,
    TEAL,
    ChartTable,
    Column,
    DrawnChart,
    drawn,
    finished,
)
from survey.insight.charts.words import (
    Facts,
    head_words,
    points_words,
    rounding_words,
    signed,
)

WIDTH, HEIGHT = 420, 280
COLOURS = (BLUE, ORANGE, PLUM, TEAL)
MOST_LINES = len(COLOURS)
_LABEL_STEP = 17


class WaveLine(msgspec.Struct, frozen=True):
    """`shares` by wave, None where hidden; `change` from the last wave but one to the last."""

    name: str
    shares: list[float | None]
    change: Interval | None
    is_marked: bool


def draw_waves(lines: Sequence[WaveLine], *, waves: Sequence[str], bases: Sequence[int], facts: Facts) -> DrawnChart:
    """The lines given are all in the table; the first four are drawn. Raises ValueError for no lines or a single wave."""
    import altair as alt  # slow import, only the worker draws

    if not lines or len(waves) < 2:
        raise ValueError("no waves to compare")
    say = facts.say
    gettext = say.gettext
    names = [gettext("Wave %(number)s", number=wave) for wave in waves]
    title = _title(lines, facts)
    sizes = "; ".join(f"{name} {say.number(base)}" for name, base in zip(names, bases, strict=True))
    notes = [
        *head_words(facts, sum(bases)),
        gettext("People who wrote, by wave: %(sizes)s. Nobody is known from one wave to the next: the people of two waves are others.", sizes=sizes),
        gettext("Compared are only questions that read the same in every wave. A change is marked where its interval excludes that there was none."),
        rounding_words(say),
    ]  # fmt: skip
    shown = list(zip(lines[:MOST_LINES], COLOURS, strict=False))
    top = max((share for line, _ in shown for share in line.shares if share is not None), default=0.0) * 1.15 or 1.0
    points: list[dict[str, Any]] = [
        {"wave": names[place], "share": share, "colour": colour, "line": line.name, "told": f"{line.name}, {names[place]}: {say.percent(share)}"}
        for line, colour in shown
        for place, share in enumerate(line.shares)
        if share is not None
    ]
    ends = []
    for line, colour in shown:
        known = [share for share in line.shares if share is not None]
        if known:
            last = line.shares[-1]
            change = f" ({signed(round(100 * line.change.estimate), say)})" if line.change else ""
            label = f"{line.name} {HIDDEN if last is None else say.percent(last)}{change}"
            ends.append({"at": HEIGHT * (1 - known[-1] / top), "label": label, "colour": colour})
    _spread(ends)
    x = alt.X("wave:O", sort=names, axis=alt.Axis(title=None, labelAngle=0), scale=alt.Scale(range=[40, WIDTH - 20], type="point"))
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, top], range=[HEIGHT, 0], nice=False),
              axis=alt.Axis(title=None, format=".0%", tickCount=5))  # fmt: skip
    data = alt.Chart(alt.Data(values=points))
    painted = alt.Color("colour:N", scale=None)
    lines_and_points = alt.layer(
        data.mark_line(strokeWidth=2.5, aria=False).encode(x=x, y=y, color=painted, detail="line:N"),
        data.mark_circle(size=70, opacity=1).encode(x=x, y=y, color=painted, description="told:N"),
    )
    beside = alt.Chart(alt.Data(values=ends))
    at = alt.Y("at:Q", scale=alt.Scale(domain=[0, HEIGHT], range=[0, HEIGHT]), axis=None)
    labels = alt.layer(  # words in ink, which can be read, beside a dot in the line's colour
        beside.mark_circle(size=70, opacity=1, aria=False).encode(x=alt.value(WIDTH - 2), y=at, color=painted),
        beside.mark_text(align="left", limit=320, aria=False).encode(x=alt.value(WIDTH + 8), y=at, text="label:N"),
    )
    layers = alt.layer(lines_and_points, labels).resolve_scale(y="independent")
    spec = finished(layers.properties(width=WIDTH, height=HEIGHT), title=title, notes=notes, language=facts.language)
    description = gettext("Shares of themes by wave: %(list)s", list="; ".join(
        f"{line.name}: " + ", ".join(HIDDEN if share is None else say.percent(share) for share in line.shares) for line in lines
    ))  # fmt: skip
    table = ChartTable(
        [
            Column(gettext("Theme")), *(Column(name, "share") for name in names), Column(gettext("Last change"), "points"),
            Column(gettext("Interval")), Column(gettext("Beyond chance")),
        ],
        [
            [
                line.name, *line.shares, line.change.estimate if line.change else None,
                points_words(line.change, facts.design, say) if line.change else None,
                gettext("yes") if line.is_marked else gettext("no") if line.change else None,
            ]
            for line in lines
        ],
        notes, is_finding=any(line.is_marked for line in lines),
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)


def _title(lines: Sequence[WaveLine], facts: Facts) -> str:
    say = facts.say
    marked = [line for line in lines if line.is_marked and line.change is not None]
    if not marked:
        return say.gettext("No theme changed beyond chance since the last wave")
    most = max(marked, key=lambda line: abs(line.change.estimate) if line.change else 0)
    assert most.change is not None
    before, after = most.shares[-2], most.shares[-1]
    assert before is not None
    assert after is not None
    words = {"theme": most.name, "before": say.percent(before), "after": say.percent(after)}
    if most.change.estimate > 0:
        return say.gettext("“%(theme)s” rose from %(before)s to %(after)s of those who wrote", **words)
    return say.gettext("“%(theme)s” fell from %(before)s to %(after)s of those who wrote", **words)


def _spread(ends: list[dict[str, Any]]) -> None:
    """Move labels apart that would stand on one another, from the top down."""
    ends.sort(key=lambda end: (end["at"], end["label"]))
    for before, after in itertools.pairwise(ends):
        after["at"] = max(after["at"], before["at"] + _LABEL_STEP)
