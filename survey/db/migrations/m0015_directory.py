"""What residents are told of a facility, and whether they are."""

STATEMENTS = [
    """ALTER TABLE "resource" ADD COLUMN "texts" TEXT NOT NULL DEFAULT '{{}}'""",
    """ALTER TABLE "resource" ADD COLUMN "open_to" VARCHAR(16) NOT NULL DEFAULT ''""",
    """ALTER TABLE "resource" ADD COLUMN "walk" VARCHAR(16) NOT NULL DEFAULT ''""",
    """ALTER TABLE "resource" ADD COLUMN "is_public" BOOLEAN NOT NULL DEFAULT FALSE""",
]
