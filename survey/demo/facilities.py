"""Facilities of the demonstration with counts of the last twelve months. The library is the paper's; everything else is fictional."""

from __future__ import annotations

import datetime as dt

import msgspec

PAPER = "Wang Ming、Yang Li：社区图书室日均不超过 20 人次，境外读者约每周 1 人次（逐月数字为演示而设）"
FICTIONAL = "演示数据，纯属虚构"


class FictionalFacility(msgspec.Struct, frozen=True):
    """`visits` a day and `foreign` visits a month follow each other through the months; no `foreign` means that nobody counts them."""

    code: str
    area: str
    kind: str
    level: str
    names: dict[str, str]
    capacity: str
    hours_per_week: str
    service: str
    visits: tuple[float, ...]
    foreign: tuple[int, ...]
    source: str = FICTIONAL


FACILITIES = [
    FictionalFacility(
        "wangjing-library", "wangjing", "library", "community", {"zh-Hans": "社区图书室", "en": "Community library", "ko": "주민 도서실", "ja": "社区図書室"},
        "24", "40", "library", (18.4, 17.2, 19.1, 18.0, 16.9, 19.3), (4, 5, 4, 4, 5, 4), PAPER,
    ),
    FictionalFacility(
        "wangjing-health", "wangjing", "health_centre", "subdistrict", {"zh-Hans": "望京社区卫生服务中心", "en": "Wangjing health centre"},
        "14", "63", "health_centre", (212, 198, 225, 231), (118, 131, 124), FICTIONAL,
    ),
    FictionalFacility(
        "wangjing-sports", "wangjing", "sports_rooms", "community", {"zh-Hans": "文体活动室", "en": "Sports and culture rooms"},
        "30", "84", "sports_rooms", (88, 93, 97, 104, 99), (171, 168, 180, 177), FICTIONAL,
    ),
    FictionalFacility(
        "jianwai-hall", "jianwai", "service_hall", "subdistrict", {"zh-Hans": "建外街道为民服务大厅", "en": "Jianwai public service hall"},
        "", "44", "service_station", (141, 137, 150), (), FICTIONAL,
    ),
]  # fmt: skip


def months_before(today: dt.date) -> list[tuple[dt.date, dt.date]]:
    """First and last day of the twelve whole months before this one, the oldest first."""
    found = []
    end = today.replace(day=1) - dt.timedelta(days=1)
    for _ in range(12):
        found.append((end.replace(day=1), end))
        end = end.replace(day=1) - dt.timedelta(days=1)
    return found[::-1]


def fictional_counts(today: dt.date) -> list[dict[str, str]]:
    """Rows as a table of counts has them."""
    return [
        {
            "facility": facility.code, "start": str(start), "end": str(end), "source": facility.source,
            "visits": str(round(facility.visits[month % len(facility.visits)] * ((end - start).days + 1))),
            "foreign_visits": str(facility.foreign[month % len(facility.foreign)]) if facility.foreign else "",
        }
        for facility in FACILITIES
        for month, (start, end) in enumerate(months_before(today))
    ]  # fmt: skip
