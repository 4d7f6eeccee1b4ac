"""Durable submissions per second beside two baselines, and what is left after kill -9: python -m bench.submissions

Each round runs bare, naive and the application one after the other on each engine, so that all of a round's figures meet the
same machine; ratios are taken inside a round, and the median of the rounds is printed. Two cores: the load generator takes one.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import time

import msgspec

from bench.load import Outcome
from bench.servers import OURS, Databases, outcome_of, postgres_databases, serving, sqlite_databases, start_load
from survey.codes import hash_code

NAIVE_TIMES = 8.0
BARE_SHARE = 0.5
P99_MS = 100.0


class Round(msgspec.Struct, frozen=True):
    bare: Outcome
    naive: Outcome
    ours: dict[str, Outcome]
    """By engine."""


def measure(target: str, database: str, *, seconds: float, connections: int) -> Outcome:
    with serving(target, database) as server:
        outcome = outcome_of(start_load(server, warm_up=2, seconds=seconds, connections=connections))
    if target == OURS and outcome.errors:
        raise RuntimeError(f"the application refused submissions: {outcome.statuses}")
    return outcome


def run_round(engines: list[Databases], *, seconds: float, connections: int) -> Round:
    sqlite = engines[0]
    measured = {"seconds": seconds, "connections": connections}
    return Round(
        bare=measure("bare", sqlite.fresh(), **measured),  # type: ignore[arg-type]  # two numbers
        naive=measure("naive", sqlite.fresh(is_rollback_journal=True), **measured),  # type: ignore[arg-type]  # a dict of mixed types
        ours={engine.name: measure(OURS, engine.fresh(), **measured) for engine in engines},  # type: ignore[arg-type]  # a dict of mixed types
    )


def print_rounds(rounds: list[Round], connections: int) -> bool:
    """Print the table and whether the aims are met."""
    print(f"Durable submissions, {connections} connections, {len(rounds)} rounds; medians")
    print(f"{'':28}{'per second':>12}{'p50 ms':>10}{'p99 ms':>10}{'x naive':>10}{'of bare':>10}")

    def line(name: str, outcomes: list[Outcome]) -> tuple[float, float, float]:
        def middle(values: list[float]) -> float:
            return statistics.median(values)

        times = middle([o.per_second / r.naive.per_second for o, r in zip(outcomes, rounds, strict=True)])
        share = middle([o.per_second / r.bare.per_second for o, r in zip(outcomes, rounds, strict=True)])
        p99 = middle([o.p99 for o in outcomes])
        print(
            f"{name:28}{middle([o.per_second for o in outcomes]):12.0f}{middle([o.p50 for o in outcomes]):10.1f}"
            f"{p99:10.1f}{times:10.1f}{share:10.2f}"
        )
        return times, share, p99

    line("bare framework, no storage", [r.bare for r in rounds])
    line("naive, one transaction each", [r.naive for r in rounds])
    is_met = True
    for engine in rounds[0].ours:
        times, share, p99 = line(f"Linsheng on {engine}", [r.ours[engine] for r in rounds])
        is_met &= times >= NAIVE_TIMES and share >= BARE_SHARE and p99 < P99_MS
    print(f"Aims (each engine at least {NAIVE_TIMES:g} x naive, {BARE_SHARE:g} of bare, p99 under {P99_MS:g} ms): "
          f"{'met' if is_met else 'NOT met'}")  # fmt: skip
    return is_met


def kill_under_load(engine: Databases, *, connections: int) -> bool:
    """Kill the server in full flow; return whether every receipt that a client got is in the database, once."""
    database = engine.fresh()
    with serving(OURS, database) as server:
        load = start_load(server, warm_up=0, seconds=8, connections=connections, with_receipts=True)
        time.sleep(4)
        server.kill()
        receipts = outcome_of(load).receipts
    stored = engine.rows(database, "SELECT receipt_hash FROM response")
    hashes = [row[0] for row in stored]
    lost = [code for code in receipts.values() if hash_code(code) not in set(hashes)] if receipts else ["none received"]
    clients = engine.rows(database, "SELECT client_id FROM response")
    doubled = len(clients) - len(set(clients))
    tallied = engine.rows(database, "SELECT coalesce(sum(total), 0) FROM tally")[0][0]
    is_whole = not lost and not doubled and tallied == len(clients) == len(hashes)
    print(
        f"kill -9 under load, {engine.name}: {len(receipts)} receipts given, {len(clients)} answers stored, "
        f"{len(lost)} lost, {doubled} doubled, tallies {'agree' if tallied == len(clients) else 'DISAGREE'}"
    )
    return is_whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--connections", type=int, default=32)
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        engines = [stack.enter_context(sqlite_databases()), stack.enter_context(postgres_databases())]
        rounds = []
        for number in range(given.rounds):
            rounds.append(run_round(engines, seconds=given.seconds, connections=given.connections))
            print(f"round {number + 1} of {given.rounds} done", flush=True)
        results = [print_rounds(rounds, given.connections)]
        results += [kill_under_load(engine, connections=given.connections) for engine in engines]
    if not all(results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
