"""Horizontal bars, each with a label at its end: what a report draws, and the simplest pictures of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from survey.insight.charts.frame import WIDTH, down, finished, names_of, places


class Bar(msgspec.Struct, frozen=True):
    """`label` stands at the bar's end; `kind` gives its colour and stands in the legend."""

    name: str
    people: float
    label: str
    kind: str


def bar_chart(
    bars: Sequence[Bar], *, colours: Mapping[str, str], title: str = "", notes: Sequence[str] = (), is_narrow: bool = False
) -> dict[str, Any]:
    """Horizontal bars in the order given, as a Vega-Lite specification. `colours` has every kind, in the legend's order.

    Without a title, the page around the chart says the finding. `is_narrow`: for a phone, with names above their bars.
    """
    import altair as alt  # slow import, only the worker and reports draw

    thick, width = (12, 190) if is_narrow else (18, WIDTH)
    found, height = places([bar.name for bar in bars], thick=thick, is_narrow=is_narrow)
    values = [
        {"middle": place.middle, "people": bar.people, "kind": bar.kind, "label": bar.label,
         "told": f"people: {bar.people}; theme: {bar.name}; label: {bar.label}; state: {bar.kind}"}
        for bar, place in zip(bars, found, strict=True)
    ]  # fmt: skip
    y = down("middle", height)
    x = alt.X("people:Q", axis=None, scale=alt.Scale(domainMin=0, nice=False), stack=None)
    data = alt.Chart(alt.Data(values=values))
    layers = alt.layer(
        data.mark_bar(orient="horizontal", height=thick, cornerRadiusEnd=3).encode(
            y=y, x=x, description="told:N",
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())),
                            legend=alt.Legend(title=None, orient="bottom", symbolType="square") if len(colours) > 1 else None),
        ),
        data.mark_text(align="left", dx=6, aria=False).encode(y=y, x=x, text="label:N"),
        names_of(found, height, is_narrow=is_narrow)
    )  # fmt: skip
    return finished(layers.properties(width=width, height=height), title=title, notes=notes)
