"""Codes and addresses: what a name becomes, what can be read off a poster."""

from __future__ import annotations

import pytest

from survey.outreach.rules import code_from, is_code, readable, short_link


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Gate 7, Wangjing", "gate-7-wangjing"),
        ("  --Café  Zoë-- ", "cafe-zoe"),
        ("望京韩国超市", ""),
        ("望京 SOHO 塔 3", "soho-3"),
        ("한국", ""),
        ("x" * 120, "x" * 24),
        ("abcdefghijklmnopqrstuvw - z", "abcdefghijklmnopqrstuvw"),
        ("", ""),
    ],
)
def test_code_from_a_name_can_stand_in_a_link(name: str, code: str) -> None:
    made = code_from(name)

    assert made == code
    assert not made or is_code(f"{made}-99")


@pytest.mark.parametrize(
    ("base", "printed"),
    [
        ("https://linsheng.example.cn", "linsheng.example.cn/c/7KQM3F"),
        ("https://linsheng.example.cn/", "linsheng.example.cn/c/7KQM3F"),
        ("http://192.168.1.4:8000", "http://192.168.1.4:8000/c/7KQM3F"),
    ],
)
def test_address_is_printed_without_what_phones_add_by_themselves(base: str, printed: str) -> None:
    assert readable(short_link(base, "7KQM3F")) == printed
