"""An import is stored as a whole or not at all."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec
import pytest

from survey import clock
from survey.authoring.service import close_survey
from survey.responses.service import Receipt, withdraw
from survey.responses.tables import Response
from survey.settings import Settings
from tests.conftest import bundled_survey
from tests.responses.conftest import (
    RECORDER,
    everything,
    impossible,
    record_one,
    recounted_tallies,
    stored_days,
    stored_tallies,
    submission,
)


async def test_import_stores_all_with_progress(database: Settings) -> None:
    await bundled_survey(is_open=False)
    sent = [await submission(source="import", language=("ko", "en")[number % 2]) for number in range(1203)]
    reported: list[int] = []

    receipts = await RECORDER.record_all_or_nothing(sent, reported.append)

    assert len({receipt.code for receipt in receipts}) == 1203
    assert reported == [500, 1000, 1203]
    assert await Response.count() == 1203
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == {(sent[0].survey_id, clock.today()): 1203}


async def test_import_again_adds_nothing(database: Settings) -> None:
    await bundled_survey(is_open=False)
    sent = [await submission(source="import") for _ in range(10)]
    first = await RECORDER.record_all_or_nothing(sent)
    before = await everything()

    again = await RECORDER.record_all_or_nothing(sent)

    assert again == [msgspec.structs.replace(receipt, is_repeat=True) for receipt in first]
    assert await everything() == before


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        ("differs", "Another answer was sent"),
        ("impossible", r"(?i)foreign key"),
        ("withdrawn", "This answer was withdrawn"),
        ("closed", "This survey is closed"),
    ],
)
async def test_import_that_fails_at_its_end_leaves_nothing_behind(database: Settings, failing: str, reason: str) -> None:
    survey = await bundled_survey()
    known = await submission()
    receipt = await record_one(known)
    if failing == "withdrawn":
        await withdraw(receipt.code)
    if failing == "closed":
        await close_survey(survey.slug, actor="test", role="administrator")
    bad = {
        "differs": await submission(client_id=known.client_id, source="import", need_most="other"),
        "impossible": await impossible(),
        "withdrawn": known,
        "closed": await submission(source="api"),
    }[failing]
    sent = [*[await submission(source="import") for _ in range(520)], bad]
    before = await everything()

    with pytest.raises(Exception, match=reason):
        await RECORDER.record_all_or_nothing(sent)

    assert await everything() == before


async def test_import_beside_phones_that_send_loses_nothing_on_either_side(database: Settings) -> None:
    """They count in the same cells, met in another order."""
    await bundled_survey()
    places = ["wangjing", "donghu", "jianwai", "sanlitun", "maizidian", "chaowai"]
    imported = [
        await submission(source="import", subdistrict=places[number // 250], day=clock.today() - dt.timedelta(days=number // 250))
        for number in range(250 * len(places))
    ]
    imported.reverse()
    phones = [[await submission(subdistrict=place) for place in places] for _ in range(25)]

    async def send() -> list[object]:
        return [result for batch in phones for result in await RECORDER.record(batch)]

    receipts, answered = await asyncio.gather(RECORDER.record_all_or_nothing(imported), send())

    assert len(receipts) == len(imported)
    assert {type(result) for result in answered} == {Receipt}
    assert await Response.count() == len(imported) + len(answered)
    assert await stored_tallies() == await recounted_tallies()
