"""What the worker counted of a survey, with the index by which it goes through the answers; and the table beside each chart."""

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
    'CREATE INDEX "response_survey_id" ON "response" ("survey", "id")',
    """ALTER TABLE "chart" ADD COLUMN "rows" TEXT NOT NULL DEFAULT ''""",
]
