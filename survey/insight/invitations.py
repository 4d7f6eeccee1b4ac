"""The figures of a survey by invitation: of its batches, as they may be shown, and the rates that only such a survey has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from analysis.statistics.disclosure import exact, pool_small
from analysis.statistics.rates import Dispositions, Rates, estimated_eligibility, outcome_rates
from survey.outreach.invitations import BatchView


class BatchFigures(msgspec.Struct, frozen=True):
    """One batch, with None for what may not be shown beside the other batches."""

    batch: BatchView
    opened: int | None
    used: int | None
    expired: int | None
    """Codes that can no longer be used and never were."""


def batch_figures(batches: Sequence[BatchView]) -> list[BatchFigures]:
    """Batches are compared, building by building: small counts of people are hidden, and so that none follows from a total."""
    opened = _shown({batch.public_id: batch.opened for batch in batches})
    used = _shown({batch.public_id: batch.used for batch in batches})
    return [
        BatchFigures(
            batch=batch, opened=opened[batch.public_id], used=(n := used[batch.public_id]),
            expired=0 if not batch.is_expired else None if n is None else batch.size - n,
        )
        for batch in batches
    ]  # fmt: skip


def _shown(counts: Mapping[str, int]) -> dict[str, int | None]:
    pooled = pool_small(counts)
    return {key: n if not n else None if pooled.is_hidden else pooled.shown.get(key) for key, n in counts.items()}


class ResponseRates(msgspec.Struct, frozen=True):
    cases: Dispositions
    rates: Rates
    e: float


def dispositions(batches: Sequence[BatchView]) -> Dispositions:
    """Sum up how the invitations ended, in AAPOR's words; each is counted once.

    Used is complete, since an answer comes whole or not at all. Opened and not sent is a break-off, declined a refusal.
    Undelivered is a non-contact. Of the others nobody knows: UO. A code that was used after all counts as used, whatever was
    noted at the door.
    """
    complete = refusal = non_contact = unknown = 0
    for batch in batches:
        left = batch.size - batch.used
        refused = min(batch.opened + batch.declined, left)
        missed = min(batch.undelivered, left - refused)
        complete += batch.used
        refusal += refused
        non_contact += missed
        unknown += left - refused - missed
    return Dispositions(complete=complete, refusal=refusal, non_contact=non_contact, unknown_other=unknown)


def response_rates(batches: Sequence[BatchView]) -> ResponseRates | None:
    """Return the rates of all batches together; None while so few answered that a rate would count them.

    Nobody can be found to be ineligible by a card, so e is 1 and the rates with e are as low as those without.
    """
    cases = dispositions(batches)
    if not cases.complete or exact(cases.complete) is None:
        return None
    e = estimated_eligibility(cases.eligible, 0)
    return ResponseRates(cases=cases, rates=outcome_rates(cases, e), e=e)
