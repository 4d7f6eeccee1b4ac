"""People who work at the desk, their roles at areas, their sessions; and the areas themselves."""

from __future__ import annotations

from typing import Any

from piccolo.columns import Boolean, Date, DoublePrecision, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table


class Area(Table):
    """A district, subdistrict or community. Bodies of a tree; names are a JSON map from language tag to text."""

    id: Serial
    code = Varchar(length=64, unique=True)
    level = Varchar(length=16)
    parent: ForeignKey[Any] = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    names = Text()


class PopulationFigure(Table):
    """One figure from one source. Sources stand side by side and are never merged."""

    id: Serial
    area = ForeignKey(Area, null=False, on_delete=OnDelete.cascade)
    population_group = Varchar(length=32)
    people = Integer()
    source = Text()
    as_of = Date()


class Account(Table):
    id: Serial
    public_id = Varchar(length=32, unique=True)
    name = Varchar(length=80, unique=True)
    password_hash = Varchar(length=255, null=True, default=None, secret=True)
    is_active = Boolean(default=True)
    created_at = Timestamptz()


class Role(Table):
    """What an account may do, and where. A person with several roles acts in one at a time."""

    id: Serial
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(length=32)
    area = ForeignKey(Area, null=True, on_delete=OnDelete.restrict)


class Session(Table):
    """A signed-in browser. Only the hash of its token is stored."""

    id: Serial
    token_hash = Varchar(length=64, unique=True, secret=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    role = ForeignKey(Role, null=False, on_delete=OnDelete.cascade)
    expires_at = Timestamptz()


class OneTimeLink(Table):
    """A link that sets a password once."""

    id: Serial
    token_hash = Varchar(length=64, unique=True, secret=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class TokenBucket(Table):
    """How many more tries are allowed, keyed on a salted hash of what is limited."""

    id: Serial
    key_hash = Varchar(length=64, unique=True)
    tokens = DoublePrecision()
    updated_at = Timestamptz()
