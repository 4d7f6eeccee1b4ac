"""Random identifiers for addresses, so that nobody can count or guess."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a code read aloud or typed from paper is not mistaken."""


def new_public_id() -> str:
    """Return 20 characters, 100 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(20)).lower()
