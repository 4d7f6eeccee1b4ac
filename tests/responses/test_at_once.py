"""Many senders at once, in tasks and in processes: each answer is stored once, counted once, withdrawn once."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from base64 import b64encode

from survey.responses.queries import find_own_answer
from survey.responses.rules import Submission, receipt_code
from survey.responses.service import Receipt, withdraw
from survey.responses.tables import Response
from survey.settings import Settings
from tests.conftest import SECRET, bundled_survey
from tests.responses.conftest import (
    RECORDER,
    record_one,
    recounted_days,
    recounted_tallies,
    stored_days,
    stored_tallies,
    submission,
)


async def test_fifty_duplicates_at_once_are_one_row_and_one_receipt(database: Settings) -> None:
    """Each in a transaction of its own, as from fifty processes."""
    await bundled_survey()
    sent = await submission()

    results = await asyncio.gather(*[RECORDER.record([sent]) for _ in range(50)])

    receipts = [result for (result,) in results]
    assert len({receipt.code for receipt in receipts if isinstance(receipt, Receipt)}) == 1
    assert sorted(receipt.is_repeat for receipt in receipts if isinstance(receipt, Receipt)) == [False] + [True] * 49
    assert await Response.count() == 1
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == {(sent.survey_id, sent.day): 1}


async def test_one_id_with_many_contents_at_once_keeps_one_and_refuses_the_others(database: Settings) -> None:
    await bundled_survey()
    sent = [await submission(client_id="client-of-a-phone", need_most=f"need {number}") for number in range(12)]

    results = [result for (result,) in await asyncio.gather(*[RECORDER.record([one]) for one in sent])]

    assert sorted(type(result).__name__ for result in results) == [*["AnswerDiffers"] * 11, "Receipt"]
    assert await Response.count() == 1
    assert await stored_tallies() == await recounted_tallies()


async def test_batches_that_overlap_at_once_are_stored_once_and_counted_once(database: Settings) -> None:
    """What several web processes do when phones send again: the same submissions in other company and other order."""
    await bundled_survey()
    sent = [await submission(language=("ko", "en", "ja")[number % 3], subdistrict=("wangjing", "donghu")[number % 2])
            for number in range(24)]  # fmt: skip
    batches = [sent[:16], sent[8:], sent[::-1], sent[::2] + sent[1::2], sent]

    results = await asyncio.gather(*[RECORDER.record(batch) for batch in batches])

    codes: dict[str, set[str]] = {}
    for batch, answered in zip(batches, results, strict=True):
        for one, result in zip(batch, answered, strict=True):
            assert isinstance(result, Receipt), result
            codes.setdefault(one.client_id, set()).add(result.code)
    assert [len(found) for found in codes.values()] == [1] * 24
    assert await Response.count() == 24
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()


SENDER = """
import asyncio, base64, pickle, sys
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.responses.service import Receipt, Recorder
from survey.settings import Settings
from survey.tables import ALL_TABLES

async def main():
    settings = Settings(database=sys.argv[1], secret=sys.argv[2])
    sent = pickle.loads(base64.b64decode(sys.argv[3]))
    engine = make_engine(settings)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=5):
        print("ready", flush=True)
        sys.stdin.readline()
        results = await asyncio.gather(*[Recorder(settings.secret).record([sent]) for _ in range(25)])
    for (result,) in results:
        print(f"{result.code} {int(result.is_repeat)}" if isinstance(result, Receipt) else repr(result))

asyncio.run(main())
"""


def _start_sender(settings: Settings, sent: Submission) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-W", "ignore", "-c", SENDER, settings.database, SECRET, b64encode(pickle.dumps(sent)).decode()]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_fifty_duplicates_from_two_processes_at_once_are_one_row_and_one_receipt(database: Settings) -> None:
    await bundled_survey()
    sent = await submission()
    senders = [_start_sender(database, sent) for _ in range(2)]
    for sender in senders:
        assert sender.stdout is not None
        assert sender.stdout.readline() == "ready\n"

    for sender in senders:
        assert sender.stdin is not None
        sender.stdin.write("go\n")
        sender.stdin.flush()
    printed = [line for sender in senders for line in sender.communicate(timeout=30)[0].splitlines()]

    code = receipt_code(SECRET, sent.survey_public_id, sent.client_id)
    assert sorted(printed) == [f"{code} 0"] + [f"{code} 1"] * 49
    assert await Response.count() == 1
    assert await stored_tallies() == await recounted_tallies()


async def test_withdrawing_while_the_same_answer_is_sent_again_never_brings_it_back(database: Settings) -> None:
    await bundled_survey()
    for _ in range(5):
        sent = await submission()
        receipt = await record_one(sent)

        await asyncio.gather(RECORDER.record([sent]), withdraw(receipt.code), RECORDER.record([sent]))

        assert await find_own_answer(receipt.code) is None
    assert await Response.count() == 0
    assert await stored_tallies() == {}
