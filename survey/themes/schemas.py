"""What foreign and Chinese residents say of a theme, as it is stored with the theme: only what may be told."""

from __future__ import annotations

import datetime as dt

import msgspec


class Rating(msgspec.Struct, frozen=True):
    """A mean on a scale that ends with `top`, to one decimal, and of how many people, rounded."""

    mean: float
    people: int
    top: int


class Side(msgspec.Struct, frozen=True):
    """One group: how many of those of it who wrote name the theme, rounded, and how it rates the field that the theme belongs to.
    None where there is no figure, or none that may be told.
    """

    people: int | None = None
    wrote: int | None = None
    importance: Rating | None = None
    satisfaction: Rating | None = None

    @property
    def share(self) -> float | None:
        return min(1.0, self.people / self.wrote) if self.people is not None and self.wrote else None


class Groups(msgspec.Struct, frozen=True):
    """Those who come from elsewhere (Hong Kong, Macao and Taiwan among them) and those who come from the mainland. Who did not say is
    in neither.
    """

    elsewhere: Side
    mainland: Side
    counted_on: dt.date
