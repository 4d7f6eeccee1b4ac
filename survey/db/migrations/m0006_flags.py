"""Signs of carelessness beside responses, and hashes by which copied texts are found."""

STATEMENTS = [
    """ALTER TABLE "response" ADD COLUMN "flags" TEXT NOT NULL DEFAULT ''""",
    """CREATE INDEX "response_flags" ON "response" ("survey", "flags") WHERE "flags" <> ''""",
    """ALTER TABLE "statement" ADD COLUMN "text_hash" VARCHAR(64) NOT NULL DEFAULT ''""",
    """CREATE INDEX "statement_text_hash" ON "statement" ("survey", "text_hash")""",
]
