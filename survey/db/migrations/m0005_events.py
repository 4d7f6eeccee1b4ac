"""Meetings, and how many may come."""

STATEMENTS = [
    """
    CREATE TABLE "event" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "survey" BIGINT REFERENCES "survey" ("id") ON DELETE CASCADE,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE RESTRICT,
        "names" TEXT NOT NULL,
        "place" TEXT NOT NULL,
        "starts_at" TIMESTAMPTZ NOT NULL,
        "languages_spoken" TEXT NOT NULL,
        "is_cancelled" BOOLEAN NOT NULL
    )
    """,
    'CREATE INDEX "event_starts_at" ON "event" ("starts_at")',
    """
    CREATE TABLE "event_count" (
        "id" {serial},
        "event" BIGINT NOT NULL REFERENCES "event" ("id") ON DELETE CASCADE,
        "kind" VARCHAR(16) NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        "total" INTEGER NOT NULL,
        UNIQUE ("event", "kind", "language")
    )
    """,
]
