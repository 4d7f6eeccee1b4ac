"""A process that does acts for test_crash.py and dies in the middle of them: it kills itself with SIGKILL at the statement, or at the
commit, that it is told. Each act is done in a child of its own, so that the long imports are paid for once.

Reads orders from its standard input, one a line as JSON: the name of the act, what it is about, and where to die. Answers each with
a line: how many statements and commits there were, and whether the child died.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import json
import os
import signal
import sys
from typing import Any

import asyncpg.connection

from analysis.lexicon.load import load_lexicon
from survey.accounts.rules import Actor, RoleKind
from survey.db.engine import (
    SafePostgresTransaction,
    SafeSQLiteTransaction,
    TunedSQLiteEngine,
    bind_engine,
    make_engine,
    open_engine,
)
from survey.insight.facilities import known_facilities, store_counts
from survey.insight.facility_import import check_rows
from survey.settings import Settings
from survey.tables import ALL_TABLES
from survey.themes import answering, jobs, service, settling, votes
from survey.themes.meetings import find_meeting
from survey.themes.queries import find_theme
from survey.themes.states import EventKind
from tests.voices import no_report


class Clockwork:
    """Counts statements and commits of this process, and ends it at the one that was ordered, before it is done."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.counts = {"statement": 0, "commit": 0}
        self._order = order
        for owner, name, kind in (
            (TunedSQLiteEngine, "_run_in_existing_connection", "statement"), (asyncpg.connection.Connection, "_execute", "statement"),
            (SafeSQLiteTransaction, "commit", "commit"), (SafePostgresTransaction, "commit", "commit"),
        ):  # fmt: skip
            self._watch(owner, name, kind)

    def _watch(self, owner: Any, name: str, kind: str) -> None:
        original = getattr(owner, name)

        async def watched(*args: Any, **more: Any) -> Any:
            self.counts[kind] += 1
            if self._order.get("die_at") == [kind, self.counts[kind]]:
                self.tell()
                os.kill(os.getpid(), signal.SIGKILL)
            return await original(*args, **more)

        setattr(owner, name, watched)

    def tell(self) -> None:
        os.write(1, f"{json.dumps(self.counts)}\n".encode())


async def act(order: dict[str, Any]) -> None:
    chen = Actor(account_id=order["account"], name="chen", role=RoleKind.COMMITTEE, area_id=None, session_id=0)
    survey, given = order["survey"], order.get("given", {})
    themes = [await find_theme(public_id) for public_id in given.get("themes", [])]
    match order["act"]:
        case "accept":
            await service.decide(themes[0], EventKind.ACCEPT, actor=chen)
        case "merge":
            await service.merge(themes[0], themes[1], actor=chen)
        case "split":
            await service.split(themes[0], [({"en": str(n)}, [one]) for n, one in enumerate(given["statements"])], actor=chen)
        case "move":
            await service.move(survey, given["statements"], out_of=themes[0], to=themes[1], actor=chen)
        case "take":
            await answering.take(survey, given["run"], actor=chen)
        case "reject":
            await answering.reject(survey, given["run"], actor=chen)
        case "undo":
            await service.undo(survey, given["event"], actor=chen)
        case "work":
            settling.AT_ONCE = vars(jobs)["AT_ONCE"] = 2
            await jobs.settle_survey(survey, no_report)
        case "import":
            rows = [(n, row) for n, row in enumerate(given["rows"], start=1)]
            checked = check_rows(rows, await known_facilities(None, rows), dt.date(2026, 11, 26))
            assert not checked.problems
            await store_counts(checked.rows, actor=chen)
        case "close":
            meeting = await find_meeting(given["meeting"])
            if given["is_closed"]:
                await votes.apply_decision(meeting, given["item"], actor=chen)
            else:
                await votes.close_vote(meeting, given["item"], seen=given["seen"], actor=chen)


async def play(order: dict[str, Any]) -> None:
    clockwork = Clockwork(order)
    engine = make_engine(Settings(database=order["database"], secret=order["secret"]))
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=1):
        clockwork.counts.update(statement=0, commit=0)
        await act(order)
    clockwork.tell()


def main() -> None:
    load_lexicon()  # here, and not in every child
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            asyncio.run(play(json.loads(line)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{'killed' if os.WIFSIGNALED(status) else status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
