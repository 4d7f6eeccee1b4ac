"""Fictional people: their texts come from answers/*.tsv, the ticked boxes are drawn to suit them. Always the same 600. And how some
of their texts read in Chinese.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterator
from importlib import resources

import msgspec

from survey.questionnaire.values import REFUSED, Answers

DAYS = 21
BETWEEN_WAVES = 84
"""Days from a day of the first wave to the same one of the second."""
RISING, RISING_IN_SECOND, OTHERS_IN_SECOND = "transport_parking", 0.74, 0.46
"""The field of need that grows: which part of those who write about it, and of all others, answer in the second wave."""

_FOREIGN = {
    "wangjing": 12901, "shuangjing": 3577, "donghu": 3223, "maizidian": 3037, "hujialou": 2866, "jianwai": 2088,
    "balizhuang": 1954, "datun": 1248, "zuojiazhuang": 1200, "liulitun": 1100, "sanlitun": 1079, "chaowai": 973,
    "jiuxianqiao": 764, "xiaoguan": 733, "jinsong": 643, "hepingjie": 604, "xiangheyuan": 383, "tuanjiehu": 353,
    "yayuncun": 350, "panjiayuan": 211, "anzhen": 137, "shoudujichang": 45, "fatou": 33,
}  # fmt: skip
"""Foreign residents by subdistrict in 2010: how unevenly people live, as weights for the fictional ones."""

_HOMES: dict[str, dict[str, float]] = {
    "ko": {"wangjing": 14, "donghu": 2.5},
    "ja": {"maizidian": 6, "jianwai": 5, "hujialou": 3, "wangjing": 0.15},
    "ru": {"jianwai": 6, "chaowai": 9, "wangjing": 0.15},
    "ar": {"sanlitun": 9, "jianwai": 4, "wangjing": 0.2},
    "fr": {"sanlitun": 8, "maizidian": 4, "zuojiazhuang": 4, "wangjing": 0.1},
    "de": {"maizidian": 7, "zuojiazhuang": 5, "wangjing": 0.1},
    "es": {"sanlitun": 5, "shuangjing": 3, "wangjing": 0.1},
    "en": {"wangjing": 0.3, "sanlitun": 5, "shuangjing": 1.5},
    "zh-Hant": {"wangjing": 0.3, "shuangjing": 1.5},
    "zh-Hans": {"wangjing": 0.4},
}
"""By how much more (or less) than that the writers of a language live somewhere."""

_FIELDS = {
    "health": ["health"], "home": ["housing_property", "elderly_disability"], "safety": ["safety_security"],
    "environment": ["environment_noise"], "transport": ["transport_parking"],
    "information": ["language_information", "residence_documents", "daily_life_services"],
    "neighbours": ["social_integration", "culture_leisure", "governance_participation"],
}  # fmt: skip
_SERVICES = {
    "health_centre": (0.6, 0.5), "service_station": (0.45, 0.5), "library": (0.3, 0.25), "sports_rooms": (0.4, 0.4),
    "classes_events": (0.45, 0.35), "registration": (0.7, 0.8),
}  # fmt: skip
"""Share that knows a service, and share of those that used it."""


_COMPLAINTS: dict[tuple[str, int], tuple[list[str], str]] = {
    ("ko", 4): (["property"], "경비원이 택배 기사와 다투면서 저희 부모님께도 소리를 질렀습니다. 말이 안 통한다고 손짓으로 나가라고 했어요."),
    ("ko", 31): (["committee"], "주민위원회 직원이 한국 사람들은 원래 시끄럽다고 웃으면서 말했습니다. 무척 불쾌했습니다."),
    ("ko", 52): (["service_station"], "서비스센터 창구에서 20분을 기다렸는데 아무 설명도 없이 다른 창구로 가라고만 했습니다."),
    ("en", 7): (["committee"], "Two people from the committee came to take pictures of us for their report and never asked."),
    ("en", 22): (["subdistrict"], "At the subdistrict office they kept my passport at the counter and chatted while I waited."),
    ("ja", 5): (["property"], "管理会社の方が、鍵の件で何度も約束の時間に来ませんでした。電話でも謝罪はありませんでした。"),
    ("zh-Hans", 9): (["property"], "物业前台态度很差，报修三次都说没收到，还嫌我打电话多。"),
    ("zh-Hans", 14): (["committee", "service_station"], "去开证明，工作人员一边看手机一边让我下周再来。"),
    ("ru", 3): (["property"], "Охранник каждый раз спрашивает меня о визе на глазах у соседей."),
    ("fr", 6): (["elsewhere"], "Un agent, je ne sais pas de quel service, a parlé très fort de ma situation devant tout le monde."),
}
"""Complaints about staff: language and number of the person, whose staff, and what happened."""


class FictionalAnswer(msgspec.Struct, frozen=True):
    """`days_ago` counts back from today; `language` is the page's; `wave` is 1 or 2."""

    client_id: str
    language: str
    answers: Answers
    days_ago: int
    wave: int


class FictionalRendering(msgspec.Struct, frozen=True):
    """How a text reads in Chinese: written by a volunteer or by staff, and whether somebody has accepted it."""

    original: str
    chinese: str
    is_by_volunteer: bool
    is_accepted: bool


def fictional_renderings() -> list[FictionalRendering]:
    text = resources.files("survey.demo").joinpath("renderings.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [
        FictionalRendering(row["original"], row["chinese"], row["who"].startswith("volunteer"), not row["who"].endswith("open"))
        for row in rows
    ]


def fictional_answers() -> Iterator[FictionalAnswer]:
    """Yield all fictional people, the same ones each time."""
    folder = resources.files("survey.demo").joinpath("answers")
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if not path.name.endswith(".tsv"):
            continue
        tag = path.name.removesuffix(".tsv")
        rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, row in enumerate(rows):
            yield _person(tag, number, row, random.Random(f"{tag}:{number}"))  # noqa: S311 -- fiction, not secrets


def _person(tag: str, number: int, row: dict[str, str], dice: random.Random) -> FictionalAnswer:
    about = set(row["about"].split(","))
    answers: Answers = {
        "subdistrict": _home(tag, dice),
        "time_in_beijing": dice.choices(
            ["under_6_months", "6_months_to_2_years", "2_to_5_years", "over_5_years", REFUSED],
            [2, 5, 6, 20 if tag.startswith("zh") else 6, 0.5],
        )[0],
        "origin": _origin(tag, dice),
    }
    for question, text in (("need_most", row["need"]), ("change_first", row["change"])):
        if text.strip():
            answers[question] = text.strip()
    for service, (known, used) in _SERVICES.items():
        _service(answers, service, known, used, dice)
    for field, categories in _FIELDS.items():
        is_theirs = bool(about & set(categories))
        if dice.random() < 0.95:
            answers[f"importance_{field}"] = dice.choices([1, 2, 3, 4, 5], [0, 0, 1, 4, 8] if is_theirs else [1, 2, 4, 5, 4])[0]
        if dice.random() < 0.93:
            answers[f"satisfaction_{field}"] = dice.choices([1, 2, 3, 4, 5], [4, 5, 3, 1, 0] if is_theirs else [1, 2, 5, 6, 3])[0]
    if dice.random() < 0.95:
        answers["belonging"] = dice.choices([1, 2, 3, 4, 5], [2, 4, 6, 5, 2])[0]
    if (tag, number) in _COMPLAINTS:
        answers["complaint"] = ["yes"]
        answers["complaint_about"], answers["complaint_words"] = _COMPLAINTS[tag, number]
    wishes = ["events", "meetings", "volunteer", "interpret", "teach", "online"]
    chosen = [wish for wish in wishes if dice.random() < 0.25]
    if chosen or dice.random() < 0.6:
        answers["participation"] = chosen or ["not_now"]
    if dice.random() < 0.55:
        answers["may_quote"] = "yes"
    if dice.random() < 0.35:
        answers["may_contact"] = "yes"
    days_ago, wave = min(DAYS - 1, int(dice.triangular(0, DAYS, 14))), _wave(tag, number, about)
    return FictionalAnswer(
        client_id=f"demo-{tag}-{number:04d}".ljust(16, "-"),
        language=row["page"],
        answers=answers,
        days_ago=days_ago if wave == 2 else days_ago + BETWEEN_WAVES,
        wave=wave,
    )


def _wave(tag: str, number: int, about: set[str]) -> int:
    """Drawn with dice of its own, so that what people say stays the same."""
    dice = random.Random(f"second:{tag}:{number}")  # noqa: S311 -- fiction, not secrets
    return 2 if dice.random() < (RISING_IN_SECOND if RISING in about else OTHERS_IN_SECOND) else 1


def _home(tag: str, dice: random.Random) -> str:
    if dice.random() < 0.03:
        return dice.choice([REFUSED, "elsewhere"])
    likes = _HOMES[tag]
    places = list(_FOREIGN)
    # The square root keeps the smallest places from being empty in 600 answers, without making them large.
    return dice.choices(places, [_FOREIGN[place] ** 0.5 * likes.get(place, 1.0) for place in places])[0]


def _origin(tag: str, dice: random.Random) -> str:
    if dice.random() < 0.03:
        return REFUSED
    if tag == "zh-Hans":
        return "mainland" if dice.random() < 0.88 else "another_country"
    return "hk_mo_tw" if tag == "zh-Hant" else "another_country"


def _service(answers: Answers, service: str, known: float, used: float, dice: random.Random) -> None:
    if dice.random() < 0.03:
        return
    is_known = dice.random() < known
    answers[f"aware_{service}"] = "yes" if is_known else "no"
    if not is_known:
        return
    is_user = dice.random() < used
    answers[f"used_{service}"] = "yes" if is_user else "no"
    if is_user and dice.random() < 0.95:
        answers[f"satisfied_{service}"] = dice.choices([1, 2, 3, 4, 5], [1, 3, 4, 6, 3])[0]


def day_of(answer: FictionalAnswer, today: dt.date) -> dt.date:
    return today - dt.timedelta(days=answer.days_ago)
