"""Answers on scales, diverging from the middle: not satisfied to the left, satisfied to the right, the neutral ones apart."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

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
from survey.insight.charts.words import Facts, rounding_words, sample_words, small_base_words, source_words

HALF, GAP, NEUTRAL = 210, 62, 110
"""Widths: of each side, of the room between the sides and the neutral ones, and of those."""


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
        source_words(facts, max(line.people or 0 for line in lines)),
        gettext("From %(low)s (%(low_words)s) to %(high)s (%(high_words)s). Sorted by the share above the middle; the middle stands apart.",
                low=points[0], high=points[1], low_words=ends[0], high_words=ends[1]),
        sample_words(facts.design, say), rounding_words(say), small_base_words(say),
    ]  # fmt: skip
    names = [
        f"{line.name} (n {HIDDEN if not line.people else say.number(line.people)}{'*' if line.people and line.people < 30 else ''})"
        for line in lines
    ]
    found, height = places(names)
    bars, labels = [], []
    start = 2 * HALF + GAP
    for line, place in zip(lines, found, strict=True):
        if line.low is None or line.middle is None or line.high is None:
            labels.append({"middle": place.middle, "at": HALF + 8, "label": HIDDEN, "align": "left"})
            continue
        low, high, middle = HALF * line.low, HALF * line.high, NEUTRAL * line.middle
        told = gettext("below %(low)s, middle %(middle)s, above %(high)s", low=say.percent(line.low), middle=say.percent(line.middle), high=say.percent(line.high))
        for left, right, colour in ((HALF - low, HALF, ORANGE), (HALF, HALF + high, BLUE), (start, start + middle, GREY)):
            bars.append({"middle": place.middle, "left": left, "right": right, "colour": colour, "told": f"{line.name}: {told}"})
        labels += [
            {"middle": place.middle, "at": HALF - low - 5, "label": say.percent(line.low), "align": "right"},
            {"middle": place.middle, "at": HALF + high + 5, "label": say.percent(line.high), "align": "left"},
            {"middle": place.middle, "at": start + middle + 5, "label": say.percent(line.middle), "align": "left"},
        ]
    width = start + NEUTRAL + 40
    fixed = alt.Scale(domain=[0, width], range=[0, width], nice=False)
    y = down("middle", height)
    heads = [
        {"at": HALF - 5, "label": gettext("below the middle"), "align": "right"}, {"at": HALF + 5, "label": gettext("above the middle"), "align": "left"},
        {"at": start, "label": gettext("the middle"), "align": "left"},
    ]  # fmt: skip
    layers = (
        alt.Chart(alt.Data(values=bars)).mark_bar(orient="horizontal", height=18).encode(
            y=y, x=alt.X("left:Q", scale=fixed, axis=None), x2="right:Q", color=alt.Color("colour:N", scale=None), description="told:N")
        + alt.Chart(alt.Data(values=[{"at": HALF}])).mark_rule(color=SOFT, aria=False).encode(x=alt.X("at:Q", scale=fixed, axis=None))
        + names_of(found, height)
    )  # fmt: skip
    for align in ("left", "right"):
        layers = layers + alt.Chart(alt.Data(values=[label for label in labels if label["align"] == align])).mark_text(
            align=align, aria=False
        ).encode(y=y, x=alt.X("at:Q", scale=fixed, axis=None), text="label:N")
        layers = layers + alt.Chart(alt.Data(values=[head for head in heads if head["align"] == align])).mark_text(
            align=align, color=SOFT, fontSize=12, aria=False
        ).encode(y=alt.value(-8), x=alt.X("at:Q", scale=fixed, axis=None), text="label:N")
    spec = finished(layers.properties(width=width, height=height), title=title, notes=notes)
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
        notes,
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)
