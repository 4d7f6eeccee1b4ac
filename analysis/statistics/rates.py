"""Response, cooperation, refusal and contact rates of a survey whose sample is known. An open link has none of them.

Source: The American Association for Public Opinion Research, *Standard Definitions: Final Dispositions of Case Codes and
Outcome Rates for Surveys*, 10th edition, 2023.

With the letters of that book (complete I, partial P, refusal and break-off R, non-contact NC, other O, unknown whether there
is a household UH, unknown otherwise UO) and e, the estimated share of the unknown cases that are eligible::

    RR1 = I / ((I + P) + (R + NC + O) + (UH + UO))          RR2 = (I + P) / the same
    RR3 = I / ((I + P) + (R + NC + O) + e (UH + UO))        RR4 = (I + P) / the same
    RR5 = I / ((I + P) + (R + NC + O))                      RR6 = (I + P) / the same

    COOP1 = I / ((I + P) + R + O)                           COOP2 = (I + P) / the same
    COOP3 = I / ((I + P) + R)                               COOP4 = (I + P) / the same

    REF1 = R / ((I + P) + (R + NC + O) + (UH + UO))
    REF2 = R / ((I + P) + (R + NC + O) + e (UH + UO))
    REF3 = R / ((I + P) + (R + NC + O))

    CON1 = ((I + P) + R + O) / ((I + P) + (R + NC + O) + (UH + UO))
    CON2 = ((I + P) + R + O) / ((I + P) + (R + NC + O) + e (UH + UO))
    CON3 = ((I + P) + R + O) / ((I + P) + (R + NC + O))
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Dispositions:
    """How many invited cases ended in which way.

    Examples
    --------
    >>> Dispositions(complete=180, partial=20, refusal=60, non_contact=240, other=10, unknown_other=490).total
    1000

    """

    complete: int = 0
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0

    def __post_init__(self) -> None:
        if any(getattr(self, item.name) < 0 for item in fields(self)):
            raise ValueError("Fewer than no cases cannot end in any way.")

    @property
    def interviewed(self) -> int:
        return self.complete + self.partial

    @property
    def contacted(self) -> int:
        return self.interviewed + self.refusal + self.other

    @property
    def eligible(self) -> int:
        """Those that are known to be eligible."""
        return self.contacted + self.non_contact

    @property
    def unknown(self) -> int:
        return self.unknown_household + self.unknown_other

    @property
    def total(self) -> int:
        return self.eligible + self.unknown


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The outcome rates, 0 to 1; None where nobody is there to be divided by."""

    rr1: float | None
    rr2: float | None
    rr3: float | None
    rr4: float | None
    rr5: float | None
    rr6: float | None
    coop1: float | None
    coop2: float | None
    coop3: float | None
    coop4: float | None
    ref1: float | None
    ref2: float | None
    ref3: float | None
    con1: float | None
    con2: float | None
    con3: float | None


def estimated_eligibility(eligible: int, ineligible: int) -> float:
    """Return e by proportional allocation: among the unknown cases as many are eligible as among the known ones.

    1 where no case is known: then the rates with e are as low as those without, and promise nothing.

    Examples
    --------
    >>> estimated_eligibility(300, 100)
    0.75

    """
    known = eligible + ineligible
    return eligible / known if known else 1.0


def outcome_rates(cases: Dispositions, e: float) -> Rates:
    """Return all rates; `e` is the estimated share of the unknown cases that are eligible, 0 to 1.

    Examples
    --------
    >>> cases = Dispositions(complete=180, partial=20, refusal=60, non_contact=240, other=10, unknown_other=490)
    >>> rates = outcome_rates(cases, 0.5)
    >>> rates.rr1, rates.rr2, round(rates.rr3, 3)
    (0.18, 0.2, 0.238)

    """
    if not 0 <= e <= 1:
        raise ValueError("e is a share: 0 to 1.")
    likely = cases.eligible + e * cases.unknown
    willing = cases.interviewed + cases.refusal
    return Rates(
        rr1=_share(cases.complete, cases.total),
        rr2=_share(cases.interviewed, cases.total),
        rr3=_share(cases.complete, likely),
        rr4=_share(cases.interviewed, likely),
        rr5=_share(cases.complete, cases.eligible),
        rr6=_share(cases.interviewed, cases.eligible),
        coop1=_share(cases.complete, cases.contacted),
        coop2=_share(cases.interviewed, cases.contacted),
        coop3=_share(cases.complete, willing),
        coop4=_share(cases.interviewed, willing),
        ref1=_share(cases.refusal, cases.total),
        ref2=_share(cases.refusal, likely),
        ref3=_share(cases.refusal, cases.eligible),
        con1=_share(cases.contacted, cases.total),
        con2=_share(cases.contacted, likely),
        con3=_share(cases.contacted, cases.eligible),
    )


def _share(part: int, whole: float) -> float | None:
    return part / whole if whole else None
