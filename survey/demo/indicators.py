"""Three guidance indicators for the demonstration, as its committee would word them."""

from __future__ import annotations

from typing import NamedTuple


class DemoIndicator(NamedTuple):
    question: str
    answers: list[str]
    names: dict[str, str]
    purpose: str
    caveat: str
    percent: str


INDICATORS = [
    DemoIndicator(
        "aware_library", ["yes"], {"zh-Hans": "知道社区图书室的居民", "en": "Residents who know the library"},
        "图书室每天不到二十人。先弄清是不知道，还是知道但不需要，再决定怎么宣传。", "只有看到问卷的人回答；知道不等于用过。", "60",
    ),
    DemoIndicator(
        "satisfied_health_centre", ["4", "5"], {"zh-Hans": "用过卫生服务中心的人里满意的", "en": "Satisfied users of the health centre"},
        "看语言帮助和预约方式改进以后，用过的人是否觉得更好。", "只问用过的人；没有去过的人为什么不去，这里看不出来。", "",
    ),
    DemoIndicator(
        "belonging", ["4", "5"], {"zh-Hans": "觉得自己属于这个社区的居民", "en": "Residents who feel that they belong"},
        "邻里活动的目的就是让人有归属感，每年看一次有没有变化。", "归属感变化慢，住得久的人本来就高；要和居住时间一起看。", "50",
    ),
]  # fmt: skip
