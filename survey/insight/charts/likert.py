"""Answers on scales, diverging from the middle: not satisfied to the left, satisfied to the right, the neutral ones apart."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from analysis.statistics.disclosure import BASE
from survey.insight.charts.frame import (
    BLUE,
    GREY,
    HIDDEN,
    ORANGE,
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
from survey.insight.charts.words import Facts, head_words, rounding_words, small_base_words

HALF, GAP = 200, 60
"""Widths: of each side of the middle, where the largest share fills it, and of the room for the words at an end."""


class LikertLine(msgspec.Struct, frozen=True):
    """Shares below, at and above the middle of the scale; None where hidden."""

    name: str
    people: int | None
    low: float | None
    middle: float | None
    high: float | None
    mean: float | None


def draw_likert(
    lines: Sequence[LikertLine], *, title_of: str, ends: tuple[str, str], points: tuple[int, int], facts: Facts
) -> DrawnChart:
    """In the order given. `ends` say what the lowest and the highest point mean. Raises ValueError for no lines."""
    import altair as alt  # slow import, only the worker draws

    if not lines:
        raise ValueError("no scales to draw")
    say = facts.say
    gettext = say.gettext
    known = [line for line in lines if line.low is not None]
    title = (
        gettext("%(topic)s: least satisfied with “%(name)s”, %(share)s below the middle", topic=title_of, name=worst.name, share=say.percent(worst.low or 0))
        if (worst := max(known, key=lambda line: line.low or 0, default=None)) is not None else title_of
    )  # fmt: skip
    notes = [
        *head_words(facts, max(line.people or 0 for line in lines)),
        gettext("From %(low)s (%(low_words)s) to %(high)s (%(high_words)s). Sorted by the share above the middle; the middle stands apart.",
                low=points[0], high=points[1], low_words=ends[0], high_words=ends[1]),
        rounding_words(say), small_base_words(say),
    ]  # fmt: skip
    found, height = places([line.name for line in lines])
    most = max((share for line in lines for share in (line.low, line.middle, line.high) if share is not None), default=1.0) or 1.0
    unit = HALF / most
    bars, labels = [], []
    axis = GAP + HALF
    start = axis + HALF + GAP
    end = start + unit * max((line.middle or 0.0 for line in lines), default=0.0) + GAP
    for line, place in zip(lines, found, strict=True):
        star = "*" if line.people is not None and line.people < BASE else ""
        people_told = say.ngettext("%(n)s person", "%(n)s people", line.people, n=say.number(line.people)) + star if line.people else HIDDEN
        labels.append({"middle": place.middle, "at": end, "label": people_told, "align": "left"})
        if line.low is None or line.middle is None or line.high is None:
            labels.append({"middle": place.middle, "at": axis + 8, "label": HIDDEN, "align": "left"})
            continue
        low, high, middle = unit * line.low, unit * line.high, unit * line.middle
        told = gettext("below %(low)s, middle %(middle)s, above %(high)s", low=say.percent(line.low), middle=say.percent(line.middle), high=say.percent(line.high))
        for left, right, colour in ((axis - low, axis, ORANGE), (axis, axis + high, BLUE), (start, start + middle, GREY)):
            bars.append({"middle": place.middle, "left": left, "right": right, "colour": colour, "told": f"{line.name}: {told}"})
        labels += [
            {"middle": place.middle, "at": axis - low - 5, "label": say.percent(line.low), "align": "right"},
            {"middle": place.middle, "at": axis + high + 5, "label": say.percent(line.high), "align": "left"},
            {"middle": place.middle, "at": start + middle + 5, "label": say.percent(line.middle), "align": "left"},
        ]
    width = end + GAP
    fixed = alt.Scale(domain=[0, width], range=[0, width], nice=False)
    y = down("middle", height)
    heads = [
        {"at": axis - 5, "label": gettext("below the middle"), "align": "right"}, {"at": axis + 5, "label": gettext("above the middle"), "align": "left"},
        {"at": start, "label": gettext("the middle"), "align": "left"},
    ]  # fmt: skip
    layers = alt.layer(
        alt.Chart(alt.Data(values=bars)).mark_bar(orient="horizontal", height=18).encode(
            y=y, x=alt.X("left:Q", scale=fixed, axis=None), x2="right:Q", color=alt.Color("colour:N", scale=None), description="told:N"),
        alt.Chart(alt.Data(values=[{"at": axis}])).mark_rule(color=SOFT, aria=False).encode(x=alt.X("at:Q", scale=fixed, axis=None)),
        names_of(found, height)
    )  # fmt: skip
    texts = []
    for align in ("left", "right"):
        mine = alt.Chart(alt.Data(values=[label for label in labels if label["align"] == align]))
        texts.append(mine.mark_text(align=align, aria=False).encode(y=y, x=alt.X("at:Q", scale=fixed, axis=None), text="label:N"))
        above = alt.Chart(alt.Data(values=[head for head in heads if head["align"] == align]))
        texts.append(
            above.mark_text(align=align, color=SOFT, fontSize=12, aria=False)
            .encode(y=alt.value(-8), x=alt.X("at:Q", scale=fixed, axis=None), text="label:N")
        )
    spec = finished(alt.layer(layers, *texts).properties(width=width, height=height), title=title, notes=notes, language=facts.language)
    description = gettext("%(topic)s, by matter: %(list)s", topic=title_of, list="; ".join(dict.fromkeys(str(bar["told"]) for bar in bars)) or HIDDEN)
    table = ChartTable(
        [
            Column(gettext("Matter")), Column(gettext("People"), "people"), Column(gettext("Below the middle"), "share"),
            Column(gettext("The middle"), "share"), Column(gettext("Above the middle"), "share"), Column(gettext("Mean"), "mean"),
        ],
        [
            [line.name, line.people, line.low, line.middle, line.high, None if line.mean is None else round(line.mean, 2)]
            for line in lines
        ],
        notes, is_finding=bool(known),
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)
