"""The minutes as files: whatever the format the same words, the figures of the prose those of the tables, words of dissent as they are."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import pypdfium2
import pytest
from docx import Document
from msgspec.structs import replace

from survey import clock
from survey.official import Grid
from survey.themes.review_documents import Minutes, MinutesItem, minutes_blocks, write_minutes
from survey.themes.rules import Act, Count, ItemRecord, Person, QuorumRule, Said, Share

HERE = {"zh-Hans": "望京街道", "en": "Wangjing Subdistrict"}
CHEN, WU, ZHAO = Person("陈明", "committee", HERE), Person("吴静", "social_worker", HERE), Person("赵磊", "committee", HERE)
RECORD = ItemRecord(
    theme_names={"zh-Hans": "停车位不足", "en": "Too few parking spaces"}, people=45, wrote=200, motion="列入今年的计划", act=Act.ACCEPT,
    options=["列入计划", "暂不处理"], reason="居民反映最多", discussion=[Said(WU, "请看\n5 号楼")],
    count=Count(entitled=11, present=9, in_favour=6, against=2, abstained=1, recused=1, silent=0, quorum=8),
    rule=QuorumRule(3, Share.TWO_THIRDS), dissent=[Said(WU, "花钱太多，“先试一个月”")], recused=[Said(ZHAO, "我在物业任职"), Said(CHEN, "")],
)  # fmt: skip
OPEN = replace(RECORD, theme_names={"en": "Doctors"}, people=None, motion="", options=[], reason="", dissent=[Said(WU, "not told yet")], recused=[], discussion=[],
               count=Count(entitled=12, present=10, in_favour=7, against=0, abstained=0, recused=0, silent=3, quorum=8))  # fmt: skip
MINUTES = Minutes(
    survey="您的社区需要什么？", is_fictional=False, starts_at=dt.datetime(2026, 3, 5, 9, 30, tzinfo=clock.BEIJING), place="居委会二楼",
    chair=CHEN, present=[CHEN, WU], absent=[ZHAO], guests=[Person("李伟", guest_of="阳光物业")],
    items=[MinutesItem(RECORD, True, True, [(dt.datetime(2026, 3, 4, 1, tzinfo=dt.UTC), "新的数据")]), MinutesItem(OPEN, None, False, [])],
    source_id="0123456789ab", language="en",
)  # fmt: skip


def _docx(minutes: Minutes) -> Any:
    return Document(io.BytesIO(write_minutes(minutes, "docx")))


def _prose(minutes: Minutes) -> list[str]:
    return [paragraph.text for paragraph in _docx(minutes).paragraphs]


def test_minutes_say_who_came_what_was_weighed_and_what_was_decided() -> None:
    text = _prose(MINUTES)

    assert text[:2] == ["Draft for comments　Internal", "“您的社区需要什么？”\nMinutes of the review of needs"]
    for line in (
        "Place: 居委会二楼", "Chair: 陈明 (Wangjing Subdistrict · residents’ committee)", "Members: 3 were invited, 2 were present, 1 absent",
        "Guests without a vote: 李伟 (阳光物业)", "1. Too few parking spaces", "About 45 people name this need, 23% of those who wrote.",
        "Motion: 列入今年的计划", "Options considered: (1) 列入计划 (2) 暂不处理",
        "吴静 (Wangjing Subdistrict · community service station): “请看 5 号楼”",
        "6 in favour, 2 against, 1 abstentions: passed.", "列入今年的计划 The theme is accepted.", "Reason: 居民反映最多",
        "吴静 (Wangjing Subdistrict · community service station): “花钱太多，“先试一个月””",
        "赵磊 (Wangjing Subdistrict · residents’ committee) has an interest of their own (我在物业任职) and did not vote: counted in the attendance, not in the quorum of this theme.",
        "2. Doctors", "The vote is not closed.", "Fewer than 10 people name this need, or it has not been counted.", "Minutes’ id: 0123456789ab",
    ):  # fmt: skip
        assert line in text, line
    assert any("(of what kind was not said)" in line for line in text)
    assert any(line.startswith("The vote was opened again on") and line.endswith("because: 新的数据") for line in text)
    assert not any("fictional" in line or "not told yet" in line for line in text)
    assert "Demonstration: every answer is fictional." in _prose(replace(MINUTES, is_fictional=True))


def test_figures_of_the_prose_are_those_of_the_tables() -> None:
    document = _docx(MINUTES)
    text = " ".join(paragraph.text for paragraph in document.paragraphs)
    attendance, votes = ([[cell.text for cell in row.cells] for row in table.rows][1:] for table in document.tables)

    assert [row[2] for row in attendance] == ["present", "present", "absent"]
    seats, present, absent = re.search(r"(\d+) were invited, (\d+) were present, (\d+) absent", text).groups()  # type: ignore[union-attr]  # it is there
    assert (int(seats), int(present), int(absent)) == (len(attendance), 2, 1)
    told = re.findall(r"(\d+) are entitled to vote on this theme, (\d+) of them were present; the quorum is (\d+) ", text)
    assert [row[2:5] for row in votes] == [list(found) for found in told] == [["11", "9", "8"], ["12", "10", "8"]]
    [cast] = re.findall(r"(\d+) in favour, (\d+) against, (\d+) abstentions: (\w+)\.", text)
    assert votes[0][5:] == list(cast)
    assert votes[1][5:] == ["—", "—", "—", "not decided yet"]  # how an open vote stands is told nowhere
    assert "7" not in re.findall(r"\d+", text.split("2. Doctors")[1].split("Minutes’ id")[0])


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (MinutesItem(RECORD, False, True, []), "The motion was not passed; the theme stays as it is."),
        (MinutesItem(RECORD, True, False, []), "列入今年的计划 This has not been done in the system yet."),
        (MinutesItem(replace(RECORD, act=Act.DISMISS), True, True, []), "列入今年的计划 The theme is dismissed."),
        (MinutesItem(replace(RECORD, act=Act.NONE), True, True, []), "列入今年的计划"),
    ],
)
def test_a_decision_says_its_effect(item: MinutesItem, line: str) -> None:
    assert line in _prose(replace(MINUTES, items=[item]))


def test_both_formats_hold_the_same_words_and_the_same_minutes_give_the_same_bytes() -> None:
    minutes = replace(MINUTES, language="zh-Hans")
    pdf = write_minutes(minutes, "pdf")

    assert (pdf, write_minutes(minutes, "docx")) == (write_minutes(minutes, "pdf"), write_minutes(minutes, "docx"))
    printed = re.sub(r"\s+|—\d—", "", "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)))
    printed = re.sub(r"—\d+—", "", printed)
    for block in minutes_blocks(minutes):
        for text in [block.caption, *block.columns, *(cell for row in block.rows for cell in row)] if isinstance(block, Grid) else [block.text]:
            assert re.sub(r"\s+", "", text) in printed, text


def test_a_meeting_without_themes_or_chair_says_so() -> None:
    empty = replace(MINUTES, items=[], chair=None, guests=[])

    assert {"There is no theme on the agenda.", "Chair: not recorded"} <= set(_prose(empty))
    assert len(_docx(empty).tables) == 1
