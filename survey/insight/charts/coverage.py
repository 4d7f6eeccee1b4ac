"""Where those who answered live, beside where the residents live: reach, never quality, and in the order of residents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from survey.insight.charts.frame import (
    BLUE,
    GREY,
    HIDDEN,
    WIDTH,
    ChartTable,
    Column,
    DrawnChart,
    drawn,
    finished,
    labelled_bars,
    places,
)
from survey.insight.charts.words import Facts, head_words, rounding_words


class CoverageLine(msgspec.Struct, frozen=True):
    """`people` and their `share` of those who said where they live, None where hidden; printed `residents` and their share."""

    name: str
    people: int | None
    share: float | None
    residents: int
    residents_share: float


def draw_coverage(
    lines: Sequence[CoverageLine], *, people: int, who: str, source: str, as_of: dt.date, facts: Facts
) -> DrawnChart:
    """In the order given. `who` names those compared. Raises ValueError for no lines."""
    import altair as alt  # slow import, only the worker draws

    if not lines:
        raise ValueError("no areas to compare")
    say = facts.say
    gettext = say.gettext
    year = str(as_of.year)
    known = [line for line in lines if line.share is not None]
    widest = max(known, key=lambda line: line.residents_share - (line.share or 0), default=None)
    title = (
        gettext("%(area)s: %(share)s of the answers, %(residents)s of the residents registered in %(year)s",
                area=widest.name, share=say.percent(widest.share or 0), residents=say.percent(widest.residents_share), year=year)
        if widest is not None else gettext("Where those who answered live")
    )  # fmt: skip
    notes = [
        *head_words(facts, people),
        gettext("%(who)s who said where they live, beside the residents registered in %(year)s (%(source)s). The figures are old and count other people than live there now.",
                who=who, year=year, source=source),
        gettext("In the order of registered residents. Subdistricts with few answers are counted together."),
        rounding_words(say),
    ]  # fmt: skip
    found, height = places([line.name for line in lines], least=50)
    values = []
    for line, place in zip(lines, found, strict=True):
        told = HIDDEN if line.share is None or line.people is None else f"{say.percent(line.share)} · {say.number(line.people)}"
        mine = gettext("answers %(told)s", told=told)
        theirs = gettext("registered %(year)s: %(share)s · %(n)s", year=year, share=say.percent(line.residents_share), n=say.number(line.residents))
        values += [
            {"middle": place.middle - 9, "share": line.share or 0.0, "colour": BLUE, "label": mine, "told": f"{line.name}: {mine}"},
            {"middle": place.middle + 9, "share": line.residents_share, "colour": GREY, "label": theirs, "told": f"{line.name}: {theirs}"},
        ]
    x = alt.X("share:Q", axis=None, scale=alt.Scale(domainMin=0, nice=False), stack=None)
    layers = labelled_bars(values, x, found, height, thick=14)
    spec = finished(layers.properties(width=WIDTH - 80, height=height), title=title, notes=notes, language=facts.language)
    description = gettext("Answers beside registered residents, by area: %(list)s", list="; ".join(str(value["told"]) for value in values))
    table = ChartTable(
        [
            Column(gettext("Area")), Column(gettext("People"), "people"), Column(gettext("Share of answers"), "share"),
            Column(gettext("Registered %(year)s", year=year), "count"), Column(gettext("Share of registered"), "share"),
        ],
        [[line.name, line.people, line.share, line.residents, line.residents_share] for line in lines],
        notes, is_finding=widest is not None,
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)
