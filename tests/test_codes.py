"""Codes that people read aloud and type from paper."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.codes import ALPHABET, as_typed, hash_code, in_groups, letters_of

codes = st.text(ALPHABET, min_size=1, max_size=28)


def test_alphabet_has_32_letters_and_none_that_looks_like_another() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert set("ILOU") & set(ALPHABET) == set()


@pytest.mark.parametrize(
    ("data", "length", "letters"),
    [
        (bytes(5), 8, "00000000"),
        (b"\xff" * 5, 8, "ZZZZZZZZ"),
        (b"\x08\x00\x00\x00\x01", 8, "10000001"),  # the first five bits are 1, the last too
        (b"\x00\x44\x32\x14\xc7", 8, "01234567"),
        (b"\xff" * 5, 3, "ZZZ"),
        (b"\xff" * 32, 28, "Z" * 28),
        (b"\x07", 0, ""),
    ],
)
def test_letters_of_writes_the_first_bits(data: bytes, length: int, letters: str) -> None:
    assert letters_of(data, length) == letters


@given(st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5))
def test_letters_of_different_data_differ_and_are_of_the_alphabet(one: bytes, other: bytes) -> None:
    assert (letters_of(one, 8) == letters_of(other, 8)) == (one == other)
    assert set(letters_of(one, 8)) <= set(ALPHABET)


@pytest.mark.parametrize(
    ("letters", "length", "grouped"),
    [("7KQM3FZD", 4, "7KQM-3FZD"), ("7KQM3F", 4, "7KQM-3F"), ("7KQM", 4, "7KQM"), ("", 4, ""), ("ABC", 1, "A-B-C")],
)
def test_in_groups_puts_hyphens_between(letters: str, length: int, grouped: str) -> None:
    assert in_groups(letters, length) == grouped


@pytest.mark.parametrize(
    "typed",
    [
        "7KQM-3FZD-01",
        "7kqm 3fzd 01",
        " 7KQM3FZD01\n",
        "7KQM–3FZD—01",
        "7KQM.3FZD/01",
        "7KQM-3FZD-OI",
        "7kqm-3fzd-ol",
        "７ＫＱＭ－３ｆｚｄ　０１",
        "٧KQM-٣FZD-٠١",
        "۷KQM-۳FZD-۰۱",
        "7КQМ-3FZD-01",
    ],
)
def test_as_typed_reads_a_code_however_it_was_typed(typed: str) -> None:
    assert as_typed(typed) == "7KQM3FZD01"


@pytest.mark.parametrize("typed", ["8KQM-3FZD-01", "7KQM-3FZD-0", "7KQM-3FZD-011", "K7QM-3FZD-01", ""])
def test_as_typed_keeps_different_codes_apart(typed: str) -> None:
    assert as_typed(typed) != "7KQM3FZD01"


@given(codes, st.integers(1, 7))
def test_as_typed_undoes_grouping_and_case(letters: str, length: int) -> None:
    assert as_typed(in_groups(letters, length)) == as_typed(in_groups(letters, length).lower()) == letters


@given(st.text(max_size=30))
def test_as_typed_of_what_was_read_is_the_same(typed: str) -> None:
    assert as_typed(as_typed(typed)) == as_typed(typed)


@given(codes, st.randoms())
def test_hash_code_takes_a_code_however_it_was_typed(letters: str, dice: object) -> None:
    separators = ["", " ", "-", " - ", "–", "  "]
    looks_like = {"0": "0Oo", "1": "1IiLl"}

    typed = "".join(
        dice.choice(separators) if letter == "-" else dice.choice(looks_like.get(letter, letter + letter.lower()))  # type: ignore[attr-defined]
        for letter in in_groups(letters, 4)
    )

    assert hash_code(typed) == hash_code(f"  {typed}\n") == hash_code(letters)


def test_hash_code_stays_what_it_is() -> None:
    """Codes are written on paper: another hash would strand everybody who holds one."""
    assert hash_code("7KQM-3FZD") == hashlib.sha256(b"7KQM3FZD").hexdigest()


@given(codes, codes)
def test_hash_code_of_another_code_differs(one: str, other: str) -> None:
    assert (hash_code(one) == hash_code(other)) == (one == other)


def test_hash_code_reads_no_more_than_a_code_can_have() -> None:
    assert hash_code("A" * 300) == hash_code("A" * 200)
