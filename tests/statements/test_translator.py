"""LibreTranslate's client in front of a stand-in server on this machine: good, slow, failing, talking nonsense."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from survey.statements import translator
from survey.statements.translator import LibreTranslate, TranslatorFailed

LANGUAGES = [
    {"code": "en", "name": "English", "targets": ["en", "ko", "zh-Hans"]},
    {"code": "ko", "name": "Korean", "targets": ["en", "zh-Hans"]},
    {"code": "zt", "name": "Chinese (traditional)", "targets": ["en", "zh-Hans"]},
    {"code": "zh-Hans", "name": "Chinese", "targets": ["en"]},
]

Reply = tuple[int, bytes, dict[str, str]]


class Server:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.listed: Callable[[], Reply] = lambda: (200, json.dumps(LANGUAGES).encode(), {})
        self.reply: Callable[[dict[str, Any]], Reply] = lambda asked: (
            200, json.dumps({"translatedText": [f"<{text}>" for text in asked["q"]]}).encode(), {},
        )  # fmt: skip
        self.address = ""


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*(found.listed() if self.path == "/languages" else (404, b"", {})))

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.asked.append(asked)
            self._answer(*found.reply(asked))

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # who asked may have gone
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.address = f"http://127.0.0.1:{running.server_port}"
    yield found
    running.shutdown()
    thread.join()
    running.server_close()


async def test_translate_sends_a_few_texts_at_once_and_keeps_their_order(server: Server) -> None:
    opened = await LibreTranslate.open(f"{server.address}/", "a key")
    texts = [f"text {number}" for number in range(30)] + ["x" * 6_000]

    found = await opened.translate(texts, "ko")

    assert found == [f"<{text}>" for text in texts]
    assert [len(asked["q"]) for asked in server.asked] == [25, 5, 1]
    assert {key: value for key, value in server.asked[0].items() if key != "q"} == {
        "source": "ko", "target": "zh-Hans", "format": "text", "api_key": "a key",
    }  # fmt: skip
    assert [tag for tag in ("en", "ko", "zh-Hant", "zh-Hans", "ja") if opened.speaks(tag)] == ["en", "ko", "zh-Hant"]
    await opened.translate(["a"], "zh-Hant")
    assert server.asked[-1]["source"] == "zt"
    with pytest.raises(TranslatorFailed, match="does not speak ja"):
        await opened.translate(["a"], "ja")


async def test_older_servers_call_chinese_zh(server: Server) -> None:
    server.listed = lambda: (200, b'[{"code": "en", "targets": ["en", "zh"]}]', {})

    await (await LibreTranslate.open(server.address)).translate(["a"], "en")

    assert server.asked == [{"q": ["a"], "source": "en", "target": "zh", "format": "text"}]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((500, b"", {}), "answered 500"),
        ((403, b'{"error": "Invalid API key"}', {}), "answered 403"),
        ((302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}), "answered 302"),
        ((200, b"<html>", {}), "no translation"),
        ((200, b"\xff\xfe", {}), "no translation"),
        ((200, b'{"translatedText": "one text"}', {}), "no translation"),
        ((200, b'{"translatedText": ["one"]}', {}), "1 texts to 2"),
        ((200, b" " * 5_000_001, {}), "too long"),
        ((200, b"{", {"Content-Length": "100"}), "no translation|cannot be reached"),
    ],
    ids=["500", "403", "redirect", "html", "bytes", "no list", "too few", "too long", "cut"],
)
async def test_what_is_no_translation_is_told_and_not_taken(server: Server, reply: Reply, words: str) -> None:
    opened = await LibreTranslate.open(server.address)
    server.reply = lambda _: reply

    with pytest.raises(TranslatorFailed, match=words):
        await opened.translate(["a", "b"], "en")


async def test_slow_server_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = await LibreTranslate.open(server.address)
    monkeypatch.setattr(translator, "SECONDS", 0.1)

    def sleep(_: dict[str, Any]) -> Reply:
        time.sleep(0.4)
        return 200, b"{}", {"Connection": "close"}

    server.reply = sleep
    with pytest.raises(TranslatorFailed, match="did not answer"):
        await opened.translate(["a"], "en")


async def test_server_that_is_away_or_has_no_chinese_is_told(server: Server) -> None:
    with pytest.raises(TranslatorFailed, match="cannot be reached"):
        await LibreTranslate.open("http://127.0.0.1:9")
    server.listed = lambda: (200, b'[{"code": "en", "targets": ["ko"]}]', {})
    with pytest.raises(TranslatorFailed, match="no Chinese"):
        await LibreTranslate.open(server.address)
