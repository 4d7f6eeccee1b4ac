"""Quorum, who may vote, and what a vote comes to: by hand, and for whatever committee."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.themes.rules import (
    DEFAULT_QUORUM,
    Choice,
    Count,
    Missing,
    QuorumRule,
    Refusal,
    Share,
    Voter,
    count_votes,
    quorum_of,
    vote_refusal,
    what_is_missing,
)

RULES = st.builds(QuorumRule, st.integers(1, 12), st.sampled_from(Share))
SEATS = st.lists(st.booleans(), max_size=12).map(lambda there: [Voter(number, is_present) for number, is_present in enumerate(there)])
VOTES = st.dictionaries(st.integers(0, 14), st.sampled_from(Choice), max_size=15)


@pytest.mark.parametrize(
    ("rule", "entitled", "expected"),
    [
        (DEFAULT_QUORUM, 0, 3), (DEFAULT_QUORUM, 4, 3), (DEFAULT_QUORUM, 5, 3), (DEFAULT_QUORUM, 6, 4), (DEFAULT_QUORUM, 7, 4),
        (QuorumRule(1, Share.TWO_THIRDS), 6, 4), (QuorumRule(1, Share.TWO_THIRDS), 7, 5), (QuorumRule(1, Share.TWO_THIRDS), 3, 2),
        (QuorumRule(5, Share.ANY), 30, 5), (QuorumRule(1, Share.ANY), 0, 1),
    ],
)  # fmt: skip
def test_quorum_by_hand(rule: QuorumRule, entitled: int, expected: int) -> None:
    assert quorum_of(rule, entitled) == expected


def test_a_vote_by_hand() -> None:
    """Seven sit, one of them has an interest of their own, one is not there, one has not voted yet."""
    seats = [Voter(number, number != 6) for number in range(7)]
    votes = {0: Choice.FOR, 1: Choice.FOR, 2: Choice.AGAINST, 3: Choice.ABSTAIN, 4: Choice.RECUSED, 6: Choice.AGAINST}

    count = count_votes(seats, votes, DEFAULT_QUORUM)

    assert count == Count(entitled=6, present=5, in_favour=2, against=1, abstained=1, recused=1, silent=1, quorum=4)
    assert (count.is_quorate, count.is_passed) == (True, False)
    assert what_is_missing(count, motion="x", options=["a", "b"], reason="y") == [Missing.VOTES]
    assert count_votes(seats, votes | {5: Choice.FOR}, DEFAULT_QUORUM).is_passed


@pytest.mark.parametrize(
    ("account", "choice", "is_closed", "expected"),
    [
        (1, Choice.FOR, False, None), (2, Choice.FOR, False, Refusal.ABSENT), (2, Choice.RECUSED, False, None),
        (3, Choice.RECUSED, False, Refusal.NOT_SEATED), (1, Choice.FOR, True, Refusal.CLOSED), (2, Choice.RECUSED, True, Refusal.CLOSED),
    ],
)  # fmt: skip
def test_who_may_vote(account: int, choice: Choice, is_closed: bool, expected: Refusal | None) -> None:
    seats = [Voter(1, is_present=True), Voter(2, is_present=False)]

    assert vote_refusal(account, seats, choice, is_closed=is_closed) == expected


def test_nobody_votes_on_nothing() -> None:
    seats = [Voter(1, is_present=True)]

    assert vote_refusal(1, seats, Choice.FOR, is_closed=False, has_motion=False) == Refusal.NO_MOTION
    assert vote_refusal(1, seats, Choice.RECUSED, is_closed=False, has_motion=False) is None


@given(SEATS, VOTES, RULES)
def test_every_seat_counts_once_and_nobody_else(seats: list[Voter], votes: dict[int, Choice], rule: QuorumRule) -> None:
    count = count_votes(seats, votes, rule)

    assert count.entitled + count.recused == len(seats)
    assert count.in_favour + count.against + count.abstained + count.silent == count.present <= count.entitled
    seated = {seat.account_id for seat in seats}
    assert count == count_votes(list(reversed(seats)), {key: vote for key, vote in votes.items() if key in seated}, rule)


@given(SEATS, VOTES, RULES)
def test_what_passes_has_a_majority_of_the_voters_and_may_be_closed_only_with_a_quorum(
    seats: list[Voter], votes: dict[int, Choice], rule: QuorumRule
) -> None:
    count = count_votes(seats, votes, rule)

    if count.is_passed:
        assert count.in_favour > count.against + count.abstained
    missing = what_is_missing(count, motion="x", options=["a", "b"], reason="y")
    assert (missing == []) == (count.present >= count.quorum >= rule.people and count.silent == 0)
    if not missing and rule.share == Share.HALF:
        assert 2 * count.present > count.entitled
    if not missing and rule.share == Share.TWO_THIRDS:
        assert 3 * count.present >= 2 * count.entitled


@given(SEATS, VOTES, RULES, st.integers(0, 11))
def test_one_more_in_favour_never_hurts_and_recusal_takes_a_vote_out_altogether(
    seats: list[Voter], votes: dict[int, Choice], rule: QuorumRule, who: int
) -> None:
    before = count_votes(seats, votes, rule)
    if votes.get(who) != Choice.RECUSED:
        assert count_votes(seats, votes | {who: Choice.FOR}, rule).is_passed >= before.is_passed
    without = count_votes([seat for seat in seats if seat.account_id != who], votes, rule)
    recused = count_votes(seats, votes | {who: Choice.RECUSED}, rule)
    assert (recused.entitled, recused.present, recused.in_favour, recused.quorum) == (
        without.entitled, without.present, without.in_favour, without.quorum,
    )  # fmt: skip


@given(RULES, st.integers(0, 50))
def test_quorum_grows_with_the_committee_and_can_be_met(rule: QuorumRule, entitled: int) -> None:
    assert quorum_of(rule, entitled) <= quorum_of(rule, entitled + 1) <= max(entitled + 1, rule.people)
