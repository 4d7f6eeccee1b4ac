"""Invitation codes, and the pass that a browser holds for one."""

from __future__ import annotations

import datetime as dt
import re

from hypothesis import given
from hypothesis import strategies as st

from survey.codes import hash_code
from survey.outreach.rules import (
    PASS_LASTS,
    invitation_code,
    invitation_link,
    make_pass,
    pass_cookie_name,
    read_pass,
)

SECRET = "a secret for tests, long enough to be taken"
NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
HASH = hash_code("7KQM-3FZD-A2C4-9XYZ")


def test_code_is_the_same_for_the_same_secret_batch_and_number_and_differs_otherwise() -> None:
    code = invitation_code(SECRET, "batch", 1)

    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert invitation_code(SECRET, "batch", 1) == code
    others = {invitation_code(SECRET + "!", "batch", 1), invitation_code(SECRET, "other", 1), invitation_code(SECRET, "batch", 11)}
    assert len(others | {code}) == 4


def test_codes_of_a_large_batch_are_all_different() -> None:
    assert len({invitation_code(SECRET, "batch", number) for number in range(2000)}) == 2000


def test_link_holds_the_code() -> None:
    assert invitation_link("https://a.cn/", "7KQM-3FZD-A2C4-9XYZ") == "https://a.cn/i/7KQM-3FZD-A2C4-9XYZ"


def test_cookie_name_is_bound_to_the_host_where_there_is_tls() -> None:
    assert [pass_cookie_name(is_secure=True), pass_cookie_name(is_secure=False)] == ["__Host-invitation", "invitation"]


def test_pass_is_read_for_a_day_and_not_longer() -> None:
    cookie = make_pass(SECRET, "survey", HASH, NOW)

    assert read_pass(SECRET, "survey", cookie, NOW) == HASH
    assert read_pass(SECRET, "survey", cookie, NOW + PASS_LASTS - dt.timedelta(seconds=1)) == HASH
    assert read_pass(SECRET, "survey", cookie, NOW + PASS_LASTS) is None


def test_pass_is_for_one_survey_and_one_server() -> None:
    cookie = make_pass(SECRET, "survey", HASH, NOW)

    assert read_pass(SECRET, "another", cookie, NOW) is None
    assert read_pass(SECRET + "!", "survey", cookie, NOW) is None


def test_pass_cannot_be_made_longer_or_for_another_code() -> None:
    code_hash, until, signature = make_pass(SECRET, "survey", HASH, NOW).split(".")

    assert read_pass(SECRET, "survey", f"{code_hash}.{int(until) + 1}.{signature}", NOW) is None
    assert read_pass(SECRET, "survey", f"{hash_code('another')}.{until}.{signature}", NOW) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_pass_that_was_made_up_is_none(cookie: str) -> None:
    assert read_pass(SECRET, "survey", cookie, NOW) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.sampled_from([0, 1, 2]))
def test_pass_with_a_part_made_up_is_none(part: str, place: int) -> None:
    parts = make_pass(SECRET, "survey", HASH, NOW).split(".")
    if part == parts[place]:
        return
    parts[place] = part

    assert read_pass(SECRET, "survey", ".".join(parts), NOW) is None
