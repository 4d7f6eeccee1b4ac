"""Facilities of the demonstration, some with counts of the last twelve months, and what residents are told of them.

The library is the paper's; everything else is fictional, and says so in its name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from importlib import resources

import msgspec

PAPER = "Wang Ming、Yang Li：社区图书室日均不超过 20 人次，境外读者约每周 1 人次（逐月数字为演示而设）"
FICTIONAL = "演示数据，纯属虚构"


class FictionalFacility(msgspec.Struct, frozen=True):
    """`visits` a day and `foreign` visits a month follow each other through the months; where there are none, nobody counts them."""

    code: str
    area: str
    kind: str
    level: str
    names: dict[str, str]
    capacity: str
    hours_per_week: str
    service: str
    visits: tuple[float, ...] = ()
    foreign: tuple[int, ...] = ()
    source: str = FICTIONAL


FACILITIES = [
    FictionalFacility(
        "wangjing-library", "wangjing", "library", "community", {"zh-Hans": "社区图书室", "en": "Community library", "ko": "주민 도서실", "ja": "社区図書室"},
        "24", "40", "library", (18.4, 17.2, 19.1, 18.0, 16.9, 19.3), (4, 5, 4, 4, 5, 4), PAPER,
    ),
    FictionalFacility(
        "wangjing-health", "wangjing", "health_centre", "subdistrict", {"zh-Hans": "望京社区卫生服务中心（虚构）", "en": "Wangjing health centre (fictional)"},
        "14", "63", "health_centre", (212, 198, 225, 231), (118, 131, 124), FICTIONAL,
    ),
    FictionalFacility(
        "wangjing-sports", "wangjing", "sports_rooms", "community", {"zh-Hans": "文体活动室（虚构）", "en": "Sports and culture rooms (fictional)"},
        "30", "84", "sports_rooms", (88, 93, 97, 104, 99), (171, 168, 180, 177), FICTIONAL,
    ),
    FictionalFacility(
        "jianwai-hall", "jianwai", "service_hall", "subdistrict", {"zh-Hans": "建外街道为民服务大厅（虚构）", "en": "Jianwai public service hall (fictional)"},
        "", "44", "service_station", (141, 137, 150), (), FICTIONAL,
    ),
    FictionalFacility("wangjing-station", "wangjing", "service_station", "community", {"zh-Hans": "望京社区服务站（虚构）", "en": "Wangjing community service station (fictional)"}, "6", "45", "service_station", (), ()),
    FictionalFacility("wangjing-class", "wangjing", "classes_events", "community", {"zh-Hans": "汉语班（虚构）", "en": "Chinese class (fictional)"}, "20", "3", "classes_events", (), ()),
    FictionalFacility("wangjing-canteen", "wangjing", "other", "community", {"zh-Hans": "社区食堂（虚构）", "en": "Community canteen (fictional)"}, "60", "46", "", (), ()),
]  # fmt: skip


_KINDS = {
    "station": ("service_station", "社区服务站", "community service station"),
    "library": ("library", "图书室", "reading room"),
    "sports": ("sports_rooms", "文体活动室", "sports rooms"),
    "clinic": ("health_centre", "社区卫生服务站", "health station"),
    "classes": ("classes_events", "中文课堂", "Chinese classes"),
}  # fmt: skip
_REGISTER = {
    "shuangjing": "station library", "donghu": "station", "maizidian": "station classes",
    "hujialou": "station library sports", "jianwai": "station", "balizhuang": "station clinic sports", "datun": "station",
    "zuojiazhuang": "station library clinic", "liulitun": "station", "sanlitun": "station classes clinic", "chaowai": "station library",
    "jiuxianqiao": "station sports", "xiaoguan": "station", "jinsong": "station clinic", "hepingjie": "station library sports clinic",
    "xiangheyuan": "station", "tuanjiehu": "station library", "yayuncun": "station sports", "panjiayuan": "station", "anzhen": "station",
    "shoudujichang": "station", "fatou": "station",
}  # fmt: skip
"""What else there is, so that places can be compared: as unevenly spread as in life, and counted by nobody."""


def registered_facilities(areas: Mapping[str, Mapping[str, str]]) -> list[FictionalFacility]:
    """Those without counts, with the names of the areas (by code and language) in theirs."""
    return [
        FictionalFacility(
            f"{area}-{key}", area, _KINDS[key][0], "community",
            {"zh-Hans": f"{areas[area]['zh-Hans']}{_KINDS[key][1]}（虚构）", "en": f"{areas[area]['en']} {_KINDS[key][2]} (fictional)"}, "", "", "",
        )
        for area, keys in _REGISTER.items()
        for key in keys.split()
    ]  # fmt: skip


class FictionalWords(msgspec.Struct, frozen=True):
    """`texts` by language: name, who, how, hours, place. Some languages are left out, so that both states are seen."""

    open_to: str
    walk: str
    texts: dict[str, dict[str, str]]


def fictional_words() -> dict[str, FictionalWords]:
    """What residents are told, by a facility's code."""
    data = resources.files("survey.demo").joinpath("facility_words.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, FictionalWords])


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
        if facility.visits
        for month, (start, end) in enumerate(months_before(today))
    ]  # fmt: skip
