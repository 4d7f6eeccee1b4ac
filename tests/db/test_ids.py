from __future__ import annotations

from survey.codes import ALPHABET
from survey.db.ids import new_public_id


def test_public_ids_are_20_letters_that_cannot_be_mistaken_and_never_the_same() -> None:
    ids = [new_public_id() for _ in range(2000)]

    assert {len(found) for found in ids} == {20}
    assert set("".join(ids)) == set(ALPHABET.lower())
    assert len(set(ids)) == 2000
