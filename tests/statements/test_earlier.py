"""A database from before statements were masked: brought up to date, its statements are masked in place and keep their themes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from survey.authoring.queries import forget_forms
from survey.authoring.service import bundled_form
from survey.db.engine import Engine, bind_engine, make_engine, open_engine
from survey.db.migrate import migrate, migration_names
from survey.questionnaire.form import write_form
from survey.settings import Settings
from survey.statements.queries import list_statements
from survey.statements.service import prepare_statements
from survey.statements.tables import Statement
from survey.tables import ALL_TABLES
from survey.themes.queries import statements_by_theme
from tests.conftest import SECRET
from tests.voices import DOCTOR, PARKING

NEED = f"{DOCTOR}, call me: 13800138000. {PARKING}."


@pytest.fixture(params=["sqlite", "postgres"])
def earlier_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield Settings(database=f"sqlite:///{tmp_path}/earlier.sqlite", secret=SECRET)
        return
    server = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE earlier")
    yield Settings(database=server.get_uri().replace("/postgres?", "/earlier?"), secret=SECRET)
    server.psql("DROP DATABASE earlier WITH (FORCE)")


@pytest.fixture
async def earlier(earlier_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    engine = make_engine(earlier_settings)
    bind_engine(engine, ALL_TABLES)
    forget_forms()
    async with open_engine(engine, pool_size=2):
        before = [name for name in migration_names() if name < "m0009"]
        monkeypatch.setattr("survey.db.migrate.migration_names", lambda: before)
        await migrate(engine)
        monkeypatch.undo()
        yield engine


async def _fill() -> None:
    """One answer, cut into two statements, one of which belongs to a theme; and a second one of a time before bidi marks went."""
    run = Statement.raw
    await run(
        "INSERT INTO survey (id, public_id, slug, state, sample_kind, respondent_kind, is_fictional, created_at, access) "
        "VALUES (1, 'x', 'x', 'open', 'open', 'resident', FALSE, '2026-01-01 00:00:00+00:00', 'open')"
    )
    await run("INSERT INTO survey_version (id, survey, number, form, form_hash, created_at) VALUES (1, 1, 1, {}, 'x', '2026-01-01 00:00:00+00:00')",
              write_form(bundled_form()).decode())  # fmt: skip
    for name, need in (("one", NEED), ("two", "停车\u202e100\u202c元")):
        await run(
            "INSERT INTO response (id, survey, version, client_id, payload_hash, receipt_hash, respondent_kind, language, wave, source, disposition, received_on) "
            "VALUES ({}, 1, 1, {}, 'x', {}, 'resident', 'en', 1, 'form', 'complete', '2026-01-02')", name, name, name,
        )  # fmt: skip
        escaped = need.replace("\u202e", "\\u202e").replace("\u202c", "\\u202c")
        await run("INSERT INTO answer_document (response, answers, is_prepared) VALUES ({}, {}, TRUE)", name, f'{{"need_most":"{escaped}"}}')
    for key, response, position, text, language in (
        (1, "one", 0, f"{DOCTOR}, call me: 13800138000.", "en"), (2, "one", 1, f"{PARKING}.", "en"), (3, "two", 0, "停车\u202e100\u202c元", "zh-Hans"),
    ):  # fmt: skip
        await run("INSERT INTO statement (id, survey, response, question, position, original, language) VALUES ({}, 1, {}, 'need_most', {}, {}, {})",
                  key, response, position, text, language)  # fmt: skip
    await run(
        "INSERT INTO theme (id, public_id, survey, key, category, state, names, people, statements, languages, keywords, quotes, public_quotes) "
        "VALUES (1, 'x', 1, 'health', 'health', 'accepted', '{{}}', 1, 1, '{{}}', '{{}}', '[1]', '[]')"
    )
    for key in (1, 3):
        await run("INSERT INTO assignment (statement, theme, score, author) VALUES ({}, 1, 1.0, 'model')", key)


async def test_statements_from_before_are_masked_in_place_and_keep_their_themes(earlier: Engine) -> None:
    await _fill()
    await migrate(earlier)
    hidden = await list_statements(1)
    jobs = await Statement.raw("SELECT kind, subject, state FROM job")

    await prepare_statements(1)

    assert hidden == []
    assert [tuple(row.values()) for row in jobs] == [("prepare_statements", "survey:1", "waiting")]
    rows = await Statement.select().order_by(Statement.id)
    assert [(row["id"], row["redacted"], row["personal_data"]) for row in rows] == [
        (1, f"{DOCTOR}, call me: [电话].", "unreviewed"), (2, f"{PARKING}.", "none"), (3, "停车100元", "none"),
    ]  # fmt: skip
    assert len({row["public_id"] for row in rows}) == 3
    assert {(row["wave"], str(row["received_on"])) for row in rows} == {(1, "2026-01-02")}
    assert await statements_by_theme(1) == {1: [1, 3]}
    assert await Statement.raw("SELECT 1 AS x FROM job WHERE kind = 'recount_themes'") == []
