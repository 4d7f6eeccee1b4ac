"""Submissions for tests of the service, and ways to look at everything that is stored."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from typing import Any

import msgspec

from survey.accounts.tables import Area, PopulationFigure
from survey.authoring.queries import checker_for
from survey.db.columns import from_json
from survey.questionnaire.answers import Answers
from survey.questionnaire.values import REFUSED
from survey.responses.intake import entrance_to
from survey.responses.rules import TEXT_GIVEN, Counts, Submission, TallySheet
from survey.responses.service import Receipt, Recorder
from survey.responses.tables import AnswerDocument, DayCount, PlaceCount, Response, Tally, WayCount
from survey.tables import ALL_TABLES
from tests.conftest import SECRET

RECORDER = Recorder(SECRET)
ANSWERS: Answers = {
    "subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "another_country",
    "need_most": "한국어로 진료하는 병원이 필요해요", "participation": ["events", "online"], "importance_health": 5,
    "may_quote": "yes",
}  # fmt: skip

_numbers = itertools.count()


def new_client_id() -> str:
    return f"client-{next(_numbers):012d}"


async def submission(
    slug: str = "community-needs",
    *,
    client_id: str = "",
    language: str = "ko",
    channel: int | None = None,
    source: str = "form",
    day: dt.date | None = None,
    **answers: Any,
) -> Submission:
    """One person's clean answers: ANSWERS, with those of the test over them (None takes one out)."""
    merged = {question: answer for question, answer in {**ANSWERS, **answers}.items() if answer is not None}
    return (await entrance_to(slug)).submission(
        client_id=client_id or new_client_id(), language=language, answers=merged, channel=channel, source=source, day=day
    )


async def impossible() -> Submission:
    """The database refuses it: there is no such version."""
    return msgspec.structs.replace(await submission(), version_id=999_999)


async def record_one(one: Submission) -> Receipt:
    """Store it, or raise what the service answered."""
    (result,) = await RECORDER.record([one])
    if isinstance(result, Exception):
        raise result
    return result


async def everything(*, with_areas: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as piccolo reads it, without its serial id."""
    left_out = () if with_areas else (Area, PopulationFigure)
    found = {}
    for table in ALL_TABLES:
        if table not in left_out:
            rows = await table.select(*table.all_columns(), exclude_secrets=False).order_by(table._meta.primary_key)
            found[table._meta.tablename] = rows
    return found


People = dict[str, dict[str, int]]
"""Question to answer to how many gave it."""


async def stored_tallies() -> dict[tuple[Any, ...], tuple[int, People]]:
    """The cells that count anybody: (version, area, language, channel, wave) to responses and answers. The totals over them agree."""
    found = {}
    places: Counter[tuple[Any, ...]] = Counter()
    ways: Counter[tuple[Any, ...]] = Counter()
    rows = await Tally.select()
    for row in rows:
        places[row["version"], row["area"], row["language"]] += row["total"]
        ways[row["version"], row["channel"], row["language"], row["wave"]] += row["total"]
    assert {(row["version"], row["area"], row["language"]): row["total"] for row in await PlaceCount.select()} == places
    assert {(row["version"], row["channel"], row["language"], row["wave"]): row["total"] for row in await WayCount.select()} == ways
    for row in rows:
        people = TallySheet((await checker_for(row["version"])).form).read(from_json(row["counts"], Counts))
        if row["total"] or people:
            found[row["version"], row["area"], row["language"], row["channel"], row["wave"]] = (row["total"], people)
    return found


async def recounted_tallies() -> dict[tuple[Any, ...], tuple[int, People]]:
    """The same, counted again from the answers that are stored, one by one and without a sheet."""
    documents = {row["response"]: row["answers"] for row in await AnswerDocument.select()}
    found: dict[tuple[Any, ...], tuple[int, People]] = {}
    for row in await Response.select():
        cell = (row["version"], row["area"] or 0, row["language"], row["channel"] or 0, row["wave"])
        total, people = found.get(cell, (0, {}))
        texts = {question.id for question in (await checker_for(row["version"])).form.questions() if question.is_text}
        for question, answer in from_json(documents[row["id"]], Answers).items():
            written = question in texts and answer != REFUSED
            for given in answer if isinstance(answer, list) else [TEXT_GIVEN if written else str(answer)]:
                people.setdefault(question, {})[given] = people.get(question, {}).get(given, 0) + 1
        found[cell] = (total + 1, people)
    return found


async def stored_days() -> dict[tuple[int, dt.date], int]:
    return {(row["survey"], row["day"]): row["total"] for row in await DayCount.select() if row["total"]}


async def recounted_days() -> dict[tuple[int, dt.date], int]:
    return dict(Counter((row["survey"], row["received_on"]) for row in await Response.select()))


