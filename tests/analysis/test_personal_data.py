"""Personal data in answers: found where residents write it, left alone where a number says nothing about anybody, masked for good."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from analysis.text.personal_data import CHINESE_NAMES, Finding, find, mask
from tests.analysis.conftest import read_rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "data-quality.md"
LANGUAGES = ("zh-Hans", "en", "ko", "ja")
PARTS = ("development", "test", "second test", "third test")
"""In the order of writing: the first before the rules, each other one before the rules learned from it."""
STRUCTURED = frozenset(CHINESE_NAMES) - {"address"}
_LABEL = re.compile(r"⟦(?P<kind>\w+)\|(?P<value>[^⟧]*)⟧")


@dataclass(frozen=True)
class Answer:
    """A text as a resident writes it, and what whoever wrote it marked as personal: kind, start and end."""

    part: str
    language: str
    text: str
    labels: tuple[tuple[str, int, int], ...]


def an_answer(row: dict[str, str]) -> Answer:
    text, at, labels = "", 0, []
    for match in _LABEL.finditer(row["text"]):
        text += row["text"][at : match.start()]
        labels.append((match["kind"], len(text), len(text) + len(match["value"])))
        text += match["value"]
        at = match.end()
    return Answer(row["part"], row["language"], text + row["text"][at:], tuple(labels))


ANSWERS = [an_answer(row) for row in read_rows("personal_data")]


def is_same(label: tuple[str, int, int], finding: Finding) -> bool:
    """A number has to be found as a whole and nothing else with it; of an address all that is marked, where it ends is nobody's rule."""
    kind, start, end = label
    if kind == "address" == finding.kind:
        return finding.start <= start and end <= finding.end
    return label == (finding.kind, finding.start, finding.end)


def rates(answers: Iterable[Answer], kinds: frozenset[str]) -> tuple[float, float, list[str]]:
    """Recall over labels, precision over findings, and what went wrong."""
    labels = findings = found = right = 0
    wrong = []
    for answer in answers:
        wanted = [label for label in answer.labels if label[0] in kinds]
        given_back = [finding for finding in find(answer.text, answer.language) if finding.kind in kinds]
        missed = [label for label in wanted if not any(is_same(label, finding) for finding in given_back)]
        false = [finding for finding in given_back if not any(is_same(label, finding) for label in wanted)]
        labels, found = labels + len(wanted), found + len(wanted) - len(missed)
        findings, right = findings + len(given_back), right + len(given_back) - len(false)
        wrong += [f"missed {kind} {answer.text[start:end]!r}: {answer.text}" for kind, start, end in missed]
        wrong += [f"false {finding.rule} {answer.text[finding.start : finding.end]!r}: {answer.text}" for finding in false]
    return found / labels, right / findings, wrong


# The labelled set


def test_labelled_set_is_large_and_of_all_kinds() -> None:
    kinds = {kind for answer in ANSWERS for kind, *_ in answer.labels}

    assert sum(bool(answer.labels) for answer in ANSWERS) >= 120
    assert sum(not answer.labels for answer in ANSWERS) >= 120
    assert kinds == set(CHINESE_NAMES)
    assert {answer.part for answer in ANSWERS} == set(PARTS)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_labelled_set_has_answers_with_and_without_personal_data(language: str, part: str) -> None:
    found = [bool(answer.labels) for answer in ANSWERS if (answer.language, answer.part) == (language, part)]

    assert {True, False} == set(found)
    assert len(found) > 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_personal_data_is_found_in_every_language(language: str) -> None:
    recall, precision, wrong = rates((a for a in ANSWERS if a.language == language), frozenset(CHINESE_NAMES))

    assert recall >= 0.98, wrong
    assert precision >= 0.95, wrong


def test_structured_kinds_are_found_in_all_languages_together() -> None:
    recall, precision, wrong = rates(ANSWERS, STRUCTURED)

    assert recall >= 0.98, wrong
    assert precision >= 0.95, wrong


# What belongs to everybody, and what people write that is no number of theirs


@pytest.mark.parametrize("cue", ["电话", "电话：", "拨打", "call ", "tel. ", "전화 ", "電話は", "微信", "护照"])
@pytest.mark.parametrize("hotline", ["110", "12345", "12306", "10086", "96156", "95588", "400-810-0000", "4008100000", "800-810-0000", "+86 400 810 0000"])
@pytest.mark.parametrize("language", ["zh-Hans", "en", "ko"])
def test_public_hotlines_stay(cue: str, hotline: str, language: str) -> None:
    assert find(f"{cue}{hotline}", language) == []


@pytest.mark.parametrize("text", ["5号楼没有电梯", "Building 5 has no lift", "103동 엘리베이터", "3号棟の前", "工体北路8号", "2单元没有灯", "会在3号楼302会议室开"])
def test_building_alone_is_nobodys_address(text: str) -> None:
    assert find(text, "zh-Hans") == []


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("ru", "Мой телефон +7 916 000-00-01, лифт сломан", "+7 916 000-00-01"),
        ("ru", "звоните 8 (916) 000-00-01 вечером", "8 (916) 000-00-01"),
        ("ru", "паспорт № 71 0000001 не принимают", "71 0000001"),
        ("ru", "телеграм @test_ivan пишите", "@test_ivan"),
        ("ru", "живу в кв. 1203, шумно", "кв. 1203"),
        ("fr", "mon passeport n° 00AA00001 est refusé", "00AA00001"),
        ("de", "Reisepass Nummer C00000012 wird nicht gelesen", "C00000012"),
        ("es", "mi pasaporte es AAA000001", "AAA000001"),
        ("ar", "رقم هاتفي ١٣٩٠٠٠٠١٢٣٤ والمصعد معطل", "١٣٩٠٠٠٠١٢٣٤"),
        ("zh-Hant", "護照號碼：300000012，不能開戶", "300000012"),
        ("en", "our camera has 2001:db8:0:0:0:0:0:1 open", "2001:db8:0:0:0:0:0:1"),
    ],
)
def test_other_languages_are_heard_too(language: str, text: str, value: str) -> None:
    assert [text[finding.start : finding.end] for finding in find(text, language)] == [value]


@pytest.mark.parametrize(("text", "kind"), [("身份证110101199003070004", "id_number"), ("卡4111111111111112", "card")])
def test_wrong_check_digit_is_no_finding(text: str, kind: str) -> None:
    assert kind not in {finding.kind for finding in find(text, "zh-Hans")}


@pytest.mark.parametrize("text", ["第5.0.2.3项规定", "合同法46.47.48.87条", "版本 1.2.3.4", "app v1.2.3.4"])
def test_numbers_of_paragraphs_and_versions_are_no_computers(text: str) -> None:
    assert find(text, "zh-Hans") == []


# Documented misses

MISSES = (
    ("zh-Hans", "张伟住我楼上"),
    ("zh-Hans", "我住学校后面那栋黄房子"),
    ("zh-Hans", "我住5号楼"),
    ("zh-Hans", "身份证110101199003070004"),
    ("zh-Hans", "邮箱 lin#example.com"),
    ("zh-Hans", "微信lindaflower加我"),
    ("en", "my wechat is lindaflower"),
    ("en", "my number ends in 1234"),
    ("en", "one three nine zero zero zero zero one two three four"),
    ("ko", "주민등록번호 900101-1234567"),
    ("ja", "マイナンバー 123456789018"),
)
"""If a rule learns one of these, the table in docs/data-quality.md and this list lose it."""


@pytest.mark.parametrize(("language", "text"), MISSES)
def test_documented_misses_are_missed_and_documented(language: str, text: str) -> None:
    assert find(text, language) == []
    assert f"`{text}`" in DOCUMENT.read_text(encoding="utf-8").split("## What masking misses")[1]


# Offsets and masks

VALUES = ("13800138000", "138 0013 8000", "lin.test@example.com", "110101199003070003", "4111 1111 1111 1111")
PIECES = (
    *VALUES, "微信", "微信：", "QQ", "电话", "tel ", "护照", "passport no. ", "LINE ID:", "永久居留", "回乡证", "lin_2024", "E00000012", "12345678",
    "USA110085021400", "一三八零零一三八零零零", "공일공 일이삼사 오육칠팔", "幺三九", "京A00001", "使014578", "3号楼", "2单元", "501室", "Building 3, ", "Room 501", "Apt 12B",
    "103동 502호", "205号室", "https://weibo.com/u/1", "192.0.2.1", "[", "]", "[电话]", "[at]", "@", ".", " ", "-", "ー", "+86", "0", "1", "９", "٣", "\u200b", "号", "是",
    "，", "x", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)  # fmt: skip
written = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=40))
languages = st.sampled_from((*LANGUAGES, "ru", "und"))
OTHER_NAMES = dict.fromkeys(CHINESE_NAMES, "passport number")
"""A name that could be a cue itself."""


@given(written, languages)
@example("微信[电话] lin_2024", "zh-Hans")
@example("一三八零零一三八零零零 一三八零零一三八零零零1", "zh-Hans")
def test_findings_are_in_order_and_apart(text: str, language: str) -> None:
    found = find(text, language)

    assert all(0 <= finding.start < finding.end <= len(text) for finding in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize("names", [CHINESE_NAMES, OTHER_NAMES])
@given(text=written, language=languages)
@example(text="护照 12345678 13800138000 E00000012", language="zh-Hans")
@example(text="[护照 13800138000] 123456789", language="zh-Hans")
@example(text="13800138000공일공 일이삼사 오육칠팔lin.test@example.com", language="zh-Hans")
def test_masked_text_holds_nothing_more_to_mask(names: dict[str, str], text: str, language: str) -> None:
    masked = mask(text, find(text, language), names)

    assert mask(masked, find(masked, language), names) == masked


@given(written, languages)
def test_mask_changes_findings_alone(text: str, language: str) -> None:
    found = find(text, language)
    borders = [0, *(border for finding in found for border in (finding.start, finding.end)), len(text)]
    kept = [text[start:end] for start, end in zip(borders[::2], borders[1::2], strict=True)]

    pieces = [piece for finding, before in zip(found, kept, strict=False) for piece in (before, f"[{CHINESE_NAMES[finding.kind]}]")]

    assert mask(text, found) == "".join([*pieces, kept[-1]])


def typed(value: str, how: str) -> str:
    """The same value from another keyboard."""
    if how == "wide":
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    if how == "arabic":
        return "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in value)
    if how == "invisible":
        return "\u200b".join(value)
    return value


@given(
    st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=12),
    st.sampled_from(VALUES),
    st.sampled_from(["plain", "wide", "arabic", "invisible"]),
    st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=12),
)
@example("\ufdfa\u200b", "13800138000", "wide", "")
def test_offsets_point_into_the_original(before: str, value: str, how: str, after: str) -> None:
    as_typed = typed(value, how)
    before, after = f"{before}，", f"，{after}"
    assume("[" not in before)

    found = find(f"{before}{as_typed}{after}", "zh-Hans")

    assert (len(before), len(before) + len(as_typed)) in {(finding.start, finding.end) for finding in found}


def test_mask_takes_a_readers_own_words_but_none_that_would_be_read_as_data() -> None:
    text = "call 13800138000"
    found = find(text, "en")

    assert mask(text, found, {"phone": "phone number"}) == "call [phone number]"
    with pytest.raises(ValueError, match="letters"):
        mask(text, found, {"phone": "phone 1"})


@pytest.mark.parametrize(
    "text", ["1 " * 5_000, "微信" * 5_000, "a." * 5_000 + "@", "护照 " * 3_000, "12-" * 3_000, "A<" * 5_000, "3号楼" * 3_000, "unit 1 " * 1_500, "13800138000 " * 800, "a@b.cn " * 1_400, "一" * 10_000]
)
def test_find_takes_no_longer_than_a_glance_for_hostile_texts(text: str) -> None:
    begun = time.process_time()

    find(text, "en")

    assert time.process_time() - begun < 3
