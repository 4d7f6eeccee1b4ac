"""What a channel can be, and how far somebody who came by it got."""

from __future__ import annotations

from enum import StrEnum


class ChannelKind(StrEnum):
    BUILDING = "building"
    PROPERTY_OFFICE = "property_office"
    ORGANISATION = "organisation"
    SHOP = "shop"
    EVENT = "event"
    HOTLINE = "hotline"
    OTHER = "other"


class Stage(StrEnum):
    """`sent` is no stage here: the tallies of the answers know it."""

    OPENED = "opened"
    STARTED = "started"
