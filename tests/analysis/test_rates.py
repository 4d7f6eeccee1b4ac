"""AAPOR's outcome rates: a worked example, and what holds for any cases."""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics.rates import Dispositions, Rates, estimated_eligibility, outcome_rates

EXAMPLE = Dispositions(complete=180, partial=20, refusal=60, non_contact=240, other=10, unknown_other=490)

numbers = st.integers(0, 5000)
cases = st.builds(Dispositions, **{item.name: numbers for item in fields(Dispositions)})
shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("rate", "percent"),
    [("rr1", 18.0), ("rr2", 20.0), ("rr3", 23.8), ("rr4", 26.5), ("rr5", 35.3), ("rr6", 39.2),
     ("coop1", 66.7), ("coop2", 74.1), ("coop3", 69.2), ("coop4", 76.9), ("ref1", 6.0), ("ref2", 7.9), ("ref3", 11.8),
     ("con1", 27.0), ("con2", 35.8), ("con3", 52.9)],
)  # fmt: skip
def test_rates_of_the_worked_example(rate: str, percent: float) -> None:
    """Response rates from the project's requirements; the others by hand: 180/270, 200/270, 180/260, …, 270/510."""
    assert round(100 * getattr(outcome_rates(EXAMPLE, 0.5), rate), 1) == percent


def test_cases_are_counted_by_what_is_known_of_them() -> None:
    every = Dispositions(
        complete=1, partial=2, refusal=4, non_contact=8, other=16, unknown_household=32, unknown_other=64
    )

    assert (every.interviewed, every.contacted, every.eligible, every.unknown, every.total) == (3, 23, 31, 96, 127)


def test_rates_of_nobody_are_none() -> None:
    assert set(asdict(outcome_rates(Dispositions(), 1.0)).values()) == {None}


def test_rates_of_unknown_cases_alone_divide_by_none_of_them_where_e_is_0() -> None:
    rates = outcome_rates(Dispositions(unknown_household=5, unknown_other=5), 0.0)

    assert {name for name, rate in asdict(rates).items() if rate is not None} == {"rr1", "rr2", "ref1", "con1"}
    assert (rates.rr1, rates.con1) == (0.0, 0.0)


@given(cases, shares)
def test_rates_lie_between_0_and_1(some: Dispositions, e: float) -> None:
    assert [rate for rate in asdict(outcome_rates(some, e)).values() if rate is not None and not 0 <= rate <= 1] == []


@given(cases, shares)
def test_rates_keep_their_order(some: Dispositions, e: float) -> None:
    rates = outcome_rates(some, e)

    for lower, higher in [
        ("rr1", "rr2"), ("rr3", "rr4"), ("rr5", "rr6"), ("rr1", "rr3"), ("rr3", "rr5"), ("rr2", "rr4"), ("rr4", "rr6"),
        ("coop1", "coop3"), ("coop1", "coop2"), ("coop3", "coop4"), ("rr5", "coop1"),
        ("ref1", "ref2"), ("ref2", "ref3"), ("con1", "con2"), ("con2", "con3"), ("rr6", "con3"),
    ]:  # fmt: skip
        low, high = _rate(rates, lower), _rate(rates, higher)
        if low is not None and high is not None:
            assert low <= high + 1e-12, (lower, higher)


@given(cases)
def test_rates_with_e_are_the_extremes_where_e_is_0_or_1(some: Dispositions) -> None:
    nobody, everybody = outcome_rates(some, 0.0), outcome_rates(some, 1.0)

    assert (everybody.rr3, everybody.rr4, everybody.ref2, everybody.con2) == (
        everybody.rr1, everybody.rr2, everybody.ref1, everybody.con1,
    )  # fmt: skip
    assert (nobody.rr3, nobody.rr4, nobody.ref2, nobody.con2) == (nobody.rr5, nobody.rr6, nobody.ref3, nobody.con3)


@given(cases)
def test_contacted_who_did_not_answer_refused_or_could_not(some: Dispositions) -> None:
    rates = outcome_rates(some, 1.0)

    if rates.con3 is not None and rates.rr6 is not None and rates.ref3 is not None:
        assert rates.con3 - rates.rr6 - rates.ref3 == pytest.approx(some.other / some.eligible)


@pytest.mark.parametrize("name", [item.name for item in fields(Dispositions)])
def test_fewer_than_no_cases_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Fewer than no cases"):
        Dispositions(**{name: -1})


@pytest.mark.parametrize("e", [-0.1, 1.1, float("nan")])
def test_e_that_is_no_share_is_refused(e: float) -> None:
    with pytest.raises(ValueError, match="share"):
        outcome_rates(EXAMPLE, e)


@pytest.mark.parametrize(("eligible", "ineligible", "e"), [(300, 100, 0.75), (10, 0, 1.0), (0, 10, 0.0), (0, 0, 1.0)])
def test_estimated_eligibility_is_that_of_the_known_cases(eligible: int, ineligible: int, e: float) -> None:
    assert estimated_eligibility(eligible, ineligible) == e


def _rate(rates: Rates, name: str) -> float | None:
    found: float | None = getattr(rates, name)
    return found
