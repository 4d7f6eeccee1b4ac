"""Surveys by invitation: who can answer, batches of one-time codes, and the codes' hashes."""

STATEMENTS = [
    """ALTER TABLE "survey" ADD COLUMN "access" VARCHAR(16) NOT NULL DEFAULT 'open'""",
    """
    CREATE TABLE "invitation_batch" (
        "id" {serial},
        "public_id" VARCHAR(32) NOT NULL UNIQUE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "channel" BIGINT REFERENCES "channel" ("id") ON DELETE SET NULL,
        "name" VARCHAR(120) NOT NULL,
        "size" INTEGER NOT NULL,
        "states" TEXT NOT NULL,
        "expires_on" DATE NOT NULL,
        "created_on" DATE NOT NULL,
        "undelivered" INTEGER NOT NULL,
        "declined" INTEGER NOT NULL
    )
    """,
    'CREATE INDEX "invitation_batch_survey" ON "invitation_batch" ("survey")',
    """
    CREATE TABLE "invitation" (
        "id" {serial},
        "batch" BIGINT NOT NULL REFERENCES "invitation_batch" ("id") ON DELETE CASCADE,
        "place" INTEGER NOT NULL,
        "code_hash" VARCHAR(64) NOT NULL UNIQUE,
        UNIQUE ("batch", "place")
    )
    """,
]
