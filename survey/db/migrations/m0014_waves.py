"""Waves of a survey, and needs that rose or fell from one to the next. Every survey is in its first wave, which has no row."""

STATEMENTS = [
    """ALTER TABLE "survey" ADD COLUMN "wave" INTEGER NOT NULL DEFAULT 1""",
    """
    CREATE TABLE "wave" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "number" INTEGER NOT NULL,
        "started_on" DATE NOT NULL,
        "started_by" VARCHAR(80) NOT NULL,
        "names" TEXT NOT NULL,
        "channels" TEXT NOT NULL,
        "minimum" INTEGER NOT NULL,
        "rise" INTEGER NOT NULL,
        UNIQUE ("survey", "number")
    )
    """,
    """
    CREATE TABLE "wave_alert" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "wave" INTEGER NOT NULL,
        "theme" BIGINT NOT NULL REFERENCES "theme" ("id") ON DELETE CASCADE,
        "is_rise" BOOLEAN NOT NULL,
        "points" INTEGER NOT NULL,
        "words" TEXT NOT NULL,
        "counted_on" DATE NOT NULL,
        "seen_by" VARCHAR(80) NOT NULL,
        "seen_on" DATE,
        UNIQUE ("survey", "wave", "theme")
    )
    """,
    'CREATE INDEX "wave_alert_theme" ON "wave_alert" ("theme")',
]
