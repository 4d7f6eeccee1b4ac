"""Decisions of the first release in a database that is brought to the present schema."""

from __future__ import annotations

import importlib
from pathlib import Path

from survey.authoring.queries import forget_forms
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.db.migrate import APP_NAME, TYPES, migrate, migration_names
from survey.settings import Settings
from survey.tables import ALL_TABLES
from survey.themes.queries import list_events, list_themes, theme_history, unsorted_page
from survey.themes.states import Accept, Rename, ThemeState, replay
from survey.themes.tables import Theme
from tests.conftest import SECRET

OLD = """
INSERT INTO "account" ("id", "public_id", "name", "is_active", "created_at") VALUES (1, 'a', 'chen', TRUE, '2026-01-01');
INSERT INTO "survey" ("id", "public_id", "slug", "state", "sample_kind", "respondent_kind", "is_fictional", "created_at") VALUES (1, 's', 's', 'open', 'open', 'resident', FALSE, '2026-01-01');
INSERT INTO "survey_version" ("id", "survey", "number", "form", "form_hash", "created_at") VALUES (1, 1, 1, '{}', '', '2026-01-01');
INSERT INTO "response" ("id", "survey", "version", "client_id", "payload_hash", "receipt_hash", "respondent_kind", "language", "wave", "source", "disposition", "received_on")
VALUES ('r', 1, 1, 'c', '', '', 'resident', 'en', 1, 'form', 'complete', '2026-01-01');
INSERT INTO "statement" ("id", "survey", "response", "question", "position", "original", "language") VALUES (1, 1, 'r', 'q', 0, 'A doctor', 'en'), (2, 1, 'r', 'q', 1, 'Hm', 'en');
INSERT INTO "analysis_run" ("id", "survey", "settings", "figures", "finished_at") VALUES (1, 1, '{}', '{}', '2026-01-01');
INSERT INTO "theme" ("id", "public_id", "survey", "key", "category", "state", "names", "people", "statements", "languages", "keywords", "quotes", "public_quotes", "run")
VALUES (1, 't', 1, 'health', 'health', 'accepted', '{"en":"Clinics"}', 1, 1, '{"en":1}', '{}', '[1]', '[]', 1);
INSERT INTO "assignment" ("statement", "theme", "score", "author") VALUES (1, 1, 0.5, 'model');
INSERT INTO "review_event" ("survey", "theme_key", "kind", "data", "account", "role", "at") VALUES (1, 'health', 'accept', '{}', 1, 'committee', '2026-01-01'),
(1, 'health', 'rename', '{"before":{"en":"Doctors"},"names":{"en":"Clinics"}}', 1, 'committee', '2026-01-02');
"""


async def test_decisions_of_the_first_release_still_count(tmp_path: Path) -> None:
    forget_forms()
    engine = make_engine(Settings(database=f"sqlite:///{tmp_path}/old.sqlite", secret=SECRET))
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=1):
        await Theme.raw('CREATE TABLE "migration" ("id" INTEGER PRIMARY KEY, "name" VARCHAR(200), "app_name" VARCHAR(200), "ran_on" TIMESTAMP DEFAULT CURRENT_TIMESTAMP)')
        for name in [name for name in migration_names() if name < "m0009"]:
            for statement in importlib.import_module(f"survey.db.migrations.{name}").STATEMENTS:
                await engine.run_ddl(statement.format(**TYPES["sqlite"]))
            await engine.run_ddl(f"INSERT INTO migration (name, app_name) VALUES ('{name}', '{APP_NAME}')")  # from the names of files
        for statement in OLD.split(";\n"):
            if statement.strip():
                await engine.run_ddl(statement)

        await migrate(engine)

        events = await list_events(1)
        [theme] = await list_themes(1)
        assert [event.act for event in events] == [Accept(), Rename({"en": "Clinics"}, {"en": "Doctors"})]
        assert replay(events)["health"].names == theme.names == {"en": "Clinics"}
        assert (theme.state, theme.people_unflagged, theme.became, theme.is_settling) == (ThemeState.ACCEPTED, 1, [], False)
        assert [past.event.by for past in await theme_history(1, "health")] == ["chen", "chen"]
        assert (await unsorted_page(1)).ids == [2]
