"""Hiding small numbers. One threshold of 10 everywhere; what leaves the house is rounded to 5 as well.

Here are single counts and lists; tables in two dimensions are in :mod:`analysis.statistics.suppression`.
Source of the rule: ONS, "10-5 rule" (suppress below 10, round to the nearest 5); UK LLC suppresses two or more cells.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

THRESHOLD = 10
ROUNDING = 5

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Pooled(Generic[Key]):
    """A table in one dimension that may be shown together with its total.

    `shown` maps keys to counts of at least THRESHOLD; `others` are the keys counted together in `others_total`, which is
    0 where nothing had to be pooled and at least THRESHOLD otherwise. `is_hidden`: the whole table is too small to show.
    """

    shown: dict[Key, int]
    others: list[Key]
    others_total: int
    is_hidden: bool = False


def pool_small(counts: Mapping[Key, int], threshold: int = THRESHOLD) -> Pooled[Key]:
    """Count small groups together, so that neither they nor their difference to the total can be read.

    A single small group would follow from the total: then the next smallest joins it, until at least two groups and
    `threshold` people are together. Groups of nobody are left out: that they exist is known from the form.
    """
    ordered = sorted(((n, repr(key), key) for key, n in counts.items() if n > 0))
    if not ordered:
        return Pooled({}, [], 0)
    total = sum(n for n, _, _ in ordered)
    if total < threshold:
        return Pooled({}, [key for _, _, key in ordered], 0, is_hidden=True)
    others: list[Key] = []
    others_total = 0
    for n, _, key in ordered:
        is_enough = others_total >= threshold and len(others) > 1
        if n >= threshold and (not others or is_enough):
            break
        others.append(key)
        others_total += n
    shown = {key: n for n, _, key in reversed(ordered) if key not in others}
    if others and len(others) == 1:  # everything is in one small group; there is nothing to hide it behind
        return Pooled({others[0]: others_total}, [], 0)
    return Pooled(shown, others, others_total)


def merge_neighbours(counts: Sequence[tuple[Key, int]], threshold: int = THRESHOLD) -> list[tuple[Key, Key, int]]:
    """Join neighbouring entries of a series (days) until each stretch has `threshold` people.

    Returns (first key, last key, count). A short rest joins the stretch before it; a series below the threshold is empty.
    """
    stretches: list[tuple[Key, Key, int]] = []
    first: Key | None = None
    running = 0
    last: Key | None = None
    for key, n in counts:
        first = key if first is None else first
        last = key
        running += n
        if running >= threshold:
            stretches.append((first, key, running))
            first, running = None, 0
    if running and stretches and last is not None:
        before = stretches.pop()
        stretches.append((before[0], last, before[2] + running))
    return stretches


def exact(count: int, threshold: int = THRESHOLD) -> int | None:
    """Return the count as it may be shown inside the house: None for a few; that there is nobody yet is no secret."""
    return None if 0 < count < threshold else count


def rounded(count: int, threshold: int = THRESHOLD, base: int = ROUNDING) -> int | None:
    """Return the count as it may leave the house: to the nearest 5 (2.5 rounds up), None below the threshold."""
    return None if count < threshold else base * ((2 * count + base) // (2 * base))


def may_show_attributes(counts: Mapping[tuple[str, ...], int], threshold: int = THRESHOLD) -> tuple[str, ...]:
    """Return which attributes may stand beside a single text: the first combination that at least `threshold` people share.

    `counts` has, from the finest combination to the coarsest, how many people have the same values as the writer, as
    ``{("area", "language", "day"): 3, ("area", "language"): 14, ("language",): 210}``, which gives ``("area", "language")``.
    Nothing may be shown where none is large enough. A staff member who may read single answers sees the text in any case.
    """
    return next((attributes for attributes, people in counts.items() if people >= threshold), ())


def is_uniform(counts: Iterable[int]) -> bool:
    """Whether all people of a group gave the same answer, so that the table tells it of each of them.

    The group then has an l-diversity of 1 (Machanavajjhala et al. 2007, ACM Transactions on Knowledge Discovery from Data 1, 3):
    its size does not protect them. :func:`suppression.protect` hides it for themes, and for tables marked as sensitive.
    """
    return sum(n > 0 for n in counts) == 1


BASE = 30
"""People from which on a percentage is shown without a warning; from THRESHOLD on with one."""


@dataclass(frozen=True)
class ShownShare:
    value: float
    is_uncertain: bool


def shown_share(part: int | None, whole: int | None) -> ShownShare | None:
    """The share of one shown count in another, so that it tells nothing that they do not. None where either is hidden.

    Of rounded counts a part can be larger than its whole; the share is then 1. Differences between groups are taken of shown shares.
    """
    if part is None or whole is None or whole < THRESHOLD:
        return None
    return ShownShare(min(part / whole, 1.0), is_uncertain=whole < BASE)
