"""The first schema."""

STATEMENTS = [
    """
    CREATE TABLE "area" (
        "id" {serial},
        "code" VARCHAR(64) NOT NULL UNIQUE,
        "level" VARCHAR(16) NOT NULL,
        "parent" BIGINT REFERENCES "area" ("id") ON DELETE RESTRICT,
        "names" TEXT NOT NULL
    )
    """,
    'CREATE INDEX "area_parent" ON "area" ("parent")',
    """
    CREATE TABLE "population_figure" (
        "id" {serial},
        "area" BIGINT NOT NULL REFERENCES "area" ("id") ON DELETE CASCADE,
        "population_group" VARCHAR(32) NOT NULL,
        "people" INTEGER NOT NULL,
        "source" TEXT NOT NULL,
        "as_of" DATE NOT NULL,
        UNIQUE ("area", "population_group", "source")
    )
    """,
    """
    CREATE TABLE "account" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "name" VARCHAR(80) NOT NULL UNIQUE,
        "password_hash" VARCHAR(255),
        "is_active" BOOLEAN NOT NULL,
        "created_at" TIMESTAMPTZ NOT NULL
    )
    """,
    """
    CREATE TABLE "role" (
        "id" {serial},
        "account" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
        "kind" VARCHAR(32) NOT NULL,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE RESTRICT,
        UNIQUE ("account", "kind", "area")
    )
    """,
    'CREATE INDEX "role_account" ON "role" ("account")',
    """
    CREATE TABLE "session" (
        "id" {serial},
        "token_hash" VARCHAR(64) NOT NULL UNIQUE,
        "account" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
        "role" BIGINT NOT NULL REFERENCES "role" ("id") ON DELETE CASCADE,
        "expires_at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "session_account" ON "session" ("account")',
    'CREATE INDEX "session_expires_at" ON "session" ("expires_at")',
    """
    CREATE TABLE "one_time_link" (
        "id" {serial},
        "token_hash" VARCHAR(64) NOT NULL UNIQUE,
        "account" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
        "expires_at" TIMESTAMPTZ NOT NULL,
        "used_at" TIMESTAMPTZ
    )
    """,
    """
    CREATE TABLE "token_bucket" (
        "id" {serial},
        "key_hash" VARCHAR(64) NOT NULL UNIQUE,
        "tokens" {double} NOT NULL,
        "updated_at" TIMESTAMPTZ NOT NULL
    )
    """,
    """
    CREATE TABLE "survey" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "slug" VARCHAR(80) NOT NULL UNIQUE,
        "state" VARCHAR(16) NOT NULL,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE RESTRICT,
        "sample_kind" VARCHAR(16) NOT NULL,
        "respondent_kind" VARCHAR(16) NOT NULL,
        "is_fictional" BOOLEAN NOT NULL,
        "opened_on" DATE,
        "closed_on" DATE,
        "created_at" TIMESTAMPTZ NOT NULL
    )
    """,
    """
    CREATE TABLE "survey_version" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "number" INTEGER NOT NULL,
        "form" TEXT NOT NULL,
        "form_hash" VARCHAR(64) NOT NULL,
        "created_at" TIMESTAMPTZ NOT NULL,
        UNIQUE ("survey", "number")
    )
    """,
    """
    CREATE TABLE "channel" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "code" VARCHAR(32) NOT NULL,
        "name" VARCHAR(120) NOT NULL,
        UNIQUE ("survey", "code")
    )
    """,
    """
    CREATE TABLE "response" (
        "id" VARCHAR(32) PRIMARY KEY NOT NULL,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "version" BIGINT NOT NULL REFERENCES "survey_version" ("id") ON DELETE RESTRICT,
        "client_id" VARCHAR(64) NOT NULL,
        "payload_hash" VARCHAR(64) NOT NULL,
        "receipt_hash" VARCHAR(64) NOT NULL UNIQUE,
        "respondent_kind" VARCHAR(16) NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        "channel" BIGINT REFERENCES "channel" ("id") ON DELETE SET NULL,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE SET NULL,
        "wave" INTEGER NOT NULL,
        "source" VARCHAR(16) NOT NULL,
        "disposition" VARCHAR(16) NOT NULL,
        "received_on" DATE NOT NULL,
        UNIQUE ("survey", "client_id")
    )
    """,
    """
    CREATE TABLE "answer_document" (
        "id" {serial},
        "response" VARCHAR(32) NOT NULL UNIQUE REFERENCES "response" ("id") ON DELETE CASCADE,
        "answers" TEXT NOT NULL,
        "is_prepared" BOOLEAN NOT NULL
    )
    """,
    'CREATE INDEX "answer_document_is_prepared" ON "answer_document" ("is_prepared")',
    """
    CREATE TABLE "consent" (
        "id" {serial},
        "response" VARCHAR(32) NOT NULL REFERENCES "response" ("id") ON DELETE CASCADE,
        "purpose" VARCHAR(32) NOT NULL,
        "text_version" VARCHAR(64) NOT NULL,
        "language" VARCHAR(16) NOT NULL
    )
    """,
    'CREATE INDEX "consent_response" ON "consent" ("response")',
    """
    CREATE TABLE "tally" (
        "id" {serial},
        "version" INTEGER NOT NULL,
        "area" INTEGER NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        "channel" INTEGER NOT NULL,
        "wave" INTEGER NOT NULL,
        "total" INTEGER NOT NULL,
        "counts" TEXT NOT NULL,
        UNIQUE ("version", "area", "language", "channel", "wave")
    )
    """,
    """
    CREATE TABLE "day_count" (
        "id" {serial},
        "survey" INTEGER NOT NULL,
        "day" DATE NOT NULL,
        "total" INTEGER NOT NULL,
        UNIQUE ("survey", "day")
    )
    """,
    """
    CREATE TABLE "withdrawal" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "client_id" VARCHAR(64) NOT NULL,
        "withdrawn_on" DATE NOT NULL,
        UNIQUE ("survey", "client_id")
    )
    """,
    """
    CREATE TABLE "statement" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "response" VARCHAR(32) NOT NULL REFERENCES "response" ("id") ON DELETE CASCADE,
        "question" VARCHAR(64) NOT NULL,
        "position" INTEGER NOT NULL,
        "original" TEXT NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        UNIQUE ("response", "question", "position")
    )
    """,
    'CREATE INDEX "statement_survey" ON "statement" ("survey")',
    """
    CREATE TABLE "analysis_run" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "settings" TEXT NOT NULL,
        "figures" TEXT NOT NULL,
        "finished_at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "analysis_run_survey" ON "analysis_run" ("survey")',
    """
    CREATE TABLE "theme" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "key" VARCHAR(120) NOT NULL,
        "category" VARCHAR(64) NOT NULL,
        "state" VARCHAR(16) NOT NULL,
        "names" TEXT NOT NULL,
        "people" INTEGER NOT NULL,
        "statements" INTEGER NOT NULL,
        "languages" TEXT NOT NULL,
        "keywords" TEXT NOT NULL,
        "quotes" TEXT NOT NULL,
        "public_quotes" TEXT NOT NULL,
        "stability" {double},
        "run" BIGINT REFERENCES "analysis_run" ("id") ON DELETE SET NULL,
        UNIQUE ("survey", "key")
    )
    """,
    """
    CREATE TABLE "assignment" (
        "id" {serial},
        "statement" BIGINT NOT NULL REFERENCES "statement" ("id") ON DELETE CASCADE,
        "theme" BIGINT NOT NULL REFERENCES "theme" ("id") ON DELETE CASCADE,
        "score" {double} NOT NULL,
        "author" VARCHAR(16) NOT NULL,
        UNIQUE ("statement", "theme")
    )
    """,
    'CREATE INDEX "assignment_theme" ON "assignment" ("theme")',
    """
    CREATE TABLE "review_event" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "theme_key" VARCHAR(120) NOT NULL,
        "kind" VARCHAR(16) NOT NULL,
        "data" TEXT NOT NULL,
        "account" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "role" VARCHAR(32) NOT NULL,
        "at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "review_event_survey" ON "review_event" ("survey")',
    """
    CREATE TABLE "chart" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "kind" VARCHAR(32) NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        "data_version" VARCHAR(64) NOT NULL,
        "title" TEXT NOT NULL,
        "description" TEXT NOT NULL,
        "svg" TEXT NOT NULL,
        "png" {bytes},
        UNIQUE ("survey", "kind", "language")
    )
    """,
    """
    CREATE TABLE "plan" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "title" VARCHAR(200) NOT NULL,
        "created_by" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "created_at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "plan_survey" ON "plan" ("survey")',
    """
    CREATE TABLE "plan_item" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "plan" BIGINT NOT NULL REFERENCES "plan" ("id") ON DELETE CASCADE,
        "theme" BIGINT NOT NULL REFERENCES "theme" ("id") ON DELETE RESTRICT,
        "position" INTEGER NOT NULL,
        "goal" TEXT NOT NULL,
        "lead" VARCHAR(200) NOT NULL,
        "deadline" DATE,
        "measure" TEXT NOT NULL,
        "revision" INTEGER NOT NULL,
        UNIQUE ("plan", "theme")
    )
    """,
    """
    CREATE TABLE "job" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "kind" VARCHAR(32) NOT NULL,
        "subject" VARCHAR(80) NOT NULL,
        "state" VARCHAR(16) NOT NULL,
        "attempts" INTEGER NOT NULL,
        "steps_done" INTEGER NOT NULL,
        "steps_total" INTEGER NOT NULL,
        "message" TEXT NOT NULL,
        "is_cancelled" BOOLEAN NOT NULL,
        "worker" VARCHAR(32),
        "created_at" TIMESTAMPTZ NOT NULL,
        "touched_at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "job_state" ON "job" ("state")',
    'CREATE INDEX "job_subject" ON "job" ("subject")',
    """CREATE UNIQUE INDEX "job_waiting" ON "job" ("kind", "subject") WHERE "state" = 'waiting'""",
    """
    CREATE TABLE "audit_event" (
        "id" {serial},
        "at" TIMESTAMPTZ NOT NULL,
        "actor" VARCHAR(80) NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "action" VARCHAR(64) NOT NULL,
        "subject" VARCHAR(120) NOT NULL,
        "total" INTEGER NOT NULL,
        "data" TEXT NOT NULL
    )
    """,
]
