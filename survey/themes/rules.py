"""Deciding on a theme together: who sits, who may vote, what a quorum is, what a vote comes to, and the record of it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec


class Choice(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    RECUSED = "recused"
    """The person has an interest of their own in the matter and does not vote on it."""


class Share(StrEnum):
    """How many of those entitled to vote must be there."""

    HALF = "half"
    """More than half."""
    TWO_THIRDS = "two_thirds"
    """At least two thirds."""
    ANY = "any"
    """Only the number of people counts."""


class QuorumRule(msgspec.Struct, frozen=True):
    """At least `people`, and the `share`, of those entitled to vote on a theme must be there."""

    people: int
    share: Share


DEFAULT_QUORUM = QuorumRule(3, Share.HALF)
MOST_PEOPLE = 99


class Act(StrEnum):
    """What happens to the theme when the vote passes."""

    ACCEPT = "accept"
    DISMISS = "dismiss"
    NONE = "none"


class Voter(msgspec.Struct, frozen=True):
    """A seat with an account; guests have no vote and are not among these."""

    account_id: int
    is_present: bool


class Count(msgspec.Struct, frozen=True):
    """What a vote on one theme stands at. Who is recused counts in attendance and not here, except as `recused`.

    `entitled` = all seats without the recused; `present` = those of them who are there = the three choices + `silent`.
    """

    entitled: int
    present: int
    in_favour: int
    against: int
    abstained: int
    recused: int
    silent: int
    quorum: int

    @property
    def is_quorate(self) -> bool:
        return self.present >= self.quorum

    @property
    def is_passed(self) -> bool:
        """More than half of those who voted, abstentions among them, are in favour. A tie does not pass."""
        return 2 * self.in_favour > self.in_favour + self.against + self.abstained


def quorum_of(rule: QuorumRule, entitled: int) -> int:
    """How many of so many entitled people must be there; never fewer than one."""
    by_share = {Share.HALF: entitled // 2 + 1, Share.TWO_THIRDS: -(-2 * entitled // 3), Share.ANY: 0}[rule.share]
    return max(rule.people, by_share, 1)


def count_votes(voters: Iterable[Voter], votes: Mapping[int, Choice], rule: QuorumRule) -> Count:
    """`votes` are by account: one a person. A vote counts while its person is marked as present."""
    seats = list(voters)
    entitled = [voter for voter in seats if votes.get(voter.account_id) != Choice.RECUSED]
    present = [votes.get(voter.account_id) for voter in entitled if voter.is_present]
    return Count(
        entitled=len(entitled),
        present=len(present),
        in_favour=present.count(Choice.FOR),
        against=present.count(Choice.AGAINST),
        abstained=present.count(Choice.ABSTAIN),
        recused=len(seats) - len(entitled),
        silent=present.count(None),
        quorum=quorum_of(rule, len(entitled)),
    )


class Refusal(StrEnum):
    """Why somebody may not vote now."""

    NOT_SEATED = "not_seated"
    ABSENT = "absent"
    CLOSED = "closed"
    NO_MOTION = "no_motion"


def vote_refusal(
    account_id: int, voters: Iterable[Voter], choice: Choice, *, is_closed: bool, has_motion: bool = True
) -> Refusal | None:
    """An interest of one's own may be told before one is there, and before there is a motion; a vote may not be given."""
    seat = next((voter for voter in voters if voter.account_id == account_id), None)
    if seat is None:
        return Refusal.NOT_SEATED
    if is_closed:
        return Refusal.CLOSED
    if choice == Choice.RECUSED:
        return None
    if not seat.is_present:
        return Refusal.ABSENT
    return None if has_motion else Refusal.NO_MOTION


MAX_NAME = 80
"""Letters of a theme's name, in every language: it stands in lists, charts and documents."""
MAX_WHY = 500

DEFAULT_DAYS = 30
"""In how many days a theme is to be decided where the survey has no limit of its own."""
MOST_DAYS = 365


def days_waited(proposed_on: dt.date, today: dt.date) -> int:
    return max(0, (today - proposed_on).days)


class Missing(StrEnum):
    """What a vote still needs before it can be closed."""

    MOTION = "motion"
    OPTIONS = "options"
    REASON = "reason"
    QUORUM = "quorum"
    VOTES = "votes"


FEWEST_OPTIONS = 2
"""To decide is to choose: doing nothing is an option too."""


def what_is_missing(count: Count, *, motion: str, options: list[str], reason: str) -> list[Missing]:
    """An empty list lets the vote be closed."""
    found = {
        Missing.MOTION: not motion,
        Missing.OPTIONS: len(options) < FEWEST_OPTIONS,
        Missing.REASON: not reason,
        Missing.QUORUM: not count.is_quorate,
        Missing.VOTES: count.silent > 0,
    }
    return [missing for missing, is_so in found.items() if is_so]


class Person(msgspec.Struct, frozen=True):
    """Somebody by name and body, as they were then. `guest_of` is the body of a guest, in words; others have role and area."""

    name: str
    role: str = ""
    areas: dict[str, str] = {}
    guest_of: str = ""


class Said(msgspec.Struct, frozen=True):
    """Words of a person: a comment, a dissent, an interest of their own."""

    who: Person
    text: str


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All that the minutes print of one theme on the agenda. Frozen when the vote is closed; before, what it would be now.

    `people` and `wrote` are rounded as they may leave the house, None for too few. `earlier` are words given with votes on a motion
    that has changed since, by people who have not voted again: a vote lapses with its motion, what was said does not.
    """

    theme_names: dict[str, str]
    people: int | None
    wrote: int | None
    motion: str
    act: Act
    options: list[str]
    reason: str
    discussion: list[Said]
    count: Count
    rule: QuorumRule
    dissent: list[Said]
    recused: list[Said]
    earlier: list[Said] = []
