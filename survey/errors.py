"""Errors that a person can act on: what is wrong, where, and what to do. Routes and commands turn them into pages and lines."""

from __future__ import annotations

from typing import ClassVar


class LinshengError(Exception):
    """Base of every expected error. Its text is for the person at the other end; `status` is the HTTP answer."""

    status: ClassVar[int] = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingsInvalid(LinshengError):
    """A setting is missing or has a value that cannot be used."""

    status = 500


class NotFound(LinshengError):
    """Nothing is there, or it is not for this person: the two are answered alike."""

    status = 404


class NotAllowed(LinshengError):
    status = 403


class Conflict(LinshengError):
    """Somebody else was faster, or the thing is in a state that does not allow this."""

    status = 409


class InputInvalid(LinshengError):
    status = 422
