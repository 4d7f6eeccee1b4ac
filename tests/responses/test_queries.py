"""Reading responses: counts, pages of rows, what is not prepared yet."""

from __future__ import annotations

import datetime as dt

import pytest

from survey import clock
from survey.accounts.queries import area_ids
from survey.db.transaction import write_transaction
from survey.outreach.service import add_channel
from survey.responses.queries import (
    PAGE,
    choice_counts,
    count_complete,
    count_responses,
    counts_by_area,
    counts_by_channel,
    counts_by_day,
    counts_by_language,
    counts_by_place,
    counts_by_wave,
    field_dates,
    iterate_responses,
    quotable_responses,
    unprepared_answers,
)
from survey.responses.service import mark_prepared
from survey.responses.tables import Response
from survey.settings import Settings
from tests.conftest import bundled_survey
from tests.responses.conftest import ANSWERS, RECORDER, record_one, submission

FIRST = dt.date(2026, 2, 28)


async def test_counts_of_a_survey_without_answers(database: Settings) -> None:
    survey = await bundled_survey()

    assert (await count_responses(survey.id), await count_complete(survey.id)) == (0, 0)
    assert (await counts_by_day(survey.id), await field_dates(survey.id)) == ([], None)
    assert (await counts_by_language(survey.id), await counts_by_area(survey.id)) == ({}, {})
    assert (await counts_by_channel(survey.id), await counts_by_wave(survey.id)) == ({}, {})
    assert await choice_counts(survey.id, ["origin"]) == {"origin": {}}
    assert [row async for row in iterate_responses(survey.id)] == []
    assert (await unprepared_answers(survey.id, 10), await quotable_responses(survey.id)) == ([], set())


async def test_counts_are_of_one_survey_only(database: Settings) -> None:
    one, other = await bundled_survey("one"), await bundled_survey("other")
    areas = await area_ids()
    await record_one(await submission("one", language="ko", subdistrict="wangjing", day=FIRST))
    await record_one(await submission("one", language="ko", subdistrict="donghu", day=FIRST + dt.timedelta(days=3)))
    await record_one(await submission("one", language="en", subdistrict="elsewhere", day=FIRST, need_most=None))
    await record_one(await submission("other", language="ar", subdistrict="wangjing", day=FIRST - dt.timedelta(days=9)))

    assert (await count_responses(one.id), await count_complete(one.id)) == (3, 3)
    assert await counts_by_language(one.id) == {"ko": 2, "en": 1}
    assert await counts_by_area(one.id) == {areas["wangjing"]: 1, areas["donghu"]: 1, 0: 1}
    assert await counts_by_place(one.id, [(areas["wangjing"], "ko"), (areas["wangjing"], "en"), (0, "en")]) == {
        (areas["wangjing"], "ko"): 1, (0, "en"): 1,
    }  # fmt: skip
    assert (await counts_by_channel(one.id), await counts_by_wave(one.id)) == ({0: 3}, {1: 3})
    assert await counts_by_day(one.id) == [(FIRST, 2), (FIRST + dt.timedelta(days=3), 1)]
    assert await field_dates(one.id) == (FIRST, FIRST + dt.timedelta(days=3))
    assert await choice_counts(one.id, ["participation", "need_most"]) == {
        "participation": {"events": 3, "online": 3}, "need_most": {"_text": 2},
    }  # fmt: skip
    assert await field_dates(other.id) == (FIRST - dt.timedelta(days=9),) * 2


async def test_iterate_responses_yields_a_response_with_all_that_an_export_needs(database: Settings) -> None:
    survey = await bundled_survey()
    channel = await add_channel(survey_id=survey.id, code="wuye", name="物业")
    receipt = await record_one(await submission(language="ja", channel=channel, day=FIRST))

    rows = [row async for row in iterate_responses(survey.id)]

    assert rows == [
        {
            "id": receipt.response_id, "survey_version": 1, "language": "ja", "channel": "wuye", "area": "wangjing", "wave": 1,
            "received_on": FIRST, "source": "form", "flags": [], "answers": ANSWERS,
        }
    ]  # fmt: skip


async def test_iterate_responses_knows_no_channel_and_no_area(database: Settings) -> None:
    survey = await bundled_survey()
    await record_one(await submission(subdistrict="elsewhere"))

    (row,) = [row async for row in iterate_responses(survey.id)]

    assert (row["channel"], row["area"]) == (None, None)


@pytest.mark.parametrize("count", [1, 3, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 3])
async def test_iterate_responses_yields_each_once_over_all_pages(sqlite_settings: Settings, count: int) -> None:
    await _yields_each_once(sqlite_settings, count)


async def test_iterate_responses_yields_each_once_over_all_pages_on_postgres(postgres_settings: Settings) -> None:
    """Where text is compared by the rules of a language, not byte by byte."""
    await _yields_each_once(postgres_settings, 2 * PAGE + 3)


async def _yields_each_once(settings: Settings, count: int) -> None:
    from survey.authoring.queries import forget_forms
    from survey.db.engine import bind_engine, make_engine, open_engine
    from survey.tables import ALL_TABLES

    engine = make_engine(settings)
    bind_engine(engine, ALL_TABLES)
    forget_forms()
    async with open_engine(engine, pool_size=2):
        survey, other = await bundled_survey(), await bundled_survey("other")
        receipts = await RECORDER.record_all_or_nothing([await submission(need_most=f"need {n}") for n in range(count)])
        await RECORDER.record_all_or_nothing([await submission(other.slug) for _ in range(5)])

        rows = [row async for row in iterate_responses(survey.id)]

    assert [row["id"] for row in rows] == [*dict.fromkeys(row["id"] for row in rows)]
    assert {row["id"] for row in rows} == {receipt.response_id for receipt in receipts}
    assert sorted(row["answers"]["need_most"] for row in rows) == sorted(f"need {n}" for n in range(count))


async def test_error_while_responses_are_read_is_not_swallowed(database: Settings) -> None:
    """Else an export would end early and nobody would know (pitfall P5)."""
    survey = await bundled_survey()
    await RECORDER.record([await submission() for _ in range(3)])
    read = []

    async def export() -> None:
        async for row in iterate_responses(survey.id):
            read.append(row["id"])
            if len(read) == 2:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await export()
    assert len(read) == 2


async def test_unprepared_answers_are_those_that_nobody_marked(database: Settings) -> None:
    survey, other = await bundled_survey(), await bundled_survey("other")
    receipts = [await record_one(await submission(need_most=f"need {number}")) for number in range(3)]
    await record_one(await submission(other.slug))

    async with write_transaction(Response):
        marked = await mark_prepared({receipts[0].response_id: 0, receipts[1].response_id: 0, receipts[2].response_id: 1})
        again = await mark_prepared({receipt.response_id: 0 for receipt in receipts[:2]})

    assert (marked, again) == ({receipts[0].response_id, receipts[1].response_id}, set())
    place = await Response.select(Response.area, Response.channel, Response.wave, Response.received_on).where(
        Response.id == receipts[2].response_id
    )
    assert await unprepared_answers(survey.id, 10) == [
        {
            **place[0], "id": receipts[2].response_id, "version": survey.version_id, "language": "ko",
            "answers": {**ANSWERS, "need_most": "need 2"}, "revision": 0,
            "area": (await area_ids())["wangjing"], "channel": None, "wave": 1, "received_on": clock.today(),
        }
    ]  # fmt: skip


async def test_unprepared_answers_come_in_portions(database: Settings) -> None:
    survey = await bundled_survey()
    await RECORDER.record([await submission() for _ in range(5)])
    sizes = []

    while rows := await unprepared_answers(survey.id, 2):
        sizes.append(len(rows))
        async with write_transaction(Response):
            await mark_prepared({row["id"]: row["revision"] for row in rows})

    assert sizes == [2, 2, 1]


async def test_quotable_responses_are_those_whose_writers_ticked_it(database: Settings) -> None:
    survey, other = await bundled_survey(), await bundled_survey("other")
    allowed = await record_one(await submission(may_quote="yes"))
    await record_one(await submission(may_quote=None))
    await record_one(await submission(may_quote=None, may_contact="yes"))
    await record_one(await submission(other.slug, may_quote="yes"))

    assert await quotable_responses(survey.id) == {allowed.response_id}
