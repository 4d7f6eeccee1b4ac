"""Charts: Altair makes the specification, vl-convert draws it as SVG and PNG. No browser, no script on the page."""

from __future__ import annotations

import datetime as dt
import re
from unicodedata import east_asian_width

import msgspec

from survey.fonts import has_cjk_font
from survey.i18n.speech import Speech, speech

_INK, _SOFT, _BRAND, _LINE, _PALE = "#1c2430", "#55606e", "#0f5c5c", "#d9d5cb", "#7fa6a3"
_FONT = "Noto Sans CJK SC, Noto Sans, sans-serif"
_LABEL_CELLS = 28
"""Cells of a label in a line."""


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
    svg, png = _render(bars, base=base, title=title, subtitle=[source, *notes], say=say)
    return DrawnChart(title=title, description=description, svg=svg, png=png)


def _render(
    bars: list[ThemeBar], *, base: int, title: str, subtitle: list[str], say: Speech
) -> tuple[str, bytes | None]:
    import altair as alt  # slow import, only the worker draws
    import vl_convert

    accepted, proposed = say.gettext("accepted"), say.gettext("proposed")
    data = alt.Data(
        values=[
            {
                "theme": "\n".join(_wrap(bar.name, _LABEL_CELLS)),
                "people": bar.people,
                "state": accepted if bar.is_accepted else proposed,
                "label": f"{say.number(bar.people)} · {say.percent(bar.people / base)}",
            }
            for bar in bars
        ]
    )
    order = ["\n".join(_wrap(bar.name, _LABEL_CELLS)) for bar in bars]
    y = alt.Y("theme:N", sort=order, title=None,
              axis=alt.Axis(labelExpr="split(datum.value, '\\n')", labelLimit=400, domain=False, ticks=False))  # fmt: skip
    x = alt.X("people:Q", title=None, axis=None, scale=alt.Scale(domainMin=0))
    base_chart = alt.Chart(data)
    marks = base_chart.mark_bar(height=18, cornerRadiusEnd=3).encode(
        y=y, x=x,
        color=alt.Color("state:N", scale=alt.Scale(domain=[accepted, proposed], range=[_BRAND, _PALE]),
                        legend=alt.Legend(title=None, orient="bottom", symbolType="square")),
    )  # fmt: skip
    labels = base_chart.mark_text(align="left", dx=6).encode(y=y, x=x, text="label:N")
    spec = (
        (marks + labels)
        .properties(width=460, height=alt.Step(40), title=alt.TitleParams(
            text=_wrap(title, 60), anchor="start",
            subtitle=[line for text in subtitle for line in _wrap(text, 92)],
            offset=16, color=_INK, subtitleColor=_SOFT, fontSize=17, subtitleFontSize=12.5, lineHeight=23,
            subtitleLineHeight=19))
        .configure(font=_FONT, background="#ffffff", padding=4)
        .configure_view(stroke=None)
        .configure_axis(labelColor=_INK, labelFontSize=13, labelLineHeight=16, domainColor=_LINE)
        .configure_text(color=_INK, fontSize=13)
        .configure_legend(labelColor=_SOFT, labelFontSize=12.5)
    ).to_dict()  # fmt: skip
    svg = _renumbered(vl_convert.vegalite_to_svg(spec))
    png = vl_convert.vegalite_to_png(spec, scale=2.0) if has_cjk_font() else None
    return svg, png


def _renumbered(svg: str) -> str:
    """Vega counts its clip paths on from chart to chart; counted from 1, the same figures give the same file."""
    names: dict[str, str] = {}
    return re.sub(r"\bclip\d+\b", lambda found: names.setdefault(found.group(), f"clip{len(names) + 1}"), svg)


def _wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells, of which a Chinese, Japanese or Korean character takes two.

    Lines break at spaces and between wide characters, but not before a mark that closes (，。”).
    """
    lines, line, cells = [], "", 0
    for piece in _PIECES.findall(text):
        size = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in piece.rstrip())
        if line and cells + size > width:
            lines.append(line.rstrip())
            line, cells = "", 0
        line += piece
        cells += size + len(piece) - len(piece.rstrip())
    return [*lines, line.rstrip()]


_WIDE = "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60"
_PIECES = re.compile(f"[^{_WIDE}\\s]+[，。、；：！？”）》]*\\s*|[{_WIDE}][，。、；：！？”）》]*\\s*|\\s+")
