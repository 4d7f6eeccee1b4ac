"""QR codes: a decoder reads back what was put in, from the file and from the page's path."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from survey.qr import QrPicture, qr_picture, qr_svg

LINK = "https://linsheng.example.cn/s/community-needs?c=hanguk"
LETTERS = "7KQM3FZD9T2W8XCV5BNJ4HGR6PYA"


def drawn(picture: QrPicture, scale: int = 6) -> Image.Image:
    """The path as a browser fills it."""
    image = Image.new("L", (picture.size * scale, picture.size * scale), 255)
    pen = ImageDraw.Draw(image)
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", picture.path)
    assert "".join(f"M{x} {y}h{w}v1h-{back}z" for x, y, w, back in runs) == picture.path
    for x, y, width, back in runs:
        assert width == back
        left, top = int(x) * scale, int(y) * scale
        pen.rectangle((left, top, left + int(width) * scale - 1, top + scale - 1), fill=0)
    return image


def test_file_is_a_picture_with_a_quiet_zone() -> None:
    root = ET.fromstring(qr_svg(LINK))

    # 54 bytes at error correction M need version 4, 33 modules; four modules of quiet zone on both sides; 8 points each.
    assert (root.tag, root.get("width"), root.get("height")) == ("{http://www.w3.org/2000/svg}svg", "328", "328")
    assert qr_svg(LINK) == qr_svg(LINK)
    assert qr_svg(LINK) != qr_svg(LINK + "2")


@pytest.mark.parametrize("text", [LINK, LETTERS, "0", "望京 한국어"])
def test_decoder_reads_the_picture_of_a_page(text: str) -> None:
    picture = qr_picture(text)

    [found] = zxingcpp.read_barcodes(drawn(picture))

    assert (found.text, str(found.format)) == (text, str(zxingcpp.BarcodeFormat.QRCode))


def test_picture_has_four_modules_of_quiet_zone_on_every_side() -> None:
    """28 letters of a receipt fit version 2: 25 modules."""
    picture = qr_picture(LETTERS)

    box = drawn(picture, scale=1).point(lambda shade: 255 - shade).getbbox()

    assert (picture.size, box) == (33, (4, 4, 29, 29))


def test_picture_can_be_saved_and_read_from_a_png() -> None:
    out = io.BytesIO()
    drawn(qr_picture(LETTERS)).save(out, "PNG")

    assert [found.text for found in zxingcpp.read_barcodes(Image.open(out))] == [LETTERS]
