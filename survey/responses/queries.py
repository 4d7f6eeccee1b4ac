"""Reading responses: totals from the tallies, single ones by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, NamedTuple

import msgspec
from piccolo.query.functions.aggregate import Sum

from survey.authoring.queries import form_of, version_ids
from survey.authoring.states import SurveyState
from survey.codes import hash_code
from survey.db.columns import from_json
from survey.responses.rules import Counts, TallySheet
from survey.responses.tables import AnswerDocument, Consent, DayCount, Response, Tally

PAGE = 500


async def count_responses(survey_id: int) -> int:
    row = await DayCount.select(Sum(DayCount.total, alias="n")).where(DayCount.survey == survey_id).first()
    return int(row["n"] or 0) if row else 0


async def counts_by_day(survey_id: int) -> list[tuple[dt.date, int]]:
    """Oldest first; a day whose answers were all withdrawn is none."""
    rows = await (
        DayCount.select(DayCount.day, DayCount.total)
        .where((DayCount.survey == survey_id) & (DayCount.total > 0))
        .order_by(DayCount.day)
    )
    return [(row["day"], row["total"]) for row in rows]


async def field_dates(survey_id: int) -> tuple[dt.date, dt.date] | None:
    """First and last day on which answers came."""
    days = await counts_by_day(survey_id)
    return (days[0][0], days[-1][0]) if days else None


async def counts_by_language(survey_id: int) -> dict[str, int]:
    return await _totals_by(survey_id, Tally.language)


async def counts_by_area(survey_id: int) -> dict[int, int]:
    """Area id to people; 0 stands for no known area."""
    return await _totals_by(survey_id, Tally.area)


async def counts_by_channel(survey_id: int) -> dict[int, int]:
    """Channel id to people; 0 stands for no channel."""
    return await _totals_by(survey_id, Tally.channel)


async def channel_counts_by_language(survey_id: int, channel_id: int) -> dict[str, int]:
    """People who came by one channel, by the language of their page."""
    rows = await (
        Tally.select(Tally.language, Sum(Tally.total, alias="n"))
        .where(Tally.version.is_in(await version_ids(survey_id)) & (Tally.channel == channel_id))
        .group_by(Tally.language)
    )
    return {row["language"]: int(row["n"]) for row in rows if row["n"]}


async def counts_by_place(survey_id: int, places: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """How many people of each of these areas answered in the language beside it. Read by the tallies' key, whatever their number."""
    if not places:
        return {}
    rows = await (
        Tally.select(Tally.area, Tally.language, Sum(Tally.total, alias="n"))
        .where(
            Tally.version.is_in(await version_ids(survey_id))
            & Tally.area.is_in(sorted({area for area, _ in places}))
            & Tally.language.is_in(sorted({language for _, language in places}))
        )
        .group_by(Tally.area, Tally.language)
    )
    return {(row["area"], row["language"]): int(row["n"]) for row in rows if (row["area"], row["language"]) in places}


async def counts_by_wave(survey_id: int) -> dict[int, int]:
    return await _totals_by(survey_id, Tally.wave)


async def has_answers_in(survey_id: int, wave: int) -> bool:
    """Whether anybody's answer counts in this wave: one that was withdrawn does not."""
    return await Tally.exists().where(
        Tally.version.is_in(await version_ids(survey_id)) & (Tally.wave == wave) & (Tally.total > 0)
    )


async def _totals_by(survey_id: int, column: Any) -> dict[Any, int]:
    name = column._meta.name  # noqa: SLF001 -- piccolo's own attribute
    rows = await (
        Tally.select(column, Sum(Tally.total, alias="n"))
        .where(Tally.version.is_in(await version_ids(survey_id)))
        .group_by(column)
    )
    return {row[name]: int(row["n"]) for row in rows if row["n"]}


async def choice_counts(survey_id: int, questions: list[str]) -> dict[str, dict[str, int]]:
    """Question to choice to people, over all versions of the survey."""
    found: dict[str, dict[str, int]] = {question: {} for question in questions}
    rows = await Tally.select(Tally.version, Tally.counts).where(Tally.version.is_in(await version_ids(survey_id)))
    sheets = {version: TallySheet(await form_of(version)) for version in {row["version"] for row in rows}}
    for row in rows:
        counts = sheets[row["version"]].read(from_json(row["counts"], Counts))
        for question in questions:
            for choice, people in counts.get(question, {}).items():
                found[question][choice] = found[question].get(choice, 0) + people
    return found


class CountedCell(NamedTuple):
    """One cell of the tallies: how many answered, and question to answer to people."""

    version: int
    area: int
    language: str
    channel: int
    wave: int
    total: int
    counts: dict[str, dict[str, int]]


async def counted_cells(survey_id: int) -> list[CountedCell]:
    """Every cell of a survey's tallies, for the worker: there are thousands where a survey is large."""
    rows = await Tally.select().where(Tally.version.is_in(await version_ids(survey_id)) & (Tally.total > 0))
    sheets = {version: TallySheet(await form_of(version)) for version in {row["version"] for row in rows}}
    return [
        CountedCell(
            row["version"], row["area"], row["language"], row["channel"], row["wave"], row["total"],
            sheets[row["version"]].read(from_json(row["counts"], Counts)),
        )
        for row in rows
    ]  # fmt: skip


async def responses_after(survey_id: int, last: str, limit: int) -> list[dict[str, Any]]:
    """The next complete responses by id, for the worker: id, version, language, channel, area, wave, flags, answers (JSON)."""
    rows: list[dict[str, Any]] = await Response.raw(
        'SELECT r."id", r."version", r."language", r."channel", r."area", r."wave", r."flags", d."answers" '
        'FROM "response" r JOIN "answer_document" d ON d."response" = r."id" '
        """WHERE r."survey" = {} AND r."id" > {} AND r."disposition" = 'complete' ORDER BY r."id" LIMIT {}""",
        survey_id, last, limit,
    )  # fmt: skip
    return rows


async def counts_by_flag(survey_id: int) -> dict[str, int]:
    """How many responses have each sign of carelessness. Reads the flagged ones alone, by an index of their own."""
    rows = await Response.raw(  # with the index's own condition in it: a parameter would hide from the planner that it serves
        'SELECT "flags", COUNT(*) AS "n" FROM "response" '
        """WHERE "survey" = {} AND "flags" <> '' AND "disposition" = 'complete' GROUP BY "flags" """,
        survey_id,
    )
    found: dict[str, int] = {}
    for row in rows:
        for flag in row["flags"].split(","):
            found[flag] = found.get(flag, 0) + int(row["n"])
    return found


async def iterate_responses(survey_id: int) -> AsyncIterator[dict[str, Any]]:
    """Yield complete responses with their answers, page by page by key (piccolo's batch() hides errors: pitfall P5)."""
    last = ""
    while True:
        rows = await (
            AnswerDocument.select(
                AnswerDocument.answers,
                AnswerDocument.response.id.as_alias("id"),
                AnswerDocument.response.version.number.as_alias("survey_version"),  # type: ignore[union-attr]  # a join
                AnswerDocument.response.language.as_alias("language"),
                AnswerDocument.response.channel.code.as_alias("channel"),  # type: ignore[union-attr]  # a join
                AnswerDocument.response.area.code.as_alias("area"),  # type: ignore[union-attr]  # a join
                AnswerDocument.response.wave.as_alias("wave"),
                AnswerDocument.response.received_on.as_alias("received_on"),
                AnswerDocument.response.source.as_alias("source"),
                AnswerDocument.response.flags.as_alias("flags"),
            )
            .where(
                (AnswerDocument.response.survey == survey_id)
                & (AnswerDocument.response.disposition == "complete")
                & (AnswerDocument.response.id > last)
            )
            .order_by(AnswerDocument.response.id)
            .limit(PAGE)
        )
        for row in rows:
            flags = [flag for flag in row["flags"].split(",") if flag]
            yield {**row, "flags": flags, "answers": from_json(row["answers"], dict[str, Any])}
        if len(rows) < PAGE:
            return
        last = rows[-1]["id"]


async def unprepared_answers(survey_id: int, limit: int) -> list[dict[str, Any]]:
    """Answers that are not statements yet, or were corrected since: id, version, language, answers, revision, and their place."""
    rows = await (
        AnswerDocument.select(
            AnswerDocument.answers,
            AnswerDocument.revision,
            AnswerDocument.response.id.as_alias("id"),
            AnswerDocument.response.version.as_alias("version"),
            AnswerDocument.response.language.as_alias("language"),
            AnswerDocument.response.area.as_alias("area"),
            AnswerDocument.response.channel.as_alias("channel"),
            AnswerDocument.response.wave.as_alias("wave"),
            AnswerDocument.response.received_on.as_alias("received_on"),
        )
        .where(
            (AnswerDocument.is_prepared == False) & (AnswerDocument.response.survey == survey_id)  # noqa: E712 -- piccolo's condition
        )
        .order_by(AnswerDocument.id)  # as they came: the inbox shows them so
        .limit(limit)
    )
    return [{**row, "answers": from_json(row["answers"], dict[str, Any])} for row in rows]


async def flags_by_response(response_ids: Sequence[str]) -> dict[str, list[str]]:
    """The signs of carelessness or abuse of each of these responses; none for those that have none."""
    if not response_ids:
        return {}
    rows = await Response.select(Response.id, Response.flags).where(Response.id.is_in(list(response_ids)) & (Response.flags != ""))
    return {row["id"]: row["flags"].split(",") for row in rows}


async def quotable_responses(survey_id: int) -> set[str]:
    """Ids of the responses whose writers allowed quotes (S13)."""
    rows = await Consent.select(Consent.response).where(
        (Consent.response.survey == survey_id)
        & (Consent.response.disposition == "complete")
        & (Consent.purpose == "quote")
    )
    return {row["response"] for row in rows}


async def flagged_responses(survey_id: int) -> set[str]:
    """Ids of the responses that bear a sign of carelessness. Reads those alone, by an index of their own."""
    rows = await Response.raw("""SELECT "id" FROM "response" WHERE "survey" = {} AND "flags" <> '' """, survey_id)
    return {row["id"] for row in rows}


async def flagged_among(response_ids: Collection[str]) -> set[str]:
    """Those of these responses that bear a sign of carelessness."""
    rows = await Response.select(Response.id).where(Response.id.is_in(list(response_ids)) & (Response.flags != "")) if response_ids else []
    return {row["id"] for row in rows}


async def quotable_among(response_ids: Collection[str]) -> set[str]:
    """Those of these responses whose writers allowed quotes."""
    if not response_ids:
        return set()
    rows = await Consent.select(Consent.response).where(Consent.response.is_in(list(response_ids)) & (Consent.purpose == "quote"))
    return {row["response"] for row in rows}


async def count_complete(survey_id: int) -> int:
    """Count rows, for checks against the tallies; pages use count_responses."""
    return int(await Response.count().where((Response.survey == survey_id) & (Response.disposition == "complete")))


class OwnAnswer(msgspec.Struct, frozen=True):
    """`revision` is how often it was corrected; it can be corrected while the survey `is_open`."""

    version_id: int
    survey_slug: str
    language: str
    received_on: dt.date
    answers: dict[str, Any]
    revision: int
    is_open: bool
    is_fictional: bool
    order_seed: int
    """Draws the choices in the order in which the person saw them."""


async def find_own_answer(code: str) -> OwnAnswer | None:
    found = await (
        AnswerDocument.select(
            AnswerDocument.answers,
            AnswerDocument.revision,
            AnswerDocument.response.version.as_alias("version"),
            AnswerDocument.response.survey.slug.as_alias("slug"),  # type: ignore[union-attr]  # a join
            AnswerDocument.response.survey.state.as_alias("state"),  # type: ignore[union-attr]  # a join
            AnswerDocument.response.survey.is_fictional.as_alias("is_fictional"),  # type: ignore[union-attr]  # a join
            AnswerDocument.response.language.as_alias("language"),
            AnswerDocument.response.received_on.as_alias("received_on"),
            AnswerDocument.response.order_seed.as_alias("order_seed"),
        )
        .where(AnswerDocument.response.receipt_hash == hash_code(code))
        .first()
    )
    if found is None:
        return None
    return OwnAnswer(
        version_id=found["version"],
        survey_slug=found["slug"],
        language=found["language"],
        received_on=found["received_on"],
        answers=from_json(found["answers"]),
        revision=found["revision"],
        is_open=found["state"] == SurveyState.OPEN,
        is_fictional=bool(found["is_fictional"]),
        order_seed=found["order_seed"] or 0,
    )
