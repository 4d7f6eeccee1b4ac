"""Surveys by invitation and batches of codes for them; what a decoder reads on a printed page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pypdfium2
import zxingcpp
from pypdfium2 import PdfPage

from survey import clock
from survey.accounts.rules import Actor, RoleKind
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.service import bundled_form, create_survey, open_survey
from survey.authoring.states import Access
from survey.outreach.events import EventDraft, EventView, create_event
from survey.outreach.invitations import BatchView, batch_codes, create_batch
from tests.conftest import SECRET

CLOSED_HOUSE = "closed-house"


async def invited_survey(slug: str = CLOSED_HOUSE, *, is_open: bool = True, access: Access = Access.INVITATION) -> SurveyView:
    await create_survey(slug=slug, form=bundled_form(), access=access)
    if is_open:
        await open_survey(slug, actor="test", role="administrator")
    return await find_survey(slug)


async def batch_of(survey: SurveyView, size: int = 3, *, days: int = 30, **changes: Any) -> BatchView:
    """A batch whose last day is in so many days."""
    wanted = {"name": "望京西园 5 号楼", "channel_id": None, "expires_on": clock.today() + dt.timedelta(days=days), **changes}
    return await create_batch(secret=SECRET, survey=survey, size=size, actor="chen", role="committee", **wanted)


async def codes_of(survey: SurveyView, size: int = 3, *, days: int = 30) -> list[str]:
    return batch_codes(SECRET, await batch_of(survey, size, days=days))


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


CHEN = Actor(account_id=1, name="chen", role=RoleKind.COMMITTEE, area_id=None, session_id=0)
NAME = {"zh-Hans": "邻里见面会", "en": "Neighbours' evening", "ar": "أمسية الجيران"}
PLACE = {"zh-Hans": "社区服务站二楼", "ko": "주민센터 2층"}


def soon(days: float = 3) -> dt.datetime:
    return (clock.now() + dt.timedelta(days=days)).replace(microsecond=0)


def draft(**changes: Any) -> EventDraft:
    given: dict[str, Any] = {
        "survey_id": None, "area_id": None, "names": NAME, "places": PLACE, "starts_at": soon(),
        "languages_spoken": ["zh-Hans", "en"],
    }  # fmt: skip
    return EventDraft(**{**given, **changes})


async def meeting(**changes: Any) -> EventView:
    """A meeting in three days, or as the changes say; `name` is its Chinese name."""
    name = changes.pop("name", "")
    if name:
        changes["names"] = {"zh-Hans": name}
    return await create_event(draft(**changes), actor=CHEN, now=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
