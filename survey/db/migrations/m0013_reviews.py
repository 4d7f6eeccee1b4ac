"""Review of themes by several bodies, and the mapping of themes to service directories."""

STATEMENTS = [
    """
    CREATE TABLE "review_comment" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "theme_key" VARCHAR(120) NOT NULL,
        "account" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "name" VARCHAR(80) NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE SET NULL,
        "text" TEXT NOT NULL,
        "created_at" TIMESTAMPTZ NOT NULL,
        "edited_at" TIMESTAMPTZ,
        "is_withdrawn" BOOLEAN NOT NULL
    )
    """,
    'CREATE INDEX "review_comment_theme" ON "review_comment" ("survey", "theme_key", "id")',
    """
    CREATE TABLE "review_quorum" (
        "id" {serial},
        "area" BIGINT REFERENCES "area" ("id") ON DELETE CASCADE,
        "people" INTEGER NOT NULL,
        "share" VARCHAR(16) NOT NULL,
        "name" VARCHAR(80) NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "review_quorum_area" ON "review_quorum" ("area", "id")',
    """
    CREATE TABLE "review_meeting" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE SET NULL,
        "starts_at" TIMESTAMPTZ NOT NULL,
        "place" VARCHAR(200) NOT NULL,
        "revision" INTEGER NOT NULL,
        "created_at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "review_meeting_survey" ON "review_meeting" ("survey", "id")',
    """
    CREATE TABLE "review_seat" (
        "id" {serial},
        "meeting" BIGINT NOT NULL REFERENCES "review_meeting" ("id") ON DELETE CASCADE,
        "position" INTEGER NOT NULL,
        "account" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "name" VARCHAR(80) NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE SET NULL,
        "guest_of" VARCHAR(200) NOT NULL,
        "is_chair" BOOLEAN NOT NULL,
        "is_present" BOOLEAN NOT NULL,
        UNIQUE ("meeting", "account")
    )
    """,
    'CREATE INDEX "review_seat_meeting" ON "review_seat" ("meeting", "position")',
    """
    CREATE TABLE "review_item" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "meeting" BIGINT NOT NULL REFERENCES "review_meeting" ("id") ON DELETE CASCADE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "theme_key" VARCHAR(120) NOT NULL,
        "theme_names" TEXT NOT NULL,
        "position" INTEGER NOT NULL,
        "motion" TEXT NOT NULL,
        "act" VARCHAR(16) NOT NULL,
        "options" TEXT NOT NULL,
        "reason" TEXT NOT NULL,
        "motion_revision" INTEGER NOT NULL,
        "revision" INTEGER NOT NULL,
        "is_closed" BOOLEAN NOT NULL,
        UNIQUE ("meeting", "theme_key")
    )
    """,
    'CREATE INDEX "review_item_theme" ON "review_item" ("survey", "theme_key", "id")',
    """
    CREATE TABLE "review_vote" (
        "id" {serial},
        "item" BIGINT NOT NULL REFERENCES "review_item" ("id") ON DELETE CASCADE,
        "account" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
        "choice" VARCHAR(16) NOT NULL,
        "words" TEXT NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "motion_revision" INTEGER NOT NULL,
        "at" TIMESTAMPTZ NOT NULL,
        UNIQUE ("item", "account")
    )
    """,
    """
    CREATE TABLE "review_decision" (
        "id" {serial},
        "item" BIGINT NOT NULL REFERENCES "review_item" ("id") ON DELETE CASCADE,
        "is_passed" BOOLEAN NOT NULL,
        "act" VARCHAR(16) NOT NULL,
        "record" TEXT NOT NULL,
        "name" VARCHAR(80) NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "at" TIMESTAMPTZ NOT NULL,
        "is_applied" BOOLEAN NOT NULL,
        "reopened_at" TIMESTAMPTZ,
        "reopened_by" VARCHAR(80) NOT NULL,
        "reopened_because" TEXT NOT NULL
    )
    """,
    'CREATE INDEX "review_decision_item" ON "review_decision" ("item", "id")',
    """
    CREATE TABLE "directory_mapping" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "theme_key" VARCHAR(120) NOT NULL,
        "directory" VARCHAR(64) NOT NULL,
        "version" VARCHAR(32) NOT NULL,
        "entries" TEXT,
        "reason" TEXT NOT NULL,
        "account" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "name" VARCHAR(80) NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "directory_mapping_theme" ON "directory_mapping" ("survey", "directory", "theme_key", "id")',
]
