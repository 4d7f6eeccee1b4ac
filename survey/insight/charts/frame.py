"""What all pictures share: palette, fonts, lines of text, titles, and the way to SVG and PNG."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from unicodedata import east_asian_width

import msgspec

from survey.fonts import has_cjk_font

BRAND, ACCENT, PALE = "#0f5c5c", "#b3471d", "#7fa6a3"
BLUE, TEAL, PLUM, ORANGE = "#12436D", "#28A197", "#801650", "#F46A25"
"""The UK Analysis Function's palette: each at least 3:1 on white and against its neighbour. Colour never speaks alone."""
GREY = "#8b939c"
INK, SOFT, LINE = "#1c2430", "#55606e", "#d9d4c7"
FONT = "Noto Sans CJK SC, Noto Sans, sans-serif"
_FONTS_LATIN = "Noto Sans, Noto Sans CJK SC, sans-serif"
"""The other way round for English, whose quotation marks would be as wide as Chinese ones else."""
_NOTE_CELLS, _NOTE_HEIGHT = 104, 18
WIDTH = 460
HIDDEN = "c"
"""What stands for a number that is too small to be told."""
_LABEL_CELLS = 28
"""Cells of a label in a line."""
_PHONE_CELLS = 40
"""The same where names stand above their bars."""
LINE_HEIGHT = 16
_LABEL_LINES = 3
"""Longer names are cut in the picture, not in the text beside it."""


class Column(msgspec.Struct, frozen=True):
    """`kind`: text, people, share (0 to 1), fine_share (the same, with a tenth of a percent), points (a difference of shares), mean, or rate."""

    name: str
    kind: str = "text"


Cell = str | int | float | None


class ChartTable(msgspec.Struct, frozen=True):
    """The figures of a picture, None for what is hidden; notes in the order in which they stand below."""

    columns: list[Column]
    rows: list[list[Cell]]
    notes: list[str]
    is_finding: bool = True
    """Whether the title tells something that was found, and not that nothing was."""


class DrawnChart(msgspec.Struct, frozen=True):
    """`title` says the finding, `description` is the text alternative; `png` is None where no font can draw it."""

    title: str
    description: str
    svg: str
    png: bytes | None
    table: ChartTable


class Place(NamedTuple):
    """Where a line of a picture stands: its name in lines, the height of the first of them, the middle of its marks."""

    text: str
    first: float
    middle: float


def places(names: Sequence[str], *, thick: float = 18, is_narrow: bool = False, least: float = 36) -> tuple[list[Place], float]:
    """Arrange names one below the other; return their places and the height of all."""
    found, height = [], 0.0
    for name in names:
        lines = _shortened(wrap(name, _PHONE_CELLS if is_narrow else _LABEL_CELLS))
        block = LINE_HEIGHT * len(lines)
        # Lines of a text run down from its place; beside a bar they stand around its middle.
        room = block + thick + 16 if is_narrow else max(least, block + 12)
        middle = height + (block + 3 + thick / 2 if is_narrow else room / 2)
        first = height + LINE_HEIGHT / 2 if is_narrow else middle - (block - LINE_HEIGHT) / 2
        found.append(Place("\n".join(lines), first, middle))
        height += room
    return found, height


def down(field: str, height: float) -> Any:
    """The vertical axis of a picture of lines, which shows nothing of itself."""
    import altair as alt  # slow import, only the worker and reports draw

    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, height], range=[0, height], nice=False), axis=None)


def names_of(found: Sequence[Place], height: float, *, is_narrow: bool = False) -> Any:
    """The names at the left of their lines."""
    import altair as alt  # the same

    values = [{"name": place.text, "first": place.first} for place in found]
    return (
        alt.Chart(alt.Data(values=values))
        .mark_text(
            align="left" if is_narrow else "right", dx=0 if is_narrow else -8, limit=300 if is_narrow else 240,
            lineBreak="\n", lineHeight=LINE_HEIGHT, aria=False,
        )
        .encode(y=down("first", height), x=alt.value(0), text="name:N")
    )  # fmt: skip


def labelled_bars(values: list[dict[str, Any]], x: Any, found: Sequence[Place], height: float, *, thick: float) -> Any:
    """Bars with their words at the end, names at the left. Values have `middle`, `colour`, `label`, `told` and what `x` shows."""
    import altair as alt  # the same

    data, y = alt.Chart(alt.Data(values=values)), down("middle", height)
    return alt.layer(
        data.mark_bar(orient="horizontal", height=thick).encode(y=y, x=x, color=alt.Color("colour:N", scale=None), description="told:N"),
        data.mark_text(align="left", dx=6, fontSize=12, aria=False).encode(y=y, x=x, text="label:N"),
        names_of(found, height),
    )


def finished(chart: Any, *, title: str = "", notes: Sequence[str] = (), language: str = "zh-Hans") -> dict[str, Any]:
    """Title, notes, fonts and colours; the specification as Vega-Lite has it. Without a title, the page around says the finding.

    The first two notes (source, kind of sample) stand under the title, the others under the picture.
    """
    # Altair copies a chart for each change to it, which takes longer than drawing: the frame is put around its dictionary.
    spec: dict[str, Any] = chart.to_dict(validate=False)
    top: dict[str, Any] = {key: spec.pop(key) for key in ("$schema", "datasets") if key in spec}
    spec.pop("config", None)
    below = [line for text in notes[2:] for line in wrap(text, _NOTE_CELLS)]
    if below:  # a title at the bottom of a picture around the picture, since each has one title
        words = {
            "text": below, "orient": "bottom", "anchor": "start", "offset": 14, "fontSize": 12, "fontWeight": "normal",
            "lineHeight": _NOTE_HEIGHT, "color": SOFT,
        }  # fmt: skip
        spec = {"vconcat": [{"vconcat": [spec], "spacing": 0, "title": words}], "spacing": 0}
    if title:
        spec["title"] = {
            "text": wrap(title, 64), "anchor": "start", "subtitle": [line for text in notes[:2] for line in wrap(text, _NOTE_CELLS)],
            "offset": 16, "color": INK, "subtitleColor": SOFT, "fontSize": 17, "subtitleFontSize": 12.5, "lineHeight": 23,
            "subtitleLineHeight": 19, "subtitlePadding": 6,
        }  # fmt: skip
    config: dict[str, Any] = {
        "font": _FONTS_LATIN if language == "en" else FONT, "background": "#ffffff", "padding": 6,
        "aria": bool(title),  # inside a page the whole is one picture
        "view": {"stroke": None}, "text": {"color": INK, "fontSize": 13}, "legend": {"labelColor": SOFT, "labelFontSize": 12.5},
        "axis": {
            "labelColor": SOFT, "titleColor": SOFT, "labelFontSize": 12, "titleFontSize": 12.5, "titleFontWeight": "normal",
            "gridColor": LINE, "domainColor": LINE, "tickColor": LINE,
        },
    }  # fmt: skip
    return {**top, **spec, "config": config}


def drawn(spec: dict[str, Any], *, title: str, description: str, table: ChartTable) -> DrawnChart:
    return DrawnChart(title=title, description=description, svg=(svg := as_svg(spec)), png=as_png(svg), table=table)


def as_svg(spec: dict[str, Any]) -> str:
    """Draw a specification as SVG. Its words stay text, for which a reader's own fonts do."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg


def as_png(svg: str) -> bytes | None:
    """The picture of an SVG; None where no font can draw its words."""
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=2.0) if has_cjk_font() else None


def inline_svg(svg: str, *, name: str, title: str, description: str) -> str:
    """The SVG for the inside of a page, with its title and text alternative. `name` is unique on the page."""
    attributes, _, rest = svg.removeprefix("<svg ").partition(">")
    attributes = re.sub(r' ?xmlns(:\w+)?="[^"]*"', "", attributes)  # a page knows what an svg is, and shall name no address
    told = f'role="img" aria-labelledby="{name}-title" aria-describedby="{name}-text"'
    words = f'<title id="{name}-title">{html.escape(title)}</title><desc id="{name}-text">{html.escape(description)}</desc>'
    return f"<svg {told} {attributes}>{words}{rest}"


def _shortened(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _LABEL_LINES else [*lines[: _LABEL_LINES - 1], f"{lines[_LABEL_LINES - 1]}…"]


def wrap(text: str, width: int) -> list[str]:
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
