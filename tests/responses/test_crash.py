"""A kill -9 under load: every receipt that a phone got is in the database, exactly once."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from survey.codes import hash_code
from survey.responses.queries import count_complete, count_responses
from survey.responses.service import Receipt
from survey.responses.tables import AnswerDocument, Consent, Response
from survey.settings import Settings
from tests.conftest import SECRET, bundled_survey
from tests.responses.conftest import (
    ANSWERS,
    RECORDER,
    recounted_days,
    recounted_tallies,
    stored_days,
    stored_tallies,
    submission,
)

PHONES = 6
ENOUGH = 250
PATH = "/api/v1/surveys/community-needs/responses"


class Phones:
    """Threads that send one answer after the other and note each receipt in the moment in which they have read it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.receipts: dict[str, str] = {}
        self.sent: set[str] = set()
        self.refused: list[str] = []
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(PHONES)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_for(self, receipts: int) -> None:
        deadline = time.monotonic() + 10
        while len(self.receipts) < receipts and time.monotonic() < deadline:
            time.sleep(0.005)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=10)

    def _send(self, number: int) -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)) as connection:
            self._send_on(connection, number)

    def _send_on(self, connection: http.client.HTTPConnection, number: int) -> None:
        for step in range(100_000):
            client_id = f"phone-{number}-answer-{step:06d}"
            body = json.dumps({"client_id": client_id, "language": "ko", "answers": {**ANSWERS, "need_most": client_id}})
            self.sent.add(client_id)
            try:
                connection.request("POST", PATH, body, {"content-type": "application/json"})
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status != 201:
                self.refused.append(content.decode())
                return
            self.receipts[client_id] = json.loads(content)["receipt"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _start(settings: Settings, port: int, log: Path) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LINSHENG_")},
        "LINSHENG_DATABASE": settings.database,
        "LINSHENG_SECRET": SECRET,
        "LINSHENG_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "survey.cli", "serve", "--no-worker", "--port", str(port)]
    with log.open("wb") as stream:
        return subprocess.Popen(command, env=environment, stdout=stream, stderr=stream, start_new_session=True)


def _wait_until_ready(port: int, log: Path) -> None:
    for _ in range(300):
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection,
        ):
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


async def test_every_receipt_that_a_phone_got_survives_a_kill(database: Settings, tmp_path: Path) -> None:
    await bundled_survey()
    port, log = _free_port(), tmp_path / "server.log"
    server = _start(database, port, log)
    phones = Phones(port)
    try:
        _wait_until_ready(port, log)
        phones.start()
        phones.wait_for(ENOUGH)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        phones.join()
        server.wait(timeout=10)

    assert phones.refused == []
    assert len(phones.receipts) >= ENOUGH, log.read_text()
    rows = {row["id"]: row["client_id"] for row in await Response.select(Response.id, Response.client_id)}
    hashes = await Response.select(Response.client_id, Response.receipt_hash, exclude_secrets=False)
    found = Counter((row["client_id"], row["receipt_hash"]) for row in hashes)
    assert {pair: found[pair] for pair in _pairs(phones)} == dict.fromkeys(_pairs(phones), 1)
    assert set(rows.values()) <= phones.sent
    assert len(set(rows.values())) == len(rows)

    # Whole: no answer without its text, its consent, its counts.
    survey_id = (await submission()).survey_id
    assert await AnswerDocument.count() == len(hashes) == len(rows) == await count_responses(survey_id)
    assert await count_complete(survey_id) == len(rows)
    assert await Consent.count() == len(rows)
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()

    # And a phone that got no answer sends again: the same receipt where it was stored, a first one where not.
    unanswered = sorted(phones.sent - set(phones.receipts))
    again = await RECORDER.record([await submission(client_id=one, source="api", need_most=one) for one in unanswered])
    assert [result.is_repeat for result in again if isinstance(result, Receipt)] == [one in rows.values() for one in unanswered]


def _pairs(phones: Phones) -> list[tuple[str, str]]:
    return [(client_id, hash_code(code)) for client_id, code in phones.receipts.items()]
