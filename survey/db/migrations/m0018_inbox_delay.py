"""How long batches of answers took to the inbox."""

STATEMENTS = [
    """
    CREATE TABLE "inbox_delay" (
        "id" {serial},
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "day" DATE NOT NULL,
        "seconds" INTEGER NOT NULL,
        "total" INTEGER NOT NULL,
        UNIQUE ("survey", "day", "seconds")
    )
    """,
]
