"""What a phone loads before the first question, and when it sees it: python -m bench.first_question

The bytes are those on the line: bodies as the server compresses them, without headers. Largest Contentful Paint is Chromium's own
figure behind 400 kbit/s and 400 ms, with the processor slowed down four times, as a cheap phone on a bad line has it; every run
starts with an empty cache. The comparison is with the figures of the packages as they are published, compressed by gzip -9, one
language each, measured without their application around them and without a network.
"""

from __future__ import annotations

import argparse
import gzip
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import httpx
import msgspec
from playwright.sync_api import Browser, sync_playwright

from bench.bodies import SLUG
from bench.servers import OURS, serving, sqlite_databases
from survey.i18n.languages import languages

BUDGET = 30 * 1024
SCRIPT_BUDGET = 12 * 1024
PAINT_BUDGET = 2.5

PEERS = {
    "SurveyJS 2.5.38 (core, CSS, js-ui)": 414_881,
    "ODK Web Forms 0.22.0": 1_248_007,
}
"""Bytes of script and style that a form needs before its first question, gzip -9."""

CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
LINE = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
SLOWER = 4

LOADED = re.compile(r'<(?:link rel="(?:stylesheet|modulepreload)"|script)[^>]*?(?:href|src)="(/[^"]+)"')
IMPORTED = re.compile(r"""(?:^|\n)\s*(?:import|export)\b[^;"']*["'](\.{1,2}/[^"']+|/[^"']+)["']""")

PAINTED = """() => new Promise((resolve) => {
    const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .filter((entry) => !entry.name.startsWith("data:"));
    const bytes = loaded.reduce((sum, entry) => sum + entry.encodedBodySize, 0);
    let last = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) last = entry.startTime; })
        .observe({type: "largest-contentful-paint", buffered: true});
    setTimeout(() => resolve({seconds: last / 1000, requests: loaded.length, bytes}), 300);
})"""


class Weight(msgspec.Struct, frozen=True):
    """Compressed bytes of what a page loads before it can be answered."""

    html: int
    css: int
    js: int
    requests: int

    @property
    def total(self) -> int:
        return self.html + self.css + self.js


def weigh(client: httpx.Client, address: str) -> Weight:
    """Load a page with everything that it names, modules that modules import included, each once."""
    page, size = _load(client, address)
    found = {"html": size, "css": 0, "js": 0}
    waiting, seen = [urljoin(address, match) for match in LOADED.findall(page)], set()
    while waiting:
        wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        text, size = _load(client, wanted)
        found["css" if wanted.endswith(".css") else "js"] += size
        if not wanted.endswith(".css"):
            waiting += [urljoin(wanted, name) for name in IMPORTED.findall(text)]
    return Weight(**found, requests=1 + len(seen))


def _load(client: httpx.Client, address: str) -> tuple[str, int]:
    """The text, and its size on the line."""
    with client.stream("GET", address, headers={"accept-encoding": "gzip"}) as response:
        response.raise_for_status()
        packed = b"".join(response.iter_raw())
    is_packed = response.headers.get("content-encoding") == "gzip"
    text = gzip.decompress(packed) if is_packed else packed
    return text.decode(), len(packed)


def first_bytes(client: httpx.Client, address: str, *, times: int = 200) -> list[float]:
    """Seconds until the answer begins, one request after the other."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        with client.stream("GET", address, headers={"accept-encoding": "gzip"}) as response:
            found.append(time.perf_counter() - started)
            response.read()
    return found


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


class Paint(msgspec.Struct, frozen=True):
    """When the largest part of the first screen stood, and what Chromium had loaded by then."""

    seconds: float
    requests: int
    bytes: int


def paint(browser: Browser, address: str, language: str) -> Paint:
    """Open the page on a slow phone that was never here."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale=language, device_scale_factor=2)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="load", timeout=60_000)
    found = msgspec.convert(page.evaluate(PAINTED), Paint, strict=False)
    context.close()
    return found


def print_weights(weights: dict[str, Weight]) -> None:
    worst = max(weights, key=lambda tag: weights[tag].total)
    print("First question, bytes on the line (gzip)")
    print(f"{'':38}{'HTML':>8}{'CSS':>8}{'JS':>8}{'together':>10}{'requests':>10}")
    for tag, weight in weights.items():
        name = f"Linsheng, {tag}{' (worst)' if tag == worst else ''}"
        print(f"{name:38}{weight.html:8}{weight.css:8}{weight.js:8}{weight.total:10}{weight.requests:10}")
    print(f"{'budget':38}{'':8}{'':8}{SCRIPT_BUDGET:8}{BUDGET:10}")
    for name, size in PEERS.items():
        print(f"{name:38}{'':24}{size:10}{size / weights[worst].total:9.0f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--languages", nargs="+", default=["zh-Hans", "ko", "ar"], help="of the paint; weights are of all")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    with sqlite_databases() as databases, serving(OURS, databases.fresh()) as server:
        base = f"http://127.0.0.1:{server.port}/s/{SLUG}"
        with httpx.Client(trust_env=False, timeout=30) as client:
            print_weights({tag: weigh(client, f"{base}?lang={tag}") for tag in languages()})
            times = first_bytes(client, f"{base}?lang=ar")
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"\nTime to first byte, 200 requests: median {1000 * statistics.median(times):.1f} ms, p95 {1000 * p95:.1f} ms")
        print(f"\nLargest Contentful Paint, 400 kbit/s, 400 ms, CPU {SLOWER} x slower, median of {options.runs}; seconds")
        with chromium(options.chromium) as browser:
            for tag in options.languages:
                runs = [paint(browser, f"{base}?lang={tag}", tag) for _ in range(options.runs)]
                found = [run.seconds for run in runs]
                middle = statistics.median(found)
                is_met = "met" if middle < PAINT_BUDGET else "NOT met"
                print(
                    f"{tag:10}{middle:8.2f}   ({min(found):.2f} to {max(found):.2f}; budget {PAINT_BUDGET:g}: {is_met}; "
                    f"{runs[0].requests} requests, {runs[0].bytes} bytes)"
                )


if __name__ == "__main__":
    main()
