"""Charts: Altair makes the specification, vl-convert draws it as SVG and PNG. No browser, no script on the page."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

import msgspec

from survey.fonts import has_cjk_font
from survey.i18n.speech import speech

BRAND, ACCENT, PALE = "#0f5c5c", "#b3471d", "#7fa6a3"
_INK, _SOFT = "#1c2430", "#55606e"
_FONT = "Noto Sans CJK SC, Noto Sans, sans-serif"
_LABEL_CELLS = 28
"""Cells of a label in a line."""
_PHONE_CELLS = 40
"""The same where names stand above their bars."""
_LINE_HEIGHT = 16
_LABEL_LINES = 3
"""Longer names are cut in the picture, not in the text beside it."""


class Bar(msgspec.Struct, frozen=True):
    """`label` stands at the bar's end; `kind` gives its colour and stands in the legend."""

    name: str
    people: int
    label: str
    kind: str


class ThemeBar(msgspec.Struct, frozen=True):
    name: str
    people: int
    is_accepted: bool


class DrawnChart(msgspec.Struct, frozen=True):
    """`title` says the finding, `description` is the text alternative; `png` is None where no font can draw it."""

    title: str
    description: str
    svg: str
    png: bytes | None


def draw_themes(
    bars: list[ThemeBar], *, base: int, dates: tuple[dt.date, dt.date] | None, language: str
) -> DrawnChart:
    """Bars of people by theme, largest first. `base` is everybody who wrote something; shares are of them.

    The picture leaves the house (in documents, as a file): counts come as they may be told outside. Raises ValueError for no bars or a base of nobody: there is nothing to draw.
    """
    if not bars or base <= 0:
        raise ValueError("no themes to draw")
    say = speech("desk", language)
    gettext, ngettext = say.gettext, say.ngettext
    first = bars[0]
    title = gettext(
        "%(share)s of those who wrote name “%(theme)s”", share=say.percent(first.people / base), theme=first.name
    )
    when = ""
    if dates is not None:
        when = gettext("%(first)s to %(last)s", first=say.date(dates[0]), last=say.date(dates[1]))
    source = ngettext("%(n)s person wrote, %(when)s", "%(n)s people wrote, %(when)s", base, n=say.number(base), when=when)
    notes = [
        gettext("Figures are rounded to 5; fewer than 10 people are not shown. A person counts once in each theme, so shares do not add up."),
        gettext("The survey was an open link: its answers are no probability sample, and no margin of error can be given."),
    ]
    description = gettext("Bar chart of people by theme: %(list)s", list="; ".join(
        f"{bar.name} {say.number(bar.people)} ({say.percent(bar.people / base)})" for bar in bars
    ))  # fmt: skip
    accepted, proposed = gettext("accepted"), gettext("proposed")
    chart = bar_chart(
        [
            Bar(bar.name, bar.people, f"{say.number(bar.people)} · {say.percent(bar.people / base)}",
                accepted if bar.is_accepted else proposed)
            for bar in bars
        ],
        colours={accepted: BRAND, proposed: PALE}, title=title, notes=[source, *notes],
    )  # fmt: skip
    return DrawnChart(title=title, description=description, svg=as_svg(chart), png=_as_png(chart))


def bar_chart(
    bars: Sequence[Bar], *, colours: Mapping[str, str], title: str = "", notes: Sequence[str] = (), is_narrow: bool = False
) -> dict[str, Any]:
    """Horizontal bars in the order given, as a Vega-Lite specification. `colours` has every kind, in the legend's order.

    Without a title, the page around the chart says the finding. `is_narrow`: for a phone, with names above their bars.
    """
    import altair as alt  # slow import, only the worker and reports draw

    thick, width = (12, 190) if is_narrow else (18, 460)
    values: list[dict[str, Any]] = []
    height = 0
    for bar in bars:
        lines = _shortened(_wrap(bar.name, _PHONE_CELLS if is_narrow else _LABEL_CELLS))
        block = _LINE_HEIGHT * len(lines)
        # Lines of a text run down from its place; beside a bar they stand around its middle.
        room = block + thick + 16 if is_narrow else max(36, block + 12)
        middle = height + (block + 3 + thick / 2 if is_narrow else room / 2)
        first = height + _LINE_HEIGHT / 2 if is_narrow else middle - (block - _LINE_HEIGHT) / 2
        values.append({"name": "\n".join(lines), "first": first, "middle": middle,
                       "people": bar.people, "kind": bar.kind, "label": bar.label,
                       "told": f"people: {bar.people}; theme: {bar.name}; label: {bar.label}; state: {bar.kind}"})  # fmt: skip
        height += room
    scale = alt.Scale(domain=[0, height], range=[0, height], nice=False)
    y = alt.Y("middle:Q", scale=scale, axis=None)
    x = alt.X("people:Q", axis=None, scale=alt.Scale(domainMin=0, nice=False), stack=None)
    data = alt.Chart(alt.Data(values=values))
    layers = (
        data.mark_bar(orient="horizontal", height=thick, cornerRadiusEnd=3).encode(
            y=y, x=x, description="told:N",
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())),
                            legend=alt.Legend(title=None, orient="bottom", symbolType="square") if len(colours) > 1 else None),
        )
        + data.mark_text(align="left", dx=6, aria=False).encode(y=y, x=x, text="label:N")
        + data.mark_text(
            align="left" if is_narrow else "right", dx=0 if is_narrow else -8, limit=300 if is_narrow else 240,
            lineBreak="\n", lineHeight=_LINE_HEIGHT, aria=False,
        ).encode(y=alt.Y("first:Q", scale=scale, axis=None), x=alt.value(0), text="name:N")
    )  # fmt: skip
    chart = layers.properties(width=width, height=height)
    if title:
        chart = chart.properties(title=alt.TitleParams(
            text=_wrap(title, 60), anchor="start", subtitle=[line for text in notes for line in _wrap(text, 92)],
            offset=16, color=_INK, subtitleColor=_SOFT, fontSize=17, subtitleFontSize=12.5, lineHeight=23,
            subtitleLineHeight=19))  # fmt: skip
    found: dict[str, Any] = (
        chart.configure(font=_FONT, background="#ffffff", padding=4, aria=bool(title))  # inside a page the whole is one picture
        .configure_view(stroke=None)
        .configure_text(color=_INK, fontSize=13)
        .configure_legend(labelColor=_SOFT, labelFontSize=12.5)
        .to_dict()
    )
    return found


def as_svg(chart: dict[str, Any]) -> str:
    """Draw a specification as SVG. Its words stay text, for which a reader's own fonts do."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(chart)
    return svg


def inline_svg(svg: str, *, name: str, title: str, description: str) -> str:
    """The SVG for the inside of a page, with its title and text alternative. `name` is unique on the page."""
    attributes, _, rest = svg.removeprefix("<svg ").partition(">")
    attributes = re.sub(r' ?xmlns(:\w+)?="[^"]*"', "", attributes)  # a page knows what an svg is, and shall name no address
    told = f'role="img" aria-labelledby="{name}-title" aria-describedby="{name}-text"'
    words = f'<title id="{name}-title">{html.escape(title)}</title><desc id="{name}-text">{html.escape(description)}</desc>'
    return f"<svg {told} {attributes}>{words}{rest}"


def _as_png(chart: dict[str, Any]) -> bytes | None:
    import vl_convert

    return vl_convert.vegalite_to_png(chart, scale=2.0) if has_cjk_font() else None


def _shortened(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _LABEL_LINES else [*lines[: _LABEL_LINES - 1], f"{lines[_LABEL_LINES - 1]}…"]


def _wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells, of which a Chinese, Japanese or Korean character takes two.

    Lines break at spaces and between wide characters, but not before a mark that closes (，。”). A word longer than a line is cut,
    and long ones are measured for half a minute else.
    """
    lines, line, cells = [], "", 0
    pieces = (piece[i : i + width] for piece in _PIECES.findall(text) for i in range(0, len(piece), width))
    for piece in pieces:
        size = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in piece.rstrip())
        if line and cells + size > width:
            lines.append(line.rstrip())
            line, cells = "", 0
        line += piece
        cells += size + len(piece) - len(piece.rstrip())
    return [*lines, line.rstrip()]


_WIDE = "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60"
_PIECES = re.compile(f"[^{_WIDE}\\s]+[，。、；：！？”）》]*\\s*|[{_WIDE}][，。、；：！？”）》]*\\s*|\\s+")
