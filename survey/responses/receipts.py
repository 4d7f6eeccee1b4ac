"""Receipt codes: derived, so that a repeated post gets the same one; only hashes are stored."""

from __future__ import annotations

import hashlib
import hmac

from survey.db.ids import ALPHABET

GROUPS = 7
GROUP_LENGTH = 4
"""28 characters of 5 bits: 140 bits, above the 128 that S03 asks for, in groups that can be typed."""


def receipt_code(secret: str, survey_public_id: str, client_id: str) -> str:
    """Return e.g. `7KQM-3FZD-…`: HMAC-SHA-256 of survey and client id, in Crockford's base 32."""
    digest = hmac.new(secret.encode(), f"receipt:{survey_public_id}:{client_id}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(GROUPS * GROUP_LENGTH):
        number, index = divmod(number, 32)
        letters.append(ALPHABET[index])
    code = "".join(letters)
    return "-".join(code[start : start + GROUP_LENGTH] for start in range(0, len(code), GROUP_LENGTH))


def receipt_hash(code: str) -> str:
    """Hash a code as typed: case, spaces and hyphens do not matter, O reads as 0, I and L as 1."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum()).translate(_LOOKALIKES)
    return hashlib.sha256(plain.encode()).hexdigest()


_LOOKALIKES = str.maketrans("OIL", "011")
