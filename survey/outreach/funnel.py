"""Counting how many opened and began a survey, by channel: in memory, and now and then into the database.

Not here: who. No cookie, address or id is looked at, so somebody who opens a page twice is counted twice.
"""

from __future__ import annotations

from collections import Counter

from survey.db.bulk import addition, write_rows
from survey.db.transaction import write_transaction
from survey.outreach.rules import Stage
from survey.outreach.tables import ChannelCount

FLUSH_SECONDS = 5.0

Key = tuple[int, int, str]


class Funnel:
    """One a process. What was counted since the last flush is lost when the process is killed: a few seconds' worth, which is
    the price of never making a visitor wait for a counter.
    """

    def __init__(self) -> None:
        self._counts: Counter[Key] = Counter()

    def count(self, survey_id: int, channel_id: int | None, stage: Stage | str) -> None:
        """One more got as far as `stage`. Returns at once; `channel_id` is None for who came without a channel."""
        self._counts[survey_id, channel_id or 0, str(Stage(stage))] += 1

    async def flush(self) -> None:
        """Add what was counted to the database. Where that fails, it is kept for the next time."""
        taken, self._counts = self._counts, Counter()
        if not taken:
            return
        try:
            async with write_transaction(ChannelCount, is_shared=True):
                await write_rows(addition(ChannelCount, ("survey", "channel", "stage"), taken))
        except BaseException:
            self._counts.update(taken)
            raise
