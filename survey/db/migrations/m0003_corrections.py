"""Answers that are corrected, and drafts that go on on another phone."""

STATEMENTS = [
    'ALTER TABLE "answer_document" ADD COLUMN "revision" INTEGER NOT NULL DEFAULT 0',
    """
    CREATE TABLE "draft" (
        "id" {serial},
        "code_hash" VARCHAR(64) NOT NULL UNIQUE,
        "survey" BIGINT NOT NULL REFERENCES "survey" ("id") ON DELETE CASCADE,
        "client_id" VARCHAR(64) NOT NULL,
        "language" VARCHAR(16) NOT NULL,
        "channel" VARCHAR(32) NOT NULL,
        "sealed" {bytes} NOT NULL,
        "expires_on" DATE NOT NULL
    )
    """,
    'CREATE INDEX "draft_client" ON "draft" ("survey", "client_id")',
    'CREATE INDEX "draft_expires_on" ON "draft" ("expires_on")',
]
