"""Drafts: what somebody typed and wants to go on with on another phone. Sealed with a code that only they have."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey import clock
from survey.codes import as_typed, hash_code, in_groups, letters_of
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid
from survey.responses.rules import CLIENT_ID
from survey.responses.tables import Draft

DRAFT_DAYS = 7
LARGEST_DRAFT = 256 * 1024
"""Bytes of what was typed, as JSON: thirty long texts full to the brim."""

CODE_LETTERS = 16
"""80 random bits: too many to try, few enough to copy by hand."""

GROUP_LENGTH = 4
_KEY_BYTES = 32
_NONCE_BYTES = 12

Raw = dict[str, list[str]]
"""Question ids and more to values, as the form sent them."""

_decoder = msgspec.json.Decoder(Raw)


class DraftView(msgspec.Struct, frozen=True):
    """An opened draft. Whoever sends it uses this client id, so that two phones that go on with it are one answer."""

    survey_id: int
    survey_slug: str
    client_id: str
    language: str
    channel: str
    raw: Raw
    expires_on: dt.date


async def save_draft(
    *, survey_id: int, client_id: str, language: str, channel: str, raw: Mapping[str, list[str]], code: str = ""
) -> str:
    """Keep what was typed for DRAFT_DAYS more days; return the code that opens it.

    Under the `code` of a draft of this survey and client id it takes that draft's place. Any other code is none: a new draft
    gets a new one. Raises InputInvalid for a client id that no page has, and for more than LARGEST_DRAFT.
    """
    if not CLIENT_ID.fullmatch(client_id):
        raise InputInvalid("client_id takes 16 to 64 letters, digits, hyphens and underscores.")
    content = msgspec.json.encode(raw)
    if len(content) > LARGEST_DRAFT:
        raise InputInvalid("This is too much to be kept as a draft.")
    expires_on = clock.today() + dt.timedelta(days=DRAFT_DAYS)
    letters = as_typed(code)
    language, channel = language[:16], channel[:32]
    async with write_transaction(Draft):
        await _delete_expired()
        kept = await (
            Draft.update(
                {
                    Draft.sealed: _seal(letters, content, survey_id, client_id),
                    Draft.language: language,
                    Draft.channel: channel,
                    Draft.expires_on: expires_on,
                }
            )
            .where(
                (Draft.code_hash == hash_code(letters))
                & (Draft.survey == survey_id)
                & (Draft.client_id == client_id)
            )
            .returning(Draft.id)
        )
        if not kept:
            letters = letters_of(secrets.token_bytes(10), CODE_LETTERS)
            await Draft.insert(
                Draft(
                    code_hash=hash_code(letters), survey=survey_id, client_id=client_id, language=language,
                    channel=channel, sealed=_seal(letters, content, survey_id, client_id), expires_on=expires_on,
                )
            )  # fmt: skip
    return in_groups(letters, GROUP_LENGTH)


async def open_draft(code: str) -> DraftView | None:
    """None for a wrong code, and for a draft that was sent, withdrawn or is too old. Opening it changes nothing."""
    letters = as_typed(code)
    row = await (
        Draft.select(*Draft.all_columns(), Draft.survey.slug.as_alias("slug"))
        .where((Draft.code_hash == hash_code(letters)) & (Draft.expires_on >= clock.today()))
        .first()
    )
    if row is None:
        return None
    try:
        content = _unseal(letters, row["sealed"], row["survey"], row["client_id"])
    except InvalidTag:  # somebody changed the row; what it holds now is nobody's draft
        return None
    return DraftView(
        survey_id=row["survey"],
        survey_slug=row["slug"],
        client_id=row["client_id"],
        language=row["language"],
        channel=row["channel"],
        raw=_decoder.decode(content),
        expires_on=row["expires_on"],
    )


async def delete_expired_drafts() -> None:
    """Run now and then; saving a draft does it too."""
    async with write_transaction(Draft):
        await _delete_expired()


async def _delete_expired() -> None:
    await Draft.delete().where(Draft.expires_on < clock.today())


def _seal(letters: str, content: bytes, survey_id: int, client_id: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_key(letters)).encrypt(nonce, content, _bound_to(survey_id, client_id))


def _unseal(letters: str, sealed: bytes, survey_id: int, client_id: str) -> bytes:
    data = bytes(sealed)
    return AESGCM(_key(letters)).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _bound_to(survey_id, client_id))


def _key(letters: str) -> bytes:
    """The letters are random, so no slow hash is needed. `info` keeps the key apart from the hash that is stored of them."""
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"linsheng draft").derive(letters.encode())


def _bound_to(survey_id: int, client_id: str) -> bytes:
    """What a sealed text belongs to: in another row it does not open."""
    return f"{survey_id}:{client_id}".encode()
