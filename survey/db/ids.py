"""Random identifiers for addresses, so that nobody can count or guess."""

from __future__ import annotations

import re
import secrets

from survey.codes import letters_of

_LENGTH = 20
PUBLIC_ID = re.compile("[0-9a-z]{20,32}")
"""What may be one."""


def new_public_id() -> str:
    """Return 20 characters, 100 random bits."""
    return letters_of(secrets.token_bytes(_LENGTH), _LENGTH).lower()
