"""Buckets with a clock of their own: never more than burst + rate · time, never a negative wait, never without bound."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.exceptions import TooManyRequestsException

from survey.web.limits import MOST_BUCKETS, RULES, Limits, Rule, address_of, require, retry_after


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def made(clock: FakeClock, burst: int = 3, rate: float = 0.5, most: int = MOST_BUCKETS) -> Limits:
    return Limits({"tries": Rule(burst, rate)}, clock=clock, most=most)


def test_burst_goes_through_and_then_one_waits_for_the_next_token(clock: FakeClock) -> None:
    limits = made(clock)

    assert [limits.allow("tries", "x") for _ in range(5)] == [0.0, 0.0, 0.0, 2.0, 2.0]


def test_who_waits_as_long_as_told_goes_and_who_waits_less_does_not(clock: FakeClock) -> None:
    limits = made(clock)
    for _ in range(3):
        limits.allow("tries", "x")

    clock.now += 1.5
    early = limits.allow("tries", "x")
    clock.now += early
    then = limits.allow("tries", "x")

    assert (early, then) == (0.5, 0.0)


def test_bucket_fills_up_to_the_burst_and_no_further(clock: FakeClock) -> None:
    limits = made(clock)
    limits.allow("tries", "x")

    clock.now += 1_000_000

    assert sum(limits.allow("tries", "x") == 0 for _ in range(10)) == 3


def test_buckets_are_apart_by_endpoint_and_by_what_it_is_about(clock: FakeClock) -> None:
    limits = Limits({"one": Rule(1, 1), "other": Rule(1, 1)}, clock=clock)

    assert limits.allow("one", 1, "hanguk") == 0
    assert limits.allow("one", 1, "hanguk") == 1
    assert [limits.allow("one", 1, "wuye"), limits.allow("one", 2, "hanguk"), limits.allow("other", 1, "hanguk")] == [0, 0, 0]


def test_memory_is_bounded_and_the_bucket_used_longest_ago_goes(clock: FakeClock) -> None:
    limits = made(clock, burst=1, most=3)
    for key in "abc":
        limits.allow("tries", key)
    limits.allow("tries", "a")  # refused, but used

    limits.allow("tries", "d")

    assert len(limits) == 3
    assert limits.allow("tries", "a") > 0
    assert limits.allow("tries", "c") > 0
    assert limits.allow("tries", "b") == 0


def test_an_endpoint_without_a_rule_is_a_mistake_of_ours(clock: FakeClock) -> None:
    with pytest.raises(KeyError):
        made(clock).allow("nothing")


@given(
    burst=st.integers(1, 20),
    rate=st.floats(0.01, 50),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 15)), max_size=30),
)
def test_never_more_than_burst_and_rate_times_time_in_any_stretch(
    burst: int, rate: float, steps: list[tuple[float, int]]
) -> None:
    clock = FakeClock()
    limits = made(clock, burst=burst, rate=rate)
    went: list[float] = []

    for pause, tries in steps:
        clock.now += pause
        for _ in range(tries):
            wait = limits.allow("tries", "x")
            assert 0 <= wait <= 1 / rate + 1e-6
            if wait == 0:
                went.append(clock.now)

    for first, start in enumerate(went):
        for last in range(first, len(went)):
            assert last - first + 1 <= burst + rate * (went[last] - start) + 1e-6


@given(st.lists(st.floats(0, 5), min_size=1, max_size=20))
def test_who_never_comes_faster_than_the_rate_never_waits(pauses: list[float]) -> None:
    clock = FakeClock()
    limits = made(clock, burst=1, rate=2)

    for pause in pauses:
        assert limits.allow("tries", "x") == 0
        clock.now += 0.5 + pause


def test_a_tower_block_that_answers_at_once_is_let_in() -> None:
    """2,000 flats, two answers each, within a minute, through one channel."""
    clock = FakeClock()
    limits = Limits(clock=clock)

    waits = []
    for _ in range(4000):
        clock.now += 60 / 4000
        waits.append(limits.allow("answers", 1, "tower"))

    assert sum(waits) == 0


def test_no_rule_keeps_out_a_meeting_of_neighbours() -> None:
    limits = Limits(clock=FakeClock())

    assert {name for name in RULES.keys() - {"doubled_tap"} for _ in range(200) if limits.allow(name, "one address")} == set()


def _request(host: str | None, limits: Limits | None = None) -> Any:
    app = SimpleNamespace(state=SimpleNamespace(limits=limits))
    return SimpleNamespace(client=SimpleNamespace(host=host) if host is not None else None, app=app)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_address_counts_a_phones_half_of_ipv6_as_one(host: str | None, expected: str) -> None:
    assert address_of(_request(host)) == expected


def test_require_raises_429_with_the_seconds_to_wait(clock: FakeClock) -> None:
    limits = made(clock, burst=1, rate=0.3)
    request = _request("203.0.113.7", limits)

    require(request, "tries", "x")
    with pytest.raises(TooManyRequestsException) as raised:
        require(request, "tries", "x")

    assert (raised.value.status_code, raised.value.headers) == (429, {"Retry-After": "4"})


def test_retry_after_rounds_up() -> None:
    assert [retry_after(wait)["Retry-After"] for wait in (0.001, 1.0, 1.2)] == ["1", "1", "2"]
