"""Channels say what they are and get a short address; how many opened and started is counted by channel."""

STATEMENTS = [
    """ALTER TABLE "channel" ADD COLUMN "kind" VARCHAR(16) NOT NULL DEFAULT 'other'""",
    """ALTER TABLE "channel" ADD COLUMN "default_language" VARCHAR(16) NOT NULL DEFAULT ''""",
    """ALTER TABLE "channel" ADD COLUMN "area" BIGINT REFERENCES "area" ("id") ON DELETE SET NULL""",
    """ALTER TABLE "channel" ADD COLUMN "place" VARCHAR(120) NOT NULL DEFAULT ''""",
    """ALTER TABLE "channel" ADD COLUMN "short" VARCHAR(6) NOT NULL DEFAULT ''""",
    """ALTER TABLE "channel" ADD COLUMN "is_active" BOOLEAN NOT NULL DEFAULT TRUE""",
    """UPDATE "channel" SET "short" = {six_letters}""",
    """CREATE UNIQUE INDEX "channel_short" ON "channel" ("short")""",
    """
    CREATE TABLE "channel_count" (
        "id" {serial},
        "survey" INTEGER NOT NULL,
        "channel" INTEGER NOT NULL,
        "stage" VARCHAR(16) NOT NULL,
        "total" INTEGER NOT NULL,
        UNIQUE ("survey", "channel", "stage")
    )
    """,
]
