"""Batches of one-time codes, and using a code up: as a service, apart from the channels'. Not here: pages, and the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import msgspec

from survey import clock
from survey.audit.service import record_act
from survey.authoring.queries import SurveyView, find_survey_by_id
from survey.codes import hash_code
from survey.db.bulk import insert_rows, query_rows, update_rows
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, NotFound
from survey.outreach.rules import MOST_INVITATIONS, invitation_code
from survey.outreach.states import InvitationState, Refusal
from survey.outreach.tables import Channel, Invitation, InvitationBatch


class BatchView(msgspec.Struct, frozen=True):
    """A batch with its counts. `opened` are those that were opened and not used."""

    public_id: str
    survey_id: int
    name: str
    channel: str
    size: int
    expires_on: dt.date
    created_on: dt.date
    is_expired: bool
    undelivered: int
    declined: int
    opened: int
    used: int

    @property
    def unused(self) -> int:
        return self.size - self.opened - self.used


class InvitationView(msgspec.Struct, frozen=True):
    code_hash: str
    survey_id: int
    state: InvitationState
    expires_on: dt.date

    @property
    def is_expired(self) -> bool:
        """The last day is a whole one."""
        return clock.today() > self.expires_on


async def create_batch(
    *, secret: str, survey: SurveyView, name: str, size: int, expires_on: dt.date, channel_id: int | None,
    actor: str, role: str,
) -> BatchView:  # fmt: skip
    """Make `size` codes for a survey by invitation. Raises InputInvalid for what cannot be, Conflict for an open link."""
    if not survey.is_by_invitation:
        raise Conflict(f"{survey.slug} has an open link; invitations are for surveys that only they let in.")
    if not name or len(name) > 120:
        raise InputInvalid("A batch needs a name of at most 120 characters.")
    if not 1 <= size <= MOST_INVITATIONS:
        raise InputInvalid(f"A batch has 1 to {MOST_INVITATIONS} invitations.")
    if expires_on < clock.today():
        raise InputInvalid("The last day is over already.")
    public_id = new_public_id()
    # In the order of the hashes, which nobody can tell from the numbers on the sheet.
    hashes = sorted(hash_code(invitation_code(secret, public_id, number)) for number in range(1, size + 1))
    async with write_transaction(InvitationBatch):
        if channel_id is not None and not await Channel.exists().where(
            (Channel.id == channel_id) & (Channel.survey == survey.id)
        ):
            raise InputInvalid("This survey has no such channel.")
        rows = await InvitationBatch.insert(
            InvitationBatch(
                public_id=public_id, survey=survey.id, channel=channel_id, name=name, size=size,
                states=InvitationState.UNUSED * size, expires_on=expires_on, created_on=clock.today(),
                undelivered=0, declined=0,
            )
        ).returning(InvitationBatch.id)  # fmt: skip
        key = rows[0]["id"]
        await insert_rows(
            Invitation, ("batch", "place", "code_hash"), [(key, place, found) for place, found in enumerate(hashes)]
        )
        await record_act(
            actor=actor, role=role, action="invitations.created", subject=f"survey:{survey.id}", data={"size": size}
        )
    return await find_batch(survey.id, public_id)


def batch_codes(secret: str, batch: BatchView) -> list[str]:
    """The codes in the order of the sheet, made again from the server's secret."""
    return [invitation_code(secret, batch.public_id, number) for number in range(1, batch.size + 1)]


async def list_batches(survey_id: int) -> list[BatchView]:
    """Newest first."""
    rows = await _batches().where(InvitationBatch.survey == survey_id).order_by(InvitationBatch.id, ascending=False)
    return [_view(row) for row in rows]


async def find_batch(survey_id: int, public_id: str) -> BatchView:
    """Raise NotFound for a batch that is not of this survey."""
    row = await _batches().where((InvitationBatch.survey == survey_id) & (InvitationBatch.public_id == public_id)).first()
    if row is None:
        raise NotFound("There is no such batch of invitations.")
    return _view(row)


async def note_contacts(
    survey_id: int, public_id: str, *, undelivered: int, declined: int, actor: str, role: str
) -> None:
    """Store what those who carried the invitations counted: how many could not be handed over, how many were refused."""
    async with write_transaction(InvitationBatch):
        batch = await find_batch(survey_id, public_id)
        if undelivered < 0 or declined < 0 or undelivered + declined > batch.size:
            raise InputInvalid(f"Together they can be 0 to {batch.size}, as many as were printed.")
        await InvitationBatch.update(
            {InvitationBatch.undelivered: undelivered, InvitationBatch.declined: declined}
        ).where(InvitationBatch.public_id == public_id)
        await record_act(
            actor=actor, role=role, action="invitations.counted", subject=f"survey:{survey_id}",
            data={"undelivered": undelivered, "declined": declined},
        )  # fmt: skip


async def find_invitation(code: str) -> InvitationView | None:
    """Return the invitation of a code, however it was typed."""
    code_hash = hash_code(code)
    row = await (
        Invitation.select(
            Invitation.place,
            Invitation.batch.survey.as_alias("survey"),
            Invitation.batch.states.as_alias("states"),
            Invitation.batch.expires_on.as_alias("expires_on"),
        )
        .where(Invitation.code_hash == code_hash)
        .first()
    )
    if row is None:
        return None
    state = InvitationState(row["states"][row["place"]])
    return InvitationView(code_hash=code_hash, survey_id=row["survey"], state=state, expires_on=row["expires_on"])


async def survey_of(invitation: InvitationView) -> SurveyView:
    return await find_survey_by_id(invitation.survey_id)


async def mark_opened(code_hash: str) -> None:
    """Remember that the survey's page was opened with this code. It stays usable: a preview in a chat opens it too."""
    async with write_transaction(InvitationBatch, is_shared=True):  # the batch's own lock guards it
        held = await hold_invitations([code_hash])
        held.mark_opened(code_hash)
        await held.store()


class HeldInvitations:
    """Invitations whose batches this transaction has locked: what two people do with one code happens one after the other."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = {row["code_hash"]: row for row in rows}
        self._states = {row["id"]: bytearray(row["states"], "ascii") for row in rows}
        self._changed: set[int] = set()

    def use(self, code_hash: str, *, survey_id: int, day: dt.date) -> Refusal | None:
        """Use an invitation up, or say why it lets no answer of this survey in. `day` is when the answer came."""
        row = self._rows.get(code_hash)
        if row is None or row["survey"] != survey_id:
            return Refusal.UNKNOWN
        if self._state(row) == InvitationState.USED:
            return Refusal.USED
        if day > row["expires_on"]:
            return Refusal.EXPIRED
        self._set(row, InvitationState.USED)
        return None

    def mark_opened(self, code_hash: str) -> None:
        row = self._rows.get(code_hash)
        if row is not None and self._state(row) == InvitationState.UNUSED:
            self._set(row, InvitationState.OPENED)

    async def store(self) -> None:
        """Write the changed batches, in the order in which they are locked."""
        rows = [(key, self._states[key].decode()) for key in sorted(self._changed)]
        if rows:
            await update_rows(InvitationBatch, ("id",), ("states",), rows)

    def _state(self, row: dict[str, Any]) -> InvitationState:
        return InvitationState(chr(self._states[row["id"]][row["place"]]))

    def _set(self, row: dict[str, Any], state: InvitationState) -> None:
        self._states[row["id"]][row["place"]] = ord(state)
        self._changed.add(row["id"])


async def hold_invitations(hashes: Iterable[str]) -> HeldInvitations:
    """Lock the batches of these invitations until the transaction ends; without any, ask the database nothing."""
    values = [(code_hash,) for code_hash in sorted(set(hashes))]
    return HeldInvitations(await query_rows(Invitation, ("code_hash",), values, _HELD, held=' ORDER BY b."id" FOR UPDATE OF b'))


_HELD = """
SELECT w."code_hash", i."place", b."id", b."survey", b."expires_on", b."states" FROM w
JOIN "invitation" i ON i."code_hash" = w."code_hash"
JOIN "invitation_batch" b ON b."id" = i."batch"
"""


def _batches() -> Any:
    return InvitationBatch.select(
        InvitationBatch.public_id, InvitationBatch.survey, InvitationBatch.name, InvitationBatch.size, InvitationBatch.states,
        InvitationBatch.expires_on, InvitationBatch.created_on, InvitationBatch.undelivered, InvitationBatch.declined,
        InvitationBatch.channel.name.as_alias("channel"),
    )  # fmt: skip


def _view(row: dict[str, Any]) -> BatchView:
    states: str = row["states"]
    return BatchView(
        public_id=row["public_id"], survey_id=row["survey"], name=row["name"], channel=row["channel"] or "",
        size=row["size"], expires_on=row["expires_on"], created_on=row["created_on"],
        is_expired=clock.today() > row["expires_on"], undelivered=row["undelivered"], declined=row["declined"],
        opened=states.count(InvitationState.OPENED), used=states.count(InvitationState.USED),
    )  # fmt: skip
