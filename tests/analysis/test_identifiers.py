"""Check digits and structures: one digit is right, the others are not."""

from __future__ import annotations

import pytest
from stdnum.iso7064 import mod_11_2

from analysis.text.identifiers import is_card, is_identity_number, is_mrz


@pytest.mark.parametrize("number", ["931840199003070018", *(body + mod_11_2.calc_check_digit(body) for body in ("11010119900307000", "81000019781231000", "82000019781231000", "83000020000229000"))])
def test_identity_number_has_one_right_check_digit(number: str) -> None:
    assert [digit for digit in "0123456789X" if is_identity_number(number[:-1] + digit)] == [number[-1]]
    assert is_identity_number(number.lower())


@pytest.mark.parametrize("body", ["11010119901307000", "11010118990307000", "00010119900307000", "81010019781231000", "93184019901307001"])
def test_identity_number_needs_a_place_and_a_date(body: str) -> None:
    assert not is_identity_number(body + mod_11_2.calc_check_digit(body))


def test_card_numbers_are_of_a_scheme_and_pass_luhn() -> None:
    assert [digit for digit in "0123456789" if is_card(f"411111111111111{digit}")] == ["1"]
    assert is_card("378282246310005")
    assert not is_card("1700000000000000")


@pytest.mark.parametrize("place", [9, 19, 27])
def test_machine_readable_line_has_right_check_digits(place: int) -> None:
    """The specimen of ICAO Doc 9303 part 4."""
    line = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"

    right = [digit for digit in "0123456789" if is_mrz(f"{line[:place]}{digit}{line[place + 1 :]}")]

    assert right == [line[place]]


def test_first_line_of_a_card_is_read() -> None:
    """The specimen of ICAO Doc 9303 part 5."""
    assert is_mrz("I<UTOD231458907<<<<<<<<<<<<<<<")
    assert not is_mrz("I<UTOD231458908<<<<<<<<<<<<<<<")
