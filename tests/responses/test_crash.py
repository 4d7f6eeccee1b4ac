"""A kill -9 under load: what a phone was told is stored is in the database, whole and exactly once."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from survey.codes import hash_code
from survey.responses.drafts import open_draft
from survey.responses.queries import count_complete, count_responses, find_own_answer
from survey.responses.service import Receipt
from survey.responses.tables import AnswerDocument, Consent, Draft, Response
from survey.settings import Settings
from tests.conftest import SECRET, bundled_survey
from tests.e2e.serving import free_port, without_settings
from tests.responses.conftest import (
    ANSWERS,
    RECORDER,
    record_one,
    recounted_days,
    recounted_tallies,
    stored_days,
    stored_tallies,
    submission,
)
from tests.responses.visits import SURVEY, WHO

PATH = "/api/v1/surveys/community-needs/responses"
PHONES = 6
ENOUGH = 250
"""Acts that the phones were told of, before the server is killed."""

Act = Callable[[http.client.HTTPConnection, int, int], None]
"""What a phone does, with its connection, its number and how often it did it before. Raises Refused."""


class Refused(Exception):
    """The server answered, but not as it should."""


class Phones:
    """Threads that do one thing after the other until nobody answers."""

    def __init__(self, port: int, act: Act) -> None:
        self._port = port
        self._act = act
        self.done = 0
        self.refused: list[str] = []
        self._threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(PHONES)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_for(self, acts: int) -> None:
        deadline = time.monotonic() + 10
        while self.done < acts and not self.refused and time.monotonic() < deadline:
            time.sleep(0.005)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=10)

    def _go_on(self, number: int) -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)) as connection:
            for step in range(100_000):
                try:
                    self._act(connection, number, step)
                except (OSError, http.client.HTTPException):
                    return
                except Refused as refused:
                    self.refused.append(str(refused))
                    return
                self.done += 1


def post(connection: http.client.HTTPConnection, path: str, body: str, media_type: str, status: int) -> str:
    connection.request("POST", path, body, {"content-type": media_type})
    answer = connection.getresponse()
    content = answer.read().decode()
    if answer.status != status:
        raise Refused(f"{answer.status} {content}")
    return content


def post_form(connection: http.client.HTTPConnection, path: str, fields: dict[str, str]) -> str:
    return post(connection, path, urlencode(fields), "application/x-www-form-urlencoded", 200)


def _start(settings: Settings, port: int, log: Path) -> subprocess.Popen[bytes]:
    environment = {
        **without_settings(),
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


def kill_while(act: Act, settings: Settings, log: Path) -> None:
    """Serve, let the phones act, and kill the server in the middle of it."""
    port = free_port()
    server = _start(settings, port, log)
    phones = Phones(port, act)
    try:
        _wait_until_ready(port, log)
        phones.start()
        phones.wait_for(ENOUGH)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        phones.join()
        server.wait(timeout=10)
    assert phones.refused == []
    assert phones.done >= ENOUGH, log.read_text()


async def test_every_receipt_that_a_phone_got_survives_a_kill(database: Settings, tmp_path: Path) -> None:
    await bundled_survey()
    sent: set[str] = set()
    receipts: dict[str, str] = {}

    def send(connection: http.client.HTTPConnection, number: int, step: int) -> None:
        client_id = f"phone-{number}-answer-{step:06d}"
        sent.add(client_id)
        body = json.dumps({"client_id": client_id, "language": "ko", "answers": {**ANSWERS, "need_most": client_id}})
        receipts[client_id] = json.loads(post(connection, PATH, body, "application/json", 201))["receipt"]

    kill_while(send, database, tmp_path / "server.log")

    rows = {row["id"]: row["client_id"] for row in await Response.select(Response.id, Response.client_id)}
    hashes = await Response.select(Response.client_id, Response.receipt_hash, exclude_secrets=False)
    found = Counter((row["client_id"], row["receipt_hash"]) for row in hashes)
    pairs = [(client_id, hash_code(code)) for client_id, code in receipts.items()]
    assert {pair: found[pair] for pair in pairs} == dict.fromkeys(pairs, 1)
    assert set(rows.values()) <= sent
    assert len(set(rows.values())) == len(rows)

    # Whole: no answer without its text, its consent, its counts.
    survey_id = (await submission()).survey_id
    assert await AnswerDocument.count() == len(hashes) == len(rows) == await count_responses(survey_id)
    assert await count_complete(survey_id) == len(rows)
    assert await Consent.count() == len(rows)
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()

    # And a phone that got no answer sends again: the same receipt where it was stored, a first one where not.
    unanswered = sorted(sent - set(receipts))
    again = await RECORDER.record([await submission(client_id=one, source="api", need_most=one) for one in unanswered])
    assert [result.is_repeat for result in again if isinstance(result, Receipt)] == [one in rows.values() for one in unanswered]


@pytest.mark.parametrize("settings", ["sqlite", pytest.param("postgres", marks=pytest.mark.thorough)], indirect=True)
async def test_every_correction_that_a_phone_was_told_of_survives_a_kill_whole(database: Settings, tmp_path: Path) -> None:
    await bundled_survey()
    codes = [(await record_one(await submission(need_most="0"))).code for _ in range(PHONES)]
    asked, told = [0] * PHONES, [0] * PHONES

    def correct(connection: http.client.HTTPConnection, number: int, step: int) -> None:
        asked[number] = step + 1
        fields = {**WHO, "_code": codes[number], "_revision": str(step), "_language": ["ko", "en"][step % 2], "need_most": str(step + 1)}
        fields["subdistrict"] = ["wangjing", "maizidian"][step % 2]
        post_form(connection, "/receipt", fields)
        told[number] = step + 1

    kill_while(correct, database, tmp_path / "server.log")

    own = [await find_own_answer(code) for code in codes]
    revisions = [found.revision for found in own if found]
    assert [low <= revision <= high for low, revision, high in zip(told, revisions, asked, strict=True)] == [True] * PHONES
    assert [found.answers["need_most"] for found in own if found] == [str(revision) for revision in revisions]
    assert await stored_tallies() == await recounted_tallies()
    assert await stored_days() == await recounted_days()


@pytest.mark.parametrize("settings", ["sqlite", pytest.param("postgres", marks=pytest.mark.thorough)], indirect=True)
async def test_every_draft_that_a_phone_was_told_of_survives_a_kill(database: Settings, tmp_path: Path) -> None:
    await bundled_survey()
    codes = [""] * PHONES
    asked, told = [0] * PHONES, [0] * PHONES

    def save(connection: http.client.HTTPConnection, number: int, step: int) -> None:
        asked[number] = step
        fields = {"_save": "yes", "_client": f"client-of-phone-{number}", "_language": "ko", "need_most": f"{step} " + "가" * 900}
        page = post_form(connection, SURVEY, {**fields, "_draft": codes[number]})
        [codes[number]] = re.findall(r'id="draft-code"[^>]*>([^<]+)<', page)
        told[number] = step

    kill_while(save, database, tmp_path / "server.log")

    drafts = [await open_draft(code) for code in codes]
    kept = [int(draft.raw["need_most"][0].split()[0]) for draft in drafts if draft]
    assert [low <= step <= high for low, step, high in zip(told, kept, asked, strict=True)] == [True] * PHONES
    assert await Draft.count() == PHONES
