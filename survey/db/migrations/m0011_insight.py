"""What the worker counted of a survey, and the table beside each chart."""

STATEMENTS = [
    """
    CREATE TABLE "survey_figures" (
        "id" {serial},
        "survey" BIGINT NOT NULL UNIQUE REFERENCES "survey" ("id") ON DELETE CASCADE,
        "answers" INTEGER NOT NULL,
        "data" TEXT NOT NULL,
        "data_version" VARCHAR(64) NOT NULL,
        "counted_on" DATE NOT NULL
    )
    """,
    """ALTER TABLE "chart" ADD COLUMN "rows" TEXT NOT NULL DEFAULT ''""",
]
