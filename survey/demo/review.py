"""Two fictional meetings of several bodies about themes: one has decided, in one the committee's vote is still to come."""

from __future__ import annotations

import msgspec

PLACE = "社区服务站二楼会议室"


class FictionalVote(msgspec.Struct, frozen=True):
    """`choice` is one of survey.themes.rules.Choice."""

    who: str
    choice: str
    words: str = ""


class FictionalItem(msgspec.Struct, frozen=True):
    """A theme by its key; comments are pairs of who and what. Without a motion nothing was put to the vote yet."""

    theme: str
    comments: tuple[tuple[str, str], ...]
    motion: str = ""
    act: str = "none"
    options: tuple[str, ...] = ()
    reason: str = ""
    votes: tuple[FictionalVote, ...] = ()


class FictionalMeeting(msgspec.Struct, frozen=True):
    """Members are accounts by name, the first of them in the chair. Who is decided about is closed, with minutes."""

    days_ago: int
    hour: int
    members: tuple[str, ...]
    absent: tuple[str, ...]
    guests: tuple[tuple[str, str], ...]
    items: tuple[FictionalItem, ...]
    is_decided: bool


MEETINGS = [
    FictionalMeeting(
        days_ago=6, hour=14, members=("admin", "committee", "王芳", "周敏", "李静"), absent=("李静",), guests=(("陈师傅", "阳光物业（虚构）"),),
        items=(
            FictionalItem(
                "residence_documents.police_registration",
                (
                    ("周敏", "来问的人多是刚搬家的：不知道二十四小时内要办，也不知道带什么材料。"),
                    ("committee", "服务站每周有两个下午可以腾出一个窗口，翻译由志愿者轮值。"),
                ),
                motion="在社区服务站开设住宿登记多语种咨询窗口，每周两个下午，试行三个月",
                act="accept",
                options=("开设咨询窗口，试行三个月", "只印制多语种说明，不设窗口", "暂不处理"),
                reason="反映的人多，各语种都有；窗口用现有场地和志愿者，不增加经费。",
                votes=(
                    FictionalVote("admin", "for"),
                    FictionalVote("committee", "for", "三个月后请带着咨询人次再议。"),
                    FictionalVote("周敏", "against", "应先把多语种说明发到物业和中介，窗口两个下午覆盖不了上班的人。"),
                    FictionalVote("王芳", "recused", "本人所在单位承接服务站的翻译项目。"),
                ),
            ),
        ),
        is_decided=True,
    ),
    FictionalMeeting(
        days_ago=0, hour=10, members=("admin", "committee", "王芳", "周敏"), absent=(), guests=(("陈师傅", "阳光物业（虚构）"),),
        items=(
            FictionalItem(
                "transport_parking.parking_space",
                (("王芳", "晚上九点以后最难停，白天地下车库有空位。"), ("周敏", "外籍居民多是短租，办不了长期车位。")),
                motion="与物业商定夜间错时停车，先在两个小区试行",
                act="accept",
                options=("夜间错时停车，两个小区试行", "维持现状"),
                reason="需要的人多，而且不用新增车位。",
                votes=(
                    FictionalVote("admin", "for"),
                    FictionalVote("王芳", "for"),
                    FictionalVote("周敏", "abstain", "先听物业说明费用。"),
                ),
            ),
            FictionalItem("language_information.notices_translated", (("周敏", "楼道通知只有中文，停水停电时最急。"),)),
        ),
        is_decided=False,
    ),
]  # fmt: skip
"""All four who may vote on the first theme are there; its quorum is three and more than half, the rule of who has set none."""
