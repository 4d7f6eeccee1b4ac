"""Totals over the tallies' cells, and an index that answers how many responses are flagged without reading them."""

STATEMENTS = [
    """
    CREATE TABLE "place_count" (
        "id" {serial},
        "version" INTEGER NOT NULL,
        "area" INTEGER NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        "total" INTEGER NOT NULL,
        UNIQUE ("version", "area", "language")
    )
    """,
    """
    INSERT INTO "place_count" ("version", "area", "language", "total")
    SELECT "version", "area", "language", SUM("total") FROM "tally" GROUP BY "version", "area", "language"
    """,
    """
    CREATE TABLE "way_count" (
        "id" {serial},
        "version" INTEGER NOT NULL,
        "channel" INTEGER NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        "wave" INTEGER NOT NULL,
        "total" INTEGER NOT NULL,
        UNIQUE ("version", "channel", "language", "wave")
    )
    """,
    """
    INSERT INTO "way_count" ("version", "channel", "language", "wave", "total")
    SELECT "version", "channel", "language", "wave", SUM("total") FROM "tally" GROUP BY "version", "channel", "language", "wave"
    """,
    'DROP INDEX "response_flags"',
    """CREATE INDEX "response_flags" ON "response" ("survey", "disposition", "flags") WHERE "flags" <> ''""",
]
