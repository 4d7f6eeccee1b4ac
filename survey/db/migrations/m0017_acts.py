"""Undo of what people did with a run, what they rejected, how long a theme has waited and why it was decided.

A difference that waits was stored without what the model had said before: it is dropped, and the next run proposes it again.
"""

STATEMENTS = [
    """UPDATE "analysis_run" SET "state" = 'closed' WHERE "state" IN ('waiting', 'taking')""",
    'DELETE FROM "difference"',
    'DELETE FROM "theme_difference"',
    """ALTER TABLE "difference" ADD COLUMN "state" VARCHAR(16) NOT NULL DEFAULT 'waiting'""",
    """ALTER TABLE "difference" ADD COLUMN "event" BIGINT REFERENCES "review_event" ("id") ON DELETE CASCADE""",
    """ALTER TABLE "difference" ADD COLUMN "before" {double}""",
    'DROP INDEX "difference_theme"',
    'CREATE INDEX "difference_theme" ON "difference" ("run", "state", "layer", "theme_key", "statement")',
    'CREATE INDEX "difference_event" ON "difference" ("event", "state", "statement") WHERE "event" IS NOT NULL',
    """ALTER TABLE "theme_difference" ADD COLUMN "state" VARCHAR(16) NOT NULL DEFAULT 'waiting'""",
    """ALTER TABLE "theme_difference" ADD COLUMN "event" BIGINT REFERENCES "review_event" ("id") ON DELETE CASCADE""",
    """ALTER TABLE "theme_difference" ADD COLUMN "before" TEXT NOT NULL DEFAULT '{{}}'""",
    """ALTER TABLE "review_event" ADD COLUMN "area" BIGINT REFERENCES "area" ("id") ON DELETE SET NULL""",
    """ALTER TABLE "theme" ADD COLUMN "reason" TEXT NOT NULL DEFAULT ''""",
    """
    UPDATE "theme" SET "reason" = COALESCE((
        SELECT e."why" FROM "review_event" e
        WHERE e."survey" = "theme"."survey" AND e."theme_key" = "theme"."key" AND e."kind" IN ('accept', 'dismiss')
        AND NOT EXISTS (SELECT 1 FROM "review_event" u WHERE u."survey" = e."survey" AND u."kind" = 'undo'
            AND u."data" = '{{"event":' || e."id" || '}}')
        ORDER BY e."id" DESC LIMIT 1
    ), '') WHERE "state" IN ('accepted', 'dismissed')
    """,
    """ALTER TABLE "theme" ADD COLUMN "proposed_at" TIMESTAMPTZ""",
    """UPDATE "theme" SET "proposed_at" = (SELECT r."finished_at" FROM "analysis_run" r WHERE r."id" = "theme"."run")""",
    """
    UPDATE "theme" SET "proposed_at" = (SELECT MIN(r."finished_at") FROM "analysis_run" r WHERE r."survey" = "theme"."survey")
    WHERE "proposed_at" IS NULL
    """,
    """ALTER TABLE "theme" ADD COLUMN "groups" TEXT NOT NULL DEFAULT ''""",
    """
    CREATE TABLE "review_limit" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "days" INTEGER NOT NULL,
        "name" VARCHAR(80) NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "review_limit_survey" ON "review_limit" ("survey", "id")',
]
