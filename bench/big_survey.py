"""A survey of a million answers and a million and a half statements, written in a few minutes, for measuring pages.

    python -m bench.big_survey --database sqlite:////tmp/big.sqlite --responses 1000000

The database is made anew and must be empty. Texts are the demonstration's, varied; languages, areas, channels, waves, themes and
renderings are drawn with the skew of life, from one seed. What pages read is filled: tallies, days, index of words. Not filled:
invitations, meetings, plans.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import itertools
import sqlite3
import sys
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

import asyncpg
import msgspec
import numpy as np

from bench.bodies import SLUG
from bench.servers import prepare_database
from survey import clock
from survey.accounts.queries import area_ids
from survey.authoring.queries import find_survey, form_of
from survey.authoring.tables import Survey
from survey.db.columns import to_json, to_json_in_order
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.db.ids import new_public_id
from survey.db.migrations import m0009_statements
from survey.db.transaction import write_transaction
from survey.demo.answers import FictionalAnswer, fictional_answers
from survey.outreach.service import add_channel
from survey.responses.rules import TallySheet, document_of
from survey.settings import Settings
from survey.statements.states import PersonalData, RenderingState, is_chinese
from survey.statements.wording import cut, masked, needs_in, words_of
from survey.tables import ALL_TABLES

SEED = 20261126
SECRET = "the benchmark's own secret, of enough characters"
LANGUAGES = {
    "ko": 0.36, "en": 0.22, "zh-Hans": 0.15, "ja": 0.09, "ru": 0.05, "fr": 0.035, "de": 0.03, "es": 0.025, "ar": 0.02, "zh-Hant": 0.02,
}  # fmt: skip
CHANNELS, WAVES, THEMES, DAYS = 12, 4, 60, 720
PER_RESPONSE = 1.5
ASSIGNED, READ, FLAGGED, RENDERED = 0.8, 0.6, 0.03, 0.2
PLACES = [f"gate {n}" for n in range(1, 40)] + [f"{n}号楼" for n in range(1, 60)] + [f"Building {n}" for n in range(1, 60)]
CHUNK = 50_000


class Text(msgspec.Struct, frozen=True):
    """A statement ready to be stored, and the theme that it belongs to."""

    original: str
    redacted: str
    findings: str
    personal_data: str
    needs: str
    words: str
    theme: int


class Writer(ABC):
    """Rows in bulk; `start` takes the index of words away, `finish` builds it."""

    @abstractmethod
    async def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None: ...

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def finish(self) -> None: ...


class SqliteWriter(Writer):
    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("synchronous=OFF", "cache_size=-400000", "foreign_keys=OFF"):
            self._connection.execute(f"PRAGMA {pragma}")

    async def start(self) -> None:
        for name in ("insert", "delete", "update"):
            self._connection.execute(f"DROP TRIGGER statement_words_{name}")

    async def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        self._connection.execute("BEGIN")
        self._connection.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})',
            ([value.isoformat() if isinstance(value, dt.date) else value for value in row] for row in rows),
        )
        self._connection.execute("COMMIT")

    async def finish(self) -> None:
        self._connection.execute("INSERT INTO statement_words (statement_words) VALUES ('rebuild')")
        for statement in m0009_statements.SQLITE:
            if "CREATE TRIGGER" in statement:
                self._connection.execute(statement)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


class PostgresWriter(Writer):
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def start(self) -> None:
        await self._connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        await self._connection.execute("SET maintenance_work_mem = '512MB'")
        await self._connection.execute("DROP INDEX statement_words_words")

    async def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        waiting = iter(rows)
        while part := list(itertools.islice(waiting, CHUNK)):
            await self._connection.copy_records_to_table(table, records=part, columns=list(columns))

    async def finish(self) -> None:
        searched = m0009_statements.searched("s.")
        await self._connection.execute(
            'INSERT INTO statement_words ("rowid", "words") '
            f"SELECT s.id, array_to_tsvector(array_remove(string_to_array({searched}, ' '), '')) FROM statement s"
        )
        await self._connection.execute(next(sql for sql in m0009_statements.POSTGRES if "USING GIN" in sql))
        for table in ("statement", "response", "tally", "theme", "assignment", "unsorted", "rendering", "answer_document", "consent", "day_count"):
            with contextlib.suppress(asyncpg.PostgresError):  # not every key is a number
                await self._connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))")
        await self._connection.execute("VACUUM ANALYZE")


@contextlib.asynccontextmanager
async def _writer(database: str) -> AsyncIterator[Writer]:
    if database.startswith("sqlite:///"):
        yield SqliteWriter(database.removeprefix("sqlite:///"))
        return
    connection = await asyncpg.connect(database)
    try:
        yield PostgresWriter(connection)
    finally:
        await connection.close()


def _texts(dice: np.random.Generator) -> dict[str, list[Text]]:
    """Statements by language, prepared as the worker does it: each of the demonstration's texts in several variations."""
    themes: dict[str, int] = {}
    found: dict[str, list[Text]] = {}
    for answer in fictional_answers():
        for question in ("need_most", "change_first"):
            written = answer.answers.get(question)
            if not isinstance(written, str):
                continue
            for piece in cut(written, answer.language):
                needs = needs_in(piece.text, piece.language)
                theme = themes.setdefault(needs.partition(" ")[0], len(themes)) % THEMES
                for number in range(6):
                    text = f"{piece.text} ({PLACES[int(dice.integers(len(PLACES)))]})" if number else piece.text
                    state = PersonalData.UNREVIEWED if dice.random() < 0.01 else PersonalData.NONE
                    redacted = f"{masked(text, [])} [电话]" if state != PersonalData.NONE else text
                    original = f"{text} 13800138000" if state != PersonalData.NONE else text
                    marks = [{"kind": "phone", "start": len(text) + 1, "end": len(text) + 12, "rule": "phone", "is_lifted": False}]
                    found.setdefault(piece.language, []).append(
                        Text(original, redacted, to_json(marks) if state != PersonalData.NONE else "[]", state,
                             needs, words_of(redacted, piece.language, needs), theme)
                    )  # fmt: skip
    return found


def _skewed(total: int) -> np.ndarray:
    weights = 1 / np.arange(1, total + 1)
    return weights / weights.sum()


async def write_survey(database: str, responses: int, *, told: bool = True) -> None:
    """Fill an empty database."""
    started = time.monotonic()

    def tell(what: str) -> None:
        if told:
            print(f"{time.monotonic() - started:6.0f} s  {what}", file=sys.stderr, flush=True)

    prepare_database(database)
    settings = Settings(database=database, secret=SECRET)
    engine = make_engine(settings)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=2):
        survey = await find_survey(SLUG)
        form = await form_of(survey.version_id)
        channels = [await add_channel(survey_id=survey.id, code=f"way-{n}", name=f"渠道 {n}") for n in range(CHANNELS)]
        async with write_transaction(Survey):
            await Survey.update({Survey.wave: WAVES}).where(Survey.id == survey.id)
        areas = list((await area_ids()).values())
    dice = np.random.default_rng(SEED)
    texts = _texts(dice)
    tell("texts are prepared")

    tags = list(LANGUAGES)
    languages = dice.choice(len(tags), responses, p=np.array(list(LANGUAGES.values())) / sum(LANGUAGES.values()))
    area = dice.choice(len(areas), responses, p=_skewed(len(areas)))
    channel = dice.choice(CHANNELS + 1, responses, p=_skewed(CHANNELS + 1))
    days = np.sort(dice.integers(0, DAYS, responses))
    waves = days * WAVES // DAYS + 1
    flagged = dice.random(responses) < FLAGGED
    quoting = dice.random(responses) < 0.5
    template = dice.integers(0, 600, responses)
    forms: dict[str, list[FictionalAnswer]] = {}
    for answer in fictional_answers():
        forms.setdefault(answer.language, []).append(answer)
    documents = {tag: [document_of(answer.answers) for answer in listed] for tag, listed in forms.items()}
    first_day = clock.today() - dt.timedelta(days=DAYS)
    calendar = [first_day + dt.timedelta(days=n) for n in range(DAYS)]
    way = [None, *channels]
    ids = [f"{number:022d}" for number in range(responses)]

    async with _writer(database) as writer:
        await writer.start()
        await writer.rows(
            "wave", ("survey", "number", "started_on", "started_by", "names", "channels", "minimum", "rise"),
            ((survey.id, number, calendar[(number - 1) * DAYS // WAVES], "bench", "{}", "[]", 30, 5) for number in range(2, WAVES + 1)),
        )  # fmt: skip
        await writer.rows(
            "response",
            ("id", "survey", "version", "client_id", "payload_hash", "receipt_hash", "respondent_kind", "language", "channel",
             "area", "wave", "source", "disposition", "received_on", "flags"),
            (
                (ids[n], survey.id, survey.version_id, f"big-{ids[n]}", ids[n], f"r{ids[n]}", "resident", tags[languages[n]],
                 way[channel[n]], areas[area[n]], int(waves[n]), "form", "complete", calendar[days[n]], "speeding" if flagged[n] else "")
                for n in range(responses)
            ),
        )  # fmt: skip
        tell("responses")
        await writer.rows(
            "answer_document", ("response", "answers", "is_prepared", "revision"),
            ((ids[n], documents[tag][template[n] % len(documents[tag])], True, 0) for n in range(responses) for tag in [tags[languages[n]]]),
        )  # fmt: skip
        await writer.rows(
            "consent", ("response", "purpose", "text_version", "language"),
            ((ids[n], "quote", "1", tags[languages[n]]) for n in range(responses) if quoting[n]),
        )  # fmt: skip
        tell("answers")
        await writer.rows("day_count", ("survey", "day", "total"), ((survey.id, calendar[day], total) for day, total in sorted(Counter(days.tolist()).items())))
        cells = Counter(zip(area.tolist(), languages.tolist(), channel.tolist(), waves.tolist(), template.tolist(), strict=True))
        await writer.rows("tally", ("version", "area", "language", "channel", "wave", "total", "counts"), _tallies(cells, form, survey.version_id, areas, way, tags, forms))
        tell("tallies")
        sizes = dice.choice([1, 2], responses, p=[2 - PER_RESPONSE, PER_RESPONSE - 1])
        await _write_statements(writer, survey.id, texts, sizes, languages, tags, areas, area, way, channel, waves, days, calendar, flagged, ids, dice, tell)
        await writer.finish()
    tell("index of words")


def _tallies(
    cells: Counter[tuple[int, ...]], form: Any, version: int, areas: list[int], way: list[Any], tags: list[str],
    forms: dict[str, list[FictionalAnswer]],
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    sheet = TallySheet(form)
    for key, group in itertools.groupby(sorted(cells), key=lambda cell: cell[:4]):
        counts, total = sheet.empty(), 0
        tag = tags[key[1]]
        for cell in group:
            sheet.add(counts, forms[tag][cell[4] % len(forms[tag])].answers, cells[cell])
            total += cells[cell]
        yield version, areas[key[0]], tag, way[key[2]] or 0, key[3], total, to_json(counts)


async def _write_statements(
    writer: Writer, survey: int, texts: dict[str, list[Text]], sizes: np.ndarray, languages: np.ndarray, tags: list[str],
    areas: list[int], area: np.ndarray, way: list[Any], channel: np.ndarray, waves: np.ndarray, days: np.ndarray,
    calendar: list[dt.date], flagged: np.ndarray, ids: list[str], dice: np.random.Generator, tell: Any,
) -> None:  # fmt: skip
    owners = np.repeat(np.arange(len(ids)), sizes)
    total = len(owners)
    position = np.zeros(total, dtype=int)
    position[1:] = owners[1:] == owners[:-1]
    chosen, is_read = dice.integers(0, 1 << 30, total), dice.random(total) < READ
    rendered, assigned = dice.random(total) < RENDERED, dice.random(total) < ASSIGNED
    members: list[list[int]] = [[] for _ in range(THEMES)]
    renderings: list[tuple[Any, ...]] = []
    languages_of: list[Counter[str]] = [Counter() for _ in range(THEMES)]

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(total):
            owner = int(owners[n])
            tag = tags[languages[owner]]
            text = texts[tag][chosen[n] % len(texts[tag])]
            state = RenderingState.NOT_NEEDED if is_chinese(tag) else RenderingState.MISSING
            if rendered[n] and not is_chinese(tag):
                state = RenderingState.ACCEPTED if n % 3 == 0 else RenderingState.MACHINE
                renderings.append((n + 1, state == RenderingState.ACCEPTED))
            if assigned[n]:
                members[text.theme].append(n + 1)
                languages_of[text.theme][tag] += 1
            yield (
                n + 1, new_public_id(), survey, ids[owner], "need_most", int(position[n]), text.original, tag, "", text.redacted,
                text.findings, text.personal_data, areas[area[owner]], way[channel[owner]] or 0, int(waves[owner]), calendar[days[owner]],
                text.needs, text.words, "read" if is_read[n] else "new", state, bool(flagged[owner]),
            )  # fmt: skip

    await writer.rows(
        "statement",
        ("id", "public_id", "survey", "response", "question", "position", "original", "language", "text_hash", "redacted", "findings",
         "personal_data", "area", "channel", "wave", "received_on", "needs", "words", "reading", "rendering", "is_flagged"),
        rows(),
    )  # fmt: skip
    tell(f"{total} statements")
    now = clock.now() if isinstance(writer, PostgresWriter) else clock.now().isoformat()
    await writer.rows(
        "rendering", ("statement", "language", "text", "author_kind", "account", "created_at", "accepted_by", "accepted_at"),
        ((key, "zh-Hans", f"这里的停车和看病都不方便（{key}）", "staff" if is_accepted else "machine", None, now, None, now if is_accepted else None)
         for key, is_accepted in renderings),
    )  # fmt: skip
    unsorted = total - int(assigned.sum())
    figures = {
        "people": len(ids), "statements": total, "unsorted": unsorted, "languages": {}, "links": [],
    }  # fmt: skip
    await writer.rows("analysis_run", ("id", "survey", "settings", "figures", "finished_at"), [(1, survey, "{}", to_json(figures), now)])
    await writer.rows(
        "theme",
        ("id", "public_id", "survey", "key", "category", "state", "names", "people", "statements", "languages", "keywords", "quotes",
         "public_quotes", "run"),
        (
            (n + 1, new_public_id(), survey, f"health.need_{n}", "health", "accepted" if n % 3 == 0 else "proposed",
             to_json({"zh-Hans": f"需求 {n}", "en": f"Need {n}"}), len(keys), len(keys), to_json_in_order(dict(languages_of[n].most_common())),
             to_json({"zh-Hans": ["停车"]}), to_json(keys[:8]), to_json(keys[:3]), 1)
            for n, keys in enumerate(members)
        ),
    )  # fmt: skip
    await writer.rows(
        "assignment", ("statement", "theme", "score", "author"),
        ((key, n + 1, 0.9, "model") for n, keys in enumerate(members) for key in keys),
    )  # fmt: skip
    spoken = [tags[languages[owner]] for owner in owners]
    await writer.rows(
        "unsorted", ("survey", "statement", "language"), ((survey, int(n) + 1, spoken[n]) for n in np.flatnonzero(~assigned))
    )
    tell("themes")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True, help="as LINSHENG_DATABASE; empty")
    parser.add_argument("--responses", type=int, default=1_000_000)
    given = parser.parse_args()
    asyncio.run(write_survey(given.database, given.responses))


if __name__ == "__main__":
    main()
