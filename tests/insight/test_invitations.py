"""What may be shown of invitations, and how their ends become AAPOR's dispositions."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics.rates import Dispositions
from survey.insight.invitations import batch_figures, dispositions, response_rates
from survey.outreach.invitations import BatchView


def batch(
    size: int, *, used: int = 0, opened: int = 0, undelivered: int = 0, declined: int = 0, is_expired: bool = False,
    public_id: str = "a",
) -> BatchView:  # fmt: skip
    day = dt.date(2026, 5, 1)
    return BatchView(
        public_id=public_id, survey_id=1, name="B", channel="", size=size, expires_on=day, created_on=day,
        is_expired=is_expired, undelivered=undelivered, declined=declined, opened=opened, used=used,
    )  # fmt: skip


@st.composite
def batches(draw: st.DrawFn) -> list[BatchView]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        size = draw(st.integers(1, 200))
        used = draw(st.integers(0, size))
        undelivered = draw(st.integers(0, size))
        found.append(
            batch(
                size, used=used, opened=draw(st.integers(0, size - used)), undelivered=undelivered,
                declined=draw(st.integers(0, size - undelivered)), is_expired=draw(st.booleans()), public_id=str(number),
            )
        )  # fmt: skip
    return found


def test_dispositions_name_each_end_once() -> None:
    cases = dispositions([batch(100, used=40, opened=10, undelivered=20, declined=5), batch(50, used=15, is_expired=True)])

    assert cases == Dispositions(complete=55, refusal=15, non_contact=20, unknown_other=60)


@pytest.mark.parametrize(
    ("one", "cases"),
    [
        (batch(10, used=10, undelivered=4, declined=2), Dispositions(complete=10)),
        (batch(10, used=6, opened=3, declined=7), Dispositions(complete=6, refusal=4)),
        (batch(10, used=6, declined=2, undelivered=8), Dispositions(complete=6, refusal=2, non_contact=2)),
        (batch(10), Dispositions(unknown_other=10)),
    ],
)
def test_dispositions_trust_an_answer_more_than_what_was_noted_at_the_door(one: BatchView, cases: Dispositions) -> None:
    assert dispositions([one]) == cases


@given(batches())
def test_dispositions_count_every_invitation_once(some: list[BatchView]) -> None:
    cases = dispositions(some)

    assert cases.total == sum(one.size for one in some)
    assert cases.complete == sum(one.used for one in some)


def test_response_rates_are_those_of_all_batches_together() -> None:
    found = response_rates([batch(600, used=120, opened=60, undelivered=240), batch(400, used=60)])

    assert found is not None
    assert found.cases == Dispositions(complete=180, refusal=60, non_contact=240, unknown_other=520)
    assert (found.rates.rr1, found.rates.rr3, found.rates.rr5, found.e) == (0.18, 0.18, 180 / 480, 1.0)


@pytest.mark.parametrize("used", [0, 1, 9])
def test_response_rates_of_a_few_are_not_told(used: int) -> None:
    assert response_rates([batch(100, used=used)]) is None


def test_response_rates_of_no_invitations_are_none() -> None:
    assert response_rates([]) is None


def test_figures_hide_small_groups_and_what_they_follow_from() -> None:
    """9 alone is small; 12 goes with it, because 9 would follow from the total."""
    figures = batch_figures(
        [batch(50, used=9, is_expired=True, public_id="a"), batch(50, used=12, is_expired=True, public_id="b"),
         batch(50, used=30, opened=11, is_expired=True, public_id="c"), batch(50, public_id="d")]
    )  # fmt: skip

    assert [(one.opened, one.used, one.expired) for one in figures] == [(0, None, None), (0, None, None), (11, 30, 20), (0, 0, 0)]


@given(batches())
def test_figures_never_show_a_few_people(some: list[BatchView]) -> None:
    for one in batch_figures(some):
        for shown in (one.opened, one.used):
            assert shown is None or shown == 0 or shown >= 10
        if one.expired is not None and one.batch.is_expired:
            assert one.used is not None
