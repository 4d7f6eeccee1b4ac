"""Do coders sort the same texts into the same categories? Categories have no order here; a category may be None of them.

Sources: Cohen (1960), Educational and Psychological Measurement 20, 37-46. Krippendorff (2011), *Computing Krippendorff's
Alpha-Reliability*, University of Pennsylvania (nominal data).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from analysis.statistics.resampling import StatisticUndefined


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Return kappa = (pₒ - pₑ) / (1 - pₑ) of two coders of the same texts: 1 is perfect, 0 is chance.

    pₒ is the share of texts on which they agree, pₑ what they would by chance, each keeping to the own shares of categories.
    ValueError for no texts or unlike lengths; StatisticUndefined where both use one category alone.

    Examples
    --------
    >>> first = ["yes"] * 25 + ["no"] * 25
    >>> round(cohen_kappa(first, ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15), 4)
    0.4

    """
    n = len(first)
    if not n or n != len(second):
        raise ValueError("Two coders code the same texts, at least one.")
    agreed = sum(1 for a, b in zip(first, second, strict=True) if a == b)
    ones, others = Counter(first), Counter(second)
    chance = sum(ones[category] * others[category] for category in ones)  # times n²
    if chance == n * n:
        raise StatisticUndefined("Both coders used one category alone: agreement by chance cannot be told.")
    return (agreed * n - chance) / (n * n - chance)


def krippendorff_alpha(texts: Sequence[Sequence[Hashable | None]]) -> float:
    """Return nominal alpha = 1 - Dₒ / Dₑ: for any number of coders, None where one did not code; 1 is perfect, 0 is chance.

    `texts` has for each text the categories that its coders gave. Texts with fewer than two codes have nothing to agree on
    and are left out. With nᵤ codes of text u, nᵤ꜀ of them c, n꜀ = Σ nᵤ꜀ and n = Σ nᵤ over the rest:
    Dₒ = Σᵤ Σ꜀ nᵤ꜀ (nᵤ - nᵤ꜀) / (nᵤ - 1) / n and Dₑ = Σ꜀ n꜀ (n - n꜀) / (n (n - 1)).

    ValueError where no text has two codes; StatisticUndefined where all codes are the same category.

    Examples
    --------
    >>> round(krippendorff_alpha([("a", "a"), ("b", "b"), ("b", "a"), ("a", None), ("b", "b")]), 4)
    0.5333

    """
    counts = [Counter(code for code in codes if code is not None) for codes in texts]
    paired = [count for count in counts if count.total() > 1]
    if not paired:
        raise ValueError("No text was coded twice.")
    together = sum(paired, Counter[Hashable]())
    n = together.total()
    observed = sum(c * (count.total() - c) / (count.total() - 1) for count in paired for c in count.values()) / n
    expected = sum(c * (n - c) for c in together.values()) / (n * (n - 1))
    if expected == 0:
        raise StatisticUndefined("All codes are the same category: agreement by chance cannot be told.")
    return 1 - observed / expected
