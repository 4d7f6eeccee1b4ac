"""Facilities, and visits counted at them."""

STATEMENTS = [
    """
    CREATE TABLE "resource" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "code" VARCHAR(64) NOT NULL UNIQUE,
        "area" BIGINT REFERENCES "area" ("id") ON DELETE RESTRICT,
        "kind" VARCHAR(32) NOT NULL,
        "level" VARCHAR(16) NOT NULL,
        "names" TEXT NOT NULL,
        "capacity" INTEGER,
        "hours_per_week" {double},
        "service" VARCHAR(64) NOT NULL,
        "category" VARCHAR(64) NOT NULL,
        "is_active" BOOLEAN NOT NULL
    )
    """,
    'CREATE INDEX "resource_area" ON "resource" ("area")',
    """
    CREATE TABLE "usage_count" (
        "id" {serial},
        "resource" BIGINT NOT NULL REFERENCES "resource" ("id") ON DELETE CASCADE,
        "starts_on" DATE NOT NULL,
        "ends_on" DATE NOT NULL,
        "days" INTEGER NOT NULL,
        "visits" INTEGER NOT NULL,
        "foreign_visits" INTEGER,
        "open_hours" {double},
        "source" TEXT NOT NULL,
        UNIQUE ("resource", "starts_on", "ends_on")
    )
    """,
]
