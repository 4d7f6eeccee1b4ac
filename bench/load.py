"""The load generator, a process of its own: keep-alive connections over plain asyncio, each sending as soon as answered.

    python -m bench.load --port 8000 --connections 32 --warm-up 2 --seconds 8

writes one JSON object (Outcome) to standard output. No HTTP library: it must cost much less than the server it measures.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time

import msgspec

from bench.bodies import FORM_FILE, SLUG, Request, make_requests
from survey.questionnaire.form import read_form

BODIES = 3000


class Outcome(msgspec.Struct, kw_only=True):
    """Latencies are of stored submissions, in milliseconds. `cpu` is the share of one core that the generator took."""

    per_second: float
    p50: float
    p99: float
    longest: float
    errors: int
    statuses: dict[int, int]
    cpu: float
    receipts: dict[str, str] = {}
    """Receipt by client id, with --receipts."""


class _Run:
    """What the connections share. Only answers that arrive inside the measured window count."""

    def __init__(self, requests: list[Request], *, warm_up: float, seconds: float, keep_receipts: bool) -> None:
        self.requests = requests
        self.begin = time.perf_counter() + warm_up
        self.end = self.begin + seconds
        self.latencies: list[float] = []
        self.statuses: dict[int, int] = {}
        self.receipts: dict[str, str] = {}
        self.keep_receipts = keep_receipts


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self.run = run
        self.closed = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self.client_id = ""
        self.sent_at = 0.0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def _send(self) -> None:
        assert self.transport is not None
        self.client_id, request = random.choice(self.run.requests)()
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        if len(self.buffer) < head_end + 4 + _content_length(self.buffer[:head_end]):
            return
        now = time.perf_counter()
        self._count(int(self.buffer[9:12]), self.buffer[head_end + 4 :], now)
        self.buffer = b""
        if now < self.run.end:
            self._send()
        else:
            self.transport.abort()

    def _count(self, status: int, body: bytes, now: float) -> None:
        run = self.run
        if run.keep_receipts and status == 201:
            run.receipts[self.client_id] = msgspec.json.decode(body)["receipt"]
        if run.begin <= now < run.end:
            run.statuses[status] = run.statuses.get(status, 0) + 1
            if status == 201:
                run.latencies.append(now - self.sent_at)


def _content_length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + 15
    end = head.find(b"\r\n", start)
    return int(head[start : end if end > 0 else len(head)])


async def _load(run: _Run, *, port: int, connections: int) -> float:
    """Drive all connections until the end, or until the server has closed them all; return the generator's CPU share."""
    loop = asyncio.get_running_loop()
    started, used = time.perf_counter(), time.process_time()
    opened = [await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port) for _ in range(connections)]
    await asyncio.wait([protocol.closed for _, protocol in opened], timeout=run.end - time.perf_counter() + 1)
    for transport, _ in opened:
        transport.abort()
    return (time.process_time() - used) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--warm-up", type=float, default=2)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--receipts", action="store_true", help="give back every receipt that was received")
    given = parser.parse_args()
    requests = make_requests(
        read_form(FORM_FILE.read_bytes()), path=f"/api/v1/surveys/{SLUG}/responses", total=BODIES, seed=given.seed
    )
    run = _Run(requests, warm_up=given.warm_up, seconds=given.seconds, keep_receipts=given.receipts)
    cpu = asyncio.run(_load(run, port=given.port, connections=given.connections))
    outcome = Outcome(
        per_second=len(run.latencies) / given.seconds,
        p50=_quantile(run.latencies, 0.5),
        p99=_quantile(run.latencies, 0.99),
        longest=_quantile(run.latencies, 1),
        errors=sum(count for status, count in run.statuses.items() if status != 201),
        statuses=run.statuses,
        cpu=cpu,
        receipts=run.receipts,
    )
    sys.stdout.write(msgspec.json.encode(outcome).decode())


def _quantile(latencies: list[float], share: float) -> float:
    if not latencies:
        return 0.0
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


if __name__ == "__main__":
    main()
