"""The wave of an answer is the one that its survey is in when the answer is committed: any history, two at once, both engines."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.service import close_survey
from survey.authoring.states import SurveyState
from survey.authoring.tables import Wave
from survey.authoring.waves import HasAnswers, WaveDraft, WaveView, list_waves, start_wave, take_back_wave
from survey.clock import today
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid
from survey.outreach.service import add_channel
from survey.responses.corrections import correct
from survey.responses.queries import counts_by_wave, has_answers_in
from survey.responses.service import Receipt, withdraw
from survey.responses.tables import Response
from survey.settings import Settings
from tests.conftest import bundled_survey
from tests.responses.conftest import ANSWERS, RECORDER, record_one, recounted_tallies, stored_tallies, submission

_NUMBERS = itertools.count()


def answers_of(view: SurveyView) -> HasAnswers:
    async def ask(wave: int) -> bool:
        return await has_answers_in(view.id, wave)

    return ask


async def start(slug: str = "community-needs", draft: WaveDraft | None = None, channels: tuple[int, ...] = ()) -> int:
    view = await find_survey(slug)
    return await start_wave(view, draft or WaveDraft(), channels=channels, has_answers=answers_of(view), actor="chen", role="committee")


async def take_back(slug: str = "community-needs") -> None:
    view = await find_survey(slug)
    await take_back_wave(view, view.wave, has_answers=answers_of(view), actor="chen", role="committee")


async def wave_of(receipt: Receipt) -> int:
    row = await Response.select(Response.wave).where(Response.id == receipt.response_id).first()
    assert row is not None
    return int(row["wave"])


# What starts, and what is told of it


async def test_wave_starts_with_what_was_chosen_and_is_told_with_its_days(database: Settings) -> None:
    survey = await bundled_survey()
    shop = await add_channel(survey_id=survey.id, code="shop", name="Shop")
    await record_one(await submission())

    number = await start(draft=WaveDraft(channels=[shop], minimum=40, rise=7, names={"zh-Hans": "冬季"}), channels=(shop,))
    await record_one(await submission())
    await close_survey(survey.slug, actor="chen", role="committee")

    now = await find_survey(survey.slug)
    first, second = await list_waves(now)
    assert (number, now.wave) == (2, 2)
    assert first == WaveView(number=1, started_on=today(), ended_on=today())
    assert second == WaveView(
        number=2, started_on=today(), ended_on=today(), started_by="chen", names={"zh-Hans": "冬季"}, channels=[shop], minimum=40, rise=7
    )
    assert [second.label(tag) for tag in ("zh-Hans", "en")] == [first.label("zh-Hans").replace("1", "2") + " · 冬季", "Wave 2 · 冬季"]
    assert await counts_by_wave(survey.id) == {1: 1, 2: 1}
    [act] = await AuditEvent.select().where(AuditEvent.action == "wave.started")
    assert (act["actor"], act["subject"]) == ("chen", f"survey:{survey.id}")
    assert act["data"] == f'{{"channels":[{shop}],"minimum":40,"rise":7,"wave":2}}'


@pytest.mark.parametrize(
    "draft",
    [WaveDraft(minimum=9), WaveDraft(minimum=100_001), WaveDraft(rise=0), WaveDraft(rise=51), WaveDraft(channels=[99]), WaveDraft(names={"en": "x" * 61})],
)
async def test_wave_outside_the_limits_does_not_start(database: Settings, draft: WaveDraft) -> None:
    await bundled_survey()
    await record_one(await submission())

    with pytest.raises(InputInvalid):
        await start(draft=draft)

    assert ((await find_survey("community-needs")).wave, await Wave.count()) == (1, 0)


async def test_wave_starts_neither_in_a_draft_nor_after_one_without_answers(database: Settings) -> None:
    draft = await bundled_survey("draft", is_open=False)
    await bundled_survey()
    assert (draft.state, await list_waves(draft)) == (SurveyState.DRAFT, [])

    for slug in ("draft", "community-needs"):
        with pytest.raises(Conflict):
            await start(slug)

    assert (await Wave.count(), await AuditEvent.count().where(AuditEvent.action == "wave.started")) == (0, 0)


async def test_two_who_start_the_next_wave_at_once_start_one(database: Settings) -> None:
    survey = await bundled_survey()
    await record_one(await submission())
    seen = await find_survey(survey.slug)

    results = await asyncio.gather(
        *[
            start_wave(seen, WaveDraft(rise=rise), channels=(), has_answers=answers_of(seen), actor="chen", role="committee")
            for rise in range(5, 10)
        ],
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == [*["Conflict"] * 4, "int"]
    assert [wave.number for wave in await list_waves(await find_survey(survey.slug))] == [1, 2]


async def test_wave_is_taken_back_until_somebody_answers(database: Settings) -> None:
    survey = await bundled_survey()
    await record_one(await submission())
    await start()
    await take_back()
    assert ((await find_survey(survey.slug)).wave, await Wave.count()) == (1, 0)
    await start()
    receipt = await record_one(await submission())

    with pytest.raises(Conflict):
        await take_back()

    await withdraw(receipt.code)
    await take_back()
    with pytest.raises(Conflict):  # the first one stays
        await take_back()
    assert ((await find_survey(survey.slug)).wave, await counts_by_wave(survey.id)) == (1, {1: 1})
    acts = await AuditEvent.select(AuditEvent.action).where(AuditEvent.actor == "chen").order_by(AuditEvent.id)
    assert [act["action"] for act in acts] == ["wave.started", "wave.taken_back"] * 2


# Which wave an answer belongs to


async def test_correction_and_what_is_sent_again_keep_their_wave(database: Settings) -> None:
    await bundled_survey()
    sent = await submission()
    receipt = await record_one(sent)
    await start()

    again = await record_one(sent)
    await correct(receipt.code, raw={**ANSWERS, "need_most": "a park", "subdistrict": "donghu"}, language="en", revision=0)
    imported = await RECORDER.record_all_or_nothing([await submission(source="import")])

    assert again.is_repeat
    assert [await wave_of(one) for one in (receipt, *imported)] == [1, 2]
    assert await stored_tallies() == await recounted_tallies()


async def test_wave_that_starts_while_a_batch_is_written_waits_for_it(database: Settings) -> None:
    """The batch has read the wave and is not committed: the next wave must not begin before it."""
    await bundled_survey()
    await record_one(await submission())
    sent = await submission()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def write() -> Receipt | Exception:
        async with write_transaction(Response, is_shared=True):
            [result] = await RECORDER.record_inside([sent])
            begun.set()
            await go_on.wait()
        return result

    writing = asyncio.create_task(write())
    await begun.wait()
    starting = asyncio.create_task(start())
    await asyncio.sleep(0.1)
    assert not starting.done()
    go_on.set()

    receipt, number = await writing, await starting
    assert isinstance(receipt, Receipt)
    assert (await wave_of(receipt), number) == (1, 2)


async def test_batch_that_comes_while_a_wave_starts_belongs_to_it(database: Settings) -> None:
    """Another process believes that it is still the first wave; the transaction that starts the second is not committed."""
    survey = await bundled_survey()
    await record_one(await submission())
    sent = await submission()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: int) -> bool:
        begun.set()
        await go_on.wait()
        return True

    view = await find_survey(survey.slug)
    starting = asyncio.create_task(start_wave(view, WaveDraft(), channels=(), has_answers=slowly, actor="chen", role="committee"))
    await begun.wait()
    writing = asyncio.create_task(record_one(sent))
    await asyncio.sleep(0.1)
    assert not writing.done()
    go_on.set()

    assert await starting == 2
    assert await wave_of(await writing) == 2
    assert await stored_tallies() == await recounted_tallies()


async def test_many_senders_beside_waves_that_start_are_counted_where_they_were_confirmed(database: Settings) -> None:
    """Whoever was confirmed before a wave was asked for is in an earlier one; whoever sends after it has started, in it or later."""
    survey = await bundled_survey()
    present = 1
    confirmed: list[tuple[int, Receipt]] = []
    arrived, is_over = asyncio.Event(), False

    async def send() -> None:
        while not is_over:
            sent, at_least = [await submission() for _ in range(3)], present
            results = await RECORDER.record(sent)
            confirmed.extend((at_least, result) for result in results if isinstance(result, Receipt))
            arrived.set()

    senders = [asyncio.create_task(send()) for _ in range(3)]
    for _ in range(3):
        before = len(confirmed)
        while len(confirmed) < before + 9:
            arrived.clear()
            await arrived.wait()
        earlier = [receipt for _, receipt in confirmed]
        present = await start()
        assert max([await wave_of(receipt) for receipt in earlier]) < present
    is_over = True
    await asyncio.gather(*senders)

    assert present == 4
    assert all([await wave_of(receipt) >= at_least for at_least, receipt in confirmed])
    assert sum((await counts_by_wave(survey.id)).values()) == len(confirmed) == await Response.count()
    assert await stored_tallies() == await recounted_tallies()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(1, 3)), st.tuples(st.just("again"), st.integers(0, 20)),
        st.tuples(st.just("correct"), st.integers(0, 20)), st.tuples(st.just("withdraw"), st.integers(0, 20)),
        st.just(("start", 0)), st.just(("take back", 0)),
    ),
    min_size=4, max_size=14,
)  # fmt: skip


@given(steps=STEPS)
@hypothesis_settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each history has a survey of its own
    phases=[Phase.generate],  # a shorter history costs minutes to find
)
async def test_answer_keeps_the_wave_that_was_open_at_its_commit_after_any_history(database: Settings, steps: list[tuple[str, int]]) -> None:
    survey = await bundled_survey(f"waves-{next(_NUMBERS)}")
    wave = 1
    held: list[tuple[Any, Receipt, int]] = []

    for act, number in [("send", 2), *steps]:
        chosen = held[number % len(held)] if held else None
        if act == "send":
            sent = [await submission(survey.slug) for _ in range(number)]
            results = await RECORDER.record(sent)
            held += [(one, result, wave) for one, result in zip(sent, results, strict=True) if isinstance(result, Receipt)]
        elif act == "again" and chosen:
            assert (await record_one(chosen[0])).is_repeat
        elif act == "correct" and chosen:
            raw = {**ANSWERS, "need_most": f"need {next(_NUMBERS)}"}
            revision = (await Response.raw('SELECT "revision" FROM "answer_document" WHERE "response" = {}', chosen[1].response_id))[0]["revision"]
            await correct(chosen[1].code, raw=raw, language="ko", revision=revision)
        elif act == "withdraw" and chosen:
            await withdraw(chosen[1].code)
            held.remove(chosen)
        elif act == "start":
            if any(of == wave for _, _, of in held):
                wave = await start(survey.slug)
            else:
                with pytest.raises(Conflict):
                    await start(survey.slug)
        elif act == "take back":
            if wave > 1 and not any(of == wave for _, _, of in held):
                await take_back(survey.slug)
                wave -= 1
            else:
                with pytest.raises(Conflict):
                    await take_back(survey.slug)

    assert (await find_survey(survey.slug)).wave == wave
    assert [await wave_of(receipt) for _, receipt, _ in held] == [of for _, _, of in held]
    counts = {number: total for number, total in (await counts_by_wave(survey.id)).items() if total}
    assert counts == {of: sum(1 for one in held if one[2] == of) for of in {one[2] for one in held}}
