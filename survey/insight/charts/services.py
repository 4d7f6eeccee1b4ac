"""Of each service: how many know it, how many of those use it, how many of those are satisfied."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from analysis.statistics.disclosure import BASE
from survey.insight.charts.frame import (
    BLUE,
    HIDDEN,
    PLUM,
    TEAL,
    WIDTH,
    ChartTable,
    Column,
    DrawnChart,
    drawn,
    finished,
    labelled_bars,
    places,
)
from survey.insight.charts.words import Facts, head_words, rounding_words, small_base_words


class Step(msgspec.Struct, frozen=True):
    """A share of `base` people; None where it is hidden. Of fewer than 30 it stands with an asterisk."""

    share: float | None
    base: int | None


class ServiceLine(msgspec.Struct, frozen=True):
    """`unknown`: do not know it; `unused`: know it and did not use it, of those who know it."""

    name: str
    aware: Step
    unknown: Step
    used: Step
    unused: Step
    satisfied: Step


def draw_services(lines: Sequence[ServiceLine], *, people: int, facts: Facts) -> DrawnChart:
    """In the order given. Raises ValueError for no service."""
    import altair as alt  # slow import, only the worker draws

    if not lines:
        raise ValueError("no services to draw")
    say = facts.say
    gettext = say.gettext
    least = min((line for line in lines if line.aware.share is not None), key=lambda line: line.aware.share or 0, default=None)
    title = (
        gettext("%(share)s know of “%(service)s”, fewer than of any other service", share=say.percent(least.aware.share or 0), service=least.name)
        if least is not None else gettext("Which services are known, used and found satisfying")
    )  # fmt: skip
    notes = [
        *head_words(facts, people),
        gettext("Known: of all who answered. Used in the last 12 months: of those who know it. Satisfied: of the users alone, a point above the middle of the scale."),
        rounding_words(say), small_base_words(say),
    ]  # fmt: skip
    found, height = places([line.name for line in lines], least=66)
    words = {BLUE: gettext("know it"), TEAL: gettext("use it"), PLUM: gettext("satisfied")}
    values = []
    for line, place in zip(lines, found, strict=True):
        for (colour, word), step, shift in zip(words.items(), (line.aware, line.used, line.satisfied), (-18, 0, 18), strict=True):
            number = HIDDEN if step.share is None else say.percent(step.share)
            star = "*" if step.base is not None and step.base < BASE and step.share is not None else ""
            label = f"{word} {number}{star}"
            if step.base:
                of = say.ngettext("%(n)s person", "%(n)s people", step.base, n=say.number(step.base))
                label = gettext("%(name)s (%(body)s)", name=label, body=of)
            values.append({"middle": place.middle + shift, "share": step.share or 0.0, "colour": colour, "label": label, "told": f"{line.name}: {label}"})
    x = alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False), stack=None)
    layers = labelled_bars(values, x, found, height, thick=13)
    spec = finished(layers.properties(width=WIDTH - 60, height=height), title=title, notes=notes, language=facts.language)
    description = gettext("Services known, used and found satisfying: %(list)s", list="; ".join(str(value["told"]) for value in values))
    table = ChartTable(
        [
            Column(gettext("Service")), Column(gettext("Asked"), "people"), Column(gettext("Know it"), "share"),
            Column(gettext("Do not know it"), "share"), Column(gettext("Used it, of those who know it"), "share"),
            Column(gettext("Know it, did not use it"), "share"), Column(gettext("Users who rated it"), "people"),
            Column(gettext("Satisfied, of the users"), "share"),
        ],
        [
            [
                line.name, line.aware.base, line.aware.share, line.unknown.share, line.used.share, line.unused.share,
                line.satisfied.base, line.satisfied.share,
            ]
            for line in lines
        ],
        notes, is_finding=least is not None,
    )  # fmt: skip
    return drawn(spec, title=title, description=description, table=table)
