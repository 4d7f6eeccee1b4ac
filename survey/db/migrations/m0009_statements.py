"""Statements are masked, read, rendered into Chinese and searched; texts from before are prepared again by the worker."""

_SEARCHED = """CASE WHEN {row}"redacted" = '' THEN '' ELSE {row}"words"
 || ' sv_' || {row}"survey" || ' la_' || {row}"language" || ' ar_' || {row}"area" || ' ch_' || {row}"channel"
 || ' wa_' || {row}"wave" || ' rd_' || {row}"reading" || ' re_' || {row}"rendering" || ' pd_' || {row}"personal_data"
 || CASE WHEN {row}"is_flagged" THEN ' flagged' ELSE '' END END"""
"""What a statement is found by: its words, and its place and states as words that nobody writes. Nothing before it is masked."""


def searched(row: str) -> str:
    return _SEARCHED.replace("{row}", row)


_CHANGES = '"redacted", "words", "survey", "language", "area", "channel", "wave", "reading", "rendering", "personal_data", "is_flagged"'

STATEMENTS = [
    """ALTER TABLE "statement" ADD COLUMN "public_id" VARCHAR(32) NOT NULL DEFAULT ''""",
    """UPDATE "statement" SET "public_id" = lower({six_letters} || {six_letters} || {six_letters} || {six_letters})""",
    """CREATE UNIQUE INDEX "statement_public_id" ON "statement" ("public_id")""",
    """ALTER TABLE "statement" ADD COLUMN "redacted" TEXT NOT NULL DEFAULT ''""",
    """ALTER TABLE "statement" ADD COLUMN "findings" TEXT NOT NULL DEFAULT '[]'""",
    """ALTER TABLE "statement" ADD COLUMN "personal_data" VARCHAR(16) NOT NULL DEFAULT 'none'""",
    """ALTER TABLE "statement" ADD COLUMN "area" INTEGER NOT NULL DEFAULT 0""",
    """ALTER TABLE "statement" ADD COLUMN "channel" INTEGER NOT NULL DEFAULT 0""",
    """ALTER TABLE "statement" ADD COLUMN "wave" INTEGER NOT NULL DEFAULT 0""",
    """ALTER TABLE "statement" ADD COLUMN "received_on" DATE""",
    """ALTER TABLE "statement" ADD COLUMN "needs" TEXT NOT NULL DEFAULT ''""",
    """ALTER TABLE "statement" ADD COLUMN "words" TEXT NOT NULL DEFAULT ''""",
    """ALTER TABLE "statement" ADD COLUMN "reading" VARCHAR(16) NOT NULL DEFAULT 'new'""",
    """ALTER TABLE "statement" ADD COLUMN "rendering" VARCHAR(16) NOT NULL DEFAULT 'missing'""",
    """ALTER TABLE "statement" ADD COLUMN "is_flagged" BOOLEAN NOT NULL DEFAULT FALSE""",
    """DROP INDEX "statement_survey" """,
    """CREATE INDEX "statement_survey_id" ON "statement" ("survey", "id")""",
    """DROP INDEX "assignment_theme" """,
    """CREATE INDEX "assignment_theme_statement" ON "assignment" ("theme", "statement")""",
    """
    CREATE TABLE "rendering" (
        "id" {serial},
        "statement" BIGINT NOT NULL REFERENCES "statement" ("id") ON DELETE CASCADE,
        "language" VARCHAR(16) NOT NULL,
        "text" TEXT NOT NULL,
        "author_kind" VARCHAR(16) NOT NULL,
        "account" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "created_at" TIMESTAMPTZ NOT NULL,
        "accepted_by" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
        "accepted_at" TIMESTAMPTZ
    )
    """,
    """CREATE INDEX "rendering_statement" ON "rendering" ("statement", "language")""",
    """
    UPDATE "answer_document" SET "is_prepared" = FALSE WHERE "response" IN (SELECT "response" FROM "statement")
    """,
    """
    INSERT INTO "job" ("public_id", "kind", "subject", "state", "attempts", "steps_done", "steps_total", "message",
        "is_cancelled", "created_at", "touched_at")
    SELECT lower({six_letters} || {six_letters} || {six_letters}), 'prepare_statements', 'survey:' || s."id", 'waiting',
        0, 0, 0, '', FALSE, '2026-11-26 00:00:00+00:00', '2026-11-26 00:00:00+00:00'
    FROM "survey" s WHERE EXISTS (SELECT 1 FROM "statement" t WHERE t."survey" = s."id")
    ON CONFLICT DO NOTHING
    """,
]

SQLITE = [
    f'CREATE VIEW "statement_searched" AS SELECT "id", {searched("")} AS "words" FROM "statement"',
    """
    CREATE VIRTUAL TABLE "statement_words" USING fts5("words", content='statement_searched', content_rowid='id',
        detail=none, columnsize=0, tokenize="ascii tokenchars '_-'")
    """,
    # Every statement is in the index, if only with no words: taking out what was never put in would break it.
    """INSERT INTO "statement_words" ("statement_words") VALUES ('rebuild')""",
    f"""
    CREATE TRIGGER "statement_words_insert" AFTER INSERT ON "statement" BEGIN
        INSERT INTO "statement_words" ("rowid", "words") VALUES (new."id", {searched("new.")});
    END
    """,
    f"""
    CREATE TRIGGER "statement_words_delete" AFTER DELETE ON "statement" BEGIN
        INSERT INTO "statement_words" ("statement_words", "rowid", "words") VALUES ('delete', old."id", {searched("old.")});
    END
    """,
    f"""
    CREATE TRIGGER "statement_words_update" AFTER UPDATE OF {_CHANGES} ON "statement"
    WHEN {searched("old.")} <> {searched("new.")} BEGIN
        INSERT INTO "statement_words" ("statement_words", "rowid", "words") VALUES ('delete', old."id", {searched("old.")});
        INSERT INTO "statement_words" ("rowid", "words") VALUES (new."id", {searched("new.")});
    END
    """,
]

POSTGRES = [
    'CREATE INDEX "statement_survey_wave" ON "statement" ("survey", "wave", "id")',
    """
    CREATE TABLE "statement_words" (
        "rowid" BIGINT PRIMARY KEY REFERENCES "statement" ("id") ON DELETE CASCADE, "words" TSVECTOR NOT NULL
    )
    """,
    'CREATE INDEX "statement_words_words" ON "statement_words" USING GIN ("words") WITH (fastupdate = off)',
    # Words come ready made from Python: a parser of the database would cut them once more, each locale in its own way.
    f"""
    CREATE FUNCTION "index_statement" () RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO "statement_words" ("rowid", "words")
        SELECT NEW."id", array_to_tsvector(array_remove(string_to_array({searched("NEW.")}, ' '), ''))
        ON CONFLICT ("rowid") DO UPDATE SET "words" = excluded."words";
        RETURN NULL;
    END $$
    """,
    """CREATE TRIGGER "statement_words_insert" AFTER INSERT ON "statement" FOR EACH ROW EXECUTE FUNCTION "index_statement" ()""",
    f"""
    CREATE TRIGGER "statement_words_update" AFTER UPDATE OF {_CHANGES} ON "statement" FOR EACH ROW
    WHEN ({searched("OLD.")} IS DISTINCT FROM {searched("NEW.")}) EXECUTE FUNCTION "index_statement" ()
    """,
]
