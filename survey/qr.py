"""QR codes, for links on posters and for codes on paper: error correction M, four modules of quiet zone. Pure.

Never a Micro QR code, which short texts would fit: most phones cannot read one.
"""

from __future__ import annotations

import msgspec
import segno

_QUIET = 4


def qr_svg(text: str) -> bytes:
    """The text as a QR code in a file of its own, black on white."""
    return svg_of(qr_picture(text)).encode()


class QrPicture(msgspec.Struct, frozen=True):
    """A QR code to be drawn inside a page: the `d` of a path in a square of `size` units, quiet zone included."""

    size: int
    path: str


def qr_picture(text: str) -> QrPicture:
    """One line of the path for each run of dark modules, so that a page needs no second request and no data: address."""
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(scale=1, border=_QUIET)]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                runs.append(f"M{x} {y}h{end - x}v1h-{end - x}z")
            x = end + 1
    return QrPicture(size=len(rows), path="".join(runs))


def svg_of(picture: QrPicture) -> str:
    """One filled path, so that no hairline shows between its modules."""
    size = picture.size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size * 8}" height="{size * 8}" viewBox="0 0 {size} {size}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path fill="#000" d="{picture.path}"/></svg>'
    )
