from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
import zxingcpp
from pypdfium2 import PdfPage

DPI = 200
MILLIMETRES = 25.4 / DPI


def pages_of(pdf: bytes) -> list[PdfPage]:
    return list(pypdfium2.PdfDocument(pdf))


def text_of(page: PdfPage) -> str:
    return str(page.get_textpage().get_text_range())


def codes_on(page: PdfPage) -> list[tuple[str, float]]:
    """What a decoder reads on the printed page, and how wide each code's dark modules are in millimetres."""
    picture = page.render(scale=DPI / 72).to_pil()
    return [(code.text, _width(code)) for code in sorted(_read(picture), key=_corner)]


def _read(picture: object) -> list[zxingcpp.Barcode]:
    return list(zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode))  # type: ignore[call-overload]  # a PIL picture


def _corner(code: zxingcpp.Barcode) -> tuple[int, int]:
    return code.position.top_left.y // 10, code.position.top_left.x


def _width(code: zxingcpp.Barcode) -> float:
    return float((code.position.top_right.x - code.position.top_left.x) * MILLIMETRES)


def darkest_around(page: PdfPage, modules: int) -> Iterator[int]:
    """For each code the darkest grey (0 to 255) within four modules around it: the quiet zone is white."""
    picture = page.render(scale=DPI / 72).to_pil().convert("L")
    for code in _read(picture):
        left, top = code.position.top_left.x, code.position.top_left.y
        right, bottom = code.position.bottom_right.x, code.position.bottom_right.y
        edge = 4 * (right - left) // modules - 2
        around = [
            (left - edge, top - edge, right + edge, top - 2), (left - edge, bottom + 3, right + edge, bottom + edge),
            (left - edge, top, left - 2, bottom), (right + 3, top, right + edge, bottom),
        ]  # fmt: skip
        yield min(picture.crop(box).getextrema()[0] for box in around)
