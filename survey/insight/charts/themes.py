"""People by theme, the largest first, with the interval of each share."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from analysis.statistics.intervals import wilson_interval
from survey.insight.charts.frame import (
    BLUE,
    INK,
    TEAL,
    WIDTH,
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
    interval_words,
    rounding_words,
)


class ThemeBar(msgspec.Struct, frozen=True):
    name: str
    people: int
    is_accepted: bool


def draw_themes(bars: Sequence[ThemeBar], *, base: int, facts: Facts) -> DrawnChart:
    """Bars of people by theme, largest first. `base` is everybody who wrote something; shares are of them.

    The picture leaves the house (in documents, as a file): counts come as they may be told outside. Raises ValueError for no bars or a base of nobody: there is nothing to draw.
    """
    import altair as alt  # slow import, only the worker draws

    if not bars or base <= 0:
        raise ValueError("no themes to draw")
    say = facts.say
    gettext = say.gettext
    first = bars[0]
    shares = [min(1.0, bar.people / base) for bar in bars]
    intervals = [wilson_interval(share, base) for share in shares]
    title = gettext("%(share)s of those who wrote name “%(theme)s”", share=say.percent(shares[0]), theme=first.name)
    notes = [
        *head_words(facts, base),
        gettext("A person counts once in each theme, so shares do not add up."),
        interval_meaning(facts.design, say), rounding_words(say),
    ]  # fmt: skip
    description = gettext("Bar chart of people by theme: %(list)s", list="; ".join(
        f"{bar.name} {say.number(bar.people)} ({say.percent(share)})" for bar, share in zip(bars, shares, strict=True)
    ))  # fmt: skip
    accepted, proposed = gettext("accepted"), gettext("proposed")
    kinds = [accepted if bar.is_accepted else proposed for bar in bars]
    told = {kind: f" · {kind}" if len(set(kinds)) > 1 else "" for kind in kinds}
    labels = [
        f"{say.ngettext('%(n)s person', '%(n)s people', bar.people, n=say.number(bar.people))} · {say.percent(share)}{told[kind]}"
        for bar, share, kind in zip(bars, shares, kinds, strict=True)
    ]
    found, height = places([bar.name for bar in bars])
    values = [
        {"middle": place.middle, "share": share, "low": interval.low, "high": interval.high, "label": label, "kind": kind,
         "told": f"{bar.name}: {say.number(bar.people)}, {say.percent(share)} ({interval_words(interval, facts.design, say)}), {kind}"}
        for bar, place, share, interval, label, kind in zip(bars, found, shares, intervals, labels, kinds, strict=True)
    ]  # fmt: skip
    y = down("middle", height)
    scale = alt.Scale(domain=[0, max(interval.high for interval in intervals)], nice=False)
    data = alt.Chart(alt.Data(values=values))
    colours = {accepted: BLUE, proposed: TEAL}
    layers = alt.layer(
        data.mark_bar(orient="horizontal", height=18).encode(
            y=y, x=alt.X("share:Q", axis=None, scale=scale, stack=None), description="told:N",
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None),
        ),
        data.mark_rule(strokeWidth=3.5, aria=False, color="#ffffff").encode(y=y, x=alt.X("low:Q", scale=scale, axis=None), x2="high:Q"),
        data.mark_rule(strokeWidth=1.5, aria=False, color=INK).encode(y=y, x=alt.X("low:Q", scale=scale, axis=None), x2="high:Q"),
        data.mark_text(align="left", dx=6, aria=False).encode(y=y, x=alt.X("high:Q", scale=scale, axis=None), text="label:N"),
        names_of(found, height)
    )  # fmt: skip
    spec = finished(layers.properties(width=WIDTH, height=height), title=title, notes=notes, language=facts.language)
    table = ChartTable(
        [
            Column(gettext("Theme")), Column(gettext("State")), Column(gettext("People"), "people"),
            Column(gettext("Share"), "share"), Column(gettext("Interval from"), "share"), Column(gettext("Interval to"), "share"),
        ],
        [
            [bar.name, kind, bar.people, share, interval.low, interval.high]
            for bar, kind, share, interval in zip(bars, kinds, shares, intervals, strict=True)
        ],
        notes,
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)
