"""Reading statements. What is shown is the redacted text; the original is for who checks the mask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from survey.db.bulk import find_rows
from survey.db.columns import from_json
from survey.errors import NotFound
from survey.statements.states import CHINESE, AuthorKind, PersonalData, Reading, RenderingState, RenderingView
from survey.statements.tables import Rendering, Statement
from survey.statements.wording import Mark

PAGE = 5000


class StatementView(msgspec.Struct, frozen=True):
    """`text` is the redacted one."""

    id: int
    response: str
    text: str
    language: str
    needs: str = ""
    """Ids of the lexicon's concepts in it (wording.need_names)."""


class FullStatement(msgspec.Struct, frozen=True):
    """A statement with its place and states; `text` is the redacted one."""

    id: int
    public_id: str
    survey_id: int
    response: str
    question: str
    text: str
    language: str
    area: int
    channel: int
    wave: int
    received_on: dt.date | None
    personal_data: PersonalData
    reading: Reading
    rendering: RenderingState
    audience: str
    """"" for a need; of a complaint about staff who may read it (rules.Audience)."""
    concerns: list[str]


class Unmasked(msgspec.Struct, frozen=True):
    """A statement as it was written, for who checks the mask."""

    original: str
    marks: list[Mark]


async def list_statements(survey_id: int, *, audiences: Sequence[str] = ("",)) -> list[StatementView]:
    """All statements of a survey, for the analysis; page by page by key. What is not masked yet is not there, and no complaint
    about staff but of the given audiences.
    """
    found: list[StatementView] = []
    last = 0
    while True:
        rows = await (
            Statement.select(Statement.id, Statement.response, Statement.redacted, Statement.language, Statement.needs)
            .where((Statement.survey == survey_id) & (Statement.id > last) & Statement.audience.is_in(list(audiences)))
            .order_by(Statement.id)
            .limit(PAGE)
        )
        found.extend(_view(row) for row in rows if row["redacted"])
        if len(rows) < PAGE:
            return found
        last = rows[-1]["id"]


async def statements_by_id(ids: list[int]) -> dict[int, StatementView]:
    """Those that are still there: withdrawn answers are gone."""
    if not ids:
        return {}
    rows = await Statement.select(
        Statement.id, Statement.response, Statement.redacted, Statement.language, Statement.needs
    ).where(
        Statement.id.is_in(ids) & (Statement.redacted != "")
    )
    return {row["id"]: _view(row) for row in rows}


_FULL = [
    Statement.id, Statement.public_id, Statement.survey, Statement.response, Statement.question, Statement.redacted,
    Statement.language, Statement.area, Statement.channel, Statement.wave, Statement.received_on,
    Statement.personal_data, Statement.reading, Statement.rendering, Statement.audience, Statement.concerns,
]  # fmt: skip


async def full_statements(ids: list[int]) -> list[FullStatement]:
    """In the order of the ids."""
    rows = await Statement.select(*_FULL).where(Statement.id.is_in(ids)) if ids else []
    found = {row["id"]: _full(row) for row in rows}
    return [found[key] for key in ids if key in found]


async def find_statement(public_id: str) -> FullStatement:
    """Raise NotFound for one that is unknown, withdrawn or not masked yet."""
    row = await Statement.select(*_FULL).where(Statement.public_id == public_id).first() if public_id else None
    if row is None or not row["redacted"]:
        raise NotFound("There is no such statement.")
    return _full(row)


async def unmasked(statement_id: int) -> Unmasked:
    row = await Statement.select(Statement.original, Statement.findings).where(Statement.id == statement_id).first()
    if row is None:
        raise NotFound("There is no such statement.")
    return Unmasked(row["original"], from_json(row["findings"], list[Mark]))


async def versions_of(ids: list[int], language: str = CHINESE) -> dict[int, list[RenderingView]]:
    """The renderings of each statement, oldest first."""
    found: dict[int, list[RenderingView]] = {key: [] for key in ids}
    if not ids:
        return found
    rows = await (
        Rendering.select()
        .where(Rendering.statement.is_in(ids) & (Rendering.language == language))
        .order_by(Rendering.id)
    )
    for row in rows:
        found[row["statement"]].append(
            RenderingView(row["id"], row["text"], AuthorKind(row["author_kind"]), row["account"], row["accepted_at"] is not None)
        )
    return found


async def hold_statements(ids: list[int]) -> set[int]:
    """Those of them that are still there; they stay until the caller's transaction ends."""
    rows = await find_rows(Statement, ("id",), ("id",), [(key,) for key in ids], lock="SHARE")
    return {row["id"] for row in rows}


async def marks_by_response(responses: list[str]) -> dict[str, list[tuple[str, str, list[Mark]]]]:
    """Of these responses' statements with findings: question, original and marks, by response."""
    found: dict[str, list[tuple[str, str, list[Mark]]]] = {}
    if not responses:
        return found
    rows = await Statement.select(Statement.response, Statement.question, Statement.original, Statement.findings).where(
        Statement.response.is_in(responses) & (Statement.findings != "[]")
    )
    for row in rows:
        marks: list[Mark] = from_json(row["findings"], list[Mark])
        found.setdefault(row["response"], []).append((row["question"], row["original"], marks))
    return found


def _view(row: dict[str, Any]) -> StatementView:
    return StatementView(id=row["id"], response=row["response"], text=row["redacted"], language=row["language"], needs=row["needs"])


def _full(row: dict[str, Any]) -> FullStatement:
    return FullStatement(
        id=row["id"], public_id=row["public_id"], survey_id=row["survey"], response=row["response"], question=row["question"],
        text=row["redacted"], language=row["language"], area=row["area"], channel=row["channel"], wave=row["wave"],
        received_on=row["received_on"], personal_data=PersonalData(row["personal_data"]), reading=Reading(row["reading"]),
        rendering=RenderingState(row["rendering"]), audience=row["audience"],
        concerns=[body for body in row["concerns"].split(",") if body],
    )  # fmt: skip
