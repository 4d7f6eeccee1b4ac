"""Indicators that a body sets for itself, and the history of their targets."""

STATEMENTS = [
    """
    CREATE TABLE "indicator" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE RESTRICT,
        "place" INTEGER NOT NULL,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "question" VARCHAR(200) NOT NULL,
        "answers" TEXT NOT NULL,
        "names" TEXT NOT NULL,
        "purpose" TEXT NOT NULL,
        "caveat" TEXT NOT NULL,
        "is_active" BOOLEAN NOT NULL,
        "revision" INTEGER NOT NULL
    )
    """,
    'CREATE INDEX "indicator_area" ON "indicator" ("area", "place")',
    """
    CREATE TABLE "indicator_target" (
        "id" {serial},
        "indicator" BIGINT NOT NULL REFERENCES "indicator" ("id") ON DELETE CASCADE,
        "percent" INTEGER,
        "direction" VARCHAR(16) NOT NULL,
        "name" VARCHAR(80) NOT NULL,
        "role" VARCHAR(32) NOT NULL,
        "set_at" TIMESTAMPTZ NOT NULL
    )
    """,
    'CREATE INDEX "indicator_target_indicator" ON "indicator_target" ("indicator", "id")',
]
