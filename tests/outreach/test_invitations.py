"""Batches of one-time codes: made, counted, found again, opened; and nothing but hashes stored."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest

from survey import clock
from survey.audit.tables import AuditEvent
from survey.authoring.queries import find_survey
from survey.authoring.service import close_survey, open_survey, set_access
from survey.authoring.states import Access
from survey.codes import hash_code
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, NotFound
from survey.outreach.invitations import (
    batch_codes,
    create_batch,
    find_batch,
    find_invitation,
    hold_invitations,
    list_batches,
    mark_opened,
    note_contacts,
    survey_of,
)
from survey.outreach.service import add_channel
from survey.outreach.states import InvitationState, Refusal
from survey.outreach.tables import Invitation, InvitationBatch
from survey.settings import Settings
from tests.conftest import SECRET
from tests.outreach.conftest import batch_of, codes_of, invited_survey
from tests.responses.conftest import everything


async def _use(code: str, survey_id: int, day: dt.date | None = None) -> Refusal | None:
    async with write_transaction(InvitationBatch, is_shared=True):
        held = await hold_invitations([hash_code(code)])
        refusal = held.use(hash_code(code), survey_id=survey_id, day=day or clock.today())
        await asyncio.sleep(0.001)  # others may come in between the read and the write
        await held.store()
    return refusal


# Who can answer


@pytest.mark.parametrize("access", [Access.INVITATION, Access.OPEN])
async def test_access_is_set_while_the_survey_is_a_draft(database: Settings, access: Access) -> None:
    await invited_survey(is_open=False, access=Access.OPEN)

    await set_access("closed-house", access, actor="ada", role="administrator")

    view = await find_survey("closed-house")
    acts = [row["action"] for row in await AuditEvent.select().where(AuditEvent.actor == "ada")]
    assert (view.access, view.is_by_invitation) == (access, access == Access.INVITATION)
    assert acts == (["survey.access.invitation"] if access == Access.INVITATION else [])


async def test_access_of_a_survey_that_was_opened_stays(database: Settings) -> None:
    await invited_survey()
    for change in (None, close_survey):
        if change:
            await change("closed-house", actor="ada", role="administrator")
        with pytest.raises(Conflict, match="has been opened"):
            await set_access("closed-house", Access.OPEN, actor="ada", role="administrator")

    assert (await find_survey("closed-house")).access == Access.INVITATION


# Making a batch


async def test_create_batch_stores_hashes_only_in_an_order_that_the_sheet_does_not_tell(database: Settings) -> None:
    survey = await invited_survey()
    channel = await add_channel(survey_id=survey.id, code="b5", name="5 号楼")

    batch = await batch_of(survey, 40, channel_id=channel)

    codes = batch_codes(SECRET, batch)
    rows = await Invitation.select(Invitation.place, Invitation.code_hash, exclude_secrets=False).order_by(Invitation.id)
    stored = repr(await everything())
    assert (batch.size, batch.channel, batch.name, batch.unused, batch.opened, batch.used) == (
        40, "5 号楼", "望京西园 5 号楼", 40, 0, 0,
    )  # fmt: skip
    assert [row["code_hash"] for row in rows] == sorted(hash_code(code) for code in codes)
    assert [row["place"] for row in rows] == list(range(40))
    assert [code for code in codes if code in stored or code.replace("-", "") in stored] == []
    assert (batch.created_on, batch.is_expired) == (clock.today(), False)


async def test_codes_of_a_batch_are_made_again_for_a_second_print(database: Settings) -> None:
    survey = await invited_survey()
    batch = await batch_of(survey, 5)

    again = batch_codes(SECRET, await find_batch(survey.id, batch.public_id))

    assert again == batch_codes(SECRET, batch)
    assert [(await find_invitation(code)) is not None for code in again] == [True] * 5


async def test_create_batch_takes_2000_and_makes_2000_codes(database: Settings) -> None:
    batch = await batch_of(await invited_survey(), 2000)

    assert len(set(batch_codes(SECRET, batch))) == await Invitation.count() == 2000


@pytest.mark.parametrize(
    "changes",
    [{"size": 0}, {"size": -1}, {"size": 2001}, {"name": ""}, {"name": "x" * 121}, {"channel_id": 999},
     {"expires_on": dt.date(2020, 1, 1)}],
)  # fmt: skip
async def test_create_batch_refuses_what_cannot_be_and_stores_nothing(database: Settings, changes: dict[str, Any]) -> None:
    survey = await invited_survey()
    wanted = {"name": "B", "size": 3, "channel_id": None, "expires_on": clock.today(), **changes}

    with pytest.raises(InputInvalid):
        await create_batch(secret=SECRET, survey=survey, actor="chen", role="committee", **wanted)

    assert (await InvitationBatch.count(), await Invitation.count()) == (0, 0)


async def test_create_batch_refuses_the_channel_of_another_survey(database: Settings) -> None:
    survey, other = await invited_survey(), await invited_survey("other")
    channel = await add_channel(survey_id=other.id, code="b5", name="5")

    with pytest.raises(InputInvalid, match="no such channel"):
        await batch_of(survey, channel_id=channel)


async def test_create_batch_is_for_surveys_by_invitation(database: Settings) -> None:
    survey = await invited_survey(access=Access.OPEN)

    with pytest.raises(Conflict, match="open link"):
        await batch_of(survey)


# Reading


async def test_list_batches_is_newest_first_and_of_one_survey(database: Settings) -> None:
    survey, other = await invited_survey(), await invited_survey("other")
    first, second = await batch_of(survey, name="one"), await batch_of(survey, name="two")
    elsewhere = await batch_of(other)

    assert [batch.public_id for batch in await list_batches(survey.id)] == [second.public_id, first.public_id]
    with pytest.raises(NotFound):
        await find_batch(survey.id, elsewhere.public_id)


async def test_find_invitation_knows_the_survey_and_the_last_day(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = await invited_survey()
    [code] = await codes_of(survey, 1, days=2)
    today = clock.today()

    found = await find_invitation(code.lower().replace("-", " "))

    assert found is not None
    assert (found.state, found.is_expired, (await survey_of(found)).slug) == (InvitationState.UNUSED, False, "closed-house")
    ends = []
    for days in (2, 3):
        monkeypatch.setattr(clock, "today", lambda days=days: today + dt.timedelta(days=days))
        ends.append(found.is_expired)
    assert ends == [False, True]


@pytest.mark.parametrize("code", ["", "-", "7KQM-3FZD-A2C4-9XYZ", "x" * 5000, "望京", "' OR 1=1"])
async def test_find_invitation_of_a_code_that_was_made_up_is_none(database: Settings, code: str) -> None:
    await batch_of(await invited_survey())

    assert await find_invitation(code) is None


# Opened, used


async def test_mark_opened_counts_once_and_takes_nothing_from_a_used_one(database: Settings) -> None:
    survey = await invited_survey()
    batch = await batch_of(survey, 3)
    codes = batch_codes(SECRET, batch)
    assert await _use(codes[2], survey.id) is None

    for code in (codes[0], codes[0], codes[2], "unknown"):
        await mark_opened(hash_code(code))

    states = [found.state for code in codes if (found := await find_invitation(code))]
    assert states == [InvitationState.OPENED, InvitationState.UNUSED, InvitationState.USED]
    counted = await find_batch(survey.id, batch.public_id)
    assert (counted.unused, counted.opened, counted.used) == (1, 1, 1)


async def test_an_opened_invitation_can_be_used_and_then_counts_as_used_only(database: Settings) -> None:
    survey = await invited_survey()
    batch = await batch_of(survey, 1)
    [code] = batch_codes(SECRET, batch)
    await mark_opened(hash_code(code))

    assert [await _use(code, survey.id), await _use(code, survey.id)] == [None, Refusal.USED]

    found = await find_batch(survey.id, batch.public_id)
    assert (found.unused, found.opened, found.used) == (0, 0, 1)


async def test_use_refuses_what_is_unknown_expired_or_of_another_survey(database: Settings) -> None:
    survey, other = await invited_survey(), await invited_survey("other")
    batch = await batch_of(survey, 1, days=2)
    [code] = batch_codes(SECRET, batch)

    refused = [
        await _use("7KQM-3FZD-A2C4-9XYZ", survey.id),
        await _use(code, other.id),
        await _use(code, survey.id, clock.today() + dt.timedelta(days=3)),
    ]

    assert refused == [Refusal.UNKNOWN, Refusal.UNKNOWN, Refusal.EXPIRED]
    assert (await find_batch(survey.id, batch.public_id)).unused == 1
    assert await _use(code, survey.id, clock.today() + dt.timedelta(days=2)) is None


async def test_use_by_many_at_once_lets_one_in_for_each_code(database: Settings) -> None:
    """All in one batch, each in a transaction of its own: no use is lost, none is double."""
    survey = await invited_survey()
    batch = await batch_of(survey, 8)
    codes = batch_codes(SECRET, batch)

    results = await asyncio.gather(*[_use(code, survey.id) for code in codes * 3], *[mark_opened(hash_code(c)) for c in codes])

    assert sorted(str(result) for result in results[:24]) == [*["None"] * 8, *["used"] * 16]
    found = await find_batch(survey.id, batch.public_id)
    assert (found.unused, found.opened, found.used) == (0, 0, 8)


# What was counted at the doors


async def test_note_contacts_stores_both_numbers_and_who_did(database: Settings) -> None:
    survey = await invited_survey()
    batch = await batch_of(survey, 10)

    await note_contacts(survey.id, batch.public_id, undelivered=4, declined=6, actor="chen", role="committee")

    found = await find_batch(survey.id, batch.public_id)
    acts = await AuditEvent.select().where(AuditEvent.action == "invitations.counted")
    assert (found.undelivered, found.declined, found.unused) == (4, 6, 10)
    assert [(act["actor"], act["data"]) for act in acts] == [("chen", '{"declined":6,"undelivered":4}')]


@pytest.mark.parametrize(("undelivered", "declined"), [(-1, 0), (0, -1), (11, 0), (6, 5), (5, 6)])
async def test_note_contacts_refuses_more_than_were_printed(database: Settings, undelivered: int, declined: int) -> None:
    survey = await invited_survey()
    batch = await batch_of(survey, 10)

    with pytest.raises(InputInvalid, match="0 to 10"):
        await note_contacts(survey.id, batch.public_id, undelivered=undelivered, declined=declined, actor="c", role="committee")

    assert (await find_batch(survey.id, batch.public_id)).undelivered == 0


async def test_note_contacts_of_another_surveys_batch_is_not_found(database: Settings) -> None:
    survey, other = await invited_survey(), await invited_survey("other")
    batch = await batch_of(survey)

    with pytest.raises(NotFound):
        await note_contacts(other.id, batch.public_id, undelivered=1, declined=0, actor="c", role="committee")


async def test_a_draft_can_have_its_codes_printed_before_it_opens(database: Settings) -> None:
    survey = await invited_survey(is_open=False)
    [code] = await codes_of(survey, 1)

    await open_survey("closed-house", actor="ada", role="administrator")

    found = await find_invitation(code)
    assert found is not None
    assert (await survey_of(found)).is_open
