"""Themes as people act on them: redirects, what was set aside, differences of runs, words for the lexicon."""

STATEMENTS = [
    """ALTER TABLE "analysis_run" ADD COLUMN "state" VARCHAR(16) NOT NULL DEFAULT 'applied'""",
    """ALTER TABLE "analysis_run" ADD COLUMN "newest_statement" BIGINT NOT NULL DEFAULT 0""",
    """
    UPDATE "analysis_run" SET "newest_statement" =
    (SELECT COALESCE(MAX(s."id"), 0) FROM "statement" s WHERE s."survey" = "analysis_run"."survey")
    """,
    """ALTER TABLE "theme" ADD COLUMN "people_unflagged" INTEGER NOT NULL DEFAULT 0""",
    """UPDATE "theme" SET "people_unflagged" = "people" """,
    """ALTER TABLE "theme" ADD COLUMN "is_pinned" BOOLEAN NOT NULL DEFAULT FALSE""",
    """ALTER TABLE "theme" ADD COLUMN "became" TEXT NOT NULL DEFAULT '[]'""",
    """ALTER TABLE "theme" ADD COLUMN "parent" VARCHAR(120) NOT NULL DEFAULT ''""",
    """ALTER TABLE "theme" ADD COLUMN "reasons" TEXT NOT NULL DEFAULT '{{}}'""",
    """ALTER TABLE "theme" ADD COLUMN "words" TEXT NOT NULL DEFAULT '{{}}'""",
    """ALTER TABLE "theme" ADD COLUMN "border" TEXT NOT NULL DEFAULT '[]'""",
    """ALTER TABLE "theme" ADD COLUMN "is_settling" BOOLEAN NOT NULL DEFAULT FALSE""",
    """ALTER TABLE "review_event" ADD COLUMN "why" TEXT NOT NULL DEFAULT ''""",
    """
    CREATE TABLE "event_theme" (
        "id" {serial},
        "event" BIGINT NOT NULL REFERENCES "review_event" ("id") ON DELETE CASCADE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "theme_key" VARCHAR(120) NOT NULL,
        UNIQUE ("survey", "theme_key", "event")
    )
    """,
    'CREATE INDEX "event_theme_event" ON "event_theme" ("event")',
    """INSERT INTO "event_theme" ("event", "survey", "theme_key") SELECT "id", "survey", "theme_key" FROM "review_event" ORDER BY "id" """,
    """
    CREATE TABLE "set_aside" (
        "id" {serial},
        "statement" BIGINT NOT NULL REFERENCES "statement" ("id") ON DELETE CASCADE,
        "theme" BIGINT NOT NULL REFERENCES "theme" ("id") ON DELETE CASCADE,
        "score" {double} NOT NULL,
        UNIQUE ("statement", "theme")
    )
    """,
    'CREATE INDEX "set_aside_theme" ON "set_aside" ("theme", "statement")',
    """
    CREATE TABLE "unsorted" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "statement" BIGINT NOT NULL UNIQUE REFERENCES "statement" ("id") ON DELETE CASCADE,
        "language" VARCHAR(16) NOT NULL
    )
    """,
    'CREATE INDEX "unsorted_survey" ON "unsorted" ("survey", "statement")',
    'CREATE INDEX "unsorted_language" ON "unsorted" ("survey", "language", "statement")',
    """
    INSERT INTO "unsorted" ("survey", "statement", "language")
    SELECT s."survey", s."id", s."language" FROM "statement" s
    WHERE EXISTS (SELECT 1 FROM "analysis_run" r WHERE r."survey" = s."survey")
    AND NOT EXISTS (SELECT 1 FROM "assignment" a WHERE a."statement" = s."id")
    """,
    """
    CREATE TABLE "difference" (
        "id" {serial},
        "run" BIGINT NOT NULL REFERENCES "analysis_run" ("id") ON DELETE CASCADE,
        "statement" BIGINT NOT NULL REFERENCES "statement" ("id") ON DELETE CASCADE,
        "layer" VARCHAR(8) NOT NULL,
        "theme_key" VARCHAR(120) NOT NULL,
        "score" {double},
        "is_near" BOOLEAN NOT NULL,
        UNIQUE ("run", "statement", "layer", "theme_key")
    )
    """,
    'CREATE INDEX "difference_theme" ON "difference" ("run", "layer", "theme_key", "statement")',
    'CREATE INDEX "difference_statement" ON "difference" ("statement")',
    """
    CREATE TABLE "theme_difference" (
        "id" {serial},
        "run" BIGINT NOT NULL REFERENCES "analysis_run" ("id") ON DELETE CASCADE,
        "theme_key" VARCHAR(120) NOT NULL,
        "is_new" BOOLEAN NOT NULL,
        "is_gone" BOOLEAN NOT NULL,
        "comes" INTEGER NOT NULL,
        "goes" INTEGER NOT NULL,
        "data" TEXT NOT NULL,
        UNIQUE ("run", "theme_key")
    )
    """,
    """
    CREATE TABLE "lexicon_word" (
        "id" {serial},
        "key" VARCHAR(120) NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        "word" VARCHAR(80) NOT NULL,
        "account" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "at" TIMESTAMPTZ NOT NULL,
        "removed_by" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "removed_at" TIMESTAMPTZ
    )
    """,
    """CREATE UNIQUE INDEX "lexicon_word_once" ON "lexicon_word" ("key", "language", "word") WHERE "removed_at" IS NULL""",
]
