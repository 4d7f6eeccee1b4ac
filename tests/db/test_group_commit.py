"""Group commit: order, failures, shutdown, phones that hang up. No database here: a batch is written to a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.db.group_commit import MAX_BATCH, GroupCommitter


class Refused(Exception):
    """One item cannot be kept."""


class DiskFull(Exception):
    """Nothing of the batch can be kept."""


class Paper:
    """Keeps what is written, batch by batch. Negative numbers are refused one by one; `is_full` refuses everything."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.is_full = False
        self.may_write = asyncio.Event()
        self.may_write.set()

    async def write(self, items: Sequence[int]) -> list[str | Exception]:
        await self.may_write.wait()
        if self.is_full:
            raise DiskFull
        self.batches.append([item for item in items if item >= 0])
        return [f"receipt {item}" if item >= 0 else Refused(str(item)) for item in items]

    @property
    def kept(self) -> list[int]:
        return [item for batch in self.batches for item in batch]


@pytest.fixture(autouse=True)
async def limit() -> AsyncIterator[None]:
    """A submission that is never answered fails its test; it does not stop the run."""
    loop = asyncio.get_running_loop()
    alarm = loop.call_later(10, lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
    yield
    alarm.cancel()


async def _submit_all(committer: GroupCommitter[int, str], items: Sequence[int]) -> list[str | BaseException]:
    return await asyncio.gather(*[committer.submit(item) for item in items], return_exceptions=True)


async def test_submit_returns_the_result_of_its_own_item() -> None:
    paper = Paper()

    async with GroupCommitter(paper.write).running() as committer:
        results = await _submit_all(committer, range(20))

    assert results == [f"receipt {item}" for item in range(20)]
    assert paper.kept == list(range(20))


async def test_what_waits_is_written_together_in_the_order_of_arrival() -> None:
    paper = Paper()
    paper.may_write.clear()

    async with GroupCommitter(paper.write).running() as committer:
        first = asyncio.create_task(committer.submit(0))
        await asyncio.sleep(0.01)
        others = [asyncio.create_task(committer.submit(item)) for item in range(1, 10)]
        await asyncio.sleep(0.01)
        paper.may_write.set()
        await asyncio.gather(first, *others)

    assert paper.batches == [[0], list(range(1, 10))]


async def test_submit_waits_for_the_commit() -> None:
    paper = Paper()
    paper.may_write.clear()

    async with GroupCommitter(paper.write).running() as committer:
        waiting = asyncio.create_task(committer.submit(1))
        await asyncio.sleep(0.02)
        was_answered = waiting.done()
        paper.may_write.set()
        answer = await waiting

    assert (was_answered, answer) == (False, "receipt 1")


async def test_one_bad_item_fails_alone() -> None:
    paper = Paper()

    async with GroupCommitter(paper.write).running() as committer:
        good, bad, other = await _submit_all(committer, [1, -2, 3])

    assert (good, other) == ("receipt 1", "receipt 3")
    assert isinstance(bad, Refused)
    assert paper.kept == [1, 3]


async def test_an_exception_of_the_batch_reaches_all_and_the_writer_lives_on() -> None:
    paper = Paper()
    paper.is_full = True

    async with GroupCommitter(paper.write).running() as committer:
        refused = await _submit_all(committer, [1, 2, 3])
        paper.is_full = False
        later = await committer.submit(4)

    assert [type(result) for result in refused] == [DiskFull] * 3
    assert later == "receipt 4"
    assert paper.kept == [4]


async def test_more_than_a_batch_waiting_is_written_in_several() -> None:
    paper = Paper()
    paper.may_write.clear()
    count = 2 * MAX_BATCH + 7

    async with GroupCommitter(paper.write).running() as committer:
        waiting = asyncio.create_task(_submit_all(committer, range(count)))
        await asyncio.sleep(0.05)
        paper.may_write.set()
        results = await waiting

    assert [len(batch) for batch in paper.batches] == [MAX_BATCH, MAX_BATCH, 7]
    assert paper.kept == list(range(count))
    assert results == [f"receipt {item}" for item in range(count)]


async def test_an_answer_is_stored_although_its_phone_hung_up() -> None:
    paper = Paper()
    paper.may_write.clear()

    async with GroupCommitter(paper.write).running() as committer:
        writing = asyncio.create_task(committer.submit(1))
        waiting = asyncio.create_task(committer.submit(2))
        third = asyncio.create_task(committer.submit(3))
        await asyncio.sleep(0.01)
        writing.cancel()
        waiting.cancel()
        await asyncio.wait([writing, waiting])
        paper.may_write.set()
        answer = await third

    assert (writing.cancelled(), waiting.cancelled(), answer) == (True, True, "receipt 3")
    assert paper.kept == [1, 2, 3]


@pytest.mark.parametrize("item", [-1, 1])
async def test_a_failure_for_a_phone_that_hung_up_disturbs_nobody(item: int) -> None:
    paper = Paper()
    paper.may_write.clear()
    paper.is_full = item > 0

    async with GroupCommitter(paper.write).running() as committer:
        gone = asyncio.create_task(committer.submit(item))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.wait([gone])
        paper.may_write.set()
        await asyncio.sleep(0.01)
        paper.is_full = False
        answer = await committer.submit(7)

    assert answer == "receipt 7"
    assert paper.kept == [7]


async def test_what_was_submitted_is_written_when_the_process_stops() -> None:
    paper = Paper()
    paper.may_write.clear()
    committer = GroupCommitter(paper.write)

    async with committer.running():
        waiting = asyncio.create_task(_submit_all(committer, [1, 2, 3]))
        await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.02, paper.may_write.set)

    assert paper.kept == [1, 2, 3]
    assert await waiting == ["receipt 1", "receipt 2", "receipt 3"]


async def test_what_was_submitted_is_written_when_the_process_fails() -> None:
    paper = Paper()
    committer = GroupCommitter(paper.write)

    with pytest.raises(DiskFull):  # noqa: PT012 -- it has to leave the block
        async with committer.running():
            waiting = asyncio.create_task(_submit_all(committer, [1, 2]))
            await asyncio.sleep(0)
            raise DiskFull

    assert paper.kept == [1, 2]
    assert await waiting == ["receipt 1", "receipt 2"]


async def test_submit_outside_the_writers_time_is_refused() -> None:
    paper = Paper()
    committer = GroupCommitter(paper.write)

    with pytest.raises(RuntimeError, match="not running"):
        await committer.submit(1)
    async with committer.running():
        await committer.submit(2)
    with pytest.raises(RuntimeError, match="not running"):
        await committer.submit(3)

    assert paper.kept == [2]


async def test_submit_in_the_moment_of_stopping_is_written_or_refused_but_never_left_waiting() -> None:
    """Whoever has just got an answer sends the next one, while the writer is leaving."""
    paper = Paper()
    paper.may_write.clear()
    committer = GroupCommitter(paper.write)

    async def submit_twice() -> str:
        await committer.submit(1)
        return await committer.submit(2)

    async with committer.running():
        sender = asyncio.create_task(submit_twice())
        await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.02, paper.may_write.set)
    done, _ = await asyncio.wait([sender], timeout=2)

    assert done == {sender}, "the second submission waits for ever"
    answer = sender.exception() or sender.result()
    assert (paper.kept, str(answer)) in [([1, 2], "receipt 2"), ([1], "the writer is not running")]


async def test_the_writer_can_run_again() -> None:
    paper = Paper()
    committer = GroupCommitter(paper.write)

    async with committer.running():
        await committer.submit(1)
    async with committer.running():
        await committer.submit(2)

    assert paper.kept == [1, 2]


@given(st.lists(st.lists(st.integers(-3, 50), max_size=8), max_size=8))
def test_every_item_is_written_once_in_order_and_answered_with_its_own(waves: list[list[int]]) -> None:
    async def run() -> tuple[list[int], list[str | BaseException]]:
        paper = Paper()
        async with GroupCommitter(paper.write).running() as committer:
            tasks = []
            for wave in waves:
                tasks += [asyncio.create_task(committer.submit(item)) for item in wave]
                await asyncio.sleep(0)
            results = await asyncio.gather(*tasks, return_exceptions=True)
        return paper.kept, results

    kept, results = asyncio.run(run())

    items = [item for wave in waves for item in wave]
    assert kept == [item for item in items if item >= 0]
    assert [str(result) for result in results] == [f"receipt {i}" if i >= 0 else str(i) for i in items]
