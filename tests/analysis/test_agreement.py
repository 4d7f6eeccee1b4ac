"""Agreement of coders: published examples, scikit-learn, and what holds for any codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from analysis.statistics.agreement import cohen_kappa, krippendorff_alpha
from analysis.statistics.resampling import StatisticUndefined

pairs = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40)
codings = st.lists(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=2, max_size=4), min_size=2, max_size=15)


def texts_of(*coders: str) -> list[list[str | None]]:
    return [[None if code == "-" else code for code in codes] for codes in zip(*coders, strict=True)]


def alpha_of_two(first: Sequence[str], second: Sequence[str]) -> float:
    """For two coders without gaps, counted another way: from the pairs that differ, and from all values drawn two at a time."""
    values = [*first, *second]
    observed = sum(a != b for a, b in zip(first, second, strict=True)) / len(first)
    same = sum(count * (count - 1) for count in Counter(values).values())
    return 1 - observed / (1 - same / (len(values) * (len(values) - 1)))


@settings(deadline=None)
@given(pairs)
def test_kappa_is_that_of_scikit_learn(codes: list[tuple[str, str]]) -> None:
    assume(len({code for pair in codes for code in pair}) > 1)
    first, second = zip(*codes, strict=True)

    assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


@pytest.mark.parametrize(("coders", "alpha"), [
    (("123321412---", "1233224125-3", "-3332342251-", "12332441251-"), 0.743),  # Krippendorff (2011), section C
    (("-----34121133-3", "1-213343-------", "--21344-21133-4"), 0.691),  # the article "Krippendorff's alpha" of Wikipedia
])  # fmt: skip
def test_alpha_of_published_examples(coders: tuple[str, ...], alpha: float) -> None:
    assert round(krippendorff_alpha(texts_of(*coders)), 3) == alpha


def test_alpha_of_the_published_example_of_two_coders() -> None:
    """Krippendorff (2011), section B: nominal, two observers."""
    one = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    other = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]

    assert krippendorff_alpha(list(zip(one, other, strict=True))) == pytest.approx(0.095, abs=0.001)
    assert round(krippendorff_alpha(list(zip("aabbc", "aabcc", strict=True))), 3) == 0.727


@given(pairs)
def test_alpha_of_two_coders_is_what_the_pairs_say(codes: list[tuple[str, str]]) -> None:
    assume(len({code for pair in codes for code in pair}) > 1)
    first, second = zip(*codes, strict=True)

    assert krippendorff_alpha(codes) == pytest.approx(alpha_of_two(first, second))


@given(codings, st.randoms(use_true_random=False))
def test_alpha_knows_no_order_and_no_texts_of_one_code(texts: list[list[str | None]], random) -> None:  # type: ignore[no-untyped-def]  # hypothesis names no type
    paired = [codes for codes in texts if sum(code is not None for code in codes) > 1]
    assume(len({code for codes in paired for code in codes if code is not None}) > 1)
    alpha = krippendorff_alpha(texts)
    shuffled = [random.sample(codes, len(codes)) for codes in texts]
    random.shuffle(shuffled)
    other_names = [[code and {"a": "z", "b": "a", "c": "b"}[code] for code in codes] for codes in texts]

    assert krippendorff_alpha(shuffled) == pytest.approx(alpha)
    assert krippendorff_alpha(other_names) == pytest.approx(alpha)
    assert krippendorff_alpha([*texts, ["a", None], [None, None]]) == pytest.approx(alpha)
    assert alpha <= 1


def test_coders_who_agree_agree_perfectly() -> None:
    assert cohen_kappa("aabbc", "aabbc") == krippendorff_alpha([(c, c, c) for c in "aabbc"]) == 1


@pytest.mark.parametrize(("first", "second"), [("", ""), ("ab", "a")])
def test_kappa_of_unlike_texts_is_refused(first: str, second: str) -> None:
    with pytest.raises(ValueError, match="same texts"):
        cohen_kappa(first, second)


def test_alpha_without_a_second_code_is_refused() -> None:
    with pytest.raises(ValueError, match="coded twice"):
        krippendorff_alpha([("a", None), (None, "b")])


def test_agreement_on_one_category_alone_is_undefined() -> None:
    with pytest.raises(StatisticUndefined, match="one category"):
        cohen_kappa("aaa", "aaa")
    with pytest.raises(StatisticUndefined, match="same category"):
        krippendorff_alpha([("a", "a"), ("a", "a")])
